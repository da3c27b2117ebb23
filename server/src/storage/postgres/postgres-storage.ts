import { randomInt } from 'node:crypto';
import { type CompiledQuery, type QueryResult, sql } from 'kysely';
import type { Client, Pool } from 'pg';
import type { Logger } from 'pino';
import type { Db, OnCommit, SharedClock, SharedDatabase, Storage, ToldCommit, Tx } from '../database.ts';
import { Durability } from '../durability.ts';
import { StorageFailed } from '../errors.ts';
import { FifoLock } from '../fifo-lock.ts';
import { isRead, refuseWrite } from '../statements.ts';
import { clientConfig, execute } from './connection.ts';
import { readerOver, transactionOver } from './dialect.ts';
import { refuseUnsuitable } from './requirements.ts';

/** Connections of a node for reads outside transactions. Three more write, sync, and say that it is there. */
const READERS = 10;
/** Any two numbers that no other program takes as advisory locks in this database. */
const LOCKS = {
  /**
   * Held by every transaction that writes, on whichever node: one is open at a time, as with SQLite, so what is read inside
   * stays true until the commit.
   */
  write: 4_723_107_001,
  /** Held by every node for as long as it runs: alone by one that knows of no others, else together. */
  present: 4_723_107_002,
  /** Held by a node that is starting. */
  start: 4_723_107_003,
  /** Held by the node that does what is done once for all, on the connection that says that it is there. */
  lead: 4_723_107_004,
};
/** Each of several nodes holds the lock of this number and its own. */
const NODE_LOCK = 472_310_700;
/** How often it is looked whether the others still see this node. */
const PRESENT_EVERY_MS = 1000;
/** The server notices within a minute that a machine is gone, and with it its locks. */
const KEEPALIVE = { tcp_keepalives_idle: '20', tcp_keepalives_interval: '10', tcp_keepalives_count: '3' };
/** A node that hangs inside a transaction must not hold up the others for ever. */
const IDLE_IN_TRANSACTION_MS = 30_000;
/** For how long it is asked what became of a commit when the connection was lost. */
const ASKED_FOR_MS = 30_000;
const ASK_AGAIN_AFTER_MS = 200;
const RELEASED_AFTER_MS = 3000;
/** A start that waits for another says so after this long. */
const LONG_WAIT_MS = 5000;

export interface PostgresOptions {
  url: string;
  /** Other processes may use the database, too; they hear of each other (`Storage.share`). */
  shared: boolean;
  log: Logger;
}

/**
 * A database on a PostgreSQL server, which several nodes may share.
 *
 * A commit does not wait for the server's disk (`synchronous_commit = off`), so the lock that all writers of the cluster
 * share is handed on at once. Answers and events wait for a sync that covers many commits: as on SQLite, `Durability` runs one
 * at a time (docs/decisions/0022-postgresql.md).
 */
export async function openPostgresStorage({ url, shared, log }: PostgresOptions): Promise<Storage> {
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
  const storage = new PostgresStorage(pool, connect, { shared, log });
  try {
    await storage.present();
  } catch (error) {
    await storage.close();
    throw error;
  }
  return storage;
}

type Connect = (session: Readonly<Record<string, string>>) => Promise<Client>;

interface OpenTransaction {
  open: boolean;
  wrote: boolean;
  /** PostgreSQL takes nothing more in a transaction after an error, although `work` may have caught it. */
  broken: unknown;
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
  readonly #presence: Reconnecting;
  /** This process among those that use the database. */
  readonly #node = randomInt(1, 2 ** 31 - 1);
  /** Set by `share`. */
  #clock: SharedClock | undefined;
  #watch: NodeJS.Timeout | undefined;
  readonly #regained: (() => void)[] = [];
  /** The connection on which this node holds the lock of the one that leads. */
  #leading: Client | undefined;
  readonly #shared: boolean;
  /** The number (`xid8`) of the last transaction that was committed here. */
  #lastCommitted: string | undefined;
  #closed: Promise<void> | undefined;

  constructor(pool: Pool, connect: Connect, { shared, log }: { shared: boolean; log: Logger }) {
    this.#pool = pool;
    this.#connect = connect;
    this.#log = log;
    this.#shared = shared;
    this.#writer = new Reconnecting(() =>
      connect({
        synchronous_commit: 'off',
        idle_in_transaction_session_timeout: String(IDLE_IN_TRANSACTION_MS),
      }),
    );
    this.#syncer = new Reconnecting(() => connect({ synchronous_commit: 'on' }));
    this.#presence = new Reconnecting(async () => {
      const client = await connect(KEEPALIVE);
      await holdPresence(client, shared);
      if (shared) await listNode(client, this.#node);
      for (const listener of this.#regained) listener();
      return client;
    });
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

  /** Makes sure that this process may use the database; again, when the connection that says so was lost. */
  async present(): Promise<void> {
    this.#refuseWhenClosed();
    await this.#presence.get();
  }

  async transaction<T>(work: (tx: Tx) => Promise<T>, onCommit: OnCommit = {}): Promise<T> {
    // The lock is not given back after the end.
    this.#refuseWhenClosed();
    if (!this.#lock.tryAcquire()) await this.#lock.acquire();
    try {
      this.#refuseWhenClosed();
      if (this.#durability.failure) throw this.#durability.failure;
      await this.present();
      const client = await this.#writer.get();
      return await this.#run(client, work, onCommit);
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
    clearInterval(this.#watch);
    await this.#lock.acquire();
    await this.durable().catch((error: unknown) =>
      this.#log.error({ err: error }, 'closed without a last sync'),
    );
    await Promise.all([this.#writer.close(), this.#syncer.close(), this.#presence.close(), this.#pool.end()]);
  }

  async share(clock: SharedClock): Promise<SharedDatabase> {
    this.#clock = clock;
    const [named] = await this.#ask<{ database: string }>('select database from commit_order');
    this.#watch = setInterval(() => {
      // Whoever needs the connection next reports what is wrong.
      this.present().catch(() => {});
    }, PRESENT_EVERY_MS).unref();
    return {
      name: named?.database ?? '',
      node: String(this.#node),
      lastPlace: async () =>
        (await this.#ask<{ place: number }>('select place from commit_order'))[0]?.place ?? 0,
      commitsAfter: (place, limit) => this.#toldAfter(place, limit),
      forgetCommitsBefore: async (at) => {
        await this.#ask('delete from commit_events where at < $1', [at]);
      },
      liveNodes,
      onRegained: (listener) => this.#regained.push(listener),
      leads: () => this.#leads(),
    };
  }

  async alone<T>(work: () => Promise<T>): Promise<T> {
    if (!this.#shared) return work();
    const client = await this.#connect(KEEPALIVE);
    const note = setTimeout(
      () => this.#log.info('waiting for another node that is starting'),
      LONG_WAIT_MS,
    ).unref();
    try {
      await client.query(`select pg_advisory_lock(${LOCKS.start})`);
      clearTimeout(note);
      const result = await work();
      await client.query(`select pg_advisory_unlock(${LOCKS.start})`);
      return result;
    } finally {
      clearTimeout(note);
      await client.end().catch(() => {});
    }
  }

  async #leads(): Promise<boolean> {
    this.#refuseWhenClosed();
    const client = await this.#presence.get();
    // The server is asked in any case: a node that was cut off must not go on.
    const { rows } = await client.query<{ held: number }>(
      this.#leading === client ? 'select 1 as held' : `select pg_try_advisory_lock(${LOCKS.lead}) as held`,
    );
    const leads = rows[0]?.held === 1;
    if (leads) this.#leading = client;
    return leads;
  }

  async #toldAfter(place: number, limit: number): Promise<ToldCommit[]> {
    const rows = await this.#ask<ToldCommit>(
      'select place, node, body from commit_events where place > $1 order by place limit $2',
      [place, limit],
    );
    // A commit can be read before it is on the server's disk; nobody may hear of what could still be lost.
    if (rows.length > 0) await flush(await this.#syncer.get());
    return rows;
  }

  async #ask<R extends object>(text: string, values: unknown[] = []): Promise<R[]> {
    this.#refuseWhenClosed();
    return (await this.#pool.query<R>(text, values)).rows;
  }

  async #run<T>(client: Client, work: (tx: Tx) => Promise<T>, onCommit: OnCommit): Promise<T> {
    const transaction: OpenTransaction = { open: true, wrote: false, broken: undefined };
    let xid: string;
    let result: T;
    let place: number | undefined;
    try {
      xid = await this.#begin(client);
      result = await work(transactionOver((compiled) => executeIn(client, transaction, compiled)));
      if (transaction.broken) throw transaction.broken;
      place = await this.#tell(client, onCommit.told?.());
    } catch (error) {
      await this.#rollback(client);
      throw error;
    } finally {
      transaction.open = false;
    }
    await this.#commit(client, xid);
    if (transaction.wrote || place !== undefined) {
      this.#lastCommitted = xid;
      this.#durability.noteCommit();
    }
    onCommit.committed?.(place);
    return result;
  }

  /** The number of the transaction, which waits until no other is open. */
  async #begin(client: Client): Promise<string> {
    const stamp = this.#clock ? '(select stamp from commit_order)' : '0';
    // In statements of their own: what is read must be read after the lock is there.
    const results = (await client.query(
      `begin; select pg_advisory_xact_lock(${LOCKS.write}); select pg_current_xact_id()::text as xid, ${stamp} as stamp`,
    )) as unknown as { rows: { xid: string; stamp: number }[] }[];
    const row = results.at(-1)?.rows[0];
    if (!row) throw new Error('PostgreSQL began no transaction');
    this.#clock?.raise(row.stamp);
    return row.xid;
  }

  /** Stores what the other nodes are to know; the place of the commit when it is told of. */
  async #tell(client: Client, body: Uint8Array | undefined): Promise<number | undefined> {
    const clock = this.#clock;
    if (!clock) return undefined;
    if (!body) {
      await client.query('update commit_order set stamp = $1 where stamp < $1', [clock.newestStamp()]);
      return undefined;
    }
    const { rows } = await client.query<{ place: number }>(
      `with moved as (update commit_order set place = place + 1, stamp = greatest(stamp, $1) returning place)
       insert into commit_events (place, node, at, body) select place, $2, $3, $4 from moved returning place`,
      [clock.newestStamp(), String(this.#node), clock.now(), body],
    );
    return rows[0]?.place;
  }

  async #commit(client: Client, xid: string): Promise<void> {
    try {
      await client.query('commit');
    } catch (error) {
      this.#writer.drop(client);
      if (!(await this.#wasCommitted(xid))) throw error;
    }
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

/**
 * Says that this process uses the database. One that expects no others is refused beside another, and others beside it: they
 * would not hear of each other's commits.
 */
async function holdPresence(client: Client, shared: boolean): Promise<void> {
  const lock = shared ? 'pg_try_advisory_lock_shared' : 'pg_try_advisory_lock';
  // The server notices only after a moment that a process is gone that was killed.
  const until = performance.now() + RELEASED_AFTER_MS;
  do {
    const { rows } = await client.query<{ held: number }>(`select ${lock}(${LOCKS.present}) as held`);
    if (rows[0]?.held === 1) return;
    await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_AFTER_MS));
  } while (performance.now() < until);
  await client.end();
  throw new Error(
    shared
      ? 'A server without NATS uses this database. Stop it, or give both the address of one NATS server (natsUrl).'
      : 'Another server uses this database. Several may when each is given the address of one NATS server (natsUrl).',
  );
}

async function listNode(client: Client, node: number): Promise<void> {
  const { rows } = await client.query<{ held: number }>('select pg_try_advisory_lock($1, $2) as held', [
    NODE_LOCK,
    node,
  ]);
  if (rows[0]?.held !== 1) throw new Error('another node has the same number');
}

async function liveNodes(db: Db): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ node: string }>`select objid::text as node from pg_locks
    where locktype = 'advisory' and classid = ${NODE_LOCK} and objsubid = 2 and granted
    and database = (select oid from pg_database where datname = current_database())`.execute(db);
  return new Set(rows.map((row) => row.node));
}

const flush = (client: Client): Promise<unknown> =>
  client.query("select pg_logical_emit_message(true, 'gantry', '')");

async function executeIn<R>(
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
