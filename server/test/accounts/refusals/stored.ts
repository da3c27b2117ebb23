import { sql } from 'kysely';
import type { Db } from '../../../src/storage/database.ts';

/** What a refused call may write: that somebody tried, and which bytes came with it for nothing. */
const TRIES = new Set(['login_attempts', 'second_factors', 'doomed_blobs']);

/** Notices whether anything that counts is written to a database in memory. */
export class Stored {
  readonly #db: Db;
  #seen: { changes: number; rows: Record<string, unknown> } | undefined;

  constructor(db: Db) {
    this.#db = db;
  }

  /** Everything as it is now. Cheap as long as nobody writes. */
  async now(): Promise<Record<string, unknown>> {
    const { rows } = await sql<{ changes: number }>`select total_changes() as changes`.execute(this.#db);
    const changes = rows[0]?.changes ?? 0;
    if (changes === 0) throw new Error('this connection does not see what is written');
    if (this.#seen?.changes !== changes) this.#seen = { changes, rows: await everythingStored(this.#db) };
    return this.#seen.rows;
  }
}

/** By table. */
async function everythingStored(db: Db): Promise<Record<string, unknown>> {
  const { rows } = await sql<{ name: string }>`
    select name from sqlite_master where type = 'table' and name not like 'sqlite_%' and sql not like '%virtual%'`.execute(
    db,
  );
  const stored: Record<string, unknown> = {};
  for (const { name } of rows) {
    if (!TRIES.has(name)) stored[name] = (await sql`select * from ${sql.table(name)}`.execute(db)).rows;
  }
  return stored;
}
