import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { refuse } from '../kernel/errors.ts';
import { isActiveMember } from '../rooms/membership.ts';
import { recordUserMessage } from '../rooms/record-message.ts';
import { recordThreadReply } from '../rooms/thread-unread.ts';
import type { Tx } from '../storage/database.ts';
import type { Composed } from './compose.ts';
import { forViewer, messageDoc, type WireMessage } from './message.ts';
import { insertMessage, storedMessageById } from './messages.store.ts';
import { recordReply } from './record-reply.ts';
import type { Place } from './sending-rules.ts';
import { roomOfMessage } from './system-message.ts';

/** A message that is ready but for its time. */
export type NewMessage = Omit<WireMessage, 'ts' | '_updatedAt'> & { ts?: Date };

/** In characters of the stored document: far beyond any text, it bounds attachments, blocks and encrypted content. */
const MAX_DOCUMENT_LENGTH = 1_000_000;

/**
 * Stores a new message with all that follows from it: thread, counters, unread state, events (spec 30 §4, steps 10 to
 * 12). When its `_id` exists already nothing happens: the sender's own message of the same room is given back as it is
 * stored, so that sending again is harmless; anything else is refused.
 */
export async function storeMessage(
  ctx: Context,
  caller: Caller,
  { room, membership }: Place,
  ready: NewMessage,
  composed: Omit<Composed, 'parts'>,
): Promise<WireMessage> {
  refuseHugeDocument(ready);
  const others = (ids: readonly string[]) => ids.filter((id) => id !== caller.uid);
  const mentionedIds = others(composed.mentionedIds);
  const alertedIds = [...new Set([...mentionedIds, ...others(composed.highlightedIds)])];
  const { groupMention } = composed;
  return ctx.write(async (tx, emit) => {
    // Stamped inside the transaction: whoever synchronizes by "changed since" must see stamps in the order of commits.
    const now = new Date(ctx.clock.stamp());
    const message = { ...ready, ts: ready.ts ?? now, _updatedAt: now } as WireMessage;
    if (!(await insertMessage(tx, message))) return alreadySent(tx, caller, message);
    emit('message.saved', { message, room: roomOfMessage(room), isNew: true });
    // Messages first, then the room, then memberships: one order of locks everywhere.
    const thread = message.tmid ? await recordReply(ctx, tx, emit, room, message, mentionedIds) : undefined;
    await recordUserMessage(ctx, tx, emit, room, message, {
      mentionedIds: alertedIds,
      groupMention,
      fromMember: isActiveMember(membership),
    });
    if (thread) await recordThreadReply(ctx, tx, emit, { ...thread, alertedIds, groupMention });
    return message;
  });
}

async function alreadySent(tx: Tx, caller: Caller, { _id, rid }: WireMessage): Promise<WireMessage> {
  const stored = await storedMessageById(tx, _id);
  if (!stored || stored.hidden || stored.message.rid !== rid || stored.message.u._id !== caller.uid) refuse();
  return forViewer(stored.message, caller.uid);
}

/** For everything that is stored, edits too: what a sender puts beside the text has no other limit. */
export function refuseHugeDocument(message: NewMessage): void {
  const { attachments, blocks, customFields, content, e2eMentions, bot, location } = message;
  const parts = [attachments, blocks, customFields, content, e2eMentions, bot, location];
  const looks = [message.alias, message.avatar, message.emoji];
  if ([...parts, ...looks].every((part) => part === undefined)) return;
  if (messageDoc(message as WireMessage).length > MAX_DOCUMENT_LENGTH) refuse('error-message-size-exceeded');
}
