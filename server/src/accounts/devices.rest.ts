import { Type } from 'typebox';
import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { refuse } from '../kernel/errors.ts';
import { type Endpoint, endpoint } from '../rest/endpoint.ts';
import { type PageQuery, pageMembers, pageOf, parseSort } from '../rest/list-params.ts';
import { freeObject, nonBlank, pagingMembers, strict } from '../rest/schemas.ts';
import {
  type DeviceSession,
  endDeviceSession,
  getSession,
  listSessions,
  SESSION_SORTS,
  type SessionOrder,
} from './devices.ts';

const listQuery = strict({
  ...pagingMembers,
  filter: Type.Optional(Type.String({ maxLength: 200 })),
  sort: Type.Optional(Type.String()),
});
const oneQuery = strict({ sessionId: nonBlank });

/** Device management (spec 20): nothing of it is bought, permissions decide. */
export const deviceEndpoints: Endpoint[] = [
  endpoint({
    method: 'GET',
    path: 'sessions/list',
    summary: 'The own open sessions.',
    auth: 'user',
    query: listQuery,
    response: freeObject,
    handler: (ctx, { caller, query }) => sessionsPage(ctx, caller, 'own', query),
  }),
  endpoint({
    method: 'GET',
    path: 'sessions/list.all',
    summary: "Everybody's open sessions.",
    auth: 'user',
    permissions: { all: ['view-device-management'] },
    twoFactor: 'remembered',
    query: listQuery,
    response: freeObject,
    handler: (ctx, { caller, query }) => sessionsPage(ctx, caller, 'all', query),
  }),
  endpoint({
    method: 'GET',
    path: 'sessions/info',
    summary: 'One of the own sessions.',
    auth: 'user',
    query: oneQuery,
    response: freeObject,
    handler: async (ctx, { caller, query }) =>
      presentInfo(await getSession(ctx, caller, 'own', query.sessionId)),
  }),
  endpoint({
    method: 'GET',
    path: 'sessions/info.admin',
    summary: "One of anybody's sessions.",
    auth: 'user',
    permissions: { all: ['view-device-management'] },
    twoFactor: 'remembered',
    query: oneQuery,
    response: freeObject,
    async handler(ctx, { caller, query }) {
      const session = await getSession(ctx, caller, 'all', query.sessionId);
      return { ...presentInfo(session), _user: session.user };
    },
  }),
  endpoint({
    method: 'POST',
    path: 'sessions/logout.me',
    summary: 'Ends one of the own sessions.',
    auth: 'user',
    body: oneQuery,
    async handler(ctx, { caller, body }) {
      await endDeviceSession(ctx, caller, 'own', body.sessionId);
      return { sessionId: body.sessionId };
    },
  }),
  endpoint({
    method: 'POST',
    path: 'sessions/logout',
    summary: "Ends one of anybody's sessions.",
    auth: 'user',
    permissions: { all: ['logout-device-management'] },
    twoFactor: 'remembered',
    body: oneQuery,
    async handler(ctx, { caller, body }) {
      await endDeviceSession(ctx, caller, 'all', body.sessionId);
      return { sessionId: body.sessionId };
    },
  }),
];

async function sessionsPage(
  ctx: Context,
  caller: Caller,
  whose: 'own' | 'all',
  query: PageQuery & { filter?: string | undefined; sort?: string | undefined },
): Promise<object> {
  const page = pageOf(ctx.settings, query);
  const order = orderOf(query.sort);
  const { sessions, total } = await listSessions(ctx, caller, whose, { text: query.filter, order, ...page });
  const items = sessions.map((session) =>
    whose === 'all' ? { ...present(session), _user: session.user } : present(session),
  );
  return { sessions: items, ...pageMembers(page, items, total) };
}

function orderOf(sort: string | undefined): SessionOrder[] {
  const entries = parseSort(sort) ?? [['loginAt', -1] as const];
  return entries.map(([path, direction]) => {
    if (!Object.hasOwn(SESSION_SORTS, path)) refuse('error-invalid-sort-keys');
    const column = SESSION_SORTS[path as keyof typeof SESSION_SORTS];
    return { column, direction: direction === 1 ? 'asc' : 'desc' };
  });
}

function present({ sessionId, uid, current, loginAt, ip, host, device }: DeviceSession) {
  return { _id: sessionId, sessionId, userId: uid, current, loginAt: new Date(loginAt), ip, host, device };
}

function presentInfo(session: DeviceSession) {
  const date = new Date(session.loginAt);
  const day = { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
  return { ...present(session), type: 'session', ...day, createdAt: date, _updatedAt: date };
}
