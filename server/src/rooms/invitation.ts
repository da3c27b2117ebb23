import type { Context, WriteScope } from '../context.ts';
import type { Caller, UserRef } from '../kernel/caller.ts';
import { refuse } from '../kernel/errors.ts';
import { addToRoom, type MemberUser } from './add-to-room.ts';
import { membershipOf } from './membership.store.ts';
import type { Membership } from './membership.ts';
import { removeFromRoom } from './remove-from-room.ts';
import type { Room } from './room.ts';
import { recordActivity } from './rooms.store.ts';
import { callerRef } from './user-ref.ts';

const NOT_INVITED = 'Failed to handle invite: There is no invitation to this room';

/**
 * Answers a pending invitation (spec 11 §4 `rooms.invite`): accepting makes an ordinary member, rejecting removes it.
 * Only other servers and imported data bring such memberships. `user` is the caller's account. @throws a plain refusal
 */
export async function answerInvitation(
  ctx: Context,
  caller: Caller,
  user: MemberUser,
  rid: string,
  action: 'accept' | 'reject',
): Promise<void> {
  await ctx.write(async (tx, emit) => {
    // The update comes first because it locks the room's row: of two answers the second finds no invitation.
    const messages = action === 'reject' ? 1 : 0;
    const room = await recordActivity(tx, rid, ctx.clock.stamp(), { messages, members: 0 });
    const membership = await membershipOf(tx, rid, caller.uid);
    if (!room || membership?.status !== 'INVITED') refuse(NOT_INVITED);
    if (action === 'accept') await addToRoom(ctx, tx, emit, rid, user);
    else await removeInvitation(ctx, { tx, emit }, room, membership, callerRef(caller));
  });
}

/** Removes a membership that is only an invitation; `room` already counts the message that says so. */
export const removeInvitation = (
  ctx: Context,
  { tx, emit }: WriteScope,
  room: Room,
  membership: Membership,
  user: UserRef,
): Promise<void> =>
  removeFromRoom(ctx, tx, emit, {
    room,
    membership,
    user,
    message: { t: 'uir', msg: user.username, user },
  });
