import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startServer, type TestServer } from '../support/server.ts';

/** `saml.parseMetadata` (spec 23): what identity providers say of themselves, as values for the settings. */

let server: TestServer;
let provider: Server;
let url: string;
let answer: { status?: number; body: string };

beforeAll(async () => {
  server = await startServer({ outboundAllow: ['127.0.0.1'] });
  provider = createServer((_request, response) => response.writeHead(answer.status ?? 200).end(answer.body));
  await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(provider.address() as AddressInfo).port}/metadata`;
});
afterAll(async () => {
  await server.close();
  provider.close();
});

const parse = (body: string, status = 200) => {
  answer = { status, body };
  return server.admin.post('saml.parseMetadata', { url });
};

const BINDING = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-';
const key = (certificate: string, use = '') =>
  `<md:KeyDescriptor${use && ` use="${use}"`}><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>
    ${certificate}
  </ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>`;
const role = (inside: string) =>
  `<md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">${inside}</md:IDPSSODescriptor>`;
const entity = (inside: string) =>
  `<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://idp.example">${inside}</md:EntityDescriptor>`;
const FULL = `${key('QUJD', 'encryption')}${key('REVG\n  REVG', 'signing')}
  <md:SingleLogoutService Binding="${BINDING}Redirect" Location="https://idp.example/slo"/>
  <md:NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:persistent</md:NameIDFormat>
  <md:NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:transient</md:NameIDFormat>
  <md:SingleSignOnService Binding="${BINDING}POST" Location="https://idp.example/post"/>
  <md:SingleSignOnService Binding="${BINDING}Redirect" Location="https://idp.example/sso"/>`;
const BY_HTTP = 'The metadata came over a connection that anybody on the way can change';

test('metadata become settings', async () => {
  const { status, body } = await parse(`<?xml version="1.0"?><!-- of us -->${entity(role(FULL))}`);
  expect({ status, body }).toEqual({
    status: 200,
    body: {
      entryPoint: 'https://idp.example/sso',
      idpSLORedirectURL: 'https://idp.example/slo',
      cert: 'REVGREVG',
      identifierFormat: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
      warnings: [BY_HTTP],
      success: true,
    },
  });
});

test('of several certificates all are told, and of several entities the first provider', async () => {
  const several = `<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata">${entity('')}${entity(role(key('QUJD') + key('REVG', 'signing')))}${entity(role(FULL))}</md:EntitiesDescriptor>`;
  const { body } = await parse(several);
  const pem = (text: string) => `-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----`;
  expect(body).toEqual({
    cert: `${pem('QUJD')}\n${pem('REVG')}`,
    warnings: ['There is no login page with the binding HTTP-Redirect', BY_HTTP],
    success: true,
  });
});

test('what is missing is told, and an address that is none is no address', async () => {
  const script = `<md:SingleSignOnService Binding="${BINDING}Redirect" Location="javascript:alert(1)"/>`;
  expect((await parse(entity(role(script)))).body).toEqual({
    warnings: [
      'There is no login page with the binding HTTP-Redirect',
      'There is no certificate to check signatures with',
      BY_HTTP,
    ],
    success: true,
  });
});

test.each([
  ['no XML', 'hello'],
  ['a document type', `<!DOCTYPE x SYSTEM "file:///etc/passwd">${entity(role(FULL))}`],
  ['no identity provider', entity('')],
  ['another namespace', entity(role(FULL)).replace('SAML:2.0:metadata', 'x')],
  ['an error', entity(role(FULL)), 404],
  ['no end', entity(role(FULL)).slice(0, -4)],
])('%s is refused', async (_, body, status = 200) => {
  expect(await parse(body, status)).toMatchObject({
    status: 400,
    body: { errorType: 'error-login-service', success: false },
  });
});
