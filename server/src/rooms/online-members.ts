import { SmallSet } from '../kernel/small-set.ts';
import type { Db } from '../storage/database.ts';
import { activeRoomsOf } from './membership.store.ts';
import { type NotificationWishes, notificationWishes } from './notification-wishes.ts';
import { OnlineRoom } from './online-room.ts';
import type { MembershipChanged } from './rooms.events.ts';

/**
 * Which connected users are in which rooms, in memory. Room events go to members, and asking the database for all of them
 * at each message would cost O(members); this costs O(connected members). Loaded when a user's first connection logs in,
 * then kept current by the membership events of this node and of the others.
 */
export class OnlineMembers {
  readonly #db: Db;
  readonly #byRoom = new Map<string, OnlineRoom>();
  readonly #byUser = new Map<string, OnlineUser>();

  constructor(db: Db) {
    this.#db = db;
  }

  /** Call for each login; the returned promise resolves when the user's rooms are known. */
  connected(uid: string): Promise<void> {
    const known = this.#byUser.get(uid);
    if (known) {
      known.connections++;
      return known.loading ?? LOADED;
    }
    const user: OnlineUser = {
      connections: 1,
      rooms: new SmallSet(),
      loading: undefined,
      changesWhileLoading: [],
    };
    this.#byUser.set(uid, user);
    const loading = this.#load(uid, user);
    user.loading = loading;
    // Whoever waits sees the failure; nobody waiting must not end the process.
    loading.catch(() => {});
    return loading;
  }

  /** Resolves when the rooms of a connected user are known: from then on no event of theirs is missed. */
  ready(uid: string): Promise<void> {
    return this.#byUser.get(uid)?.loading ?? LOADED;
  }

  /** Call for each logout or closed connection. */
  disconnected(uid: string): void {
    const user = this.#byUser.get(uid);
    if (!user || --user.connections > 0) return;
    this.#byUser.delete(uid);
    for (const rid of user.rooms) this.#forget(rid, uid);
  }

  apply(event: MembershipChanged): void {
    const user = this.#byUser.get(event.uid);
    if (!user) return;
    // What was read from the database may be older than this event; it is applied again on top.
    user.changesWhileLoading?.push(event);
    if (event.action === 'removed' || event.subscription.status) {
      user.rooms.delete(event.rid);
      this.#forget(event.rid, event.uid);
      return;
    }
    const { subscription } = event;
    this.#remember(event.rid, event.uid, user, {
      alert: subscription.alert,
      sentAt: subscription._updatedAt.getTime(),
      wishes: notificationWishes(subscription),
    });
  }

  /** Connected users who are active members of the room. */
  of(rid: string): Iterable<string> {
    return this.#byRoom.get(rid)?.members() ?? [];
  }

  isMember(rid: string, uid: string): boolean {
    return this.#byRoom.get(rid)?.has(uid) ?? false;
  }

  /**
   * Whether a document read from the database may still be sent: false when the member has left or has been sent a newer
   * one while it was read.
   */
  maySend(rid: string, uid: string, updatedAt: number): boolean {
    return this.#byRoom.get(rid)?.maySend(uid, updatedAt) ?? false;
  }

  /** Connected members who have not been told of anything unread since they last read; they count as told afterwards. */
  takeUnalerted(rid: string, except: ReadonlySet<string>): string[] {
    return this.#byRoom.get(rid)?.takeUnalerted(except) ?? [];
  }

  /** How connected members want to be told of messages; those without an entry never said. */
  wishesIn(rid: string): ReadonlyMap<string, NotificationWishes> {
    return this.#byRoom.get(rid)?.wishes ?? NO_WISHES;
  }

  async #load(uid: string, user: OnlineUser): Promise<void> {
    const rooms = await activeRoomsOf(this.#db, uid);
    if (this.#byUser.get(uid) !== user) return;
    for (const { rid, alert, details } of rooms) {
      this.#remember(rid, uid, user, { alert, sentAt: 0, wishes: notificationWishes(details) });
    }
    const changes = user.changesWhileLoading ?? [];
    user.changesWhileLoading = undefined;
    user.loading = undefined;
    for (const change of changes) this.apply(change);
  }

  #remember(
    rid: string,
    uid: string,
    user: OnlineUser,
    state: { alert: boolean; sentAt: number; wishes: NotificationWishes | undefined },
  ): void {
    let room = this.#byRoom.get(rid);
    if (!room) {
      room = new OnlineRoom(rid);
      this.#byRoom.set(rid, room);
    }
    // The same text for all members: each was read from a row of its own.
    user.rooms.add(room.rid);
    room.set(uid, state);
    if (state.wishes) room.wishes.set(uid, state.wishes);
    else room.wishes.delete(uid);
  }

  #forget(rid: string, uid: string): void {
    const room = this.#byRoom.get(rid);
    room?.delete(uid);
    room?.wishes.delete(uid);
    if (room?.size === 0) this.#byRoom.delete(rid);
  }
}

const NO_WISHES: ReadonlyMap<string, NotificationWishes> = new Map();
const LOADED = Promise.resolve();

interface OnlineUser {
  connections: number;
  rooms: SmallSet<string>;
  /** Until the rooms are known; stays when they could not be read. */
  loading: Promise<void> | undefined;
  /** Events that arrived before the rooms were known; undefined afterwards. */
  changesWhileLoading: MembershipChanged[] | undefined;
}
