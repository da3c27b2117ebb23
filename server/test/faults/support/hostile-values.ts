/** What no client would send, for any member of any input. */

const deep = (levels: number): unknown => (levels === 0 ? 'bottom' : [deep(levels - 1)]);

/** As own members: object literals would set the prototype. */
const poison = JSON.parse('{"__proto__":{"roles":["admin"]},"constructor":{"prototype":{"roles":["admin"]}}}');

export const SQL_TEXT = `'); DROP TABLE users; -- " OR "1"="1`;
export const HTML_TEXT = '<img src=x onerror=alert(1)><script>alert(2)</script>&amp;"\'';

export const HOSTILE_TEXTS: readonly string[] = [
  '',
  ' ',
  SQL_TEXT,
  HTML_TEXT,
  `%_\\'`,
  '__proto__',
  'constructor',
  'a\u0000b',
  'lone \ud800 half',
  '\u202e\u0007\n',
  '../../etc/passwd',
  '*',
  '(a+)+$',
  '$where',
  '9999-99-99',
  '+275760-09-13T00:00:00.001Z',
  '-000001-01-01T00:00:00Z',
  'NaN',
  '-1',
  '1e999',
  '99999999999999999999',
];

export const LONG_TEXT = 'x'.repeat(60_000);

export const HOSTILE_VALUES: readonly unknown[] = [
  ...HOSTILE_TEXTS,
  LONG_TEXT,
  null,
  true,
  false,
  0,
  -1,
  1.5,
  1e308,
  2 ** 53,
  [],
  [''],
  ['x', 'x'],
  [null],
  [{}],
  [[]],
  {},
  { $gt: '' },
  { $date: 'never' },
  { length: 1e9, toString: 'x' },
  { a: { b: SQL_TEXT, 'c.d': null } },
  poison,
  deep(50),
];

/** For query strings, where everything is text. */
export const HOSTILE_QUERY_VALUES: readonly unknown[] = [
  ...HOSTILE_TEXTS,
  'x'.repeat(8000),
  ['x', SQL_TEXT],
  { $gt: '' },
  { a: { b: 'c' } },
];

/** Whole bodies: `undefined` is none at all. */
export const HOSTILE_BODIES: readonly (string | undefined)[] = [
  undefined,
  '',
  'null',
  '[]',
  '[[{}]]',
  '"x"',
  '5',
  'true',
  '{',
  'nonsense',
  '{"a":1,"a":2}',
  '{"__proto__":{"x":1}}',
  '{"noSuchMember":"x"}',
  `${'['.repeat(5000)}${']'.repeat(5000)}`,
  `${'{"a":'.repeat(3000)}1${'}'.repeat(3000)}`,
];

/** Whole query strings. */
export const HOSTILE_QUERIES: readonly string[] = [
  'noSuchMember=x',
  '__proto__[x]=1&constructor[prototype][y]=2',
  'a[b][c][d][e][f][g][h][i][j][k]=1',
  'a[999999999]=1',
  'a=%00%ff%C3%28&%=%&=&&=x',
  `a=${'x'.repeat(8000)}`,
  'offset=-1&count=-1',
  'offset=99999999999999999999&count=99999999999999999999',
  'offset=1e308&count=1e308',
  'offset=1.5&count=1.5',
  'offset=NaN&count=NaN',
  'count=0',
  'count[]=1&count[]=2&offset[a]=1',
  'sort={',
  'sort=[]',
  'sort=null',
  'sort={"$where":1}',
  'sort={"__proto__":1}',
  `sort=${encodeURIComponent(JSON.stringify({ 'name" desc; drop table users; --': 1 }))}`,
  'sort={"name":1,"ts":-1,"_id":1,"noSuch.field":1}',
  'query={',
  'query=[]',
  'query=5',
  'query={"$where":"sleep(9)"}',
  `query=${encodeURIComponent(JSON.stringify({ name: { $regex: '(a+)+$' } }))}`,
  `query=${encodeURIComponent(JSON.stringify({ name: { $regex: '(((' } }))}`,
  `query=${encodeURIComponent(JSON.stringify({ $or: [{ name: SQL_TEXT }, { $and: [null] }, 5] }))}`,
  `query=${encodeURIComponent(JSON.stringify({ _id: { $in: { a: 1 } }, ts: { $gt: { $date: 'x' } } }))}`,
  `query=${encodeURIComponent(`${'{"a":'.repeat(200)}1${'}'.repeat(200)}`)}`,
  'fields={',
  'fields=[]',
  'fields={"name":"x"}',
  'fields={"__proto__":1}',
  'fields={"name":1,"_id":0,"a.b.c":1}',
];
