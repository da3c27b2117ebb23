import { existsSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { CompiledQuery, type QueryResult } from 'kysely';
import type { Logger } from 'pino';
import type { Db, OnCommit, Storage, StorageOptions, Tx } from '../database.ts';
import { Durability } from '../durability.ts';
import { StorageFailed } from '../errors.ts';
import { refuseWrite } from '../statements.ts';
import type { SqliteConnection } from './connection.ts';
import { openInMemory, openReader, openWriter, WalFile } from './database-files.ts';
import { readerOver } from './dialect.ts';
import { type DirectoryLock, lockDirectory } from './directory-lock.ts';
import { Maintenance } from './maintenance.ts';
import { Transactions } from './transactions.ts';

/** A transaction that is open for longer than this is reported; it holds up every other write. */
const SLOW_TRANSACTION_MS = 10_000;
/** The write-ahead log is moved into the database file this long after a commit. */
const CHECKPOINT_AFTER_MS = 1000;
/** Beyond this many pages writes wait for the checkpoint, so that it ends and the log starts afresh. */
const LONG_LOG_PAGES = 4000;

/** What tests replace. */
export interface SqliteOverrides {
  /** Instead of the sync of the write-ahead log. */
  sync?: () => Promise<void>;
  /** Instead of `CHECKPOINT_AFTER_MS`. */
  checkpointAfterMs?: number;
}

/** Opens the embedded database without touching its tables. Use `openStorage`. */
export async function openSqliteStorage(
  options: StorageOptions,
  overrides: SqliteOverrides = {},
): Promise<Storage> {
  if (options.memory) {
    const connection = openInMemory();
    const sync = overrides.sync ?? (() => Promise.resolve());
    return new SqliteStorage({
      log: options.log,
      writer: connection,
      reader: connection,
      maintenance: undefined,
      sync,
      checkpointAfterMs: CHECKPOINT_AFTER_MS,
      release: async () => {},
    });
  }
  const lock = await lockDirectory(options.dataDir);
  try {
    return await openFiles(options, overrides, lock);
  } catch (error) {
    await lock.release();
    throw error;
  }
}

async function openFiles(
  options: StorageOptions,
  overrides: SqliteOverrides,
  lock: DirectoryLock,
): Promise<Storage> {
  const path = join(options.dataDir, 'gantry.db');
  await createPrivately(path);
  const writer = openWriter(path);
  try {
    const reader = openReader(path);
    const wal = new WalFile(path);
    const release = async () => {
      await wal.close();
      await lock.release();
    };
    return new SqliteStorage({
      log: options.log,
      writer,
      reader,
      maintenance: new Maintenance(path),
      sync: overrides.sync ?? (() => wal.sync()),
      checkpointAfterMs: overrides.checkpointAfterMs ?? CHECKPOINT_AFTER_MS,
      release,
    });
  } catch (error) {
    writer.close();
    throw error;
  }
}

/** Passwords and messages are nobody else's business on the machine; SQLite gives its other files the same mode. */
async function createPrivately(path: string): Promise<void> {
  const file = await open(path, 'a', 0o600);
  await file.close();
}

interface Parts {
  log: Logger;
  writer: SqliteConnection;
  /** The same as `writer` in memory. */
  reader: SqliteConnection;
  /** Undefined in memory. */
  maintenance: Maintenance | undefined;
  sync: () => Promise<void>;
  checkpointAfterMs: number;
  /** Frees what is beside the connections, after they are closed. */
  release: () => Promise<void>;
}

class SqliteStorage implements Storage {
  readonly db: Db;
  readonly #parts: Parts;
  readonly #durability: Durability;
  readonly #transactions: Transactions;
  readonly #watchdog: NodeJS.Timeout;
  #checkpointTimer: NodeJS.Timeout | undefined;
  #checkpointFails = false;
  #closed: Promise<void> | undefined;

  constructor(parts: Parts) {
    const { log, writer, maintenance } = parts;
    this.#parts = parts;
    this.#durability = new Durability(parts.sync, (error) => {
      log.fatal({ err: error.cause }, 'a disk sync failed: nothing is written any more until a restart');
    });
    this.#transactions = new Transactions(writer, {
      trace: !maintenance,
      admit: () => {
        if (this.#durability.failure) throw this.#durability.failure;
      },
      syncing: () => this.#durability.running,
      committed: () => {
        this.#durability.noteCommit();
        if (maintenance) this.#checkpointSoon(maintenance);
      },
    });
    this.db = readerOver(
      maintenance ? (compiled) => this.#read(compiled) : (compiled) => this.#readInTurn(compiled),
    );
    this.#watchdog = setInterval(() => this.#reportSlowTransaction(), SLOW_TRANSACTION_MS).unref();
  }

  get failure(): Error | undefined {
    return this.#durability.failure;
  }

  async transaction<T>(work: (tx: Tx) => Promise<T>, onCommit?: OnCommit): Promise<T> {
    this.#refuseWhenClosed();
    const committed = onCommit?.committed?.bind(onCommit, undefined);
    return this.#transactions.run(work, committed);
  }

  durable(): Promise<void> {
    return this.#durability.wait();
  }

  /** The directory is locked against every other process. */
  alone<T>(work: () => Promise<T>): Promise<T> {
    return work();
  }

  async backup(path: string): Promise<void> {
    this.#refuseWhenClosed();
    if (existsSync(path)) throw new Error(`${path} exists already`);
    // The final name appears only when the copy is complete and on the disk.
    const partial = `${path}.partial`;
    const file = await open(partial, 'wx', 0o600);
    try {
      await this.#copyInto(partial);
      await file.sync();
      await rename(partial, path);
    } catch (error) {
      await rm(partial, { force: true });
      throw error;
    } finally {
      await file.close();
    }
  }

  async checkpoint(): Promise<void> {
    this.#refuseWhenClosed();
    await this.#parts.maintenance?.checkpoint();
  }

  releaseMemory(): void {
    if (this.#closed) return;
    // Pages that were read or written; those of an open transaction stay.
    const { writer, reader } = this.#parts;
    for (const { database } of new Set([writer, reader])) database.exec('PRAGMA shrink_memory');
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    clearInterval(this.#watchdog);
    clearTimeout(this.#checkpointTimer);
    const { log, writer, reader, maintenance, release } = this.#parts;
    await this.#transactions.stop();
    await this.durable().catch((error: unknown) => log.error({ err: error }, 'closed without a last sync'));
    await maintenance?.close();
    if (reader !== writer) reader.close();
    if (maintenance) this.#emptyLog();
    writer.close();
    await release();
  }

  /**
   * Moves everything into the database file, so that a copy of that file alone is whole. The drivers do not do it when
   * they close: statements that were never finalized keep their connection half open.
   */
  #emptyLog(): void {
    try {
      this.#parts.writer.execute(CompiledQuery.raw('PRAGMA wal_checkpoint(TRUNCATE)'));
    } catch (error) {
      this.#parts.log.error({ err: error }, 'closed without emptying the write-ahead log');
    }
  }

  async #copyInto(path: string): Promise<void> {
    const { maintenance, writer } = this.#parts;
    if (maintenance) return maintenance.backup(path);
    await this.#transactions.between(() => writer.execute(CompiledQuery.raw('VACUUM INTO ?', [path])));
  }

  async #read<R>(compiled: CompiledQuery): Promise<QueryResult<R>> {
    refuseWrite(compiled);
    return this.#parts.reader.execute<R>(compiled);
  }

  /** With a single connection a read has to wait until the open transaction has ended, or it would see its rows. */
  async #readInTurn<R>(compiled: CompiledQuery): Promise<QueryResult<R>> {
    refuseWrite(compiled);
    this.#refuseWhenClosed();
    this.#transactions.refuseInside(
      'a read through `db` inside a transaction would miss what it wrote: use the `tx`',
    );
    return this.#transactions.between(() => this.#parts.reader.execute<R>(compiled));
  }

  #checkpointSoon(maintenance: Maintenance): void {
    this.#checkpointTimer ??= setTimeout(async () => {
      try {
        await this.#shortenLog(maintenance);
        this.#checkpointFails = false;
      } catch (error) {
        // Nothing is lost, the log only grows. A full disk would repeat this every second: say it once.
        if (!this.#checkpointFails)
          this.#parts.log.error({ err: error }, 'the write-ahead log cannot be checkpointed');
        this.#checkpointFails = true;
      } finally {
        this.#checkpointTimer = undefined;
      }
    }, this.#parts.checkpointAfterMs).unref();
  }

  async #shortenLog(maintenance: Maintenance): Promise<void> {
    if (this.#closed || maintenance.backingUp) return;
    const { log, checkpointed } = await maintenance.checkpoint();
    // Under steady writes there are always pages that came meanwhile, and the log would grow for ever. Once it is long,
    // writes wait while the few remaining pages are moved.
    if (log < LONG_LOG_PAGES || checkpointed === log || this.#closed || maintenance.backingUp) return;
    await this.#transactions.between(() => maintenance.checkpoint());
  }

  #refuseWhenClosed(): void {
    if (this.#closed) throw new StorageFailed('the storage is closed');
  }

  #reportSlowTransaction(): void {
    const ms = Math.round(this.#transactions.openFor);
    if (ms > SLOW_TRANSACTION_MS)
      this.#parts.log.error({ ms }, 'a transaction is open for very long; all writes wait');
  }
}
