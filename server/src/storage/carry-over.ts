import { type Kysely, sql } from 'kysely';
import type { Db, Storage, Tx } from './database.ts';
import { countRows } from './page-and-total.ts';

/** Rows that are in memory at a time. */
const ROWS = 500;
/** PostgreSQL takes 65,535 values in a statement. */
const MOST_VALUES = 30_000;
/** What each database makes for itself: its migrations, and the index of words, which the next start fills. */
const OWN = new Set(['schema_migrations', 'indexed_messages']);

/** Thrown when the target holds data. */
export class TargetNotEmpty extends Error {}

type AnyDatabase = Kysely<Record<string, Record<string, unknown>>>;
type Row = Record<string, unknown> & { place: number };

const anyTable = (tx: Tx): AnyDatabase => tx as unknown as AnyDatabase;

/**
 * Writes everything of an embedded database into an empty PostgreSQL database of the same version, in one transaction: all of
 * it or nothing. Messages keep their numbers. Gives how many rows each table has.
 */
export async function carryOver(from: Db, to: Storage): Promise<ReadonlyMap<string, number>> {
  const tables = await tablesOf(from);
  const copied = await to.transaction(async (tx) => {
    const counts = new Map<string, number>();
    for (const table of tables) {
      if ((await countRows(anyTable(tx).selectFrom(table))) > 0)
        throw new TargetNotEmpty(`the table ${table} is not empty`);
      counts.set(table, await copyTable(from, tx, table));
    }
    await keepNumbers(from, tx);
    return counts;
  });
  await to.durable();
  return copied;
}

async function tablesOf(from: Db): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`select name from sqlite_schema where type = 'table'
    and name not like 'sqlite\\_%' escape '\\' and name not like 'message\\_words%' escape '\\' order by name`.execute(
    from,
  );
  return rows.map(({ name }) => name).filter((name) => !OWN.has(name));
}

async function copyTable(from: Db, tx: Tx, table: string): Promise<number> {
  let copied = 0;
  let place = 0;
  for (;;) {
    const { rows } = await sql<Row>`select rowid as place, * from ${sql.table(table)}
      where rowid > ${place} order by rowid limit ${ROWS}`.execute(from);
    const last = rows.at(-1);
    if (!last) return copied;
    place = last.place;
    await insert(
      tx,
      table,
      rows.map(({ place: _, ...row }) => row),
    );
    copied += rows.length;
  }
}

async function insert(tx: Tx, table: string, rows: Record<string, unknown>[]): Promise<void> {
  const columns = Object.keys(rows[0] ?? {}).length;
  const atOnce = Math.max(1, Math.floor(MOST_VALUES / Math.max(1, columns)));
  for (let start = 0; start < rows.length; start += atOnce)
    await anyTable(tx)
      .insertInto(table)
      .values(rows.slice(start, start + atOnce))
      .execute();
}

/** No number of a message is ever given twice, that of a deleted one neither. */
async function keepNumbers(from: Db, tx: Tx): Promise<void> {
  const { rows } = await sql<{
    seq: number;
  }>`select seq from sqlite_sequence where name = 'messages'`.execute(from);
  const last = rows[0]?.seq ?? 0;
  if (last > 0)
    await sql`select setval(pg_get_serial_sequence('messages', 'seq'), ${last}::bigint)`.execute(tx);
}
