import type { Db } from '../storage/database.ts';
import { containsPattern, isLikeInLowerCase } from '../storage/like.ts';
import { unindexed } from '../storage/unindexed.ts';
import {
  joinedRooms,
  type Page,
  pageOfRooms,
  type ROOM_SORT_COLUMNS,
  type RoomOrder,
} from './room-lists.store.ts';

/** SQL of the directory: the channels and teams that a user may find. */

export interface DirectorySearch {
  kind: 'channels' | 'teams';
  text: string;
  uid: string;
  sort: (typeof ROOM_SORT_COLUMNS)['name' | 'ts' | 'usersCount' | 'lm'];
  direction: 'asc' | 'desc';
}

export async function directoryRooms(db: Db, search: DirectorySearch, page: Page) {
  const all = search.kind === 'channels' ? channels(db, search) : teamRooms(db, search);
  const { sort, direction } = search;
  const order: RoomOrder[] = [{ column: sort, direction }];
  // A unique end keeps pages apart where the sorted values are equal; no two rooms have the same name.
  if (sort !== 'rooms.name') order.push({ column: 'rooms.id', direction });
  // Two lists one behind the other, each in the order of an index; featured rooms are few.
  const { offset, count } = page;
  const featured = await pageOfRooms(all.where('rooms.featured', '=', 1), order, page);
  const rest = {
    offset: Math.max(0, offset - featured.total),
    count: Math.max(0, count - featured.rooms.length),
  };
  const isOther = all.where((eb) => eb(unindexed(eb.ref('rooms.featured')), '=', 0));
  const others = await pageOfRooms(isOther, order, rest);
  return { rooms: [...featured.rooms, ...others.rooms], total: featured.total + others.total };
}

/** Channels outside teams, of public or own teams, and joined rooms; no discussions and no rooms that are teams. */
function channels(db: Db, { text, uid }: DirectorySearch) {
  const joined = joinedRooms(db, uid);
  return named(db, text)
    .where('rooms.team_main', '=', 0)
    .where((eb) => eb(unindexed(eb.ref('rooms.prid')), 'is', null))
    .where((eb) =>
      eb.or([
        eb.and([
          eb('rooms.t', '=', 'c'),
          eb.or([
            eb('rooms.team_id', 'is', null),
            eb('rooms.team_id', 'in', eb.selectFrom('teams').select('id').where('type', '=', 0)),
            eb('rooms.team_id', 'in', eb.selectFrom('team_members').select('team_id').where('uid', '=', uid)),
          ]),
        ]),
        eb.and([eb('rooms.t', '=', 'p'), eb('rooms.id', 'in', joined)]),
      ]),
    );
}

function teamRooms(db: Db, { text, uid }: DirectorySearch) {
  return named(db, text)
    .where('rooms.team_main', '=', 1)
    .where((eb) => eb.or([eb('rooms.t', '=', 'c'), eb('rooms.id', 'in', joinedRooms(db, uid))]));
}

function named(db: Db, text: string) {
  const rooms = db.selectFrom('rooms').where('rooms.t', 'in', ['c', 'p']);
  if (text === '') return rooms;
  const pattern = containsPattern(text);
  return rooms.where((eb) => isLikeInLowerCase(eb.ref('rooms.search_key'), pattern));
}

export async function teamNames(db: Db, teamIds: readonly string[]): Promise<Map<string, string>> {
  if (teamIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('teams')
    .select(['id', 'name'])
    .where('id', 'in', [...teamIds])
    .execute();
  return new Map(rows.map((row) => [row.id, row.name]));
}

/** How many rooms each team has besides its main room. */
export async function roomsPerTeam(db: Db, teamIds: readonly string[]): Promise<Map<string, number>> {
  if (teamIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('rooms')
    .select((eb) => ['team_id', eb.fn.countAll<number>().as('n')])
    .where('team_id', 'in', [...teamIds])
    .where('team_main', '=', 0)
    .groupBy('team_id')
    .execute();
  return new Map(rows.map((row) => [row.team_id ?? '', Number(row.n)]));
}
