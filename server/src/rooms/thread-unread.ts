import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import type { Emit } from '../kernel/events.ts';
import type { Tx } from '../storage/database.ts';
import { membershipOf, membershipsIn, updateMembership } from './membership.store.ts';
import { isActiveMember, type Membership, type MembershipDetails } from './membership.ts';
import { presentSubscription } from './present-subscription.ts';
import { roomById } from './rooms.store.ts';
import { markReplied, whoHasUnread } from './thread-unread.store.ts';
import { callerRef } from './user-ref.ts';

export interface ThreadReply {
  rid: string;
  tmid: string;
  senderId: string;
  /** Who follows the thread, without the sender. */
  followerIds: readonly string[];
  /** Members who are mentioned in the reply or whose highlight word stands in it; not all of these follow the thread. */
  alertedIds: readonly string[];
  /** The reply says @all or @here. */
  groupMention: boolean;
}

/**
 * Marks the thread as unread for its followers (spec 30 §5, steps 2 and 4). Costs one row per follower, and a second
 * write only for followers for whom the thread was read until now.
 */
export async function recordThreadReply(ctx: Context, tx: Tx, emit: Emit, reply: ThreadReply): Promise<void> {
  const { rid, tmid, senderId } = reply;
  const readers = [...new Set([...reply.followerIds, ...reply.alertedIds])];
  const at = ctx.clock.stamp();
  await markReplied(tx, rid, readers, at, { alert: true });
  await markReplied(tx, rid, [senderId], at, { alert: false });
  const alerted = new Set(reply.alertedIds);
  for (const membership of await membershipsIn(tx, rid, readers)) {
    const { details } = membership;
    const byName = alerted.has(membership.uid);
    const tunread = withThread(details.tunread, tmid);
    const tunreadUser = byName ? withThread(details.tunreadUser, tmid) : details.tunreadUser;
    const tunreadGroup =
      reply.groupMention && !byName ? withThread(details.tunreadGroup, tmid) : details.tunreadGroup;
    const unchanged =
      tunread === details.tunread &&
      tunreadUser === details.tunreadUser &&
      tunreadGroup === details.tunreadGroup;
    if (unchanged || !isActiveMember(membership)) continue;
    await updateMembership(tx, membership.id, at, {
      details: { ...details, tunread, tunreadUser, tunreadGroup },
    });
  }
  emit('memberships.touched', { rid, who: 'named', except: [], also: [...readers, senderId] });
}

/** The same list when the thread is in it already. */
function withThread(list: string[] | undefined, tmid: string): string[] {
  return list?.includes(tmid) ? list : [...(list ?? []), tmid];
}

/**
 * Marks one thread as read by the caller (spec 30 §5 `readThread`): the alert goes with the last unread thread, unless
 * the room itself is unread. Nothing happens for non-members.
 */
export async function readThreadOf(
  ctx: Context,
  tx: Tx,
  emit: Emit,
  caller: Caller,
  thread: { rid: string; tmid: string },
): Promise<void> {
  const room = await roomById(tx, thread.rid);
  const membership = await membershipOf(tx, thread.rid, caller.uid);
  if (!room || !isActiveMember(membership) || !membership.details.tunread?.includes(thread.tmid)) return;
  const at = ctx.clock.stamp();
  const details = withoutThread(membership.details, thread.tmid);
  // What is unread in the room itself keeps its alert: the part derived from the room's counters, and mentions.
  const alert = membership.alert && ((details.tunread?.length ?? 0) > 0 || membership.unread > 0);
  await updateMembership(tx, membership.id, at, { details, alert });
  const now: Membership = { ...membership, details, alert, updatedAt: at };
  const subscription = presentSubscription(now, room, callerRef(caller));
  emit('membership.changed', { action: 'updated', rid: room.id, uid: caller.uid, subscription });
}

/** A thread lost its last reply, or is gone: it is unread for nobody any more, whoever follows it. */
export async function forgetThread(
  ctx: Context,
  tx: Tx,
  emit: Emit,
  thread: { rid: string; tmid: string },
): Promise<void> {
  const at = ctx.clock.stamp();
  const changed: string[] = [];
  // Also of those who were mentioned in it, or whom a word made look.
  const unreadFor = await whoHasUnread(tx, thread);
  for (const membership of await membershipsIn(tx, thread.rid, unreadFor)) {
    if (!membership.details.tunread?.includes(thread.tmid)) continue;
    await updateMembership(tx, membership.id, at, {
      details: withoutThread(membership.details, thread.tmid),
    });
    changed.push(membership.uid);
  }
  if (changed.length > 0)
    emit('memberships.touched', { rid: thread.rid, who: 'named', except: [], also: changed });
}

/** The lists go when they become empty, as clients expect of a member without unread threads. */
function withoutThread(details: MembershipDetails, tmid: string): MembershipDetails {
  const { tunread, tunreadUser, tunreadGroup, ...rest } = details;
  const left = (list: string[] | undefined) => list?.filter((id) => id !== tmid) ?? [];
  return {
    ...rest,
    ...(left(tunread).length > 0 ? { tunread: left(tunread) } : {}),
    ...(left(tunreadUser).length > 0 ? { tunreadUser: left(tunreadUser) } : {}),
    ...(left(tunreadGroup).length > 0 ? { tunreadGroup: left(tunreadGroup) } : {}),
  };
}
