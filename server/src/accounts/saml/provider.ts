import { X509Certificate } from 'node:crypto';
import type { SAML } from '@node-saml/node-saml';
import type { Context } from '../../context.ts';
import { fail } from '../../kernel/errors.ts';
import type { ServiceSession } from '../login-services/service-session.ts';
import { UNSPECIFIED } from './namespaces.ts';
import { newRequestId } from './saml-requests.ts';
import { isWebAddress, type SamlService, wantsSigned } from './saml-service.ts';

/** What is asked of the library. It is loaded with the first login. */

/** The address of the provider's login page for a request of ours. Throws `error-login-service`. */
export async function loginAddress(
  ctx: Context,
  service: SamlService,
  { id, token }: { id: string; token: string },
): Promise<string> {
  try {
    const saml = await providerFor(service, id);
    return await saml.getAuthorizeUrlAsync(token, undefined, {});
  } catch (error) {
    ctx.log.warn({ service: 'saml', problem: (error as Error).message }, 'no login by SAML can begin');
    return fail('error-login-service', 'The login service is not set up');
  }
}

/**
 * The assertion of an answer to this request, as it was signed: nothing else of the answer may be believed. Throws whatever is
 * wrong with its signatures, times and audience.
 */
export async function verifiedAssertion(service: SamlService, id: string, answer: string): Promise<string> {
  const saml = await providerFor(service, id);
  const { profile } = await saml.validatePostResponseAsync({ SAMLResponse: answer });
  const assertion = profile?.getAssertionXml?.();
  if (assertion === undefined) throw new Error('there is no assertion');
  return assertion;
}

/** The address at the provider that ends this session there. Undefined where the settings do not suit it. */
export async function logoutAddress(
  ctx: Context,
  service: SamlService,
  { issuer, name, index }: ServiceSession,
): Promise<string | undefined> {
  const { nameQualifier, spNameQualifier } = name;
  const session = {
    issuer,
    nameID: name.text,
    nameIDFormat: name.format ?? UNSPECIFIED,
    ...(nameQualifier === undefined ? {} : { nameQualifier }),
    ...(spNameQualifier === undefined ? {} : { spNameQualifier }),
    ...(index === undefined ? {} : { sessionIndex: index }),
  };
  try {
    const saml = await providerFor(service, newRequestId());
    return await saml.getLogoutUrlAsync(session, '', {});
  } catch (error) {
    ctx.log.warn({ service: 'saml', problem: (error as Error).message }, 'no logout by SAML can begin');
    return undefined;
  }
}

/** The address by which the provider learns that what it asked for was done. Throws `error-login-service`. */
export async function logoutAnswerAddress(
  ctx: Context,
  service: SamlService,
  { id, relayState }: { id: string; relayState: string | undefined },
): Promise<string> {
  try {
    const saml = await providerFor(service, newRequestId());
    const request = { ID: id, issuer: '', nameID: '', nameIDFormat: '' };
    return await saml.getLogoutResponseUrlAsync(request, relayState ?? '', {}, true);
  } catch (error) {
    ctx.log.warn({ service: 'saml', problem: (error as Error).message }, 'a logout request is not answered');
    return fail('error-login-service', 'The login service was not told that you are logged out');
  }
}

/** Throws where a logout request that came by a form is not signed by the provider. */
export async function verifiedLogoutPost(service: SamlService, xml: string): Promise<void> {
  const saml = await providerFor(service, newRequestId());
  await saml.validatePostRequestAsync({ SAMLRequest: Buffer.from(xml).toString('base64') });
}

async function providerFor(service: SamlService, id: string): Promise<SAML> {
  const { SAML, ValidateInResponseTo } = await import('../../kernel/packages/node-saml.ts');
  const { entryPoint, issuer, callback, certificates, logout, key, authnContext } = service;
  if (!isWebAddress(entryPoint)) throw new Error('the entry point is no web address');
  if (certificates.length === 0) throw new Error('the provider has no certificate');
  // Throws for what is none, which the library would find out with the first answer.
  for (const certificate of certificates) new X509Certificate(Buffer.from(certificate, 'base64'));
  return new SAML({
    entryPoint,
    ...(logout.address === '' ? {} : { logoutUrl: logout.address }),
    issuer,
    audience: issuer,
    callbackUrl: callback,
    idpCert: [...certificates],
    wantAuthnResponseSigned: wantsSigned('response', service),
    // Where neither is demanded, the library still wants one of the two.
    wantAssertionsSigned: wantsSigned('assertion', service),
    identifierFormat: service.identifierFormat,
    acceptedClockSkewMs: service.clockDriftMs,
    ...(authnContext
      ? { authnContext: [authnContext.name], racComparison: authnContext.comparison }
      : { disableRequestedAuthnContext: true }),
    ...(key
      ? { privateKey: key.privateKey, publicCert: key.certificate, decryptionPvk: key.privateKey }
      : {}),
    signatureAlgorithm: 'sha256',
    digestAlgorithm: 'sha256',
    generateUniqueId: () => id,
    // Which request it answers is known before: see `saml-requests.ts`.
    validateInResponseTo: ValidateInResponseTo.always,
    cacheProvider: {
      saveAsync: async () => null,
      getAsync: async (asked) => (asked === id ? new Date().toISOString() : null),
      removeAsync: async () => null,
    },
  });
}
