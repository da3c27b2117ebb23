import { findUsers } from '../accounts/find-users.ts';
import type { Context, WriteScope } from '../context.ts';
import { PRUNED_FILE } from '../files/file-attachments.ts';
import { removeFiles } from '../files/remove-files.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail, refuse } from '../kernel/errors.ts';
import { canAccessRoom, hasInRoom } from '../rooms/access.ts';
import { forgetMessages, refreshLastMessage } from '../rooms/last-message.ts';
import type { Room } from '../rooms/room.ts';
import { forgetThread } from '../rooms/thread-unread.ts';
import { endDiscussion } from './delete-message.ts';
import { followDiscussion } from './discussion-upkeep.ts';
import { lastUserMessage } from './find-message.ts';
import type { WireMessage } from './message.ts';
import { removeMessages, replaceMessage } from './messages.store.ts';
import { nextToPrune, type PrunePosition, type PruneSelection } from './prune.store.ts';
import { forgetReply } from './record-reply.ts';

export interface Pruning extends Omit<PruneSelection, 'rid' | 'uids'> {
  /** At most so many messages; 0 means all. */
  limit: number;
  /** Only theirs; everybody's when empty. */
  usernames: readonly string[];
}

/** Messages per transaction: other writes wait for no more than that. */
const BATCH = 200;

/**
 * Removes a stretch of a room's history, or only its files (spec 11 §4 `rooms.cleanHistory`). Returns how many messages
 * that concerns; those that were deleted before are not counted.
 *
 * @throws a plain refusal without access, error-not-allowed
 */
export async function cleanHistory(
  ctx: Context,
  caller: Caller,
  room: Room,
  pruning: Pruning,
): Promise<number> {
  if (!(await canAccessRoom(ctx, caller, room)))
    refuse('User does not have access to the room [error-not-allowed]', 'error-not-allowed');
  if (!(await hasInRoom(ctx, caller, 'clean-channel-history', room.id)))
    fail('error-not-allowed', 'Not allowed', { method: 'cleanRoomHistory' });
  return pruneRoom(ctx, room, pruning);
}

/** The same without asking who wants it. When `signal` is aborted, what is not pruned yet stays. */
export async function pruneRoom(
  ctx: Context,
  room: Room,
  pruning: Pruning,
  signal?: AbortSignal,
): Promise<number> {
  const { usernames, limit, ...rest } = pruning;
  const users = usernames.length > 0 ? await findUsers(ctx, { usernames }) : undefined;
  const selection = { ...rest, rid: room.id, uids: users?.map(({ _id }) => _id) };
  // Clients look for the authors' names in their own copies, to the letter.
  const described = { ...pruning, usernames: users?.flatMap(({ username }) => username ?? []) ?? [] };
  // A description would mean more than is removed: clients are told each message.
  const areNamed = limit > 0 || pruning.ignoreThreads;
  let pruned = 0;
  let count = 0;
  let position: PrunePosition | undefined;
  for (let isOver = false; !isOver && !signal?.aborted; ) {
    const size = limit > 0 ? Math.min(BATCH, limit - pruned) : BATCH;
    await ctx.write(async (tx, emit) => {
      const { messages: batch, next } = await nextToPrune(tx, selection, position, size);
      if (pruning.filesOnly) await pruneFiles(ctx, { tx, emit }, batch);
      else await pruneMessages(ctx, { tx, emit }, room, batch);
      pruned += batch.length;
      count += batch.filter(isCounted).length;
      position = next;
      isOver = next === undefined || (limit > 0 && pruned >= limit);
      const ids = areNamed ? batch.map(({ _id }) => _id) : undefined;
      if (ids ? ids.length > 0 : isOver && pruned > 0)
        emit('messages.pruned', { rid: room.id, pruning: described, ids });
    });
  }
  return count;
}

/** What is left of a deleted message is in no counter. */
const isCounted = ({ t }: WireMessage): boolean => t !== 'rm';

async function pruneMessages(
  ctx: Context,
  write: WriteScope,
  room: Room,
  batch: readonly WireMessage[],
): Promise<void> {
  if (batch.length === 0) return;
  const { tx, emit } = write;
  const at = ctx.clock.stamp();
  const ids = new Set(batch.map(({ _id }) => _id));
  await removeFiles(ctx, write, { messageIds: [...ids] });
  await removeMessages(tx, batch, at);
  for (const message of batch) {
    const { _id, tmid, drid, tcount } = message;
    // The parent comes first where both go, and needs no counting any more.
    if (tmid && isCounted(message) && !ids.has(tmid)) await forgetReply(ctx, tx, emit, room, tmid);
    if (tcount !== undefined) await forgetThread(ctx, tx, emit, { rid: room.id, tmid: _id });
    if (drid) await endDiscussion(ctx, write, drid);
  }
  const left = await forgetMessages(ctx, tx, emit, room.id, batch.filter(isCounted).length, () =>
    lastUserMessage(tx, room.id),
  );
  if (left) await followDiscussion(ctx, write, left);
}

async function pruneFiles(ctx: Context, write: WriteScope, batch: readonly WireMessage[]): Promise<void> {
  if (batch.length === 0) return;
  const { tx, emit } = write;
  const newest = batch.filter(({ tmid, tshow }) => !tmid || tshow).at(-1);
  await removeFiles(ctx, write, { messageIds: batch.map(({ _id }) => _id) });
  for (const { file: _file, files: _files, attachments = [], ...rest } of batch) {
    const left = {
      ...rest,
      attachments: attachments.map((attachment) =>
        attachment.fileId || attachment.type === 'file' ? PRUNED_FILE : attachment,
      ),
      _updatedAt: new Date(ctx.clock.stamp()),
    } as WireMessage;
    await replaceMessage(tx, left);
    // The one that the room shows is the newest outside of threads.
    if (left._id === newest?._id) await refreshLastMessage(ctx, tx, emit, left);
  }
}
