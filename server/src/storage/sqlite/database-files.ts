import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { SqliteConnection } from './connection.ts';
import { syncDirectory } from './directory-lock.ts';
import { openSqlite, type SqliteDatabase } from './driver.ts';

/** How long a statement may wait for a tool in another process, such as the `sqlite3` shell. Blocks the event loop. */
const BUSY_TIMEOUT_MS = 2000;

const LARGEST_LOG_PAGES = 16_384;
/** A log that grew beyond this is cut when it is started afresh. */
const SHRUNK_LOG_BYTES = 32 * 1024 * 1024;

/** The one connection that writes. */
export function openWriter(path: string): SqliteConnection {
  const database = openSqlite(path, { timeout: BUSY_TIMEOUT_MS });
  const [mode] = database.prepare('PRAGMA journal_mode = WAL').all() as { journal_mode: string }[];
  if (mode?.journal_mode !== 'wal') {
    database.close();
    throw new Error(`${path} cannot use a write-ahead log; is it on a network file system?`);
  }
  // NORMAL leaves the sync of a commit to `Durability`, which does it without blocking the event loop.
  database.exec('PRAGMA synchronous = NORMAL');
  // Checkpoints belong to the maintenance thread; this one is done within a commit, so it is the last resort.
  database.exec(`PRAGMA wal_autocheckpoint = ${LARGEST_LOG_PAGES}`);
  database.exec(`PRAGMA journal_size_limit = ${SHRUNK_LOG_BYTES}`);
  return new SqliteConnection(configure(database));
}

/** A second connection, which reads the last committed state while a transaction is open on the first. */
export function openReader(path: string): SqliteConnection {
  return new SqliteConnection(configure(openSqlite(path, { readOnly: true, timeout: BUSY_TIMEOUT_MS })));
}

/** One connection for both: other connections could not see a database in memory. */
export function openInMemory(): SqliteConnection {
  return new SqliteConnection(configure(openSqlite(':memory:')));
}

function configure(database: SqliteDatabase): SqliteDatabase {
  database.exec('PRAGMA cache_size = -16000');
  database.exec('PRAGMA mmap_size = 0');
  database.exec('PRAGMA temp_store = MEMORY');
  // SQLite's own lower() knows only a-z; PostgreSQL's knows every script. Names of people need every script.
  database.function('lower', { deterministic: true }, (value) =>
    typeof value === 'string' ? value.toLowerCase() : value,
  );
  return database;
}

/**
 * The write-ahead log, opened beside SQLite to sync it. SQLite keeps the same file as long as a connection is open, and
 * holds no locks on it. (The database file must never be opened here: closing any descriptor of it would drop SQLite's
 * locks, as POSIX has it.)
 */
export class WalFile {
  readonly #path: string;
  #file: FileHandle | undefined;

  constructor(databasePath: string) {
    this.#path = `${databasePath}-wal`;
  }

  /** Makes durable what was written before the call. The log exists once there was a commit. */
  async sync(): Promise<void> {
    if (!this.#file) {
      this.#file = await open(this.#path, 'r+');
      await syncDirectory(dirname(this.#path));
    }
    await this.#file.datasync();
  }

  async close(): Promise<void> {
    await this.#file?.close();
  }
}
