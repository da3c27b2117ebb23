import { childOf, childrenOf, readXml, type XmlElement, XmlError } from '../../kernel/read-xml.ts';
import type { ServiceSession } from '../login-services/service-session.ts';
import { ASSERTION, PROTOCOL } from './namespaces.ts';
import { nameOf, refuseSuspicious } from './read-answer.ts';

/** What a provider wants to end (SAML 2.0 core, section 3.7.1). */
export interface LogoutRequest {
  id: string;
  issuer: string;
  name: ServiceSession['name'];
  /** Empty: all sessions of this name. */
  indexes: readonly string[];
}

interface Expected {
  /** Where it must have been sent. */
  addresses: readonly string[];
  now: number;
  driftMs: number;
}

/** How old it may be. Its id is kept for longer, so none comes twice. */
export const LOGOUT_LIFETIME_MS = 5 * 60_000;

/** Throws `XmlError` for what no honest provider sends now. Its signature is the caller's business. */
export async function readLogoutRequest(xml: string, expected: Expected): Promise<LogoutRequest> {
  const root = await readXml(xml, { comments: 'refused' });
  if (root.namespace !== PROTOCOL || root.name !== 'LogoutRequest')
    throw new XmlError('it is no logout request');
  refuseSuspicious(root);
  checkAddressAndTime(root, expected);
  const { ID: id } = root.attributes;
  const issuer = childOf(root, ASSERTION, 'Issuer')?.text.trim();
  const name = nameOf(root);
  if (!id || !issuer || !name || name.text === '')
    throw new XmlError('it does not say who wants whom logged out');
  const indexes = childrenOf(root, PROTOCOL, 'SessionIndex').map(({ text }) => text.trim());
  return { id, issuer, name, indexes };
}

function checkAddressAndTime({ attributes }: XmlElement, { addresses, now, driftMs }: Expected): void {
  const { Destination: destination = '', IssueInstant: issued = '', NotOnOrAfter: until } = attributes;
  if (!addresses.includes(destination.replace(/\/$/, ''))) throw new XmlError('it is for another address');
  // Also where the date cannot be read.
  if (!(Math.abs(now - Date.parse(issued)) <= LOGOUT_LIFETIME_MS + driftMs))
    throw new XmlError('it is too old');
  if (until !== undefined && !(now - driftMs < Date.parse(until))) throw new XmlError('it has expired');
}
