import type { Context } from '../../context.ts';
import { fail } from '../../kernel/errors.ts';
import type { Client } from '../find-users.ts';
import type { LoginForm } from '../login-options.ts';
import type { LoggedIn } from '../open-login.ts';
import type { RoomHooks } from '../room-hooks.ts';
import type { SecondFactorCode } from '../two-factor.ts';
import { askService, textAt } from './ask-service.ts';
import { type Claims, claimsOfIdToken } from './id-token.ts';
import { basic, identityOfTokens, type Tokens } from './identity-of-service.ts';
import { logInWithIdentity } from './log-in-with-identity.ts';
import { type LoginService, requireLoginService, urlOf } from './login-service.ts';

/**
 * Logs in with a token that a client has got from a service itself (`{serviceName, accessToken, ...}`, spec 20). Throws 403
 * for services that are not there, and for tokens that were made for another program: whoever runs one has the tokens of
 * all its users.
 */
export async function logInWithAccessToken(
  ctx: Context,
  rooms: RoomHooks,
  form: Extract<LoginForm, { type: 'accessToken' }>,
  { factor, client }: { factor: SecondFactorCode | undefined; client: Client },
): Promise<LoggedIn> {
  const login = requireLoginService(ctx.settings, form.service);
  const tokens = { accessToken: form.accessToken, idToken: form.idToken };
  const claims = await refuseForeignToken(ctx, login, tokens);
  const identity = await identityOfTokens(ctx, login, tokens, claims);
  return logInWithIdentity(
    ctx,
    rooms,
    { identity, rules: login.rules },
    { factor, client, type: 'oauth', form },
  );
}

async function refuseForeignToken(
  ctx: Context,
  login: LoginService,
  { accessToken, idToken }: Tokens,
): Promise<Claims | undefined> {
  const { audience, service, clientId, clientSecret } = login;
  const foreign: () => never = () => fail(403, 'The token was not made for this workspace');
  if (audience === undefined) foreign();
  if (audience === 'discovered' || audience.kind === 'id-token') {
    return (idToken !== undefined && (await claimsOfIdToken(ctx, login, idToken))) || foreign();
  }
  if (audience.kind === 'own-tokens') {
    await askService(ctx, service, audience.url.replace('{clientId}', encodeURIComponent(clientId)), {
      method: 'POST',
      headers: { authorization: basic(clientId, clientSecret), 'content-type': 'application/json' },
      body: JSON.stringify({ access_token: accessToken }),
    });
    return undefined;
  }
  const headers = { authorization: `Bearer ${accessToken}` };
  const info = await askService(ctx, service, urlOf(login, audience.path), { headers });
  if (textAt(info, [audience.client]) !== clientId) foreign();
  return undefined;
}
