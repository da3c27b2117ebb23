import { findUsers } from '../accounts/find-users.ts';
import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail } from '../kernel/errors.ts';
import { changeMembership } from './change-membership.ts';
import { membershipsIn } from './membership.store.ts';
import type { Membership } from './membership.ts';
import type { Room } from './room.ts';
import { userRef } from './user-ref.ts';

/**
 * Blocks the other person of a direct room of two, or ends the block (spec 11 §3 `im.blockUser`): neither can write there
 * meanwhile. Only who set a block ends it.
 *
 * @throws error-invalid-room
 */
export async function setBlocked(
  ctx: Context,
  caller: Caller,
  room: Room | undefined,
  blocked: boolean,
  other?: string,
): Promise<void> {
  const details = { method: blocked ? 'blockUser' : 'unblockUser' };
  const uids = room?.type === 'd' ? [...new Set(room.details.uids)] : [];
  const otherId = uids.find((uid) => uid !== caller.uid);
  const isOurs = uids.length === 2 && uids.includes(caller.uid) && (!other || other === otherId);
  if (!room || !otherId || !isOurs) fail('error-invalid-room', 'Invalid room', details);
  const users = new Map((await findUsers(ctx, { ids: uids })).map((user) => [user._id, user]));
  await ctx.write(async (tx, emit) => {
    const memberships = await membershipsIn(tx, room.id, uids);
    const own = memberships.find(({ uid }) => uid === caller.uid);
    const theirs = memberships.find(({ uid }) => uid === otherId);
    if (!own || !theirs) fail('error-invalid-room', 'Invalid room', details);
    const mark = async (membership: Membership, flag: 'blocker' | 'blocked') => {
      const { [flag]: _before, ...rest } = membership.details;
      const change = { details: blocked ? { ...rest, [flag]: true } : rest };
      const user = userRef(users.get(membership.uid) ?? { _id: membership.uid });
      await changeMembership(ctx, { tx, emit }, room, membership, user, change);
    };
    await mark(own, 'blocker');
    await mark(theirs, 'blocked');
  });
}
