import type { Context } from '../../context.ts';
import { addressBlock } from '../../kernel/client-ip.ts';
import { fail } from '../../kernel/errors.ts';
import type { Tx } from '../../storage/database.ts';
import type { SignOn } from '../login-options.ts';
import type { ExternalIdentity } from './external-identity.ts';
import { storeCredential } from './pending-credentials.ts';

/**
 * Logins by a page that hands no secret to the browser: the client that opened it logs in by the token which it has begun with.
 * So whoever lures somebody else to the page with a token of their own would log in as them. Against that the login
 * must come from the address that the browser came back from, unless the administrator has switched that off.
 */

const SAME_ADDRESS: Record<SignOn, string> = {
  cas: 'CAS_same_address',
  saml: 'SAML_Custom_Default_same_address',
};

/** What a client may have chosen: long enough that nobody meets that of somebody else, and nothing that means anything. */
const TOKEN = /^[\w.~-]{16,200}$/;

/** Throws `error-login-state` for what is no such token. */
export function checkSignOnToken(token: string): string {
  if (!TOKEN.test(token)) fail('error-login-state', 'This login was not begun by a client of this workspace');
  return token;
}

export interface SignOnEnd {
  token: string;
  /** Of the browser that came back. */
  ip: string;
}

/** Keeps who came back for the client that is waiting. */
export const keepSignOn = (
  ctx: Context,
  tx: Tx,
  { token, ip }: SignOnEnd,
  identity: ExternalIdentity & { service: SignOn },
): Promise<void> =>
  storeCredential(ctx, tx, signOnCredential(ctx, identity.service, { token, ip }), identity);

/** Apart from those of OAuth, whose secrets are random. */
export const signOnCredential = (
  { settings }: Pick<Context, 'settings'>,
  service: SignOn,
  { token, ip }: SignOnEnd,
): { token: string; secret: string } => ({
  token: `${service} ${token}`,
  secret: settings.bool(SAME_ADDRESS[service]) ? `from ${addressBlock(ip)}` : 'from anywhere',
});

/** The address that people use, without a slash at its end. */
export const siteOf = ({ settings }: Pick<Context, 'settings'>): string =>
  settings.text('Site_Url').trim().replace(/\/+$/, '');
