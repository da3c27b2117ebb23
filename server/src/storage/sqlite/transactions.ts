import { AsyncLocalStorage } from 'node:async_hooks';
import { setImmediate } from 'node:timers';
import type { QueryResult } from 'kysely';
import type { Tx } from '../database.ts';
import { mayHaveEndedTransaction } from '../errors.ts';
import { FifoLock } from '../fifo-lock.ts';
import { type Group, newGroup } from '../group.ts';
import { LateWrites, type Undo } from '../late-writes.ts';
import { type OneRowQuery, RememberedRows } from '../remembered-rows.ts';
import { isRead } from '../statements.ts';
import type { SqliteConnection } from './connection.ts';
import { transactionOver } from './dialect.ts';

interface OpenTransaction {
  readonly of: Transactions;
  open: boolean;
  wrote: boolean;
  /** An error after which the transaction cannot be trusted any more, although `work` may have caught it. */
  broken: unknown;
  /** For the watchdog, by `performance.now()`. */
  since: number;
  /** What it did to the writes that wait for the commit. */
  late: Undo;
}

export interface TransactionOptions {
  /** Throws when nothing may be written. Called before the begin and before the commit. */
  admit(): void;
  /** Settles with the disk sync that runs now; undefined when none runs. */
  syncing(): Promise<void> | undefined;
  /** Called right after a commit that changed something. */
  committed(): void;
  /**
   * Notice code that would wait for itself, and code that changes what is remembered of rows. The first takes async context
   * tracking, which makes every promise of the process a little slower: on in memory (that is, in tests), where such code is to
   * be found, and off on files.
   */
  trace: boolean;
}

/**
 * Tells from inside which transaction a call comes. One for all databases of the process: before Node 24 each that was ever used
 * makes every promise slower, and a run of the tests opens hundreds.
 */
const inside = new AsyncLocalStorage<OpenTransaction>();

/** Bounds how long the first member of a group waits for the last. */
const MAX_GROUP = 128;

/**
 * Runs transactions on the writing connection, one after the other. Those that run within one turn of the event loop, or
 * while the disk is busy with a sync, share a COMMIT: writing the pages that they all change (a room's row, the end of an
 * index) once instead of each time is most of the cost of a small transaction. Nobody waits longer for it, because a commit
 * counts only after a sync that started later. Each is a savepoint, so one that throws takes back only its own changes.
 */
export class Transactions {
  readonly #lock = new FifoLock();
  readonly #connection: SqliteConnection;
  readonly #options: TransactionOptions;
  readonly #rows: RememberedRows;
  readonly #late = new LateWrites();
  #current: OpenTransaction | undefined;
  #group: Group | undefined;

  constructor(connection: SqliteConnection, options: TransactionOptions) {
    this.#connection = connection;
    this.#options = options;
    this.#rows = new RememberedRows(options.trace);
  }

  /** For how long the current transaction is open, in ms; 0 without one. */
  get openFor(): number {
    return this.#current ? performance.now() - this.#current.since : 0;
  }

  /** Throws when the caller is inside a transaction that is still open (only with `trace`). */
  refuseInside(advice: string): void {
    const caller = inside.getStore();
    if (caller?.of === this && caller.open) throw new Error(advice);
  }

  /** Resolves after the commit. */
  async run<T>(work: (tx: Tx) => Promise<T>, onCommit?: () => void): Promise<T> {
    this.refuseInside('a transaction inside a transaction would wait for itself: pass the `tx` on');
    if (!this.#lock.tryAcquire()) await this.#lock.acquire();
    let group: Group;
    let result: T;
    try {
      group = this.#joinGroup();
      result = await this.#runMember(group, work);
      group.members += 1;
      if (onCommit) group.onCommit.push(onCommit);
    } finally {
      this.#lock.release();
    }
    await group.committed;
    return result;
  }

  /** Runs something between transactions: when it runs, everything before is committed and nothing is open. */
  async between<T>(run: () => T): Promise<Awaited<T>> {
    if (!this.#lock.tryAcquire()) await this.#lock.acquire();
    try {
      this.#commit();
      return await run();
    } finally {
      this.#lock.release();
    }
  }

  /** As `between`, and nothing runs ever after. */
  async stop(): Promise<void> {
    await this.#lock.acquire();
    this.#commit();
  }

  async #runMember<T>(group: Group, work: (tx: Tx) => Promise<T>): Promise<T> {
    const transaction: OpenTransaction = {
      of: this,
      open: true,
      wrote: false,
      broken: undefined,
      since: performance.now(),
      late: [],
    };
    this.#current = transaction;
    try {
      this.#connection.run('SAVEPOINT member');
      const tx = transactionOver((compiled) => this.#execute(transaction, compiled), this.#rows);
      const result = await (this.#options.trace ? inside.run(transaction, work, tx) : work(tx));
      if (transaction.broken) throw transaction.broken;
      this.#connection.run('RELEASE member');
      group.wrote ||= transaction.wrote;
      return result;
    } catch (error) {
      this.#takeBack(group, transaction, error);
      throw error;
    } finally {
      transaction.open = false;
      this.#current = undefined;
    }
  }

  #joinGroup(): Group {
    if (this.#group && this.#group.members >= MAX_GROUP) this.#commit();
    this.#options.admit();
    if (!this.#group) {
      this.#connection.run('BEGIN IMMEDIATE');
      this.#rows.forgetUnless(this.#connection.dataVersion());
      const group = newGroup();
      this.#group = group;
      setImmediate(() => void this.#commitWhenUseful(group));
    }
    return this.#group;
  }

  async #commitWhenUseful(group: Group): Promise<void> {
    // A sync that fails is reported by those who wait for it; here it only ends.
    await this.#options.syncing()?.catch(() => {});
    // It may be committed already, because it was full or something had to run after it.
    if (this.#group === group) await this.between(() => {});
  }

  /** Never throws: whether it went well is told to the members. */
  #commit(): void {
    const group = this.#group;
    if (!group) return;
    this.#group = undefined;
    try {
      this.#options.admit();
      this.#late.write((compiled) => this.#connection.execute(compiled));
      this.#connection.run('COMMIT');
    } catch (error) {
      this.#rollback();
      group.reject(error);
      return;
    }
    if (group.wrote) this.#options.committed();
    for (const onCommit of group.onCommit) onCommit();
    group.resolve();
  }

  /** Undoes one member, or the whole group when SQLite may have ended the transaction of all by itself. */
  #takeBack(group: Group, { broken, wrote, late }: OpenTransaction, error: unknown): void {
    if (wrote) this.#rows.forgetAll();
    if (!broken && !mayHaveEndedTransaction(error)) {
      this.#connection.run('ROLLBACK TO member');
      this.#connection.run('RELEASE member');
      this.#late.undo(late);
      return;
    }
    // What the other members did is gone too.
    this.#group = undefined;
    this.#rollback();
    group.reject(error);
  }

  async #execute<R>(transaction: OpenTransaction, compiled: OneRowQuery): Promise<QueryResult<R>> {
    if (!transaction.open) throw new Error('the transaction is over; is an `await` missing?');
    if (transaction.broken) throw transaction.broken;
    const writes = !isRead(compiled);
    if (writes) transaction.wrote = true;
    if (this.#late.take(compiled, transaction.late)) {
      this.#rows.noteWrite(compiled);
      return { rows: [], numAffectedRows: 1n };
    }
    try {
      if (this.#late.mustPrecede(compiled))
        this.#late.write((waiting) => this.#connection.execute(waiting), transaction.late);
      const result = this.#connection.execute<R>(compiled);
      if (writes) this.#rows.noteWrite(compiled);
      return result;
    } catch (error) {
      if (mayHaveEndedTransaction(error)) transaction.broken = error;
      throw error;
    }
  }

  #rollback(): void {
    this.#rows.forgetAll();
    this.#late.forget();
    const { database } = this.#connection;
    if (database.isTransaction === false) return;
    try {
      this.#connection.run('ROLLBACK');
    } catch (error) {
      // SQLite rolls back by itself after some errors; then there is nothing left to do.
      if (!(error instanceof Error && error.message.includes('no transaction is active'))) throw error;
    }
  }
}
