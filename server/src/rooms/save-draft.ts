import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail, refuse } from '../kernel/errors.ts';
import { changeMembership } from './change-membership.ts';
import { membershipOf } from './membership.store.ts';
import { isActiveMember, type MembershipDetails } from './membership.ts';
import { roomById } from './rooms.store.ts';
import { callerRef } from './user-ref.ts';

/** How many threads of a room keep what somebody began to write; the oldest goes. Each subscription carries them all. */
const MAX_THREAD_DRAFTS = 20;

/**
 * Keeps what the caller began to write in a room, or in a thread of it, for their other devices (spec 11 §4
 * `rooms.saveDraft`). An empty text removes it.
 *
 * @throws "error-message-size-exceeded", error-invalid-subscription
 */
export async function saveDraft(
  ctx: Context,
  caller: Caller,
  { rid, draft, tmid }: { rid: string; draft: string; tmid?: string },
): Promise<void> {
  if (draft.length > ctx.settings.int('Message_MaxAllowedSize')) refuse('error-message-size-exceeded');
  await ctx.write(async (tx, emit) => {
    const [room, membership] = [await roomById(tx, rid), await membershipOf(tx, rid, caller.uid)];
    if (!room || !isActiveMember(membership)) fail('error-invalid-subscription', 'Invalid subscription');
    const details = tmid
      ? withThreadDraft(membership.details, tmid, draft)
      : withDraft(membership.details, draft);
    await changeMembership(ctx, { tx, emit }, room, membership, callerRef(caller), { details });
  });
}

function withDraft({ draft: _before, ...details }: MembershipDetails, draft: string): MembershipDetails {
  return draft === '' ? details : { ...details, draft };
}

function withThreadDraft(
  { threadDrafts, ...details }: MembershipDetails,
  tmid: string,
  draft: string,
): MembershipDetails {
  const others = Object.entries(threadDrafts ?? {}).filter(([id]) => id !== tmid);
  const all = draft === '' ? others : [...others, [tmid, draft] as const];
  return all.length === 0
    ? details
    : { ...details, threadDrafts: Object.fromEntries(all.slice(-MAX_THREAD_DRAFTS)) };
}
