import type { Context, WriteScope } from '../context.ts';
import type { Emit } from '../kernel/events.ts';
import type { Room } from '../rooms/room.ts';
import { forgetThread, type ThreadReply } from '../rooms/thread-unread.ts';
import type { Tx } from '../storage/database.ts';
import type { WireMessage } from './message.ts';
import { indexFollowers, lockMessage, replaceMessage } from './messages.store.ts';
import { type MessageRoom, roomOfMessage } from './system-message.ts';
import { threadFacts } from './thread-facts.store.ts';

/**
 * Carries a new reply into its parent (spec 30 §5, steps 1 and 3): counters and followers. Returns who follows the thread
 * besides the sender, or undefined when the parent is of another room.
 */
export async function recordReply(
  ctx: Context,
  { tx, emit }: WriteScope,
  { room, parent }: { room: Room; parent: WireMessage },
  reply: WireMessage,
  mentionedIds: readonly string[],
): Promise<Pick<ThreadReply, 'rid' | 'tmid' | 'senderId' | 'followerIds'> | undefined> {
  if (parent.rid !== room.id) return undefined;
  const sender = reply.u._id;
  const isFirst = !parent.tcount;
  // Clients choose ids, so there may be replies already that came before what they reply to.
  const facts = isFirst ? (await threadFacts(tx, [parent._id])).get(parent._id) : undefined;
  const replies = new Set([
    ...(parent.replies ?? []),
    ...(isFirst ? [parent.u._id] : []),
    // In a direct room everybody is meant by the first reply.
    ...(isFirst && room.type === 'd' ? (room.details.uids ?? []) : []),
    ...mentionedIds,
    sender,
    ...(facts?.uids ?? []),
  ]);
  const changed: WireMessage = {
    ...parent,
    replies: [...replies],
    tcount: facts?.tcount ?? (parent.tcount ?? 0) + 1,
    tlm: reply.ts,
    _updatedAt: new Date(ctx.clock.stamp()),
  };
  await replaceMessage(tx, changed);
  await indexFollowers(tx, parent, changed);
  emit('message.saved', { message: changed, room: roomOfMessage(room), isNew: false });
  replies.delete(sender);
  return { rid: room.id, tmid: parent._id, senderId: sender, followerIds: [...replies] };
}

/** Takes deleted replies out of their thread; a thread without replies is unread for nobody. */
export async function forgetReply(
  ctx: Context,
  tx: Tx,
  emit: Emit,
  room: MessageRoom,
  tmid: string,
  count = 1,
): Promise<void> {
  const parent = await lockMessage(tx, tmid);
  if (parent?.rid !== room.id) return;
  const tcount = Math.max(0, (parent.tcount ?? 0) - count);
  const changed: WireMessage = { ...parent, tcount, _updatedAt: new Date(ctx.clock.stamp()) };
  await replaceMessage(tx, changed);
  emit('message.saved', { message: changed, room: roomOfMessage(room), isNew: false });
  if (tcount === 0) await forgetThread(ctx, tx, emit, { rid: room.id, tmid });
}
