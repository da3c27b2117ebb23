import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail } from '../kernel/errors.ts';
import { changeMembership } from './change-membership.ts';
import { membershipOf } from './membership.store.ts';
import { isActiveMember } from './membership.ts';
import { roomById } from './rooms.store.ts';
import { callerRef } from './user-ref.ts';

/**
 * Collapses what a member says in a room for the caller alone, or shows it again (spec 30 §6 `chat.ignoreUser`). Messages
 * are delivered all the same; the caller is not notified of them.
 *
 * @throws error-invalid-subscription
 */
export async function setIgnored(
  ctx: Context,
  caller: Caller,
  rid: string,
  userId: string,
  ignored: boolean,
): Promise<void> {
  const refused = () => fail('error-invalid-subscription', 'Invalid subscription', { method: 'ignoreUser' });
  await ctx.write(async (tx, emit) => {
    const room = await roomById(tx, rid);
    const [own, theirs] = [await membershipOf(tx, rid, caller.uid), await membershipOf(tx, rid, userId)];
    if (!room || !isActiveMember(own) || !isActiveMember(theirs)) return refused();
    const others = (own.details.ignored ?? []).filter((uid) => uid !== userId);
    const details = { ...own.details, ignored: ignored ? [...others, userId] : others };
    await changeMembership(ctx, { tx, emit }, room, own, callerRef(caller), { details });
  });
}
