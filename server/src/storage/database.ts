import type { Kysely, Transaction } from 'kysely';
import type { Logger } from 'pino';
import type { Clock } from '../kernel/clock.ts';
import { migrate } from './migrations/index.ts';
import type { Schema } from './schema.ts';
import { openSqliteStorage } from './sqlite/sqlite-storage.ts';

/** A connection for reads outside a transaction. */
export type Db = Kysely<Schema>;
/** A transaction. Stores take `Db` for reads and `Tx` for writes; a `Tx` can be passed wherever a `Db` is wanted. */
export type Tx = Transaction<Schema>;

export interface OnCommit {
  /**
   * Called right after the commit, before any other transaction of this process can begin. `place`: where it stands among
   * the commits of all nodes that have something to tell; undefined for one that has nothing, or in a storage that is not
   * shared.
   */
  committed?(place: number | undefined): void;
  /** Asked when the work is done, in a shared storage: what the other nodes are told of the commit; stored with it. */
  told?(): Uint8Array | undefined;
}

/** What a node told of a commit. */
export interface ToldCommit {
  /** 1, 2, 3, ... in the order of commits, none missing. */
  place: number;
  /** Which node committed it. */
  node: string;
  body: Uint8Array;
}

/** What the nodes that share a database know of each other. */
export interface SharedDatabase {
  /** A name of the data, which copies of it keep. */
  name: string;
  /** This very database: a copy of it on the same or another server has another one. */
  place: string;
  /** This process among those that use the database: another one with each start. */
  node: string;
  /** The place of the newest commit that can be read. */
  lastPlace(): Promise<number>;
  /** The commits after a place, in order, at most `limit`; all of them durable. */
  commitsAfter(place: number, limit: number): Promise<ToldCommit[]>;
  /** Forgets what was told before this time (ms). */
  forgetCommitsBefore(at: number): Promise<void>;
  /**
   * The nodes that are there now, this one among them. One that is not listed is dead, or has lost the database and hears of
   * it by `onRegained`.
   */
  liveNodes(db: Db): Promise<ReadonlySet<string>>;
  /** Calls the listener when this node was not listed for a while: others may have cleared away what is its. */
  onRegained(listener: () => void): void;
  /**
   * Whether this node is the one that does what is done once for all of them: whoever asks first, for as long as its connection
   * lasts. Rejects when the database does not answer.
   */
  leads(): Promise<boolean>;
}

/** Stamps of all nodes are drawn from one row, so that they increase from commit to commit, whoever makes it. */
export type SharedClock = Pick<Clock, 'newestStamp' | 'raise' | 'now'>;

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
  /** Resolves with a failure after which the process should end itself, if there ever is one. */
  readonly lost?: Promise<Error>;
  /** Writes a consistent copy to the path, which must not exist. Writes go on meanwhile. */
  backup(path: string): Promise<void>;
  /** Moves what the write-ahead log holds into the database file. Happens by itself now and then. */
  checkpoint(): Promise<void>;
  /** Gives back the memory that only makes reading quicker; for a server that rests. PostgreSQL keeps none in this process. */
  releaseMemory?(): void;
  /**
   * Lets other processes use the database at the same time, and tells them of commits. Before anything is written. Undefined
   * for the embedded database, which one process has for itself.
   */
  share?(clock: SharedClock): Promise<SharedDatabase>;
  /**
   * Runs `work` while no other process on the database is in here; one that dies gives way. Rejects when the connection that says
   * so was lost meanwhile. Not to be nested.
   */
  alone<T>(work: () => Promise<T>): Promise<T>;
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
  /** With `databaseUrl`: other processes use the database, too (`Storage.share`). */
  shared?: boolean;
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
  const { databaseUrl: url, shared = false, log } = options;
  if (url === undefined) return openSqliteStorage(options);
  // Few servers need it, and a start should not load it for nothing.
  const { openPostgresStorage } = await import('./postgres/postgres-storage.ts');
  return openPostgresStorage({ url, shared, log });
}
