import { open, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CompiledQuery } from 'kysely';
import { openReader } from './database-files.ts';

/**
 * Writes a consistent copy of a stored database to the path, which must not exist, and checks it. Takes no directory
 * lock: a server may be running on the data and is neither stopped nor held up, because readers of a write-ahead log
 * do not block its writer. Rejects with `EEXIST` or `ENOENT` like any file operation.
 */
export async function copyDatabase(dataDir: string, path: string): Promise<void> {
  const source = join(dataDir, 'gantry.db');
  await stat(source);
  // Holds the name until the copy is complete and on the disk; a crash leaves no half backup under it.
  const claim = await open(path, 'wx', 0o600);
  const partial = `${path}.partial`;
  try {
    const file = await open(partial, 'w', 0o600);
    try {
      query(source, CompiledQuery.raw('VACUUM INTO ?', [partial]));
      const [finding] = query<{ quick_check: string }>(partial, CompiledQuery.raw('PRAGMA quick_check(1)'));
      if (finding?.quick_check !== 'ok') throw new Error(`the copy is damaged: ${finding?.quick_check}`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    await rm(path, { force: true });
    throw error;
  } finally {
    await claim.close();
  }
}

function query<R>(path: string, compiled: CompiledQuery): R[] {
  const connection = openReader(path);
  try {
    return connection.execute<R>(compiled).rows;
  } finally {
    connection.close();
  }
}
