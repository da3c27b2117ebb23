import { sql } from 'kysely';
import { expect, test } from 'vitest';
import type { Filter } from '../kernel/filter.ts';
import { matches } from '../rest/match-filter.ts';
import { filterOf } from '../rest/query-filter.ts';
import type { Db } from './database.ts';
import { filterColumn, filterSql } from './filter-sql.ts';
import { storageInMemory } from './testing/temporary.ts';

const DOCUMENTS = [
  {
    _id: 'a',
    name: 'Engines',
    size: 3,
    open: true,
    at: new Date(1000),
    tags: ['x', 'y'],
    more: { town: 'Bern' },
  },
  { _id: 'b', name: 'engine%', size: 0, open: false, at: new Date(2000), tags: [], more: { town: "O'Hare" } },
  { _id: 'c', size: 5, open: true, at: new Date(3000), tags: ['y'] },
  { _id: 'd', name: 'a_b*c?[d]', size: -1, open: false, at: new Date(4000), tags: ['z'], more: {} },
];

const json = (path: string) => sql<string>`json_extract(settings.value, ${path})`;
const COLUMNS = {
  _id: filterColumn('text', sql.ref('settings.id')),
  name: filterColumn('text', json('$.name')),
  size: filterColumn('number', json('$.size')),
  open: filterColumn('flag', json('$.open')),
  at: filterColumn('time', sql.ref('settings.updated_at')),
  'more.town': filterColumn('text', json('$.more.town')),
  tags: {
    kind: 'text' as const,
    some: (condition: (value: ReturnType<typeof json>) => ReturnType<typeof filterSql>) =>
      sql<boolean>`exists (select 1 from json_each(settings.value, '$.tags') as tag where ${condition(sql.ref('tag.value'))})`,
  },
};

const CASES: readonly [object, string[]][] = [
  [{}, ['a', 'b', 'c', 'd']],
  [{ name: 'Engines' }, ['a']],
  [{ name: 'engines' }, []],
  [{ name: null }, ['c']],
  [{ name: { $ne: 'Engines' } }, ['b', 'c', 'd']],
  [{ name: { $exists: false } }, ['c']],
  [{ name: { $exists: true } }, ['a', 'b', 'd']],
  [{ name: { $in: ['Engines', null, 7] } }, ['a', 'c']],
  [{ name: { $nin: ['Engines', null] } }, ['b', 'd']],
  [{ name: 7 }, []],
  [{ size: { $gt: 0 } }, ['a', 'c']],
  [{ size: { $gte: 0, $lt: 5 } }, ['a', 'b']],
  [{ size: { $lte: '3' } }, []],
  [{ open: true }, ['a', 'c']],
  [{ open: { $ne: true } }, ['b', 'd']],
  [{ open: 1 }, []],
  [{ open: { $gt: false } }, []],
  [{ at: { $gt: { $date: 2000 } } }, ['c', 'd']],
  [{ at: { $date: 3000 } }, ['c']],
  [{ at: '1970-01-01' }, []],
  [{ tags: 'y' }, ['a', 'c']],
  [{ tags: { $ne: 'y' } }, ['b', 'd']],
  [{ tags: { $regex: '^x' } }, ['a']],
  [{ 'more.town': "O'Hare" }, ['b']],
  [{ nothing: 1 }, []],
  [{ nothing: null }, ['a', 'b', 'c', 'd']],
  [{ constructor2: { $exists: false }, size: 3 }, ['a']],
  [{ $or: [{ size: 3 }, { name: null }] }, ['a', 'c']],
  [{ $and: [{ open: true }, { $or: [{ size: 5 }, { size: 6 }] }] }, ['c']],
  [{ name: { $regex: 'ngine' } }, ['a', 'b']],
  [{ name: { $regex: '^engine' } }, ['b']],
  [{ name: { $regex: '^engine', $options: 'i' } }, ['a', 'b']],
  [{ name: { $regex: 'S$' } }, []],
  [{ name: { $regex: 'e%$' } }, ['b']],
  [{ name: { $regex: 'a_b' } }, ['d']],
  [{ name: { $regex: 'a.b' } }, ['d']],
  [{ name: { $regex: '\\*c\\?\\[d\\]$' } }, ['d']],
  [{ name: { $regex: '^a.*d' } }, ['d']],
  [{ name: { $regex: 'E.+s$' } }, ['a']],
  [{ size: { $regex: '3' } }, []],
];

test('the database finds what fits, as looking at every document does', async () => {
  const db = await storedDocuments();
  for (const [query, ids] of CASES) {
    const filter = filterOf(query as Record<string, unknown>, JSON.stringify(query));
    expect([query, await found(db, filter)]).toEqual([query, ids]);
    const fitting = DOCUMENTS.filter((document) => matches(document, filter)).map(({ _id }) => _id);
    expect([query, fitting]).toEqual([query, ids]);
  }
});

async function storedDocuments(): Promise<Db> {
  const storage = await storageInMemory();
  await storage.transaction(async (tx) => {
    const rows = DOCUMENTS.map((document) => ({
      ...{ id: document._id, value: JSON.stringify(document), updated_at: document.at.getTime() },
    }));
    await tx.insertInto('settings').values(rows).execute();
  });
  return storage.db;
}

async function found(db: Db, filter: Filter): Promise<string[]> {
  const columnOf = (path: string) => (Object.hasOwn(COLUMNS, path) ? COLUMNS[path as 'name'] : undefined);
  const rows = await db
    .selectFrom('settings')
    .select('id')
    .where(filterSql(filter, columnOf))
    .orderBy('id')
    .execute();
  return rows.map(({ id }) => id);
}
