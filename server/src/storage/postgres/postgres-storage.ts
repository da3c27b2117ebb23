import { randomInt } from 'node:crypto';
import type { CompiledQuery, QueryResult } from 'kysely';
import type { Client, Pool } from 'pg';
import type { Logger } from 'pino';
import type { Db, OnCommit, SharedClock, SharedDatabase, Storage, ToldCommit, Tx } from '../database.ts';
import { Durability } from '../durability.ts';
import { StorageFailed } from '../errors.ts';
import { FifoLock } from '../fifo-lock.ts';
import { type OneRowQuery, RememberedRows } from '../remembered-rows.ts';
import { isRead, refuseWrite } from '../statements.ts';
import { clientConfig, execute, meaningOf, saying } from './connection.ts';
import { readerOver, transactionOver } from './dialect.ts';
import { holdPresence, KEEPALIVE, listNode, liveNodes } from './nodes.ts';
import { Reconnecting } from './reconnecting.ts';
import { refuseUnsuitable } from './requirements.ts';

/** Connections of a node for reads outside transactions. Three more write, sync, and say that it is there. */
const READERS = 10;
/** Numbers that no other program takes as advisory locks in this database. */
const LOCKS = {
  /**
   * Held by every transaction that writes, on whichever node: one is open at a time, as with SQLite, so what is read inside
   * stays true until the commit.
   */
  write: 4_723_107_001,
  /** Held by a node that is starting. */
  start: 4_723_107_003,
  /** Held by the node that does what is done once for all, on the connection that says that it is there. */
  lead: 4_723_107_004,
};
/** How often it is looked whether the others still see this node. */
const PRESENT_EVERY_MS = 1000;
/** A node that hangs inside a transaction must not hold up the others for ever. */
const IDLE_IN_TRANSACTION_MS = 30_000;
/** For how long it is asked what became of a commit when the connection was lost. */
const ASKED_FOR_MS = 30_000;
const ASK_AGAIN_AFTER_MS = 200;
/** Commits that are forgotten by one statement. */
const TOLD_AT_ONCE = 5000;
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

interface Told {
  version: number;
  place: number;
}

const NOTE_WRITE =
  'update commit_order set version = version + 1, stamp = greatest(stamp, $1) returning version, place';
const TELL = `with moved as (
    update commit_order set version = version + 1, place = place + 1, stamp = greatest(stamp, $1) returning version, place
  ), told as (
    insert into commit_events (place, node, at, body) select place, $2, $3, $4 from moved
  ) select version, place from moved`;

type Connect = (session: Readonly<Record<string, string>>) => Promise<Client>;

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
  readonly lost: Promise<Error>;
  readonly #pool: Pool;
  readonly #connect: Connect;
  readonly #log: Logger;
  readonly #lock = new FifoLock();
  readonly #rows = new RememberedRows(false);
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
  /** How many commits of this process wrote something. The database keeps the same number, so it is known which it has. */
  #commits = 0;
  /** The connection for syncs, once it is known that the server had all earlier commits when it was made. */
  #proven: Client | undefined;
  /** The connection for writing, once what was committed on the one before it is durable. */
  #settled: Client | undefined;
  /** The connection on which this node holds the lock of the one that leads. */
  #leading: Client | undefined;
  readonly #shared: boolean;
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
    let lose: (error: Error) => void = () => {};
    this.lost = new Promise((resolve) => {
      lose = resolve;
    });
    this.#durability = new Durability(
      () => this.#sync(),
      (error) => {
        log.fatal({ err: error.cause }, 'commits may be lost: nothing is written any more until a restart');
        lose(error);
      },
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
    clearInterval(this.#watch);
    await this.#lock.acquire();
    await this.durable().catch((error: unknown) =>
      this.#log.error({ err: error }, 'closed without a last sync'),
    );
    await Promise.all([this.#writer.close(), this.#syncer.close(), this.#presence.close(), this.#pool.end()]);
  }

  async share(clock: SharedClock): Promise<SharedDatabase> {
    this.#clock = clock;
    const [named] = await this.#ask<{ database: string; place: string }>(
      `select database, (select system_identifier from pg_control_system())::text || '-' ||
         (select oid from pg_database where datname = current_database())::text as place from commit_order`,
    );
    this.#watch = setInterval(() => {
      // Whoever needs the connection next reports what is wrong.
      this.present().catch(() => {});
    }, PRESENT_EVERY_MS).unref();
    return {
      name: named?.database ?? '',
      place: named?.place ?? '',
      node: String(this.#node),
      lastPlace: async () =>
        (await this.#ask<{ place: number }>('select place from commit_order'))[0]?.place ?? 0,
      commitsAfter: (place, limit) => this.#toldAfter(place, limit),
      forgetCommitsBefore: (at) => this.#forgetTold(at),
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

  /** The oldest first, some at a time, as long as all of them were old. */
  async #forgetTold(before: number): Promise<void> {
    for (let forgotten = TOLD_AT_ONCE; forgotten === TOLD_AT_ONCE; ) {
      const [row] = await this.#ask<{ forgotten: number }>(
        `with oldest as (select place from commit_events order by place limit ${TOLD_AT_ONCE}),
           gone as (delete from commit_events where place in (select place from oldest) and at < $1 returning 1)
         select count(*) as forgotten from gone`,
        [before],
      );
      forgotten = row?.forgotten ?? 0;
    }
  }

  async #toldAfter(place: number, limit: number): Promise<ToldCommit[]> {
    // There before the rows are read: a server that crashes meanwhile ends it.
    const client = await this.#syncer.get();
    const rows = await this.#ask<ToldCommit>(
      'select place, node, body from commit_events where place > $1 order by place limit $2',
      [place, limit],
    );
    // A commit can be read before it is on the server's disk; nobody may hear of what could still be lost.
    if (rows.length > 0) await flush(client);
    return rows;
  }

  async #ask<R extends object>(text: string, values: unknown[] = []): Promise<R[]> {
    this.#refuseWhenClosed();
    return (await this.#pool.query<R>(text, values)).rows;
  }

  /** Once more where the connection was lost meanwhile: nothing was done on it yet. */
  async #begin(): Promise<Client> {
    for (let isSecond = false; ; isSecond = true) {
      const client = await saying(this.present().then(() => this.#writer.get()));
      try {
        await this.#settleCommits(client);
        await saying(this.#waitForTurn(client));
        return client;
      } catch (error) {
        this.#writer.drop(client);
        if (isSecond || error instanceof StorageFailed) throw error;
      }
    }
  }

  async #run<T>(client: Client, work: (tx: Tx) => Promise<T>, onCommit: OnCommit): Promise<T> {
    const transaction: OpenTransaction = {
      open: true,
      wrote: false,
      broken: undefined,
      line: Promise.resolve(),
    };
    let result: T;
    let place: number | undefined;
    try {
      result = await work(
        transactionOver((compiled) => this.#execute(client, transaction, compiled), this.#rows),
      );
      // What was not awaited must not follow the end of the transaction: it would be written by itself.
      transaction.open = false;
      if (transaction.broken) throw transaction.broken;
      place = await saying(this.#tell(client, transaction.wrote, onCommit.told?.()));
    } catch (error) {
      transaction.open = false;
      await this.#rollback(client);
      throw error;
    }
    await this.#commit(client, transaction.wrote || place !== undefined);
    onCommit.committed?.(place);
    return result;
  }

  /**
   * On a new connection: nothing is written before it is known what became of the commits before, because the number that says
   * so is overwritten by the next one.
   */
  async #settleCommits(client: Client): Promise<void> {
    if (client === this.#settled) return;
    await this.durable();
    this.#settled = client;
  }

  /** Waits until no other transaction is open, of whichever node. */
  async #waitForTurn(client: Client): Promise<void> {
    const order = this.#clock ? 'select version, stamp from commit_order' : 'select 0 as version, 0 as stamp';
    // In statements of their own: what is read must be read after the lock is there.
    const results = (await client.query(
      `begin; select pg_advisory_xact_lock(${LOCKS.write}); ${order}`,
    )) as unknown as { rows: { version: number; stamp: number }[] }[];
    const row = results.at(-1)?.rows[0];
    if (!row) throw new Error('PostgreSQL began no transaction');
    this.#clock?.raise(row.stamp);
    this.#rows.forgetUnless(row.version);
  }

  /**
   * Stores what the other nodes are to know: that something was written, the newest stamp, and the events. Gives the place of
   * the commit when it has events.
   */
  async #tell(client: Client, wrote: boolean, body: Uint8Array | undefined): Promise<number | undefined> {
    const clock = this.#clock;
    if (!clock || (!wrote && !body)) return undefined;
    const { rows } = body
      ? await client.query<Told>(TELL, [clock.newestStamp(), String(this.#node), clock.now(), body])
      : await client.query<Told>(NOTE_WRITE, [clock.newestStamp()]);
    this.#rows.reach(rows[0]?.version);
    return body && rows[0]?.place;
  }

  /** Queries of a transaction stand in a line: after one that failed no other is sent. */
  #execute<R>(client: Client, transaction: OpenTransaction, compiled: OneRowQuery): Promise<QueryResult<R>> {
    const result = transaction.line.then(() => this.#executeNext<R>(client, transaction, compiled));
    transaction.line = result.catch(() => {});
    return result;
  }

  async #executeNext<R>(
    client: Client,
    transaction: OpenTransaction,
    compiled: OneRowQuery,
  ): Promise<QueryResult<R>> {
    if (!transaction.open) throw new Error('the transaction is over; is an `await` missing?');
    if (transaction.broken) throw transaction.broken;
    const writes = !isRead(compiled);
    if (writes) transaction.wrote = true;
    try {
      const result = await execute<R>(client, compiled);
      if (writes) this.#rows.noteWrite(compiled);
      return result;
    } catch (error) {
      transaction.broken = error;
      throw error;
    }
  }

  async #commit(client: Client, wrote: boolean): Promise<void> {
    const number = this.#commits + (wrote ? 1 : 0);
    try {
      await client.query(wrote ? `${markOf(this.#node, number)}; commit` : 'commit');
    } catch (error) {
      this.#rows.forgetAll();
      this.#writer.drop(client);
      if (!wrote || !(await this.#has(number))) throw meaningOf(error);
    }
    this.#commits = number;
    if (wrote) this.#durability.noteCommit();
  }

  async #rollback(client: Client): Promise<void> {
    this.#rows.forgetAll();
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
    const until = performance.now() + ASKED_FOR_MS;
    for (;;) {
      let client: Client | undefined;
      try {
        client = await this.#syncer.get();
        await this.#proveCommits(client);
        await flush(client);
        return;
      } catch (error) {
        if (client) this.#syncer.drop(client);
        if (error instanceof StorageFailed) throw error;
        this.#log.warn({ err: error }, 'PostgreSQL could not be asked to sync');
        if (performance.now() > until) throw error;
        await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_AFTER_MS));
      }
    }
  }

  /**
   * A sync says only that what the server has is on its disk. On a connection that was there before the commits that is all of
   * them; on a new one the server may have crashed in between.
   */
  async #proveCommits(client: Client): Promise<void> {
    if (client === this.#proven) return;
    // What is in memory followed them, so there is no going on without them.
    if (!(await this.#has(this.#commits))) throw new StorageFailed('PostgreSQL has lost commits');
    this.#proven = client;
  }

  /** Whether the database has the commit of this number: after a crash it may have forgotten it. Throws when it does not say. */
  async #has(number: number): Promise<boolean> {
    const until = performance.now() + ASKED_FOR_MS;
    for (;;) {
      let client: Client | undefined;
      try {
        client = await this.#connect({});
        // Behind a commit that may still be under way.
        await client.query(`begin; select pg_advisory_xact_lock(${LOCKS.write})`);
        const { rows } = await client.query<{ number: number }>(
          'select number from commit_marks where node = $1',
          [this.#node],
        );
        return (rows[0]?.number ?? 0) >= number;
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
    return execute<R>(this.#pool, compiled);
  }

  #refuseWhenClosed(): void {
    if (this.#closed) throw new StorageFailed('the storage is closed');
  }
}

/** Nothing but numbers, so that it can go with the `commit` as one text. */
const markOf = (node: number, number: number): string =>
  `insert into commit_marks (node, number) values (${node}, ${number})
   on conflict (node) do update set number = excluded.number`;

const flush = (client: Client): Promise<unknown> =>
  client.query("select pg_logical_emit_message(true, 'gantry', '')");
