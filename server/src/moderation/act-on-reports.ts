import { type Context, type WriteScope, within } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { refuse } from '../kernel/errors.ts';
import { takeMessageAway } from '../messages/delete-message.ts';
import { findMessages } from '../messages/find-message.ts';
import type { MessagesPruned } from '../messages/messages.events.ts';
import { hideReports, listReports } from './reports.store.ts';

/** What moderators do about reports (spec 11 §13). The route asks for `manage-moderation-actions`. */

export interface Moderation {
  reason?: string | undefined;
  action?: string | undefined;
}

/** Messages per transaction: other writes wait for no more than that. */
const BATCH = 200;

/** Deletes the reported messages of one author and dismisses their reports. @throws a plain refusal when there are none */
export async function deleteReportedMessages(
  ctx: Context,
  caller: Caller,
  userId: string,
  { reason }: Moderation,
): Promise<void> {
  const moderation = { reason, action: 'DELETE Messages' };
  for (let done = 0; ; done++) {
    const found = await ctx.write((tx, emit) =>
      deleteSome(ctx, { tx, emit }, caller, { userId, moderation }),
    );
    if (found === 0 && done === 0) refuse('No reported messages found for this user.');
    if (found < BATCH) return;
  }
}

/** The next reported messages; returns how many there were. */
async function deleteSome(
  ctx: Context,
  scope: WriteScope,
  caller: Caller,
  { userId, moderation }: { userId: string; moderation: Moderation },
): Promise<number> {
  const filter = { kind: 'message', uid: userId } as const;
  const { rows } = await listReports(scope.tx, filter, { offset: 0, count: BATCH }, { onePerMessage: true });
  if (rows.length === 0) return 0;
  const ids = rows.flatMap(({ message_id }) => message_id ?? []);
  const idsByRoom = new Map<string, string[]>();
  for (const id of ids) {
    const message = await takeMessageAway(ctx, scope, caller, id);
    if (message) idsByRoom.set(message.rid, [...(idsByRoom.get(message.rid) ?? []), id]);
  }
  // Of some there is still to be seen that there was a message.
  const left = new Set((await findMessages(within(ctx, scope.tx), ids)).map(({ _id }) => _id));
  for (const [rid, all] of idsByRoom) {
    const gone = all.filter((id) => !left.has(id));
    if (gone.length > 0) scope.emit('messages.pruned', { rid, ids: gone, pruning: exactly(ctx, gone) });
  }
  await hide(ctx, scope, caller, { ...filter, messageIds: ids }, moderation);
  return rows.length;
}

/** No stretch of history, but some messages: what a client may take for the stretch is empty. */
function exactly(ctx: Context, ids: readonly string[]): MessagesPruned['pruning'] {
  const now = ctx.clock.now();
  return {
    ...{ oldest: now, latest: now, inclusive: false, limit: ids.length, usernames: [] },
    ...{ excludePinned: false, filesOnly: false, ignoreThreads: false, ignoreDiscussion: false },
  };
}

/** Dismisses the reports of one message, or of all messages of one author. @throws no-reports-found (plain) */
export async function dismissMessageReports(
  ctx: Context,
  caller: Caller,
  { userId, msgId, ...moderation }: { userId?: string; msgId?: string } & Moderation,
): Promise<void> {
  const filter = { kind: 'message', uid: userId, ...(msgId ? { messageIds: [msgId] } : {}) } as const;
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
