import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { openStorage, type Storage } from '../database.ts';
import { migrate } from '../migrations/index.ts';
import { openSqliteStorage, type SqliteOverrides } from '../sqlite/sqlite-storage.ts';

/** For the tests of the storage: databases that vanish with the test. */

export const silent = pino({ level: 'silent' });

export function temporaryDirectory(): string {
  const path = mkdtempSync(join(tmpdir(), 'gantry-storage-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

export async function storageInMemory(): Promise<Storage> {
  const storage = await openStorage({ memory: true, dataDir: '', log: silent });
  onTestFinished(() => storage.close());
  return storage;
}

export async function storageOnDisk(
  dataDir = temporaryDirectory(),
  overrides: SqliteOverrides = {},
): Promise<Storage> {
  const storage = await openSqliteStorage({ memory: false, dataDir, log: silent }, overrides);
  onTestFinished(() => storage.close());
  await migrate(storage, silent);
  return storage;
}

/** A promise to be settled by the test. */
export interface Gate {
  opened: Promise<void>;
  open: () => void;
  fail: (error: Error) => void;
}

export function gate(): Gate {
  let open: () => void = () => {};
  let fail: (error: Error) => void = () => {};
  const opened = new Promise<void>((resolve, reject) => {
    open = resolve;
    fail = reject;
  });
  return { opened, open, fail };
}

/** Lets everything that can go on without the test go on: a few turns of the event loop. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
