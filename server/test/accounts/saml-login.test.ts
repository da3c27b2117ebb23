import { beforeAll, expect, test } from 'vitest';
import { newToken } from '../../src/kernel/ids.ts';
import { DdpClient } from '../support/ddp-client.ts';
import {
  isSignedRedirect,
  type Keys,
  newKeys,
  responseXml,
  type Said,
  SHA1,
  sign,
  signAll,
} from '../support/identity-provider.ts';
import type { TestServer } from '../support/server.ts';
import { samlWorld } from './saml-world.ts';

/** Logging in by a SAML identity provider, and everything that must not get anybody in. */

const world = samlWorld();
const { keys, HERE, having, open, begin, bring, logIn, goThrough, comeIn } = world;
const ELSEWHERE = { 'x-real-ip': '203.0.113.9' };
const stranger = newKeys();
const NOT_MATCHED = { status: 401, body: { message: 'No matching login attempt found' } };
const PERSISTENT = 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent';
const TRANSIENT = 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient';

let server: TestServer;
beforeAll(() => {
  server = world.server();
});

const ADA: Said = {
  nameId: 'ada@example.org',
  attributes: { username: 'ada', email: 'ada@example.org', cn: 'Ada L.' },
};

test('what goes to the provider says who asks and where to answer', async () => {
  const token = newToken();
  const { id, issuer, callback, relayState, xml } = await begin(token);
  expect(id).toMatch(/^_[0-9a-f]{40}$/);
  expect({ issuer, callback, relayState }).toEqual({
    issuer: `${server.url}/_saml/metadata/acme`,
    callback: `${server.url}/_saml/validate/acme`,
    relayState: token,
  });
  expect(xml).toContain('Destination="https://idp.example/sso"');
  expect(xml).toContain('urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress');
  expect(xml).toContain('ac:classes:PasswordProtectedTransport');
});

test('somebody comes in by REST and by DDP, with one account', async () => {
  const { token, location } = await goThrough(ADA);
  expect(location).toBe(`${server.url}/saml/${token}?saml_idp_credentialToken=${token}`);
  const page = await open(location?.slice(server.url.length) ?? '');
  expect(page.status).toBe(200);
  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
  expect(await page.text()).toContain('window.close()');
  const rest = await logIn(token);
  expect(rest.body.data.me).toMatchObject({
    username: 'ada',
    name: 'Ada L.',
    emails: [{ address: 'ada@example.org', verified: true }],
    roles: ['user'],
  });

  const { token: second, asked, xml } = await goThrough(ADA, (made) => made);
  expect((await bring(signAll(xml, keys), asked.relayState, { 'x-real-ip': '127.0.0.1' })).status).toBe(303);
  const socket = await DdpClient.connect(server.url);
  const login = await socket.call('login', { saml: true, credentialToken: second });
  expect(login).toMatchObject({ id: rest.body.data.userId, type: 'saml' });
  socket.close();
});

test('clients learn what they need to begin, and no key', async () => {
  const record = {
    _id: expect.stringMatching(/^\w{17}$/),
    service: 'saml',
    provider: 'acme',
    clientConfig: { provider: 'acme' },
    buttonLabelText: 'SAML',
    buttonLabelColor: '#FFFFFF',
    buttonColor: '#1d74f5',
    showButton: true,
    logoutBehaviour: 'Local',
  };
  const configurations = async () =>
    (await server.anonymous.get('service.configurations')).body.configurations;
  expect(await configurations()).toEqual([record]);
  expect((await server.anonymous.get('settings.oauth')).body.services).toEqual([record]);
  await having({ '': false }, async () => expect(await configurations()).toEqual([]));
});

test('metadata tell the provider of us', async () => {
  const answer = await open('/_saml/metadata/acme');
  expect(answer.headers.get('content-type')).toContain('xml');
  const xml = await answer.text();
  expect(xml).toContain(`entityID="${server.url}/_saml/metadata/acme"`);
  expect(xml).toContain(`Location="${server.url}/_saml/validate/acme"`);
  expect(xml).toContain('WantAssertionsSigned="true"');
  for (const binding of ['HTTP-Redirect', 'HTTP-POST'])
    expect(xml).toContain(
      `<SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:${binding}" Location="${server.url}/_saml/logout/acme"/>`,
    );
  expect((await open('/_saml/metadata/other')).status).toBe(404);
});

test('with a key our requests are signed', async () => {
  const private_key = stranger.privateKey.export({ type: 'pkcs8', format: 'pem' });
  await having({ private_key, public_cert: stranger.certificate }, async () => {
    const { query } = await begin(newToken());
    expect(isSignedRedirect(query, stranger.certificate)).toBe(true);
    expect(await (await open('/_saml/metadata/acme')).text()).toContain('KeyDescriptor');
    expect((await comeIn(ADA)).status).toBe(200);
  });
});

/** Each is refused, and nobody comes in afterwards. */
async function expectRefused({
  token,
  status,
  location,
}: {
  token: string;
  status: number;
  location: string | null;
}) {
  expect({ status, location }).toEqual({ status: 400, location: null });
  expect(await logIn(token)).toMatchObject(NOT_MATCHED);
}

const EVIL = 'root@example.com';
const signAssertion = (xml: string, by: Keys = keys) => sign(xml, 'Assertion', by);
const signResponse = (xml: string, by: Keys = keys) => sign(xml, 'Response', by);

test.each<[string, (xml: string) => string]>([
  ['is not signed', (xml) => xml],
  ['is signed by somebody else', (xml) => signAll(xml, stranger)],
  [
    'is signed by somebody else, with our provider’s certificate in it',
    (xml) => signAll(xml, { ...stranger, certificate: keys.certificate }),
  ],
  ['has only its assertion signed', (xml) => signAssertion(xml)],
  ['has only itself signed', (xml) => signResponse(xml)],
  ['has its assertion signed by somebody else', (xml) => signResponse(signAssertion(xml, stranger))],
  ['is signed with SHA-1', (xml) => sign(sign(xml, 'Assertion', keys, SHA1), 'Response', keys, SHA1)],
  ['was changed afterwards', (xml) => signAll(xml, keys).replaceAll('ada@example.org', EVIL)],
  [
    'has a changed digest',
    (xml) => signAll(xml, keys).replace(/(?<=<ds:DigestValue>)./, (was) => (was === 'A' ? 'B' : 'A')),
  ],
  [
    'has an empty signature',
    (xml) => signAll(xml, keys).replace(/<ds:SignatureValue>[^<]+/, '<ds:SignatureValue>'),
  ],
  [
    'has an HMAC for a signature',
    (xml) => signAll(xml, keys).replaceAll('xmldsig-more#rsa-sha256', 'xmldsig-more#hmac-sha256'),
  ],
])('an answer that %s is refused', async (_, change) => {
  await expectRefused(await goThrough(ADA, change));
});

test.each<[string, Said]>([
  ['has expired', { notOnOrAfter: -1 }],
  ['is not valid yet', { notBefore: 30 }],
  ['may not be used any more', { confirmedUntil: -1 }],
  ['may be used for ever', { confirmedUntil: null }],
  ['is for somebody else', { audience: 'https://other.example' }],
  ['is for anybody', { audience: null }],
  ['is for another address', { recipient: 'https://other.example/acs' }],
  ['is for any address', { recipient: null }],
  ['was sent to another address', { destination: 'https://other.example/acs' }],
  ['answers another request inside', { confirmedFor: '_another' }],
  ['answers no request inside', { confirmedFor: null }],
  ['answers a request that nobody made', { inResponseTo: '_nobody' }],
  ['needs another proof', { method: 'urn:oasis:names:tc:SAML:2.0:cm:holder-of-key' }],
  ['names nobody', { nameId: '', format: TRANSIENT }],
])('a signed answer that %s is refused', async (_, said) => {
  await expectRefused(await goThrough({ ...(said.nameId === '' ? {} : ADA), ...said }));
});

test('an answer that nobody asked for is refused', async () => {
  const removed = await goThrough(ADA, (xml) => signAll(xml.replaceAll(/ InResponseTo="[^"]+"/g, ''), keys));
  await expectRefused(removed);
});

test('an answer is good once, for the login that it answers', async () => {
  const first = await goThrough(ADA);
  expect(first.status).toBe(303);
  await expectRefused({ ...(await bring(first.xml, first.asked.relayState)), token: newToken() });
  expect((await logIn(first.token)).status).toBe(200);
  await expectRefused({ ...(await bring(first.xml, first.asked.relayState)), token: first.token });

  // Somebody else's answer, with the token of the own login.
  const stolen = await goThrough(ADA, (xml) => xml);
  const mine = newToken();
  await begin(mine);
  await expectRefused({ ...(await bring(signAll(stolen.xml, keys), mine)), token: mine });

  const raced = await goThrough(ADA, (xml) => xml);
  const xml = signAll(raced.xml, keys);
  const answers = await Promise.all([1, 2, 3].map(() => bring(xml, raced.asked.relayState)));
  expect(answers.map(({ status }) => status).sort()).toEqual([303, 400, 400]);
});

const between = (xml: string, from: string, to: string) =>
  xml.slice(xml.indexOf(from), xml.indexOf(to) + to.length);
const assertionOf = (xml: string) => between(xml, '<saml:Assertion', '</saml:Assertion>');
const forged = (xml: string) =>
  assertionOf(xml)
    .replace(/<ds:Signature .*<\/ds:Signature>/s, '')
    .replaceAll('ada@example.org', EVIL)
    .replace(/ID="_a/, 'ID="_evil');

test.each<[string, (xml: string) => string]>([
  ['beside the signed assertion', (xml) => xml.replace('<saml:Assertion', `${forged(xml)}<saml:Assertion`)],
  ['after it', (xml) => xml.replace('</saml:Assertion>', `</saml:Assertion>${forged(xml)}`)],
  [
    'around it',
    (xml) =>
      xml.replace(
        assertionOf(xml),
        forged(xml).replace('</saml:Assertion>', `${assertionOf(xml)}</saml:Assertion>`),
      ),
  ],
  [
    'in place of it, with it in an extension',
    (xml) =>
      xml
        .replace(assertionOf(xml), forged(xml))
        .replace('<samlp:Status>', `<samlp:Extensions>${assertionOf(xml)}</samlp:Extensions><samlp:Status>`),
  ],
  [
    'in place of it, with it in an object of the signature',
    (xml) => {
      const signature = between(assertionOf(xml), '<ds:Signature', '</ds:Signature>');
      const bare = assertionOf(xml).replace(signature, '');
      const wrapped = signature.replace('</ds:Signature>', `<ds:Object>${bare}</ds:Object></ds:Signature>`);
      return xml.replace(assertionOf(xml), forged(xml).replace('</saml:Issuer>', `</saml:Issuer>${wrapped}`));
    },
  ],
  [
    'with the id of the signed one',
    (xml) => xml.replace('<saml:Assertion', `${forged(xml).replace('_evil', '_a')}<saml:Assertion`),
  ],
  [
    'in another namespace',
    (xml) =>
      xml.replace(
        '<saml:Assertion',
        `${forged(xml).replaceAll('saml:', 'x:').replace('<x:Assertion', '<x:Assertion xmlns:x="urn:x"')}<saml:Assertion`,
      ),
  ],
])('with a forged assertion %s nobody comes in', async (_, change) => {
  for (const signature_validation_type of ['All', 'Assertion', 'Either']) {
    await having({ signature_validation_type }, async () => {
      await expectRefused(await goThrough(ADA, (xml) => change(signAssertion(xml))));
      await expectRefused(await goThrough(ADA, (xml) => change(signAll(xml, keys))));
    });
  }
});

test('a signed response inside of a forged one lets nobody in', async () => {
  for (const signature_validation_type of ['All', 'Response', 'Either']) {
    await having({ signature_validation_type }, async () => {
      const wrap = (xml: string) => {
        const signed = signAll(xml, keys);
        const signature = between(signed, '<ds:Signature', '</ds:Signature>');
        const evil = signed.replace(assertionOf(signed), forged(signed)).replace(/ID="_r/, 'ID="_evil-r');
        const inner = signature.replace('</ds:Signature>', `<ds:Object>${signed}</ds:Object></ds:Signature>`);
        return evil.replace(signature, inner);
      };
      await expectRefused(await goThrough(ADA, wrap));
    });
  }
});

test.each<[string, (xml: string) => string]>([
  ['a document type', (xml) => `<!DOCTYPE x>${signAll(xml, keys)}`],
  [
    'an entity of its own',
    (xml) =>
      `<!DOCTYPE x [<!ENTITY e "root@example.com">]>${signAll(xml, keys).replace('>ada@example.org</saml:NameID', '>&e;</saml:NameID')}`,
  ],
  [
    'an entity of the disk',
    (xml) =>
      `<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>${signAll(xml, keys).replace('Ada L.', '&e;')}`,
  ],
  [
    'a comment in the name',
    (xml) =>
      signAll(xml, keys).replace(
        'ada@example.org</saml:NameID',
        'ada@example.org<!-- -->.evil.example</saml:NameID',
      ),
  ],
  [
    'a comment in the name that was signed',
    (xml) =>
      signAll(
        xml.replace('ada@example.org</saml:NameID', 'ada@example.org<!-- -->.evil.example</saml:NameID'),
        keys,
      ),
  ],
  [
    'an instruction in the name',
    (xml) =>
      signAll(xml, keys).replace('ada@example.org</saml:NameID', 'ada@example.org<?x y?></saml:NameID'),
  ],
  [
    'CDATA in the name',
    (xml) =>
      signAll(xml, keys).replace('ada@example.org</saml:NameID', '<![CDATA[ada@example.org]]></saml:NameID'),
  ],
  [
    'an element in the name',
    (xml) => signAll(xml.replace('ada@example.org</saml:NameID', 'ada@example.org<b/></saml:NameID'), keys),
  ],
  [
    'two names',
    (xml) =>
      signAll(xml.replace('<saml:NameID', '<saml:NameID>root@example.com</saml:NameID><saml:NameID'), keys),
  ],
  [
    'an encrypted assertion',
    (xml) => signResponse(xml.replace('<saml:Assertion', '<saml:EncryptedAssertion/><saml:Assertion')),
  ],
  ['no assertion', (xml) => signResponse(xml.replace(assertionOf(xml), ''))],
  ['a second root', (xml) => signAll(xml, keys) + signAll(xml, keys)],
  ['no end', (xml) => signAll(xml, keys).slice(0, -20)],
  ['another root', (xml) => signAll(xml, keys).replaceAll('samlp:Response', 'samlp:LogoutResponse')],
])('an answer with %s is refused', async (_, change) => {
  await expectRefused(await goThrough(ADA, change));
});

test('what has to be signed is a setting, and something always has to be', async () => {
  const cases = [
    ['Response', [400, 303, 400, 303]],
    ['Assertion', [400, 400, 303, 303]],
    ['Either', [400, 303, 303, 303]],
    ['All', [400, 400, 400, 303]],
  ] as const;
  for (const [signature_validation_type, expected] of cases) {
    await having({ signature_validation_type }, async () => {
      const changes = [
        (xml: string) => xml,
        signResponse,
        signAssertion,
        (xml: string) => signAll(xml, keys),
      ];
      const statuses: number[] = [];
      for (const change of changes) statuses.push((await goThrough(ADA, (xml) => change(xml))).status);
      expect({ signature_validation_type, statuses }).toEqual({
        signature_validation_type,
        statuses: expected,
      });
    });
  }
});

test('the certificates of a provider that changes them are both good', async () => {
  const pem = (certificate: string) =>
    `-----BEGIN CERTIFICATE-----\n${certificate.replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----`;
  await having({ cert: `${pem(stranger.certificate)}\n${pem(keys.certificate)}\n` }, async () => {
    for (const by of [keys, stranger])
      expect((await goThrough(ADA, (xml) => signAll(xml, by))).status).toBe(303);
  });
});

test('clocks may differ by as much as the setting says', async () => {
  const said = { ...ADA, notOnOrAfter: -5, confirmedUntil: -5 };
  expect((await goThrough(said)).status).toBe(400);
  await having({ allowed_clock_drift: 60_000 }, async () => expect((await goThrough(said)).status).toBe(303));
});

test('whoever lures somebody to the page with a token of their own does not come in as them', async () => {
  const { token } = await goThrough(ADA);
  expect(await logIn(token, ELSEWHERE)).toMatchObject(NOT_MATCHED);
  const oauth = { credentialToken: `saml ${token}`, credentialSecret: `from ${HERE['x-real-ip']}` };
  const answer = await server.anonymous.post('login', { oauth }, ELSEWHERE);
  expect(answer.body.message).toBe('No registered oauth service found for: saml');
  expect(await server.anonymous.post('login', { cas: { credentialToken: token } }, HERE)).toMatchObject({
    status: 401,
  });
  expect((await logIn(token)).status).toBe(200);
  await having({ same_address: false }, async () => {
    const { token: another } = await goThrough(ADA);
    expect((await logIn(another, ELSEWHERE)).status).toBe(200);
  });
});

test.each([
  ['an address', 'https://evil.example/'],
  ['a script', 'javascript:alert(1)//aaaaaaaaaaaa'],
  ['a path', '//evil.example/aaaaaaaaaaaaaaaa'],
  ['nothing', ''],
  ['another token', 'another-token-that-is-long-enough'],
])('a RelayState that is %s leads nowhere', async (_, relayState) => {
  const { asked } = await goThrough(ADA, (xml) => xml);
  const answer = await bring(signAll(responseXml(asked, ADA), keys), relayState);
  expect(answer).toMatchObject({ status: 400, location: null });
  expect(answer.html).not.toContain('evil.example');
});

test('a browser that begins or ends without sense is told so', async () => {
  expect((await open('/_saml/authorize/acme/short')).status).toBe(400);
  expect((await open(`/_saml/authorize/other/${newToken()}`)).status).toBe(404);
  expect((await open('/saml/%22%3E%3Cscript%3E')).status).toBe(400);
  const post = (body: string, type = 'application/x-www-form-urlencoded') =>
    fetch(`${server.url}/_saml/validate/acme`, { method: 'POST', body, headers: { 'content-type': type } });
  for (const body of [
    '',
    'SAMLResponse=x',
    `RelayState=${newToken()}`,
    `RelayState=${newToken()}&SAMLResponse[a]=x`,
    `RelayState=${newToken()}&SAMLResponse=%3Cxml/%3E`,
  ])
    expect((await post(body)).status).toBe(400);
  expect((await post('{"SAMLResponse":{"$ne":1},"RelayState":["x"]}', 'application/json')).status).toBe(400);
  expect((await post(`RelayState=${newToken()}&SAMLResponse=${'A'.repeat(300_000)}`)).status).toBe(400);
  expect((await post('A'.repeat(600_000))).status).toBe(413);
});

test('a provider that lets somebody not in is told apart', async () => {
  const page = await goThrough({ status: 'Responder' }, (xml) => xml);
  expect(page.status).toBe(400);
  expect(page.html).toContain('The login service did not accept the login');
});

test('a service that is not set up begins nothing', async () => {
  for (const broken of [
    { cert: '' },
    { cert: 'no certificate!' },
    { entry_point: '' },
    { entry_point: 'javascript:alert(1)' },
  ])
    await having(broken, async () => {
      expect((await open(`/_saml/authorize/acme/${newToken()}`)).status).toBe(502);
    });
});

test('nobody gets at an account by an address or a name, unless the administrator says so', async () => {
  const dora = await server.person('dora');
  const said = { nameId: 'x', attributes: { username: 'dora', email: 'dora@example.com' } };
  expect(await comeIn(said)).toMatchObject({
    status: 401,
    body: { error: 403, message: 'Email already exists.' },
  });
  const byName = { nameId: 'x', attributes: { username: 'dora', email: 'other@example.com' } };
  expect((await comeIn(byName)).body.error).toBe('error-field-unavailable');
  await having({ merge_users: true }, async () => {
    expect((await comeIn(said)).body.data.userId).toBe(dora.uid);
  });
  expect((await comeIn(said)).body.data.userId).toBe(dora.uid);

  const emil = await server.person('emil');
  await having({ merge_users: true, immutable_property: 'Username' }, async () => {
    const answer = await comeIn({ nameId: 'y', attributes: { username: 'emil', email: 'y@example.net' } });
    expect(answer.body.data.userId).toBe(emil.uid);
  });
});

test('people are told apart by an id that stays, and not by one that does not', async () => {
  const first = await comeIn({
    nameId: 'opaque-1',
    format: PERSISTENT,
    attributes: { username: 'gus', email: 'gus@example.org' },
  });
  const renamed = await comeIn({
    nameId: 'opaque-1',
    format: PERSISTENT,
    attributes: { username: 'gustav', email: 'gustav@example.org' },
  });
  expect(renamed.body.data.userId).toBe(first.body.data.userId);
  expect(renamed.body.data.me.username).toBe('gus');
  const hal = { username: 'hal', email: 'hal@example.org' };
  const one = await comeIn({ nameId: 't1', format: TRANSIENT, attributes: hal });
  const two = await comeIn({ nameId: 't2', format: TRANSIENT, attributes: hal });
  expect(two.body.data.userId).toBe(one.body.data.userId);
});

test('attributes are named by the settings', async () => {
  const user_data_fieldmap = '{"username":"uid","email":"mail","name":"displayName"}';
  await having({ user_data_fieldmap, username_normalize: 'Lowercase' }, async () => {
    const { body } = await comeIn({
      nameId: 'Ida@example.org',
      attributes: {
        uid: 'IDA',
        mail: ['ida@example.net', 'second@example.net'],
        displayName: 'Ida &amp; co',
      },
    });
    expect(body.data.me).toMatchObject({
      username: 'ida',
      name: 'Ida & co',
      emails: [{ address: 'ida@example.net', verified: true }],
    });
  });
});

test('name and address follow the provider where the settings say so', async () => {
  const told = (name: string) => ({
    nameId: 'opaque-kim',
    format: PERSISTENT,
    attributes: { username: 'kim', email: `${name}@example.org`, cn: name },
  });
  const before = await comeIn(told('kim'));
  expect((await comeIn(told('kimberly'))).body.data.me).toMatchObject({ name: 'kim' });
  await having({ name_overwrite: true, mail_overwrite: true }, async () => {
    const { userId, me } = (await comeIn(told('kimberly'))).body.data;
    expect({ userId, name: me.name, emails: me.emails, username: me.username }).toEqual({
      userId: before.body.data.userId,
      name: 'kimberly',
      emails: [{ address: 'kimberly@example.org', verified: true }],
      username: 'kim',
    });
    // That of somebody else stays theirs.
    expect((await comeIn(told('root'))).body.data.me.emails[0].address).toBe('root@example.org');
    const taken = {
      ...told('kimberly'),
      attributes: { username: 'kim', email: 'root@example.com', cn: 'K' },
    };
    expect((await comeIn(taken)).body.data.me).toMatchObject({
      name: 'K',
      emails: [{ address: 'root@example.org' }],
    });
  });
});

test('newcomers may be refused', async () => {
  await having({ Accounts_Registration_AuthenticationServices_Enabled: false }, async () => {
    expect((await comeIn({ nameId: 'new@example.org' })).body.error).toBe(
      'registration-disabled-authentication-services',
    );
  });
});

test('switched off, it begins nothing and ends nothing', async () => {
  const { token, asked } = await goThrough(ADA);
  await having({ '': false }, async () => {
    expect((await open(`/_saml/authorize/acme/${newToken()}`)).status).toBe(404);
    expect((await bring(signAll(responseXml(asked, ADA), keys), asked.relayState)).status).toBe(404);
    expect((await logIn(token)).body).toMatchObject({
      error: 400,
      message: 'Unrecognized options for login request',
    });
  });
  expect((await logIn(token)).status).toBe(200);
});

test('what is stored of a login opens nothing', async () => {
  const token = newToken();
  const { id } = await begin(token);
  await goThrough(ADA);
  const rows = await server.server.ctx.db.selectFrom('pending_credentials').selectAll().execute();
  for (const secret of [token, id]) expect(JSON.stringify(rows)).not.toContain(secret);
});
