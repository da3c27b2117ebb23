import { sql } from 'kysely';
import type { Db } from '../storage/database.ts';
import { jsonText, parseDoc } from '../storage/json.ts';
import { containsPattern, isLike } from '../storage/like.ts';
import { pageAndTotal } from '../storage/page-and-total.ts';
import { type Membership, membershipFromRow } from './membership.ts';

/** SQL of who is in a room: in join order, or as member lists show them. */

/** User ids of the active members, in join order. */
export async function memberIds(db: Db, rid: string): Promise<string[]> {
  const rows = await db
    .selectFrom('subscriptions')
    .select('uid')
    .where('rid', '=', rid)
    .where('status', 'is', null)
    .orderBy('ts')
    .orderBy('position')
    .execute();
  return rows.map((row) => row.uid);
}

/** Who is in the room with which roles, in join order. */
export async function activeMemberships(db: Db, rid: string): Promise<{ uid: string; roles: string[] }[]> {
  const rows = await db
    .selectFrom('subscriptions')
    .select(['uid', 'roles'])
    .where('rid', '=', rid)
    .where('status', 'is', null)
    .orderBy('ts')
    .orderBy('position')
    .execute();
  return rows.map(({ uid, roles }) => ({ uid, roles: parseDoc<string[]>(roles) }));
}

/** Usernames of the active members, in join order: one indexed query (spec 10 §2.1). */
export async function usernamesInRoom(db: Db, rid: string): Promise<{ uid: string; username: string }[]> {
  const rows = await db
    .selectFrom('subscriptions as s')
    .innerJoin('users as u', 'u.id', 's.uid')
    .select(['s.uid', 'u.username'])
    .where('s.rid', '=', rid)
    .where('s.status', 'is', null)
    .orderBy('s.ts')
    .orderBy('s.position')
    .execute();
  return rows.flatMap(({ uid, username }) => (username === null ? [] : { uid, username }));
}

const activeMembers = (db: Db, rid: string) =>
  db
    .selectFrom('subscriptions as s')
    .innerJoin('users as u', 'u.id', 's.uid')
    .where('s.rid', '=', rid)
    .where('s.status', 'is', null)
    .where('u.active', '=', 1);

export async function countActiveMembers(db: Db, rid: string): Promise<number> {
  const { members } = await activeMembers(db, rid)
    .select((eb) => eb.fn.countAll<number>().as('members'))
    .executeTakeFirstOrThrow();
  return Number(members);
}

/** Members of active accounts whose status is not `offline`. */
export function membersNotOffline(db: Db, rid: string) {
  return activeMembers(db, rid)
    .select(['u.id', 'u.username'])
    .where('u.status', '!=', 'offline')
    .orderBy('u.username_key')
    .limit(10_000)
    .execute();
}

export interface MemberListOptions {
  text?: string;
  /** Names of the user members that `text` is looked for in. */
  fields: readonly string[];
  statuses?: readonly string[];
  byName: boolean;
  order?: 'asc' | 'desc';
  offset: number;
  count: number;
}

function matchingMembers(
  db: Db,
  rid: string,
  { text, fields, statuses }: Pick<MemberListOptions, 'text' | 'fields' | 'statuses'>,
) {
  let matching = activeMembers(db, rid);
  if (text) {
    const pattern = containsPattern(text);
    matching = matching.where((eb) =>
      eb.or([
        ...(fields.includes('username') ? [isLike(eb.ref('u.username'), pattern)] : []),
        ...(fields.includes('name') ? [isLike(eb.ref('u.name'), pattern)] : []),
        ...(fields.includes('nickname') ? [isLike(jsonText(eb.ref('u.doc'), 'nickname'), pattern)] : []),
        ...(fields.includes('bio') ? [isLike(jsonText(eb.ref('u.doc'), 'bio'), pattern)] : []),
      ]),
    );
  }
  if (statuses && statuses.length > 0) matching = matching.where('u.status', 'in', statuses);
  return matching;
}

/** Owners first (0), then leaders (250) and moderators (500), then everybody else (10,000); the best role counts. */
export async function listMembersByRole(
  db: Db,
  rid: string,
  options: MemberListOptions & { lowestFirst: boolean },
) {
  const matching = matchingMembers(db, rid, options);
  const priority = sql<number>`coalesce((select min(case rr.role when 'owner' then 0 when 'leader' then 250
    when 'moderator' then 500 else 10000 end) from room_roles as rr where rr.rid = s.rid and rr.uid = s.uid), 10000)`;
  return pageAndTotal(
    matching,
    matching
      .select(['u.id', 'u.username', 'u.name', 'u.status', 'u.updated_at', 'u.doc'])
      .select(['s.id as membership_id', 's.ts', 's.roles'])
      .orderBy(priority, options.lowestFirst ? 'desc' : 'asc')
      .orderBy(sql`case u.status when 'offline' then 1 else 0 end`)
      .orderBy(options.byName ? 'u.name' : 'u.username', options.order ?? 'asc'),
    options,
  );
}

export async function listMembers(db: Db, rid: string, options: MemberListOptions) {
  const matching = matchingMembers(db, rid, options);
  let ordered = matching
    .select(['u.id', 'u.username', 'u.name', 'u.status', 'u.updated_at', 'u.doc'])
    .orderBy('u.status_connection', 'desc');
  if (options.byName && !options.order) ordered = ordered.orderBy('u.name');
  ordered = ordered.orderBy('u.username', options.order ?? 'asc');
  return pageAndTotal(matching, ordered, options);
}

/** Who is banned from a room, the first one first. */
export async function bannedMembers(db: Db, rid: string, page: { offset: number; count: number }) {
  const banned = db
    .selectFrom('subscriptions as s')
    .innerJoin('users as u', 'u.id', 's.uid')
    .where('s.rid', '=', rid)
    .where('s.status', '=', 'BANNED');
  const inOrder = banned.select(['u.id', 'u.username', 'u.name']).orderBy('s.ts').orderBy('s.id');
  return pageAndTotal(banned, inOrder, page);
}

/** The active member with an active account who joined first, leaving one user out; their natural heir. */
export async function longestActiveMember(
  db: Db,
  rid: string,
  except: string,
): Promise<Membership | undefined> {
  const row = await activeMembers(db, rid)
    .selectAll('s')
    .where('s.uid', '!=', except)
    .orderBy('s.ts')
    .orderBy('s.position')
    .limit(1)
    .executeTakeFirst();
  return row && membershipFromRow(row);
}

export async function seenByMembers(
  db: Db,
  rid: string,
): Promise<{ uid: string; joinedAt: number; lastSeenAt: number | null }[]> {
  const rows = await db
    .selectFrom('subscriptions')
    .select(['uid', 'ts', 'ls'])
    .where('rid', '=', rid)
    .where('status', 'is', null)
    .execute();
  return rows.map(({ uid, ts, ls }) => ({ uid, joinedAt: ts, lastSeenAt: ls }));
}
