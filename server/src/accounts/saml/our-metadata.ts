import { escapeHtml } from '../../kernel/escape-html.ts';
import { encryptionMethods, KEY_TRANSPORT } from './encrypted-assertion.ts';
import { certificatesIn, type SamlService, wantsSigned } from './saml-service.ts';

const BINDING = 'urn:oasis:names:tc:SAML:2.0:bindings:';

/** What the provider has to know of us (SAML 2.0 metadata, section 2.4.4). */
export function ourMetadata(service: SamlService): string {
  const { issuer, callback, logout, identifierFormat, key } = service;
  const certificate = key && certificatesIn(key.certificate)[0];
  const isRole = `AuthnRequestsSigned="${certificate !== undefined}" WantAssertionsSigned="${wantsSigned('assertion', service)}" protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"`;
  const lines = [
    ...(certificate === undefined
      ? []
      : [
          keyFor('signing', certificate),
          keyFor('encryption', certificate, [...encryptionMethods(service), KEY_TRANSPORT]),
        ]),
    ...['HTTP-Redirect', 'HTTP-POST'].map((binding) => endpoint('SingleLogoutService', binding, logout.here)),
    ...(identifierFormat === null ? [] : [`<NameIDFormat>${escapeHtml(identifierFormat)}</NameIDFormat>`]),
    endpoint('AssertionConsumerService', 'HTTP-POST', callback, ' index="1" isDefault="true"'),
  ];
  return `<?xml version="1.0" encoding="UTF-8"?>
<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" entityID="${escapeHtml(issuer)}">
  <SPSSODescriptor ${isRole}>
${lines.map((line) => `    ${line}\n`).join('')}  </SPSSODescriptor>
</EntityDescriptor>
`;
}

const keyFor = (use: string, certificate: string, methods: readonly string[] = []): string =>
  `<KeyDescriptor use="${use}"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>${escapeHtml(certificate)}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>${methods.map((method) => `<EncryptionMethod Algorithm="${method}"/>`).join('')}</KeyDescriptor>`;

const endpoint = (name: string, binding: string, location: string, more = ''): string =>
  `<${name} Binding="${BINDING}${binding}" Location="${escapeHtml(location)}"${more}/>`;
