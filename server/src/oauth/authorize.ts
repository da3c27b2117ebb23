import { changeUser } from '../accounts/change-user.ts';
import { ACCESS_MS, exchange, grantCode, userOfLoginToken } from '../accounts/oauth-tokens.ts';
import { type Context, within } from '../context.ts';
import { secretsEqual } from '../kernel/ids.ts';
import { getApp, mayRedirectTo, type OAuthApp } from './apps.ts';

/** Letting a program in, and what it gets for that (spec 23, "OAuth2 server"; RFC 6749). */

export interface AuthorizeRequest {
  clientId: string;
  redirectUri: string;
  state: string | undefined;
}

/** The program that asks; or why the browser must not be sent back to it, as the last part of an address. */
export async function askingApp(
  ctx: Context,
  { clientId, redirectUri }: AuthorizeRequest,
): Promise<OAuthApp | '404' | 'invalid_redirect_uri'> {
  const app = await getApp(ctx, { clientId });
  if (!app?.active) return '404';
  return mayRedirectTo(app, redirectUri) ? app : 'invalid_redirect_uri';
}

/**
 * Where to send the browser of somebody who lets the program in; undefined when the login token is not good, or the program
 * may not ask any more.
 */
export async function allowApp(
  ctx: Context,
  request: AuthorizeRequest,
  loginToken: string,
): Promise<string | undefined> {
  const { clientId, redirectUri, state } = request;
  const code = await ctx.write(async (tx, emit) => {
    const inside = within(ctx, tx);
    // Of what was read before, anything may have ended meanwhile: a code must not outlive the program it is for.
    const user = await userOfLoginToken(inside, loginToken);
    if (!user || typeof (await askingApp(inside, request)) === 'string') return undefined;
    const allowed = user.authorizedClients ?? [];
    if (!allowed.includes(clientId)) {
      await changeUser(ctx, tx, emit, { uid: user._id, set: { authorizedClients: [...allowed, clientId] } });
    }
    return grantCode(ctx, tx, { clientId, uid: user._id, redirectUri });
  });
  if (code === undefined) return undefined;
  const target = new URL(redirectUri);
  target.searchParams.set('code', code);
  if (state !== undefined) target.searchParams.set('state', state);
  return target.href;
}

export interface TokenRequest {
  grantType: string | undefined;
  clientId: string | undefined;
  clientSecret: string | undefined;
  code: string | undefined;
  redirectUri: string | undefined;
  refreshToken: string | undefined;
}

export type TokenAnswer =
  | {
      status: 200;
      body: { access_token: string; token_type: 'Bearer'; expires_in: number; refresh_token: string };
    }
  | { status: 400 | 401; body: { error: string; error_description: string } };

/** Codes and refresh tokens for new tokens (RFC 6749 §4.1.3, §6). */
export async function issueTokens(ctx: Context, request: TokenRequest): Promise<TokenAnswer> {
  const { grantType, clientId, clientSecret, code, redirectUri, refreshToken } = request;
  if (!grantType) return refused('invalid_request', 'Missing parameter: `grant_type`');
  if (!clientId || !clientSecret) return refused('invalid_request', 'Missing the credentials of the client');
  const app = await getApp(ctx, { clientId });
  if (!app?.active || !secretsEqual(app.clientSecret, clientSecret)) {
    return refused('invalid_client', 'The client is unknown, or its secret is wrong', 401);
  }
  if (grantType !== 'authorization_code' && grantType !== 'refresh_token') {
    return refused('unsupported_grant_type', 'The grant type is not supported');
  }
  const kind = grantType === 'refresh_token' ? 'refresh' : 'code';
  const token = kind === 'refresh' ? refreshToken : code;
  if (!token) {
    return refused(
      'invalid_request',
      `Missing parameter: \`${kind === 'refresh' ? 'refresh_token' : 'code'}\``,
    );
  }
  const tokens = await exchange(ctx, { kind, token, clientId, redirectUri });
  if (!tokens) return refused('invalid_grant', 'The grant is unknown, used or expired');
  const { access, refresh } = tokens;
  const expires = ACCESS_MS / 1000;
  return {
    status: 200,
    body: { access_token: access, token_type: 'Bearer', expires_in: expires, refresh_token: refresh },
  };
}

const refused = (error: string, description: string, status: 400 | 401 = 400): TokenAnswer => ({
  status,
  body: { error, error_description: description },
});
