import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { newToken } from '../../src/kernel/ids.ts';
import { DdpClient } from '../support/ddp-client.ts';
import { type OpenIdProvider, startOpenIdProvider } from '../support/openid-provider.ts';
import { startServer, type TestServer } from '../support/server.ts';

/** Logging in by a real OpenID provider, and by one that does everything wrong. */

let server: TestServer;
let provider: OpenIdProvider;
let broken: Server;
/** What the broken service does when it is asked for a path. */
const answers = new Map<string, (respond: Respond) => void>();
type Respond = (status: number, body: string | Buffer, headers?: Record<string, string>) => void;
let brokenUrl: string;

beforeAll(async () => {
  server = await startServer({ outboundAllow: ['127.0.0.1'] });
  await set('Site_Url', server.url);
  provider = await startOpenIdProvider([`${server.url}/_oauth/acme`, `${server.url}/_oauth/acme?close`]);
  broken = createServer((request, response) => {
    const act = answers.get(request.url?.split('?')[0] ?? '');
    if (act) act((status, body, headers) => response.writeHead(status, headers).end(body));
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => broken.listen(0, '127.0.0.1', resolve));
  brokenUrl = `http://127.0.0.1:${(broken.address() as AddressInfo).port}`;
  await addService('acme', {
    url: provider.url,
    token_path: '/token',
    identity_path: '/me',
    authorize_path: '/auth',
    scope: 'openid email profile',
    id: provider.clientId,
    secret: provider.clientSecret,
    button_label_text: 'Acme',
  });
  await addService('Broken', { url: brokenUrl, id: 'x', secret: 'y' });
});

afterAll(async () => {
  await server.close();
  await provider.close();
  broken.closeAllConnections();
  broken.close();
});

async function set(id: string, value: unknown) {
  const { status, body } = await server.admin.post(`settings/${id}`, { value });
  if (status !== 200) throw new Error(`${id} was not set: ${JSON.stringify(body)}`);
}

async function addService(name: string, values: Record<string, unknown>) {
  await server.admin.post('settings.addCustomOAuth', { name });
  const id = `Accounts_OAuth_Custom-${name[0]?.toUpperCase()}${name.slice(1).toLowerCase()}`;
  for (const [suffix, value] of Object.entries(values)) await set(`${id}-${suffix}`, value);
  await set(id, true);
}

/** Sets settings of `acme` for the time of some work. */
async function withAcme<T>(values: Record<string, unknown>, work: () => Promise<T>): Promise<T> {
  const ids = Object.keys(values).map((suffix) => `Accounts_OAuth_Custom-Acme-${suffix}`);
  const before = ids.map((id) => server.server.ctx.settings.value(id));
  for (const [index, value] of Object.values(values).entries()) await set(ids[index] ?? '', value);
  try {
    return await work();
  } finally {
    for (const [index, id] of ids.entries()) await set(id, before[index]);
  }
}

interface State {
  loginStyle?: string;
  credentialToken?: unknown;
  isCordova?: boolean;
  redirectUrl?: string;
}

const stateOf = (state: State = {}) =>
  Buffer.from(
    JSON.stringify({ loginStyle: 'popup', credentialToken: newToken(), isCordova: false, ...state }),
  ).toString('base64');

/** The address that a client opens, from nothing but the published configuration. */
async function loginPage(state: string, redirect = '') {
  const { configurations } = (await server.anonymous.get('service.configurations')).body;
  const acme = configurations.find(({ service }: { service: string }) => service === 'acme');
  const page = new URL(`${acme.serverURL}${acme.authorizePath}`);
  page.search = new URLSearchParams({
    client_id: acme.clientId,
    redirect_uri: `${server.url}/_oauth/acme${redirect}`,
    response_type: 'code',
    scope: acme.scope,
    state,
  }).toString();
  return page.href;
}

/** Goes through the provider, and back to the workspace. */
const goThrough = async (state: string, redirect = '') =>
  readPage(await provider.visit(await loginPage(state, redirect)));

async function readPage(address: string) {
  const answer = await fetch(address, { redirect: 'manual' });
  const html = await answer.text();
  const data = /data-handed="([^"]*)"/.exec(html)?.[1];
  const text = data
    ?.replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
  const handed = text === undefined ? undefined : JSON.parse(text);
  return { status: answer.status, html, headers: answer.headers, handed, address };
}

const logIn = ({
  credentialToken,
  credentialSecret,
}: {
  credentialToken: string;
  credentialSecret: string;
}) => server.anonymous.post('login', { oauth: { credentialToken, credentialSecret } });

/** The whole way, as somebody. */
async function comeIn(person: OpenIdProvider['person']) {
  provider.person = person;
  return logIn((await goThrough(stateOf())).handed);
}

const comeBack = (service: string, query: Record<string, string>) =>
  readPage(`${server.url}/_oauth/${service}?${new URLSearchParams(query)}`);

test('what is published of a service is what a client needs, and no secret', async () => {
  const acme = {
    _id: expect.stringMatching(/^\w{17}$/),
    service: 'acme',
    clientId: 'gantry',
    custom: true,
    serverURL: provider.url,
    authorizePath: '/auth',
    tokenPath: '/token',
    identityPath: '/me',
    scope: 'openid email profile',
    tokenSentVia: 'payload',
    identityTokenSentVia: 'default',
    usernameField: '',
    mergeUsers: false,
    loginStyle: 'popup',
    showButton: true,
    buttonLabelText: 'Acme',
    buttonLabelColor: '#FFFFFF',
    buttonColor: '#1d74f5',
  };
  const { body } = await server.anonymous.get('service.configurations');
  expect(body.configurations).toEqual([acme, expect.objectContaining({ service: 'broken' })]);
  expect((await server.anonymous.get('settings.oauth')).body.services[0]).toEqual(acme);
  expect(JSON.stringify(body)).not.toContain(provider.clientSecret);
});

test('somebody comes in by the page of the provider, by REST and by DDP, with one account', async () => {
  provider.person = { sub: 'ada-1', name: 'Ada', email: 'ada@example.com', email_verified: true };
  const page = await goThrough(stateOf({ credentialToken: 'ada-chose-this-token' }));
  expect(page).toMatchObject({
    status: 200,
    handed: { credentialToken: 'ada-chose-this-token', loginStyle: 'popup' },
  });
  expect(page.handed.credentialSecret).toMatch(/^[\w-]{43}$/);
  const rest = await logIn(page.handed);
  expect(rest).toMatchObject({
    status: 200,
    body: {
      data: {
        me: { name: 'Ada', emails: [{ address: 'ada@example.com', verified: true }], isOAuthUser: true },
      },
    },
  });

  const { handed } = await goThrough(stateOf());
  const socket = await DdpClient.connect(server.url);
  const { credentialToken, credentialSecret } = handed;
  const login = await socket.call('login', { oauth: { credentialToken, credentialSecret } });
  expect(login).toMatchObject({ id: rest.body.data.userId, type: 'oauth' });
  socket.close();
});

test('the page runs nothing but its own script and is in no frame', async () => {
  provider.person = { sub: 'ada-1' };
  const { headers, html, handed } = await goThrough(
    stateOf({ credentialToken: '"><script>alert(1)</script>' }),
  );
  const policy = headers.get('content-security-policy') ?? '';
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(html).not.toContain('<script>alert');
  expect(html.match(/<script/g)).toHaveLength(1);
  expect(handed.credentialToken).toBe('"><script>alert(1)</script>');
  expect(headers.get('cache-control')).toBe('no-store');
  expect(headers.get('referrer-policy')).toBe('no-referrer');
});

test('a client that asks to be answered with ?close is', async () => {
  provider.person = { sub: 'ada-1' };
  expect((await goThrough(stateOf(), '?close')).status).toBe(200);
});

test('with redirection the browser goes back to a page of the workspace, and to no other', async () => {
  provider.person = { sub: 'ada-1' };
  const redirectUrl = `${server.url}/home`;
  const { handed } = await goThrough(stateOf({ loginStyle: 'redirect', redirectUrl }));
  expect(handed).toMatchObject({ loginStyle: 'redirect', redirectUrl });
  for (const elsewhere of [
    'https://evil.example/',
    `${server.url}.evil.example/`,
    'javascript:alert(1)',
    `blob:${server.url}/x`,
    server.url.replace('//', '//somebody@'),
    undefined,
  ]) {
    const state = stateOf({ loginStyle: 'redirect', ...(elsewhere ? { redirectUrl: elsewhere } : {}) });
    expect(await comeBack('acme', { code: 'x', state })).toMatchObject({ status: 400, handed: undefined });
  }
});

test.each([
  ['no state', {}],
  ['no base64', { state: '%%%' }],
  ['no JSON', { state: Buffer.from('hello').toString('base64') }],
  ['a list', { state: Buffer.from('[]').toString('base64') }],
  ['no token', { state: stateOf({ credentialToken: undefined }) }],
  ['a short token', { state: stateOf({ credentialToken: 'short' }) }],
  ['a token that is no text', { state: stateOf({ credentialToken: { $ne: 1 } }) }],
  ['another style', { state: stateOf({ loginStyle: 'frame' }) }],
  ['an endless state', { state: 'A'.repeat(9000) }],
])('a browser that comes back with %s is told so', async (_, query) => {
  expect(await comeBack('acme', { code: 'x', ...query })).toMatchObject({ status: 400, handed: undefined });
});

test('a cancelled login and an unknown service are told apart', async () => {
  const cancelled = await comeBack('acme', { error: 'access_denied', state: stateOf() });
  expect(cancelled.status).toBe(400);
  expect(cancelled.html).toContain('The login was cancelled');
  expect(await comeBack('nobody', { code: 'x', state: stateOf() })).toMatchObject({ status: 404 });
});

test('a code is good once, and so is what it brought', async () => {
  provider.person = { sub: 'ada-1' };
  const page = await goThrough(stateOf());
  expect(await readPage(page.address)).toMatchObject({ status: 502, handed: undefined });
  // The provider has taken back what the code had brought, but the credential of the first time is not touched by that.
  expect((await logIn(page.handed)).status).toBe(200);
  expect(await logIn(page.handed)).toMatchObject({
    status: 401,
    body: { status: 'error', message: 'No matching login attempt found' },
  });
});

test('whoever lures somebody to a login page with a token of their own learns nothing by it', async () => {
  provider.person = { sub: 'victim', email: 'victim@example.com', email_verified: true };
  const { handed } = await goThrough(stateOf({ credentialToken: 'mallory-knows-this-token' }));
  for (const credentialSecret of ['', 'guess', handed.credentialToken]) {
    expect((await logIn({ ...handed, credentialSecret })).status).toBe(401);
  }
});

test('an address that the provider has not proven gets at no account', async () => {
  const carol = await server.person('carol');
  const taken = await comeIn({ sub: 'mallory', email: 'carol@example.com', email_verified: false });
  expect(taken).toMatchObject({ status: 401, body: { error: 403, message: 'Email already exists.' } });
  const unsaid = await comeIn({ sub: 'mallory', email: 'carol@example.com' });
  expect(unsaid.status).toBe(401);
  const proven = await comeIn({ sub: 'the real carol', email: 'carol@example.com', email_verified: true });
  expect(proven.body.data.userId).toBe(carol.uid);
});

test('a service that is switched off, or may not bring newcomers, brings none', async () => {
  provider.person = { sub: 'newcomer-1' };
  const { handed } = await goThrough(stateOf());
  await set('Accounts_OAuth_Custom-Acme', false);
  expect((await logIn(handed)).body).toMatchObject({
    error: 403,
    message: 'No registered oauth service found for: acme',
  });
  expect(await comeBack('acme', { code: 'x', state: stateOf() })).toMatchObject({ status: 404 });
  await set('Accounts_OAuth_Custom-Acme', true);
  await set('Accounts_Registration_AuthenticationServices_Enabled', false);
  expect((await logIn(handed)).body.error).toBe('registration-disabled-authentication-services');
  await set('Accounts_Registration_AuthenticationServices_Enabled', true);
  expect((await logIn(handed)).status).toBe(200);
});

test('a username, roles and merging are as the settings of the service say', async () => {
  const dora = await server.person('dora');
  const person = { sub: 'dora-1', preferred_username: 'dora', roles: ['bot', 'admin'] };
  const named = { username_field: 'preferred_username' };
  const refused = await withAcme(named, () => comeIn(person));
  expect(refused.body.error).toBe('error-field-unavailable');
  const merged = { ...named, merge_users: true, merge_roles: true, roles_to_sync: 'bot,moderator' };
  await withAcme(merged, async () => {
    const { userId, me } = (await comeIn(person)).body.data;
    expect({ userId, roles: me.roles }).toEqual({ userId: dora.uid, roles: ['user', 'bot'] });
    expect((await comeIn({ ...person, roles: [] })).body.data.me.roles).toEqual(['user']);
    expect((await comeIn({ ...person, roles: undefined })).body.data.me.roles).toEqual(['user']);
    const erin = await comeIn({ sub: 'erin-1', preferred_username: 'erin' });
    expect(erin.body.data.me.username).toBe('erin');
  });
});

/** What a client of the provider gets there, without the workspace. */
async function ownTokens() {
  const redirect_uri = `${server.url}/_oauth/acme`;
  const back = new URL(await provider.visit(await loginPage(stateOf())));
  const answer = await fetch(`${provider.url}/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      code: back.searchParams.get('code') ?? '',
      redirect_uri,
      client_id: provider.clientId,
      client_secret: provider.clientSecret,
    }),
  });
  return (await answer.json()) as { access_token: string; id_token: string };
}

test('groups of the service lead into rooms, and those that are missing are made', async () => {
  const { admin } = server;
  const crew = (await admin.post('groups.create', { name: 'crew' })).body.group;
  await admin.post('channels.create', { name: 'old-hands' });
  await admin.post('channels.archive', { roomName: 'old-hands' });
  const byGroup = {
    sailors: ['crew', 'harbour-news', 'old-hands', '', 5, 'no name!'],
    cooks: 'galley',
    others: 'elsewhere',
    nobody: null,
  };
  const map = {
    username_field: 'preferred_username',
    map_channels: true,
    channels_map: JSON.stringify(byGroup),
    channels_admin: 'root',
  };
  const sinbad = { sub: 'sinbad-1', preferred_username: 'sinbad' };
  const roomsOf = async (claims: object) => {
    const { body } = await comeIn({ ...sinbad, ...claims });
    const { userId, authToken } = body.data;
    const headers = { 'x-user-id': userId, 'x-auth-token': authToken };
    const { update } = (await server.anonymous.get('subscriptions.get', {}, headers)).body;
    return update.map(({ name }: { name: string }) => name).sort();
  };
  await withAcme({ ...map, map_channels: false }, async () => {
    expect(await roomsOf({ groups: ['sailors'] })).toEqual(['general']);
  });
  await withAcme(map, async () => {
    expect(await roomsOf({})).toEqual(['general']);
    expect(await roomsOf({ groups: ['sailors', 'nobody', 'unknown'] })).toEqual([
      'crew',
      'general',
      'harbour-news',
    ]);
    // Nobody is taken out again.
    expect(await roomsOf({ groups: 'cooks, others of them' })).toEqual([
      'crew',
      'galley',
      'general',
      'harbour-news',
    ]);
  });
  const made = (await admin.get('channels.info', { roomName: 'harbour-news' })).body.channel;
  expect(made).toMatchObject({ t: 'c', u: { username: 'root' }, usersCount: 2 });
  expect((await admin.get('groups.info', { roomId: crew._id })).body.group.usersCount).toBe(2);
  expect((await admin.get('channels.info', { roomName: 'elsewhere' })).status).toBe(400);

  // Who is banned stays so, and a maker who is gone makes nothing.
  await admin.post('rooms.banUser', { roomId: crew._id, username: 'sinbad' });
  await withAcme(
    { ...map, channels_admin: 'ghost', channels_map: '{"sailors":["crew","new-one"]}' },
    async () => {
      expect(await roomsOf({ groups: ['sailors'] })).not.toContain('crew');
    },
  );
  expect((await admin.get('channels.info', { roomName: 'new-one' })).status).toBe(400);
});

test('a client may bring the tokens itself, if an id token says that they were made for this workspace', async () => {
  provider.person = { sub: 'fay', email: 'fay@example.com', email_verified: true };
  const fay = await ownTokens();
  provider.person = { sub: 'greg' };
  const greg = await ownTokens();
  provider.person = { sub: 'fay' };
  const bring = (accessToken: string, idToken?: string) =>
    server.anonymous.post('login', { serviceName: 'acme', accessToken, idToken, expiresIn: 3600 });
  expect((await bring(fay.access_token, fay.id_token)).status).toBe(200);
  expect(await bring(fay.access_token)).toMatchObject({
    status: 401,
    body: { error: 403, message: 'The token was not made for this workspace' },
  });
  const service = { status: 401, body: { error: 'error-login-service' } };
  expect(await bring(greg.access_token, fay.id_token)).toMatchObject(service);
  expect(await bring('nonsense', fay.id_token)).toMatchObject(service);
  expect(await bring(fay.access_token, `${fay.id_token.slice(0, -8)}AAAAAAAA`)).toMatchObject(service);
  const none = Buffer.from('{"alg":"none"}').toString('base64url');
  expect(await bring(fay.access_token, `${none}.${fay.id_token.split('.')[1]}.`)).toMatchObject(service);
  await withAcme({ id: 'another-program' }, async () => {
    expect(await bring(fay.access_token, fay.id_token)).toMatchObject(service);
  });
  const unknown = await server.anonymous.post('login', {
    serviceName: 'nobody',
    accessToken: 'x',
    expiresIn: 1,
  });
  expect(unknown.body).toMatchObject({
    error: 403,
    message: 'No registered oauth service found for: nobody',
  });
});

test('somebody is offered the picture that the provider has, if it is one', async () => {
  answers.set('/ada.png', (respond) => respond(200, 'bytes', { 'content-type': 'image/png; x=y' }));
  answers.set('/page', (respond) => respond(200, '<html>', { 'content-type': 'text/html' }));
  const url = `${brokenUrl}/ada.png`;
  const suggestionsWith = async (picture: string | undefined) => {
    const { body } = await comeIn({ sub: 'hal', picture });
    const headers = { 'x-user-id': body.data.userId, 'x-auth-token': body.data.authToken };
    await server.anonymous.post('users.updateOwnBasicInfo', { data: { username: 'hal' } }, headers);
    return (await server.anonymous.get('users.getAvatarSuggestion', {}, headers)).body;
  };
  const suggestion = {
    service: 'acme',
    url,
    contentType: 'image/png',
    blob: 'data:image/png;base64,Ynl0ZXM=',
  };
  expect(await suggestionsWith(url)).toEqual({ suggestions: { acme: suggestion }, success: true });
  for (const none of [
    `${brokenUrl}/page`,
    `${brokenUrl}/missing`,
    'http://10.0.0.1/a.png',
    'file:///etc/passwd',
  ]) {
    expect((await suggestionsWith(none)).suggestions).toEqual({});
  }
});

test('with the first username the picture of the provider is taken, unless another was chosen', async () => {
  const square = sharp({ create: { width: 40, height: 30, channels: 3, background: 'teal' } });
  const png = await square.png().toBuffer();
  answers.set('/face.png', (respond) => respond(200, png, { 'content-type': 'image/png' }));
  const asPerson = async (sub: string, picture: string) => {
    const { body } = await comeIn({ sub, picture });
    const headers = { 'x-user-id': body.data.userId, 'x-auth-token': body.data.authToken };
    const post = (path: string, data: object) => server.anonymous.post(path, data, headers);
    return {
      post,
      me: async () => (await server.anonymous.get('me', {}, headers)).body,
      takeName: () => post('users.updateOwnBasicInfo', { data: { username: sub } }),
    };
  };
  const socket = await server.admin.ddp();
  await socket.subscribe('stream-notify-logged', 'updateAvatar');
  const pia = await asPerson('pia', `${brokenUrl}/face.png`);
  expect(await pia.me()).not.toHaveProperty('avatarOrigin');
  await pia.takeName();
  const [change] = await socket.event('notify-logged', 'updateAvatar');
  expect(change).toEqual({ username: 'pia', etag: expect.any(String) });
  expect(await pia.me()).toMatchObject({ avatarOrigin: 'acme', avatarETag: change?.etag });

  // Taken away, it does not come back with another name.
  await pia.post('users.resetAvatar', { username: 'pia' });
  await pia.post('users.updateOwnBasicInfo', { data: { username: 'piet' } });
  const off = await asPerson('ole', `${brokenUrl}/face.png`);
  await set('Accounts_SetDefaultAvatar', false);
  await off.takeName();
  await set('Accounts_SetDefaultAvatar', true);
  const quiet = await asPerson('uwe', `${brokenUrl}/page`);
  await quiet.takeName();
  await server.server.jobs.idle();
  for (const person of [pia, off, quiet]) expect(await person.me()).not.toHaveProperty('avatarOrigin');
});

const TOKENS: [string, (respond: Respond) => void] = [
  '/oauth/token',
  (respond) => respond(200, '{"access_token":"t"}', { 'content-type': 'application/json' }),
];

test.each<[string, [string, (respond: Respond) => void][]]>([
  ['answers with an error', [['/oauth/token', (respond) => respond(500, 'no')]]],
  ['answers with garbage', [['/oauth/token', (respond) => respond(200, '<html>')]]],
  ['answers with another type', [['/oauth/token', (respond) => respond(200, '"text"')]]],
  ['gives no token', [['/oauth/token', (respond) => respond(200, '{"error":"bad_verification_code"}')]]],
  ['gives a token that is none', [['/oauth/token', (respond) => respond(200, '{"access_token":{"a":1}}')]]],
  [
    'answers without end',
    [['/oauth/token', (respond) => respond(200, `{"access_token":"${'x'.repeat(300_000)}"}`)]],
  ],
  [
    'sends the credentials on to somebody else',
    [
      ['/oauth/token', (respond) => respond(307, '', { location: `${brokenUrl}/elsewhere` })],
      ['/elsewhere', TOKENS[1]],
    ],
  ],
  [
    'sends to an address that is not public',
    [TOKENS, ['/me', (respond) => respond(302, '', { location: 'http://10.0.0.1/' })]],
  ],
  ['does not say who it is', [TOKENS, ['/me', (respond) => respond(200, '{"name":"Somebody"}')]]],
  ['says it in no text', [TOKENS, ['/me', (respond) => respond(200, '{"sub":{"$ne":1}}')]]],
  ['answers with a list', [TOKENS, ['/me', (respond) => respond(200, '[1]')]]],
])('a service that %s brings nobody in, and a page says so', async (_, acts) => {
  answers.clear();
  for (const [path, act] of acts) answers.set(path, act);
  const page = await comeBack('broken', { code: 'x', state: stateOf() });
  expect(page).toMatchObject({ status: 502, handed: undefined });
  expect(page.html).toContain('role="alert"');
});

test('a service that is down brings nobody in, and one in a private network is not asked', async () => {
  for (const url of ['http://127.0.0.1:1', 'http://10.0.0.1', 'file:///etc/passwd', 'nonsense']) {
    await set('Accounts_OAuth_Custom-Broken-url', url);
    expect(await comeBack('broken', { code: 'x', state: stateOf() })).toMatchObject({ status: 502 });
  }
  await set('Accounts_OAuth_Custom-Broken-url', brokenUrl);
});

test('whoever comes back too often has to wait, on each way by itself', async () => {
  const strict = await startServer({ testMode: false });
  onTestFinished(() => strict.close());
  const statuses: number[] = [];
  for (let call = 0; call < 61; call += 1)
    statuses.push((await fetch(`${strict.url}/_oauth/unknown`)).status);
  expect(statuses).toEqual([...Array(60).fill(404), 429]);
  expect((await fetch(`${strict.url}/_cas/${'x'.repeat(20)}`)).status).toBe(404);
});
