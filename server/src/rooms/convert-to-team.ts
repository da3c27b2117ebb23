import { findUserById } from '../accounts/find-users.ts';
import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { forbid, refuse } from '../kernel/errors.ts';
import { isUniqueViolation } from '../storage/errors.ts';
import type { TeamRow } from '../storage/schema.ts';
import { hasInRoom } from './access.ts';
import type { Room } from './room.ts';
import { isTeamNameTaken, makeMainRoom } from './teams/found-team.ts';

/**
 * Makes a room the main room of a new team with the same name (spec 10 §9.5). All members become team members with the
 * roles they have in the room; the caller becomes owner of both, and a member first where they are none.
 *
 * @throws 403, team-name-already-exists (plain)
 */
export async function convertToTeam(ctx: Context, caller: Caller, room: Room): Promise<TeamRow> {
  if (!ctx.permissions.has(caller, 'create-team')) forbid();
  if (!(await hasInRoom(ctx, caller, 'edit-room', room.id))) forbid();
  if (room.teamMain || (await isTeamNameTaken(ctx, room.name ?? ''))) refuse('team-name-already-exists');
  const user = await findUserById(ctx, caller.uid);
  try {
    return await ctx.write((tx, emit) => makeMainRoom(ctx, { tx, emit }, caller, room.id, user));
  } catch (error) {
    // Two conversions at the same moment: the unique index decides.
    if (isUniqueViolation(error)) refuse('team-name-already-exists');
    throw error;
  }
}
