import type { QueryResult } from 'kysely';
import type { Client } from 'pg';
import { ChangedRows } from '../changed-rows.ts';
import type { OnCommit, SharedClock, Tx } from '../database.ts';
import { StorageFailed } from '../errors.ts';
import { FifoLock } from '../fifo-lock.ts';
import { type Group, newGroup } from '../group.ts';
import { LateWrites, type Undo } from '../late-writes.ts';
import { type OneRowQuery, RememberedRows } from '../remembered-rows.ts';
import { isRead } from '../statements.ts';
import { execute, meaningOf, saying } from './connection.ts';
import { transactionOver } from './dialect.ts';
import { LOCKS } from './locks.ts';
import type { OwnCommits } from './own-commits.ts';
import type { Reconnecting } from './reconnecting.ts';
import {
  type CommitOrder,
  changesOf,
  READ_ORDER,
  readChangesAfter,
  type ToldChanges,
  tellCommits,
} from './told-commits.ts';

/** After so many transactions, or so long, the other nodes get their turn. */
const MOST_MEMBERS = 32;
const LONGEST_TURN_MS = 50;

const NO_ORDER = 'select 0 as version, 0 as place, 0 as stamp';

/** What the transactions of a turn share. */
interface Turn {
  readonly group: Group;
  readonly client: Client;
  /** As of the begin. */
  readonly order: CommitOrder;
  /** When it began, by `performance.now()`. */
  readonly since: number;
  /** What the other nodes are told, one body for each member that has something to tell. */
  readonly bodies: Uint8Array[];
}

interface Member {
  open: boolean;
  wrote: boolean;
  /** PostgreSQL takes nothing more after an error, although `work` may have caught it. */
  broken: unknown;
  /** Settles when the last query has ended: after one that failed no other is sent. */
  line: Promise<unknown>;
  /** What it did to the writes that wait for the commit. */
  late: Undo;
}

export interface TurnOptions {
  /** Gives connections that take several queries at once (`pipeline`). */
  writer: Reconnecting;
  commits: OwnCommits;
  /** This process among those that use the database. */
  node: number;
  /** Rejects when this process may not use the database now. */
  present(): Promise<void>;
  /** Throws when nothing may be written. */
  admit(): void;
}

/**
 * Runs transactions on the writing connection, one after the other. In a turn this process holds the lock of all writers; the
 * transactions that wait when one ends follow it in the same turn and share its commit, each as a savepoint, so that the begin, the
 * commit, what they all change (a room's row) and the wait for other nodes cost once. What needs no answer is sent together with
 * what follows.
 */
export class Turns {
  readonly #lock = new FifoLock();
  readonly #options: TurnOptions;
  readonly #rows = new RememberedRows(false);
  /** Since the last turn that wrote: what other nodes must not believe any more. */
  readonly #changed = new ChangedRows();
  readonly #late = new LateWrites();
  /** Set when other nodes share the database. */
  #clock: SharedClock | undefined;
  #turn: Turn | undefined;

  constructor(options: TurnOptions) {
    this.#options = options;
  }

  /** From now on commits are told to other nodes. */
  share(clock: SharedClock): void {
    this.#clock = clock;
  }

  /** Resolves after the commit. */
  async run<T>(work: (tx: Tx) => Promise<T>, onCommit: OnCommit): Promise<T> {
    // The lock is not given back after the end.
    this.#options.admit();
    if (!this.#lock.tryAcquire()) await this.#lock.acquire();
    let group: Group;
    let result: T;
    try {
      this.#options.admit();
      this.#turn ??= await this.#begin();
      group = this.#turn.group;
      result = await this.#runMember(this.#turn, work, onCommit);
    } finally {
      if (this.#turn && !(this.#lock.wanted && mayGoOn(this.#turn))) await this.#commit(this.#turn);
      this.#lock.release();
    }
    await group.committed;
    return result;
  }

  /** Lets what runs end; nothing runs ever after. */
  stop(): Promise<void> {
    return this.#lock.acquire();
  }

  /** Once more where the connection was lost meanwhile: nothing was done on it yet. */
  async #begin(): Promise<Turn> {
    const { writer, commits, present } = this.#options;
    for (let isSecond = false; ; isSecond = true) {
      const client = await saying(present().then(() => writer.get()));
      try {
        await commits.settle(client);
        const order = await saying(this.#waitForTurn(client));
        return { group: newGroup(), client, order, since: performance.now(), bodies: [] };
      } catch (error) {
        writer.drop(client);
        if (isSecond || error instanceof StorageFailed) throw error;
      }
    }
  }

  /** Waits until no other transaction is open, of whichever node. */
  async #waitForTurn(client: Client): Promise<CommitOrder> {
    const order = this.#clock ? `${READ_ORDER}; ${readChangesAfter(this.#rows.version)}` : NO_ORDER;
    // In statements of their own: what is read must be read after the lock is there.
    const [, , ordered, changed] = (await client.query(
      `begin; select pg_advisory_xact_lock(${LOCKS.write}); ${order}`,
    )) as unknown as [unknown, unknown, QueryResult<CommitOrder>, QueryResult<ToldChanges> | undefined];
    const [now] = ordered.rows;
    if (!now) throw new Error('PostgreSQL began no transaction');
    this.#clock?.raise(now.stamp);
    this.#rows.follow(now.version, changesOf(changed?.rows ?? []));
    return now;
  }

  async #runMember<T>(turn: Turn, work: (tx: Tx) => Promise<T>, onCommit: OnCommit): Promise<T> {
    const member: Member = { open: true, wrote: false, broken: undefined, line: Promise.resolve(), late: [] };
    const { group, bodies, order } = turn;
    try {
      unanswered(turn.client, 'savepoint member');
      const tx = transactionOver((compiled) => this.#execute(turn.client, member, compiled), this.#rows);
      const result = await work(tx);
      // What was not awaited must not follow the end of the transaction: it would be written by itself.
      member.open = false;
      await member.line;
      if (member.broken) throw member.broken;
      const body = this.#clock && onCommit.told?.();
      unanswered(turn.client, 'release savepoint member');
      if (body) bodies.push(body);
      const place = body && order.place + bodies.length;
      group.members += 1;
      group.wrote ||= member.wrote;
      group.onCommit.push(() => onCommit.committed?.(place));
      return result;
    } catch (error) {
      member.open = false;
      await this.#takeBack(turn, member, error);
      throw error;
    }
  }

  async #takeBack(turn: Turn, { wrote, late }: Member, error: unknown): Promise<void> {
    if (wrote) this.#rows.forgetAll();
    this.#late.undo(late);
    try {
      await turn.client.query('rollback to savepoint member; release savepoint member');
    } catch {
      // The server rolls back what a connection leaves open.
      this.#abandon(turn, error);
    }
  }

  /** Queries of a transaction stand in a line. */
  #execute<R>(client: Client, member: Member, compiled: OneRowQuery): Promise<QueryResult<R>> {
    const result = member.line.then(() => this.#executeNext<R>(client, member, compiled));
    member.line = result.catch(() => {});
    return result;
  }

  async #executeNext<R>(client: Client, member: Member, compiled: OneRowQuery): Promise<QueryResult<R>> {
    if (!member.open) throw new Error('the transaction is over; is an `await` missing?');
    if (member.broken) throw member.broken;
    const writes = !isRead(compiled);
    if (writes) member.wrote = true;
    if (this.#late.take(compiled, member.late)) {
      this.#noteWrite(compiled);
      return { rows: [], numAffectedRows: 1n };
    }
    try {
      const before = this.#late.mustPrecede(compiled) ? this.#writeLate(client, member.late) : undefined;
      const [result] = await Promise.all([execute<R>(client, compiled), before]);
      if (writes) this.#noteWrite(compiled);
      return result;
    } catch (error) {
      member.broken = error;
      throw error;
    }
  }

  #noteWrite(compiled: OneRowQuery): void {
    this.#rows.noteWrite(compiled);
    if (this.#clock) this.#changed.note(compiled);
  }

  /** Sends what waited for the commit. */
  #writeLate(client: Client, undo?: Undo): Promise<unknown> {
    const sent: Promise<unknown>[] = [];
    this.#late.write((waiting) => sent.push(execute(client, waiting)), undo);
    return Promise.all(sent);
  }

  /** Never throws: whether it went well is told to the members. */
  async #commit(turn: Turn): Promise<void> {
    const { group, client, bodies } = turn;
    this.#turn = undefined;
    const { commits, node } = this.#options;
    const before = [this.#writeLate(client)];
    const wrote = group.wrote || bodies.length > 0;
    let { order } = turn;
    if (this.#clock && wrote) {
      const told = tellCommits(client, {
        ...{ node, clock: this.#clock, order, bodies },
        changes: this.#changed.take(),
      });
      before.push(told.stored);
      order = told.order;
    }
    // Behind them at once: when one of them fails, the server refuses it, too; when only their answers are lost, it counts.
    const committed = commits.commit(client, wrote, () => this.#options.writer.drop(client));
    const results = await Promise.allSettled([...before, committed]);
    const commit = results.at(-1);
    if (commit?.status === 'rejected') {
      this.#abandon(turn, meaningOf(results.find(isRejected)?.reason));
      return;
    }
    this.#rows.reach(order.version);
    for (const onCommit of group.onCommit) onCommit();
    group.resolve();
  }

  /** Nothing of the turn is stored. */
  #abandon(turn: Turn, error: unknown): void {
    this.#turn = undefined;
    this.#rows.forgetAll();
    this.#late.forget();
    this.#options.writer.drop(turn.client);
    turn.group.reject(error);
  }
}

const mayGoOn = ({ group, since }: Turn): boolean =>
  group.members < MOST_MEMBERS && performance.now() - since < LONGEST_TURN_MS;

/** Whether it went well is known by what follows. */
function unanswered(client: Client, text: string): void {
  client.query(text).catch(() => {});
}

const isRejected = (result: PromiseSettledResult<unknown>): result is PromiseRejectedResult =>
  result.status === 'rejected';
