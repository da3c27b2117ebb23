import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { mayPreview } from './access.ts';
import { withCurrentNames } from './current-names.ts';
import { deletedMemberships, membershipOf, membershipsOfUser } from './membership.store.ts';
import { isActiveMember, type Membership, unreadState } from './membership.ts';
import { presentRoom, publishedRoom, type WireRoom } from './present-room.ts';
import { presentSubscription, type WireSubscription } from './present-subscription.ts';
import type { Room } from './room.ts';
import { defaultRooms, deletedRooms, roomById, roomsOfUser } from './rooms.store.ts';
import { callerRef } from './user-ref.ts';

export interface Removed {
  _id: string;
  _deletedAt: Date;
}

export interface Delta<T> {
  update: T[];
  remove: Removed[];
}

/** The caller's memberships with their rooms, and the memberships that are bans: to the caller, these are gone. */
async function ownRooms(
  ctx: Context,
  caller: Caller,
): Promise<{ own: { membership: Membership; room: Room }[]; bans: Membership[] }> {
  const memberships = await membershipsOfUser(ctx.db, caller.uid);
  const rooms = await roomsOfUser(ctx.db, caller.uid);
  const byId = new Map(rooms.map((room) => [room.id, room]));
  const isBan = ({ status }: Membership) => status === 'BANNED';
  const own = memberships.flatMap((membership) => {
    const room = byId.get(membership.rid);
    return room && !isBan(membership) ? { membership, room } : [];
  });
  return { own, bans: memberships.filter(isBan) };
}

/** Own subscriptions, all or changed after `since` in ms (spec 11 §2 `subscriptions.get`). */
export async function syncSubscriptions(
  ctx: Context,
  caller: Caller,
  since?: number,
): Promise<Delta<WireSubscription>> {
  const { own, bans } = await ownRooms(ctx, caller);
  const present = ({ membership, room }: (typeof own)[number]) =>
    presentSubscription(membership, room, callerRef(caller));
  if (since === undefined) return { update: own.map(present), remove: [] };
  const changed = own.filter(({ membership, room }) => unreadState(membership, room).updatedAt > since);
  const newBans = bans.filter(({ updatedAt }) => updatedAt > since);
  return {
    update: changed.map(present),
    remove: [
      ...tombstones(await deletedMemberships(ctx.db, caller.uid, since)),
      // Told as a removal when it happens (spec 11 §4), and so to whoever was away.
      ...newBans.map(({ id, updatedAt }) => ({ _id: id, _deletedAt: new Date(updatedAt) })),
    ],
  };
}

/** Own rooms, all or changed after `since` in ms (spec 11 §4 `rooms.get`). */
export async function syncRooms(ctx: Context, caller: Caller, since?: number): Promise<Delta<WireRoom>> {
  const { own } = await ownRooms(ctx, caller);
  const changed = since === undefined ? own : own.filter(({ room }) => room.updatedAt > since);
  // A direct room has the same id when it is opened anew after its deletion.
  const isGone = ({ _id }: Removed) => !own.some(({ room }) => room.id === _id);
  const shown = changed.map(({ membership, room }) =>
    publishedRoom(presentRoom(shownTo(membership, room), caller.uid)),
  );
  return {
    update: await withCurrentNames(ctx, shown),
    remove:
      since === undefined ? [] : tombstones(await deletedRooms(ctx.db, caller.uid, since)).filter(isGone),
  };
}

/** What somebody who is not logged in sees in the sidebar (spec 40 §10.1 `rooms/get`): nothing, unless anybody may read. */
export async function roomsForAnonymous(ctx: Context): Promise<WireRoom[]> {
  if (!ctx.settings.bool('Accounts_AllowAnonymousRead')) return [];
  const rooms = (await defaultRooms(ctx.db)).filter((room) => room.type === 'c');
  const preview = mayPreview(ctx, null);
  const shown = rooms.map((room) =>
    publishedRoom(presentRoom(preview ? room : { ...room, lastMessage: null }, '')),
  );
  return withCurrentNames(ctx, shown);
}

/** Whoever is only invited sees which room it is, but not what is said in it (spec 10 §3.2). */
const shownTo = (membership: Membership, room: Room): Room =>
  isActiveMember(membership) ? room : { ...room, lastMessage: null };

const tombstones = (rows: readonly { id: string; deleted_at: number }[]): Removed[] =>
  rows.map((row) => ({ _id: row.id, _deletedAt: new Date(row.deleted_at) }));

/** The caller's subscription in one room; null when there is none. */
export async function ownSubscription(
  ctx: Context,
  caller: Caller,
  rid: string,
): Promise<WireSubscription | null> {
  const [membership, room] = await Promise.all([
    membershipOf(ctx.db, rid, caller.uid),
    roomById(ctx.db, rid),
  ]);
  if (!membership || membership.status === 'BANNED' || !room) return null;
  return presentSubscription(membership, room, callerRef(caller));
}
