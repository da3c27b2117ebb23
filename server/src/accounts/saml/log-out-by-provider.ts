import type { Context } from '../../context.ts';
import { fail } from '../../kernel/errors.ts';
import { hashToken } from '../../kernel/ids.ts';
import { XmlError } from '../../kernel/read-xml.ts';
import type { Tx } from '../../storage/database.ts';
import { parseDoc } from '../../storage/json.ts';
import { findPendingCredential, savePendingCredential } from '../login-services/pending-credentials.store.ts';
import type { ServiceSession } from '../login-services/service-session.ts';
import { siteOf } from '../login-services/sign-on.ts';
import { endSession, signOnKey } from '../sessions.ts';
import { findTokensBySignOn } from '../tokens.store.ts';
import { samlServiceNamed } from './begin-saml.ts';
import { xmlOfForm } from './form-message.ts';
import { UNSPECIFIED } from './namespaces.ts';
import { logoutAnswerAddress, verifiedLogoutPost } from './provider.ts';
import { LOGOUT_LIFETIME_MS, type LogoutRequest, readLogoutRequest } from './read-logout-request.ts';
import { verifiedRedirect } from './redirect-message.ts';
import { SAML, type SamlService } from './saml-service.ts';

/** How a request came: by an address, of which everything behind the question mark is needed, or by a form. */
export type LogoutMessage = { query: string } | { request: string; relayState: string | undefined };

/** The standard says 80. */
const MAX_RELAY_STATE = 1024;

/**
 * Somebody was logged out at the identity provider, which says so by their browser: ends those sessions here that were opened by
 * theirs (spec 20, "OAuth / SAML / CAS / LDAP surface"). Returns where the browser goes, with the answer to the provider where
 * that wants one. Throws `error-login-service-unknown`, `error-login-answer`, `error-login-service`.
 */
export async function logOutByProvider(
  ctx: Context,
  { provider, message }: { provider: string; message: LogoutMessage },
): Promise<string> {
  const service = samlServiceNamed(ctx, provider);
  const { request, relayState } = await requestIn(ctx, service, message).catch((error: Error) =>
    refuse(ctx, error.message),
  );
  const ended = await ctx.write(async (tx, emit) => {
    await spend(ctx, tx, request, service.clockDriftMs);
    const sessions = await sessionsMeant(ctx, tx, request);
    for (const session of sessions) await endSession(tx, emit, session);
    return sessions.length;
  });
  ctx.log.info({ service: SAML, ended }, 'the identity provider logged somebody out');
  if (service.logout.address === '') return siteOf(ctx);
  return logoutAnswerAddress(ctx, service, { id: request.id, relayState });
}

async function requestIn(
  ctx: Context,
  service: SamlService,
  message: LogoutMessage,
): Promise<{ request: LogoutRequest; relayState: string | undefined }> {
  const { logout, clockDriftMs: driftMs, certificates } = service;
  const expected = { addresses: [logout.here, logout.alsoHere], now: ctx.clock.now(), driftMs };
  const { xml, relayState } =
    'query' in message
      ? await verifiedRedirect(message.query, certificates)
      : { xml: xmlOfForm(message.request, 'request'), relayState: message.relayState };
  if ((relayState ?? '').length > MAX_RELAY_STATE) throw new XmlError('its RelayState is too long');
  const request = await readLogoutRequest(xml, expected);
  // Only what was looked at is given to the library.
  if ('request' in message) await verifiedLogoutPost(service, xml);
  return { request, relayState };
}

/** Each is good once: otherwise whoever has seen one could log somebody out again and again. */
async function spend(ctx: Context, tx: Tx, { id }: LogoutRequest, driftMs: number): Promise<void> {
  const token_hash = hashToken(`logout request of saml: ${id}`);
  if (await findPendingCredential(tx, token_hash)) refuse(ctx, 'it came before');
  const expires_at = ctx.clock.now() + 2 * (LOGOUT_LIFETIME_MS + driftMs);
  await savePendingCredential(tx, { token_hash, secret_hash: '', expires_at, doc: '{}' });
}

async function sessionsMeant(
  ctx: Context,
  tx: Tx,
  { issuer, name, indexes }: LogoutRequest,
): Promise<{ uid: string; hash: string }[]> {
  const rows = await findTokensBySignOn(tx, signOnKey({ service: SAML, name }));
  const sessions = rows.map(({ sign_on, ...row }) => ({
    ...row,
    at: parseDoc<ServiceSession>(sign_on ?? '{}'),
  }));
  const named = sessions.filter(({ at }) => isSameName(at.name, name));
  if (named.length > 0 && !named.some(({ at }) => at.issuer === issuer))
    refuse(ctx, 'it is not from who let the person in');
  return named.filter(
    ({ at }) =>
      at.issuer === issuer &&
      (indexes.length === 0 || (at.index !== undefined && indexes.includes(at.index))),
  );
}

/** What one of the two does not say differs from nothing. */
function isSameName(one: ServiceSession['name'], other: ServiceSession['name']): boolean {
  const agrees = (a: string | undefined, b: string | undefined) => !a || !b || a === b;
  const format = ({ format: said }: ServiceSession['name']) => (said === UNSPECIFIED ? undefined : said);
  return (
    one.text === other.text &&
    agrees(format(one), format(other)) &&
    agrees(one.nameQualifier, other.nameQualifier) &&
    agrees(one.spNameQualifier, other.spNameQualifier)
  );
}

/** The operator learns what is wrong; whoever brings it does not. */
function refuse({ log }: Context, problem: string): never {
  log.warn({ service: SAML, problem }, 'a logout request was refused');
  return fail('error-login-answer', 'The message of the login service was refused');
}
