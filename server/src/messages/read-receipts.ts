import type { Context } from '../context.ts';
import type { Caller, UserRef } from '../kernel/caller.ts';
import { fail } from '../kernel/errors.ts';
import { canAccessRoom } from '../rooms/access.ts';
import { getMemberships, getRoom, lockRoom } from '../rooms/get-room.ts';
import { refreshLastMessage } from '../rooms/last-message.ts';
import { lastSeenByMembers } from '../rooms/members.ts';
import { isActiveMember } from '../rooms/membership.ts';
import { userRef } from '../rooms/user-ref.ts';
import { findMessage } from './find-message.ts';
import { lockMessage, replaceMessage } from './messages.store.ts';
import {
  type Flow,
  insertReceipts,
  readersWithoutReceipts,
  readMark,
  readMarksOfMembers,
  readsOfThread,
  receiptsOf,
  setReadMark,
  setReceiptsStored,
  unreadMessagesUpTo,
} from './read-receipts.store.ts';
import { roomOfMessage } from './system-message.ts';

/** So long after a read the readers of a room are looked at, all that read meanwhile at once (spec 11 §12). */
const DELAY_MS = 2000;
const BATCH = 200;

/**
 * Works out who has read what, where the workspace wants that: who reads says so by their membership, and some time later
 * the messages that everybody has read lose their `unread`. Replies that only their thread shows are read with the thread,
 * by those who follow it. A read that is not followed because the server stops is followed with the next one in the room or
 * thread.
 */
export class ReadReceipts {
  readonly #ctx: Context;
  readonly #waiting = new Map<string, { flow: Flow; timer: NodeJS.Timeout }>();
  readonly #running = new Set<Promise<void>>();

  constructor(ctx: Context) {
    this.#ctx = ctx;
    // The node where it was read writes them.
    ctx.events.on('membership.changed', ({ rid }) => this.#later({ rid }), { ownOnly: true });
    ctx.events.on('thread.read', ({ rid, tmid }) => this.#later({ rid, tmid }), { ownOnly: true });
  }

  #later(flow: Flow): void {
    const key = flow.tmid ?? flow.rid;
    if (!this.#ctx.settings.bool('Message_Read_Receipt_Enabled') || this.#waiting.has(key)) return;
    this.#waiting.set(key, { flow, timer: setTimeout(() => this.#start(key, flow), DELAY_MS).unref() });
  }

  #start(key: string, flow: Flow): void {
    this.#waiting.delete(key);
    const { rid, tmid } = flow;
    const run = (tmid === undefined ? followReaders(this.#ctx, rid) : followThread(this.#ctx, rid, tmid))
      .catch((err) => this.#ctx.log.error({ err, rid, tmid }, 'read receipts were not written'))
      .finally(() => this.#running.delete(run));
    this.#running.add(run);
  }

  /** Looks at every waiting room and thread now. */
  async settled(): Promise<void> {
    for (const [key, { flow, timer }] of this.#waiting) {
      clearTimeout(timer);
      this.#start(key, flow);
    }
    await Promise.all(this.#running);
  }
}

/** Brings receipts and `unread` of a room up to what its members have seen. */
async function followReaders(ctx: Context, rid: string): Promise<void> {
  const members = await lastSeenByMembers(ctx, rid);
  if (members.length === 0) return;
  if (ctx.settings.bool('Message_Read_Receipt_Store_Users')) {
    // One query for those who read nothing new, who are most of them.
    const marks = await readMarksOfMembers(ctx.db, rid);
    await ctx.write(async (tx) => {
      for (const { uid, joinedAt, lastSeenAt } of members) {
        // Whoever left and came back has not seen what was said meanwhile.
        const after = Math.max(marks.get(uid) ?? 0, joinedAt);
        if (lastSeenAt === null || lastSeenAt <= after) continue;
        await insertReceipts(tx, { rid }, { uid, after, until: lastSeenAt });
        await setReadMark(tx, { rid }, lastSeenAt, uid);
      }
    });
  }
  const until = Math.min(...members.map(({ lastSeenAt }) => lastSeenAt ?? 0));
  while (await markRead(ctx, { rid }, until));
}

/** Brings receipts and `unread` of a thread's replies up to what was read of it. */
async function followThread(ctx: Context, rid: string, tmid: string): Promise<void> {
  const parent = await findMessage(ctx, tmid);
  if (parent?.rid !== rid) return;
  if (ctx.settings.bool('Message_Read_Receipt_Store_Users')) {
    await ctx.write(async (tx) => {
      for (const { uid, seen, stored } of await readersWithoutReceipts(tx, tmid)) {
        await insertReceipts(tx, { rid, tmid }, { uid, after: stored, until: seen });
        await setReceiptsStored(tx, tmid, uid, seen);
      }
    });
  }
  const followers = (await getMemberships(ctx, rid, parent.replies ?? [])).filter(isActiveMember);
  if (followers.length === 0) return;
  const reads = await readsOfThread(ctx.db, tmid);
  const until = Math.min(...followers.map(({ uid }) => reads.get(uid)?.seen ?? 0));
  while (await markRead(ctx, { rid, tmid }, until));
}

/** Takes `unread` from the next messages that everybody has read; true when there may be more of them. */
function markRead(ctx: Context, flow: Flow, until: number): Promise<boolean> {
  const { rid } = flow;
  return ctx.write(async (tx, emit) => {
    const room = await lockRoom(tx, rid);
    const after = (await readMark(tx, flow)) ?? 0;
    if (!room || until <= after) return false;
    const found = await unreadMessagesUpTo(tx, flow, { after, until, limit: BATCH });
    let changed = false;
    for (const { _id } of found) {
      const message = await lockMessage(tx, _id);
      if (!message?.unread) continue;
      const { unread: _read, ...rest } = message;
      const read = { ...rest, _updatedAt: new Date(ctx.clock.stamp(rid)) };
      await replaceMessage(tx, read);
      changed = true;
      emit('message.saved', { message: read, room: roomOfMessage(room), isNew: false });
      if (room.lastMessageAt === read.ts.getTime()) await refreshLastMessage(ctx, tx, emit, read);
    }
    const last = found.length === BATCH ? found.at(-1)?.ts.getTime() : undefined;
    await setReadMark(tx, flow, last ?? until);
    if (changed) emit('messages.read', { ...flow, until: new Date(last ?? until) });
    return last !== undefined && last > after;
  });
}

export interface WireReceipt {
  _id: string;
  messageId: string;
  roomId: string;
  userId: string;
  ts: Date;
  t?: string;
  pinned?: boolean;
  drid?: string;
  tmid?: string;
  user: UserRef;
}

/** Of more readers than these the first ones are told. */
export const ALL = { offset: 0, count: 10_000 };

/** Who has read a message, the first reader first (spec 11 §12). @throws error-invalid-message, error-invalid-room */
export async function readReceipts(
  ctx: Context,
  caller: Caller,
  messageId: string,
  page: { offset: number; count: number } = ALL,
): Promise<WireReceipt[]> {
  const details = { method: 'getReadReceipts' };
  const message = await findMessage(ctx, messageId);
  if (!message) fail('error-invalid-message', 'Invalid message', details);
  const room = await getRoom(ctx, message.rid);
  if (!room || !(await canAccessRoom(ctx, caller, room))) fail('error-invalid-room', 'Invalid room', details);
  const { t, pinned, drid, tmid } = message;
  return (await receiptsOf(ctx.db, messageId, page)).map(({ uid, rid, ts, username, name }) => ({
    _id: `${messageId}${uid}`,
    ...{ messageId, roomId: rid, userId: uid, ts: new Date(ts) },
    ...(t ? { t } : {}),
    ...(pinned ? { pinned } : {}),
    ...(drid ? { drid } : {}),
    ...(tmid ? { tmid } : {}),
    user: userRef({ _id: uid, username, name }),
  }));
}
