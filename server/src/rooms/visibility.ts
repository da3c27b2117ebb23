import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { changeMembership } from './change-membership.ts';
import type { MembershipChange } from './membership.store.ts';
import { membershipOf } from './membership.store.ts';
import type { Membership } from './membership.ts';
import type { Room } from './room.ts';
import { roomById } from './rooms.store.ts';
import { callerRef } from './user-ref.ts';

/** Shows the room in the caller's sidebar (spec 10 §9.1). */
export function openRoom(ctx: Context, caller: Caller, rid: string): Promise<void> {
  return changeOwn(ctx, caller, rid, () => ({ open: true }));
}

/** Hides it until the next message; what is unread stays counted. */
export function hideRoom(ctx: Context, caller: Caller, rid: string): Promise<void> {
  return changeOwn(ctx, caller, rid, (membership, room) => ({
    open: false,
    alert: false,
    // The activity so far is taken as seen (only a later message re-opens the room), the unread counters are not.
    seen: {
      activitySeq: room.activitySeq,
      unreadSeq: membership.seenUnreadSeq,
      groupSeq: membership.seenGroupSeq,
    },
  }));
}

/** Marks the room as a favourite or not. */
export function setFavorite(ctx: Context, caller: Caller, rid: string, favorite: boolean): Promise<void> {
  return changeOwn(ctx, caller, rid, ({ details }) =>
    favorite ? { favorite } : { favorite, details: { ...details, f: false } },
  );
}

/** Changes the caller's membership, if there still is one, and tells the caller's clients. */
function changeOwn(
  ctx: Context,
  caller: Caller,
  rid: string,
  changeFor: (membership: Membership, room: Room) => MembershipChange,
): Promise<void> {
  return ctx.write(async (tx, emit) => {
    // Read inside the transaction: what is sent must not be older than a message that was counted meanwhile.
    const room = await roomById(tx, rid);
    const membership = await membershipOf(tx, rid, caller.uid);
    if (!room || !membership || membership.status === 'BANNED') return;
    const change = changeFor(membership, room);
    await changeMembership(ctx, { tx, emit }, room, membership, callerRef(caller), change);
  });
}
