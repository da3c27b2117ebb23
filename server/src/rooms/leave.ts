import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail } from '../kernel/errors.ts';
import { removeInvitation } from './invitation.ts';
import { countRoomRole, membershipOf } from './membership.store.ts';
import { isActiveMember } from './membership.ts';
import { removeFromRoom } from './remove-from-room.ts';
import type { Room } from './room.ts';
import { recordActivity, roomById } from './rooms.store.ts';
import { callerRef } from './user-ref.ts';

const DETAILS = { method: 'leaveRoom' };

/**
 * Leaves a room: every door's one way out (spec 10 §2.1, checks 7 to 11 in their order). Returns the room as it is
 * afterwards. Being an admin bypasses neither the membership nor the last-owner check.
 *
 * @throws error-invalid-room, error-not-allowed, error-user-not-in-room, error-you-are-last-owner
 */
export async function leaveRoom(ctx: Context, caller: Caller, rid: string): Promise<Room> {
  const known = await roomById(ctx.db, rid);
  if (!known) fail('error-invalid-room', 'Invalid room', DETAILS);
  if (known.type === 'd') fail('error-not-allowed', 'Not allowed', DETAILS);
  if (!ctx.permissions.has(caller, `leave-${known.type}`)) fail('error-not-allowed', 'Not allowed', DETAILS);

  return ctx.write(async (tx, emit) => {
    // The update comes first because it locks the room's row: two owners who leave at the same moment are served one
    // after the other, and the second one is then the last owner.
    const room = await recordActivity(tx, rid, ctx.clock.stamp(), { messages: 1, members: -1 });
    if (!room) fail('error-invalid-room', 'Invalid room', DETAILS);

    const membership = await membershipOf(tx, rid, caller.uid);
    if (membership?.status === 'INVITED') {
      // Who is only invited was not counted as a member.
      const counted = await recordActivity(tx, rid, ctx.clock.stamp(), { messages: 0, members: 1 });
      await removeInvitation(ctx, { tx, emit }, counted ?? room, membership, callerRef(caller));
      return counted ?? room;
    }
    // A ban is kept as a membership; leaving must not erase it.
    if (!isActiveMember(membership)) fail('error-user-not-in-room', 'You are not in this room', DETAILS);
    if (membership.roles.includes('owner') && (await countRoomRole(tx, rid, 'owner')) === 1) {
      fail(
        'error-you-are-last-owner',
        'You are the last owner. Please set new owner before leaving the room.',
        DETAILS,
      );
    }

    const leaver = callerRef(caller);
    const t = room.teamMain ? 'ult' : 'ul';
    await removeFromRoom(ctx, tx, emit, {
      room,
      membership,
      user: leaver,
      message: { t, msg: leaver.username, user: leaver },
    });
    return room;
  });
}
