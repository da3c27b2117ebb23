import { beforeAll, expect, test } from 'vitest';
import { DdpClient } from '../support/ddp-client.ts';
import {
  type AskedLogout,
  encode,
  isSignedRedirect,
  logoutRequestXml,
  newKeys,
  readLogoutMessage,
  redirectQuery,
  type Said,
  SHA1,
  sign,
} from '../support/identity-provider.ts';
import type { TestServer } from '../support/server.ts';
import { samlWorld } from './saml-world.ts';

/** Logging out at an identity provider by logging out here, and the other way round; and everything that must end nothing. */

const SLO = 'https://idp.example/slo?tenant=1';
const world = samlWorld({ idp_slo_redirect_url: SLO });
const { keys, HERE, having, open, goThrough, logIn } = world;
const stranger = newKeys();
const REFUSED = 'The message of the login service was refused';

let server: TestServer;
let here: string;
beforeAll(() => {
  server = world.server();
  here = `${server.url}/_saml/logout/acme`;
});

interface Device {
  userId: string;
  authToken: string;
  index: string;
}

/** Logs in by the provider; with what the provider knows of it. */
async function device(nameId = 'ada@example.org', said: Said = {}): Promise<Device> {
  const attributes = { username: nameId.split('@')[0] ?? '', email: nameId };
  const { token, xml } = await goThrough({ nameId, attributes, ...said });
  const { status, body } = await logIn(token);
  if (status !== 200) throw new Error(JSON.stringify(body));
  const index = /SessionIndex="([^"]+)"/.exec(xml)?.[1] ?? '';
  return { ...body.data, index };
}

const isIn = async ({ userId, authToken }: Device): Promise<boolean> =>
  (await server.anonymous.get('me', {}, { 'x-user-id': userId, 'x-auth-token': authToken })).status === 200;

const areIn = (devices: Device[]) => Promise.all(devices.map(isIn));

async function answerOf(answer: Response) {
  return { status: answer.status, location: answer.headers.get('location') ?? '', html: await answer.text() };
}

const bringAddress = async (query: string, path = '/_saml/logout/acme') =>
  answerOf(await open(`${path}?${query}`));

const bringForm = async (fields: Record<string, string>, path = '/_saml/logout/acme') =>
  answerOf(
    await fetch(`${server.url}${path}`, {
      method: 'POST',
      redirect: 'manual',
      headers: HERE,
      body: new URLSearchParams(fields),
    }),
  );

const requestOf = (asked: Partial<AskedLogout> = {}) => logoutRequestXml({ destination: here, ...asked });
const askByAddress = (asked: Partial<AskedLogout> = {}) =>
  bringAddress(redirectQuery(requestOf(asked), keys));

test('the provider ends the session that it names, and is told so', async () => {
  const [one, other] = [await device(), await device()];
  const socket = await DdpClient.connect(server.url);
  await socket.call('login', { resume: one.authToken });
  const xml = requestOf({ indexes: [one.index], id: '_logout-1' });
  const { status, location } = await bringAddress(
    redirectQuery(xml, keys, { relayState: 'back to & there+' }),
  );
  expect(status).toBe(302);
  const answer = readLogoutMessage(location);
  expect(answer).toMatchObject({ address: 'https://idp.example/slo', relayState: 'back to & there+' });
  expect(answer.query.get('tenant')).toBe('1');
  expect(answer.xml).toContain('LogoutResponse');
  expect(answer.xml).toContain('InResponseTo="_logout-1"');
  expect(answer.xml).toContain('status:Success');
  expect(answer.xml).toContain(`>${server.url}/_saml/metadata/acme</saml:Issuer>`);
  await socket.closed;
  expect(await areIn([one, other])).toEqual([false, true]);
});

test('without an index all sessions of the name end, and those of others and of other logins stay', async () => {
  const mine = [await device(), await device()];
  const [{ userId, authToken } = { userId: '', authToken: '' }] = mine;
  const personal = await server.anonymous.post(
    'users.generatePersonalAccessToken',
    { tokenName: 'script', bypassTwoFactor: true },
    { 'x-user-id': userId, 'x-auth-token': authToken },
  );
  const others = [await device('bea@example.org'), { userId, authToken: personal.body.token, index: '' }];
  expect((await askByAddress()).status).toBe(302);
  expect(await areIn(mine)).toEqual([false, false]);
  expect(await areIn(others)).toEqual([true, true]);
  // Nobody is left, which is what the provider wants.
  expect((await askByAddress()).location).toContain('SAMLResponse=');
});

test('a request may come by a form, and at both addresses', async () => {
  const form = await device();
  const xml = sign(requestOf({ indexes: [form.index] }), 'LogoutRequest', keys);
  const { status, location } = await bringForm({ SAMLRequest: encode(xml), RelayState: 'x' });
  expect({ status, relayState: readLogoutMessage(location).relayState }).toEqual({
    status: 303,
    relayState: 'x',
  });
  expect(await isIn(form)).toBe(false);
  for (const path of ['/_saml/sloRedirect/acme', '/_saml/sloRedirect/acme/', '/_saml/logout/acme/']) {
    const one = await device();
    const asked = requestOf({ indexes: [one.index], destination: `${server.url}${path}` });
    expect((await bringAddress(redirectQuery(asked, keys), path)).status).toBe(302);
    expect(await isIn(one)).toBe(false);
  }
});

test('what the two call the same is the same', async () => {
  const unspecified = 'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified';
  for (const format of [null, unspecified]) {
    const one = await device();
    await askByAddress({ format });
    expect(await isIn(one)).toBe(false);
  }
  const one = await device();
  await askByAddress({ format: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent' });
  await askByAddress({ nameId: 'Ada@example.org' });
  await askByAddress({ indexes: ['another'] });
  expect(await isIn(one)).toBe(true);
});

/** Says who is still in after a request that must be refused. */
async function refusedBy(ask: (one: Device) => Promise<{ status: number; location: string; html: string }>) {
  const one = await device();
  const { status, location, html } = await ask(one);
  expect({ status, location, isIn: await isIn(one) }).toEqual({ status: 400, location: '', isIn: true });
  expect(html).toContain(REFUSED);
}

test.each<[string, Partial<AskedLogout>]>([
  ['is too old', { issued: -400 }],
  ['comes from the future', { issued: 400 }],
  ['has expired', { notOnOrAfter: -1 }],
  ['is for another address', { destination: 'https://other.example/_saml/logout/acme' }],
  ['is for no address', { destination: '' }],
  ['is from another provider', { issuer: 'https://other-idp.example' }],
  ['names nobody', { nameId: '' }],
  ['names somebody twice', { nameId: 'ada@example.org</saml:NameID><saml:NameID>bea@example.org' }],
  ['has an element in the name', { nameId: 'ada@example.org<b/>' }],
  ['has a comment in the name', { nameId: 'ada@example.org<!-- -->.evil' }],
  ['has no id', { id: '' }],
])('a signed request that %s ends nothing', async (_, asked) => {
  await refusedBy(() => askByAddress(asked));
  await refusedBy(() => bringForm({ SAMLRequest: encode(sign(requestOf(asked), 'LogoutRequest', keys)) }));
});

const changed = (query: string, name: string, value: string) => {
  const parts = query.split('&').filter((part) => !part.startsWith(`${name}=`));
  return value === '' ? parts.join('&') : [...parts, `${name}=${value}`].join('&');
};

test.each<[string, (xml: string) => string]>([
  ['is not signed', (xml) => changed(changed(redirectQuery(xml, keys), 'Signature', ''), 'SigAlg', '')],
  ['has no signature', (xml) => changed(redirectQuery(xml, keys), 'Signature', '')],
  ['has no algorithm', (xml) => changed(redirectQuery(xml, keys), 'SigAlg', '')],
  ['is signed by somebody else', (xml) => redirectQuery(xml, stranger)],
  [
    'is signed with SHA-1',
    (xml) => redirectQuery(xml, keys, { algorithm: SHA1.signatureAlgorithm, hash: 'sha1' }),
  ],
  ['has a RelayState added', (xml) => `${redirectQuery(xml, keys)}&RelayState=x`],
  [
    'has its RelayState changed',
    (xml) => changed(redirectQuery(xml, keys, { relayState: 'a' }), 'RelayState', 'b'),
  ],
  [
    'is there twice',
    (xml) => {
      const [other] = redirectQuery(requestOf({ nameId: 'x@example.org' }), stranger).split('&');
      return `${redirectQuery(xml, keys)}&${other}`;
    },
  ],
  [
    'stands behind another that is signed',
    (xml) => {
      const [evil] = redirectQuery(xml, stranger).split('&');
      return `${evil}&x${redirectQuery(requestOf({ nameId: 'x@example.org' }), keys)}`;
    },
  ],
  ['is no base64', () => redirectQuery('x', keys).replace(/SAMLRequest=[^&]+/, 'SAMLRequest=%')],
  ['cannot be inflated', (xml) => redirectQuery(xml, keys).replace(/SAMLRequest=[^&]+/, 'SAMLRequest=AAAA')],
  ['has an entity', (xml) => redirectQuery(`<!DOCTYPE x [<!ENTITY e "x">]>${xml}`, keys)],
  ['is no logout request', (xml) => redirectQuery(xml.replaceAll('LogoutRequest', 'AuthnRequest'), keys)],
  ['is an answer', (xml) => redirectQuery(xml.replaceAll('LogoutRequest', 'LogoutResponse'), keys)],
  [
    'is larger than anybody sends',
    (xml) => redirectQuery(xml.replace('>', ` a="${'x'.repeat(300_000)}">`), keys),
  ],
])('a request by an address that %s ends nothing', async (_, query) => {
  await refusedBy(() => bringAddress(query(requestOf())));
});

test.each<[string, (xml: string) => string]>([
  ['is not signed', (xml) => xml],
  ['is signed by somebody else', (xml) => sign(xml, 'LogoutRequest', stranger)],
  [
    'is signed by somebody else, with our provider’s certificate in it',
    (xml) => sign(xml, 'LogoutRequest', { ...stranger, certificate: keys.certificate }),
  ],
  ['is signed with SHA-1', (xml) => sign(xml, 'LogoutRequest', keys, SHA1)],
  [
    'was changed afterwards',
    (xml) => sign(xml.replace('ada@', 'eve@'), 'LogoutRequest', keys).replace('eve@', 'ada@'),
  ],
  [
    'has a signed one inside',
    (xml) => {
      const signed = sign(xml.replace('ada@', 'eve@'), 'LogoutRequest', keys);
      const [signature = ''] = /<ds:Signature .*<\/ds:Signature>/s.exec(signed) ?? [];
      const wrapped = signature.replace('</ds:Signature>', `<ds:Object>${signed}</ds:Object></ds:Signature>`);
      return xml.replace('</saml:Issuer>', `</saml:Issuer>${wrapped}`).replace(/ID="_l\d+"/, 'ID="_evil"');
    },
  ],
  [
    'carries a signed one as an extension',
    (xml) => {
      const signed = sign(xml.replace('ada@', 'eve@'), 'LogoutRequest', keys);
      const outer = xml.replace(/ID="_l\d+"/, 'ID="_evil"');
      return outer.replace('</saml:Issuer>', `</saml:Issuer><samlp:Extensions>${signed}</samlp:Extensions>`);
    },
  ],
])('a request by a form that %s ends nothing', async (_, change) => {
  await refusedBy(() => bringForm({ SAMLRequest: encode(change(requestOf())) }));
});

test('a request is good once', async () => {
  const one = await device();
  const query = redirectQuery(requestOf({ id: '_only-once' }), keys);
  expect((await bringAddress(query)).status).toBe(302);
  expect(await isIn(one)).toBe(false);
  await refusedBy(() => bringAddress(query));
  // By whatever way it comes again.
  const again = sign(requestOf({ id: '_only-once' }), 'LogoutRequest', keys);
  await refusedBy(() => bringForm({ SAMLRequest: encode(again) }));
});

test('a refused request is not used up by that', async () => {
  const one = await device();
  const query = redirectQuery(requestOf({ indexes: [one.index] }), keys);
  expect((await bringAddress(`${query}&RelayState=x`)).status).toBe(400);
  expect((await bringAddress(query)).status).toBe(302);
  expect(await isIn(one)).toBe(false);
});

test('our answers and requests are signed where there is a key', async () => {
  const private_key = stranger.privateKey.export({ type: 'pkcs8', format: 'pem' });
  await having({ private_key, public_cert: stranger.certificate }, async () => {
    const one = await device();
    const answer = readLogoutMessage((await askByAddress()).location);
    expect(isSignedRedirect(answer.query, stranger.certificate)).toBe(true);
    expect(await isIn(one)).toBe(false);
    const asked = readLogoutMessage(String(await logOutBySocket(await device())));
    expect(isSignedRedirect(asked.query, stranger.certificate)).toBe(true);
  });
});

test('a provider that wants no answer gets none', async () => {
  const one = await device();
  await having({ idp_slo_redirect_url: '' }, async () => {
    expect(await askByAddress()).toMatchObject({ status: 302, location: server.url });
    expect(await isIn(one)).toBe(false);
  });
});

async function logOutBySocket({ authToken }: Device, provider: unknown = 'acme') {
  const socket = await DdpClient.connect(server.url);
  await socket.call('login', { resume: authToken });
  try {
    return await socket.call('samlLogout', provider);
  } finally {
    socket.close();
  }
}

test('whoever logs out here learns where to go, and is logged out at once', async () => {
  const [one, other] = [await device(), await device()];
  const socket = await DdpClient.connect(server.url);
  await socket.call('login', { resume: one.authToken });
  const twin = await DdpClient.connect(server.url);
  await twin.call('login', { resume: one.authToken });
  const address = String(await socket.call('samlLogout', 'acme'));
  const { xml, address: at } = readLogoutMessage(address);
  expect(at).toBe('https://idp.example/slo');
  expect(xml).toContain('<samlp:LogoutRequest');
  expect(xml).toContain(`Destination="${SLO.replace('&', '&amp;')}"`);
  expect(xml).toContain('>ada@example.org</saml:NameID>');
  expect(xml).toContain('nameid-format:emailAddress');
  expect(xml).toContain(`>${one.index}<`);
  await twin.closed;
  expect(await areIn([one, other])).toEqual([false, true]);
  // The socket of the call is nobody's from then on.
  await expect(socket.call('samlLogout', 'acme')).rejects.toMatchObject({ error: 'error-invalid-user' });
  socket.close();

  // Clients let the browser be sent on from here.
  const sent = await open(`/_saml/sloRedirect/acme/?redirect=${encodeURIComponent(address)}`);
  expect({ status: sent.status, location: sent.headers.get('location') }).toEqual({
    status: 302,
    location: address,
  });
  // And the provider sends it back.
  for (const path of ['/_saml/logout/acme', '/_saml/sloRedirect/acme'])
    expect(await bringAddress('SAMLResponse=whatever', path)).toMatchObject({
      status: 302,
      location: `${server.url}/`,
    });
  expect(await bringForm({ SAMLResponse: 'whatever' })).toMatchObject({
    status: 303,
    location: `${server.url}/`,
  });
  expect(await isIn(other)).toBe(true);
});

test('over HTTP it is the same', async () => {
  const one = await device();
  const message = JSON.stringify({ msg: 'method', id: 'x', method: 'samlLogout', params: ['acme'] });
  const headers = { 'x-user-id': one.userId, 'x-auth-token': one.authToken };
  const { body } = await server.anonymous.post('method.call/samlLogout', { message }, headers);
  expect(readLogoutMessage(JSON.parse(body.message).result).xml).toContain(one.index);
  expect(await isIn(one)).toBe(false);
});

test('where there is no address the client logs out by itself', async () => {
  const bob = await server.person('bob');
  const byPassword = { userId: bob.uid, authToken: bob.token, index: '' };
  expect(await logOutBySocket(byPassword)).toBeUndefined();
  const one = await device();
  expect(await logOutBySocket(one, 'other')).toBeUndefined();
  for (const settings of [
    { logout_behaviour: 'Local' },
    { idp_slo_redirect_url: '' },
    { idp_slo_redirect_url: 'javascript:alert(1)' },
    { cert: '' },
    { '': false },
  ])
    await having(settings, async () => expect(await logOutBySocket(one)).toBeUndefined());
  expect(await areIn([byPassword, one])).toEqual([true, true]);
  await expect(logOutBySocket(one, 5)).rejects.toMatchObject({ error: 400 });
});

test('clients see in the published service whether to ask', async () => {
  const published = async () => (await server.anonymous.get('service.configurations')).body.configurations[0];
  expect(await published()).toMatchObject({ logoutBehaviour: 'SAML', idpSLORedirectURL: SLO });
  await having({ logout_behaviour: 'Local' }, async () =>
    expect(await published()).toMatchObject({ logoutBehaviour: 'Local', idpSLORedirectURL: SLO }),
  );
});

test.each([
  'https://evil.example/slo?SAMLRequest=x',
  'https://idp.example/other?SAMLRequest=x',
  'https://idp.example@evil.example/slo?SAMLRequest=x',
  'https://user@idp.example/slo?SAMLRequest=x',
  'http://idp.example/slo?SAMLRequest=x',
  'https://idp.example/slo',
  '//idp.example/slo?SAMLRequest=x',
  'javascript:alert(1)',
  '',
])('nobody is sent on to %j', async (redirect) => {
  const answer = await open(`/_saml/sloRedirect/acme/?redirect=${encodeURIComponent(redirect)}`);
  expect({ status: answer.status, location: answer.headers.get('location') }).toEqual({
    status: 400,
    location: null,
  });
});

test('a browser that comes without sense is told so', async () => {
  for (const path of ['/_saml/logout/acme', '/_saml/sloRedirect/acme']) {
    expect(await bringAddress('', path)).toMatchObject({ status: 400, location: '' });
    expect(await bringForm({}, path)).toMatchObject({ status: 400, location: '' });
  }
  expect((await bringAddress('SAMLRequest=a&SAMLRequest=b')).status).toBe(400);
  expect((await bringForm({ 'SAMLRequest[a]': 'x' })).status).toBe(400);
  expect((await bringForm({ SAMLRequest: '<xml/>' })).status).toBe(400);
  for (const path of ['/_saml/logout/other', '/_saml/sloRedirect/other'])
    expect((await bringAddress(redirectQuery(requestOf(), keys), path)).status).toBe(404);
  await having({ '': false }, async () => expect((await askByAddress()).status).toBe(404));
});
