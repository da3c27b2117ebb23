import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CompiledQuery } from 'kysely';
import type { Db } from '../database.ts';
import { openReader } from './database-files.ts';
import { readerOver } from './dialect.ts';

/**
 * Runs `work` on the stored data as it is at this moment, whatever is written meanwhile. Takes no directory lock: a
 * server may be running on the data. Gives undefined where there are none.
 */
export async function withSqliteSnapshot<T>(
  dataDir: string,
  work: (db: Db) => Promise<T>,
): Promise<{ result: T } | undefined> {
  const path = join(dataDir, 'gantry.db');
  if (!existsSync(path)) return undefined;
  const connection = openReader(path);
  try {
    connection.execute(CompiledQuery.raw('BEGIN'));
    return { result: await work(readerOver(async (compiled) => connection.execute(compiled))) };
  } finally {
    connection.close();
  }
}

/** What SQLite itself finds wrong with the file; empty when it is sound. */
export async function damages(db: Db): Promise<string[]> {
  const { rows } = await db.executeQuery<{ integrity_check: string }>(
    CompiledQuery.raw('PRAGMA integrity_check(20)'),
  );
  return rows.map((row) => row.integrity_check).filter((line) => line !== 'ok');
}
