import type { Context } from '../context.ts';
import { membershipsIn } from './membership.store.ts';
import { isActiveMember } from './membership.ts';
import { membersOfTeams, roomsNamed, teamsNamed } from './mention-targets.store.ts';

/** Channels and groups by slug, whoever asks: naming a room tells nothing about it (spec 30 §4.4). */
export async function findMentionedRooms(ctx: Context, names: readonly string[]) {
  const rows = await roomsNamed(ctx.db, names);
  return rows.map(({ id, name, fname }) => ({
    _id: id,
    name: name ?? '',
    ...(fname === null ? {} : { fname }),
  }));
}

/** Teams with exactly these names, and the ids of all their members. */
export async function findMentionedTeams(ctx: Context, names: readonly string[]) {
  const wanted = new Set(names);
  const teams = (await teamsNamed(ctx.db, names)).filter((team) => wanted.has(team.name));
  const memberIds = await membersOfTeams(
    ctx.db,
    teams.map((team) => team.id),
  );
  return { teams, memberIds };
}

/** Those of the users who are not active members of the room. */
export async function outsidersAmong(ctx: Context, rid: string, uids: readonly string[]): Promise<string[]> {
  const memberships = await membershipsIn(ctx.db, rid, uids);
  const inside = new Set(memberships.filter(isActiveMember).map(({ uid }) => uid));
  return uids.filter((uid) => !inside.has(uid));
}
