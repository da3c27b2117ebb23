import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { openSqlite } from '../../../server/src/storage/sqlite/driver.ts';

/** What a stored message weighs, all members of its document counted. */
const DOCUMENT = JSON.stringify({ msg: 'x'.repeat(340) });

/**
 * The least a durable message can cost with SQLite: one insert into one table with one index, in WAL mode, each writer
 * waiting for a disk sync that all of them share. Returns inserts per second.
 */
export async function insertRows({
  dir,
  writers,
  ms,
}: {
  dir: string;
  writers: number;
  ms: number;
}): Promise<number> {
  const path = join(dir, `bare-${process.pid}-${Date.now()}.db`);
  const database = openSqlite(path);
  database.prepare('PRAGMA journal_mode = WAL').all();
  database.exec('PRAGMA synchronous = NORMAL');
  database.exec('PRAGMA wal_autocheckpoint = 100000');
  database.exec('CREATE TABLE messages (id TEXT PRIMARY KEY NOT NULL, rid TEXT, ts INTEGER, doc TEXT)');
  database.exec('CREATE INDEX messages_rid_ts ON messages (rid, ts)');
  const insert = database.prepare('INSERT INTO messages (id, rid, ts, doc) VALUES (?, ?, ?, ?)');
  const wal = await open(`${path}-wal`, 'r+');
  const synced = sharedSync(wal);
  const started = performance.now();
  let inserted = 0;
  const write = async () => {
    while (performance.now() - started < ms) {
      insert.run(`${inserted}-${Math.random()}`, 'room', inserted, DOCUMENT);
      inserted += 1;
      await synced();
    }
  };
  await Promise.all(Array.from({ length: writers }, write));
  const seconds = (performance.now() - started) / 1000;
  await wal.close();
  database.close();
  return inserted / seconds;
}

/** A sync that began after the call; those who ask while one runs share the next. */
function sharedSync(file: FileHandle): () => Promise<void> {
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;
  const start = async () => {
    await running;
    await new Promise(setImmediate);
    next = undefined;
    running = file.datasync();
    await running;
  };
  return () => {
    next ??= start();
    return next;
  };
}
