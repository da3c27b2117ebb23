import { idText } from '../accounts/ldap/directory-person.ts';
import { samlId } from '../accounts/saml/saml-id.ts';
import { SAML, samlNaming } from '../accounts/saml/saml-service.ts';
import { LDAP, type LinkedIdentity } from '../accounts/user.ts';
import type { Settings } from '../kernel/settings.ts';
import type { Doc } from './bson-documents.ts';
import { isDoc, textOf } from './fields.ts';

/** Members of `services` that are no other system's knowledge of the user. */
const OWN_SERVICES = new Set([
  ...['password', 'passwordHistory', 'resume', 'email', 'emailCode', 'email2fa', 'totp', 'cloud', 'iframe'],
]);

/** What a user can be told apart by where a service does not say it. */
interface Person {
  username: string | undefined;
  email: string | undefined;
}

/** Whom other services know the user as, in the form in which each is looked for when somebody logs in (spec 32 D.3). */
export function identitiesOf(services: Doc, person: Person, settings: Settings): LinkedIdentity[] {
  return Object.entries(services).flatMap(([service, said]) => {
    if (OWN_SERVICES.has(service) || !isDoc(said)) return [];
    const id = idIn(service, said, person, settings);
    if (id === undefined || id === '') return [];
    const username = textOf(said, 'username');
    return [{ service, id, ...(username === undefined ? {} : { username }) }];
  });
}

function idIn(service: string, said: Doc, person: Person, settings: Settings): string | undefined {
  if (service === LDAP) return directoryId(said);
  if (service === SAML) return providerId(said, person, settings);
  // CAS knows people by a name only.
  const given = said.id ?? said.external_id;
  return typeof given === 'string' || typeof given === 'number' ? String(given) : undefined;
}

/** `id` is the attribute's bytes as hex. */
function directoryId(said: Doc): string | undefined {
  const [attribute, hex] = [textOf(said, 'idAttribute'), textOf(said, 'id')];
  if (attribute === undefined || hex === undefined) return undefined;
  return idText({ attribute: attribute.toLowerCase(), hex: hex.toLowerCase() });
}

/** Its form is not kept with it: it is taken for the one that is asked for. */
function providerId(said: Doc, { username, email }: Person, settings: Settings): string | undefined {
  const { identifiedBy, identifierFormat } = samlNaming(settings);
  const nameId = { text: textOf(said, 'nameID') ?? '', format: identifierFormat ?? '' };
  return samlId(nameId, identifiedBy, identifiedBy === 'email' ? email : username);
}
