import { findUserById, findUserByUsername } from '../accounts/find-users.ts';
import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail, forbid, refuse } from '../kernel/errors.ts';
import type { Emit } from '../kernel/events.ts';
import { newId } from '../kernel/ids.ts';
import { postSystemMessage } from '../messages/system-message.ts';
import type { Tx } from '../storage/database.ts';
import { isUniqueViolation } from '../storage/errors.ts';
import type { TeamRow } from '../storage/schema.ts';
import { hasInRoom } from './access.ts';
import { addToRoom } from './add-to-room.ts';
import { activeMemberships } from './member-lists.store.ts';
import { membershipOf, updateAllMemberships } from './membership.store.ts';
import { presentRoom } from './present-room.ts';
import type { Room } from './room.ts';
import { addRoomRole } from './room-roles.ts';
import { recordActivity, updateRoom } from './rooms.store.ts';
import { addTeamMembers, insertTeam, teamByName } from './teams.store.ts';
import { callerRef } from './user-ref.ts';

/**
 * Makes a room the main room of a new team with the same name (spec 10 §9.5). All members become team members with the
 * roles they have in the room; the caller becomes owner of both, and a member first where they are none.
 *
 * @throws 403, team-name-already-exists (plain)
 */
export async function convertToTeam(ctx: Context, caller: Caller, room: Room): Promise<TeamRow> {
  if (!ctx.permissions.has(caller, 'create-team')) forbid();
  if (!(await hasInRoom(ctx, caller, 'edit-room', room.id))) forbid();
  const name = room.name ?? '';
  const taken =
    (await findUserByUsername(ctx, name)) !== undefined || (await teamByName(ctx.db, name)) !== undefined;
  if (taken || room.teamMain) refuse('team-name-already-exists');
  const user = await findUserById(ctx, caller.uid);
  try {
    return await ctx.write(async (tx, emit) => {
      const main = await recordActivity(tx, room.id, ctx.clock.stamp(), { messages: 1, members: 0 });
      if (!main) fail('error-invalid-room', 'Invalid room');
      if (user) await addToRoom(ctx, tx, emit, room.id, user, { silent: true, skipBanned: true });
      const membership = await membershipOf(tx, room.id, caller.uid);
      if (user && membership?.status === null && !membership.roles.includes('owner')) {
        await addRoomRole(ctx, tx, emit, room.id, user, 'owner');
      }
      return foundTeam(ctx, tx, emit, caller, room.id, main);
    });
  } catch (error) {
    // Two conversions at the same moment: the unique index decides.
    if (isUniqueViolation(error)) refuse('team-name-already-exists');
    throw error;
  }
}

async function foundTeam(
  ctx: Context,
  tx: Tx,
  emit: Emit,
  caller: Caller,
  rid: string,
  room: Room,
): Promise<TeamRow> {
  const at = ctx.clock.stamp();
  const actor = callerRef(caller);
  const createdBy = { _id: actor._id, username: actor.username };
  const name = room.name ?? '';
  const team: TeamRow = {
    id: newId(),
    name,
    name_key: name.toLowerCase(),
    type: room.type === 'c' ? 0 : 1,
    room_id: rid,
    created_at: at,
    updated_at: at,
    created_by: JSON.stringify(createdBy),
  };
  await insertTeam(tx, team);
  await addTeamMembers(tx, team.id, await activeMemberships(tx, rid), createdBy, at);
  await updateRoom(tx, rid, at, { teamId: team.id, teamMain: true });
  const main = await recordActivity(tx, rid, at, { messages: 0, members: 0 });
  if (!main) fail('error-invalid-room', 'Invalid room');
  await postSystemMessage(ctx, tx, emit, main, { t: 'user-converted-to-team', msg: name, user: actor });
  // Memberships show the team of the room.
  await updateAllMemberships(tx, main, at, {});
  emit('memberships.touched', { rid, who: 'all', except: [], also: [] });
  emit('room.changed', { action: 'updated', rid, room: presentRoom(main) });
  return team;
}

/** A team as clients see it (spec 11 §1.3). */
export function presentTeam(team: TeamRow) {
  return {
    _id: team.id,
    name: team.name,
    type: team.type,
    roomId: team.room_id,
    createdAt: new Date(team.created_at),
    createdBy: JSON.parse(team.created_by) as { _id: string; username: string },
    _updatedAt: new Date(team.updated_at),
  };
}
