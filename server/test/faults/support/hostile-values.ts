/** What no client would send, for any member of any input. */

const deep = (levels: number): unknown => (levels === 0 ? 'bottom' : [deep(levels - 1)]);

/** As own members: an object literal would set the prototype. */
const poison: unknown = JSON.parse(
  '{"__proto__":{"roles":["admin"]},"constructor":{"prototype":{"roles":["admin"]}}}',
);

export const SQL_TEXT = `'); DROP TABLE users; -- " OR "1"="1`;
export const HTML_TEXT = '<img src=x onerror=alert(1)><script>alert(2)</script>&amp;"\'';

const TEXTS: readonly string[] = [
  '',
  ' ',
  SQL_TEXT,
  `%_\\*(a+)+$`,
  '__proto__',
  'a\u0000b',
  'lone \ud800 half',
];
const NUMBERS = ['NaN', '-1', '1e999', '99999999999999999999'];
const TIMES = ['9999-99-99', '+275760-09-13T00:00:00.001Z', '-000001-01-01T00:00:00Z', '1516000000000'];
const isTime = (name: string): boolean => /since|oldest|latest|update|expires|^ts$|^from/i.test(name);

const VALUES: readonly unknown[] = [
  ...TEXTS,
  'x'.repeat(60_000),
  null,
  true,
  -1,
  1e308,
  [],
  [null],
  [{}],
  {},
  { $gt: '', length: 1e9, toString: 'x' },
  { a: { b: SQL_TEXT, 'c.d': null } },
  poison,
  deep(50),
];

/** For a member of a JSON body. */
export function hostileValues(member: string): readonly unknown[] {
  return isTime(member) ? [...VALUES, ...TIMES, { $date: 1e300 }] : VALUES;
}

/** For a member of a query string, where everything is text. */
export function hostileQueryValues(member: string): readonly unknown[] {
  const others = ['x'.repeat(8000), ['x', SQL_TEXT], { $gt: '' }, { a: { b: 'c' } }];
  return [...TEXTS, ...NUMBERS, ...others, ...(isTime(member) ? TIMES : [])];
}

/** For a segment of a path. */
export const HOSTILE_SEGMENTS: readonly string[] = [
  ...TEXTS.filter((text) => text !== '' && !text.includes('\ud800')).map(encodeURIComponent),
  '%ED%A0%80',
  '%C3%28',
  '%',
  '%zz',
  '..%2F..',
];

/** Whole bodies; undefined is none at all. */
export const HOSTILE_BODIES: readonly (string | undefined)[] = [
  undefined,
  '',
  'null',
  '[]',
  '[[{}]]',
  '"x"',
  '5',
  '{',
  'nonsense',
  '{"a":1,"a":2}',
  '{"__proto__":{"x":1}}',
  '{"noSuchMember":"x"}',
  `${'['.repeat(5000)}${']'.repeat(5000)}`,
  `${'{"a":'.repeat(3000)}1${'}'.repeat(3000)}`,
];

const json = (value: unknown): string => encodeURIComponent(JSON.stringify(value));

/** Whole query strings. */
export const HOSTILE_QUERIES: readonly string[] = [
  'noSuchMember=x',
  '__proto__[x]=1&constructor[prototype][y]=2',
  'a[b][c][d][e][f][g][h][i][j][k]=1&a[999999999]=1',
  'a=%00%ff%C3%28&%=%&=&&=x',
];

/** More of them, for lists. */
export const HOSTILE_LIST_QUERIES: readonly string[] = [
  'offset=-1&count=-1',
  'offset=99999999999999999999&count=99999999999999999999',
  'offset=1e308&count=1e308',
  'offset=1.5&count=1.5',
  'offset=NaN&count=NaN',
  'count=0',
  'count[]=1&count[]=2&offset[a]=1',
  'sort={',
  'sort=[]',
  'sort={"$where":1}',
  'sort={"__proto__":1}',
  `sort=${json({ 'name" desc; drop table users; --': 1 })}`,
  'sort={"name":1,"ts":-1,"_id":1,"noSuch.field":1}',
  'query={',
  'query=[]',
  'query={"$where":"sleep(9)"}',
  `query=${json({ name: { $regex: '(a+)+$' } })}`,
  `query=${json({ name: { $regex: '(((' } })}`,
  `query=${json({ $or: [{ name: SQL_TEXT }, { $and: [null] }, 5] })}`,
  `query=${json({ _id: { $in: { a: 1 } }, ts: { $gt: { $date: 'x' } } })}`,
  `query=${encodeURIComponent(`${'{"a":'.repeat(200)}1${'}'.repeat(200)}`)}`,
  'fields={',
  'fields={"__proto__":1}',
  'fields={"name":1,"_id":0,"a.b.c":1}',
];
