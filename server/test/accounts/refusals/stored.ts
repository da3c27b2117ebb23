import { sql } from 'kysely';
import type { Db } from '../../../src/storage/database.ts';
import { isOnPostgres } from '../../../src/storage/dialect-functions.ts';

/** What a refused call may write: that somebody tried, which bytes came with it for nothing, and that a commit was made. */
const TRIES = new Set(['login_attempts', 'second_factors', 'doomed_blobs', 'commit_marks']);

/** Notices whether anything that counts is written to a database. */
export class Stored {
  readonly #db: Db;
  #seen: { changes: string; rows: Record<string, unknown> } | undefined;

  constructor(db: Db) {
    this.#db = db;
  }

  /** Everything as it is now. Cheap as long as nobody writes. */
  async now(): Promise<Record<string, unknown>> {
    const changes = await (isOnPostgres(this.#db) ? changesOnPostgres(this.#db) : changesOnSqlite(this.#db));
    if (this.#seen?.changes !== changes) this.#seen = { changes, rows: await everythingStored(this.#db) };
    return this.#seen.rows;
  }
}

async function changesOnSqlite(db: Db): Promise<string> {
  const { rows } = await sql<{ changes: number }>`select total_changes() as changes`.execute(db);
  const changes = rows[0]?.changes ?? 0;
  if (changes === 0) throw new Error('this connection does not see what is written');
  return String(changes);
}

/** How many rows each table has, and which transaction wrote the newest of them. */
async function changesOnPostgres(db: Db): Promise<string> {
  const parts = (await tablesOf(db)).map(
    (name) =>
      sql`select ${sql.lit(name)} as name, count(*) as n, max(xmin::text::bigint) as newest from ${sql.table(name)}`,
  );
  return JSON.stringify((await sql`${sql.join(parts, sql` union all `)}`.execute(db)).rows);
}

async function tablesOf(db: Db): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`${
    isOnPostgres(db)
      ? sql`select tablename as name from pg_tables where schemaname = current_schema() order by 1`
      : sql`select name from sqlite_master
        where type = 'table' and name not like 'sqlite_%' and sql not like '%virtual%'`
  }`.execute(db);
  return rows.map(({ name }) => name).filter((name) => !TRIES.has(name));
}

/** By table. */
async function everythingStored(db: Db): Promise<Record<string, unknown>> {
  const stored: Record<string, unknown> = {};
  for (const name of await tablesOf(db))
    stored[name] = (await sql`select * from ${sql.table(name)}`.execute(db)).rows;
  return stored;
}
