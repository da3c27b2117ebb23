import type { Context, WriteScope } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { refuse } from '../kernel/errors.ts';
import { takeMessageAway } from '../messages/delete-message.ts';
import { hideReports, listReports } from './reports.store.ts';

/** What moderators do about reports (spec 11 §13). The route asks for `manage-moderation-actions`. */

export interface Moderation {
  reason?: string | undefined;
  action?: string | undefined;
}

const BATCH = 1000;

/** Deletes the reported messages of one author and dismisses their reports. @throws a plain refusal when there are none */
export async function deleteReportedMessages(
  ctx: Context,
  caller: Caller,
  userId: string,
  { reason }: Moderation,
): Promise<void> {
  await ctx.write(async (tx, emit) => {
    const filter = { kind: 'message', uid: userId } as const;
    const page = { offset: 0, count: BATCH };
    const { rows } = await listReports(tx, filter, page, { onePerMessage: true });
    if (rows.length === 0) refuse('No reported messages found for this user.');
    for (const { message_id } of rows) {
      if (message_id !== null) await takeMessageAway(ctx, { tx, emit }, caller, message_id);
    }
    await hide(ctx, { tx, emit }, caller, filter, { reason, action: 'DELETE Messages' });
  });
}

/** Dismisses the reports of one message, or of all messages of one author. @throws no-reports-found (plain) */
export async function dismissMessageReports(
  ctx: Context,
  caller: Caller,
  { userId, msgId, ...moderation }: { userId?: string; msgId?: string } & Moderation,
): Promise<void> {
  const filter = { kind: 'message', uid: userId, messageId: msgId } as const;
  await ctx.write((tx, emit) => hide(ctx, { tx, emit }, caller, filter, moderation));
}

/** Dismisses the reports of one person. @throws error-user-id-param-not-provided, no-reports-found (plain) */
export async function dismissUserReports(
  ctx: Context,
  caller: Caller,
  { userId, ...moderation }: { userId?: string } & Moderation,
): Promise<void> {
  if (!userId) refuse('error-user-id-param-not-provided');
  await ctx.write((tx, emit) => hide(ctx, { tx, emit }, caller, { kind: 'user', uid: userId }, moderation));
}

async function hide(
  ctx: Context,
  { tx }: WriteScope,
  caller: Caller,
  filter: Parameters<typeof hideReports>[1],
  { reason, action }: Moderation,
): Promise<void> {
  const at = ctx.clock.stamp();
  const moderation = {
    moderatedBy: caller.uid,
    hiddenAt: new Date(at).toISOString(),
    action: action ?? 'None',
    reason: reason?.trim() || 'No reason provided',
  };
  const hidden = await hideReports(tx, filter, JSON.stringify(moderation), at);
  if (hidden === 0) refuse('no-reports-found');
}
