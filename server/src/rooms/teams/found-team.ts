import { findUserByUsername } from '../../accounts/find-users.ts';
import type { User } from '../../accounts/user.ts';
import type { Context, WriteScope } from '../../context.ts';
import type { Caller } from '../../kernel/caller.ts';
import { fail } from '../../kernel/errors.ts';
import { newId } from '../../kernel/ids.ts';
import type { TeamRow } from '../../storage/schema.ts';
import { addToRoom } from '../add-to-room.ts';
import { activeMemberships } from '../member-lists.store.ts';
import { membershipOf } from '../membership.store.ts';
import { addRoomRole } from '../room-roles.ts';
import { recordActivity } from '../rooms.store.ts';
import { addTeamMembers, insertTeam, teamByName } from '../teams.store.ts';
import { callerRef } from '../user-ref.ts';
import { announceInTeam } from './announce-in-team.ts';
import { changeTeamOfRoom } from './change-team-of-room.ts';

/** Steps of founding a team, around a new room or one that there is (spec 10 §9.5, spec 11 §8). */

/** Users and teams share one namespace. */
export async function isTeamNameTaken(ctx: Context, name: string): Promise<boolean> {
  return (
    (await findUserByUsername(ctx, name)) !== undefined || (await teamByName(ctx.db, name)) !== undefined
  );
}

/** Founds a team around a room that is there already. `owner` becomes owner of both. */
export async function makeMainRoom(
  ctx: Context,
  scope: WriteScope,
  caller: Caller,
  rid: string,
  owner: User | undefined,
): Promise<TeamRow> {
  const { tx, emit } = scope;
  // Also locks the room.
  const known = await recordActivity(tx, rid, ctx.clock.stamp(), { messages: 0, members: 0 });
  if (!known) fail('error-invalid-room', 'Invalid room');
  if (owner) await addToRoom(ctx, tx, emit, rid, owner, { silent: true, skipBanned: true });
  const membership = owner && (await membershipOf(tx, rid, owner._id));
  if (owner && membership?.status === null && !membership.roles.includes('owner')) {
    await addRoomRole(ctx, tx, emit, rid, owner, 'owner');
  }
  const team = newTeam(ctx, caller, { name: known.name ?? '', isPrivate: known.type === 'p', roomId: rid });
  await insertTeam(tx, team);
  await enlist(ctx, scope, caller, team);
  await changeTeamOfRoom(ctx, scope, known, { teamId: team.id, teamMain: true });
  const message = { t: 'user-converted-to-team', msg: team.name, user: callerRef(caller) };
  await announceInTeam(ctx, scope, rid, message);
  return team;
}

/** The row of a team that is about to be founded. */
export function newTeam(
  ctx: Context,
  caller: Caller,
  { name, isPrivate, roomId }: { name: string; isPrivate: boolean; roomId: string },
): TeamRow {
  const at = ctx.clock.stamp();
  return {
    id: newId(),
    name,
    name_key: name.toLowerCase(),
    type: Number(isPrivate),
    room_id: roomId,
    created_at: at,
    updated_at: at,
    created_by: JSON.stringify(founder(caller)),
  };
}

/** Makes the members of the main room members of the team, with their roles. */
export async function enlist(ctx: Context, { tx }: WriteScope, caller: Caller, team: TeamRow): Promise<void> {
  const members = await activeMemberships(tx, team.room_id);
  await addTeamMembers(tx, team.id, members, founder(caller), ctx.clock.stamp());
}

function founder(caller: Caller): { _id: string; username: string } {
  const { _id, username } = callerRef(caller);
  return { _id, username };
}
