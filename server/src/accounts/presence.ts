import type { Context } from '../context.ts';
import { parseDoc } from '../storage/json.ts';
import { announceChange, changeUser } from './change-user.ts';
import { loadUser, withEmails } from './find-users.ts';
import { rowsWithTimedStatus, storeEverybodyOffline, storePresence } from './presence.store.ts';
import { statusAfterTimed } from './set-status.ts';
import { effectiveStatus, type PresenceStatus, type User, type UserDoc } from './user.ts';
import { findUserRows } from './users.store.ts';

/**
 * Who is connected to this server, and how (spec 40 §5). Connections come and go in bursts (a restart of a proxy is
 * everybody at once), so changes are gathered: one transaction stores all that gathered while the previous one ran, and
 * a user who came and went meanwhile costs nothing.
 *
 * In a cluster each node would need to see the connections of the others; this version knows only its own.
 */
export class Presence {
  readonly #ctx: Context;
  /** Connection id -> user and state. */
  readonly #connections = new Map<string, { uid: string; status: PresenceStatus }>();
  readonly #connectionsOf = new Map<string, Set<string>>();
  /** Users whose stored state may differ from what is known here. */
  readonly #changed = new Set<string>();
  #storing: Promise<void> | undefined;
  /** Users with a timed status -> when it ends, in ms. */
  readonly #timed = new Map<string, number>();

  constructor(ctx: Context) {
    this.#ctx = ctx;
    ctx.events.on('user.changed', ({ uid, user }) => this.#note(uid, user.statusExpiresAt));
    ctx.events.on('user.deleted', ({ uid }) => this.#note(uid, undefined));
  }

  /** To be called once before connections are taken: everybody is offline, and timed statuses are known. */
  async start(): Promise<void> {
    const { clock } = this.#ctx;
    await this.#ctx.write((tx) => storeEverybodyOffline(tx, 'rocket.cat', clock.stamp()));
    for (const row of await rowsWithTimedStatus(this.#ctx.db)) {
      this.#note(row.id, parseDoc<UserDoc>(row.doc).statusExpiresAt);
    }
  }

  /** A connection logged in. A connection that changes its user has to be `disconnected` first. */
  connected(uid: string, connection: string): void {
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

  /** How many connections of people are open. */
  get connections(): number {
    return this.#connections.size;
  }

  /** The state of a user's connections taken together. */
  connectionStatusOf(uid: string): PresenceStatus {
    let best: PresenceStatus = 'offline';
    for (const id of this.#connectionsOf.get(uid) ?? []) {
      const status = this.#connections.get(id)?.status;
      if (status === 'online') return 'online';
      if (status !== undefined) best = status;
    }
    return best;
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
    this.#storing ??= this.#storeAll();
  }

  async #storeAll(): Promise<void> {
    // Lets a burst of the same turn gather.
    await Promise.resolve();
    try {
      while (this.#changed.size > 0) {
        const uids = [...this.#changed].slice(0, 500);
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

  async #store(uids: readonly string[]): Promise<void> {
    await this.#ctx.write(async (tx, emit) => {
      const users = await withEmails(tx, await findUserRows(tx, { ids: uids }));
      const stamp = this.#ctx.clock.stamp();
      const groups = new Map<
        string,
        { status: PresenceStatus; connection: PresenceStatus; uids: string[] }
      >();
      for (const before of users) {
        const connection = this.connectionStatusOf(before._id);
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
