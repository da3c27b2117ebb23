import type { Context, WriteScope } from '../context.ts';
import type { UserRef } from '../kernel/caller.ts';
import { type MembershipChange, membershipOf, updateMembership } from './membership.store.ts';
import type { Membership } from './membership.ts';
import { presentSubscription } from './present-subscription.ts';
import type { Room } from './room.ts';

/**
 * Changes one membership and tells its user's clients, but nothing of a ban, which is invisible to them (spec 10 §3.2).
 * Nothing happens when it is gone meanwhile.
 */
export async function changeMembership(
  ctx: Context,
  { tx, emit }: WriteScope,
  room: Room,
  membership: Membership,
  user: UserRef,
  change: MembershipChange,
): Promise<void> {
  await updateMembership(tx, membership.id, ctx.clock.stamp(), change);
  const current = await membershipOf(tx, room.id, membership.uid);
  if (!current || current.status === 'BANNED') return;
  const subscription = presentSubscription(current, room, user);
  emit('membership.changed', { action: 'updated', rid: room.id, uid: membership.uid, subscription });
}
