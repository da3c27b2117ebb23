import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { bearerUser } from '../accounts/oauth-tokens.ts';
import { avatarUrl } from '../accounts/present-user.ts';
import type { User } from '../accounts/user.ts';
import type { Context } from '../context.ts';
import { newToken } from '../kernel/ids.ts';
import { bearerOf } from '../rest/bearer.ts';
import { bodyKindOf, parseBody } from '../rest/parse-body.ts';
import { sendPage } from '../rest/send-page.ts';
import { sendJson, sendText } from '../rest/send-reply.ts';
import type { OAuthApp } from './apps.ts';
import { type AuthorizeRequest, allowApp, askingApp, issueTokens } from './authorize.ts';
import { consentPage, errorPage } from './consent-page.ts';

/** `/oauth/...`: the workspace as a login for other programs (spec 23, "OAuth2 server"). */

const MAX_BODY = 64 * 1024;

type Params = Readonly<Record<string, string | undefined>>;

export function oauthRoutes(app: FastifyInstance, ctx: Context): void {
  // A scope of its own, for its own way to read bodies.
  void app.register((scope, _, registered) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: MAX_BODY }, (request, bytes, done) => {
      try {
        done(null, parseBody(bodyKindOf(request.headers['content-type']), bytes as Buffer));
      } catch (error) {
        done(error as Error);
      }
    });
    scope.get('/oauth/authorize', (request, reply) => askConsent(ctx, textsOf(request.query), reply));
    scope.post('/oauth/authorize', (request, reply) => takeConsent(ctx, paramsOf(request), reply));
    scope.post('/oauth/token', (request, reply) => answerToken(ctx, request, reply));
    scope.get('/oauth/userinfo', (request, reply) => tellUser(ctx, request, reply));
    scope.get('/oauth/error/:code', (request, reply) => {
      const { code = '' } = request.params as Record<string, string>;
      const text =
        code === '404'
          ? 'This program is not known here.'
          : 'The program asks to be answered at another address.';
      const nonce = newToken();
      return sendPage(reply, code === '404' ? 404 : 400, errorPage(text, nonce), nonce);
    });
    registered();
  });
}

async function askConsent(ctx: Context, params: Params, reply: FastifyReply): Promise<FastifyReply> {
  const app = await appFor(ctx, params, reply);
  if (!app) return reply;
  const nonce = newToken();
  const kept = Object.entries(params).filter((entry): entry is [string, string] => KEPT.includes(entry[0]));
  const page = consentPage({
    site: ctx.settings.text('Site_Name'),
    app: app.name,
    nonce,
    redirectUri: params.redirect_uri ?? '',
    fields: Object.fromEntries(kept),
  });
  return sendPage(reply, 200, page, nonce);
}

/** What goes through the page unchanged. */
const KEPT = ['client_id', 'redirect_uri', 'response_type', 'state', 'scope'];

async function takeConsent(ctx: Context, params: Params, reply: FastifyReply): Promise<FastifyReply> {
  const token = params.token ?? params.access_token;
  if (!token) return answerText(reply, 401, 'No token');
  const app = await appFor(ctx, params, reply);
  if (!app) return reply;
  if (params.allow !== 'yes') {
    return answerJson(reply, 401, {
      error: 'access_denied',
      error_description: 'The user denied access to your application',
    });
  }
  const target = await allowApp(ctx, requestOf(params), token);
  if (target === undefined) return answerText(reply, 401, 'Invalid token');
  return reply.header('cache-control', 'no-store').redirect(target, 302);
}

/** Sends the browser away, or an answer, when the program may not ask like this. */
async function appFor(ctx: Context, params: Params, reply: FastifyReply): Promise<OAuthApp | undefined> {
  const app = await askingApp(ctx, requestOf(params));
  if (typeof app === 'string') {
    reply.redirect(`/oauth/error/${app}`, 302);
    return undefined;
  }
  if (params.response_type !== 'code') {
    answerJson(reply, 400, {
      error: 'unsupported_response_type',
      error_description: 'Only the response type `code` is supported',
    });
    return undefined;
  }
  return app;
}

const requestOf = (params: Params): AuthorizeRequest => ({
  clientId: params.client_id ?? '',
  redirectUri: params.redirect_uri ?? '',
  state: params.state,
});

async function answerToken(
  ctx: Context,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const params = paramsOf(request);
  const basic = basicCredentials(request.headers.authorization);
  const { status, body } = await issueTokens(ctx, {
    grantType: params.grant_type,
    clientId: params.client_id ?? basic?.id,
    clientSecret: params.client_secret ?? basic?.secret,
    code: params.code,
    redirectUri: params.redirect_uri,
    refreshToken: params.refresh_token,
  });
  return answerJson(reply, status, body);
}

function basicCredentials(header: string | undefined): { id: string; secret: string } | undefined {
  const encoded = /^Basic ([\w+/=]+)$/i.exec(header ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const [id = '', ...rest] = Buffer.from(encoded, 'base64').toString('utf8').split(':');
  return { id, secret: rest.join(':') };
}

async function tellUser(ctx: Context, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const token = bearerOf(request);
  if (token === undefined) return answerText(reply, 401, 'No token');
  const user = await bearerUser(ctx, token);
  if (!user) return answerText(reply, 401, 'Invalid Token');
  return answerJson(reply, 200, claimsOf(ctx, user));
}

/** What a program learns of the person (spec 23, `/oauth/userinfo`). */
function claimsOf(ctx: Context, { _id, name, username = '', emails, updatedAt }: User): object {
  const [email] = emails;
  return {
    sub: _id,
    name,
    email: email?.address,
    email_verified: email?.verified,
    department: '',
    birthdate: '',
    // As the reference server spells it.
    preffered_username: username,
    updated_at: new Date(updatedAt),
    picture: avatarUrl(ctx.settings, username),
  };
}

/** Of a form; programs that send none put the same into the query. */
const paramsOf = ({ query, body }: FastifyRequest): Params => ({ ...textsOf(query), ...textsOf(body) });

function textsOf(values: unknown): Params {
  if (typeof values !== 'object' || values === null) return {};
  return Object.fromEntries(Object.entries(values).filter(([, value]) => typeof value === 'string'));
}

function answerJson(reply: FastifyReply, status: number, body: object): FastifyReply {
  sendJson(reply, status, body);
  return reply;
}

function answerText(reply: FastifyReply, status: number, text: string): FastifyReply {
  sendText(reply, status, text);
  return reply;
}
