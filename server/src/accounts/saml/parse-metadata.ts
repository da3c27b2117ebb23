import type { Context } from '../../context.ts';
import { childOf, childrenOf, readXml, type XmlElement, XmlError } from '../../kernel/read-xml.ts';
import { askPage } from '../login-services/ask-service.ts';
import { SAML } from './saml-service.ts';

/** What an identity provider says of itself, as values for the settings (spec 23, `saml.parseMetadata`). */
export interface ProviderMetadata {
  entryPoint?: string;
  idpSLORedirectURL?: string;
  cert?: string;
  identifierFormat?: string;
  /** What is missing, for the administrator to read. */
  warnings: string[];
}

const METADATA = 'urn:oasis:names:tc:SAML:2.0:metadata';
const SIGNATURE = 'http://www.w3.org/2000/09/xmldsig#';
const REDIRECT = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect';

/** Throws `error-login-service` where there is no identity provider at the address. */
export const parseMetadata = (ctx: Context, url: string): Promise<ProviderMetadata> =>
  askPage(ctx, SAML, url, {
    request: {},
    read: async (text) => {
      const metadata = await metadataIn(text);
      if (metadata && !url.toLowerCase().startsWith('https:'))
        metadata.warnings.push('The metadata came over a connection that anybody on the way can change');
      return metadata;
    },
    otherwise: 'no metadata of an identity provider',
  });

async function metadataIn(text: string): Promise<ProviderMetadata | undefined> {
  try {
    const role = providerIn(await readXml(text, { comments: 'skipped' }));
    return role && describe(role);
  } catch (error) {
    if (error instanceof XmlError) return undefined;
    throw error;
  }
}

/** The first identity provider of the document, which may list several. */
function providerIn(root: XmlElement): XmlElement | undefined {
  const entities =
    root.name === 'EntitiesDescriptor' ? childrenOf(root, METADATA, 'EntityDescriptor') : [root];
  for (const entity of entities) {
    if (entity.namespace !== METADATA || entity.name !== 'EntityDescriptor') continue;
    const [role] = childrenOf(entity, METADATA, 'IDPSSODescriptor');
    if (role) return role;
  }
  return undefined;
}

function describe(role: XmlElement): ProviderMetadata {
  const warnings: string[] = [];
  const entryPoint = locationOf(role, 'SingleSignOnService');
  const idpSLORedirectURL = locationOf(role, 'SingleLogoutService');
  const cert = certificatesOf(role);
  const [format] = childrenOf(role, METADATA, 'NameIDFormat');
  const identifierFormat = format?.text.trim();
  if (!entryPoint) warnings.push('There is no login page with the binding HTTP-Redirect');
  if (!cert) warnings.push('There is no certificate to check signatures with');
  return {
    ...(entryPoint ? { entryPoint } : {}),
    ...(idpSLORedirectURL ? { idpSLORedirectURL } : {}),
    ...(cert ? { cert } : {}),
    ...(identifierFormat ? { identifierFormat } : {}),
    warnings,
  };
}

const locationOf = (role: XmlElement, name: string): string | undefined =>
  childrenOf(role, METADATA, name)
    .filter(({ attributes }) => attributes.Binding === REDIRECT)
    .map(({ attributes }) => attributes.Location ?? '')
    .find((location) => /^https?:\/\//i.test(location));

/** One as its base64, several as PEM one after the other: the setting takes both. */
function certificatesOf(role: XmlElement): string {
  const bodies = childrenOf(role, METADATA, 'KeyDescriptor')
    .filter(({ attributes }) => attributes.use !== 'encryption')
    .flatMap((key) => childrenOf(childOf(key, SIGNATURE, 'KeyInfo'), SIGNATURE, 'X509Data'))
    .flatMap((data) => childrenOf(data, SIGNATURE, 'X509Certificate'))
    .map(({ text }) => text.replace(/\s+/g, ''));
  const different = [...new Set(bodies)].filter((body) => body !== '');
  if (different.length < 2) return different[0] ?? '';
  return different
    .map((body) => `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----`)
    .join('\n');
}
