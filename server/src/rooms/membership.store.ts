import { sql, type UpdateResult } from 'kysely';
import { fail } from '../kernel/errors.ts';
import { newId } from '../kernel/ids.ts';
import type { Db, Tx } from '../storage/database.ts';
import { isOnPostgres } from '../storage/dialect-functions.ts';
import { parseDoc } from '../storage/json.ts';
import { countRows } from '../storage/page-and-total.ts';
import { prepared } from '../storage/prepared.ts';
import { rememberedRow } from '../storage/remembered-rows.ts';
import { lockingRows } from '../storage/row-locks.ts';
import type { SubscriptionRow } from '../storage/schema.ts';
import { type Membership, type MembershipDetails, membershipFromRow } from './membership.ts';
import type { RoomOfMember } from './present-subscription.ts';
import type { Room } from './room.ts';

/** SQL of memberships (table `subscriptions`) and their room roles. */

const membershipQuery = prepared<{ rid: string; uid: string }, SubscriptionRow>((db, parameter) =>
  db
    .selectFrom('subscriptions')
    .selectAll()
    .where('rid', '=', parameter('rid'))
    .where('uid', '=', parameter('uid')),
);

const lockMembershipQuery = prepared<{ rid: string; uid: string }, SubscriptionRow>(
  (db, parameter) =>
    lockingRows(
      db,
      db
        .selectFrom('subscriptions')
        .selectAll()
        .where('rid', '=', parameter('rid'))
        .where('uid', '=', parameter('uid')),
    ),
  'own-table',
);

const rememberedAs = (rid: string, uid: string): string => `${rid} ${uid}`;

/** The membership as it stays until the transaction ends, but for what the transaction does to it. Not to be changed in place. */
export function lockMembershipOf(tx: Tx, rid: string, uid: string): Promise<Membership | undefined> {
  return rememberedRow(tx, 'subscriptions', rememberedAs(rid, uid), async () => {
    const [row] = (await lockMembershipQuery(tx, { rid, uid })).rows;
    return row && membershipFromRow(row);
  });
}

export async function membershipOf(db: Db, rid: string, uid: string): Promise<Membership | undefined> {
  const [row] = (await membershipQuery(db, { rid, uid })).rows;
  return row && membershipFromRow(row);
}

const membershipsOfUserQuery = prepared<{ uid: string }, SubscriptionRow>((db, parameter) =>
  db.selectFrom('subscriptions').selectAll().where('uid', '=', parameter('uid')),
);

/** All memberships of a user, active or not. Bounded by the user's rooms. */
export async function membershipsOfUser(db: Db, uid: string): Promise<Membership[]> {
  return (await membershipsOfUserQuery(db, { uid })).rows.map(membershipFromRow);
}

const activeRoomsQuery = prepared<
  { uid: string },
  { rid: string; alert: number; seen_activity_seq: number; activity_seq: number; doc: string }
>((db, parameter) =>
  db
    .selectFrom('subscriptions as s')
    .innerJoin('rooms as r', 'r.id', 's.rid')
    .select(['s.rid', 's.alert', 's.seen_activity_seq', 'r.activity_seq', 's.doc'])
    .where('s.uid', '=', parameter('uid'))
    .where('s.status', 'is', null),
);

/** The rooms a user is an active member of, whether there is an alert (see `unreadState`), and the user's own settings there. */
export async function activeRoomsOf(
  db: Db,
  uid: string,
): Promise<{ rid: string; alert: boolean; details: MembershipDetails }[]> {
  return (await activeRoomsQuery(db, { uid })).rows.map((row) => ({
    rid: row.rid,
    alert: row.alert === 1 || row.activity_seq > row.seen_activity_seq,
    details: parseDoc<MembershipDetails>(row.doc),
  }));
}

/** The memberships of the named users in one room. */
export async function membershipsIn(db: Db, rid: string, uids: readonly string[]): Promise<Membership[]> {
  const found: Membership[] = [];
  // SQLite and PostgreSQL both bound the number of parameters of a statement.
  for (let start = 0; start < uids.length; start += 500) {
    const rows = await db
      .selectFrom('subscriptions')
      .selectAll()
      .where('rid', '=', rid)
      .where('uid', 'in', uids.slice(start, start + 500))
      .execute();
    found.push(...rows.map(membershipFromRow));
  }
  return found;
}

/**
 * The memberships of the named users in one room, each with the room of the same moment: counters of the one are marks in the
 * other, and two queries may see different states of them.
 */
export async function membershipsWithRoom(
  db: Db,
  rid: string,
  uids: readonly string[],
): Promise<{ membership: Membership; room: RoomOfMember }[]> {
  const found: { membership: Membership; room: RoomOfMember }[] = [];
  for (let start = 0; start < uids.length; start += 500) {
    const rows = await db
      .selectFrom('subscriptions as s')
      .innerJoin('rooms as r', 'r.id', 's.rid')
      .selectAll('s')
      .select([
        'r.t as room_t',
        'r.name as room_name',
        'r.fname as room_fname',
        'r.archived as room_archived',
        'r.prid as room_prid',
        'r.team_id as room_team_id',
        'r.team_main as room_team_main',
        'r.activity_seq as room_activity_seq',
        'r.unread_seq as room_unread_seq',
        'r.group_seq as room_group_seq',
        'r.activity_at as room_activity_at',
        'r.doc as room_doc',
      ])
      .where('s.rid', '=', rid)
      .where('s.uid', 'in', uids.slice(start, start + 500))
      .execute();
    for (const row of rows) {
      const room: RoomOfMember = {
        id: row.rid,
        type: row.room_t as RoomOfMember['type'],
        name: row.room_name,
        displayName: row.room_fname,
        archived: row.room_archived === 1,
        parentId: row.room_prid,
        teamId: row.room_team_id,
        teamMain: row.room_team_main === 1,
        activitySeq: row.room_activity_seq,
        unreadSeq: row.room_unread_seq,
        groupSeq: row.room_group_seq,
        activityAt: row.room_activity_at,
        details: parseDoc(row.room_doc),
      };
      found.push({ membership: membershipFromRow(row), room });
    }
  }
  return found;
}

/** The active memberships of a room, up to `limit`. */
export async function activeMembershipsIn(db: Db, rid: string, limit: number): Promise<Membership[]> {
  const rows = await db
    .selectFrom('subscriptions')
    .selectAll()
    .where('rid', '=', rid)
    .where('status', 'is', null)
    .limit(limit)
    .execute();
  return rows.map(membershipFromRow);
}

const toldOfAllQuery = prepared<{ rid: string; limit: number }, SubscriptionRow>((db, parameter) =>
  db
    .selectFrom('subscriptions')
    .selectAll()
    .where('rid', '=', parameter('rid'))
    // As a literal: otherwise no planner sees that the partial index will do.
    .where('told_of_all', '=', sql.lit(1))
    .where('status', 'is', null)
    .limit(parameter('limit')),
);

/** Members who said that they want pushes or mails of all messages of the room. */
export async function membersToldOfAll(db: Db, rid: string, limit: number): Promise<Membership[]> {
  return (await toldOfAllQuery(db, { rid, limit })).rows.map(membershipFromRow);
}

/** Unread messages in all rooms of a user, as `unreadState` counts them. */
export async function unreadOfUser(db: Db, uid: string): Promise<number> {
  const { rows } = await sql<{ unread: number | null }>`
    select sum(s.unread + case when r.unread_seq > s.seen_unread_seq then r.unread_seq - s.seen_unread_seq else 0 end) as unread
    from subscriptions s join rooms r on r.id = s.rid where s.uid = ${uid} and s.status is null`.execute(db);
  return Number(rows[0]?.unread ?? 0);
}

export interface NewMembership {
  uid: string;
  joinedAt: number;
  /** Order among members who join at the same moment. */
  position: number;
  open: boolean;
  alert: boolean;
  unread: number;
  userMentions: number;
  lastSeenAt: number | null;
  roles: readonly string[];
  favorite: boolean;
  details: MembershipDetails;
}

const highlightsColumn = ({ userHighlights }: MembershipDetails): string | null =>
  userHighlights && userHighlights.length > 0 ? JSON.stringify(userHighlights) : null;

const detailColumns = (details: MembershipDetails) => ({
  highlights: highlightsColumn(details),
  translate_to: (details.autoTranslate && details.autoTranslateLanguage) || null,
  told_of_all: Number(details.mobilePushNotifications === 'all' || details.emailNotifications === 'all'),
  doc: JSON.stringify(details),
});

/**
 * Who is to become a member was read before the transaction. On the embedded database nothing comes between; on PostgreSQL
 * the user may have been deleted since, and the membership would be nobody's.
 */
async function refuseDeletedUsers(tx: Tx, uids: readonly string[]): Promise<void> {
  if (!isOnPostgres(tx)) return;
  const wanted = [...new Set(uids)];
  for (let start = 0; start < wanted.length; start += 500) {
    const some = wanted.slice(start, start + 500);
    const found = await tx.selectFrom('users').select('id').where('id', 'in', some).execute();
    if (found.length < some.length) fail('error-invalid-user', 'Invalid user');
  }
}

/**
 * Inserts memberships into `room`, whose counters they start from. Returns them in the given order.
 *
 * @throws error-invalid-user when one of them was deleted meanwhile
 */
export async function insertMemberships(
  tx: Tx,
  room: Room,
  members: readonly NewMembership[],
): Promise<Membership[]> {
  await refuseDeletedUsers(
    tx,
    members.map(({ uid }) => uid),
  );
  const rows = members.map(
    (member): DetailedRow => ({
      id: newId(),
      rid: room.id,
      uid: member.uid,
      t: room.type,
      ts: member.joinedAt,
      position: member.position,
      updated_at: member.joinedAt,
      ls: member.lastSeenAt,
      lr: null,
      open: Number(member.open),
      alert: Number(member.alert),
      unread: member.unread,
      user_mentions: member.userMentions,
      group_mentions: 0,
      seen_activity_seq: room.activitySeq,
      seen_unread_seq: room.unreadSeq,
      seen_group_seq: room.groupSeq,
      favorite: Number(member.favorite),
      roles: JSON.stringify(member.roles),
      status: null,
      details: member.details,
    }),
  );
  return (await insertMembershipRows(tx, rows)).map(membershipFromRow);
}

/** A row whose JSON column, with the columns that follow from it, is yet to be made. */
export type DetailedRow = Omit<SubscriptionRow, keyof ReturnType<typeof detailColumns>> & {
  details: MembershipDetails;
};

/** Inserts memberships as they are, with the index of their roles. */
export async function insertMembershipRows(
  tx: Tx,
  members: readonly DetailedRow[],
): Promise<SubscriptionRow[]> {
  const rows = members.map(({ details, ...columns }) => ({ ...columns, ...detailColumns(details) }));
  for (let start = 0; start < rows.length; start += 200) {
    await tx
      .insertInto('subscriptions')
      .values(rows.slice(start, start + 200))
      .execute();
  }
  const roles = rows.flatMap(({ rid, uid, roles }) =>
    parseDoc<string[]>(roles).map((role) => ({ rid, uid, role })),
  );
  if (roles.length > 0) await tx.insertInto('room_roles').values(roles).execute();
  return rows;
}

/** Deletes the membership with its room roles and leaves a tombstone for delta synchronization. False when there was none. */
export async function removeMembership(tx: Tx, membership: Membership, at: number): Promise<boolean> {
  const deleted = await tx.deleteFrom('subscriptions').where('id', '=', membership.id).executeTakeFirst();
  if (Number(deleted.numDeletedRows) === 0) return false;
  if (membership.roles.length > 0) {
    await tx
      .deleteFrom('room_roles')
      .where('rid', '=', membership.rid)
      .where('uid', '=', membership.uid)
      .execute();
  }
  await tx
    .insertInto('tombstones')
    .values({
      kind: 'subscription',
      id: membership.id,
      scope: membership.uid,
      deleted_at: at,
      doc: JSON.stringify({ rid: membership.rid }),
    })
    .execute();
  return true;
}

/** Number of users of the room who hold the role. */
export const countRoomRole = (db: Db, rid: string, role: string): Promise<number> =>
  countRows(db.selectFrom('room_roles').where('rid', '=', rid).where('role', '=', role));

export async function setRoomRoles(
  tx: Tx,
  rid: string,
  uid: string,
  roles: readonly string[],
  at: number,
): Promise<void> {
  await tx
    .updateTable('subscriptions')
    .set({ roles: JSON.stringify(roles), updated_at: at })
    .where('rid', '=', rid)
    .where('uid', '=', uid)
    .execute();
  await tx.deleteFrom('room_roles').where('rid', '=', rid).where('uid', '=', uid).execute();
  if (roles.length > 0) {
    await tx
      .insertInto('room_roles')
      .values(roles.map((role) => ({ rid, uid, role })))
      .execute();
  }
}

/** Memberships of a room that hold at least one role, with the members' names, sorted by username. */
export async function roleHolders(db: Db, rid: string) {
  const rows = await db
    .selectFrom('subscriptions as s')
    .innerJoin('users as u', 'u.id', 's.uid')
    .select(['s.id', 's.rid', 's.uid', 's.roles', 'u.username', 'u.name'])
    .where('s.rid', '=', rid)
    .where('s.uid', 'in', (eb) => eb.selectFrom('room_roles').select('uid').where('rid', '=', rid))
    .orderBy('u.username')
    .execute();
  return rows.map((row) => ({ ...row, roles: parseDoc<string[]>(row.roles) }));
}

export interface MembershipChange {
  open?: boolean;
  alert?: boolean;
  unread?: number;
  userMentions?: number;
  groupMentions?: number;
  lastSeenAt?: number;
  favorite?: boolean;
  status?: 'INVITED' | 'BANNED' | null;
  /** Since when it is what it is; later changes of the room or of the user do not count. */
  since?: number;
  details?: MembershipDetails;
  /** Takes the room's counters as seen. */
  seen?: Pick<Room, 'activitySeq' | 'unreadSeq' | 'groupSeq'>;
}

export async function updateMembership(
  tx: Tx,
  id: string,
  at: number,
  change: MembershipChange,
): Promise<void> {
  await tx
    .updateTable('subscriptions')
    .set({
      updated_at: at,
      ...(change.open === undefined ? {} : { open: Number(change.open) }),
      ...(change.alert === undefined ? {} : { alert: Number(change.alert) }),
      ...(change.unread === undefined ? {} : { unread: change.unread }),
      ...(change.userMentions === undefined ? {} : { user_mentions: change.userMentions }),
      ...(change.groupMentions === undefined ? {} : { group_mentions: change.groupMentions }),
      ...(change.lastSeenAt === undefined ? {} : { ls: change.lastSeenAt }),
      ...(change.favorite === undefined ? {} : { favorite: Number(change.favorite) }),
      ...(change.status === undefined ? {} : { status: change.status }),
      ...(change.since === undefined ? {} : { ts: change.since }),
      ...(change.details === undefined ? {} : detailColumns(change.details)),
      ...(change.seen === undefined
        ? {}
        : {
            seen_activity_seq: change.seen.activitySeq,
            seen_unread_seq: change.seen.unreadSeq,
            seen_group_seq: change.seen.groupSeq,
          }),
    })
    .where('id', '=', id)
    .execute();
}

/** What reading everything in a room writes of a membership besides the flags. */
type ReadMembership = Pick<
  Membership,
  'id' | 'updatedAt' | 'lastSeenAt' | 'seenActivitySeq' | 'seenUnreadSeq' | 'seenGroupSeq'
>;

const markReadQuery = prepared<ReadMembership, UpdateResult>(
  (db, parameter) =>
    db
      .updateTable('subscriptions')
      .set({
        updated_at: parameter('updatedAt'),
        ls: parameter('lastSeenAt'),
        open: 1,
        alert: 0,
        unread: 0,
        user_mentions: 0,
        group_mentions: 0,
        seen_activity_seq: parameter('seenActivitySeq'),
        seen_unread_seq: parameter('seenUnreadSeq'),
        seen_group_seq: parameter('seenGroupSeq'),
      })
      .where('id', '=', parameter('id')),
  'own-table',
);

/** Takes everything in the room as read by a member who has just written in it; the membership is locked. */
export async function markMembershipRead(
  tx: Tx,
  membership: Membership,
  room: Pick<Room, 'activitySeq' | 'unreadSeq' | 'groupSeq'>,
  at: number,
): Promise<Membership> {
  const after = { ...membership };
  after.updatedAt = at;
  after.lastSeenAt = at;
  after.seenActivitySeq = room.activitySeq;
  after.seenUnreadSeq = room.unreadSeq;
  after.seenGroupSeq = room.groupSeq;
  after.open = true;
  after.alert = false;
  after.unread = 0;
  after.userMentions = 0;
  after.groupMentions = 0;
  await markReadQuery(tx, after, { key: rememberedAs(membership.rid, membership.uid), row: after });
  return after;
}

/** Members who are mentioned: their explicit counters grow, one row each (docs/decisions/0001). */
export async function addMentions(
  tx: Tx,
  rid: string,
  uids: readonly string[],
  unread: number,
  at: number,
): Promise<void> {
  if (uids.length === 0) return;
  await tx
    .updateTable('subscriptions')
    .set((eb) => ({
      updated_at: at,
      open: 1,
      alert: 1,
      unread: eb('unread', '+', unread),
      user_mentions: eb('user_mentions', '+', 1),
    }))
    .where('rid', '=', rid)
    .where('uid', 'in', uids)
    .where('status', 'is', null)
    .execute();
}

/** Changes the stored flags of every membership of the room at once (rename, archive, unarchive): one statement. */
export async function updateAllMemberships(
  tx: Tx,
  room: Room,
  at: number,
  change: { open?: boolean; alert?: boolean; type?: string; takeSeen?: boolean },
): Promise<void> {
  await tx
    .updateTable('subscriptions')
    .set({
      updated_at: at,
      ...(change.open === undefined ? {} : { open: Number(change.open) }),
      ...(change.alert === undefined ? {} : { alert: Number(change.alert) }),
      ...(change.type === undefined ? {} : { t: change.type }),
      ...(change.takeSeen ? { seen_activity_seq: room.activitySeq } : {}),
    })
    .where('rid', '=', room.id)
    .execute();
}

/** Ids of memberships of `uid` deleted after `since`. */
export async function deletedMemberships(db: Db, uid: string, since: number) {
  return db
    .selectFrom('tombstones')
    .select(['id', 'deleted_at'])
    .where('kind', '=', 'subscription')
    .where('scope', '=', uid)
    .where('deleted_at', '>', since)
    .orderBy('deleted_at')
    .limit(10_000)
    .execute();
}

/** Deletes every membership of the room, leaving tombstones. Returns what was deleted, with the members' names. */
export async function deleteMembershipsOfRoom(tx: Tx, rid: string, at: number) {
  const rows = await tx
    .selectFrom('subscriptions')
    .innerJoin('users', 'users.id', 'subscriptions.uid')
    .selectAll('subscriptions')
    .select(['users.username as member_username', 'users.name as member_name'])
    .where('rid', '=', rid)
    .execute();
  await tx.deleteFrom('subscriptions').where('rid', '=', rid).execute();
  await tx.deleteFrom('room_roles').where('rid', '=', rid).execute();
  const doc = JSON.stringify({ rid });
  const tombstones = rows.map((row) => ({
    kind: 'subscription' as const,
    id: row.id,
    scope: row.uid,
    deleted_at: at,
    doc,
  }));
  for (let start = 0; start < tombstones.length; start += 500) {
    await tx
      .insertInto('tombstones')
      .values(tombstones.slice(start, start + 500))
      .execute();
  }
  return rows.map((row) => ({
    membership: membershipFromRow(row),
    user: {
      _id: row.uid,
      username: row.member_username ?? '',
      ...(row.member_name ? { name: row.member_name } : {}),
    },
  }));
}

const highlightsQuery = prepared<{ rid: string }, { uid: string; highlights: string | null }>(
  (db, parameter) =>
    db
      .selectFrom('subscriptions')
      .select(['uid', 'highlights'])
      .where('rid', '=', parameter('rid'))
      .where('highlights', 'is not', null)
      .where('status', 'is', null),
  'own-table',
);

/** Members of the room who have highlight words, with these. */
export async function membersWithHighlights(
  db: Db,
  rid: string,
): Promise<readonly { uid: string; words: string[] }[]> {
  const members = await rememberedRow(db, 'subscriptions', `highlights of ${rid}`, async () => {
    const { rows } = await highlightsQuery(db, { rid });
    return rows.map((row) => ({
      uid: row.uid,
      words: row.highlights === null ? [] : parseDoc<string[]>(row.highlights),
    }));
  });
  return members ?? [];
}
