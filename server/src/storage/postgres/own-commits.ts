import type { Client } from 'pg';
import type { Logger } from 'pino';
import { Durability } from '../durability.ts';
import { StorageFailed } from '../errors.ts';
import { LOCKS } from './locks.ts';
import { Reconnecting } from './reconnecting.ts';

/** For how long it is asked what became of a commit when the connection was lost. */
const ASKED_FOR_MS = 30_000;
const ASK_AGAIN_AFTER_MS = 200;

/** `pipeline`: queries are sent without waiting for the answers to those before. */
export type Connect = (
  session: Readonly<Record<string, string>>,
  options?: { pipeline: boolean },
) => Promise<Client>;

/**
 * The commits of this process, and whether they are safe (docs/decisions/0022-postgresql.md). They are numbered, and the
 * database keeps the number of the last one beside what it wrote, so after a lost connection it is known which of them
 * it has.
 */
export class OwnCommits {
  readonly #connect: Connect;
  readonly #node: number;
  readonly #log: Logger;
  readonly #durability: Durability;
  readonly #syncer: Reconnecting;
  /** How many of them wrote something. */
  #number = 0;
  /** The connection for syncs, once it is known that the server had all earlier commits when it was made. */
  #proven: Client | undefined;
  /** The connection for writing, once what was committed on the one before it is durable. */
  #settled: Client | undefined;

  /** `onLost` is called at most once, when commits are lost or may be. */
  constructor(connect: Connect, node: number, log: Logger, onLost: (error: Error) => void) {
    this.#connect = connect;
    this.#node = node;
    this.#log = log;
    this.#syncer = new Reconnecting(() => connect({ synchronous_commit: 'on' }));
    this.#durability = new Durability(
      () => this.#sync(),
      (error) => {
        log.fatal({ err: error.cause }, 'commits may be lost: nothing is written any more until a restart');
        onLost(error);
      },
    );
  }

  /** Set when commits may be lost: nothing may be written any more. */
  get failure(): StorageFailed | undefined {
    return this.#durability.failure;
  }

  /** Resolves when all of them are on the server's disk. */
  durable(): Promise<void> {
    return this.#durability.wait();
  }

  close(): Promise<void> {
    return this.#syncer.close();
  }

  /**
   * To be called before a transaction begins. On a new connection it waits until it is known what became of the commits before,
   * because the number that says so is overwritten by the next one.
   */
  async settle(client: Client): Promise<void> {
    if (client === this.#settled) return;
    await this.durable();
    this.#settled = client;
  }

  /**
   * Sends the end of a transaction at once. When its answer is lost, the database is asked on another connection whether it has
   * the commit. Throws the driver's error when it has not, `StorageFailed` when nobody knows. Before that `drop` is called to
   * end the connection, which is of no use any more.
   */
  async commit(client: Client, wrote: boolean, drop: () => void): Promise<void> {
    const number = this.#number + (wrote ? 1 : 0);
    try {
      await client.query(wrote ? `${markOf(this.#node, number)}; commit` : 'commit');
    } catch (error) {
      drop();
      if (!wrote || !(await this.#has(number))) throw error;
    }
    this.#number = number;
    if (wrote) this.#durability.noteCommit();
  }

  /**
   * Reads what any node has committed, and waits until that is on the server's disk: a commit can be read before, and nobody
   * may hear of what could still be lost.
   */
  async readDurable<T>(read: () => Promise<T[]>): Promise<T[]> {
    // There before the rows are read: a server that crashes meanwhile ends it.
    const client = await this.#syncer.get();
    const rows = await read();
    if (rows.length > 0) await flush(client);
    return rows;
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
        await this.#prove(client);
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
  async #prove(client: Client): Promise<void> {
    if (client === this.#proven) return;
    // What is in memory followed them, so there is no going on without them.
    if (!(await this.#has(this.#number))) throw new StorageFailed('PostgreSQL has lost commits');
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
}

/** Nothing but numbers, so that it can go with the `commit` as one text. */
const markOf = (node: number, number: number): string =>
  `insert into commit_marks (node, number) values (${node}, ${number})
   on conflict (node) do update set number = excluded.number`;

const flush = (client: Client): Promise<unknown> =>
  client.query("select pg_logical_emit_message(true, 'gantry', '')");
