import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { commaList } from '../kernel/comma-list.ts';
import { forbid } from '../kernel/errors.ts';
import type { Filter } from '../kernel/filter.ts';
import type { Settings } from '../kernel/settings.ts';
import type { Db } from '../storage/database.ts';
import type { UserRow } from '../storage/schema.ts';
import { withEmails } from './find-users.ts';
import { parseUser, type User, usernameKey } from './user.ts';
import {
  countUsers,
  type PeopleSearch,
  pageOfUsers,
  peopleInOrder,
  personCalled,
  SEARCH_FIELDS,
  type SearchField,
  searchPeople,
  type UserFilter,
  type UserSort,
  usersPresent,
} from './user-lists.store.ts';

export interface UserPage {
  sort: readonly UserSort[];
  offset: number;
  count: number;
}

/** A page of users and how many there are (`users.list`, `users.listByStatus`). Throws 403. */
export async function listUsers(
  ctx: Context,
  caller: Caller,
  wanted: Omit<UserFilter, 'searchAddresses'>,
  page: UserPage,
): Promise<{ users: User[]; total: number }> {
  const outsideNeeded = ctx.settings.bool('API_Apply_permission_view-outside-room_on_users-list');
  const needed = ['view-d-room', ...(outsideNeeded ? ['view-outside-room'] : [])];
  if (!needed.every((permission) => ctx.permissions.has(caller, permission))) forbid();
  // Addresses are private: without the permission nobody may search by them.
  const seesAddresses = ctx.permissions.has(caller, 'view-full-other-user-info');
  if (wanted.email && !seesAddresses) forbid();
  const filter: UserFilter = { ...wanted, searchAddresses: seesAddresses };
  const [rows, total] = await Promise.all([pageOfUsers(ctx.db, filter, page), countUsers(ctx.db, filter)]);
  return { users: await withEmails(ctx.db, rows), total };
}

/** The accounts that can log in, bots and the rest alike. */
export const countActiveUsers = (ctx: Context): Promise<number> => countUsers(ctx.db, { active: true });

/** How many people are not offline; bots always are there. */
export const countPresentUsers = (ctx: Context): Promise<number> =>
  countUsers(ctx.db, {
    active: true,
    type: 'user',
    filter: { kind: 'in', path: 'status', values: ['online', 'away', 'busy'] },
  });

/**
 * The next people, by id, who take mails that go to many and fit the filter: active ones with an address. `db`: the
 * transaction that writes the mails.
 */
export async function nextMailingReceivers(
  db: Db,
  { filter, after, count }: { filter: Filter | undefined; after: string | undefined; count: number },
): Promise<User[]> {
  const parts: Filter[] = filter ? [filter] : [];
  if (after !== undefined) parts.push({ kind: 'compare', path: '_id', op: 'gt', value: after });
  const rows = await pageOfUsers(
    db,
    { active: true, type: 'user', takesMailings: true, filter: { kind: 'and', parts } },
    { sort: [{ column: '_id', direction: 'asc' }], offset: 0, count },
  );
  return withEmails(db, rows);
}

/** Active people in whose names the text is, with their addresses; for callers who were checked (`directory`). */
export async function listPeople(
  ctx: Context,
  text: string,
  page: UserPage,
): Promise<{ users: User[]; total: number }> {
  const filter: UserFilter = {
    active: true,
    searchTerm: text || undefined,
    searchFields: searchFields(ctx.settings),
  };
  const [rows, total] = await Promise.all([pageOfUsers(ctx.db, filter, page), countUsers(ctx.db, filter)]);
  return { users: await withEmails(ctx.db, rows), total };
}

/** What people are searched by (`Accounts_SearchFields`); everything where the setting names nothing that there is. */
export function searchFields(settings: Settings): readonly SearchField[] {
  const named = commaList(settings.text('Accounts_SearchFields'));
  const fields = SEARCH_FIELDS.filter((field) => named.includes(field));
  return fields.length > 0 ? fields : SEARCH_FIELDS;
}

const SUGGESTIONS = 10;
/** A client leaves out whom it shows already. A statement takes some thousand parameters. */
const MAX_EXCEPTIONS = 500;

/**
 * People for a mention or a member field (`users.autocomplete`): direct-message partners first, then everybody, or,
 * without `view-outside-room`, those who share a room with the caller.
 */
export async function suggestPeople(
  ctx: Context,
  caller: Caller,
  search: { term: string; exceptions: readonly string[]; filter?: Filter | undefined },
): Promise<User[]> {
  const everybody = ctx.permissions.has(caller, 'view-outside-room');
  const exceptKeys = search.exceptions.slice(0, MAX_EXCEPTIONS).map(usernameKey);
  const { term, filter } = search;
  const people = { term, filter, fields: searchFields(ctx.settings), limit: SUGGESTIONS };
  const partners = await searchPeople(ctx.db, { ...people, exceptKeys, directPartnerOf: caller.uid });
  const missing = SUGGESTIONS - partners.length;
  const others =
    missing === 0
      ? []
      : await searchPeople(ctx.db, {
          ...people,
          limit: missing,
          exceptKeys: [...exceptKeys, ...partners.map((row) => row.username_key ?? '')],
          ...(everybody ? {} : { sharingRoomWith: caller.uid }),
        });
  return withoutEmails([...partners, ...others]);
}

/**
 * People for a quick search (spec 11 §9): whose very username it is, members of the room `rid`, people with whom the caller
 * has a direct room, and anybody, for those who may see them. Whether the caller may see the room is known already.
 */
export async function quickSearchPeople(
  ctx: Context,
  caller: Caller,
  search: { term: string; exceptions: readonly string[]; rid: string | undefined; limit: number },
): Promise<User[]> {
  const { term, limit, rid } = search;
  const everybody = ['view-outside-room', 'view-d-room'].every((permission) =>
    ctx.permissions.has(caller, permission),
  );
  const circles: Pick<PeopleSearch, 'memberOf' | 'directPartnerOf'>[] = [
    ...(rid === undefined ? [] : [{ memberOf: rid }]),
    { directPartnerOf: caller.uid },
    ...(everybody ? [{}] : []),
  ];
  const by = ctx.settings.bool('UI_Use_Real_Name') ? 'name_key' : 'username_key';
  const exceptKeys = search.exceptions.slice(0, MAX_EXCEPTIONS).map(usernameKey);
  const people = { term, exceptKeys, fields: searchFields(ctx.settings) };
  const found = new Map<string, UserRow>();
  for (const circle of term === '' ? [] : circles) {
    const named = await personCalled(ctx.db, { ...people, ...circle, limit: 1 });
    if (!named) continue;
    found.set(named.id, named);
    break;
  }
  for (const circle of circles) {
    if (found.size >= limit) break;
    const known = [...found.values()].map((row) => row.username_key ?? '');
    const rest = { ...circle, exceptKeys: [...exceptKeys, ...known], limit: limit - found.size };
    for (const row of await peopleInOrder(ctx.db, { ...people, ...rest }, by)) found.set(row.id, row);
  }
  return withoutEmails([...found.values()]);
}

const MAX_PRESENT = 10_000;
const MAX_ASKED = 1000;
const RECENT = 10 * 60_000;

/** Who is not offline (`users.presence`). `from` (ms) is honoured up to ten minutes back. */
export async function listPresence(
  ctx: Context,
  caller: Caller,
  query: { ids?: readonly string[] | undefined; from?: number | undefined },
): Promise<{ users: User[]; full: boolean }> {
  if (ctx.settings.bool('Presence_broadcast_disabled')) return { users: [], full: true };
  const { ids, from } = query;
  if (ids) {
    const asked = ids.slice(0, MAX_ASKED);
    const rows = asked.length === 0 ? [] : await usersPresent(ctx.db, { ids: asked, limit: MAX_ASKED });
    return { users: withoutEmails(rows), full: false };
  }
  if (from !== undefined && ctx.clock.now() - from < RECENT) {
    const rows = await usersPresent(ctx.db, {
      changedSince: from,
      exceptUid: caller.uid,
      limit: MAX_PRESENT,
    });
    return { users: withoutEmails(rows), full: false };
  }
  return { users: withoutEmails(await usersPresent(ctx.db, { limit: MAX_PRESENT })), full: true };
}

/** For answers that show no addresses: saves reading them. */
const withoutEmails = (rows: readonly UserRow[]): User[] => rows.map((row) => parseUser(row, []));
