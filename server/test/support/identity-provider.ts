import {
  constants,
  createCipheriv,
  createSign,
  createVerify,
  generateKeyPairSync,
  type KeyObject,
  publicEncrypt,
  randomBytes,
  X509Certificate,
} from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { SignedXml } from 'xml-crypto';
import { selfSigned } from './self-signed.ts';

/** A SAML identity provider without a page: it answers requests with whatever a test says, really signed. */

export interface Keys {
  privateKey: KeyObject;
  /** base64. */
  certificate: string;
}

export function newKeys(): Keys {
  const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { privateKey: keys.privateKey, certificate: selfSigned(keys) };
}

/** What a browser carries to the login page. */
export interface AskedLogin {
  id: string;
  issuer: string;
  callback: string;
  relayState: string;
  xml: string;
  query: URLSearchParams;
}

export function readRequest(address: string): AskedLogin {
  const query = new URL(address).searchParams;
  const xml = inflateRawSync(Buffer.from(query.get('SAMLRequest') ?? '', 'base64')).toString('utf8');
  const find = (pattern: RegExp) => pattern.exec(xml)?.[1] ?? '';
  return {
    id: find(/ ID="([^"]+)"/),
    issuer: find(/Issuer[^>]*>([^<]+)</),
    callback: find(/AssertionConsumerServiceURL="([^"]+)"/),
    relayState: query.get('RelayState') ?? '',
    xml,
    query,
  };
}

export interface Said {
  nameId?: string;
  format?: string;
  attributes?: Record<string, string | string[]>;
  /** Instead of those of the request. */
  inResponseTo?: string;
  confirmedFor?: string | null;
  recipient?: string | null;
  destination?: string | null;
  audience?: string | null;
  /** Seconds from now. */
  notBefore?: number;
  notOnOrAfter?: number;
  confirmedUntil?: number | null;
  method?: string;
  status?: string;
}

const EMAIL = 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress';
const inSeconds = (seconds: number) => new Date(Date.now() + seconds * 1000).toISOString();
const attribute = (name: string, value: string | null | undefined) =>
  value === null || value === undefined ? '' : ` ${name}="${value}"`;
let ids = 0;

export function responseXml(asked: AskedLogin, said: Said = {}): string {
  const { nameId = 'ada@example.org', format = EMAIL, notBefore = -60, notOnOrAfter = 300 } = said;
  const { confirmedUntil = 300, method = 'urn:oasis:names:tc:SAML:2.0:cm:bearer', status = 'Success' } = said;
  const or = (value: string | null | undefined, otherwise: string) =>
    value === undefined ? otherwise : value;
  ids += 1;
  const data =
    attribute('InResponseTo', or(said.confirmedFor, said.inResponseTo ?? asked.id)) +
    attribute('Recipient', or(said.recipient, asked.callback)) +
    attribute('NotOnOrAfter', confirmedUntil === null ? null : inSeconds(confirmedUntil));
  const audience = or(said.audience, asked.issuer);
  const values = Object.entries(said.attributes ?? {}).map(
    ([name, value]) =>
      `<saml:Attribute Name="${name}">${[value]
        .flat()
        .map((text) => `<saml:AttributeValue>${text}</saml:AttributeValue>`)
        .join('')}</saml:Attribute>`,
  );
  return (
    `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_r${ids}" Version="2.0" IssueInstant="${inSeconds(0)}"` +
    `${attribute('Destination', or(said.destination, asked.callback))}${attribute('InResponseTo', said.inResponseTo ?? asked.id)}>` +
    `<saml:Issuer>https://idp.example</saml:Issuer><samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:${status}"/></samlp:Status>` +
    (status === 'Success'
      ? `<saml:Assertion ID="_a${ids}" Version="2.0" IssueInstant="${inSeconds(0)}"><saml:Issuer>https://idp.example</saml:Issuer>` +
        `<saml:Subject><saml:NameID Format="${format}">${nameId}</saml:NameID><saml:SubjectConfirmation Method="${method}"><saml:SubjectConfirmationData${data}/></saml:SubjectConfirmation></saml:Subject>` +
        `<saml:Conditions NotBefore="${inSeconds(notBefore)}" NotOnOrAfter="${inSeconds(notOnOrAfter)}">${audience === null ? '' : `<saml:AudienceRestriction><saml:Audience>${audience}</saml:Audience></saml:AudienceRestriction>`}</saml:Conditions>` +
        `<saml:AuthnStatement AuthnInstant="${inSeconds(0)}" SessionIndex="s${ids}"><saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>` +
        `${values.length > 0 ? `<saml:AttributeStatement>${values.join('')}</saml:AttributeStatement>` : ''}</saml:Assertion>`
      : '') +
    '</samlp:Response>'
  );
}

export type Part = 'Response' | 'Assertion' | 'LogoutRequest';
const SHA256 = {
  signatureAlgorithm: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
  digestAlgorithm: 'http://www.w3.org/2001/04/xmlenc#sha256',
};
export const SHA1 = {
  signatureAlgorithm: 'http://www.w3.org/2000/09/xmldsig#rsa-sha1',
  digestAlgorithm: 'http://www.w3.org/2000/09/xmldsig#sha1',
};

export function sign(
  xml: string,
  part: Part,
  { privateKey, certificate }: Keys,
  algorithms = SHA256,
): string {
  const element = `//*[local-name(.)='${part}']`;
  const signed = new SignedXml({
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    publicCert: `-----BEGIN CERTIFICATE-----\n${certificate.replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----`,
    signatureAlgorithm: algorithms.signatureAlgorithm,
    canonicalizationAlgorithm: 'http://www.w3.org/2001/10/xml-exc-c14n#',
  });
  signed.addReference({
    xpath: element,
    digestAlgorithm: algorithms.digestAlgorithm,
    transforms: [
      'http://www.w3.org/2000/09/xmldsig#enveloped-signature',
      'http://www.w3.org/2001/10/xml-exc-c14n#',
    ],
  });
  const location = { reference: `${element}/*[local-name(.)='Issuer']`, action: 'after' as const };
  signed.computeSignature(xml, { location, prefix: 'ds' });
  return signed.getSignedXml();
}

/** The assertion first, which is a part of what the signature of the response covers. */
export const signAll = (xml: string, keys: Keys): string =>
  sign(sign(xml, 'Assertion', keys), 'Response', keys);

export const encode = (xml: string): string => Buffer.from(xml).toString('base64');

/** What a browser carries to the provider's address for logouts, there and back. */
export interface LogoutMessage {
  address: string;
  xml: string;
  relayState: string | null;
  query: URLSearchParams;
}

export function readLogoutMessage(address: string): LogoutMessage {
  const { origin, pathname, searchParams: query } = new URL(address);
  const message = query.get('SAMLRequest') ?? query.get('SAMLResponse') ?? '';
  const xml = inflateRawSync(Buffer.from(message, 'base64')).toString('utf8');
  return { address: `${origin}${pathname}`, xml, relayState: query.get('RelayState'), query };
}

export interface AskedLogout {
  destination: string;
  nameId?: string;
  format?: string | null;
  indexes?: readonly string[];
  issuer?: string;
  id?: string;
  /** Seconds from now. */
  issued?: number;
  notOnOrAfter?: number | null;
}

export function logoutRequestXml(asked: AskedLogout): string {
  const { destination, nameId = 'ada@example.org', format = EMAIL, indexes = [], issued = 0 } = asked;
  ids += 1;
  const until = asked.notOnOrAfter ?? null;
  return (
    `<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="${asked.id ?? `_l${ids}`}" Version="2.0" IssueInstant="${inSeconds(issued)}"` +
    `${attribute('Destination', destination)}${attribute('NotOnOrAfter', until === null ? null : inSeconds(until))}>` +
    `<saml:Issuer>${asked.issuer ?? 'https://idp.example'}</saml:Issuer><saml:NameID${attribute('Format', format)}>${nameId}</saml:NameID>` +
    `${indexes.map((index) => `<samlp:SessionIndex>${index}</samlp:SessionIndex>`).join('')}</samlp:LogoutRequest>`
  );
}

const RSA_SHA256 = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256';

/** The query of an address that carries a request, signed. */
export function redirectQuery(
  xml: string,
  { privateKey }: Keys,
  {
    relayState,
    algorithm = RSA_SHA256,
    hash = 'sha256',
  }: { relayState?: string; algorithm?: string; hash?: string } = {},
): string {
  const parts = [
    `SAMLRequest=${encodeURIComponent(deflateRawSync(xml).toString('base64'))}`,
    ...(relayState === undefined ? [] : [`RelayState=${encodeURIComponent(relayState)}`]),
    `SigAlg=${encodeURIComponent(algorithm)}`,
  ];
  const signature = createSign(hash).update(parts.join('&')).sign(privateKey, 'base64');
  return [...parts, `Signature=${encodeURIComponent(signature)}`].join('&');
}

/** Whether what we sent by an address is signed with the key of this certificate (base64). */
export function isSignedRedirect(query: URLSearchParams, certificate: string): boolean {
  const signed = ['SAMLRequest', 'SAMLResponse', 'RelayState', 'SigAlg']
    .filter((name) => query.has(name))
    .map((name) => `${name}=${encodeURIComponent(query.get(name) ?? '')}`);
  const { publicKey } = new X509Certificate(Buffer.from(certificate, 'base64'));
  const verify = createVerify('sha256').update(signed.join('&'));
  return verify.verify(publicKey, query.get('Signature') ?? '', 'base64');
}

export type Cipher = 'aes256-gcm' | 'aes128-gcm' | 'aes256-cbc' | 'aes128-cbc';

interface Encryption {
  cipher?: Cipher;
  /** What is said of how the key is encrypted. */
  transport?: string;
  digest?: string | null;
  /** The key beside what it is for, as some providers have it. */
  keyBeside?: boolean;
  /** In place of the assertion of the answer. */
  content?: string;
}

const XENC = 'http://www.w3.org/2001/04/xmlenc#';

/** An answer whose assertion only the owner of the certificate (base64) can read. What is signed before is inside. */
export function encryptAssertion(
  xml: string,
  certificate: string,
  { cipher = 'aes256-gcm', transport = `${XENC}rsa-oaep-mgf1p`, ...more }: Encryption = {},
): string {
  const { digest = 'http://www.w3.org/2000/09/xmldsig#sha1', keyBeside = false } = more;
  const [assertion = ''] = /<saml:Assertion .*<\/saml:Assertion>/s.exec(xml) ?? [];
  const namespace = 'xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"';
  const content =
    more.content ?? assertion.replace(/^<saml:Assertion (?!xmlns:saml)/, `<saml:Assertion ${namespace} `);
  const isGcm = cipher.endsWith('gcm');
  const secret = randomBytes(cipher.includes('256') ? 32 : 16);
  const { publicKey } = new X509Certificate(Buffer.from(certificate, 'base64'));
  const padding = transport.endsWith('1_5') ? constants.RSA_PKCS1_PADDING : constants.RSA_PKCS1_OAEP_PADDING;
  const key = publicEncrypt({ key: publicKey, padding }, secret).toString('base64');
  const algorithm = isGcm ? `http://www.w3.org/2009/xmlenc11#${cipher}` : `${XENC}${cipher}`;
  const digestMethod = digest === null ? '' : `<ds:DigestMethod Algorithm="${digest}"/>`;
  const encryptedKey =
    `<xenc:EncryptedKey Id="_k1"><xenc:EncryptionMethod Algorithm="${transport}">${digestMethod}</xenc:EncryptionMethod>` +
    `<xenc:CipherData><xenc:CipherValue>${key}</xenc:CipherValue></xenc:CipherData></xenc:EncryptedKey>`;
  const keyInfo = keyBeside ? `<ds:RetrievalMethod Type="${XENC}EncryptedKey" URI="#_k1"/>` : encryptedKey;
  const encrypted =
    `<saml:EncryptedAssertion><xenc:EncryptedData xmlns:xenc="${XENC}" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" Type="${XENC}Element">` +
    `<xenc:EncryptionMethod Algorithm="${algorithm}"/><ds:KeyInfo>${keyInfo}</ds:KeyInfo>` +
    `<xenc:CipherData><xenc:CipherValue>${encrypt(cipher, secret, content)}</xenc:CipherValue></xenc:CipherData></xenc:EncryptedData>` +
    `${keyBeside ? encryptedKey.replace('<xenc:EncryptedKey', `<xenc:EncryptedKey xmlns:xenc="${XENC}" xmlns:ds="http://www.w3.org/2000/09/xmldsig#"`) : ''}</saml:EncryptedAssertion>`;
  return xml.replace(assertion, encrypted);
}

function encrypt(cipher: Cipher, secret: Buffer, text: string): string {
  const [, bits, mode] = /^aes(\d+)-(\w+)$/.exec(cipher) ?? [];
  if (mode === 'gcm') {
    const iv = randomBytes(12);
    const gcm = createCipheriv(`aes-${bits}-gcm` as 'aes-256-gcm', secret, iv);
    return Buffer.concat([iv, gcm.update(text), gcm.final(), gcm.getAuthTag()]).toString('base64');
  }
  const iv = randomBytes(16);
  const cbc = createCipheriv(`aes-${bits}-cbc`, secret, iv);
  return Buffer.concat([iv, cbc.update(text), cbc.final()]).toString('base64');
}
