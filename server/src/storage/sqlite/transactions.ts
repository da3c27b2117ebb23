import { AsyncLocalStorage } from 'node:async_hooks';
import type { CompiledQuery, QueryResult } from 'kysely';
import type { Tx } from '../database.ts';
import { mayHaveEndedTransaction } from '../errors.ts';
import { FifoLock } from '../fifo-lock.ts';
import { isRead, type SqliteConnection } from './connection.ts';
import { transactionOver } from './dialect.ts';

interface OpenTransaction {
  open: boolean;
  wrote: boolean;
  /** An error after which the transaction cannot be trusted any more, although `work` may have caught it. */
  broken: unknown;
  /** For the watchdog, by `performance.now()`. */
  since: number;
}

export interface TransactionOptions {
  /** Throws when nothing may be written. Called before the begin and before the commit. */
  admit(): void;
  /** Called right after a commit that changed something. */
  committed(): void;
  /**
   * Notice code that would wait for itself. It takes async context tracking, which makes every promise of the process a
   * little slower: on in memory (that is, in tests), where such code is to be found, and off on files.
   */
  trace: boolean;
}

/** Runs transactions on the writing connection, one after the other. */
export class Transactions {
  readonly lock = new FifoLock();
  readonly #connection: SqliteConnection;
  readonly #options: TransactionOptions;
  /** Tells from inside which transaction a call comes; only with `trace`. */
  readonly #inside: AsyncLocalStorage<OpenTransaction> | undefined;
  #current: OpenTransaction | undefined;

  constructor(connection: SqliteConnection, options: TransactionOptions) {
    this.#connection = connection;
    this.#options = options;
    this.#inside = options.trace ? new AsyncLocalStorage() : undefined;
  }

  /** For how long the current transaction is open, in ms; 0 without one. */
  get openFor(): number {
    return this.#current ? performance.now() - this.#current.since : 0;
  }

  /** Throws when the caller is inside a transaction that is still open (only with `trace`). */
  refuseInside(advice: string): void {
    if (this.#inside?.getStore()?.open) throw new Error(advice);
  }

  async run<T>(work: (tx: Tx) => Promise<T>, onCommit?: () => void): Promise<T> {
    this.refuseInside('a transaction inside a transaction would wait for itself: pass the `tx` on');
    if (!this.lock.tryAcquire()) await this.lock.acquire();
    const transaction: OpenTransaction = {
      open: true,
      wrote: false,
      broken: undefined,
      since: performance.now(),
    };
    this.#current = transaction;
    try {
      this.#options.admit();
      this.#connection.run('BEGIN IMMEDIATE');
      const tx = transactionOver((compiled) => this.#execute(transaction, compiled));
      const result = await (this.#inside ? this.#inside.run(transaction, work, tx) : work(tx));
      if (transaction.broken) throw transaction.broken;
      this.#options.admit();
      this.#connection.run('COMMIT');
      transaction.open = false;
      if (transaction.wrote) this.#options.committed();
      onCommit?.();
      return result;
    } catch (error) {
      if (transaction.open) this.#rollback();
      throw error;
    } finally {
      transaction.open = false;
      this.#current = undefined;
      this.lock.release();
    }
  }

  async #execute<R>(transaction: OpenTransaction, compiled: CompiledQuery): Promise<QueryResult<R>> {
    if (!transaction.open) throw new Error('the transaction is over; is an `await` missing?');
    if (transaction.broken) throw transaction.broken;
    if (!isRead(compiled)) transaction.wrote = true;
    try {
      return this.#connection.execute<R>(compiled);
    } catch (error) {
      if (mayHaveEndedTransaction(error)) transaction.broken = error;
      throw error;
    }
  }

  #rollback(): void {
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
