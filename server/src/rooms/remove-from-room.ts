import type { Context } from '../context.ts';
import type { UserRef } from '../kernel/caller.ts';
import type { Emit } from '../kernel/events.ts';
import { postSystemMessage, type SystemMessage } from '../messages/system-message.ts';
import type { Tx } from '../storage/database.ts';
import { removeMembership, setRoomRoles, updateMembership } from './membership.store.ts';
import type { Membership } from './membership.ts';
import { presentRoom } from './present-room.ts';
import { presentSubscription } from './present-subscription.ts';
import type { Room } from './room.ts';
import { updateRoom } from './rooms.store.ts';
import { removeTeamMember } from './teams.store.ts';

/**
 * What every way out of a room ends in (spec 10 §2.1, effects 1 to 7): the system message, the membership with all its
 * state, the team membership of a main room. `room` is the room with its counters already changed
 * (`recordActivity` with `messages: 1, members: -1`).
 */
export async function removeFromRoom(
  ctx: Context,
  tx: Tx,
  emit: Emit,
  {
    room,
    membership,
    user,
    message,
    banned = false,
  }: {
    room: Room;
    membership: Membership;
    user: UserRef;
    message: SystemMessage;
    /** Keeps the membership as a ban, so that joining, invitations and invite links can tell. */
    banned?: boolean;
  },
): Promise<void> {
  // Emitted before the removal: the leaver still gets the message that tells everybody (spec 10 §2.1, realtime).
  await postSystemMessage(ctx, tx, emit, room, message);
  const at = ctx.clock.stamp();
  if (banned) await markBanned(tx, membership, at);
  else await removeMembership(tx, membership, at);
  if (room.teamMain && room.teamId !== null) await removeTeamMember(tx, room.teamId, membership.uid);
  await stopWaitingForKey(ctx, tx, room, membership.uid);
  emit('membership.changed', {
    action: 'removed',
    rid: room.id,
    uid: membership.uid,
    subscription: presentSubscription(membership, room, user),
  });
  for (const role of membership.roles)
    emit('roomRole.changed', { type: 'removed', role, rid: room.id, isPublic: room.type === 'c', user });
  // Channels of the team may have been open to its members without being joined.
  if (room.teamMain) emit('room.accessChanged', { rid: room.id, wholeTeam: true });
  emit('room.changed', { action: 'updated', rid: room.id, room: presentRoom(room) });
}

async function markBanned(tx: Tx, { id, rid, uid, roles }: Membership, at: number): Promise<void> {
  await updateMembership(tx, id, at, { status: 'BANNED', since: at, open: false, alert: false });
  if (roles.length > 0) await setRoomRoles(tx, rid, uid, [], at);
}

async function stopWaitingForKey(ctx: Context, tx: Tx, room: Room, uid: string): Promise<void> {
  const waiting = room.details.usersWaitingForE2EKeys;
  if (!waiting?.some((entry) => entry.userId === uid)) return;
  room.details.usersWaitingForE2EKeys = waiting.filter((entry) => entry.userId !== uid);
  await updateRoom(tx, room.id, ctx.clock.stamp(), { details: room.details });
}
