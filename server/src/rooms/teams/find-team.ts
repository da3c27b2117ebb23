import type { Context } from '../../context.ts';
import type { Caller } from '../../kernel/caller.ts';
import { forbid, refuse } from '../../kernel/errors.ts';
import type { TeamRow } from '../../storage/schema.ts';
import { hasInRoom } from '../access.ts';
import { teamById, teamByName } from '../teams.store.ts';

/** One of both; a name is meant exactly, though names are unique ignoring case. */
export interface TeamSelector {
  teamId?: string;
  teamName?: string;
}

export async function findTeam(
  ctx: Context,
  { teamId, teamName }: TeamSelector,
): Promise<TeamRow | undefined> {
  if (teamId !== undefined) return teamId ? teamById(ctx.db, teamId) : undefined;
  const team = teamName ? await teamByName(ctx.db, teamName) : undefined;
  return team?.name === teamName ? team : undefined;
}

/** @throws team-does-not-exist (plain) */
export async function requiredTeam(ctx: Context, selector: TeamSelector): Promise<TeamRow> {
  return (await findTeam(ctx, selector)) ?? refuse('team-does-not-exist');
}

/** A permission, by the caller's global roles or those in the main room of the team (spec 11 §8). */
export const hasInTeam = (
  ctx: Context,
  caller: Caller,
  permission: string,
  team: TeamRow,
): Promise<boolean> => hasInRoom(ctx, caller, permission, team.room_id);

/** 403 for whoever has none of the permissions. */
export async function requireInTeam(
  ctx: Context,
  caller: Caller,
  team: TeamRow,
  ...permissions: readonly string[]
): Promise<void> {
  for (const permission of permissions) if (await hasInTeam(ctx, caller, permission, team)) return;
  forbid();
}
