import type { Context } from '../context.ts';
import { removeFiles } from '../files/remove-files.ts';
import type { Caller, UserRef } from '../kernel/caller.ts';
import { fail } from '../kernel/errors.ts';
import type { Emit } from '../kernel/events.ts';
import { deleteMessagesOfRoom } from '../messages/delete-messages-of-room.ts';
import { postSystemMessage } from '../messages/system-message.ts';
import type { Tx } from '../storage/database.ts';
import { hasInRoom } from './access.ts';
import { deleteMembershipsOfRoom, updateAllMemberships } from './membership.store.ts';
import { presentRoom } from './present-room.ts';
import { presentSubscription } from './present-subscription.ts';
import type { Room } from './room.ts';
import {
  deleteRoom,
  discussionsOf,
  insertRoomTombstones,
  recordActivity,
  roomById,
  roomsOfTeam,
  updateRoom,
} from './rooms.store.ts';
import { deleteTeam, teamById } from './teams.store.ts';
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
    // Somebody else may have deleted it meanwhile.
    const current = await recordActivity(tx, rid, ctx.clock.stamp(), { messages: 0, members: 0 });
    if (!current) fail('error-invalid-room', 'Invalid room', DETAILS);
    await removeRoom(ctx, tx, emit, current);
    if (team) await announceInTeam(ctx, tx, emit, team.room_id, room, callerRef(caller));
  });
}

/** Takes a room, its discussions and everything in them out of the database; members are told, delta synchronization finds tombstones. */
export async function removeRoom(ctx: Context, tx: Tx, emit: Emit, room: Room): Promise<void> {
  for (const discussion of await discussionsOf(tx, room.id)) await removeRoom(ctx, tx, emit, discussion);
  const at = ctx.clock.stamp();
  await deleteMessagesOfRoom(tx, room.id);
  await removeFiles(ctx, { tx, emit }, { rid: room.id });
  const members = await deleteMembershipsOfRoom(tx, room.id, at);
  if (room.teamMain && room.teamId !== null) await dissolveTeam(ctx, tx, emit, room.teamId, room.id);
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

/** A team ends with its main room; its other rooms go on without it. */
async function dissolveTeam(
  ctx: Context,
  tx: Tx,
  emit: Emit,
  teamId: string,
  mainRoomId: string,
): Promise<void> {
  await deleteTeam(tx, teamId);
  for (const room of await roomsOfTeam(tx, teamId)) {
    if (room.id === mainRoomId) continue;
    const at = ctx.clock.stamp();
    const { teamDefault: _gone, ...details } = room.details;
    await updateRoom(tx, room.id, at, { teamId: null, details });
    await updateAllMemberships(tx, room, at, {});
    const left = { ...room, teamId: null, details, updatedAt: at };
    emit('memberships.touched', { rid: room.id, who: 'all', except: [], also: [] });
    emit('room.changed', { action: 'updated', rid: room.id, room: presentRoom(left) });
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
