import { type Context, type WriteScope, within } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { refuse } from '../kernel/errors.ts';
import { newIdAt } from '../kernel/ids.ts';
import { previewLater } from '../previews/preview-job.ts';
import { recordUserMessage } from '../rooms/record-message.ts';
import type { Room } from '../rooms/room.ts';
import { recordThreadReply } from '../rooms/thread-unread.ts';
import { callerRef } from '../rooms/user-ref.ts';
import type { Tx } from '../storage/database.ts';
import type { Composed } from './compose.ts';
import { followDiscussion } from './discussion-upkeep.ts';
import { forViewer, messageDoc, type WireMessage } from './message.ts';
import type { MessageSent } from './messages.events.ts';
import { insertMessage, storedMessageById } from './messages.store.ts';
import { noteThreadsRead } from './note-threads-read.ts';
import { tellOfOutsiders } from './outsiders.ts';
import { recordReply } from './record-reply.ts';
import { type Place, placeForSending } from './sending-rules.ts';
import { roomOfMessage } from './system-message.ts';

/** A message that is ready but for its time. */
export type NewMessage = Omit<WireMessage, 'ts' | '_updatedAt'> & { ts?: Date };

/** In characters of the stored document: far beyond any text, it bounds attachments, blocks and encrypted content. */
const MAX_DOCUMENT_LENGTH = 1_000_000;

/** Who sends what where. The rows are locked by the transaction that stores the message. */
export interface Sender {
  caller: Caller;
  place: Place;
  /** The message that starts the thread; undefined outside threads and when it does not exist. */
  parent: WireMessage | undefined;
}

/** What sending leaves, for those who answer with it. */
export interface StoredMessage {
  message: WireMessage;
  /** The document it was stored as; undefined when it was there before. */
  doc?: string;
}

/**
 * Completes a new message and stores it with all that follows from it: thread, counters, unread state, events (spec 30 §4, steps 10 to
 * 12). When its `_id` exists already nothing happens: the sender's own message of the same room is given back as it is
 * stored, so that sending again is harmless; anything else is refused.
 */
export async function storeMessage(
  ctx: Context,
  { tx, emit }: WriteScope,
  { caller, place, parent }: Sender,
  ready: NewMessage,
  composed: Omit<Composed, 'parts'>,
): Promise<StoredMessage> {
  const { room } = place;
  const others = (ids: readonly string[]) => ids.filter((id) => id !== caller.uid);
  const mentionedIds = others(composed.mentionedIds);
  const alertedIds = [...new Set([...mentionedIds, ...others(composed.highlightedIds)])];
  const { groupMention } = composed;
  // Stamped inside the transaction: whoever synchronizes by "changed since" must see stamps in the order of commits.
  const now = new Date(ctx.clock.stamp(room.id));
  const message = Object.assign(ready, { ts: ready.ts ?? now, _updatedAt: now }) as WireMessage;
  const doc = messageDoc(message);
  if (doc.length > MAX_DOCUMENT_LENGTH) refuse('error-message-size-exceeded');
  if (!(await insertMessage(tx, message, { doc })))
    return { message: await alreadySent(tx, caller, message) };
  emit('message.saved', { message, room: roomOfMessage(room), isNew: true });
  await previewLater(ctx, { tx, emit }, message);
  const thread = parent && (await recordReply(ctx, { tx, emit }, { room, parent }, message, mentionedIds));
  const reach = { mentionedIds: alertedIds, groupMention };
  const counted = await recordUserMessage(ctx, { tx, emit }, place, { message, doc }, reach);
  await followDiscussion(ctx, { tx, emit }, counted);
  if (thread) {
    await recordThreadReply(ctx, tx, emit, { ...thread, alertedIds, groupMention });
    const read = { rid: room.id, uid: caller.uid, tmids: [thread.tmid], seen: message.ts.getTime() };
    await noteThreadsRead(ctx, { tx, emit }, read);
  }
  await tellOfOutsiders(ctx, { tx, emit }, caller, place, message);
  const followerIds = thread?.followerIds ?? [];
  emit('message.sent', { message, room: roomToTellOf(room), alertedIds, followerIds, groupMention });
  return { message, doc };
}

const roomToTellOf = ({ id, type, name, displayName, memberCount }: Room): MessageSent['room'] => ({
  ...{ id, type, name, displayName, memberCount },
});

/**
 * What the caller does becomes a message without words, which counts like what people write: it has what `parts` say.
 * Returns its id.
 */
export async function storeWithoutWords(
  ctx: Context,
  write: WriteScope,
  caller: Caller,
  rid: string,
  parts: Partial<NewMessage>,
): Promise<string> {
  const inside = within(ctx, write.tx);
  const place = await placeForSending(inside, write.tx, caller, rid);
  const message = {
    ...{ _id: newIdAt(ctx.clock.now()), rid, msg: '', u: callerRef(caller) },
    ...{ urls: [], mentions: [], channels: [], ...parts },
  };
  const nobody = { mentionedIds: [], highlightedIds: [], groupMention: false };
  await storeMessage(inside, write, { caller, place, parent: undefined }, message, nobody);
  return message._id;
}

async function alreadySent(tx: Tx, caller: Caller, { _id, rid }: WireMessage): Promise<WireMessage> {
  const stored = await storedMessageById(tx, _id);
  if (!stored || stored.hidden || stored.message.rid !== rid || stored.message.u._id !== caller.uid) refuse();
  return forViewer(stored.message, caller.uid);
}

export const isHugeDocument = (message: WireMessage): boolean =>
  messageDoc(message).length > MAX_DOCUMENT_LENGTH;

/** For edits: what a sender puts beside the text has no other limit. */
export function refuseHugeDocument(message: WireMessage): void {
  if (isHugeDocument(message)) refuse('error-message-size-exceeded');
}
