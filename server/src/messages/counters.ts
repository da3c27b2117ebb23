import { callerFor, findUserById } from '../accounts/find-users.ts';
import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { forbid } from '../kernel/errors.ts';
import { canAccessRoom } from '../rooms/access.ts';
import { findDirectRoom } from '../rooms/direct.ts';
import { getMembership } from '../rooms/get-room.ts';
import { membersWithActiveAccounts } from '../rooms/members.ts';
import { isActiveMember, unreadState } from '../rooms/membership.ts';
import type { Room } from '../rooms/room.ts';
import { countHistory } from './message-pages.store.ts';

export interface Counters {
  joined: boolean;
  members: number | null;
  unreads: number | null;
  unreadsFrom: Date | null;
  msgs: number | null;
  latest: Date | null;
  userMentions: number | null;
}

/**
 * `channels.counters`, `groups.counters` (spec 10 §10.6), of the caller or, for administrators, of `userId`. 403 for
 * others. Whether the caller may see the room is not asked.
 */
export async function roomCounters(
  ctx: Context,
  caller: Caller,
  room: Room,
  userId?: string,
): Promise<Counters> {
  const isAdmin = ctx.permissions.has(caller, 'view-room-administration');
  if (userId !== undefined && !isAdmin) forbid();
  const membership = await getMembership(ctx, room.id, userId ?? caller.uid);
  const state = isActiveMember(membership) ? unreadState(membership, room) : undefined;
  const joined = state?.open === true;
  const counters = await roomPart(ctx, room, joined || isAdmin);
  if (!joined || !membership)
    return { ...counters, joined: false, unreads: null, unreadsFrom: null, userMentions: null };
  const from = membership.lastSeenAt ?? membership.joinedAt;
  const before = room.lastMessageAt ?? room.updatedAt;
  return {
    ...counters,
    joined: true,
    unreads: await countHistory(ctx.db, { rid: room.id, after: from, before, inclusive: true }),
    unreadsFrom: new Date(from),
    userMentions: state.userMentions,
  };
}

/**
 * `im.counters` (spec 11 §3): the unread badge instead of a count of messages. 403 for others than the caller without
 * permission, before the room is looked up, which may begin one; then 403 without access.
 */
export async function directCounters(
  ctx: Context,
  caller: Caller,
  idOrUsername: string,
  userId?: string,
): Promise<Counters> {
  const isAdmin = ctx.permissions.has(caller, 'view-room-administration');
  if (userId !== undefined && !isAdmin) forbid();
  const room = await findDirectRoom(ctx, caller, idOrUsername);
  const user = userId === undefined || userId === caller.uid ? undefined : await findUserById(ctx, userId);
  if (userId !== undefined && userId !== caller.uid && !user) forbid();
  const member = user ? callerFor(user, caller) : caller;
  if (!(await canAccessRoom(ctx, member, room))) forbid();
  const membership = await getMembership(ctx, room.id, member.uid);
  if (!isActiveMember(membership)) {
    return {
      ...(await roomPart(ctx, room, isAdmin)),
      joined: false,
      unreads: null,
      unreadsFrom: null,
      userMentions: null,
    };
  }
  const { unread, userMentions } = unreadState(membership, room);
  const neverSeen = membership.lastSeenAt === null || room.messageCount === 0;
  return {
    ...(await roomPart(ctx, room, true)),
    joined: true,
    unreads: unread,
    unreadsFrom: neverSeen ? null : new Date(membership.lastSeenAt ?? 0),
    userMentions,
  };
}

/** For members and administrators. */
async function roomPart(
  ctx: Context,
  room: Room,
  shown: boolean,
): Promise<Pick<Counters, 'members' | 'msgs' | 'latest'>> {
  if (!shown) return { members: null, msgs: null, latest: null };
  return {
    members: await membersWithActiveAccounts(ctx, room.id),
    msgs: room.messageCount,
    latest: new Date(room.lastMessageAt ?? room.updatedAt),
  };
}
