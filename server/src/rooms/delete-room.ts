import type { Context } from '../context.ts';
import type { Caller, UserRef } from '../kernel/caller.ts';
import { fail } from '../kernel/errors.ts';
import type { Emit } from '../kernel/events.ts';
import { deleteMessagesOfRoom } from '../messages/delete-messages-of-room.ts';
import { postSystemMessage } from '../messages/system-message.ts';
import type { Tx } from '../storage/database.ts';
import { hasInRoom } from './access.ts';
import { deleteMembershipsOfRoom } from './membership.store.ts';
import { presentRoom } from './present-room.ts';
import { presentSubscription } from './present-subscription.ts';
import type { Room } from './room.ts';
import { deleteRoom, insertRoomTombstones, recordActivity, roomById } from './rooms.store.ts';
import { teamById } from './teams.store.ts';
import { callerRef } from './user-ref.ts';

const DETAILS = { method: 'eraseRoom' };

/**
 * Deletes a room with its messages and memberships (spec 10 §9.4).
 *
 * @throws error-invalid-room, error-cannot-delete-team-channel, error-not-allowed
 */
export async function eraseRoom(ctx: Context, caller: Caller, rid: string): Promise<void> {
  const room = await roomById(ctx.db, rid);
  if (!room) fail('error-invalid-room', 'Invalid room', DETAILS);
  if (room.teamMain) fail('error-cannot-delete-team-channel', 'Cannot delete a team channel', DETAILS);
  if (!(await hasInRoom(ctx, caller, `delete-${room.type}`, rid)))
    fail('error-not-allowed', 'Not allowed', DETAILS);
  const team = room.teamId === null ? undefined : await teamById(ctx.db, room.teamId);
  const permission = room.type === 'c' ? 'delete-team-channel' : 'delete-team-group';
  if (team && !(await hasInRoom(ctx, caller, permission, team.room_id)))
    fail('error-not-allowed', 'Not allowed', DETAILS);
  await ctx.write(async (tx, emit) => {
    await removeRoom(ctx, tx, emit, room);
    if (team) await announceInTeam(ctx, tx, emit, team.room_id, room, callerRef(caller));
  });
}

/** Takes a room and everything in it out of the database; members are told, delta synchronization finds tombstones. */
export async function removeRoom(ctx: Context, tx: Tx, emit: Emit, room: Room): Promise<void> {
  const at = ctx.clock.stamp();
  await deleteMessagesOfRoom(tx, room.id);
  const members = await deleteMembershipsOfRoom(tx, room.id, at);
  await deleteRoom(tx, room.id);
  await insertRoomTombstones(
    tx,
    room.id,
    members.map(({ membership }) => membership.uid),
    at,
  );
  const wire = presentRoom(room);
  // Before the memberships go: rooms-changed reaches those who are members still.
  emit('room.changed', { action: 'removed', rid: room.id, room: wire });
  for (const { membership, user } of members) {
    const subscription = presentSubscription(membership, room, user);
    emit('membership.changed', { action: 'removed', rid: room.id, uid: membership.uid, subscription });
  }
}

async function announceInTeam(
  ctx: Context,
  tx: Tx,
  emit: Emit,
  mainRoomId: string,
  room: Room,
  user: UserRef,
) {
  const main = await recordActivity(tx, mainRoomId, ctx.clock.stamp(), { messages: 1, members: 0 });
  if (!main) return;
  await postSystemMessage(ctx, tx, emit, main, {
    t: 'user-deleted-room-from-team',
    msg: room.name ?? '',
    user,
  });
  emit('room.changed', { action: 'updated', rid: main.id, room: presentRoom(main) });
}
