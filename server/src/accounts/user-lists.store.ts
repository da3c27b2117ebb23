import { type Expression, type ExpressionBuilder, type SqlBool, sql } from 'kysely';
import type { Filter } from '../kernel/filter.ts';
import type { Db } from '../storage/database.ts';
import { type FilterColumn, filterColumn, filterSql } from '../storage/filter-sql.ts';
import { jsonAt, jsonText } from '../storage/json.ts';
import { containsPattern, isLike, isLikeInLowerCase } from '../storage/like.ts';
import { countRows } from '../storage/page-and-total.ts';
import type { Schema, UserRow } from '../storage/schema.ts';
import { unindexed } from '../storage/unindexed.ts';

/** Pages of users and searches among them. */

/** What people are searched by. */
export const SEARCH_FIELDS = ['username', 'name', 'bio', 'nickname'] as const;
export type SearchField = (typeof SEARCH_FIELDS)[number];

export interface UserFilter {
  active?: boolean | undefined;
  hasLoggedIn?: boolean | undefined;
  type?: string | undefined;
  /** Any of these. */
  roles?: readonly string[] | undefined;
  /** Part of one of the `searchFields`. */
  searchTerm?: string | undefined;
  /** Default: all. */
  searchFields?: readonly SearchField[] | undefined;
  /** Looks for `searchTerm` in addresses too. */
  searchAddresses?: boolean | undefined;
  /** Part of an address. */
  email?: string | undefined;
  /** Any of these. */
  inactiveReasons?: readonly string[] | undefined;
  /** Those who have not refused mails that go to many, and have an address. */
  takesMailings?: true | undefined;
  /** A caller's own condition; the door decides what it may be about. */
  filter?: Filter | undefined;
}

const FILTER_COLUMNS: Readonly<Record<string, FilterColumn>> = {
  _id: filterColumn('text', sql.ref('users.id')),
  username: filterColumn('text', sql.ref('users.username')),
  name: filterColumn('text', sql.ref('users.name')),
  type: filterColumn('text', sql.ref('users.type')),
  status: filterColumn('text', sql.ref('users.status')),
  active: filterColumn('flag', sql.ref('users.active')),
  'emails.address': {
    kind: 'text',
    some: (condition) =>
      sql`exists (select 1 from user_emails where uid = users.id and ${condition(sql.ref('address'))})`,
  },
  roles: {
    kind: 'text',
    some: (condition) =>
      sql`exists (select 1 from user_roles where uid = users.id and ${condition(sql.ref('role'))})`,
  },
};

/** `customFields.town` is a text in the document. */
function userColumn(path: string): FilterColumn | undefined {
  if (!path.startsWith('customFields.')) return FILTER_COLUMNS[path];
  return filterColumn('text', jsonAt('text', sql.ref('users.doc'), path.split('.')));
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
/** What no index serves: sorts everything that is found. */
const EXPRESSIONS = {
  email: (eb: Users) =>
    eb
      .selectFrom('user_emails')
      .select('address_key')
      .whereRef('user_emails.uid', '=', 'users.id')
      .where('position', '=', 0),
  bio: (eb: Users) => jsonText(eb.ref('users.doc'), 'bio'),
} as const;
export type UserSort = {
  column: keyof typeof COLUMNS | keyof typeof EXPRESSIONS;
  direction: 'asc' | 'desc';
};

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
  for (const { column, direction } of page.sort) {
    query =
      column === 'email' || column === 'bio'
        ? query.orderBy(EXPRESSIONS[column], direction)
        : query.orderBy(COLUMNS[column], direction);
  }
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
  fields: readonly SearchField[];
  /** A caller's own condition. */
  filter?: Filter | undefined;
  /** Usernames (lower case) to leave out. */
  exceptKeys: readonly string[];
  limit: number;
  /** Only people who share a room with this user. */
  sharingRoomWith?: string | undefined;
  /** Only people with whom this user has a direct room. */
  directPartnerOf?: string | undefined;
  /** Only members of this room. */
  memberOf?: string | undefined;
}

/**
 * Active people whose username starts with the term, then others in one of whose fields it is.
 * Both steps stop at the limit; the first one uses the index. Who shares a room is asked of the memberships here, because
 * only the database can do that for a large workspace in one step.
 */
export async function searchPeople(db: Db, search: PeopleSearch): Promise<UserRow[]> {
  const term = search.term.toLowerCase();
  const first = search.fields.includes('username')
    ? await peopleFor(db, search)
        .where('users.username_key', '>=', term)
        .where('users.username_key', '<', `${term}\uffff`)
        .orderBy('users.username_key')
        .limit(search.limit)
        .execute()
    : [];
  if (term === '' || first.length === search.limit) return first;
  let others = peopleFor(db, search)
    .where((eb) => hasInFields(eb, term, search.fields))
    .limit(search.limit - first.length);
  if (first.length > 0) {
    const found = first.map((row) => row.id);
    others = others.where('users.id', 'not in', found);
  }
  return [...first, ...(await others.execute())];
}

/** Active people in one of whose fields the term is, by their usernames or by their names. */
export function peopleInOrder(
  db: Db,
  search: PeopleSearch,
  by: 'username_key' | 'name_key',
): Promise<UserRow[]> {
  let query = peopleFor(db, search);
  const term = search.term.toLowerCase();
  if (term !== '') query = query.where((eb) => hasInFields(eb, term, search.fields));
  return query.orderBy(`users.${by}`).orderBy('users.id').limit(search.limit).execute();
}

/** Whom a username belongs to, if it is one of those searched for. */
export const personCalled = (db: Db, search: PeopleSearch): Promise<UserRow | undefined> =>
  peopleFor(db, search).where('users.username_key', '=', search.term.toLowerCase()).executeTakeFirst();

function peopleFor(db: Db, search: PeopleSearch) {
  const uid = search.directPartnerOf ?? search.sharingRoomWith;
  const isAmongFew = uid !== undefined || search.memberOf !== undefined;
  let query = db
    .selectFrom('users')
    .selectAll('users')
    // Among a few people the way leads by their ids.
    .where((eb) => eb(isAmongFew ? unindexed(eb.ref('users.active')) : eb.ref('users.active'), '=', 1))
    .where('users.username_key', 'is not', null);
  const { filter } = search;
  if (filter) query = query.where(filterSql(filter, userColumn));
  if (search.exceptKeys.length > 0) query = query.where('users.username_key', 'not in', search.exceptKeys);
  const { memberOf } = search;
  if (memberOf !== undefined) {
    const members = db.selectFrom('subscriptions').select('uid').where('rid', '=', memberOf);
    query = query.where('users.id', 'in', members.where('status', 'is', null));
  }
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
  if (filter.takesMailings) {
    parts.push(eb(jsonText(eb.ref('users.doc'), 'noMailings'), 'is', null));
    const addresses = eb.selectFrom('user_emails').select('uid').whereRef('user_emails.uid', '=', 'users.id');
    parts.push(eb.exists(addresses));
  }
  if (filter.filter) parts.push(filterSql(filter.filter, userColumn));
  if (filter.email) parts.push(hasAddressLike(eb, filter.email));
  if (filter.searchTerm) {
    const inNames = hasInFields(eb, filter.searchTerm, filter.searchFields);
    parts.push(filter.searchAddresses ? eb.or([inNames, hasAddressLike(eb, filter.searchTerm)]) : inNames);
  }
  return eb.and(parts);
}

/** One column holds all of them, in lower case and in an index; fewer of them are looked at one by one. */
function hasInFields(eb: Users, part: string, fields: readonly SearchField[] = SEARCH_FIELDS) {
  const pattern = containsPattern(part);
  if (SEARCH_FIELDS.every((field) => fields.includes(field))) {
    return isLikeInLowerCase(eb.ref('users.search_key'), pattern);
  }
  const columns = {
    username: eb.ref('users.username_key'),
    name: eb.ref('users.name_key'),
    bio: jsonText(eb.ref('users.doc'), 'bio'),
    nickname: jsonText(eb.ref('users.doc'), 'nickname'),
  };
  return eb.or(fields.map((field) => isLike(columns[field], pattern)));
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
