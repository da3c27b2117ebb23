import type { Context, WriteScope } from '../context.ts';
import { removeFiles } from '../files/remove-files.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail } from '../kernel/errors.ts';
import type { Emit } from '../kernel/events.ts';
import { deleteMessagesOfRoom } from '../messages/delete-messages-of-room.ts';
import { forgetDiscussion } from '../messages/discussion-upkeep.ts';
import type { Tx } from '../storage/database.ts';
import type { TeamRow } from '../storage/schema.ts';
import { hasInRoom } from './access.ts';
import { deleteInvitesOfRoom } from './invites/invites.store.ts';
import { deleteMembershipsOfRoom } from './membership.store.ts';
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
} from './rooms.store.ts';
import { announceInTeam } from './teams/announce-in-team.ts';
import { changeTeamOfRoom } from './teams/change-team-of-room.ts';
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
  const team = room.teamId === null ? undefined : await teamById(ctx.db, room.teamId);
  if (!(await mayErase(ctx, caller, room, team))) fail('error-not-allowed', 'Not allowed', DETAILS);
  await ctx.write(async (tx, emit) => {
    // Somebody else may have deleted it meanwhile.
    const current = await recordActivity(tx, rid, ctx.clock.stamp(), { messages: 0, members: 0 });
    if (!current) fail('error-invalid-room', 'Invalid room', DETAILS);
    await removeRoom(ctx, tx, emit, current);
    if (!team) return;
    const message = { t: 'user-deleted-room-from-team', msg: room.name ?? '', user: callerRef(caller) };
    await announceInTeam(ctx, { tx, emit }, team.room_id, message);
  });
}

/** May delete the room; one of a team only with the team's permission too. */
export async function mayErase(
  ctx: Context,
  caller: Caller,
  room: Room,
  team: TeamRow | undefined,
): Promise<boolean> {
  if (!(await hasInRoom(ctx, caller, `delete-${room.type}`, room.id))) return false;
  const permission = room.type === 'c' ? 'delete-team-channel' : 'delete-team-group';
  return !team || hasInRoom(ctx, caller, permission, team.room_id);
}

/** Takes a room, its discussions and everything in them out of the database; members are told, delta synchronization finds tombstones. */
export async function removeRoom(ctx: Context, tx: Tx, emit: Emit, room: Room): Promise<void> {
  if (room.parentId !== null) await forgetDiscussion(ctx, { tx, emit }, room.id);
  await removeWithDiscussions(ctx, tx, emit, room);
}

async function removeWithDiscussions(ctx: Context, tx: Tx, emit: Emit, room: Room): Promise<void> {
  for (const discussion of await discussionsOf(tx, room.id)) {
    await removeWithDiscussions(ctx, tx, emit, discussion);
  }
  const at = ctx.clock.stamp();
  await deleteMessagesOfRoom(tx, room.id);
  await removeFiles(ctx, { tx, emit }, { rid: room.id });
  const members = await deleteMembershipsOfRoom(tx, room.id, at);
  if (room.teamMain && room.teamId !== null) await dissolveTeam(ctx, { tx, emit }, room.teamId, 'removed');
  await deleteInvitesOfRoom(tx, room.id);
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
    // Whoever is banned was told then, and learns nothing of the room any more.
    if (membership.status === 'BANNED') continue;
    const subscription = presentSubscription(membership, room, user);
    emit('membership.changed', { action: 'removed', rid: room.id, uid: membership.uid, subscription });
  }
}

/** A team ends with its main room, or becomes an ordinary room; its other rooms go on without it. */
export async function dissolveTeam(
  ctx: Context,
  scope: WriteScope,
  teamId: string,
  main: 'removed' | 'kept',
): Promise<void> {
  await deleteTeam(scope.tx, teamId);
  for (const room of await roomsOfTeam(scope.tx, teamId)) {
    if (room.teamMain && main === 'removed') continue;
    await changeTeamOfRoom(ctx, scope, room, { teamId: null, teamMain: false, teamDefault: null });
  }
}
