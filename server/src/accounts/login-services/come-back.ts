import type { Context } from '../../context.ts';
import { fail } from '../../kernel/errors.ts';
import { identityOfTokens, tokensForCode } from './identity-of-service.ts';
import { findLoginService } from './login-service.ts';
import { isOwnAddress, type LoginState, readLoginState } from './login-state.ts';
import { keepCredential } from './pending-credentials.ts';

/** What a browser brings from the page of a service. */
export interface ComingBack {
  service: string;
  code: string | undefined;
  state: string | undefined;
  /** Some clients ask the service to answer at an address with `?close`; the service wants to hear the same one again. */
  close: boolean;
}

export interface Credential {
  state: LoginState;
  credentialSecret: string;
}

/**
 * Somebody comes back from the page of a service: finds out who it is, and keeps that for the client that is waiting (spec 20,
 * "Browser flow"). Nobody is logged in by this. Throws `error-login-service-unknown`, `error-login-state`,
 * `error-login-cancelled`, `error-login-service`.
 */
export async function comeBack(
  ctx: Context,
  { service, code, state, close }: ComingBack,
): Promise<Credential> {
  const login = findLoginService(ctx.settings, service);
  if (!login) fail('error-login-service-unknown', 'There is no such login service');
  const known = state === undefined ? undefined : readLoginState(state);
  if (!known) fail('error-login-state', 'This login was not begun by a client of this workspace');
  const site = ctx.settings.text('Site_Url');
  if (known.loginStyle === 'redirect' && !isOwnAddress(known.redirectUrl ?? '', site)) {
    fail('error-login-state', 'This login was not begun by a client of this workspace');
  }
  if (!code) fail('error-login-cancelled', 'The login was cancelled');
  const redirectUri = `${site}/_oauth/${service}${close ? '?close' : ''}`;
  const tokens = await tokensForCode(ctx, login, { code, redirectUri });
  const identity = await identityOfTokens(ctx, login, tokens);
  return { state: known, credentialSecret: await keepCredential(ctx, known.credentialToken, identity) };
}
