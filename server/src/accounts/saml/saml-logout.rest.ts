import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Context } from '../../context.ts';
import { fail } from '../../kernel/errors.ts';
import {
  type BrowserCall,
  type BrowserDoor,
  pathParameter,
  sendOn,
  textParameter,
} from '../login-services/browser-door.rest.ts';
import { siteOf } from '../login-services/sign-on.ts';
import { checkLogoutAddress } from './log-out-at-provider.ts';
import { logOutByProvider } from './log-out-by-provider.ts';

/**
 * `/_saml/logout/...` and `/_saml/sloRedirect/...`: where browsers bring what the identity provider says of logouts, both of them
 * by an address or by a form. `scope` reads bodies.
 */
export function samlLogoutRoutes(scope: FastifyInstance, ctx: Context, door: BrowserDoor): void {
  // Clients ask with a slash at the end.
  for (const path of ['/_saml/logout/:provider', '/_saml/sloRedirect/:provider'])
    for (const url of [path, `${path}/`]) {
      scope.get(
        url,
        door((call) => byAddress(ctx, call)),
      );
      scope.post(
        url,
        door((call) => byForm(ctx, call)),
      );
    }
}

async function byAddress(ctx: Context, { request, reply }: BrowserCall): Promise<FastifyReply> {
  const provider = pathParameter(request, 'provider');
  const address = textParameter(request, 'redirect');
  if (address !== undefined) return sendOn(reply, checkLogoutAddress(ctx, { provider, address }), 302);
  const { SAMLRequest, SAMLResponse } = request.query as Record<string, unknown>;
  if (SAMLRequest === undefined) return afterAnswer(ctx, reply, SAMLResponse, 302);
  const [, query = ''] = /\?(.*)$/.exec(request.raw.url ?? '') ?? [];
  return sendOn(reply, await logOutByProvider(ctx, { provider, message: { query } }), 302);
}

async function byForm(ctx: Context, { request, reply }: BrowserCall): Promise<FastifyReply> {
  const provider = pathParameter(request, 'provider');
  const { SAMLRequest, SAMLResponse, RelayState } = (request.body ?? {}) as Record<string, unknown>;
  if (typeof SAMLRequest !== 'string') return afterAnswer(ctx, reply, SAMLResponse, 303);
  const relayState = typeof RelayState === 'string' ? RelayState : undefined;
  const message = { request: SAMLRequest, relayState };
  return sendOn(reply, await logOutByProvider(ctx, { provider, message }), 303);
}

/** The provider is done with what was begun here. The session ended before that: nothing of the answer is read. */
function afterAnswer(ctx: Context, reply: FastifyReply, answer: unknown, status: 302 | 303): FastifyReply {
  if (answer === undefined) fail('error-login-state', 'Log out in the client with which you have logged in');
  return sendOn(reply, `${siteOf(ctx)}/`, status);
}
