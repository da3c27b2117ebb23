import { createVerify, X509Certificate } from 'node:crypto';
import { promisify } from 'node:util';
import { inflateRaw } from 'node:zlib';
import { XmlError } from '../../kernel/read-xml.ts';

/**
 * A message that came in an address (SAML 2.0 bindings, section 3.4). Its signature is over the address as it was written, so it
 * is checked here, on exactly that: node-saml lets messages pass that have none, and takes SHA-1.
 */
export interface RedirectMessage {
  xml: string;
  relayState: string | undefined;
}

const MAX_QUERY = 64 * 1024;
const MAX_XML = 256 * 1024;

const HASHES: Readonly<Record<string, string>> = {
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256': 'sha256',
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha384': 'sha384',
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512': 'sha512',
};

const inflate = promisify(inflateRaw);

/** Throws for a request that none of these certificates (base64) has signed. */
export async function verifiedRedirect(
  query: string,
  certificates: readonly string[],
): Promise<RedirectMessage> {
  if (query.length > MAX_QUERY) throw new XmlError('it is too long');
  const request = parameter(query, 'SAMLRequest');
  const relayState = parameter(query, 'RelayState');
  const algorithm = parameter(query, 'SigAlg');
  const signature = parameter(query, 'Signature');
  if (!request || !algorithm || !signature) throw new XmlError('it is not signed');
  const hash = HASHES[decodeURIComponent(algorithm.value)];
  if (hash === undefined) throw new XmlError('it is signed by an algorithm that proves nothing');
  const signed = [request, relayState, algorithm].flatMap((part) => (part ? [part.written] : [])).join('&');
  const bytes = Buffer.from(decodeURIComponent(signature.value), 'base64');
  const isSigned = certificates.some((certificate) => {
    const { publicKey } = new X509Certificate(Buffer.from(certificate, 'base64'));
    return (
      publicKey.asymmetricKeyType === 'rsa' && createVerify(hash).update(signed).verify(publicKey, bytes)
    );
  });
  if (!isSigned) throw new XmlError('its signature is wrong');
  const deflated = Buffer.from(decodeURIComponent(request.value), 'base64');
  const xml = await inflate(deflated, { maxOutputLength: MAX_XML });
  return {
    xml: xml.toString('utf8'),
    relayState: relayState && decodeURIComponent(relayState.value.replaceAll('+', ' ')),
  };
}

/** As it stands in the address. Nobody honest says one twice. */
function parameter(query: string, name: string): { written: string; value: string } | undefined {
  const [written, ...others] = query.split('&').filter((part) => part.startsWith(`${name}=`));
  if (others.length > 0) throw new XmlError('it says something twice');
  return written === undefined ? undefined : { written, value: written.slice(name.length + 1) };
}
