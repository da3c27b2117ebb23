import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail, refuse } from '../kernel/errors.ts';
import { findMessage, lastVisibleMessage } from '../messages/find-message.ts';
import { noteThreadsRead } from '../messages/note-threads-read.ts';
import { membershipOf, updateMembership } from './membership.store.ts';
import { type Membership, type MembershipDetails, unreadState } from './membership.ts';
import { presentSubscription } from './present-subscription.ts';
import type { Room } from './room.ts';
import { roomById } from './rooms.store.ts';
import { callerRef } from './user-ref.ts';

/**
 * Marks a room as read by the caller (spec 10 §12.3). `readThreads` also clears unread threads; otherwise the alert stays
 * while some are left. @throws error-invalid-subscription (plain)
 */
export async function readRoom(
  ctx: Context,
  caller: Caller,
  rid: string,
  readThreads = false,
): Promise<void> {
  await ctx.write(async (tx, emit) => {
    const room = await roomById(tx, rid);
    const membership = await membershipOf(tx, rid, caller.uid);
    if (!room || !membership || membership.status === 'BANNED') refuse('error-invalid-subscription');
    const at = ctx.clock.stamp();
    const { tunread, tunreadUser, tunreadGroup, ...withoutThreads } = membership.details;
    const details: MembershipDetails = readThreads ? withoutThreads : membership.details;
    const change = {
      open: true,
      alert: unreadState(membership, room).alert && !readThreads && (tunread?.length ?? 0) > 0,
      unread: 0,
      userMentions: 0,
      groupMentions: 0,
      lastSeenAt: at,
      details,
    };
    const { activitySeq, unreadSeq, groupSeq } = room;
    await updateMembership(tx, membership.id, at, { ...change, seen: { activitySeq, unreadSeq, groupSeq } });
    const now: Membership = {
      ...membership,
      ...change,
      updatedAt: at,
      seenActivitySeq: activitySeq,
      seenUnreadSeq: unreadSeq,
      seenGroupSeq: groupSeq,
    };
    emitOwn(emit, room, now, caller);
    if (readThreads && tunread) {
      await noteThreadsRead(ctx, { tx, emit }, { rid: room.id, uid: caller.uid, tmids: tunread });
    }
  });
}

const UNREAD = { method: 'unreadMessages', action: 'Unread_messages' };

/**
 * Marks a room as unread from a message on, or from its last one (spec 11 §2 `subscriptions.unread`).
 *
 * @throws error-no-message-for-unread, error-action-not-allowed, error-subscription-not-found
 */
export async function unreadFrom(
  ctx: Context,
  caller: Caller,
  from: { rid: string } | { messageId: string },
): Promise<void> {
  const message =
    'rid' in from ? await lastOfOwnRoom(ctx, caller, from.rid) : await findMessage(ctx, from.messageId);
  if (!message && 'rid' in from)
    fail('error-no-message-for-unread', 'There are no messages to mark unread', UNREAD);
  if (!message || (!('rid' in from) && message.u._id === caller.uid)) {
    fail('error-action-not-allowed', 'Not allowed', UNREAD);
  }
  await ctx.write(async (tx, emit) => {
    const room = await roomById(tx, message.rid);
    const membership = await membershipOf(tx, message.rid, caller.uid);
    if (
      !room ||
      !membership ||
      membership.status === 'BANNED' ||
      (!('rid' in from) && membership.lastSeenAt === null)
    ) {
      fail('error-subscription-not-found', 'Subscription not found', UNREAD);
    }
    const at = ctx.clock.stamp();
    const change = { open: true, alert: true, unread: 1, lastSeenAt: message.ts.getTime() - 1 };
    const seen = {
      activitySeq: room.activitySeq,
      unreadSeq: room.unreadSeq,
      groupSeq: membership.seenGroupSeq,
    };
    await updateMembership(tx, membership.id, at, { ...change, seen });
    const now: Membership = {
      ...membership,
      ...change,
      updatedAt: at,
      seenActivitySeq: room.activitySeq,
      seenUnreadSeq: room.unreadSeq,
    };
    emitOwn(emit, room, now, caller);
  });
}

async function lastOfOwnRoom(ctx: Context, caller: Caller, rid: string) {
  // Strangers learn nothing about the room, not even whether it has messages.
  const membership = await membershipOf(ctx.db, rid, caller.uid);
  return membership && membership.status !== 'BANNED' ? lastVisibleMessage(ctx, rid) : undefined;
}

function emitOwn(
  emit: Parameters<Parameters<Context['write']>[0]>[1],
  room: Room,
  membership: Membership,
  caller: Caller,
) {
  const subscription = presentSubscription(membership, room, callerRef(caller));
  emit('membership.changed', { action: 'updated', rid: room.id, uid: caller.uid, subscription });
}
