import { constants, createDecipheriv, privateDecrypt } from 'node:crypto';
import { childOf, readXml, type XmlElement, XmlError } from '../../kernel/read-xml.ts';
import { everyElement } from './every-element.ts';
import { SIGNATURE } from './namespaces.ts';
import { type SamlService, wantsSigned } from './saml-service.ts';

/**
 * An assertion that only we can read (XML Encryption). node-saml decrypts it when it verifies the answer; here is decided which of
 * them it may see, and what was in it is looked at as what came in the open is.
 */

const ENCRYPTION = 'http://www.w3.org/2001/04/xmlenc#';
const GCM = 'http://www.w3.org/2009/xmlenc11#aes';

/** What the library understands of it, and proves not to be forged. */
const AUTHENTICATED: readonly string[] = [`${GCM}256-gcm`, `${GCM}128-gcm`];
/**
 * Whoever may change these as they like and sees whether we could read the outcome finds out what is in them. So they must be
 * covered by a signature that is checked before they are decrypted.
 */
const MALLEABLE: readonly string[] = [`${ENCRYPTION}aes256-cbc`, `${ENCRYPTION}aes128-cbc`];
/** The padding of before (`rsa-1_5`) tells the key to whoever asks often enough. */
export const KEY_TRANSPORT = `${ENCRYPTION}rsa-oaep-mgf1p`;
const OAEP_DIGEST = `${SIGNATURE}sha1`;

/** How assertions for us may be encrypted. */
export const encryptionMethods = (service: Pick<SamlService, 'signed'>): readonly string[] =>
  wantsSigned('response', service) ? [...AUTHENTICATED, ...MALLEABLE] : AUTHENTICATED;

interface Parts {
  key: string;
  content: string;
  method: string;
}

/** Throws `XmlError` for what must not be decrypted. */
export function partsOf(encrypted: XmlElement, service: Pick<SamlService, 'signed' | 'key'>): Parts {
  if (!service.key) throw new XmlError('it is encrypted, and there is no key to read it');
  const all = [...everyElement(encrypted)].map(({ element }) => element);
  const [data, ...otherData] = all.filter(({ name }) => name === 'EncryptedData');
  const [wrapped, ...otherKeys] = all.filter(({ name }) => name === 'EncryptedKey');
  const values = all.filter(({ name }) => name === 'CipherValue').length;
  if (!data || !wrapped || otherData.length > 0 || otherKeys.length > 0 || values !== 2)
    throw new XmlError('it is not encrypted as assertions are');
  const order = data.children.map(({ name }) => name);
  if (order.indexOf('KeyInfo') > order.indexOf('CipherData'))
    throw new XmlError('its parts are not in order');
  const method = childOf(data, ENCRYPTION, 'EncryptionMethod')?.attributes.Algorithm ?? '';
  if (!encryptionMethods(service).includes(method)) throw new XmlError(`it is encrypted by ${method}`);
  const transport = childOf(wrapped, ENCRYPTION, 'EncryptionMethod');
  if (transport?.attributes.Algorithm !== KEY_TRANSPORT)
    throw new XmlError(`its key is encrypted by ${transport?.attributes.Algorithm}`);
  const digest = childOf(transport, SIGNATURE, 'DigestMethod')?.attributes.Algorithm ?? OAEP_DIGEST;
  if (digest !== OAEP_DIGEST) throw new XmlError(`its key is encrypted with the digest ${digest}`);
  return { key: cipherValue(wrapped), content: cipherValue(data), method };
}

function cipherValue(element: XmlElement): string {
  const value = childOf(childOf(element, ENCRYPTION, 'CipherData'), ENCRYPTION, 'CipherValue');
  if (!value) throw new XmlError('it is not encrypted as assertions are');
  return value.text;
}

/** What is in it. Nobody has verified it by that. */
export async function decryptAssertion(
  encrypted: XmlElement,
  service: Pick<SamlService, 'signed' | 'key'>,
): Promise<XmlElement> {
  const { key, content, method } = partsOf(encrypted, service);
  const padding = constants.RSA_PKCS1_OAEP_PADDING;
  const privateKey = { key: service.key?.privateKey ?? '', padding, oaepHash: 'sha1' };
  const secret = privateDecrypt(privateKey, Buffer.from(key, 'base64'));
  const text = decrypt(method, secret, Buffer.from(content, 'base64')).toString('utf8');
  return readXml(text, { comments: 'refused' });
}

function decrypt(method: string, secret: Buffer, bytes: Buffer): Buffer {
  const bits = method.includes('256') ? 256 : 128;
  if (MALLEABLE.includes(method)) {
    const decipher = createDecipheriv(`aes-${bits}-cbc`, secret, bytes.subarray(0, 16));
    decipher.setAutoPadding(false);
    const padded = Buffer.concat([decipher.update(bytes.subarray(16)), decipher.final()]);
    // Unlike that of PKCS #7 only the last byte of the padding says anything.
    return padded.subarray(0, padded.length - (padded.at(-1) ?? 0));
  }
  const decipher = createDecipheriv(`aes-${bits}-gcm`, secret, bytes.subarray(0, 12), { authTagLength: 16 });
  decipher.setAuthTag(bytes.subarray(-16));
  return Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]);
}
