import { childOf, childrenOf, readXml, type XmlElement, XmlError } from '../../kernel/read-xml.ts';
import type { ServiceSession } from '../login-services/service-session.ts';
import { partsOf } from './encrypted-assertion.ts';
import { everyElement } from './every-element.ts';
import { xmlOfForm } from './form-message.ts';
import { ASSERTION, PROTOCOL, SIGNATURE } from './namespaces.ts';
import type { SamlService } from './saml-service.ts';

/**
 * What is looked at in an answer before the library sees it, and in its assertion afterwards (SAML 2.0 profiles, section 4.1.4).
 * What providers never do and attackers must is refused without asking whether it would matter.
 */

const STATUS = 'urn:oasis:names:tc:SAML:2.0:status:';
const BEARER = 'urn:oasis:names:tc:SAML:2.0:cm:bearer';

/** SHA-1 is no proof of anything any more. */
const ALGORITHMS: ReadonlySet<string> = new Set([
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512',
  'http://www.w3.org/2001/04/xmlenc#sha256',
  'http://www.w3.org/2001/04/xmlenc#sha512',
  'http://www.w3.org/2001/10/xml-exc-c14n#',
  'http://www.w3.org/2000/09/xmldsig#enveloped-signature',
]);
const ALGORITHM_OF = new Set(['SignatureMethod', 'DigestMethod', 'CanonicalizationMethod', 'Transform']);

/** What the answer says of itself, which nobody has verified yet. */
export interface Answer {
  inResponseTo: string;
  /** The provider says that it does not let the person in. */
  refused: boolean;
  status: string;
  /** Its assertion, where that is encrypted. */
  encrypted: XmlElement | undefined;
}

/** Reads an answer as the form has it. Throws `XmlError` for one that no honest provider gives. */
export async function readAnswer(
  answer: string,
  service: Pick<SamlService, 'callback' | 'signed' | 'key'>,
): Promise<Answer> {
  const root = await readXml(xmlOfForm(answer, 'answer'), { comments: 'refused' });
  if (!is(root, PROTOCOL, 'Response')) throw new XmlError('it is no response');
  const { InResponseTo: inResponseTo, Destination: destination } = root.attributes;
  if (destination !== undefined && destination !== service.callback)
    throw new XmlError('it is for another address');
  if (!inResponseTo) throw new XmlError('it answers no request');
  const code = childOf(childOf(root, PROTOCOL, 'Status'), PROTOCOL, 'StatusCode');
  const status = code?.attributes.Value ?? '';
  refuseSuspicious(root);
  const encrypted = childOf(root, ASSERTION, 'EncryptedAssertion');
  if (encrypted) partsOf(encrypted, service);
  const refused = status !== `${STATUS}Success`;
  return { inResponseTo, refused, status: status.replace(STATUS, ''), encrypted };
}

/** Looks at an answer, a request or an assertion that was encrypted. Throws `XmlError`. */
export function refuseSuspicious(root: XmlElement): void {
  const ids = new Set<string>();
  let assertions = 0;
  for (const { element, parent } of everyElement(root)) {
    const { name, attributes } = element;
    for (const id of [attributes.ID, attributes.Id, attributes.id, attributes['xml:id']]) {
      if (id === undefined) continue;
      if (ids.has(id)) throw new XmlError('an id is there twice');
      ids.add(id);
    }
    if (name === 'Assertion' || name === 'EncryptedAssertion') {
      assertions += 1;
      if (assertions > 1 || (element !== root && parent !== root))
        throw new XmlError('it has an assertion where there should be none');
    }
    if (name === 'Signature' && parent !== root && parent?.name !== 'Assertion')
      throw new XmlError('it has a signature where there should be none');
    if (
      element.namespace === SIGNATURE &&
      ALGORITHM_OF.has(name) &&
      // Of an encrypted key: no signature is made by it.
      parent?.name !== 'EncryptionMethod' &&
      !ALGORITHMS.has(attributes.Algorithm ?? '')
    )
      throw new XmlError(`it uses the algorithm ${attributes.Algorithm}`);
  }
}

/** Whom a verified assertion is about. */
export interface Subject {
  issuer: string;
  nameId: ServiceSession['name'] & { format: string };
  /** Which of their sessions at the provider it came from. */
  sessionIndex: string | undefined;
  attributes: ReadonlyMap<string, readonly string[]>;
}

interface Expected {
  /** The request that it must answer. */
  id: string;
  callback: string;
  now: number;
  driftMs: number;
}

/** Throws `XmlError` unless the assertion was made for this login. Signature and audience have been checked before. */
export async function readAssertion(xml: string, expected: Expected): Promise<Subject> {
  const assertion = await readXml(xml, { comments: 'refused' });
  if (!is(assertion, ASSERTION, 'Assertion')) throw new XmlError('it is no assertion');
  const subject = childOf(assertion, ASSERTION, 'Subject');
  const nameId = nameOf(subject);
  if (!nameId) throw new XmlError('it does not say whom it is about');
  const confirmed = childrenOf(subject, ASSERTION, 'SubjectConfirmation').some(
    (confirmation) =>
      confirmation.attributes.Method === BEARER &&
      isConfirmed(childOf(confirmation, ASSERTION, 'SubjectConfirmationData'), expected),
  );
  if (!confirmed) throw new XmlError('it was not made for this login');
  const login = childOf(assertion, ASSERTION, 'AuthnStatement');
  if (!login) throw new XmlError('it tells of no login');
  return {
    issuer: childOf(assertion, ASSERTION, 'Issuer')?.text.trim() ?? '',
    nameId: { ...nameId, format: nameId.format ?? '' },
    sessionIndex: login.attributes.SessionIndex,
    attributes: attributesOf(assertion),
  };
}

/** The one name in an element. */
export function nameOf(element: XmlElement | undefined): ServiceSession['name'] | undefined {
  const nameId = childOf(element, ASSERTION, 'NameID');
  if (!nameId || nameId.children.length > 0) return undefined;
  const {
    Format: format,
    NameQualifier: nameQualifier,
    SPNameQualifier: spNameQualifier,
  } = nameId.attributes;
  return {
    text: nameId.text.trim(),
    ...(format === undefined ? {} : { format }),
    ...(nameQualifier === undefined ? {} : { nameQualifier }),
    ...(spNameQualifier === undefined ? {} : { spNameQualifier }),
  };
}

function isConfirmed(data: XmlElement | undefined, { id, callback, now, driftMs }: Expected): boolean {
  if (!data) return false;
  const { InResponseTo, Recipient, NotOnOrAfter, NotBefore } = data.attributes;
  return (
    InResponseTo === id &&
    Recipient === callback &&
    NotOnOrAfter !== undefined &&
    now - driftMs < Date.parse(NotOnOrAfter) &&
    (NotBefore === undefined || now + driftMs >= Date.parse(NotBefore))
  );
}

function attributesOf(assertion: XmlElement): Map<string, string[]> {
  const attributes = new Map<string, string[]>();
  for (const statement of childrenOf(assertion, ASSERTION, 'AttributeStatement')) {
    for (const attribute of childrenOf(statement, ASSERTION, 'Attribute')) {
      const { Name: name = '' } = attribute.attributes;
      const values = childrenOf(attribute, ASSERTION, 'AttributeValue').map(({ text }) => text.trim());
      attributes.set(name, [...(attributes.get(name) ?? []), ...values.filter((value) => value !== '')]);
    }
  }
  return attributes;
}

const is = (element: XmlElement, namespace: string, name: string): boolean =>
  element.namespace === namespace && element.name === name;
