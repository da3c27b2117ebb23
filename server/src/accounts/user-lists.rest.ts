import { Type } from 'typebox';
import { fail } from '../kernel/errors.ts';
import { type Endpoint, endpoint } from '../rest/endpoint.ts';
import { orderBy, pageMembers, pageOf, parseObject } from '../rest/list-params.ts';
import { applyFields, parseFields } from '../rest/projection.ts';
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

/** By username; sorting by status also sorts by active (spec 21, `users.list`). */
function userOrder(raw: string | undefined): UserSort[] {
  const order = orderBy<UserSort['column']>(raw, SORTS, [{ column: 'username', direction: 'asc' }]);
  return order.flatMap((entry): UserSort[] =>
    entry.column === 'status' ? [{ ...entry, column: 'active' }, entry] : [entry],
  );
}

const role = Type.Array(Type.String(), { maxItems: 100 });

export const userListEndpoints: Endpoint[] = [
  endpoint({
    method: 'GET',
    path: 'users.list',
    summary: 'All users, page by page.',
    auth: 'user',
    query: strict({ ...listMembers, email: Type.Optional(nonBlank) }),
    partly: 'The `query` parameter is not honoured.',
    async handler(ctx, { caller, query }) {
      const page = pageOf(ctx.settings, query);
      const projection = parseFields(ctx.config, query.fields);
      const sort = userOrder(query.sort);
      const { users, total } = await listUsers(ctx, caller, { email: query.email }, { sort, ...page });
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
      const { users, total } = await listUsers(ctx, caller, filter, { sort: userOrder(query.sort), ...page });
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
    partly: '`conditions` and the setting `Accounts_SearchFields` are not honoured.',
    async handler(ctx, { caller, query }) {
      const selector = parseObject(query.selector);
      const term = selector?.term;
      if (typeof term !== 'string' || hasOperator(selector?.conditions)) {
        fail('error-invalid-params', 'Invalid selector');
      }
      const exceptions = Array.isArray(selector?.exceptions) ? selector.exceptions : [];
      const people = await suggestPeople(ctx, caller, {
        term: term.trim(),
        exceptions: exceptions.filter((entry) => typeof entry === 'string'),
      });
      return { items: people.map(presentSuggestion) };
    },
  }),
];

/** Only `$or` and `$and` may stand at the top of conditions. */
function hasOperator(conditions: unknown): boolean {
  if (typeof conditions !== 'object' || conditions === null) return false;
  return Object.keys(conditions).some((key) => key.startsWith('$') && key !== '$or' && key !== '$and');
}
