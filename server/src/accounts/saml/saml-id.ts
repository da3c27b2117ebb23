import type { Subject } from './read-answer.ts';
import type { SamlService } from './saml-service.ts';

const TRANSIENT = 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient';
const PERSISTENT = 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent';

/**
 * The id in the identity of an account: one that was made to stay; else what the administrator says does (`named`: the address or
 * the username); else whatever does not change with each login.
 */
export function samlId(
  { text, format }: Subject['nameId'],
  identifiedBy: SamlService['identifiedBy'],
  named: string | undefined,
): string | undefined {
  const nameId = text === '' ? undefined : `nameid:${text}`;
  if (format === PERSISTENT) return nameId;
  if (named !== undefined) return `${identifiedBy}:${named.toLowerCase()}`;
  return format === TRANSIENT ? undefined : nameId;
}
