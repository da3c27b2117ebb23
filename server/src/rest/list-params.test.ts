import { describe, expect, it } from 'vitest';
import { Refusal } from '../kernel/errors.ts';
import { settingsOver } from '../kernel/settings.ts';
import { orderBy, pageMembers, pageOf, parseSort, UNLIMITED } from './list-params.ts';

const defaults = { API_Default_Count: 50, API_Upper_Count_Limit: 100, API_Allow_Infinite_Count: true };
const settings = (changes: Record<string, unknown> = {}) => {
  const values: Record<string, unknown> = { ...defaults, ...changes };
  return settingsOver((id) => values[id]);
};

describe('offset and count', () => {
  it.each([
    [{}, { offset: 0, count: 50 }],
    [
      { count: 10, offset: 20 },
      { offset: 20, count: 10 },
    ],
    [{ count: 1000 }, { offset: 0, count: 100 }],
    [{ count: 0 }, { offset: 0, count: UNLIMITED }],
    [
      { count: -5, offset: -5 },
      { offset: 0, count: 50 },
    ],
    [
      { count: 2.7, offset: 1.2 },
      { offset: 1, count: 2 },
    ],
    [
      { count: Number.NaN, offset: Number.NaN },
      { offset: 0, count: 50 },
    ],
    [{ offset: 1e300 }, { offset: UNLIMITED, count: 50 }],
  ])('make of %j the page %j', (query, page) => {
    expect(pageOf(settings(), query)).toEqual(page);
  });

  it('follow the settings, where nonsense counts as the default', () => {
    expect(pageOf(settings({ API_Default_Count: 7 }), {}).count).toBe(7);
    expect(pageOf(settings({ API_Default_Count: 0 }), {}).count).toBe(50);
    expect(pageOf(settings({ API_Upper_Count_Limit: -1 }), { count: 500 }).count).toBe(100);
    expect(pageOf(settings({ API_Allow_Infinite_Count: false }), { count: 0 }).count).toBe(50);
  });

  it('may differ by endpoint', () => {
    expect(pageOf(settings(), {}, { count: 20 }).count).toBe(20);
    expect(pageOf(settings(), { count: 900 }, { upperLimit: 500 }).count).toBe(500);
  });

  it('come back in the answer with the number of items', () => {
    expect(pageMembers({ offset: 5, count: 50 }, ['a', 'b'], 7)).toEqual({ count: 2, offset: 5, total: 7 });
  });
});

describe('sort', () => {
  it('keeps the order of its members and takes dotted paths', () => {
    expect(parseSort('{"u.name":-1,"ts":1}')).toEqual([
      ['u.name', -1],
      ['ts', 1],
    ]);
    expect(parseSort('{}')).toEqual([]);
    expect(parseSort(undefined)).toBeUndefined();
    expect(parseSort('')).toBeUndefined();
  });

  it.each([
    '{',
    '[]',
    '"name"',
    'null',
    '{"name":2}',
    '{"name":"1"}',
    '{"name":true}',
    '{"a b":1}',
    '{"name; drop table":1}',
    '{".a":1}',
    JSON.stringify(Object.fromEntries(Array.from({ length: 17 }, (_, i) => [`k${i}`, 1]))),
    `{"${'x'.repeat(2000)}":1}`,
  ])('refuses %s', (raw) => {
    expect(() => parseSort(raw)).toThrow(
      expect.objectContaining({
        code: 'error-invalid-sort',
        message: `Invalid sort parameter provided: "${raw}" [error-invalid-sort]`,
        details: { helperMethod: 'parseJsonQuery' },
      }) as Refusal,
    );
  });

  it('becomes columns, without paths that have none', () => {
    const columns = { name: 'rooms.name', ts: 'rooms.created_at' } as const;
    const fallback = [{ column: columns.name, direction: 'asc' }] as const;
    expect(orderBy('{"ts":-1,"nothing":1,"name":1}', columns, fallback)).toEqual([
      { column: 'rooms.created_at', direction: 'desc' },
      { column: 'rooms.name', direction: 'asc' },
    ]);
    expect(orderBy('{"toString":1}', columns, fallback)).toBe(fallback);
    expect(orderBy(undefined, columns, fallback)).toBe(fallback);
    expect(() => orderBy('{"ts":0}', columns, fallback)).toThrow(Refusal);
  });
});
