import { join } from 'node:path';
import { openSqlite } from '../../../server/src/storage/sqlite/driver.ts';

/** Moves the write-ahead log of a stopped server into its database file, so that file sizes can be compared. */
export function checkpoint({ dir }: { dir: string }): void {
  const database = openSqlite(join(dir, 'gantry.db'), { timeout: 5000 });
  database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').all();
  database.close();
}
