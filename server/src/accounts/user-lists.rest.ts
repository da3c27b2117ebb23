import { Type } from 'typebox';
import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail } from '../kernel/errors.ts';
import { type Endpoint, endpoint } from '../rest/endpoint.ts';
import { orderBy, pageMembers, pageOf, parseObject } from '../rest/list-params.ts';
import { applyFields, parseFields } from '../rest/projection.ts';
import { filterOf, parseListFilter, requireQueryable } from '../rest/query-filter.ts';
import { listMembers, nonBlank, strict, textOf } from '../rest/schemas.ts';
import { listUsers, suggestPeople } from './list-users.ts';
import { presentListedUser, presentSuggestion } from './present-user.ts';
import type { UserSort } from './user-lists.store.ts';

const SORTS: Readonly<Record<string, UserSort['column']>> = {
  _id: '_id',
  username: 'username',
  name: 'name',
  nameInsensitive: 'name',
  active: 'active',
  status: 'status',
  createdAt: 'createdAt',
  lastLogin: 'lastLogin',
  type: 'type',
};

/** Of addresses not even the order is for everybody. */
const SORTS_OF_FULL: typeof SORTS = { ...SORTS, 'emails.address': 'email' };

/** By username; sorting by status also sorts by active (spec 21, `users.list`). */
function userOrder(raw: string | undefined, isFull: boolean): UserSort[] {
  const sorts = isFull ? SORTS_OF_FULL : SORTS;
  const order = orderBy<UserSort['column']>(raw, sorts, [{ column: 'username', direction: 'asc' }]);
  return order.flatMap((entry): UserSort[] =>
    entry.column === 'status' ? [{ ...entry, column: 'active' }, entry] : [entry],
  );
}

/**
 * What the raw `query` may ask (spec 21, `users.list`); of what not everybody sees, nobody else may find out. Bots ask for
 * those who are there by `status` (`api.users.online` of the SDK 0.2.9).
 */
const PUBLICLY_QUERYABLE = ['username', 'name', 'type', 'status'];
const QUERYABLE = [...PUBLICLY_QUERYABLE, 'emails.address', 'customFields'];
/** What `users.autocomplete` takes as conditions: what the suggestions show, and who is meant. */
const CONDITIONS = ['_id', 'username', 'name', 'type', 'status', 'active', 'roles'];

const seesAll = (ctx: Context, caller: Caller): boolean =>
  ctx.permissions.has(caller, 'view-full-other-user-info');

const role = Type.Array(Type.String(), { maxItems: 100 });

export const userListEndpoints: Endpoint[] = [
  endpoint({
    method: 'GET',
    path: 'users.list',
    summary: 'All users, page by page.',
    auth: 'user',
    query: strict({ ...listMembers, email: Type.Optional(nonBlank) }),
    async handler(ctx, { caller, query }) {
      const page = pageOf(ctx.settings, query);
      const projection = parseFields(ctx.config, query.fields);
      const isFull = seesAll(ctx, caller);
      const sort = userOrder(query.sort, isFull);
      const filter = parseListFilter(ctx.config, query.query, isFull ? QUERYABLE : PUBLICLY_QUERYABLE);
      const wanted = { email: query.email, filter };
      const { users, total } = await listUsers(ctx, caller, wanted, { sort, ...page });
      const items = users.map((user) => applyFields(presentListedUser(ctx, caller, user), projection));
      return { users: items, ...pageMembers(page, items, total) };
    },
  }),
  endpoint({
    method: 'GET',
    path: 'users.listByStatus',
    summary: 'Users by activation, role and whether they ever logged in.',
    auth: 'user',
    query: strict({
      ...listMembers,
      status: Type.Optional(textOf('active', 'deactivated')),
      hasLoggedIn: Type.Optional(Type.Boolean()),
      type: Type.Optional(Type.String()),
      roles: Type.Optional(role),
      searchTerm: Type.Optional(Type.String({ maxLength: 200 })),
      inactiveReason: Type.Optional(role),
    }),
    async handler(ctx, { caller, query }) {
      const page = pageOf(ctx.settings, query);
      const filter = {
        active: query.status === undefined ? undefined : query.status === 'active',
        hasLoggedIn: query.hasLoggedIn,
        type: query.type || undefined,
        roles: !query.roles || query.roles.includes('all') ? undefined : query.roles,
        searchTerm: query.searchTerm?.trim() || undefined,
        inactiveReasons: query.inactiveReason?.length ? query.inactiveReason : undefined,
      };
      const sort = userOrder(query.sort, seesAll(ctx, caller));
      const { users, total } = await listUsers(ctx, caller, filter, { sort, ...page });
      const items = users.map((user) => presentListedUser(ctx, caller, user, { withReason: true }));
      return { users: items, ...pageMembers(page, items, total) };
    },
  }),
  endpoint({
    method: 'GET',
    path: 'users.autocomplete',
    summary: 'People whose username or name contains a term.',
    auth: 'user',
    query: strict({ selector: Type.String({ maxLength: 5000 }) }),
    async handler(ctx, { caller, query }) {
      const selector = parseObject(query.selector);
      const term = selector?.term;
      const conditions = selector?.conditions ?? {};
      if (typeof term !== 'string' || !isConditions(conditions)) {
        fail('error-invalid-params', 'Invalid selector');
      }
      const filter = filterOf(conditions, JSON.stringify(conditions));
      requireQueryable(filter, CONDITIONS);
      const exceptions = Array.isArray(selector?.exceptions) ? selector.exceptions : [];
      const people = await suggestPeople(ctx, caller, {
        term: term.trim(),
        exceptions: exceptions.filter((entry) => typeof entry === 'string'),
        filter,
      });
      return { items: people.map(presentSuggestion) };
    },
  }),
];

/** Of operators only `$or` and `$and` may stand at the top. */
const isConditions = (conditions: unknown): conditions is Record<string, unknown> =>
  typeof conditions === 'object' &&
  conditions !== null &&
  !Array.isArray(conditions) &&
  Object.keys(conditions).every((key) => !key.startsWith('$') || key === '$or' || key === '$and');
