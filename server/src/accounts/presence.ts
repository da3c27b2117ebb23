import { setTimeout as pause } from 'node:timers/promises';
import type { Context } from '../context.ts';
import { NowAndThen } from '../kernel/now-and-then.ts';
import type { SharedDatabase } from '../storage/database.ts';
import { isAlone } from '../storage/is-alone.ts';
import { parseDoc } from '../storage/json.ts';
import { announceChange, changeUser } from './change-user.ts';
import { loadUser, withEmails } from './find-users.ts';
import {
  connectedToNoNode,
  countHeldConnections,
  deleteAllPresenceRows,
  uidsHeldBy,
} from './node-presence.store.ts';
import { rowsWithTimedStatus, storeEverybodyOffline, storePresence } from './presence.store.ts';
import { type Held, PresenceOfNodes } from './presence-of-nodes.ts';
import { statusAfterTimed } from './set-status.ts';
import { bestStatus, effectiveStatus, type PresenceStatus, type User, type UserDoc } from './user.ts';
import { findUserRows } from './users.store.ts';

/** Bots that are shown as online without a connection. */
const CAT = 'rocket.cat';
/** Users whose presence is stored by one transaction. */
const BATCH = 500;
/** How long changes gather where several nodes write. */
const GATHER_MS = 50;
/** How often it is looked whether a node is dead. */
const LOOK_AFTER_MS = [4000, 6000] as const;

/**
 * Who is connected to this server, and how (spec 40 §5). Connections come and go in bursts (a restart of a proxy is
 * everybody at once), so changes are gathered: one transaction stores all that gathered while the previous one ran, and
 * a user who came and went meanwhile costs nothing.
 *
 * Where several nodes share the database, each also stores what it holds of a user (`presence-of-nodes.ts`), and the user's
 * state is the best of all. Nodes look now and then whether one is dead, and forget what it held.
 */
export class Presence {
  readonly #ctx: Context;
  /** Undefined where one process has the database for itself. */
  readonly #database: SharedDatabase | undefined;
  readonly #nodes: PresenceOfNodes | undefined;
  /** Connection id -> user and state. */
  readonly #connections = new Map<string, { uid: string; status: PresenceStatus }>();
  readonly #connectionsOf = new Map<string, Set<string>>();
  /** Users whose stored state may differ from what is known here. */
  readonly #changed = new Set<string>();
  #storing: Promise<void> | undefined;
  /** Users with a timed status -> when it ends, in ms. */
  readonly #timed = new Map<string, number>();

  /** The looks for dead nodes, from `start` on. */
  #looks: NowAndThen | undefined;
  #closed = false;

  constructor(ctx: Context, database?: SharedDatabase) {
    this.#ctx = ctx;
    this.#database = database;
    this.#nodes = database && new PresenceOfNodes(database);
    database?.onRegained(() => this.#storeAnew());
    ctx.events.on('user.changed', ({ uid, user }) => this.#note(uid, user.statusExpiresAt));
    ctx.events.on('user.deleted', ({ uid }) => this.#note(uid, undefined));
  }

  /**
   * To be called once before connections are taken: everybody is offline who is not connected to another node, and timed
   * statuses are known.
   */
  async start(): Promise<void> {
    const { clock } = this.#ctx;
    const wasAlone = await this.#ctx.write(async (tx) => {
      for (const row of await rowsWithTimedStatus(tx)) {
        this.#note(row.id, parseDoc<UserDoc>(row.doc).statusExpiresAt);
      }
      if (!(await isAlone(this.#database, tx))) return false;
      await storeEverybodyOffline(tx, CAT, clock.stamp());
      if (this.#nodes) await deleteAllPresenceRows(tx);
      return true;
    });
    const nodes = this.#nodes;
    if (!nodes) return;
    if (!wasAlone) await this.#joinOthers(nodes);
    this.#looks = new NowAndThen(() => this.#look(nodes), LOOK_AFTER_MS);
  }

  /**
   * To be called when no connection is taken any more and those that were are closed. Nobody is connected to this node
   * afterwards.
   */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#looks) await this.#leaveOthers(this.#looks);
    await this.settled();
  }

  /** A connection logged in. A connection that changes its user has to be `disconnected` first. */
  connected(uid: string, connection: string): void {
    if (this.#closed) return;
    this.disconnected(connection);
    this.#connections.set(connection, { uid, status: 'online' });
    this.#connectionsOf.set(uid, (this.#connectionsOf.get(uid) ?? new Set()).add(connection));
    this.#change(uid);
  }

  /** A connection was closed or logged out; unknown ones are ignored. */
  disconnected(connection: string): void {
    const known = this.#connections.get(connection);
    if (!known) return;
    this.#connections.delete(connection);
    const others = this.#connectionsOf.get(known.uid);
    others?.delete(connection);
    if (others?.size === 0) this.#connectionsOf.delete(known.uid);
    this.#change(known.uid);
  }

  /** The client says that its user is here or away. Returns whether that was new; false for an unknown connection. */
  setConnectionStatus(connection: string, status: 'online' | 'away'): boolean {
    const known = this.#connections.get(connection);
    if (!known || known.status === status) return false;
    known.status = status;
    this.#change(known.uid);
    return true;
  }

  /** How many connections of people are open, on all nodes. */
  async countConnections(): Promise<number> {
    return this.#nodes ? countHeldConnections(this.#ctx.db) : this.#connections.size;
  }

  /** The state of a user's connections taken together, on all nodes; `statusConnection` is what was stored last. */
  connectionStatusOf({ _id, statusConnection }: Pick<User, '_id' | 'statusConnection'>): PresenceStatus {
    const own = this.#held(_id)?.status ?? 'offline';
    return this.#nodes ? bestStatus([own, statusConnection]) : own;
  }

  /** Resolves when everything known by now is stored. */
  async settled(): Promise<void> {
    while (this.#storing) await this.#storing;
  }

  /** One run of the periodic check: statuses whose time is over return to what they were. */
  async endTimedStatuses(): Promise<void> {
    const now = this.#ctx.clock.now();
    for (const [uid, endsAt] of [...this.#timed]) {
      if (endsAt <= now) await this.#endTimedStatus(uid, now);
    }
  }

  #change(uid: string): void {
    this.#changed.add(uid);
    this.#storeChanged();
  }

  #storeChanged(): void {
    if (this.#changed.size > 0) this.#storing ??= this.#storeAll();
  }

  async #storeAll(): Promise<void> {
    try {
      while (this.#changed.size > 0) {
        await this.#gather();
        const uids = [...this.#changed].slice(0, BATCH);
        for (const uid of uids) this.#changed.delete(uid);
        try {
          await this.#store(uids);
        } catch (error) {
          // Tried again with the next change.
          for (const uid of uids) this.#changed.add(uid);
          throw error;
        }
      }
    } catch (error) {
      this.#ctx.log.error({ err: error }, 'storing presence failed');
    } finally {
      this.#storing = undefined;
    }
  }

  /** Lets a burst gather: of the same turn, or where a transaction keeps other nodes waiting, of a moment. */
  async #gather(): Promise<void> {
    if (this.#nodes) await pause(GATHER_MS);
  }

  async #store(uids: readonly string[], { clearDead = false } = {}): Promise<void> {
    await this.#ctx.write(async (tx, emit) => {
      const users = await withEmails(tx, await findUserRows(tx, { ids: uids }));
      const existing = new Set(users.map(({ _id }) => _id));
      const held = new Map(uids.map((uid) => [uid, existing.has(uid) ? this.#held(uid) : undefined]));
      const others = await this.#nodes?.exchange(tx, held, { clearDead });
      const stamp = this.#ctx.clock.stamp();
      const groups = new Map<
        string,
        { status: PresenceStatus; connection: PresenceStatus; uids: string[] }
      >();
      for (const before of users) {
        const own = held.get(before._id)?.status ?? 'offline';
        const connection = bestStatus([own, others?.get(before._id) ?? 'offline']);
        const status = effectiveStatus(connection, before.statusDefault);
        if (connection === before.statusConnection && status === before.status) continue;
        const key = `${status} ${connection}`;
        const group = groups.get(key) ?? { status, connection, uids: [] };
        group.uids.push(before._id);
        groups.set(key, group);
        const after: User = { ...before, status, statusConnection: connection, updatedAt: stamp };
        announceChange(emit, before, after);
      }
      for (const group of groups.values()) await storePresence(tx, group.uids, { ...group, stamp });
    });
  }

  #held(uid: string): Held | undefined {
    const ids = this.#connectionsOf.get(uid);
    if (!ids) return undefined;
    const statuses = [...ids].map((id) => this.#connections.get(id)?.status ?? 'offline');
    return { connections: ids.size, status: bestStatus(statuses) };
  }

  async #joinOthers(nodes: PresenceOfNodes): Promise<void> {
    await this.#clearDead(nodes);
    // Of a process that had the database for itself and died.
    for (const uid of await connectedToNoNode(this.#ctx.db, CAT)) this.#change(uid);
    await this.settled();
  }

  async #leaveOthers(looks: NowAndThen): Promise<void> {
    await looks.stop();
    for (const uid of this.#connectionsOf.keys()) this.#change(uid);
    this.#connectionsOf.clear();
    this.#connections.clear();
    await this.settled();
    // Once more, if it failed. After that the others take this node for dead.
    this.#storeChanged();
  }

  /** Others may have taken this node for dead and forgotten what it holds. */
  #storeAnew(): void {
    for (const uid of this.#connectionsOf.keys()) this.#changed.add(uid);
    this.#storeChanged();
  }

  async #look(nodes: PresenceOfNodes): Promise<void> {
    // What could not be stored when it changed.
    this.#storeChanged();
    try {
      await this.#clearDead(nodes);
    } catch (error) {
      this.#ctx.log.error({ err: error }, 'it could not be looked who was connected to nodes that are dead');
    }
  }

  /** Forgets what dead nodes held. Several nodes may do so at once: the first changes the users, the others find nothing. */
  async #clearDead(nodes: PresenceOfNodes): Promise<void> {
    const { db } = this.#ctx;
    for (;;) {
      const dead = await nodes.deadNodes(db);
      const uids = dead.length > 0 ? await uidsHeldBy(db, dead, BATCH) : [];
      if (uids.length === 0) return;
      await this.#store(uids, { clearDead: true });
    }
  }

  #note(uid: string, expiresAt: number | undefined): void {
    if (expiresAt === undefined) this.#timed.delete(uid);
    else this.#timed.set(uid, expiresAt);
  }

  async #endTimedStatus(uid: string, now: number): Promise<void> {
    await this.#ctx.write(async (tx, emit) => {
      const user = await loadUser(tx, uid);
      if (!user || user.statusExpiresAt === undefined || user.statusExpiresAt > now) return;
      await changeUser(this.#ctx, tx, emit, { uid, set: statusAfterTimed(user) });
    });
  }
}
