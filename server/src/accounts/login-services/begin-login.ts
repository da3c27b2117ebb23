import { hash } from 'node:crypto';
import type { Context } from '../../context.ts';
import { fail } from '../../kernel/errors.ts';
import { hashToken, newToken } from '../../kernel/ids.ts';
import { deleteBegunLogin, findBegunLogin, insertBegunLogin } from './begun-logins.store.ts';
import { findLoginService, type LoginService, urlOf } from './login-service.ts';
import { isOwnAddress } from './login-state.ts';

/**
 * Logins in which the server itself leads the browser to a service and back, for clients without a window to open (spec 20,
 * `loginCode.redeem`). Such a login has a state that the server made, which is good once, and for the browser that holds its secret
 * in a cookie: so nobody can be lured into the end of somebody else's login. The verifier (RFC 7636), by which the service knows
 * that who takes its code has begun the login, is made of that secret.
 */

/** Long enough to find a password and a phone. */
export const BEGUN_LIFETIME_MS = 10 * 60_000;
const MAX_REDIRECT_URL = 2048;

export interface BegunLogin {
  state: string;
  /** Of the browser. */
  secret: string;
}

/** Never that of a client, which is longer. */
export const isStateOfServer = (state: string): boolean => /^[\w-]{43}$/.test(state);

/**
 * Begins a login for a browser; answers where it goes now. `redirectUrl` is where it will go in the end, without one the root of the
 * workspace. Throws `error-login-service-unknown`, `error-login-service`, `error-login-state`.
 */
export async function beginLogin(
  ctx: Context,
  { service, redirectUrl }: { service: string; redirectUrl: string | undefined },
): Promise<BegunLogin & { address: string }> {
  const login = findLoginService(ctx.settings, service);
  if (!login) fail('error-login-service-unknown', 'There is no such login service');
  const site = ctx.settings.text('Site_Url');
  const end = redirectUrl ?? `${site}/`;
  if (end.length > MAX_REDIRECT_URL || !isOwnAddress(end, site)) {
    fail('error-login-state', 'The login would end at an address that is not one of this workspace');
  }
  const begun = { state: newToken(), secret: newToken() };
  const address = pageOfService(ctx, login, begun);
  await ctx.write((tx) =>
    insertBegunLogin(tx, {
      state_hash: hashToken(begun.state),
      secret_hash: hashToken(begun.secret),
      service,
      redirect_url: end,
      expires_at: ctx.clock.now() + BEGUN_LIFETIME_MS,
    }),
  );
  return { ...begun, address };
}

/**
 * Uses up a login that this browser has begun at this service; answers where it goes in the end. Throws `error-login-state` where
 * there is none, and leaves it to the browser that has begun it.
 */
export function spendBegunLogin(
  ctx: Context,
  { state, secret, service }: { state: string; secret: string | undefined; service: string },
): Promise<string> {
  return ctx.write(async (tx) => {
    const row = await findBegunLogin(tx, hashToken(state));
    const good =
      row &&
      secret !== undefined &&
      row.secret_hash === hashToken(secret) &&
      row.service === service &&
      row.expires_at > ctx.clock.now();
    if (!good) fail('error-login-state', 'This login was not begun by this browser, or too long ago');
    await deleteBegunLogin(tx, row.state_hash);
    return row.redirect_url;
  });
}

/** Where the service sends browsers back to. */
export const comeBackAddress = ({ settings }: Pick<Context, 'settings'>, service: string): string =>
  `${settings.text('Site_Url')}/_oauth/${service}`;

/** Undefined for a service that does not take one. */
export const verifierFor = ({ pkce }: LoginService, secret: string): string | undefined =>
  pkce ? sha256url(`verifier of ${secret}`) : undefined;

function pageOfService(ctx: Context, login: LoginService, { state, secret }: BegunLogin): string {
  const address = urlOf(login, login.paths.authorize);
  const page = URL.canParse(address)
    ? new URL(address)
    : fail('error-login-service', 'The login service has no address');
  const verifier = verifierFor(login, secret);
  const parameters = {
    client_id: login.clientId,
    redirect_uri: comeBackAddress(ctx, login.service),
    response_type: 'code',
    state,
    ...(login.scope === '' ? {} : { scope: login.scope }),
    ...(verifier === undefined ? {} : { code_challenge: sha256url(verifier), code_challenge_method: 'S256' }),
  };
  for (const [name, value] of Object.entries(parameters)) page.searchParams.set(name, value);
  return page.href;
}

const sha256url = (text: string): string => hash('sha256', text, 'base64url');
