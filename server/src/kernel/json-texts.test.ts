import { expect, test } from 'vitest';
import { JsonTexts, jsonObject } from './json-texts.ts';

test('texts are passed on as they are, the other members as JSON has them', () => {
  const payload = {
    'a "key"': new JsonTexts(['{"b": 1}', '2']),
    none: new JsonTexts([]),
    at: new Date(0),
    gone: undefined,
    nothing: null,
  };
  expect(jsonObject(payload)).toBe(
    '{"a \\"key\\"":[{"b": 1},2],"none":[],"at":"1970-01-01T00:00:00.000Z","nothing":null}',
  );
});

test('without such a list it is the plain JSON text', () => {
  expect(jsonObject({ a: [1, { b: undefined }] })).toBe('{"a":[1,{}]}');
  expect(jsonObject({ toJSON: () => ({ c: 1 }) })).toBe('{"c":1}');
});
