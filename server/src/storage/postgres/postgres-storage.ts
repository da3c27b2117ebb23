import type { CompiledQuery, QueryResult } from 'kysely';
import type { Client, Pool } from 'pg';
import type { Logger } from 'pino';
import type { Db, OnCommit, Storage, Tx } from '../database.ts';
import { Durability } from '../durability.ts';
import { StorageFailed } from '../errors.ts';
import { FifoLock } from '../fifo-lock.ts';
import { isRead, refuseWrite } from '../statements.ts';
import { clientConfig, execute } from './connection.ts';
import { readerOver, transactionOver } from './dialect.ts';
import { refuseUnsuitable } from './requirements.ts';

/** Connections of a node for reads outside transactions. Two more write and sync. */
const READERS = 10;
/**
 * Held by every transaction that writes, on whichever node: one is open at a time, as with SQLite, so what is read inside
 * stays true until the commit. Any number that nobody else takes.
 */
const WRITE_LOCK = 4_723_107_001;
/** A node that hangs inside a transaction must not hold up the others for ever. */
const IDLE_IN_TRANSACTION_MS = 30_000;
/** For how long it is asked what became of a commit when the connection was lost. */
const ASKED_FOR_MS = 30_000;
const ASK_AGAIN_AFTER_MS = 200;

/**
 * A database on a PostgreSQL server, which several nodes may share.
 *
 * A commit does not wait for the server's disk (`synchronous_commit = off`), so the lock that all writers of the cluster
 * share is handed on at once. Answers and events wait for a sync that covers many commits: as on SQLite, `Durability` runs one
 * at a time (docs/decisions/0022-postgresql.md).
 */
export async function openPostgresStorage({ url, log }: { url: string; log: Logger }): Promise<Storage> {
  const { pg } = await import('../../kernel/packages/pg.ts');
  const pool = new pg.Pool({ ...clientConfig(url), max: READERS });
  // An idle connection that breaks is replaced with the next query.
  pool.on('error', (error) => log.warn({ err: error }, 'a connection to PostgreSQL was lost'));
  try {
    await refuseUnsuitable(pool);
  } catch (error) {
    await pool.end();
    throw error;
  }
  const connect = async (session: Readonly<Record<string, string>>): Promise<Client> => {
    const client = new pg.Client(clientConfig(url, session));
    client.on('error', (error) => log.warn({ err: error }, 'a connection to PostgreSQL was lost'));
    await client.connect();
    return client;
  };
  return new PostgresStorage(pool, connect, log);
}

type Connect = (session: Readonly<Record<string, string>>) => Promise<Client>;

interface Begun {
  client: Client;
  /** The number of the transaction (`xid8`). */
  xid: string;
}

interface OpenTransaction {
  open: boolean;
  wrote: boolean;
  /** PostgreSQL takes nothing more in a transaction after an error, although `work` may have caught it. */
  broken: unknown;
  /** Settles when the last query has ended: the driver wants one at a time, and work may ask for several at once. */
  line: Promise<unknown>;
}

class PostgresStorage implements Storage {
  readonly db: Db;
  readonly #pool: Pool;
  readonly #connect: Connect;
  readonly #log: Logger;
  readonly #lock = new FifoLock();
  readonly #durability: Durability;
  readonly #writer: Reconnecting;
  readonly #syncer: Reconnecting;
  /** The number (`xid8`) of the last transaction that was committed here. */
  #lastCommitted: string | undefined;
  #closed: Promise<void> | undefined;

  constructor(pool: Pool, connect: Connect, log: Logger) {
    this.#pool = pool;
    this.#connect = connect;
    this.#log = log;
    this.#writer = new Reconnecting(() =>
      connect({
        synchronous_commit: 'off',
        idle_in_transaction_session_timeout: String(IDLE_IN_TRANSACTION_MS),
      }),
    );
    this.#syncer = new Reconnecting(() => connect({ synchronous_commit: 'on' }));
    this.#durability = new Durability(
      () => this.#sync(),
      (error) =>
        log.fatal({ err: error.cause }, 'commits were lost: nothing is written any more until a restart'),
    );
    this.db = readerOver((compiled) => this.#read(compiled));
  }

  get failure(): Error | undefined {
    return this.#durability.failure;
  }

  async transaction<T>(work: (tx: Tx) => Promise<T>, onCommit: OnCommit = {}): Promise<T> {
    if (!this.#lock.tryAcquire()) await this.#lock.acquire();
    try {
      this.#refuseWhenClosed();
      if (this.#durability.failure) throw this.#durability.failure;
      return await this.#run(await this.#begin(), work, onCommit);
    } finally {
      this.#lock.release();
    }
  }

  durable(): Promise<void> {
    return this.#durability.wait();
  }

  async backup(): Promise<void> {
    throw new Error('this database is on a PostgreSQL server: back it up with pg_dump');
  }

  /** The server does so by itself. */
  async checkpoint(): Promise<void> {}

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    await this.#lock.acquire();
    await this.durable().catch((error: unknown) =>
      this.#log.error({ err: error }, 'closed without a last sync'),
    );
    await Promise.all([this.#writer.close(), this.#syncer.close(), this.#pool.end()]);
  }

  /** Once more where the connection was lost meanwhile: nothing was done on it yet. */
  async #begin(): Promise<Begun> {
    for (let isSecond = false; ; isSecond = true) {
      const client = await this.#writer.get();
      try {
        return { client, xid: await begin(client) };
      } catch (error) {
        this.#writer.drop(client);
        if (isSecond) throw error;
      }
    }
  }

  async #run<T>({ client, xid }: Begun, work: (tx: Tx) => Promise<T>, onCommit: OnCommit): Promise<T> {
    const transaction: OpenTransaction = {
      open: true,
      wrote: false,
      broken: undefined,
      line: Promise.resolve(),
    };
    let result: T;
    try {
      result = await work(transactionOver((compiled) => executeIn(client, transaction, compiled)));
      // What was not awaited must not follow the end of the transaction: it would be written by itself.
      transaction.open = false;
      if (transaction.broken) throw transaction.broken;
    } catch (error) {
      transaction.open = false;
      await this.#rollback(client);
      throw error;
    }
    const place = await this.#commit(client, xid, onCommit.isNumbered?.() ?? false);
    if (transaction.wrote) {
      this.#lastCommitted = xid;
      this.#durability.noteCommit();
    }
    onCommit.committed?.(place);
    return result;
  }

  /** The place of the commit among those of all nodes that are numbered. */
  async #commit(client: Client, xid: string, isNumbered: boolean): Promise<number | undefined> {
    let place: number | undefined;
    try {
      if (isNumbered) {
        const { rows } = await client.query<{ place: number }>(
          'update commit_order set place = place + 1 returning place',
        );
        place = rows[0]?.place;
      }
    } catch (error) {
      await this.#rollback(client);
      throw error;
    }
    try {
      await client.query('commit');
    } catch (error) {
      this.#writer.drop(client);
      if (!(await this.#wasCommitted(xid))) throw error;
    }
    return place;
  }

  async #rollback(client: Client): Promise<void> {
    try {
      await client.query('rollback');
    } catch {
      // The server rolls back what a connection leaves open.
      this.#writer.drop(client);
    }
  }

  /**
   * Writing a mark of no meaning with `synchronous_commit = on` waits until the server's log is on its disk up to there, and
   * with it every earlier commit.
   */
  async #sync(): Promise<void> {
    const last = this.#lastCommitted;
    try {
      await flush(await this.#syncer.get());
    } catch (error) {
      this.#log.warn({ err: error }, 'PostgreSQL could not be asked to sync; trying again');
      if (last === undefined || !(await this.#wasCommitted(last))) throw error;
      await flush(await this.#syncer.get());
    }
  }

  /** What became of a commit whose answer was lost: a server that crashed may have forgotten it. Throws when nobody says. */
  async #wasCommitted(xid: string): Promise<boolean> {
    const until = performance.now() + ASKED_FOR_MS;
    for (;;) {
      let client: Client | undefined;
      try {
        client = await this.#connect({});
        const { rows } = await client.query<{ status: string }>('select pg_xact_status($1::xid8) as status', [
          xid,
        ]);
        if (rows[0]?.status !== 'in progress') return rows[0]?.status === 'committed';
      } catch (error) {
        if (performance.now() > until)
          throw new StorageFailed('nobody knows whether a commit was lost', { cause: error });
      } finally {
        await client?.end().catch(() => {});
      }
      await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_AFTER_MS));
    }
  }

  async #read<R>(compiled: CompiledQuery): Promise<QueryResult<R>> {
    refuseWrite(compiled);
    this.#refuseWhenClosed();
    const client = await this.#pool.connect();
    let failed: Error | undefined;
    try {
      return await execute<R>(client, compiled);
    } catch (error) {
      if (!('severity' in (error as object))) failed = error as Error;
      throw error;
    } finally {
      // One that broke is not used again.
      client.release(failed);
    }
  }

  #refuseWhenClosed(): void {
    if (this.#closed) throw new StorageFailed('the storage is closed');
  }
}

async function begin(client: Client): Promise<string> {
  const results = (await client.query(
    `begin; select pg_advisory_xact_lock(${WRITE_LOCK}); select pg_current_xact_id()::text as xid`,
  )) as unknown as { rows: { xid: string }[] }[];
  return results.at(-1)?.rows[0]?.xid ?? '';
}

const flush = (client: Client): Promise<unknown> =>
  client.query("select pg_logical_emit_message(true, 'gantry', '')");

function executeIn<R>(
  client: Client,
  transaction: OpenTransaction,
  compiled: CompiledQuery,
): Promise<QueryResult<R>> {
  const result = transaction.line.then(() => executeNext<R>(client, transaction, compiled));
  transaction.line = result.catch(() => {});
  return result;
}

async function executeNext<R>(
  client: Client,
  transaction: OpenTransaction,
  compiled: CompiledQuery,
): Promise<QueryResult<R>> {
  if (!transaction.open) throw new Error('the transaction is over; is an `await` missing?');
  if (transaction.broken) throw transaction.broken;
  if (!isRead(compiled)) transaction.wrote = true;
  try {
    return await execute<R>(client, compiled);
  } catch (error) {
    transaction.broken = error;
    throw error;
  }
}

/** A connection that is made when it is first needed, and again after it was lost. */
class Reconnecting {
  readonly #connect: () => Promise<Client>;
  #client: Promise<Client> | undefined;

  constructor(connect: () => Promise<Client>) {
    this.#connect = connect;
  }

  get(): Promise<Client> {
    if (!this.#client) {
      const made = this.#connect();
      this.#client = made;
      const forget = () => {
        if (this.#client === made) this.#client = undefined;
      };
      made.then((client) => client.on('end', forget), forget);
    }
    return this.#client;
  }

  drop(client: Client): void {
    this.#client = undefined;
    client.end().catch(() => {});
  }

  async close(): Promise<void> {
    const client = await this.#client?.catch(() => undefined);
    this.#client = undefined;
    await client?.end();
  }
}
