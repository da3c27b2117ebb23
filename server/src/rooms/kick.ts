import type { User } from '../accounts/user.ts';
import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail, refuse } from '../kernel/errors.ts';
import { canAccessRoom, hasInRoom } from './access.ts';
import { countRoomRole, membershipOf } from './membership.store.ts';
import { isActiveMember } from './membership.ts';
import { removeFromRoom } from './remove-from-room.ts';
import type { Room } from './room.ts';
import { recordActivity } from './rooms.store.ts';
import { callerRef, userRef } from './user-ref.ts';

const DETAILS = { method: 'removeUserFromRoom' };
const NOT_FOUND = 'The required "roomId" or "roomName" param provided does not match any group';

/**
 * Removes a user from a room (spec 10 §6.3). Nobody is protected but the last owner; a caller may remove themself.
 * Returns the room afterwards.
 *
 * @throws error-not-allowed, error-room-not-found, error-user-not-in-room, error-you-are-last-owner
 */
export async function kickFromRoom(ctx: Context, caller: Caller, known: Room, target: User): Promise<Room> {
  if (!target.username) refuse('Invalid user');
  if (!(await hasInRoom(ctx, caller, 'remove-user', known.id)))
    fail('error-not-allowed', 'Not allowed', DETAILS);
  if (known.type === 'd') fail('error-not-allowed', 'Not allowed', DETAILS);
  const anyRoom = ctx.permissions.has(caller, `kick-user-from-any-${known.type}-room`);
  if (!anyRoom && !(await canAccessRoom(ctx, caller, known))) fail('error-room-not-found', NOT_FOUND);

  return ctx.write(async (tx, emit) => {
    const room = await recordActivity(tx, known.id, ctx.clock.stamp(), { messages: 1, members: -1 });
    if (!room) fail('error-invalid-room', 'Invalid room', DETAILS);
    const membership = await membershipOf(tx, room.id, target._id);
    if (!isActiveMember(membership)) fail('error-user-not-in-room', 'User is not in this room', DETAILS);
    if (membership.roles.includes('owner') && (await countRoomRole(tx, room.id, 'owner')) === 1) {
      const reason = 'You are the last owner. Please set new owner before leaving the room.';
      fail('error-you-are-last-owner', reason, DETAILS);
    }
    const user = userRef(target);
    const t = room.teamMain ? 'removed-user-from-team' : 'ru';
    await removeFromRoom(ctx, tx, emit, {
      room,
      membership,
      user,
      message: { t, msg: user.username, user: callerRef(caller) },
    });
    return room;
  });
}
