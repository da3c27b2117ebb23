import { callerFor, findUserById } from '../accounts/find-users.ts';
import { type Context, type WriteScope, within } from '../context.ts';
import { findFile } from '../files/find-files.ts';
import { hideFilesOf, removeFiles } from '../files/remove-files.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail, refuse } from '../kernel/errors.ts';
import type { Emit } from '../kernel/events.ts';
import { canAccessRoom } from '../rooms/access.ts';
import { removeRoom } from '../rooms/delete-room.ts';
import { getRoom, lockRoom } from '../rooms/get-room.ts';
import { forgetMessage } from '../rooms/last-message.ts';
import type { Room } from '../rooms/room.ts';
import type { Tx } from '../storage/database.ts';
import { followDiscussion } from './discussion-upkeep.ts';
import { findMessage, lastUserMessage } from './find-message.ts';
import type { WireMessage } from './message.ts';
import { hideMessage, insertMessage, lockMessage, removeMessages, replaceMessage } from './messages.store.ts';
import { forgetReply } from './record-reply.ts';
import { findPlace, isReadOnlyFor, mayHere, type Place } from './sending-rules.ts';
import { roomOfMessage } from './system-message.ts';
import { historyCopy } from './update-message.ts';

export interface Deletion {
  msgId: string;
  /** Must be the message's room where given. */
  roomId?: string;
  /** Delete it in the name of its author. */
  asUser?: boolean;
}

/** What to delete when the message is named by a file in it. @throws a plain refusal */
export async function messageOfFile(
  ctx: Context,
  { fileId, asUser }: { fileId: string; asUser?: boolean },
): Promise<Deletion> {
  const msgId = (await findFile(ctx, fileId))?.messageId;
  if (!msgId) refuse(`No message found with the file id: "${fileId}".`);
  return { msgId, ...(asUser === undefined ? {} : { asUser }) };
}

/**
 * Deletes a message (spec 30 §6 `chat.delete`): it vanishes, is hidden, or becomes "message removed", by the settings and
 * by whether it has replies. Returns it as it was.
 *
 * @throws plain refusals, error-action-not-allowed
 */
export async function deleteMessage(ctx: Context, caller: Caller, deletion: Deletion): Promise<WireMessage> {
  const { msgId, roomId, asUser } = deletion;
  const message = await findMessage(ctx, msgId);
  if (!message) refuse(`No message found with the id of "${msgId}".`);
  if (roomId !== undefined && roomId !== message.rid) {
    refuse('The room id provided does not match where the message is from.');
  }
  const place = await findPlace(ctx, caller, message.rid);
  if (!place) fail('error-action-not-allowed', 'Not allowed');
  const acting = asUser ? await authorOf(ctx, caller, place, message) : { caller, place };
  await refuseDeletion(ctx, acting.caller, acting.place, message);

  return ctx.write(async (tx, emit) => {
    const current = await takeMessageAway(ctx, { tx, emit }, acting.caller, message._id);
    return current ?? refuse(`No message found with the id of "${msgId}".`);
  });
}

/** What deleting a message does, whoever may: `remover` is named in what is left of it. Undefined when it is gone already. */
export async function takeMessageAway(
  ctx: Context,
  { tx, emit }: WriteScope,
  remover: Caller,
  messageId: string,
): Promise<WireMessage | undefined> {
  // Locked before its parent and its room; whoever comes second finds it gone.
  const current = await lockMessage(tx, messageId);
  const room = current && (await getRoom(within(ctx, tx), current.rid));
  if (!room) return undefined;
  await takeAway(ctx, tx, emit, remover, room, current);
  // What is left of a deleted message was taken out of all counters before.
  if (current.t === 'rm') return current;
  if (current.tmid) await forgetReply(ctx, tx, emit, room, current.tmid);
  const left = await forgetMessage(ctx, tx, emit, current, () => lastUserMessage(tx, current.rid));
  if (left) await followDiscussion(ctx, { tx, emit }, left);
  if (current.drid) await endDiscussion(ctx, { tx, emit }, current.drid);
  return current;
}

/** A discussion goes with its announcement (spec 11 §7). */
export async function endDiscussion(ctx: Context, { tx, emit }: WriteScope, rid: string): Promise<void> {
  const room = await lockRoom(tx, rid);
  if (room) await removeRoom(ctx, tx, emit, room);
}

/** The author with their own rights, for whom somebody with the right to do so acts. */
async function authorOf(ctx: Context, caller: Caller, place: Place, message: WireMessage) {
  if (message.u._id === caller.uid) return { caller, place };
  if (!mayHere(ctx, caller, 'force-delete-message', place)) {
    refuse(
      'Unauthorized. You must have the permission "force-delete-message" to delete other\'s message as them.',
    );
  }
  const author = await findUserById(ctx, message.u._id);
  if (!author) refuse('User not found');
  const acting = callerFor(author, { ip: caller.ip, userAgent: caller.userAgent });
  return { caller: acting, place: (await findPlace(ctx, acting, message.rid)) ?? place };
}

/** Whether the caller may delete the message (spec 30 §6). @throws error-action-not-allowed, a plain refusal */
export async function refuseDeletion(
  ctx: Context,
  caller: Caller,
  place: Place,
  message: WireMessage,
): Promise<void> {
  const denied = () => fail('error-action-not-allowed', 'Not allowed');
  if (!(await canAccessRoom(ctx, caller, place.room, place))) denied();
  if (mayHere(ctx, caller, 'force-delete-message', place)) return;
  if (!ctx.settings.bool('Message_AllowDeleting')) denied();
  const isOwn = message.u._id === caller.uid;
  const mayDelete =
    mayHere(ctx, caller, 'delete-message', place) ||
    (isOwn && mayHere(ctx, caller, 'delete-own-message', place));
  if (!mayDelete) denied();
  const limit = ctx.settings.int('Message_AllowDeleting_BlockDeleteInMinutes');
  if (limit > 0 && !mayHere(ctx, caller, 'bypass-time-limit-edit-and-delete', place)) {
    const age = Math.round((ctx.clock.now() - message.ts.getTime()) / 60_000);
    if (age > limit) denied();
    return;
  }
  if (isReadOnlyFor(ctx, caller, place)) refuse("You can't delete messages because the room is readonly.");
}

/** The table of spec 30 §6. A message with replies always stays as "removed": its thread hangs on it. */
async function takeAway(
  ctx: Context,
  tx: Tx,
  emit: Emit,
  caller: Caller,
  room: Room,
  message: WireMessage,
): Promise<void> {
  const hasReplies = (message.tcount ?? 0) > 0;
  const keep = hasReplies || ctx.settings.bool('Message_KeepHistory');
  const show = hasReplies || ctx.settings.bool('Message_ShowDeletedStatus');
  const at = ctx.clock.stamp();
  if (message.files) {
    if (ctx.settings.bool('Message_KeepHistory')) await hideFilesOf(ctx, { tx, emit }, [message._id]);
    else await removeFiles(ctx, { tx, emit }, { messageIds: [message._id] });
  }
  if (!show) {
    if (keep) await hideMessage(tx, message, at);
    else await removeMessages(tx, [message], at);
    emit('message.deleted', { rid: message.rid, messageId: message._id });
    return;
  }
  const change = { editedAt: new Date(at), editedBy: { _id: caller.uid, username: caller.username ?? '' } };
  if (keep) await insertMessage(tx, historyCopy(message, change), { hidden: true });
  const { md: _md, blocks: _blocks, tshow: _tshow, file: _file, files: _files, ...rest } = message;
  const removed: WireMessage = {
    ...rest,
    msg: '',
    t: 'rm',
    urls: [],
    mentions: [],
    attachments: [],
    reactions: {},
    ...change,
    _updatedAt: new Date(at),
  };
  await replaceMessage(tx, removed, 'text');
  emit('message.saved', { message: removed, room: roomOfMessage(room), isNew: false });
}
