import type { JSONWebKeySet } from 'jose';
import type { Context } from '../../context.ts';
import { fail } from '../../kernel/errors.ts';
import { askService, textAt } from './ask-service.ts';
import { type LoginService, urlOf } from './login-service.ts';

export type Claims = Readonly<Record<string, unknown>>;

interface Issuer {
  issuers: readonly string[];
  keys: string;
}

/** What OpenID providers sign with; nothing that the client secret would be the key of. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];
const CLOCK_TOLERANCE_S = 60;
const MAX_ID_TOKEN = 32 * 1024;

/**
 * Whom an id token speaks of, if its issuer has signed it for this workspace. Undefined where it cannot be told who the
 * service's issuer is: then the token says nothing. Throws `error-login-service` for a token that is not good.
 */
export async function claimsOfIdToken(
  ctx: Context,
  login: LoginService,
  idToken: string,
): Promise<Claims | undefined> {
  const issuer = await issuerOf(ctx, login);
  if (!issuer) return undefined;
  // Loaded with the first login by a service.
  const { createLocalJWKSet, jwtVerify } = await import('jose');
  const keys = (await askService(ctx, login.service, issuer.keys)) as unknown as JSONWebKeySet;
  try {
    if (idToken.length > MAX_ID_TOKEN) throw new Error('it is too long');
    const { payload } = await jwtVerify(idToken, createLocalJWKSet(keys), {
      algorithms: ALGORITHMS,
      issuer: [...issuer.issuers],
      audience: login.clientId,
      clockTolerance: CLOCK_TOLERANCE_S,
      requiredClaims: ['sub', 'exp', 'iat'],
      currentDate: new Date(ctx.clock.now()),
    });
    // Made for several programs: then it says which of them asked (OpenID Connect Core 1.0, 3.1.3.7).
    if (payload.azp !== undefined && payload.azp !== login.clientId)
      throw new Error('another program asked for it');
    return payload;
  } catch (error) {
    // Not the error itself, which carries the claims.
    const problem = (error as Error).message;
    ctx.log.warn({ service: login.service, problem }, 'an id token of a login service is not good');
    return fail('error-login-service', 'The login service did not answer as expected');
  }
}

async function issuerOf(ctx: Context, { audience, ...login }: LoginService): Promise<Issuer | undefined> {
  if (typeof audience === 'object') return audience.kind === 'id-token' ? audience : undefined;
  if (audience !== 'discovered') return undefined;
  const address = `${login.server}/.well-known/openid-configuration`;
  const metadata = await askService(ctx, login.service, address).catch(() => undefined);
  const issuer = textAt(metadata, ['issuer']);
  const keys = textAt(metadata, ['jwks_uri']);
  // Another issuer would be one that the administrator never named.
  if (issuer === undefined || keys === undefined || issuer.replace(/\/+$/, '') !== login.server)
    return undefined;
  return { issuers: [issuer], keys: urlOf({ ...login, audience }, keys) };
}
