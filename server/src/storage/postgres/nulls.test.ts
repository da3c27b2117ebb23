import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { storageInMemory } from '../testing/temporary.ts';
import { MAY_BE_NULL } from './dialect.ts';

/** That PostgreSQL is told of every column where null has to come first: these are found in the tables and in the sources. */

async function nullableColumns(): Promise<{ all: Set<string>; indexed: Set<string> }> {
  const { db } = await storageInMemory();
  const { rows } = await sql<{ name: string; indexed: number }>`
    select c.name as name, exists (
      select 1 from pragma_index_list(m.name) i join pragma_index_info(i.name) ic where ic.name = c.name
    ) as indexed
    from sqlite_schema m join pragma_table_info(m.name) c
    where m.type = 'table' and m.name not like 'sqlite_%' and m.sql not like '%virtual%'
      and m.name not like 'message\\_words%' escape '\\' and c."notnull" = 0 and c.pk = 0`.execute(db);
  return {
    all: new Set(rows.map(({ name }) => name)),
    indexed: new Set(rows.filter(({ indexed }) => indexed === 1).map(({ name }) => name)),
  };
}

/** Columns with an index that no list is sorted by where they may be null, and what they are for. */
const UNSORTED: Readonly<Record<string, string>> = {
  device: 'sorted by in `known_devices` only, where it is never null',
  external_id: 'looked up',
  job_key: 'looked up',
  login_hash: 'looked up',
  message_id: 'sorted by in `pending_message_files` only, where it is never null',
  original_id: 'looked up',
  prid: 'looked up',
  rid: 'null in `files` only, where it is looked up',
  root_message_id: 'looked up',
  session_id: 'looked up',
  sign_on_key: 'looked up',
  status: 'looked up',
  team_id: 'looked up',
  tmid: 'looked up',
  uid: 'null in `files` and `pending_logins` only, where it is looked up',
};

const SOURCES = join(import.meta.dirname, '../..');

/** Columns that are named where an order is written down, or in a table of those that callers may sort by. */
function sortedBy(): Set<string> {
  const found = new Set<string>();
  for (const file of readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ts') || file.endsWith('.test.ts')) continue;
    const text = readFileSync(join(SOURCES, file), 'utf8');
    for (const [, name = ''] of text.matchAll(/orderBy\(\s*'(?:\w+\.)?(\w+)'/g)) found.add(name);
    for (const [, table = ''] of text.matchAll(/\b\w*(?:SORT|ORDER)\w*\b[^=;]*= \{([^}]*)\}/g))
      for (const [, name = ''] of table.matchAll(/'(?:\w+\.)?(\w+)'/g)) found.add(name);
  }
  return found;
}

test('every column that may be null and that lists are sorted by, or that an index has, is known', async () => {
  const { all, indexed } = await nullableColumns();
  const sorted = [...sortedBy()].filter((name) => all.has(name));
  expect(sorted).toContain('lm');
  const unknown = new Set([...indexed, ...sorted].filter((name) => !MAY_BE_NULL.has(name)));
  expect([...unknown].sort()).toEqual(Object.keys(UNSORTED));
});

test('and no other', async () => {
  const { all } = await nullableColumns();
  expect([...MAY_BE_NULL].filter((name) => !all.has(name))).toEqual([]);
});
