import type { Context } from '../../context.ts';
import type { Caller } from '../../kernel/caller.ts';
import { fail } from '../../kernel/errors.ts';
import { signOnOfToken } from '../sessions.ts';
import { samlServiceNamed } from './begin-saml.ts';
import { logoutAddress } from './provider.ts';
import { SAML, samlService } from './saml-service.ts';

/**
 * Where somebody goes who logs out here, to be logged out at the identity provider, too. Undefined where that is not to be: the
 * session was not opened there, or the settings do not want it, or do not say where.
 */
export async function addressOfLogout(
  ctx: Context,
  { tokenHash }: Caller,
  provider: string,
): Promise<string | undefined> {
  const service = samlService(ctx.settings);
  if (service?.provider !== provider || !service.logout.atProvider || tokenHash === undefined)
    return undefined;
  const session = await signOnOfToken(ctx.db, tokenHash);
  return session?.service === SAML ? logoutAddress(ctx, service, session) : undefined;
}

/**
 * Clients let their browser be sent on from here to the address that they were told. Throws `error-login-service-unknown`, and
 * `error-login-state` for any other address: nobody is sent just anywhere.
 */
export function checkLogoutAddress(
  ctx: Context,
  { provider, address }: { provider: string; address: string },
): string {
  const { logout } = samlServiceNamed(ctx, provider);
  const isTheProviders =
    logout.address !== '' &&
    URL.canParse(address) &&
    placeOf(address) === placeOf(logout.address) &&
    new URL(address).searchParams.has('SAMLRequest');
  if (!isTheProviders) fail('error-login-state', 'This is not the address of the login service');
  return new URL(address).href;
}

function placeOf(address: string): string {
  const { origin, pathname, username, password } = new URL(address);
  return `${origin}${pathname} ${username}${password}`;
}
