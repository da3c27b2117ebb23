import { callerFor, findUserById } from '../../accounts/find-users.ts';
import type { Context } from '../../context.ts';
import type { Caller } from '../../kernel/caller.ts';
import { forbid, notFound, refuse } from '../../kernel/errors.ts';
import type { TeamRow } from '../../storage/schema.ts';
import { withCurrentNames } from '../current-names.ts';
import { mayErase } from '../delete-room.ts';
import { presentRoom, type WireRoom } from '../present-room.ts';
import type { Room } from '../room.ts';
import { joinedAmong, type Page, type RoomOrder } from '../room-lists.store.ts';
import { roomById } from '../rooms.store.ts';
import { isTeamMember, teamById } from '../teams.store.ts';
import { findTeam, hasInTeam, type TeamSelector } from './find-team.ts';
import {
  type ChildFilter,
  joinedRoomsOfTeam,
  listChildrenOfTeam,
  listRoomsOfTeam,
  ownedAlone,
} from './team-lists.store.ts';

/** Which rooms a team has, for those who may know (spec 11 §8). */

/** A page of the rooms of a team. @throws user-not-on-private-team (plain) */
export async function pageOfTeamRooms(
  ctx: Context,
  caller: Caller,
  team: TeamRow,
  { text, autoJoinOnly }: { text?: string | undefined; autoJoinOnly: boolean },
  page: Page,
): Promise<{ rooms: WireRoom[]; total: number }> {
  const hidden = team.type === 1 && !ctx.permissions.has(caller, 'view-all-teams');
  if (hidden && !(await isTeamMember(ctx.db, team.id, caller.uid))) refuse('user-not-on-private-team');
  const all = await hasInTeam(ctx, caller, 'view-all-team-channels', team);
  const filter = { text, autoJoinOnly, visibleTo: all ? undefined : caller.uid };
  const { rooms, total } = await listRoomsOfTeam(ctx.db, team.id, filter, page);
  return { rooms: await presentForList(ctx, caller, rooms), total };
}

/** To know that a private room exists is not to know what is said in it. */
async function presentForList(ctx: Context, caller: Caller, rooms: readonly Room[]): Promise<WireRoom[]> {
  const shut = rooms.filter((room) => room.type !== 'c').map(({ id }) => id);
  const joined = await joinedAmong(ctx.db, caller.uid, shut);
  const shown = rooms.map((room) =>
    presentRoom(room.type === 'c' || joined.has(room.id) ? room : { ...room, lastMessage: null }, caller.uid),
  );
  return withCurrentNames(ctx, shown);
}

export type TeamRoomOfUser = WireRoom & { isLastOwner: boolean };

/** The rooms of a team that a user is in, all or those that the user may delete. @throws 403 */
export async function teamRoomsOfUser(
  ctx: Context,
  caller: Caller,
  team: TeamRow,
  { userId, canUserDelete }: { userId: string; canUserDelete: boolean },
): Promise<TeamRoomOfUser[]> {
  if (userId !== caller.uid && !(await hasInTeam(ctx, caller, 'view-all-team-channels', team))) forbid();
  const user = await findUserById(ctx, userId);
  if (!user) return [];
  const joined = await joinedRoomsOfTeam(ctx.db, team.id, userId);
  const asUser = callerFor(user, caller);
  const rooms: Room[] = [];
  for (const room of joined) {
    if (!canUserDelete || (await mayErase(ctx, asUser, room, team))) rooms.push(room);
  }
  const alone = await ownedAlone(
    ctx.db,
    rooms.map((room) => room.id),
    userId,
  );
  const shown = await presentForList(ctx, caller, rooms);
  return shown.map((room) => ({ ...room, isLastOwner: alone.has(room._id) }));
}

/** @throws 404; invalid-room, room-not-on-team, error-invalid-team-not-a-member (plain) */
export async function childrenOfTeam(
  ctx: Context,
  caller: Caller,
  selector: TeamSelector & { roomId?: string },
  filter: Omit<ChildFilter, 'uid'>,
  order: readonly RoomOrder[],
  page: Page,
): Promise<{ rooms: WireRoom[]; total: number }> {
  const team =
    selector.roomId === undefined ? await findTeam(ctx, selector) : await teamOfRoom(ctx, selector.roomId);
  if (!team) notFound();
  if (!(await isTeamMember(ctx.db, team.id, caller.uid))) refuse('error-invalid-team-not-a-member');
  const of = { id: team.id, roomId: team.room_id };
  const { rooms, total } = await listChildrenOfTeam(ctx.db, of, { ...filter, uid: caller.uid }, order, page);
  const shown = rooms.map((room) => presentRoom(room, caller.uid));
  return { rooms: await withCurrentNames(ctx, shown), total };
}

async function teamOfRoom(ctx: Context, rid: string): Promise<TeamRow | undefined> {
  const room = await roomById(ctx.db, rid);
  if (!room) refuse('invalid-room');
  if (room.teamId === null) refuse('room-not-on-team');
  return teamById(ctx.db, room.teamId);
}
