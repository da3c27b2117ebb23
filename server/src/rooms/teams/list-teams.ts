import type { Context } from '../../context.ts';
import type { Caller } from '../../kernel/caller.ts';
import { forbid, refuse } from '../../kernel/errors.ts';
import { parseDoc } from '../../storage/json.ts';
import type { TeamRow } from '../../storage/schema.ts';
import { canAccessRoom } from '../access.ts';
import { presentRoom, type WireRoom } from '../present-room.ts';
import type { Page } from '../room-lists.store.ts';
import { roomById } from '../rooms.store.ts';
import { isTeamMember } from '../teams.store.ts';
import { findTeam, type TeamSelector } from './find-team.ts';
import { presentTeam, presentTeamMember, type WireTeam, type WireTeamMember } from './present-team.ts';
import {
  listTeamMembers,
  listTeams,
  mainRoomsBeginning,
  TEAM_SORT_COLUMNS,
  type TeamMemberFilter,
  type TeamOrder,
  teamsOfUser,
} from './team-lists.store.ts';

/** Wire paths that lists of teams can be sorted by. */
export const TEAM_SORT = TEAM_SORT_COLUMNS;

export interface ListedTeam extends WireTeam {
  /** Without the main room. */
  rooms: number;
  numberOfUsers: number;
}

/** A page of all teams, or of those of one user (spec 11 §8). */
export async function pageOfTeams(
  ctx: Context,
  of: { memberId?: string },
  order: readonly TeamOrder[],
  page: Page,
): Promise<{ teams: ListedTeam[]; total: number }> {
  const { rows, total } = await listTeams(ctx.db, of, order, page);
  const teams = rows.map((row) => ({
    ...presentTeam(row),
    rooms: Number(row.rooms),
    numberOfUsers: Number(row.members),
  }));
  return { teams, total };
}

/** One team, for who may enter its main room or see all teams. @throws 403, "Team not found", "Room not found" */
export async function teamInfo(ctx: Context, caller: Caller, selector: TeamSelector): Promise<WireTeam> {
  const team = await findTeam(ctx, selector);
  if (!team) refuse('Team not found');
  const main = await roomById(ctx.db, team.room_id);
  if (!main) refuse('Room not found');
  const allowed = (await canAccessRoom(ctx, caller, main)) || ctx.permissions.has(caller, 'view-all-teams');
  if (!allowed) forbid();
  return presentTeam(team);
}

/** A page of a team's members; empty for whoever is not one of them and may not see all teams. */
export async function pageOfTeamMembers(
  ctx: Context,
  caller: Caller,
  team: TeamRow,
  filter: TeamMemberFilter,
  page: Page,
): Promise<{ members: WireTeamMember[]; total: number }> {
  const allowed =
    ctx.permissions.has(caller, 'view-all-teams') || (await isTeamMember(ctx.db, team.id, caller.uid));
  if (!allowed) return { members: [], total: 0 };
  const { rows, total } = await listTeamMembers(ctx.db, team.id, filter, page);
  return { members: rows.map(presentTeamMember), total };
}

/** The teams of a user, as far as the caller may know of them (spec 21 `users.listTeams`). */
export async function listTeamsOfUser(
  ctx: Context,
  caller: Caller,
  uid: string,
): Promise<(WireTeam & { isOwner: boolean })[]> {
  const teams = await teamsOfUser(ctx.db, uid);
  const all = uid === caller.uid || ctx.permissions.has(caller, 'view-all-teams');
  const own = all ? [] : await teamsOfUser(ctx.db, caller.uid);
  const shared = new Set(own.map((team) => team.id));
  return teams
    .filter((team) => all || team.type === 0 || shared.has(team.id))
    .map((team) => ({ ...presentTeam(team), isOwner: parseDoc<string[]>(team.roles).includes('owner') }));
}

const MAX_SUGGESTIONS = 10;

/** Main rooms of teams whose name begins so, as far as the caller sees them. */
export async function suggestTeams(
  ctx: Context,
  caller: Caller,
  text: string,
): Promise<Pick<WireRoom, '_id' | 'name' | 'fname' | 't' | 'teamId' | 'avatarETag'>[]> {
  const rooms = await mainRoomsBeginning(ctx.db, text, caller.uid, MAX_SUGGESTIONS);
  return rooms.map((room) => {
    const { _id, name, fname, t, teamId, avatarETag } = presentRoom(room);
    return { _id, name, fname, t, teamId, avatarETag };
  });
}
