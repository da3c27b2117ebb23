import { describe, expect, it } from 'vitest';
import type { Refusal } from '../kernel/errors.ts';
import type { Filter } from '../kernel/filter.ts';
import { matches } from './match-filter.ts';
import { applyFields, parseFields } from './projection.ts';
import { parseFilter, requireQueryable } from './query-filter.ts';

const on = { allowUnsafeQueryAndFields: true };
const off = { allowUnsafeQueryAndFields: false };

function filterOf(query: object): Filter {
  const filter = parseFilter(on, JSON.stringify(query));
  if (!filter) throw new Error('no filter');
  return filter;
}

const refusal = (code: string) => expect.objectContaining({ code }) as Refusal;

describe('the query parameter', () => {
  const room = {
    _id: 'r1',
    name: 'general',
    t: 'c',
    msgs: 7,
    ro: false,
    ts: new Date('2020-01-01T00:00:00Z'),
    u: { _id: 'alice', username: 'alice' },
    tags: ['a', 'b'],
    files: [{ type: 'png' }, { type: 'txt' }],
    topic: null,
  };

  it('is ignored while the server does not allow it, whatever it contains', () => {
    expect(parseFilter(off, '{"name":"x"}')).toBeUndefined();
    expect(parseFilter(off, 'nonsense')).toBeUndefined();
    expect(parseFilter(on, undefined)).toBeUndefined();
  });

  it.each<[object, boolean]>([
    [{}, true],
    [{ name: 'general' }, true],
    [{ name: 'random' }, false],
    [{ name: 'general', t: 'p' }, false],
    [{ $or: [{ t: 'p' }, { msgs: 7 }] }, true],
    [{ $and: [{ t: 'p' }, { msgs: 7 }] }, false],
    [{ msgs: { $gt: 6, $lte: 7 } }, true],
    [{ msgs: { $lt: 7 } }, false],
    [{ msgs: { $gte: '1' } }, false],
    [{ name: { $in: ['x', 'general'] } }, true],
    [{ name: { $nin: ['x', 'general'] } }, false],
    [{ name: { $ne: 'general' } }, false],
    [{ nothing: { $ne: 1 } }, true],
    [{ topic: null }, true],
    [{ nothing: null }, true],
    [{ name: null }, false],
    [{ topic: { $exists: true } }, true],
    [{ nothing: { $exists: true } }, false],
    [{ nothing: { $exists: false } }, true],
    [{ 'u.username': 'alice' }, true],
    [{ tags: 'b' }, true],
    [{ tags: { $ne: 'b' } }, false],
    [{ 'files.type': 'txt' }, true],
    [{ 'files.type': { $in: ['pdf'] } }, false],
    [{ name: { $regex: '^gen' } }, true],
    [{ name: { $regex: '^GEN', $options: 'i' } }, true],
    [{ name: { $regex: '^GEN' } }, false],
    [{ name: { $regex: '.*ner.*' } }, true],
    [{ msgs: { $regex: '7' } }, false],
    [{ ts: { $gte: { $date: '2020-01-01T00:00:00Z' } } }, true],
    [{ ts: { $lt: { $date: 0 } } }, false],
    [{ ts: { $date: 1_577_836_800_000 } }, true],
    [{ $where: 'sleep(1000)', $text: { $search: 'x' } }, true],
    [{ name: { $where: 'x' } }, true],
  ])('%j fits the room: %s', (query, expected) => {
    expect(matches(room, filterOf(query))).toBe(expected);
  });

  it.each([
    'nonsense',
    '[]',
    'null',
    '{"a":{"$in":"x"}}',
    '{"a":{"$eq":{"b":{}}}}',
    '{"$or":{}}',
    '{"$or":[]}',
    '{"$or":[1]}',
    '{"a":{"$regex":7}}',
    '{"a":{"$regex":"("}}',
    '{"a":[1]}',
    '{"$and":[{"$and":[{"$and":[{"$and":[{"$and":[{"$and":[{"a":1}]}]}]}]}]}]}',
    JSON.stringify(Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`k${i}`, 1]))),
    `{"a":"${'x'.repeat(6000)}"}`,
  ])('refuses %s', (raw) => {
    expect(() => parseFilter(on, raw)).toThrow(refusal('error-invalid-query'));
  });

  it.each(['(a+)+$', '(a|b)*c', '(a)\\1', '(?=a)', 'x.*.*.*x', 'a.*b.*c', 'x'.repeat(101), '[a-z]+@[a-z]+'])(
    'refuses the regular expression %s, which could take very long',
    (pattern) => {
      expect(() => filterOf({ name: { $regex: pattern } })).toThrow(refusal('error-invalid-query'));
    },
  );

  it('drops keys that lead to a prototype', () => {
    const filter = parseFilter(on, '{"__proto__":1,"constructor":1,"a.__proto__.b":1,"a.b":2}');
    expect(filter).toEqual({ kind: 'and', parts: [{ kind: 'compare', path: 'a.b', op: 'eq', value: 2 }] });
  });

  it('can be held to a list of attributes', () => {
    const filter = filterOf({ name: 'x', $or: [{ 'u.username': 'y' }, { secret: 1 }, { 'other.x': 2 }] });
    expect(() => requireQueryable(filter, ['name', 'u'])).toThrow(
      expect.objectContaining({
        code: 'error-invalid-query',
        reason: 'Invalid attribute: secret\nInvalid attribute: other.x',
      }) as Refusal,
    );
    expect(() => requireQueryable(filter, ['name', 'u', 'secret', 'other'])).not.toThrow();
  });

  it.each(['x', '^x', 'x$', 'a.*b', 'a.b', 'a\\.b', '^$'])(
    'can be held to what LIKE can say, such as %s',
    (regex) => {
      expect(() => requireQueryable(filterOf({ name: { $regex: regex } }), ['name'])).not.toThrow();
    },
  );

  it.each(['[ab]', '\\d', 'a|b', 'a+', 'a{2}', '(ab)'])('refuses %s then', (regex) => {
    expect(() => requireQueryable(filterOf({ name: { $regex: regex } }), ['name'])).toThrow(
      expect.objectContaining({ reason: 'Invalid operation: $regex' }) as Refusal,
    );
  });
});

describe('the fields parameter', () => {
  const at = new Date(0);
  const document = { _id: 'x', name: 'n', u: { _id: 'y', username: 'z' }, list: [{ a: 1, b: 2 }, 3], at };
  const applied = (fields: object) => applyFields(document, parseFields(on, JSON.stringify(fields)));

  it('is ignored while the server does not allow it', () => {
    expect(parseFields(off, '{"name":1}')).toBeUndefined();
    expect(applyFields(document, undefined)).toBe(document);
  });

  it.each<[object, object]>([
    [{ name: 1 }, { _id: 'x', name: 'n' }],
    [{ name: 1, _id: 0 }, { name: 'n' }],
    [{ _id: 1 }, { _id: 'x' }],
    [
      { 'u.username': 1, at: 1 },
      { _id: 'x', u: { username: 'z' }, at },
    ],
    [
      { 'u._id': 1, u: 1 },
      { _id: 'x', u: { _id: 'y', username: 'z' } },
    ],
    [{ 'list.a': 1 }, { _id: 'x', list: [{ a: 1 }] }],
    [{ nothing: 1 }, { _id: 'x' }],
    [
      { u: 0, list: 0, at: 0 },
      { _id: 'x', name: 'n' },
    ],
    [
      { 'u._id': 0, 'list.b': 0 },
      { ...document, u: { username: 'z' }, list: [{ a: 1 }, 3] },
    ],
    [{ _id: 0, u: 0, list: 0, at: 0 }, { name: 'n' }],
    [{}, document],
  ])('%j makes of the document %j', (fields, expected) => {
    expect(applied(fields)).toEqual(expected);
    expect(document.u).toEqual({ _id: 'y', username: 'z' });
  });

  it('never chooses what is always excluded', () => {
    const secret = { _id: 'x', joinCode: 'c', e2e: { key: 'k' }, name: 'n' };
    const projection = parseFields(on, '{"joinCode":1,"e2e.key":1,"name":1}');
    expect(applyFields(secret, projection)).toEqual({ _id: 'x', name: 'n' });
  });

  it.each(['nonsense', '[]', '{"name":2}', '{"name":"1"}', '{"name":true}'])('refuses %s', (raw) => {
    expect(() => parseFields(on, raw)).toThrow(
      expect.objectContaining({
        code: 'error-invalid-fields',
        message: `Invalid fields parameter provided: "${raw}" [error-invalid-fields]`,
      }) as Refusal,
    );
  });
});
