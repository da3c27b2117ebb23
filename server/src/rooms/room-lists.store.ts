import { type SelectQueryBuilder, sql } from 'kysely';
import type { Filter } from '../kernel/filter.ts';
import type { Db } from '../storage/database.ts';
import { type FilterColumn, filterColumn, filterSql } from '../storage/filter-sql.ts';
import { jsonAt } from '../storage/json.ts';
import { containsPattern, isLikeInLowerCase } from '../storage/like.ts';
import { pageAndTotal } from '../storage/page-and-total.ts';
import type { Schema } from '../storage/schema.ts';
import { type Room, roomFromRow } from './room.ts';

/** SQL of lists of rooms: the one way to page through them, and the lists that several doors show. */

export interface Page {
  offset: number;
  count: number;
}

/** Wire paths that rooms can be sorted by. */
export const ROOM_SORT_COLUMNS = {
  _id: 'rooms.id',
  name: 'rooms.name',
  fname: 'rooms.fname',
  ts: 'rooms.ts',
  msgs: 'rooms.msgs',
  lm: 'rooms.lm',
  usersCount: 'rooms.users_count',
  default: 'rooms.is_default',
  _updatedAt: 'rooms.updated_at',
} as const;

export interface RoomOrder {
  column: (typeof ROOM_SORT_COLUMNS)[keyof typeof ROOM_SORT_COLUMNS];
  direction: 'asc' | 'desc';
}

/** A page of the rooms that match, and how many match in all. */
export async function pageOfRooms(
  matching: SelectQueryBuilder<Schema, 'rooms', unknown>,
  order: readonly RoomOrder[],
  page: Page,
): Promise<{ rooms: Room[]; total: number }> {
  let sorted = matching.selectAll('rooms');
  for (const { column, direction } of order) sorted = sorted.orderBy(column, direction);
  const { rows, total } = await pageAndTotal(matching, sorted, page);
  return { rooms: rows.map((row) => roomFromRow(row)), total };
}

/** Ids of the rooms that a user is an ordinary member of, for a condition. */
export const joinedRooms = (db: Db, uid: string) =>
  db.selectFrom('subscriptions').select('rid').where('uid', '=', uid).where('status', 'is', null);

/** Those of these rooms that a user is an ordinary member of. */
export async function joinedAmong(
  db: Db,
  uid: string,
  rids: readonly string[],
): Promise<ReadonlySet<string>> {
  if (rids.length === 0) return new Set();
  const rows = await joinedRooms(db, uid).where('rid', 'in', rids).execute();
  return new Set(rows.map(({ rid }) => rid));
}

export interface RoomListFilter {
  type?: 'c' | 'p' | 'd';
  /** Discussions of this room. */
  parentId?: string;
  /** Only rooms this user is an active member of. */
  joinedBy?: string;
  /** Rooms without team, or joined by this user (spec 10 §10.2 `channels.list`). */
  outsideTeamsOrJoinedBy?: string;
  id?: string;
  /** Part of the name, as slug or as typed. */
  text?: string | undefined;
  /** A caller's own condition, over `ROOM_FILTER_PATHS`. */
  filter?: Filter | undefined;
}

const inDocument = (kind: FilterColumn['kind'], ...path: string[]): FilterColumn =>
  filterColumn(kind, jsonAt(kind, sql.ref('rooms.doc'), path));

const FILTER_COLUMNS: Readonly<Record<string, FilterColumn>> = {
  _id: filterColumn('text', sql.ref('rooms.id')),
  t: filterColumn('text', sql.ref('rooms.t')),
  name: filterColumn('text', sql.ref('rooms.name')),
  fname: filterColumn('text', sql.ref('rooms.fname')),
  msgs: filterColumn('number', sql.ref('rooms.msgs')),
  usersCount: filterColumn('number', sql.ref('rooms.users_count')),
  ts: filterColumn('time', sql.ref('rooms.ts')),
  lm: filterColumn('time', sql.ref('rooms.lm')),
  _updatedAt: filterColumn('time', sql.ref('rooms.updated_at')),
  ro: filterColumn('flag', sql.ref('rooms.ro')),
  // These are on the wire only when they are true.
  archived: filterColumn('flag', sql`nullif(rooms.archived, 0)`),
  default: filterColumn('flag', sql.ref('rooms.is_default')),
  featured: filterColumn('flag', sql`nullif(rooms.featured, 0)`),
  teamMain: filterColumn('flag', sql`nullif(rooms.team_main, 0)`),
  teamId: filterColumn('text', sql.ref('rooms.team_id')),
  prid: filterColumn('text', sql.ref('rooms.prid')),
  topic: inDocument('text', 'topic'),
  description: inDocument('text', 'description'),
  announcement: inDocument('text', 'announcement'),
  broadcast: inDocument('flag', 'broadcast'),
  encrypted: inDocument('flag', 'encrypted'),
  'u._id': inDocument('text', 'u', '_id'),
  'u.username': inDocument('text', 'u', 'username'),
};

/** What a caller's condition may be about. */
export const ROOM_FILTER_PATHS: readonly string[] = [...Object.keys(FILTER_COLUMNS), 'customFields'];

const roomColumn = (path: string): FilterColumn | undefined =>
  path.startsWith('customFields.') ? inDocument('text', ...path.split('.')) : FILTER_COLUMNS[path];

/** A page of rooms and how many match in all. */
export const listRooms = (db: Db, filter: RoomListFilter, order: readonly RoomOrder[], page: Page) =>
  pageOfRooms(filterRooms(db, filter), order, page);

function filterRooms(db: Db, filter: RoomListFilter) {
  let query = db.selectFrom('rooms');
  if (filter.type !== undefined) query = query.where('rooms.t', '=', filter.type);
  if (filter.parentId !== undefined) query = query.where('rooms.prid', '=', filter.parentId);
  const { id, joinedBy, outsideTeamsOrJoinedBy, text } = filter;
  if (filter.filter) query = query.where(filterSql(filter.filter, roomColumn));
  if (text) {
    const pattern = containsPattern(text);
    query = query.where((eb) => isLikeInLowerCase(eb.ref('rooms.search_key'), pattern));
  }
  if (id !== undefined) query = query.where('rooms.id', '=', id);
  // Driven from the member's own rows: the cost is that of the user's rooms, not of the workspace's.
  if (joinedBy !== undefined) query = query.where('rooms.id', 'in', joinedRooms(db, joinedBy));
  if (outsideTeamsOrJoinedBy !== undefined) {
    const joined = joinedRooms(db, outsideTeamsOrJoinedBy);
    query = query.where((eb) => eb.or([eb('rooms.team_id', 'is', null), eb('rooms.id', 'in', joined)]));
  }
  return query;
}

/**
 * Public channels whose name contains the text and that `uid` has not joined, by name. Of teams there are the main rooms
 * only; the type of these is that of the team.
 */
export async function unjoinedChannelsLike(
  db: Db,
  text: string,
  uid: string | undefined,
  limit: number,
): Promise<Room[]> {
  const pattern = containsPattern(text);
  let query = db
    .selectFrom('rooms')
    .selectAll('rooms')
    .where('rooms.t', '=', 'c')
    .where((eb) => eb.or([eb('rooms.team_id', 'is', null), eb('rooms.team_main', '=', 1)]))
    .where((eb) => isLikeInLowerCase(eb.ref('rooms.search_key'), pattern));
  if (uid !== undefined) query = query.where('rooms.id', 'not in', joinedRooms(db, uid));
  const rows = await query.orderBy('rooms.name').limit(limit).execute();
  return rows.map(roomFromRow);
}
