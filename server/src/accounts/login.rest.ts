import { Type } from 'typebox';
import type { Context } from '../context.ts';
import { fail, Refusal } from '../kernel/errors.ts';
import { type Endpoint, endpoint, RawReply, type RestRequest } from '../rest/endpoint.ts';
import { findUserById } from './find-users.ts';
import { login, WRONG_CREDENTIALS } from './login.ts';
import { loginOptionsOfBody } from './login-options.ts';
import { describePasswordPolicy } from './password-policy.ts';
import { presentMe } from './present-user.ts';
import type { RoomHooks } from './room-hooks.ts';
import { logout } from './sessions.ts';
import { secondFactorFromHeaders } from './two-factor.ts';

/** Every login form is admitted; what is none of them has its own answer. */
const anyBody = Type.Unsafe<unknown>({});

const LOGGED_OUT = { status: 'success', data: { message: "You've been logged out!" } };

export const loginEndpoints = (rooms: RoomHooks): Endpoint[] => [
  endpoint({
    method: 'POST',
    path: 'login',
    summary: 'Logs in with a password, a token or by another service, and answers the login token.',
    auth: 'none',
    body: anyBody,
    partly: 'No Apple, Twitter and Crowd; SAML without channels.',
    handler: (ctx, request) => answerLogin(ctx, rooms, request),
  }),
  endpoint({
    method: 'POST',
    path: 'logout',
    summary: 'Ends the session of the presented token.',
    auth: 'user',
    withoutUsername: true,
    async handler(ctx, { caller }) {
      await logout(ctx, caller);
      return new RawReply(200, LOGGED_OUT);
    },
  }),
  endpoint({
    method: 'GET',
    path: 'logout',
    summary: 'Ends the session of the presented token.',
    auth: 'user',
    withoutUsername: true,
    deprecated: { version: '9.0.0', info: 'use the POST method instead' },
    async handler(ctx, { caller }) {
      await logout(ctx, caller);
      return new RawReply(200, LOGGED_OUT);
    },
  }),
  endpoint({
    method: 'GET',
    path: 'me',
    summary: 'The authenticated user.',
    auth: 'user',
    withoutUsername: true,
    async handler(ctx, { caller }) {
      const user = await findUserById(ctx, caller.uid);
      if (!user) fail('error-invalid-user', 'Invalid user');
      return presentMe(ctx, user);
    },
  }),
  endpoint({
    method: 'GET',
    path: 'pw.getPolicy',
    summary: 'The rules for new passwords.',
    auth: 'none',
    handler: (ctx) => describePasswordPolicy(ctx.settings),
  }),
];

/** `POST login` has an envelope of its own, for success and for failure (spec 20). */
async function answerLogin(ctx: Context, rooms: RoomHooks, request: RestRequest): Promise<RawReply> {
  const { body, headers, ip, userAgent } = request;
  const options = loginOptionsOfBody(body, secondFactorFromHeaders(headers), {
    byDirectory: ctx.settings.bool('LDAP_Enable'),
  });
  try {
    const { user, token } = await login(ctx, rooms, options, { ip, userAgent });
    const data = { userId: user._id, authToken: token, me: presentMe(ctx, user) };
    return new RawReply(200, { status: 'success', data });
  } catch (error) {
    if (error instanceof Refusal) return new RawReply(401, refusedLogin(error));
    throw error;
  }
}

function refusedLogin(refusal: Refusal): object {
  if (refusal.code === 403 && refusal.reason === WRONG_CREDENTIALS) {
    return { status: 'error', error: 'Unauthorized', message: 'Unauthorized' };
  }
  return { status: 'error', error: refusal.code, message: refusal.reason, details: refusal.details };
}
