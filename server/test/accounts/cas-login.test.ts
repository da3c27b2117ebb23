import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { newToken } from '../../src/kernel/ids.ts';
import { type CasServer, response, startCasServer } from '../support/cas-server.ts';
import { DdpClient } from '../support/ddp-client.ts';
import { startServer, type TestServer } from '../support/server.ts';

/** Logging in by a CAS server, and by one that does everything wrong. */

let server: TestServer;
let cas: CasServer;
const NOT_MATCHED = { status: 401, body: { message: 'No matching login attempt found' } };

beforeAll(async () => {
  server = await startServer({ outboundAllow: ['127.0.0.1'] });
  cas = await startCasServer();
  await set('Site_Url', server.url);
  await set('CAS_base_url', `${cas.url}/`);
  await set('CAS_login_url', `${cas.url}/login`);
  await set('CAS_enabled', true);
});
afterEach(() => {
  cas.answer = undefined;
});
afterAll(async () => {
  await server.close();
  await cas.close();
});

async function set(id: string, value: unknown) {
  const { status, body } = await server.admin.post(`settings/${id}`, { value });
  if (status !== 200) throw new Error(`${id} was not set: ${JSON.stringify(body)}`);
}

/** Sets settings for the time of some work. */
async function having<T>(values: Record<string, unknown>, work: () => Promise<T>): Promise<T> {
  const before = Object.keys(values).map((id) => [id, server.server.ctx.settings.value(id)] as const);
  for (const [id, value] of Object.entries(values)) await set(id, value);
  try {
    return await work();
  } finally {
    for (const [id, value] of before) await set(id, value);
  }
}

const from = (ip: string) => ({ 'x-real-ip': ip });
const HERE = from('198.51.100.7');
const ELSEWHERE = from('203.0.113.9');

async function open(address: string, headers = HERE) {
  const answer = await fetch(address, { headers, redirect: 'manual' });
  return { status: answer.status, html: await answer.text(), headers: answer.headers };
}

/** The browser goes through the page of the server, and back with a ticket. */
const goThrough = (token: string, headers = HERE) => open(cas.visit(`${server.url}/_cas/${token}`), headers);

const logIn = (credentialToken: string, headers = HERE, more: object = {}) =>
  server.anonymous.post('login', { cas: { credentialToken }, ...more }, headers);

/** The whole way, as somebody. */
async function comeIn(user: string, attributes: Record<string, string | string[]> = {}) {
  cas.person = { user, attributes };
  const token = newToken();
  expect(await goThrough(token)).toMatchObject({ status: 200 });
  return logIn(token);
}

test.each(['1.0', '2.0', '3.0'])(
  'somebody comes in by version %s, always with one account',
  async (version) => {
    await having({ CAS_version: version }, async () => {
      const { status, body } = await comeIn('ada');
      expect(status).toBe(200);
      expect(body.data.me).toMatchObject({ username: 'ada', roles: ['user'] });
      const { body: again } = await comeIn('ada');
      expect(again.data.userId).toBe(body.data.userId);
      const token = newToken();
      await goThrough(token, from('127.0.0.1'));
      const socket = await DdpClient.connect(server.url);
      const login = await socket.call('login', { cas: { credentialToken: token } });
      expect(login).toMatchObject({ id: body.data.userId, type: 'cas' });
      socket.close();
    });
  },
);

test('clients learn what they need to begin', async () => {
  const record = {
    _id: expect.stringMatching(/^\w{17}$/),
    service: 'cas',
    enabled: true,
    base_url: `${cas.url}/`,
    login_url: `${cas.url}/login`,
    width: 810,
    height: 610,
    buttonLabelText: 'CAS',
    buttonLabelColor: '#FFFFFF',
    buttonColor: '#1d74f5',
    showButton: true,
  };
  const configurations = async () =>
    (await server.anonymous.get('service.configurations')).body.configurations;
  expect(await configurations()).toEqual([record]);
  expect((await server.anonymous.get('settings.oauth')).body.services).toEqual([record]);
  await having({ CAS_enabled: false }, async () => expect(await configurations()).toEqual([]));
});

test('the page closes itself, tells the token to nobody else, and runs nothing but its own script', async () => {
  cas.person = { user: 'ada' };
  const { html, headers } = await goThrough('a-token-of-sixteen');
  expect(html).toContain('&quot;credentialToken&quot;:&quot;a-token-of-sixteen&quot;');
  expect(html.match(/<script/g)).toHaveLength(1);
  expect(headers.get('content-security-policy')).toContain("default-src 'none'");
  expect(headers.get('cache-control')).toBe('no-store');
  expect(headers.get('referrer-policy')).toBe('no-referrer');
});

test('a token is good once, and a ticket for the token that it was made for', async () => {
  cas.person = { user: 'ada' };
  const token = newToken();
  const address = cas.visit(`${server.url}/_cas/${token}`);
  const other = newToken();
  expect(await open(address.replace(token, other))).toMatchObject({ status: 400 });
  expect(await logIn(other)).toMatchObject(NOT_MATCHED);
  // The server has spent the ticket on that.
  expect(await open(address)).toMatchObject({ status: 400 });
  expect(await logIn(token)).toMatchObject(NOT_MATCHED);

  const second = newToken();
  const back = cas.visit(`${server.url}/_cas/${second}`);
  expect(await open(back)).toMatchObject({ status: 200 });
  const answers = await Promise.all([logIn(second), logIn(second), logIn(second)]);
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401]);
  expect(await open(back)).toMatchObject({ status: 400 });
  expect(await logIn(second)).toMatchObject(NOT_MATCHED);
});

test('whoever lures somebody to the page with a token of their own does not come in as them', async () => {
  cas.person = { user: 'ada' };
  const token = newToken();
  await goThrough(token, HERE);
  expect(await logIn(token, ELSEWHERE)).toMatchObject(NOT_MATCHED);
  // Nor by the door of OAuth, though the address is no secret.
  const oauth = { credentialToken: `cas ${token}`, credentialSecret: 'from 198.51.100.7' };
  const answer = await server.anonymous.post('login', { oauth }, ELSEWHERE);
  expect(answer.body.message).toBe('No registered oauth service found for: cas');
  expect((await logIn(token, HERE)).status).toBe(200);
  await having({ CAS_same_address: false }, async () => {
    const another = newToken();
    await goThrough(another, HERE);
    expect((await logIn(another, ELSEWHERE)).status).toBe(200);
  });
});

test.each([
  ['a short token', '/_cas/short?ticket=ST-1', 400],
  ['a token of other characters', '/_cas/%22%3E%3Cscript%3Ealert(1)%3C/script%3E?ticket=ST-1', 404],
  ['a token with a quote', '/_cas/%22%3E%3Cscript%3Ealert(1)?ticket=ST-1', 400],
  ['no ticket', '/_cas/a-token-of-sixteen', 400],
  ['two tickets', '/_cas/a-token-of-sixteen?ticket=ST-1&ticket=ST-2', 400],
  ['an endless ticket', `/_cas/a-token-of-sixteen?ticket=${'S'.repeat(1001)}`, 400],
])('a browser that comes with %s is told so, and nobody is asked', async (_, path, status) => {
  cas.asked.length = 0;
  const page = await open(`${server.url}${path}`);
  expect(page.status).toBe(status);
  expect(page.html).not.toContain('<script>alert');
  expect(cas.asked).toEqual([]);
});

const success = (inside: string) =>
  response(`<cas:authenticationSuccess>${inside}</cas:authenticationSuccess>`);
const USER = '<cas:user>ada</cas:user>';

test.each([
  ['an error', { status: 500, body: 'yes\nada\n' }],
  ['a redirection', { status: 302, body: 'yes\nada\n' }],
  ['something else', { body: 'yessir\nada\n' }],
  ['nobody', { body: 'yes\n\n' }],
])('an answer of version 1.0 that is %s brings nobody in', async (_, answer) => {
  cas.answer = answer;
  const token = newToken();
  expect((await goThrough(token)).status).toBe(502);
  expect(await logIn(token)).toMatchObject(NOT_MATCHED);
});

test.each([
  ['lines', 'yes\nada\n', 502],
  [
    'no CAS',
    '<serviceResponse><authenticationSuccess><user>ada</user></authenticationSuccess></serviceResponse>',
    502,
  ],
  ['of another namespace', success(USER).replace('yale.edu', 'evil.example'), 502],
  ['without a user', success(''), 502],
  ['an empty user', success('<cas:user> </cas:user>'), 502],
  ['two users', success(`${USER}<cas:user>root</cas:user>`), 502],
  [
    'two successes',
    success(USER).replace(
      '</cas:serviceResponse>',
      `<cas:authenticationSuccess>${USER}</cas:authenticationSuccess></cas:serviceResponse>`,
    ),
    502,
  ],
  ['not well-formed', success(USER).slice(0, -5), 502],
  ['two documents', success(USER) + success(USER), 502],
  ['a document type', `<!DOCTYPE x [<!ENTITY a "root">]>${success('<cas:user>&a;</cas:user>')}`, 502],
  ['deep', success(USER + '<x>'.repeat(200) + '</x>'.repeat(200)), 502],
  [
    'a success for a proxy',
    success(`${USER}<cas:proxies><cas:proxy>https://evil.example</cas:proxy></cas:proxies>`),
    400,
  ],
  [
    'a failure beside a success',
    response(
      `<cas:authenticationFailure code="X">no</cas:authenticationFailure><cas:authenticationSuccess>${USER}</cas:authenticationSuccess>`,
    ),
    400,
  ],
])('an answer of version 2.0 that is %s brings nobody in', async (_, body, status) => {
  await having({ CAS_version: '2.0' }, async () => {
    cas.answer = { body };
    const token = newToken();
    expect((await goThrough(token)).status).toBe(status);
    expect(await logIn(token)).toMatchObject(NOT_MATCHED);
  });
});

test('a comment does not cut a username short', async () => {
  await having({ CAS_version: '2.0' }, async () => {
    cas.answer = { body: success('<cas:user>mallory<!-- -->.too</cas:user>') };
    const token = newToken();
    await goThrough(token);
    expect((await logIn(token)).body.data.me.username).toBe('mallory.too');
  });
});

test('a server that may not be asked is not', async () => {
  await having({ CAS_base_url: 'http://10.0.0.1/cas' }, async () => {
    expect((await goThrough(newToken())).status).toBe(502);
  });
});

test('attributes become name and address, by the map where there is one', async () => {
  await having({ CAS_version: '3.0' }, async () => {
    const plain = await comeIn('bea', { mail: 'bea@example.org', displayName: 'Bea B.', role: ['x', 'y'] });
    expect(plain.body.data.me).toMatchObject({
      username: 'bea',
      name: 'Bea B.',
      emails: [{ address: 'bea@example.org', verified: true }],
    });
    const CAS_Sync_User_Data_FieldMap =
      '{"name":"%first% %last%","email":"%uid%@example.net","username":"%missing%"}';
    await having(
      { CAS_Sync_User_Data_FieldMap, Accounts_Verify_Email_For_External_Accounts: false },
      async () => {
        const mapped = await comeIn('cleo', { first: 'Cleo', last: 'C.', uid: 'c1', mail: 'no@example.org' });
        expect(mapped.body.data.me).toMatchObject({
          username: 'cleo',
          name: 'Cleo C.',
          emails: [{ address: 'c1@example.net', verified: false }],
        });
      },
    );
  });
});

test('nobody gets at an account by a name or an address, unless usernames are trusted', async () => {
  const dora = await server.person('dora');
  expect((await comeIn('dora')).body.error).toBe('error-field-unavailable');
  await having({ CAS_version: '3.0' }, async () => {
    const claimed = await comeIn('mallory', { mail: 'dora@example.com' });
    expect(claimed).toMatchObject({ status: 401, body: { error: 403, message: 'Email already exists.' } });
  });
  await having({ CAS_trust_username: true }, async () => {
    expect((await comeIn('dora')).body.data.userId).toBe(dora.uid);
  });
  expect((await comeIn('dora')).body.data.userId).toBe(dora.uid);
});

test('an account that may not log in does not', async () => {
  const erin = await server.person('erin');
  await having({ CAS_trust_username: true }, () => comeIn('erin'));
  await server.admin.post('users.setActiveStatus', { userId: erin.uid, activeStatus: false });
  expect((await comeIn('erin')).body.error).toBe('error-user-is-not-activated');
});

test('newcomers and the service itself can be switched off', async () => {
  await having({ Accounts_Registration_AuthenticationServices_Enabled: false }, async () => {
    expect((await comeIn('fay')).body.error).toBe('registration-disabled-authentication-services');
  });
  cas.person = { user: 'ada' };
  const token = newToken();
  await goThrough(token);
  await having({ CAS_enabled: false }, async () => {
    expect((await goThrough(newToken())).status).toBe(404);
    expect(await logIn(token)).toMatchObject({
      status: 401,
      body: { error: 400, message: 'Unrecognized options for login request' },
    });
  });
  expect((await logIn(token)).status).toBe(200);
});

test('what is stored of a login opens nothing', async () => {
  cas.person = { user: 'ada' };
  const token = newToken();
  await goThrough(token);
  const rows = await server.server.ctx.db.selectFrom('pending_credentials').selectAll().execute();
  expect(JSON.stringify(rows)).not.toContain(token);
  for (const credentialToken of rows.map(({ token_hash }) => token_hash))
    expect(await logIn(credentialToken)).toMatchObject(NOT_MATCHED);
});
