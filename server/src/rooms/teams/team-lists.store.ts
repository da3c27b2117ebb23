import type { Db } from '../../storage/database.ts';
import { containsPattern, isLike, isLikeInLowerCase, startsWithPattern } from '../../storage/like.ts';
import { pageAndTotal } from '../../storage/page-and-total.ts';
import type { TeamRow } from '../../storage/schema.ts';
import { type Room, roomFromRow } from '../room.ts';
import { joinedRooms, type Page, pageOfRooms, type RoomOrder } from '../room-lists.store.ts';

/** SQL of lists of teams, their members and their rooms. */

/** Wire paths that teams can be sorted by. */
export const TEAM_SORT_COLUMNS = {
  _id: 'teams.id',
  name: 'teams.name',
  type: 'teams.type',
  roomId: 'teams.room_id',
  createdAt: 'teams.created_at',
  _updatedAt: 'teams.updated_at',
} as const;

export interface TeamOrder {
  column: (typeof TEAM_SORT_COLUMNS)[keyof typeof TEAM_SORT_COLUMNS];
  direction: 'asc' | 'desc';
}

/** A page of all teams, or of those that `memberId` is in, with how many rooms (but the main one) and members each has. */
export async function listTeams(
  db: Db,
  { memberId }: { memberId?: string | undefined },
  order: readonly TeamOrder[],
  page: Page,
) {
  let matching = db.selectFrom('teams');
  if (memberId !== undefined) {
    matching = matching.where('teams.id', 'in', (eb) =>
      eb.selectFrom('team_members').select('team_id').where('uid', '=', memberId),
    );
  }
  let rows = matching.selectAll('teams').select((eb) => [
    eb
      .selectFrom('rooms')
      .select((inner) => inner.fn.countAll<number>().as('n'))
      .whereRef('rooms.team_id', '=', 'teams.id')
      .where('rooms.team_main', '=', 0)
      .as('rooms'),
    eb
      .selectFrom('team_members')
      .select((inner) => inner.fn.countAll<number>().as('n'))
      .whereRef('team_members.team_id', '=', 'teams.id')
      .as('members'),
  ]);
  for (const { column, direction } of order) rows = rows.orderBy(column, direction);
  return pageAndTotal(matching, rows, page);
}

/** Every team of a user, with the roles there, by name. */
export async function teamsOfUser(db: Db, uid: string): Promise<(TeamRow & { roles: string })[]> {
  return db
    .selectFrom('teams')
    .innerJoin('team_members as m', 'm.team_id', 'teams.id')
    .selectAll('teams')
    .select('m.roles')
    .where('m.uid', '=', uid)
    .orderBy('teams.name')
    .execute();
}

/** Teams of a user whose name begins so. */
export async function ownTeamsBeginning(
  db: Db,
  text: string,
  uid: string,
  limit: number,
): Promise<TeamRow[]> {
  return db
    .selectFrom('teams')
    .selectAll()
    .where('id', 'in', (eb) => eb.selectFrom('team_members').select('team_id').where('uid', '=', uid))
    .where((eb) => isLike(eb.ref('name'), startsWithPattern(text)))
    .orderBy('name')
    .limit(limit)
    .execute();
}

export interface TeamMemberFilter {
  username?: string | undefined;
  name?: string | undefined;
  statuses?: readonly string[] | undefined;
}

/** A page of the members with active accounts, in the order in which they came. */
export async function listTeamMembers(
  db: Db,
  teamId: string,
  { username, name, statuses }: TeamMemberFilter,
  page: Page,
) {
  let matching = db
    .selectFrom('team_members as m')
    .innerJoin('users as u', 'u.id', 'm.uid')
    .where('m.team_id', '=', teamId)
    .where('u.active', '=', 1);
  if (username) matching = matching.where((eb) => isLike(eb.ref('u.username'), containsPattern(username)));
  if (name) matching = matching.where((eb) => isLike(eb.ref('u.name'), containsPattern(name)));
  if (statuses && statuses.length > 0) matching = matching.where('u.status', 'in', statuses);
  return pageAndTotal(
    matching,
    matching
      .select(['u.id', 'u.username', 'u.name', 'u.status', 'm.roles', 'm.created_at', 'm.created_by'])
      .orderBy('m.created_at')
      .orderBy('u.username'),
    page,
  );
}

export interface TeamRoomFilter {
  /** Without it all rooms of the team; with it channels, and what this user is in. */
  visibleTo?: string | undefined;
  text?: string | undefined;
  autoJoinOnly: boolean;
}

/** A page of the rooms of a team but its main one, by name. */
export async function listRoomsOfTeam(
  db: Db,
  teamId: string,
  { visibleTo, text, autoJoinOnly }: TeamRoomFilter,
  page: Page,
) {
  let matching = db.selectFrom('rooms').where('rooms.team_id', '=', teamId).where('rooms.team_main', '=', 0);
  if (visibleTo !== undefined) {
    const joined = joinedRooms(db, visibleTo);
    matching = matching.where((eb) => eb.or([eb('rooms.t', '=', 'c'), eb('rooms.id', 'in', joined)]));
  }
  if (text) matching = matching.where((eb) => isLike(eb.ref('rooms.name'), containsPattern(text)));
  if (autoJoinOnly) matching = matching.where('rooms.team_default', '=', 1);
  return pageOfRooms(matching, [{ column: 'rooms.name', direction: 'asc' }], page);
}

/** The rooms of a team but its main one that a user is in, by name. */
export async function joinedRoomsOfTeam(db: Db, teamId: string, uid: string): Promise<Room[]> {
  const rows = await db
    .selectFrom('rooms')
    .selectAll()
    .where('team_id', '=', teamId)
    .where('team_main', '=', 0)
    .where('id', 'in', joinedRooms(db, uid))
    .orderBy('name')
    .execute();
  return rows.map(roomFromRow);
}

/** Among these rooms, those whose only owner the user is. */
export async function ownedAlone(db: Db, rids: readonly string[], uid: string): Promise<Set<string>> {
  if (rids.length === 0) return new Set();
  const rows = await db
    .selectFrom('room_roles')
    .select('rid')
    .where('role', '=', 'owner')
    .where('rid', 'in', (eb) =>
      eb
        .selectFrom('room_roles as own')
        .select('own.rid')
        .where('own.uid', '=', uid)
        .where('own.role', '=', 'owner')
        .where('own.rid', 'in', rids),
    )
    .groupBy('rid')
    .having((eb) => eb.fn.countAll<number>(), '=', 1)
    .execute();
  return new Set(rows.map((row) => row.rid));
}

export interface ChildFilter {
  uid: string;
  text?: string | undefined;
  only?: 'channels' | 'discussions' | undefined;
}

/** A page of the rooms of a team with its main one, and of the discussions of the main one, as far as the user sees them. */
export async function listChildrenOfTeam(
  db: Db,
  team: { id: string; roomId: string },
  { uid, text, only }: ChildFilter,
  order: readonly RoomOrder[],
  page: Page,
) {
  let matching = db.selectFrom('rooms').where((eb) => {
    const channels = eb.and([eb('rooms.team_id', '=', team.id), eb('rooms.prid', 'is', null)]);
    const discussions = eb('rooms.prid', '=', team.roomId);
    if (only) return only === 'channels' ? channels : discussions;
    return eb.or([channels, discussions]);
  });
  const joined = joinedRooms(db, uid);
  matching = matching.where((eb) => eb.or([eb('rooms.t', '=', 'c'), eb('rooms.id', 'in', joined)]));
  if (text) {
    const pattern = containsPattern(text);
    matching = matching.where((eb) => isLikeInLowerCase(eb.ref('rooms.search_key'), pattern));
  }
  return pageOfRooms(matching, order, page);
}

/** Main rooms whose name begins with the text: channels, and those that the user is in. */
export async function mainRoomsBeginning(db: Db, text: string, uid: string, limit: number): Promise<Room[]> {
  const pattern = startsWithPattern(text);
  const rows = await db
    .selectFrom('rooms')
    .selectAll()
    .where('team_main', '=', 1)
    .where((eb) => eb.or([eb('t', '=', 'c'), eb('id', 'in', joinedRooms(db, uid))]))
    .where((eb) => eb.or([isLike(eb.ref('name'), pattern), isLike(eb.ref('fname'), pattern)]))
    .orderBy('name')
    .limit(limit)
    .execute();
  return rows.map(roomFromRow);
}
