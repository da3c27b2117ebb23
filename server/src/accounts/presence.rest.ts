import { Type } from 'typebox';
import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail, refuse } from '../kernel/errors.ts';
import { type Endpoint, endpoint } from '../rest/endpoint.ts';
import { dateText, strict, userMembers } from '../rest/schemas.ts';
import { enableBroadcast } from './enable-broadcast.ts';
import { findUserById, namesUser, resolveUser, type UserParams } from './find-users.ts';
import { listPresence } from './list-users.ts';
import type { Presence } from './presence.ts';
import { presentPresence } from './present-user.ts';
import { setStatus } from './set-status.ts';
import type { User } from './user.ts';

/** `a,b`, `ids=a&ids=b` and `ids[]=a&ids[]=b`. */
const idList = Type.Unsafe<string | string[]>({ type: ['string', 'array'], items: { type: 'string' } });

/** What administration pages show as the limit (spec 23, "Presence rules"); nothing is limited by it. */
const MAX_CONNECTIONS = 200;

export function presenceEndpoints(presence: Presence): Endpoint[] {
  return [
    endpoint({
      method: 'POST',
      path: 'users.setStatus',
      summary: 'Sets status and status text.',
      auth: 'user',
      body: strict({
        ...userMembers,
        message: Type.Optional(Type.String()),
        status: Type.Optional(Type.String()),
        expiresAt: Type.Optional(dateText),
      }),
      async handler(ctx, { caller, body }) {
        const { message, status, expiresAt } = body;
        if (message === undefined && status === undefined) {
          refuse('Match error: Failed Match.OneOf, Match.Maybe or Match.Optional validation');
        }
        const user = await userOrSelf(ctx, caller, body);
        const wish = {
          message,
          status,
          expiresAt: expiresAt === undefined ? undefined : Date.parse(expiresAt),
        };
        await setStatus(ctx, caller, { uid: user._id, wish, atOnce: true });
        return undefined;
      },
    }),
    endpoint({
      method: 'GET',
      path: 'users.getStatus',
      summary: "A user's status and status text.",
      auth: 'user',
      query: strict(userMembers),
      async handler(ctx, { caller, query }) {
        const user = await userOrSelf(ctx, caller, query);
        const self = user._id === caller.uid;
        return {
          _id: user._id,
          status: user.status,
          message: user.statusText,
          connectionStatus: self ? presence.connectionStatusOf(user) : undefined,
          statusSource: user.statusSource,
          statusExpiresAt: user.statusExpiresAt === undefined ? undefined : new Date(user.statusExpiresAt),
        };
      },
    }),
    endpoint({
      method: 'GET',
      path: 'users.getPresence',
      summary: 'Whether a user is online.',
      auth: 'user',
      query: strict(userMembers),
      async handler(ctx, { caller, query }) {
        const user = await userOrSelf(ctx, caller, query);
        if (user._id !== caller.uid) return { presence: user.status };
        return {
          presence: user.status,
          connectionStatus: presence.connectionStatusOf(user),
          lastLogin: user.lastLogin === undefined ? undefined : new Date(user.lastLogin),
        };
      },
    }),
    endpoint({
      method: 'GET',
      path: 'users.presence',
      summary: 'Who is not offline, or the state of some users.',
      auth: 'user',
      query: strict({ ids: Type.Optional(idList), from: Type.Optional(dateText) }),
      async handler(ctx, { caller, query }) {
        const ids = typeof query.ids === 'string' ? query.ids.split(',') : query.ids;
        const from = query.from === undefined ? undefined : Date.parse(query.from);
        const { users, full } = await listPresence(ctx, caller, { ids, from });
        return { users: users.map(presentPresence), full };
      },
    }),
    endpoint({
      method: 'GET',
      path: 'presence.getConnections',
      summary: 'How many connections tell who is there.',
      auth: 'user',
      permissions: { all: ['manage-user-status'] },
      handler: async () => ({ current: await presence.countConnections(), max: MAX_CONNECTIONS }),
    }),
    endpoint({
      method: 'POST',
      path: 'presence.enableBroadcast',
      summary: 'Lets everybody hear again who is there.',
      auth: 'user',
      permissions: { all: ['manage-user-status'] },
      twoFactor: 'remembered',
      body: strict({}),
      async handler(ctx, { caller }) {
        await enableBroadcast(ctx, caller);
        return undefined;
      },
    }),
  ];
}

async function userOrSelf(ctx: Context, caller: Caller, params: UserParams): Promise<User> {
  if (namesUser(params)) return resolveUser(ctx, params);
  return (await findUserById(ctx, caller.uid)) ?? fail('error-invalid-user', 'Invalid user');
}
