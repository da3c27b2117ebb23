import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bearerUser, exchange, removeExpiredOAuthTokens } from '../src/accounts/oauth-tokens.ts';
import { allowApp } from '../src/oauth/authorize.ts';
import { coded } from './support/rooms.ts';
import { type Answer, type Person, startServer, type TestServer } from './support/server.ts';

/** The workspace as a login for other programs (spec 23, "OAuth2 server"). */

let server: TestServer;
let alice: Person;
let app: { _id: string; clientId: string; clientSecret: string };

const BACK = 'https://program.example/back?x=1';

beforeAll(async () => {
  server = await startServer();
  alice = await server.person('alice');
  app = await makeApp('Program', `${BACK},myapp://back`);
});
afterAll(() => server.close());

async function makeApp(name: string, redirectUri: string, active = true) {
  return (await server.admin.post('oauth-apps.create', { name, redirectUri, active })).body.application;
}

async function send(path: string, form?: Record<string, string>, headers: Record<string, string> = {}) {
  const response = await fetch(`${server.url}${path}`, {
    redirect: 'manual',
    headers,
    ...(form ? { method: 'POST', body: new URLSearchParams(form) } : {}),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json');
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
}

const asking = (more: Record<string, string> = {}) => ({
  client_id: app.clientId,
  redirect_uri: BACK,
  response_type: 'code',
  state: 's t&te',
  ...more,
});

async function codeFor(person: Person, more: Record<string, string> = {}): Promise<string> {
  const { status, headers } = await send('/oauth/authorize', {
    ...asking(more),
    token: person.token,
    allow: 'yes',
  });
  expect(status).toBe(302);
  return new URL(headers.get('location') ?? '').searchParams.get('code') ?? '';
}

const exchanging = (code: string, more: Record<string, string> = {}) => ({
  grant_type: 'authorization_code',
  client_id: app.clientId,
  client_secret: app.clientSecret,
  redirect_uri: BACK,
  code,
  ...more,
});

async function tokensOf(person: Person) {
  return (await send('/oauth/token', exchanging(await codeFor(person)))).body;
}

const asBearer = (token: string) => ({ authorization: `Bearer ${token}` });
const meAs = async (token: string) => (await server.anonymous.get('me', {}, asBearer(token))).status;

test('somebody lets a program in, and the program acts for them', async () => {
  const page = await send(`/oauth/authorize?${new URLSearchParams(asking())}`);
  expect(page.status).toBe(200);
  expect(page.body).toContain('<strong>Program</strong>');
  expect(page.body).toContain('name="state" value="s t&amp;te"');
  // Whoever denies goes back to the program, which learns of it.
  expect(page.body).toContain(
    'href="https://program.example/back?x=1&amp;error=access_denied&amp;state=s+t%26te">Deny</a>',
  );
  expect(page.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");

  const allowed = await send('/oauth/authorize', { ...asking(), token: alice.token, allow: 'yes' });
  expect(allowed.status).toBe(302);
  const target = new URL(allowed.headers.get('location') ?? '');
  expect(`${target.origin}${target.pathname}`).toBe('https://program.example/back');
  expect(Object.fromEntries(target.searchParams)).toEqual({
    x: '1',
    state: 's t&te',
    code: expect.any(String),
  });

  const { status, body } = await send('/oauth/token', exchanging(target.searchParams.get('code') ?? ''));
  expect({ status, body }).toEqual({
    status: 200,
    body: {
      access_token: expect.stringMatching(/^[\w-]{43}$/),
      token_type: 'Bearer',
      expires_in: 3600,
      refresh_token: expect.stringMatching(/^[\w-]{43}$/),
    },
  });
  const me = await server.anonymous.get('me', {}, asBearer(body.access_token));
  expect(me.body).toMatchObject({ username: 'alice', oauth: { authorizedClients: [app.clientId] } });
  const byQuery = await server.anonymous.get('users.info', {
    username: 'alice',
    access_token: body.access_token,
  });
  expect(byQuery.body).toMatchObject({ user: { username: 'alice', canViewAllInfo: true } });
  expect(await send('/oauth/userinfo', undefined, asBearer(body.access_token))).toMatchObject({
    status: 200,
    body: {
      ...{ sub: alice.uid, name: 'alice', email: 'alice@example.com', email_verified: true },
      ...{ department: '', birthdate: '', preffered_username: 'alice' },
      ...{ updated_at: expect.any(String), picture: expect.stringMatching(/\/avatar\/alice$/) },
    },
  });
});

test('the secret of a program may come in the header too, and the address may be of an app', async () => {
  const code = await codeFor(alice, { redirect_uri: 'myapp://back' });
  const basic = Buffer.from(`${app.clientId}:${app.clientSecret}`).toString('base64');
  const form = { grant_type: 'authorization_code', redirect_uri: 'myapp://back', code };
  expect((await send('/oauth/token', form, { authorization: `Basic ${basic}` })).status).toBe(200);
});

test('a program is no client among others that it could log out', async () => {
  const { access_token } = await tokensOf(alice);
  for (const path of ['users.logoutOtherClients', 'users.removeOtherTokens']) {
    const { status, body } = await server.anonymous.post(path, {}, asBearer(access_token));
    const refused = coded('error-invalid-user-id', 'Invalid user id');
    expect({ status, body }).toEqual({ status: 400, body: refused });
  }
  expect((await alice.get('me')).status).toBe(200);
});

test('a refresh token is good once, and what it was taken for stays good', async () => {
  const { access_token, refresh_token } = await tokensOf(alice);
  const form = { ...exchanging(''), grant_type: 'refresh_token', refresh_token };
  const renewed = await send('/oauth/token', form);
  expect(renewed.status).toBe(200);
  expect(await meAs(renewed.body.access_token)).toBe(200);
  expect(await meAs(access_token)).toBe(200);
  expect(await send('/oauth/token', form)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
});

/** The server so many minutes from now. */
const after = (minutes: number) => {
  const { ctx } = server.server;
  return { ...ctx, clock: { ...ctx.clock, now: () => Date.now() + minutes * 60_000 } };
};

describe('a code is good', () => {
  const notGood = { status: 400, body: { error: 'invalid_grant' } };

  test('once', async () => {
    const code = await codeFor(alice);
    expect((await send('/oauth/token', exchanging(code))).status).toBe(200);
    expect(await send('/oauth/token', exchanging(code))).toMatchObject(notGood);
  });

  test('for its program', async () => {
    const other = await makeApp('Other', BACK);
    const code = await codeFor(alice);
    const form = exchanging(code, { client_id: other.clientId, client_secret: other.clientSecret });
    expect(await send('/oauth/token', form)).toMatchObject(notGood);
  });

  test('for its address', async () => {
    const code = await codeFor(alice);
    expect(await send('/oauth/token', exchanging(code, { redirect_uri: 'myapp://back' }))).toMatchObject(
      notGood,
    );
  });

  test('for minutes, and what it was taken for an hour', async () => {
    const token = await codeFor(alice);
    const given = { kind: 'code' as const, token, clientId: app.clientId, redirectUri: BACK };
    expect(await exchange(after(6), given)).toBeUndefined();
    const { access_token } = await tokensOf(alice);
    expect(await bearerUser(after(59), access_token)).toMatchObject({ username: 'alice' });
    expect(await bearerUser(after(61), access_token)).toBeUndefined();
  });

  test('and is cleared away when it is no longer', async () => {
    const code = await codeFor(alice);
    await removeExpiredOAuthTokens(after(6));
    expect(await send('/oauth/token', exchanging(code))).toMatchObject(notGood);
  });

  test('as a code only', async () => {
    const { access_token, refresh_token } = await tokensOf(alice);
    expect(await send('/oauth/token', exchanging(refresh_token))).toMatchObject(notGood);
    expect(await meAs(access_token)).toBe(200);
    expect(await meAs(await codeFor(alice))).toBe(401);
  });
});

test.each<[string, () => Promise<unknown>, object]>([
  [
    'no login token',
    () => send('/oauth/authorize', asking({ allow: 'yes' })),
    { status: 401, body: 'No token' },
  ],
  [
    'a wrong login token',
    () => send('/oauth/authorize', asking({ allow: 'yes', token: 'x' })),
    { status: 401, body: 'Invalid token' },
  ],
  [
    'the person says no',
    () => send('/oauth/authorize', asking({ allow: 'no', token: alice.token })),
    {
      status: 401,
      body: { error: 'access_denied', error_description: 'The user denied access to your application' },
    },
  ],
  [
    'another response',
    () => send('/oauth/authorize', asking({ response_type: 'token', token: alice.token, allow: 'yes' })),
    { status: 400, body: { error: 'unsupported_response_type' } },
  ],
  [
    'no grant type',
    () => send('/oauth/token', { client_id: 'x' }),
    { status: 400, body: { error: 'invalid_request' } },
  ],
  [
    'no secret',
    () => send('/oauth/token', { grant_type: 'authorization_code', client_id: app.clientId }),
    { status: 400, body: { error: 'invalid_request' } },
  ],
  [
    'a wrong secret',
    () => send('/oauth/token', exchanging('x', { client_secret: 'x' })),
    { status: 401, body: { error: 'invalid_client' } },
  ],
  [
    'an unknown program',
    () => send('/oauth/token', exchanging('x', { client_id: 'x' })),
    { status: 401, body: { error: 'invalid_client' } },
  ],
  [
    'another grant type',
    () => send('/oauth/token', exchanging('x', { grant_type: 'password' })),
    { status: 400, body: { error: 'unsupported_grant_type' } },
  ],
  [
    'no code',
    () => send('/oauth/token', exchanging('')),
    { status: 400, body: { error: 'invalid_request' } },
  ],
  [
    'a wrong code',
    () => send('/oauth/token', exchanging('x')),
    { status: 400, body: { error: 'invalid_grant' } },
  ],
  ['userinfo without token', () => send('/oauth/userinfo'), { status: 401, body: 'No token' }],
  [
    'userinfo with a wrong token',
    () => send('/oauth/userinfo', undefined, asBearer('x')),
    { status: 401, body: 'Invalid Token' },
  ],
  ['the API with a wrong token', () => server.anonymous.get('me', {}, asBearer('x')), { status: 401 }],
])('refused: %s', async (_, call, expected) => {
  expect(await call()).toMatchObject(expected);
});

test('a browser is sent nowhere but to a registered address of an active program', async () => {
  const sleeping = await makeApp('Sleeping', BACK, false);
  const cases: [Record<string, string>, string, number][] = [
    [asking({ client_id: 'x' }), '/oauth/error/404', 404],
    [asking({ client_id: sleeping.clientId }), '/oauth/error/404', 404],
    [asking({ redirect_uri: `${BACK}/more` }), '/oauth/error/invalid_redirect_uri', 400],
    [asking({ redirect_uri: '' }), '/oauth/error/invalid_redirect_uri', 400],
  ];
  for (const [form, location, shown] of cases) {
    const asked = await send(`/oauth/authorize?${new URLSearchParams(form)}`);
    const allowed = await send('/oauth/authorize', { ...form, token: alice.token, allow: 'yes' });
    expect([asked.status, asked.headers.get('location')]).toEqual([302, location]);
    expect([allowed.status, allowed.headers.get('location')]).toEqual([302, location]);
    expect((await send(location)).status).toBe(shown);
  }
});

test('tokens end with the sessions of their user, and with their program', async () => {
  const dan = await server.person('dan');
  const first = await tokensOf(dan);
  await server.admin.post('users.setActiveStatus', { userId: dan.uid, activeStatus: false });
  await server.admin.post('users.setActiveStatus', { userId: dan.uid, activeStatus: true });
  expect(await meAs(first.access_token)).toBe(401);

  const { access_token } = await tokensOf(alice);
  const changes = { appId: app._id, name: 'Program', redirectUri: BACK, active: false };
  expect((await server.admin.post('oauth-apps.update', changes)).status).toBe(200);
  expect(await meAs(access_token)).toBe(401);
  await server.admin.post('oauth-apps.update', { ...changes, active: true });
});

describe('programs', () => {
  test('are made, listed, changed and removed, and that is written down', async () => {
    const made = await server.admin.post('oauth-apps.create', {
      ...{ name: ' Mine ', redirectUri: 'https://a.example/\nhttps://b.example/', active: true },
    });
    const by = { _id: server.admin.uid, username: 'root' };
    const application = {
      _id: expect.any(String),
      name: 'Mine',
      active: true,
      clientId: expect.stringMatching(/^\w{17}$/),
      clientSecret: expect.stringMatching(/^[\w-]{43}$/),
      redirectUri: 'https://a.example/,https://b.example/',
      _createdAt: expect.any(String),
      _createdBy: by,
      _updatedAt: expect.any(String),
    };
    expect(made.body).toEqual({ application, success: true });
    const { _id, clientId } = made.body.application;
    const listed = (await server.admin.get('oauth-apps.list')).body.oauthApps;
    expect(listed).toContainEqual(made.body.application);
    for (const query of [{ _id }, { clientId }, { appId: _id }]) {
      expect((await server.admin.get('oauth-apps.get', query)).body.oauthApp).toEqual(made.body.application);
      const { clientSecret: _secret, ...shown } = made.body.application;
      expect((await alice.get('oauth-apps.get', query)).body.oauthApp).toEqual(shown);
    }
    const input = { appId: _id, name: 'Ours', redirectUri: 'https://c.example/', active: false };
    expect((await server.admin.post('oauth-apps.update', input)).body).toMatchObject({
      ...{
        _id,
        name: 'Ours',
        redirectUri: 'https://c.example/',
        active: false,
        _updatedBy: by,
        success: true,
      },
    });
    expect((await server.admin.post('oauth-apps.delete', { appId: _id })).body).toEqual({ success: true });
    const { events } = (await server.admin.get('audit.actions', { subject: _id })).body;
    expect(events.map(({ t }: { t: string }) => t)).toEqual([
      'oauthApp.deleted',
      'oauthApp.changed',
      'oauthApp.created',
    ]);
  });

  const input = { name: 'x', redirectUri: 'https://x.example/', active: true };

  test.each<[string, () => Promise<Answer>, object]>([
    ['listing without permission', () => alice.get('oauth-apps.list'), { status: 403 }],
    ['creating without permission', () => alice.post('oauth-apps.create', input), { status: 403 }],
    [
      'changing without permission',
      () => alice.post('oauth-apps.update', { ...input, appId: 'x' }),
      { status: 403 },
    ],
    ['removing without permission', () => alice.post('oauth-apps.delete', { appId: 'x' }), { status: 403 }],
    ['no login', () => server.anonymous.get('oauth-apps.get', { _id: 'x' }), { status: 401 }],
    [
      'an unknown one',
      () => alice.get('oauth-apps.get', { _id: 'x' }),
      { status: 400, body: { success: false, error: 'OAuth app not found.' } },
    ],
    [
      'none named',
      () => alice.get('oauth-apps.get'),
      { status: 400, body: { errorType: 'error-invalid-params' } },
    ],
    [
      'no name',
      () => server.admin.post('oauth-apps.create', { ...input, name: ' ' }),
      { status: 400, body: { errorType: 'error-invalid-name' } },
    ],
    [
      'no address',
      () => server.admin.post('oauth-apps.create', { ...input, redirectUri: ' ' }),
      { status: 400, body: { errorType: 'error-invalid-redirectUri' } },
    ],
    [
      'an address that is code',
      () => server.admin.post('oauth-apps.create', { ...input, redirectUri: 'javascript:alert(1)' }),
      { status: 400, body: { errorType: 'error-invalid-redirectUri' } },
    ],
    [
      'a missing member',
      () => server.admin.post('oauth-apps.create', { name: 'x', active: true }),
      { status: 400, body: { errorType: 'error-invalid-params' } },
    ],
    [
      'changing an unknown one',
      () => server.admin.post('oauth-apps.update', { ...input, appId: 'x' }),
      {
        status: 400,
        body: {
          errorType: 'error-application-not-found',
          error: 'Application not found [error-application-not-found]',
        },
      },
    ],
    [
      'removing an unknown one',
      () => server.admin.post('oauth-apps.delete', { appId: 'x' }),
      {
        status: 400,
        body: { errorType: 'error-application-not-found', details: { method: 'deleteOAuthApp' } },
      },
    ],
  ])('refused: %s', async (_, call, expected) => {
    expect(await call()).toMatchObject(expected);
  });
});

test('a program that ends while somebody lets it in gets no code', async () => {
  const { ctx } = server.server;
  const { _id: appId, clientId } = await makeApp('Short-lived', BACK);
  const request = { clientId, redirectUri: BACK, state: undefined };
  await server.admin.post('oauth-apps.delete', { appId });
  // The route has found the program before; this is what follows.
  expect(await allowApp(ctx, request, alice.token)).toBeUndefined();
  const tokens = ctx.db.selectFrom('oauth_tokens').select('hash').where('client_id', '=', clientId);
  expect(await tokens.execute()).toEqual([]);
  const own = await ctx.db.selectFrom('users').select('doc').where('id', '=', alice.uid).execute();
  expect(own[0]?.doc).not.toContain(clientId);
});
