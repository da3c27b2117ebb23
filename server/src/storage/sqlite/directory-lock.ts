import { mkdir, open, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isStorageBusy } from '../errors.ts';
import { openSqlite } from './driver.ts';

export interface DirectoryLock {
  release(): Promise<void>;
}

/**
 * Makes sure that one server at a time uses a data directory. The lock is the operating system's own (an SQLite file
 * held with an exclusive transaction): it ends with its process, however that dies, and it holds between containers that
 * share a volume, where a process id would say nothing. `gantry.pid` only tells people who has it.
 */
export async function lockDirectory(dataDir: string): Promise<DirectoryLock> {
  const created = await mkdir(dataDir, { recursive: true, mode: 0o700 });
  if (created) await syncDirectory(dirname(created));
  const pidFile = join(dataDir, 'gantry.pid');
  const database = openSqlite(join(dataDir, 'gantry.lock'), { timeout: 0 });
  try {
    // Nothing is ever written: no journal file is wanted.
    database.exec('PRAGMA journal_mode = MEMORY');
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (!isStorageBusy(error)) throw error;
    const pid = await readFile(pidFile, 'utf8').catch(() => '');
    const owner = pid.trim() ? `the process ${pid.trim()}` : 'another process';
    throw new Error(
      `The data directory ${dataDir} is in use by ${owner}. Only one server may use it at a time.`,
    );
  }
  await writeFile(pidFile, `${process.pid}\n`);
  return {
    async release() {
      await rm(pidFile, { force: true });
      database.close();
    },
  };
}

/** Makes the names of new files in a directory durable. Windows cannot and need not. */
export async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
