import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail } from '../kernel/errors.ts';
import { canAccessRoom } from '../rooms/access.ts';
import { getMembership, getRoom } from '../rooms/get-room.ts';
import type { Room } from '../rooms/room.ts';
import { readThreadOf } from '../rooms/thread-unread.ts';
import { findMessage } from './find-message.ts';
import type { WireMessage } from './message.ts';
import {
  countRepliesBefore,
  deletedBeyond,
  type MessageSort,
  type Page,
  repliesChangedSince,
  repliesPage,
  type Thread,
  threadsChangedSince,
  threadsPage,
} from './message-pages.store.ts';
import { noteThreadsRead } from './note-threads-read.ts';
import { presentMessages } from './present-messages.ts';
import type { ListPage, MessageList } from './room-messages.ts';
import { type DeletedMark, deletedMark } from './sync-messages.ts';

export interface ThreadListRequest extends ListPage {
  rid: string;
  type?: 'following' | 'unread';
  /** Only threads whose first message contains it, ignoring case. */
  text?: string;
}

export interface ThreadChanges {
  update: WireMessage[];
  remove: DeletedMark[];
}

const LATEST_REPLY_FIRST: MessageSort = [['tlm', -1]];
const OLDEST_FIRST: MessageSort = [['ts', 1]];
const MAX_CHANGES = 10_000;

/** Threads of a room, those with the latest reply first (spec 30 §5). @throws error-not-allowed */
export async function listThreads(ctx: Context, caller: Caller, request: ThreadListRequest) {
  const { rid, type, text, offset, count, sort = LATEST_REPLY_FIRST } = request;
  await readableThreads(ctx, caller, rid);
  const ids = type === 'unread' ? await unreadThreads(ctx, caller, rid) : undefined;
  if (ids?.length === 0) return { threads: [], count: 0, offset, total: 0 };
  const which = {
    ...(ids ? { ids } : {}),
    ...(type === 'following' ? { followedBy: caller.uid } : {}),
    ...(text ? { text } : {}),
  };
  const { messages, total } = await threadsPage(ctx.db, rid, which, sort, { offset, count });
  return { threads: await presentMessages(ctx, caller, messages), count: messages.length, offset, total };
}

async function unreadThreads(ctx: Context, caller: Caller, rid: string): Promise<string[]> {
  const membership = await getMembership(ctx, rid, caller.uid);
  return membership?.details.tunread ?? [];
}

/** Threads of a room changed after `since` (ms), and messages deleted since. @throws error-not-allowed */
export async function syncThreads(
  ctx: Context,
  caller: Caller,
  rid: string,
  since: number,
): Promise<ThreadChanges> {
  await readableThreads(ctx, caller, rid);
  const [update, deleted] = await Promise.all([
    threadsChangedSince(ctx.db, rid, since, MAX_CHANGES),
    deletedBeyond(ctx.db, rid, { next: since }, MAX_CHANGES),
  ]);
  const remove = deleted.filter((deletion) => deletion.message.tcount !== undefined).map(deletedMark);
  return { update, remove };
}

/** The room, where threads are on and the caller may read it. @throws error-not-allowed */
async function readableThreads(ctx: Context, caller: Caller, rid: string): Promise<Room> {
  refuseWithoutThreads(ctx, 'Threads Disabled');
  const room = await getRoom(ctx, rid);
  if (!room || !(await canAccessRoom(ctx, caller, room))) fail('error-not-allowed', 'Not Allowed');
  return room;
}

export function refuseWithoutThreads(ctx: Context, reason: string, details?: { method: string }): void {
  if (!ctx.settings.bool('Threads_enabled')) fail('error-not-allowed', reason, details);
}

/** A thread's first message and its room. @throws error-not-allowed, error-invalid-message */
async function readableThread(ctx: Context, caller: Caller, tmid: string) {
  refuseWithoutThreads(ctx, 'Threads Disabled');
  const parent = await findMessage(ctx, tmid);
  if (!parent) fail('error-invalid-message', 'Invalid Message');
  const room = await getRoom(ctx, parent.rid);
  if (!room || !(await canAccessRoom(ctx, caller, room))) fail('error-not-allowed', 'Not Allowed');
  return { parent, room };
}

/**
 * Replies of a thread, oldest first, without the first message (spec 30 §5). With `aroundId` the page that has this reply
 * in its middle. Does not mark as read.
 *
 * @throws error-not-allowed, error-invalid-message
 */
export async function threadMessages(
  ctx: Context,
  caller: Caller,
  { tmid, aroundId, offset, count, sort = OLDEST_FIRST }: ListPage & { tmid: string; aroundId?: string },
): Promise<MessageList> {
  const { room } = await readableThread(ctx, caller, tmid);
  const thread = { rid: room.id, tmid };
  const used: Page = { offset: aroundId ? await offsetAround(ctx, thread, aroundId, count) : offset, count };
  const { messages, total } = await repliesPage(ctx.db, thread, aroundId ? OLDEST_FIRST : sort, used);
  return { messages, count: messages.length, offset: used.offset, total };
}

async function offsetAround(ctx: Context, thread: Thread, aroundId: string, count: number): Promise<number> {
  if (aroundId === thread.tmid) return 0;
  const reply = await findMessage(ctx, aroundId);
  if (reply?.tmid !== thread.tmid || reply.rid !== thread.rid) {
    fail('error-invalid-message', 'The provided "aroundId" does not belong to the thread');
  }
  const older = await countRepliesBefore(ctx.db, thread, reply.ts.getTime());
  return Math.max(0, older - Math.floor(count / 2));
}

/** Replies changed after `since` (ms), and replies deleted since. @throws error-not-allowed, error-invalid-message */
export async function syncThread(
  ctx: Context,
  caller: Caller,
  { tmid, since, offset, count, sort = OLDEST_FIRST }: ListPage & { tmid: string; since: number },
): Promise<ThreadChanges> {
  const { room } = await readableThread(ctx, caller, tmid);
  const page = { offset, count: count > 0 ? count : MAX_CHANGES };
  const [update, deleted] = await Promise.all([
    repliesChangedSince(ctx.db, { rid: room.id, tmid }, since, sort, page),
    deletedBeyond(ctx.db, room.id, { next: since }, MAX_CHANGES),
  ]);
  return { update, remove: deleted.filter((deletion) => deletion.message.tmid === tmid).map(deletedMark) };
}

/** The first message and then replies, newest first; marks the thread as read (DDP `getThreadMessages`). */
export async function openThread(
  ctx: Context,
  caller: Caller,
  { tmid, limit, skip }: { tmid: string; limit: number; skip: number },
): Promise<WireMessage[]> {
  refuseWithoutThreads(ctx, 'Threads Disabled', { method: 'getThreadMessages' });
  const parent = await findMessage(ctx, tmid);
  if (!parent) return [];
  const { room } = await readableThread(ctx, caller, tmid);
  await markRead(ctx, caller, room.id, tmid);
  const { messages } = await repliesPage(ctx.db, { rid: room.id, tmid }, [['ts', -1]], {
    offset: skip,
    count: limit,
  });
  return [parent, ...messages];
}

/** Marks a thread as read (spec 30 §5). @throws error-not-allowed, error-invalid-message, error-room-does-not-exist */
export async function readThread(ctx: Context, caller: Caller, tmid: string): Promise<void> {
  refuseWithoutThreads(ctx, 'Threads Disabled');
  const parent = await findMessage(ctx, tmid);
  if (!parent) fail('error-invalid-message', 'Invalid Message');
  const room = await getRoom(ctx, parent.rid);
  if (!room) fail('error-room-does-not-exist', 'This room does not exist');
  if (!(await canAccessRoom(ctx, caller, room))) fail('error-not-allowed', 'Not Allowed');
  await markRead(ctx, caller, room.id, tmid);
}

async function markRead(ctx: Context, caller: Caller, rid: string, tmid: string): Promise<void> {
  await ctx.write(async (tx, emit) => {
    await readThreadOf(ctx, tx, emit, caller, { rid, tmid });
    await noteThreadsRead(ctx, { tx, emit }, { rid, uid: caller.uid, tmids: [tmid] });
  });
}
