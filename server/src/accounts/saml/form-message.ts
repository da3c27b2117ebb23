import { XmlError } from '../../kernel/read-xml.ts';

const MAX_MESSAGE = 256 * 1024;

/** What is in a message that came by a form (SAML 2.0 bindings, section 3.5). Throws `XmlError` for what is no `kind`. */
export function xmlOfForm(encoded: string, kind: 'answer' | 'request'): string {
  if (encoded.length > MAX_MESSAGE || !/^[A-Za-z0-9+/\s]+={0,2}\s*$/.test(encoded))
    throw new XmlError(`it is no ${kind}`);
  return Buffer.from(encoded, 'base64').toString('utf8');
}
