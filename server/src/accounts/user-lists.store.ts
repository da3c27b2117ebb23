import type { Expression, ExpressionBuilder, SqlBool } from 'kysely';
import type { Db } from '../storage/database.ts';
import { jsonText } from '../storage/json.ts';
import { containsPattern, isLikeInLowerCase } from '../storage/like.ts';
import { countRows } from '../storage/page-and-total.ts';
import type { Schema, UserRow } from '../storage/schema.ts';
import { unindexed } from '../storage/unindexed.ts';

/** Pages of users and searches among them. */

export interface UserFilter {
  active?: boolean | undefined;
  hasLoggedIn?: boolean | undefined;
  type?: string | undefined;
  /** Any of these. */
  roles?: readonly string[] | undefined;
  /** Part of the username, the name, the nickname or the biography. */
  searchTerm?: string | undefined;
  /** Looks for `searchTerm` in addresses too. */
  searchAddresses?: boolean | undefined;
  /** Part of an address. */
  email?: string | undefined;
  /** Any of these. */
  inactiveReasons?: readonly string[] | undefined;
}

/** Columns a list can be sorted by; `name` sorts ignoring case. */
const COLUMNS = {
  username: 'users.username_key',
  name: 'users.name_key',
  active: 'users.active',
  status: 'users.status',
  createdAt: 'users.created_at',
  lastLogin: 'users.last_login',
  type: 'users.type',
  _id: 'users.id',
} as const;
export type UserSort = { column: keyof typeof COLUMNS; direction: 'asc' | 'desc' };

type Users = ExpressionBuilder<Schema, 'users'>;

export function pageOfUsers(
  db: Db,
  filter: UserFilter,
  page: { sort: readonly UserSort[]; offset: number; count: number },
): Promise<UserRow[]> {
  let query = db
    .selectFrom('users')
    .selectAll('users')
    .where((eb) => filtered(eb, filter));
  for (const { column, direction } of page.sort) query = query.orderBy(COLUMNS[column], direction);
  // A unique end keeps pages apart where the sorted values are equal; in the same direction an index serves it too.
  if (!page.sort.some(({ column }) => column === 'username' || column === '_id'))
    query = query.orderBy('users.id', page.sort.at(-1)?.direction ?? 'asc');
  return query.offset(page.offset).limit(page.count).execute();
}

/** Ids and usernames of active accounts, all or those who are not offline. */
export async function namesOfUsers(
  db: Db,
  which: { present: boolean; limit: number },
): Promise<{ id: string; username: string }[]> {
  let query = db
    .selectFrom('users')
    .select(['id', 'username'])
    .where('username', 'is not', null)
    .where('active', '=', 1)
    .limit(which.limit);
  if (which.present) query = query.where('status', 'in', ['online', 'away', 'busy']);
  return (await query.execute()).map(({ id, username }) => ({ id, username: username ?? '' }));
}

export const countUsers = (db: Db, filter: UserFilter): Promise<number> =>
  countRows(db.selectFrom('users').where((eb) => filtered(eb, filter)));

/** Users who are not offline, changed after `since` (ms) when given, by id when given. */
export function usersPresent(
  db: Db,
  which: { ids?: readonly string[]; changedSince?: number; exceptUid?: string; limit: number },
): Promise<UserRow[]> {
  let query = db.selectFrom('users').selectAll().where('username', 'is not', null).limit(which.limit);
  if (which.ids) query = query.where('id', 'in', which.ids);
  if (which.exceptUid !== undefined) query = query.where('id', '<>', which.exceptUid);
  query =
    which.changedSince === undefined
      ? query.where('status', 'in', ['online', 'away', 'busy'])
      : query.where('updated_at', '>', which.changedSince);
  return query.execute();
}

export interface PeopleSearch {
  term: string;
  /** Usernames (lower case) to leave out. */
  exceptKeys: readonly string[];
  limit: number;
  /** Only people who share a room with this user. */
  sharingRoomWith?: string | undefined;
  /** Only people with whom this user has a direct room. */
  directPartnerOf?: string | undefined;
}

/**
 * Active people whose username starts with the term, then others in whose username, name, nickname or biography it is.
 * Both steps stop at the limit; the first one uses the index. Who shares a room is asked of the memberships here, because
 * only the database can do that for a large workspace in one step.
 */
export async function searchPeople(db: Db, search: PeopleSearch): Promise<UserRow[]> {
  const term = search.term.toLowerCase();
  const first = await peopleFor(db, search)
    .where('users.username_key', '>=', term)
    .where('users.username_key', '<', `${term}\uffff`)
    .orderBy('users.username_key')
    .limit(search.limit)
    .execute();
  if (term === '' || first.length === search.limit) return first;
  let others = peopleFor(db, search)
    .where((eb) => isLikeInLowerCase(eb.ref('users.search_key'), containsPattern(term)))
    .limit(search.limit - first.length);
  if (first.length > 0) {
    const found = first.map((row) => row.id);
    others = others.where('users.id', 'not in', found);
  }
  return [...first, ...(await others.execute())];
}

function peopleFor(db: Db, search: PeopleSearch) {
  const uid = search.directPartnerOf ?? search.sharingRoomWith;
  let query = db
    .selectFrom('users')
    .selectAll('users')
    // Among a few people the way leads by their ids.
    .where((eb) => eb(uid === undefined ? eb.ref('users.active') : unindexed(eb.ref('users.active')), '=', 1))
    .where('users.username_key', 'is not', null);
  if (search.exceptKeys.length > 0) query = query.where('users.username_key', 'not in', search.exceptKeys);
  if (uid === undefined) return query;
  let partners = db
    .selectFrom('subscriptions as mine')
    .innerJoin('subscriptions as theirs', 'theirs.rid', 'mine.rid')
    .select('theirs.uid')
    .where('mine.uid', '=', uid);
  if (search.directPartnerOf !== undefined) partners = partners.where('mine.t', '=', 'd');
  return query.where('users.id', '<>', uid).where('users.id', 'in', partners);
}

function filtered(eb: Users, filter: UserFilter): Expression<SqlBool> {
  const parts: Expression<SqlBool>[] = [];
  if (filter.active !== undefined) parts.push(eb('users.active', '=', filter.active ? 1 : 0));
  if (filter.hasLoggedIn !== undefined)
    parts.push(eb('users.last_login', filter.hasLoggedIn ? 'is not' : 'is', null));
  if (filter.type !== undefined) parts.push(eb('users.type', '=', filter.type));
  const { roles } = filter;
  if (roles) {
    parts.push(
      eb.exists(
        eb
          .selectFrom('user_roles')
          .select('role')
          .whereRef('user_roles.uid', '=', 'users.id')
          .where('role', 'in', roles),
      ),
    );
  }
  const { inactiveReasons } = filter;
  if (inactiveReasons) parts.push(eb(jsonText(eb.ref('users.doc'), 'inactiveReason'), 'in', inactiveReasons));
  if (filter.email) parts.push(hasAddressLike(eb, filter.email));
  if (filter.searchTerm) {
    const inNames = isLikeInLowerCase(eb.ref('users.search_key'), containsPattern(filter.searchTerm));
    parts.push(filter.searchAddresses ? eb.or([inNames, hasAddressLike(eb, filter.searchTerm)]) : inNames);
  }
  return eb.and(parts);
}

const hasAddressLike = (eb: Users, part: string): Expression<SqlBool> =>
  eb(
    'users.id',
    'in',
    eb
      .selectFrom('user_emails')
      .select('uid')
      .where((email) => isLikeInLowerCase(email.ref('address_key'), containsPattern(part))),
  );
