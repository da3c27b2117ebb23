import type { Db } from '../storage/database.ts';
import { jsonText } from '../storage/json.ts';
import { containsPattern, isLike, isLikeInLowerCase, startsWithPattern } from '../storage/like.ts';
import type { Room } from './room.ts';
import { joinedRooms, type Page, pageOfRooms, type RoomOrder } from './room-lists.store.ts';

/** SQL of the lists that rooms are picked from, and of the list of all rooms for administrators. */

export interface PickedRooms {
  /** Beginning of the name, any case. */
  name: string;
  /** Only rooms that this user is a member of. */
  joinedBy?: string;
  /** Only rooms that this user owns, and that no team has. */
  ownedForTeamsBy?: string;
  /** Discussions too, and rooms whose typed name begins so. */
  everything?: true;
}

export async function pickRooms(
  db: Db,
  { name, joinedBy, ownedForTeamsBy, everything }: PickedRooms,
  order: readonly RoomOrder[],
  page: Page,
): Promise<{ rooms: Room[]; total: number }> {
  let query = db.selectFrom('rooms').where('rooms.t', 'in', ['c', 'p']);
  if (!everything) query = query.where('rooms.prid', 'is', null);
  if (joinedBy !== undefined) query = query.where('rooms.id', 'in', joinedRooms(db, joinedBy));
  if (ownedForTeamsBy !== undefined) {
    query = query
      .where('rooms.team_id', 'is', null)
      .where('rooms.id', 'in', (eb) =>
        eb
          .selectFrom('room_roles')
          .select('rid')
          .where('uid', '=', ownedForTeamsBy)
          .where('role', '=', 'owner'),
      );
  }
  if (name !== '') {
    const pattern = startsWithPattern(name);
    // The text that is searched begins with the name.
    query = query.where((eb) => {
      const byName = isLikeInLowerCase(eb.ref('rooms.search_key'), pattern);
      return everything ? eb.or([byName, isLike(eb.ref('rooms.fname'), pattern)]) : byName;
    });
  }
  return pageOfRooms(query, order, page);
}

export interface AdminRooms {
  /** Part of the names, or of the usernames in a direct room. */
  text: string;
  /** Of rooms that are neither discussions nor teams. */
  types: readonly string[];
  discussions: boolean;
  teams: boolean | 'private';
}

export async function allRooms(
  db: Db,
  { text, types, discussions, teams }: AdminRooms,
  order: readonly RoomOrder[],
  page: Page,
): Promise<{ rooms: Room[]; total: number }> {
  let query = db
    .selectFrom('rooms')
    .where((eb) =>
      eb.or([
        eb.and([
          eb('rooms.t', 'in', types.length > 0 ? types : ['']),
          eb('rooms.prid', 'is', null),
          eb('rooms.team_main', '=', 0),
        ]),
        ...(discussions ? [eb('rooms.prid', 'is not', null)] : []),
        ...(teams === true ? [eb('rooms.team_main', '=', 1)] : []),
        ...(teams === 'private' ? [eb.and([eb('rooms.team_main', '=', 1), eb('rooms.t', '=', 'p')])] : []),
      ]),
    );
  if (text !== '') {
    const pattern = containsPattern(text);
    query = query.where((eb) =>
      eb.or([
        isLikeInLowerCase(eb.ref('rooms.search_key'), pattern),
        eb.and([eb('rooms.t', '=', 'd'), isLike(jsonText(eb.ref('rooms.doc'), 'usernames'), pattern)]),
      ]),
    );
  }
  return pageOfRooms(query, [...order, { column: 'rooms.id', direction: 'asc' }], page);
}
