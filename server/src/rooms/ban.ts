import type { User } from '../accounts/user.ts';
import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { refuse, unauthorized } from '../kernel/errors.ts';
import { postSystemMessage } from '../messages/system-message.ts';
import { canAccessRoom, hasInRoom } from './access.ts';
import { bannedMembers } from './member-lists.store.ts';
import { countRoomRole, membershipOf, removeMembership } from './membership.store.ts';
import { isActiveMember } from './membership.ts';
import { presentRoom } from './present-room.ts';
import { removeFromRoom } from './remove-from-room.ts';
import type { Room } from './room.ts';
import { recordActivity, roomById } from './rooms.store.ts';
import { callerRef, userRef } from './user-ref.ts';

const NOT_ALLOWED = 'Not allowed';
const NO_ROOM = 'The required "roomId" or "roomName" param provided does not match any group';
const LAST_OWNER = 'You are the last owner. Please set new owner before banning the user.';

/** The room in which the caller may ban. @throws plain refusals, as documented (spec 11 §4 `rooms.banUser`) */
async function roomToBanIn(ctx: Context, caller: Caller, rid: string): Promise<Room> {
  const room = await roomById(ctx.db, rid);
  if (!room || room.type === 'd' || !(await hasInRoom(ctx, caller, 'ban-user', rid))) refuse(NOT_ALLOWED);
  if (!(await canAccessRoom(ctx, caller, room))) refuse(NO_ROOM);
  return room;
}

/** Bans a member: out of the room, and kept out until unbanned (spec 11 §4). @throws plain refusals, as documented */
export async function banFromRoom(
  ctx: Context,
  caller: Caller,
  rid: string,
  target: User | undefined,
): Promise<void> {
  const known = await roomToBanIn(ctx, caller, rid);
  if (!target) refuse('User not found');
  await ctx.write(async (tx, emit) => {
    const at = ctx.clock.stamp();
    const room = await recordActivity(tx, known.id, at, { messages: 1, members: -1 });
    if (!room) refuse(NOT_ALLOWED);
    const membership = await membershipOf(tx, rid, target._id);
    if (membership?.status === 'BANNED') refuse('User is already banned from this room');
    if (!isActiveMember(membership)) refuse('User is not in this room');
    if (membership.roles.includes('owner') && (await countRoomRole(tx, rid, 'owner')) === 1)
      refuse(LAST_OWNER);
    const user = userRef(target);
    const message = { t: 'user-banned', msg: user.username, user: callerRef(caller) };
    await removeFromRoom(ctx, tx, emit, { room, membership, user, message, banned: true });
  });
}

/** Ends a ban: the user may come back, and is not in the room yet. @throws plain refusals, as documented */
export async function unbanFromRoom(
  ctx: Context,
  caller: Caller,
  rid: string,
  target: User | undefined,
): Promise<void> {
  const known = await roomToBanIn(ctx, caller, rid);
  if (!target) refuse('User not found');
  await ctx.write(async (tx, emit) => {
    const at = ctx.clock.stamp();
    const room = await recordActivity(tx, known.id, at, { messages: 1, members: 0 });
    if (!room) refuse(NOT_ALLOWED);
    const membership = await membershipOf(tx, rid, target._id);
    if (membership?.status !== 'BANNED') refuse('User is not banned from this room');
    await removeMembership(tx, membership, at);
    const msg = target.username ?? '';
    await postSystemMessage(ctx, tx, emit, room, { t: 'user-unbanned', msg, user: callerRef(caller) });
    emit('room.changed', { action: 'updated', rid, room: presentRoom(room) });
  });
}

export interface BannedUser {
  _id: string;
  username: string;
  name?: string;
}

/** Who is banned from a room, the first one first. 401 without access. */
export async function listBanned(
  ctx: Context,
  caller: Caller,
  rid: string,
  page: { offset: number; count: number },
): Promise<{ bannedUsers: BannedUser[]; total: number }> {
  const room = await roomById(ctx.db, rid);
  if (!room || !(await canAccessRoom(ctx, caller, room))) unauthorized();
  const { rows, total } = await bannedMembers(ctx.db, rid, page);
  const bannedUsers = rows.map(({ id, username, name }) => userRef({ _id: id, username, name }));
  return { bannedUsers, total };
}
