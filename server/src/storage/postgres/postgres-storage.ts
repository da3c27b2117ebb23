import { randomInt } from 'node:crypto';
import type { CompiledQuery, QueryResult } from 'kysely';
import type { Client, Pool } from 'pg';
import type { Logger } from 'pino';
import type { Db, OnCommit, SharedClock, SharedDatabase, Storage, Tx } from '../database.ts';
import { StorageAway, StorageFailed } from '../errors.ts';
import { refuseWrite } from '../statements.ts';
import { clientConfig, execute } from './connection.ts';
import { readerOver } from './dialect.ts';
import { LOCKS } from './locks.ts';
import { holdPresence, KEEPALIVE, listNode, liveNodes } from './nodes.ts';
import { type Connect, OwnCommits } from './own-commits.ts';
import { Reconnecting } from './reconnecting.ts';
import { refuseUnsuitable } from './requirements.ts';
import { forgetTold, lastPlace, toldAfter } from './told-commits.ts';
import { Turns } from './turns.ts';

/** Connections of a node for reads outside transactions. Three more write, sync, and say that it is there. */
const READERS = 10;
/** How often it is looked whether the others still see this node. */
const PRESENT_EVERY_MS = 1000;
/** A node that hangs inside a transaction must not hold up the others for ever. */
const IDLE_IN_TRANSACTION_MS = 30_000;
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
  const connect: Connect = async (session, options) => {
    const client = new pg.Client({ ...clientConfig(url, session), ...options });
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

class PostgresStorage implements Storage {
  readonly db: Db;
  readonly lost: Promise<Error>;
  readonly #pool: Pool;
  readonly #connect: Connect;
  readonly #log: Logger;
  readonly #commits: OwnCommits;
  readonly #turns: Turns;
  readonly #writer: Reconnecting;
  readonly #presence: Reconnecting;
  /** This process among those that use the database. */
  readonly #node = randomInt(1, 2 ** 31 - 1);
  #watch: NodeJS.Timeout | undefined;
  readonly #regained: (() => void)[] = [];
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
      connect(
        {
          synchronous_commit: 'off',
          idle_in_transaction_session_timeout: String(IDLE_IN_TRANSACTION_MS),
        },
        { pipeline: true },
      ),
    );
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
    this.#commits = new OwnCommits(connect, this.#node, log, lose);
    this.#turns = new Turns({
      writer: this.#writer,
      commits: this.#commits,
      node: this.#node,
      present: () => this.present(),
      admit: () => {
        this.#refuseWhenClosed();
        if (this.failure) throw this.failure;
      },
    });
    this.db = readerOver((compiled) => this.#read(compiled));
  }

  get failure(): Error | undefined {
    return this.#commits.failure;
  }

  /** Makes sure that this process may use the database; again, when the connection that says so was lost. */
  async present(): Promise<void> {
    this.#refuseWhenClosed();
    await this.#presence.get();
  }

  async transaction<T>(work: (tx: Tx) => Promise<T>, onCommit: OnCommit = {}): Promise<T> {
    return this.#turns.run(work, onCommit);
  }

  durable(): Promise<void> {
    return this.#commits.durable();
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
    await this.#turns.stop();
    await this.durable().catch((error: unknown) =>
      this.#log.error({ err: error }, 'closed without a last sync'),
    );
    await Promise.all([
      this.#writer.close(),
      this.#commits.close(),
      this.#presence.close(),
      this.#pool.end(),
    ]);
  }

  async share(clock: SharedClock): Promise<SharedDatabase> {
    this.#turns.share(clock);
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
      lastPlace: () => lastPlace(this.#ask),
      commitsAfter: (place, limit) => this.#commits.readDurable(() => toldAfter(this.#ask, place, limit)),
      forgetCommitsBefore: (at) => forgetTold(this.#ask, at),
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

  readonly #ask = async <R extends object>(text: string, values: unknown[] = []): Promise<R[]> => {
    this.#refuseWhenClosed();
    return (await this.#pool.query<R>(text, values)).rows;
  };

  /** Once more on another connection where one was lost: a server that was started anew is not the reader's business. */
  async #read<R>(compiled: CompiledQuery): Promise<QueryResult<R>> {
    refuseWrite(compiled);
    this.#refuseWhenClosed();
    try {
      return await execute<R>(this.#pool, compiled);
    } catch (error) {
      if (!(error instanceof StorageAway) || this.#closed) throw error;
      return execute<R>(this.#pool, compiled);
    }
  }

  #refuseWhenClosed(): void {
    if (this.#closed) throw new StorageFailed('the storage is closed');
  }
}
