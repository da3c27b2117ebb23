import type { Kysely, Transaction } from 'kysely';
import type { Logger } from 'pino';
import { migrate } from './migrations/index.ts';
import type { Schema } from './schema.ts';
import { openSqliteStorage } from './sqlite/sqlite-storage.ts';

/** A connection for reads outside a transaction. */
export type Db = Kysely<Schema>;
/** A transaction. Stores take `Db` for reads and `Tx` for writes; a `Tx` can be passed wherever a `Db` is wanted. */
export type Tx = Transaction<Schema>;

export interface OnCommit {
  /** Called right after the commit, before any other transaction of this process can begin. `place`: see `isNumbered`. */
  committed?(place: number | undefined): void;
  /**
   * Asked when the work is done: whether the commit gets a place among those of all nodes. Places are given in the order of
   * commits; one that is missing belongs to a commit that failed. The embedded database, which has one node, gives none.
   */
  isNumbered?(): boolean;
}

export interface Storage {
  /** Sees what is committed, never an open transaction. Refuses writes. */
  readonly db: Db;
  /**
   * Runs `work` in a transaction; transactions run one after the other, those of this process in the order of asking. Rolls
   * back when it throws. Resolves after the commit, which is not durable yet.
   */
  transaction<T>(work: (tx: Tx) => Promise<T>, onCommit?: OnCommit): Promise<T>;
  /** Resolves when everything committed so far survives power loss; rejects with `StorageFailed`. */
  durable(): Promise<void>;
  /** Set when a disk sync failed: every write is refused until a restart. For the health check. */
  readonly failure: Error | undefined;
  /** Writes a consistent copy to the path, which must not exist. Writes go on meanwhile. */
  backup(path: string): Promise<void>;
  /** Moves what the write-ahead log holds into the database file. Happens by itself now and then. */
  checkpoint(): Promise<void>;
  /** Lets running transactions finish, refuses new ones and closes the database. */
  close(): Promise<void>;
}

export interface StorageOptions {
  /** Keep everything in memory and lose it at the end. */
  memory: boolean;
  /** Directory of `gantry.db`; created if missing. Not used with `memory` or `databaseUrl`. */
  dataDir: string;
  /** A PostgreSQL server and database, instead of the embedded one. */
  databaseUrl?: string | undefined;
  log: Logger;
}

/**
 * Opens the database and brings its tables up to date. Fails when another server uses the directory, or when the
 * database was written by a newer version.
 */
export async function openStorage(options: StorageOptions): Promise<Storage> {
  const storage = await openDatabase(options);
  try {
    await migrate(storage, options.log);
    return storage;
  } catch (error) {
    await storage.close();
    throw error;
  }
}

async function openDatabase(options: StorageOptions): Promise<Storage> {
  const { databaseUrl: url, log } = options;
  if (url === undefined) return openSqliteStorage(options);
  // Few servers need it, and a start should not load it for nothing.
  const { openPostgresStorage } = await import('./postgres/postgres-storage.ts');
  return openPostgresStorage({ url, log });
}
