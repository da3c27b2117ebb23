import { type Expression, sql, type UpdateResult } from 'kysely';
import type { Db, Tx } from '../storage/database.ts';
import { jsonText, parseDoc } from '../storage/json.ts';
import { containsPattern, isLike } from '../storage/like.ts';
import { prepared } from '../storage/prepared.ts';
import { rememberedRow } from '../storage/remembered-rows.ts';
import { lockingRows } from '../storage/row-locks.ts';
import type { RoomRow } from '../storage/schema.ts';
import { type Room, type RoomDetails, roomFromRow } from './room.ts';

/** SQL of rooms. Rows come back as `Room` entities. */

const roomByIdQuery = prepared<{ id: string }, RoomRow>((db, parameter) =>
  db.selectFrom('rooms').selectAll().where('id', '=', parameter('id')),
);

const lockRoomQuery = prepared<{ id: string }, RoomRow>(
  (db, parameter) => lockingRows(db, db.selectFrom('rooms').selectAll().where('id', '=', parameter('id'))),
  'own-table',
);

/** The room as it stays until the transaction ends, but for what the transaction does to it. Not to be changed in place. */
export function lockRoomById(tx: Tx, id: string): Promise<Room | undefined> {
  return rememberedRow(tx, 'rooms', id, async () => {
    const [row] = (await lockRoomQuery(tx, { id })).rows;
    return row && roomFromRow(row);
  });
}

export async function roomById(db: Db, id: string): Promise<Room | undefined> {
  const [row] = (await roomByIdQuery(db, { id })).rows;
  return row && roomFromRow(row);
}

/** Exact, case-sensitive match of the slug. */
export async function roomByName(db: Db, name: string): Promise<Room | undefined> {
  const row = await db.selectFrom('rooms').selectAll().where('name', '=', name).executeTakeFirst();
  return row && roomFromRow(row);
}

export async function roomByDisplayName(db: Db, displayName: string): Promise<Room | undefined> {
  const row = await db
    .selectFrom('rooms')
    .selectAll()
    .where('fname', '=', displayName)
    .limit(1)
    .executeTakeFirst();
  return row && roomFromRow(row);
}

export async function roomsByIds(db: Db, ids: readonly string[]): Promise<Room[]> {
  const found: Room[] = [];
  for (let start = 0; start < ids.length; start += 500) {
    const some = ids.slice(start, start + 500);
    const rows = await db.selectFrom('rooms').selectAll().where('id', 'in', some).execute();
    found.push(...rows.map(roomFromRow));
  }
  return found;
}

const roomsOfUserQuery = prepared<{ uid: string }, RoomRow>((db, parameter) =>
  db
    .selectFrom('rooms')
    .selectAll()
    .where('id', 'in', (eb) =>
      eb.selectFrom('subscriptions').select('rid').where('uid', '=', parameter('uid')),
    ),
);

/** Every room a user has a membership of, whatever its status. */
export async function roomsOfUser(db: Db, uid: string): Promise<Room[]> {
  return (await roomsOfUserQuery(db, { uid })).rows.map(roomFromRow);
}

/** Rooms that list the username among those who may not speak, or who may all the same; whoever is in them. */
export async function roomsListingSpeaker(db: Db, username: string): Promise<Room[]> {
  const rows = await db
    .selectFrom('rooms')
    .selectAll()
    .where('lists_speakers', '=', sql.lit(1))
    .where((eb) => isLike(eb.ref('doc'), containsPattern(JSON.stringify(username))))
    .execute();
  return rows
    .map(roomFromRow)
    .filter(({ details: { muted = [], unmuted = [] } }) => [...muted, ...unmuted].includes(username));
}

/** The direct rooms that a user is in. */
export async function directRoomsOfUser(db: Db, uid: string): Promise<Room[]> {
  const rows = await db
    .selectFrom('rooms')
    .selectAll()
    .where('id', 'in', (eb) =>
      eb.selectFrom('subscriptions').select('rid').where('uid', '=', uid).where('t', '=', 'd'),
    )
    .orderBy('ts')
    .execute();
  return rows.map(roomFromRow);
}

/** What a new room starts without, and what is made of the rest. */
type Later =
  | 'activity_seq'
  | 'unread_seq'
  | 'group_seq'
  | 'activity_at'
  | 'team_default'
  | 'featured'
  | 'lists_speakers'
  | 'search_key'
  | keyof typeof RETENTION_ANEW;

/** The rule of the room is another: its old messages are looked for from the beginning. */
const RETENTION_ANEW = { retention_at: 0, retention_up_to: 0 };

export async function insertRoom(tx: Tx, row: Omit<RoomRow, Later>): Promise<void> {
  const sequences = { activity_seq: 0, unread_seq: 0, group_seq: 0, activity_at: 0 };
  const lists_speakers = listsSpeakers(parseDoc<RoomDetails>(row.doc));
  const later = { ...sequences, team_default: null, featured: 0, lists_speakers };
  const search_key = searchKey(sql.val(row.name), sql.val(row.fname));
  await tx
    .insertInto('rooms')
    .values({ ...row, ...later, ...RETENTION_ANEW, search_key })
    .execute();
}

/** Whether somebody is in one of the lists of names that follow people beyond their membership. */
const listsSpeakers = ({ muted = [], unmuted = [] }: RoomDetails): number =>
  Number(muted.length + unmuted.length > 0);

/** Lower case of both names, a line each, of which an update may change only one. */
const searchKey = (name: Expression<string | null>, displayName: Expression<string | null>) =>
  sql<string>`lower(coalesce(${name}, '') || '\n' || coalesce(${displayName}, ''))`;

/** Columns that operations change directly; `details` replaces the JSON column. */
export interface RoomChange {
  name?: string;
  displayName?: string;
  type?: string;
  archived?: boolean;
  readOnly?: boolean;
  isDefault?: boolean;
  joinCode?: string | null;
  teamId?: string | null;
  teamMain?: boolean;
  teamDefault?: boolean | null;
  lastMessage?: string | null;
  lastMessageAt?: number | null;
  createdAt?: number;
  details?: RoomDetails;
  /** `details` say something else about old messages. */
  retentionChanged?: true;
}

export async function updateRoom(tx: Tx, id: string, at: number, change: RoomChange): Promise<void> {
  const { name, displayName } = change;
  await tx
    .updateTable('rooms')
    .set((eb) => ({
      updated_at: at,
      ...(name === undefined && displayName === undefined
        ? {}
        : {
            search_key: searchKey(
              name === undefined ? eb.ref('name') : eb.val(name),
              displayName === undefined ? eb.ref('fname') : eb.val(displayName),
            ),
          }),
      ...(change.name === undefined ? {} : { name: change.name }),
      ...(change.displayName === undefined ? {} : { fname: change.displayName }),
      ...(change.type === undefined ? {} : { t: change.type }),
      ...(change.type === undefined && !change.retentionChanged ? {} : RETENTION_ANEW),
      ...(change.archived === undefined ? {} : { archived: Number(change.archived) }),
      ...(change.readOnly === undefined ? {} : { ro: Number(change.readOnly) }),
      ...(change.isDefault === undefined ? {} : { is_default: Number(change.isDefault) }),
      ...(change.joinCode === undefined ? {} : { join_code: change.joinCode }),
      ...(change.teamId === undefined ? {} : { team_id: change.teamId }),
      ...(change.teamMain === undefined ? {} : { team_main: Number(change.teamMain) }),
      ...(change.teamDefault === undefined
        ? {}
        : { team_default: change.teamDefault === null ? null : Number(change.teamDefault) }),
      ...(change.lastMessage === undefined ? {} : { last_message: change.lastMessage }),
      ...(change.lastMessageAt === undefined ? {} : { lm: change.lastMessageAt }),
      ...(change.createdAt === undefined ? {} : { ts: change.createdAt }),
      ...(change.details === undefined
        ? {}
        : {
            doc: JSON.stringify(change.details),
            featured: Number(change.details.featured === true),
            lists_speakers: listsSpeakers(change.details),
          }),
    }))
    .where('id', '=', id)
    .execute();
}

const countQuery = prepared<{ id: string; at: number; messages: number; members: number }, RoomRow>(
  (db, parameter) =>
    db
      .updateTable('rooms')
      .set((eb) => ({
        updated_at: parameter('at'),
        msgs: eb('msgs', '+', parameter('messages')),
        users_count: eb('users_count', '+', parameter('members')),
      }))
      .where('id', '=', parameter('id'))
      .returningAll(),
);

/**
 * Adds to a room's counters and returns the room as it is now; undefined when it is gone. One statement, relative, so
 * concurrent writers add up.
 */
export async function recordActivity(
  tx: Tx,
  id: string,
  at: number,
  { messages, members }: { messages: number; members: number },
): Promise<Room | undefined> {
  const [row] = (await countQuery(tx, { id, at, messages, members })).rows;
  return row && roomFromRow(row);
}

/** What a new message in a locked room changes; what is not named stays. */
type CountedMessage = Pick<
  Room,
  | 'updatedAt'
  | 'messageCount'
  | 'lastMessageAt'
  | 'lastMessage'
  | 'activitySeq'
  | 'activityAt'
  | 'unreadSeq'
  | 'groupSeq'
>;

const countMessageQuery = prepared<CountedMessage & { id: string }, UpdateResult>(
  (db, parameter) =>
    db
      .updateTable('rooms')
      .set({
        updated_at: parameter('updatedAt'),
        msgs: parameter('messageCount'),
        lm: parameter('lastMessageAt'),
        last_message: parameter('lastMessage'),
        activity_seq: parameter('activitySeq'),
        activity_at: parameter('activityAt'),
        unread_seq: parameter('unreadSeq'),
        group_seq: parameter('groupSeq'),
      })
      .where('id', '=', parameter('id')),
  'replaces',
);

/** Writes the counters of a room that this transaction has locked, with the commit; `room` is as it is then. */
export async function recordMessageInRoom(tx: Tx, room: Room): Promise<void> {
  await countMessageQuery(tx, room, { key: room.id, row: room });
}

export async function deleteRoom(tx: Tx, id: string): Promise<void> {
  await tx.deleteFrom('rooms').where('id', '=', id).execute();
}

/** The discussions of a room, all or those with this topic. */
export async function discussionsOf(
  db: Db,
  rid: string,
  { topic }: { topic?: string } = {},
): Promise<Room[]> {
  let query = db.selectFrom('rooms').selectAll().where('prid', '=', rid);
  if (topic !== undefined) query = query.where((eb) => eb(jsonText(eb.ref('doc'), 'topic'), '=', topic));
  return (await query.execute()).map(roomFromRow);
}

/** Every room of a team, its main room included. */
export async function roomsOfTeam(db: Db, teamId: string): Promise<Room[]> {
  const rows = await db.selectFrom('rooms').selectAll().where('team_id', '=', teamId).execute();
  return rows.map(roomFromRow);
}

/** The rooms that the members of a team join by themselves. */
export async function autoJoinRoomsOfTeam(db: Db, teamId: string): Promise<Room[]> {
  const rows = await db
    .selectFrom('rooms')
    .selectAll()
    .where('team_id', '=', teamId)
    .where('team_default', '=', 1)
    .where('archived', '=', 0)
    .execute();
  return rows.map(roomFromRow);
}

export async function defaultRooms(db: Db): Promise<Room[]> {
  const rows = await db
    .selectFrom('rooms')
    .selectAll()
    .where('is_default', '=', 1)
    .where('archived', '=', 0)
    .execute();
  return rows.map(roomFromRow);
}

/** One tombstone per former member: each learns of the deletion on the next delta synchronization. */
export async function insertRoomTombstones(
  tx: Tx,
  rid: string,
  uids: readonly string[],
  at: number,
): Promise<void> {
  for (let start = 0; start < uids.length; start += 500) {
    const rows = uids
      .slice(start, start + 500)
      .map((uid) => ({ kind: 'room' as const, id: rid, scope: uid, deleted_at: at, doc: '{}' }));
    // A direct room that is opened anew has the same id, and may be deleted again.
    await tx
      .insertInto('tombstones')
      .values(rows)
      .onConflict((conflict) => conflict.columns(['kind', 'id', 'scope']).doUpdateSet({ deleted_at: at }))
      .execute();
  }
}

/** Rooms that `uid` was in and that were deleted after `since`. */
export async function deletedRooms(db: Db, uid: string, since: number) {
  return db
    .selectFrom('tombstones')
    .select(['id', 'deleted_at'])
    .where('kind', '=', 'room')
    .where('scope', '=', uid)
    .where('deleted_at', '>', since)
    .orderBy('deleted_at')
    .limit(10_000)
    .execute();
}

/** The next rooms by id, for a walk over all of them. */
export async function nextRooms(db: Db, after: string, limit: number): Promise<Room[]> {
  const rows = await db
    .selectFrom('rooms')
    .selectAll()
    .where('id', '>', after)
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map(roomFromRow);
}
