import { expect, test } from 'vitest';
import { jsonObject, RawJson } from './raw-json.ts';

test('raw members are passed on as they are, the others as JSON has them', () => {
  const payload = {
    'a "key"': RawJson.list(['{"b": 1}', '2,3']),
    none: RawJson.list([]),
    inner: RawJson.object({ c: RawJson.list(['4']), d: undefined }),
    at: new Date(0),
    gone: undefined,
    nothing: null,
  };
  expect(jsonObject(payload)).toBe(
    '{"a \\"key\\"":[{"b": 1},2,3],"none":[],"inner":{"c":[4]},"at":"1970-01-01T00:00:00.000Z","nothing":null}',
  );
});

test('without such a member it is the plain JSON text', () => {
  expect(jsonObject({ a: [1, { b: undefined }] })).toBe('{"a":[1,{}]}');
  expect(jsonObject({ toJSON: () => ({ c: 1 }) })).toBe('{"c":1}');
});

test('a further member goes last, whatever there is before it', () => {
  const last = '"last":true';
  expect(jsonObject({}, last)).toBe('{"last":true}');
  expect(jsonObject({ a: 1 }, last)).toBe('{"a":1,"last":true}');
  expect(jsonObject({ a: RawJson.list([]), b: 1 }, last)).toBe('{"a":[],"b":1,"last":true}');
  expect(jsonObject({ a: undefined, b: RawJson.list(['1']) }, last)).toBe('{"b":[1],"last":true}');
});
