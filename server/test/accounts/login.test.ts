import { expect, test } from 'vitest';
import { changeUser, type UserChanges } from '../../src/accounts/change-user.ts';
import { removeExpiredSessions } from '../../src/accounts/sessions.ts';
import { sha256hex } from '../../src/kernel/ids.ts';
import { startAccounts } from '../support/accounts-server.ts';

const DAY = 24 * 60 * 60 * 1000;
const UNAUTHORIZED = { status: 'error', error: 'Unauthorized', message: 'Unauthorized' };

test('every form of naming a user and a password logs in', async () => {
  const server = await startAccounts();
  await server.person('alice');
  const digest = { digest: sha256hex('alice-password'), algorithm: 'sha-256' };
  const forms = [
    { user: 'alice', password: 'alice-password' },
    { user: 'ALICE', password: 'alice-password' },
    { user: 'alice@example.org', password: 'alice-password' },
    { username: 'alice', password: 'alice-password' },
    { email: 'Alice@Example.org', password: 'alice-password' },
    { user: { username: 'alice' }, password: digest },
    { user: { email: 'alice@example.org' }, password: digest },
    { user: { email: 'alice' }, password: digest },
    { user: 'alice', password: 'alice-password', code: '123456' },
    { totp: { code: '1', login: { user: { username: 'alice' }, password: digest } } },
    { totp: { code: '1', login: { user: 'alice@example.org', password: 'alice-password' } } },
    { totp: { code: '1', login: { username: 'alice', password: digest } } },
  ];
  for (const form of forms) {
    const { status, body } = await server.call(null, 'POST', 'login', form);
    expect({ form, status }).toEqual({ form, status: 200 });
    expect(body.status).toBe('success');
    expect(body).not.toHaveProperty('success');
    expect(body.data.me.username).toBe('alice');
    expect(body.data.authToken).toMatch(/^[A-Za-z0-9_-]{43}$/);
  }
});

test('the answer carries the documented entity', async () => {
  const server = await startAccounts();
  await server.person('alice', { verified: true });
  const { body } = await server.call(null, 'POST', 'login', { user: 'alice', password: 'alice-password' });
  const { settings, createdAt, _updatedAt, _id, ...me } = body.data.me;
  expect(me).toEqual({
    username: 'alice',
    name: 'alice',
    emails: [{ address: 'alice@example.org', verified: true }],
    email: 'alice@example.org',
    status: 'offline',
    statusDefault: 'online',
    statusConnection: 'offline',
    roles: ['user'],
    active: true,
    type: 'user',
    avatarUrl: 'https://chat.example.org/avatar/alice',
    services: { password: { exists: true } },
    isOAuthUser: false,
  });
  expect(_id).toBe(body.data.userId);
  expect(new Date(createdAt).toISOString()).toBe(createdAt);
  expect(new Date(_updatedAt).toISOString()).toBe(_updatedAt);
  expect(settings.preferences).toMatchObject({ idleTimeLimit: 300, desktopNotifications: 'all' });
});

test('whoever has no password, or an extension, is told so', async () => {
  const server = await startAccounts();
  const alice = await server.person('alice');
  const { ctx } = server;
  const set = { freeSwitchExtension: '4711', identities: [{ service: 'github', id: '7', username: 'ali' }] };
  await ctx.write((tx, emit) => changeUser(ctx, tx, emit, { uid: alice.uid, set, passwordHash: null }));
  const { diff } = server.eventsNamed('user.changed').at(-1) ?? {};
  expect(diff).toMatchObject({ freeSwitchExtension: '4711', 'services.password.exists': false });
  expect((await server.call(alice, 'GET', 'me')).body).toMatchObject({
    freeSwitchExtension: '4711',
    services: { github: { id: '7', username: 'ali' }, password: { exists: false } },
    isOAuthUser: true,
  });
});

test('a wrong password and an unknown user are answered alike', async () => {
  const server = await startAccounts();
  await server.person('alice');
  for (const form of [
    { user: 'alice', password: 'wrong' },
    { user: 'nobody', password: 'alice-password' },
    { user: 'rocket.cat', password: 'alice-password' },
  ]) {
    expect(await server.call(null, 'POST', 'login', form)).toEqual({ status: 401, body: UNAUTHORIZED });
  }
});

test('what is no login form is told so', async () => {
  const server = await startAccounts();
  for (const form of [
    {},
    { user: 'root' },
    { user: 5, password: 'x' },
    { ldap: true, username: 'a', ldapPass: 'b' },
  ]) {
    expect(await server.call(null, 'POST', 'login', form)).toEqual({
      status: 401,
      body: { status: 'error', error: 400, message: 'Unrecognized options for login request' },
    });
  }
});

test('a resumed session keeps its token and does not live longer', async () => {
  const server = await startAccounts();
  const alice = await server.person('alice');
  server.wait(10 * DAY);
  const { result } = await server.method(null, 'login', { resume: alice.token });
  expect(result).toEqual({
    id: alice.uid,
    token: alice.token,
    type: 'resume',
    tokenExpires: new Date(server.ctx.clock.now() + 80 * DAY),
  });
  server.wait(80 * DAY);
  const expired = await server.method(null, 'login', { resume: alice.token });
  expect(expired.error).toMatchObject({
    error: 403,
    reason: 'Your session has expired. Please log in again.',
  });
  const unknown = await server.method(null, 'login', { resume: 'x' });
  expect(unknown.error).toMatchObject({
    error: 403,
    reason: "You've been logged out by the server. Please log in again.",
  });
  expect((await server.call(alice, 'GET', 'me')).status).toBe(401);
  expect(await removeExpiredSessions(server.ctx)).toBe(2);
});

test('a deactivated user is told so, but only with the right password', async () => {
  const server = await startAccounts();
  await server.person('alice');
  const { uid } = await server.person('bob');
  const body = { userId: uid, activeStatus: false };
  expect((await server.call(server.admin, 'POST', 'users.setActiveStatus', body)).status).toBe(200);
  expect((await server.call(null, 'POST', 'login', { user: 'bob', password: 'bob-password' })).body).toEqual({
    status: 'error',
    error: 'error-user-is-not-activated',
    message: 'User is not activated',
  });
  expect((await server.call(null, 'POST', 'login', { user: 'bob', password: 'x' })).body).toEqual(
    UNAUTHORIZED,
  );
});

test.each<[what: string, set: UserChanges, error: string, message: string]>([
  ['apps', { type: 'app' }, 'error-app-user-is-not-allowed-to-login', 'App user is not allowed to login'],
  ['whoever has no role', { roles: [] }, 'error-user-has-no-roles', 'User has no roles'],
  // In the documented order.
  [
    'apps that are switched off',
    { type: 'app', active: false, roles: [] },
    'error-app-user-is-not-allowed-to-login',
    'App user is not allowed to login',
  ],
  [
    'whoever is switched off and has no role',
    { active: false, roles: [] },
    'error-user-is-not-activated',
    'User is not activated',
  ],
])('%s cannot log in, by password and by token', async (_what, set, error, message) => {
  const server = await startAccounts();
  const alice = await server.person('alice');
  const change = (more: UserChanges) =>
    server.ctx.write((tx, emit) => changeUser(server.ctx, tx, emit, { uid: alice.uid, set: more }));
  await change(set);
  const refused = { status: 401, body: { status: 'error', error, message } };
  const form = { user: 'alice', password: 'alice-password' };
  expect(await server.call(null, 'POST', 'login', form)).toEqual(refused);
  expect(await server.call(null, 'POST', 'login', { resume: alice.token })).toEqual(refused);
  // Who does not know the password does not learn it.
  expect((await server.call(null, 'POST', 'login', { ...form, password: 'x' })).body).toEqual(UNAUTHORIZED);
  // Nor does a missing role come behind an address that is not proven.
  await server.set('Accounts_EmailVerification', true);
  expect(await server.call(null, 'POST', 'login', form)).toEqual(refused);
});

test('over DDP each refusal has its code and text', async () => {
  const server = await startAccounts();
  await server.set('Accounts_EmailVerification', true);
  await server.person('unverified', { verified: true });
  for (const username of ['idle', 'roleless', 'app']) await server.person(username, { verified: true });
  await server.ctx.write(async (tx) => {
    const change = (username: string, set: object) =>
      tx.updateTable('users').set(set).where('username', '=', username).execute();
    await change('idle', { active: 0 });
    await change('roleless', { roles: '[]' });
    await change('app', { type: 'app' });
    await tx
      .updateTable('user_emails')
      .set({ verified: 0 })
      .where('address', '=', 'unverified@example.org')
      .execute();
  });
  const attempt = async (username: string, password = `${username}-password`) => {
    // Five attempts in ten seconds are too many.
    server.wait(10_000);
    const { error } = await server.method(null, 'login', { user: { username }, password });
    const { error: code, reason } = error as { error: unknown; reason: unknown };
    return [code, reason];
  };
  expect(await attempt('unverified')).toEqual(['error-invalid-email', 'Invalid email __email__']);
  expect(await attempt('idle')).toEqual(['error-user-is-not-activated', 'User is not activated']);
  expect(await attempt('roleless')).toEqual(['error-user-has-no-roles', 'User has no roles']);
  const app = ['error-app-user-is-not-allowed-to-login', 'App user is not allowed to login'];
  expect(await attempt('app')).toEqual(app);
  // Whoever cannot prove anything learns nothing.
  for (const name of ['idle', 'app', 'unknown'])
    expect(await attempt(name, 'wrong')).toEqual([403, 'User not found']);
  await server.set('Block_Multiple_Failed_Logins_Attempts_Until_Block_by_User', 1);
  const blocked = ['error-login-blocked-for-user', 'Login has been temporarily blocked For User'];
  expect(await attempt('idle')).toEqual(blocked);
  await server.set('Block_Multiple_Failed_Logins_Attempts_Until_Block_By_Ip', 1);
  const shut = ['error-login-blocked-for-ip', 'Login has been temporarily blocked For IP'];
  expect(await attempt('root')).toEqual(shut);
});

test('with verification on, only people with a verified address and admins log in by password', async () => {
  const server = await startAccounts();
  await server.person('alice');
  await server.person('bob', { verified: true });
  await server.set('Accounts_EmailVerification', true);
  const refused = await server.call(null, 'POST', 'login', { user: 'alice', password: 'alice-password' });
  expect(refused.body).toEqual({
    status: 'error',
    error: 'error-invalid-email',
    message: 'Invalid email __email__',
  });
  await server.logIn('bob', 'bob-password');
  await server.logIn('root', 'root-password');
});

test('too many failures block a username for a while, also for the right password', async () => {
  const server = await startAccounts();
  await server.person('alice');
  await server.set('Block_Multiple_Failed_Logins_Attempts_Until_Block_by_User', 3);
  const attempt = (password: string) => server.call(null, 'POST', 'login', { user: 'alice', password });
  for (let i = 0; i < 3; i++) expect((await attempt('wrong')).body).toEqual(UNAUTHORIZED);
  expect((await attempt('alice-password')).body).toEqual({
    status: 'error',
    error: 'error-login-blocked-for-user',
    message: 'Login has been temporarily blocked For User',
  });
  server.wait(5 * 60_000 + 1000);
  expect((await attempt('alice-password')).status).toBe(200);
});

test('too many failures block an address, except a white-listed one, and a success starts the count again', async () => {
  const server = await startAccounts();
  await server.set('Block_Multiple_Failed_Logins_Attempts_Until_Block_By_Ip', 3);
  const attempt = (user: string, password: string) => server.call(null, 'POST', 'login', { user, password });
  await attempt('a', 'wrong');
  await attempt('b', 'wrong');
  server.wait(10);
  await attempt('root', 'root-password');
  server.wait(10);
  for (const user of ['c', 'd', 'e']) expect((await attempt(user, 'wrong')).body).toEqual(UNAUTHORIZED);
  expect((await attempt('root', 'root-password')).body).toEqual({
    status: 'error',
    error: 'error-login-blocked-for-ip',
    message: 'Login has been temporarily blocked For IP',
  });
  await server.set('Block_Multiple_Failed_Logins_Ip_Whitelist', '10.0.0.1, 127.0.0.1');
  expect((await attempt('root', 'root-password')).status).toBe(200);
});

test('addresses of one IPv6 network are blocked together', async () => {
  const server = await startAccounts();
  await server.set('Block_Multiple_Failed_Logins_Attempts_Until_Block_By_Ip', 3);
  const attempt = (ip: string, password = 'wrong') =>
    server.call(null, 'POST', 'login', { user: 'root', password }, { 'x-real-ip': ip });
  for (const last of [1, 2, 3]) await attempt(`2001:db8:1:2::${last}`);
  expect((await attempt('2001:db8:1:2::4', 'root-password')).body.error).toBe('error-login-blocked-for-ip');
  expect((await attempt('2001:db8:1:3::4', 'root-password')).status).toBe(200);
});

test('logging out ends the presented session only', async () => {
  const server = await startAccounts();
  const first = await server.person('alice');
  const second = await server.logIn('alice', 'alice-password');
  expect(await server.call(first, 'POST', 'logout')).toEqual({
    status: 200,
    body: { status: 'success', data: { message: "You've been logged out!" } },
  });
  expect(await server.call(first, 'GET', 'me')).toEqual({
    status: 401,
    body: {
      success: false,
      error: 'You must be logged in to do this.',
      status: 'error',
      message: 'You must be logged in to do this.',
    },
  });
  expect((await server.call(second, 'GET', 'me')).body).toMatchObject({ success: true, username: 'alice' });
});

test('a token is of no use with another user id', async () => {
  const server = await startAccounts();
  const alice = await server.person('alice');
  expect((await server.call({ ...alice, uid: server.admin.uid }, 'GET', 'me')).status).toBe(401);
  expect((await server.call(alice, 'GET', 'me')).status).toBe(200);
  expect((await server.call({ ...alice, uid: server.admin.uid }, 'GET', 'me')).status).toBe(401);
});

test('only the newest sessions are kept, and personal tokens are not counted out', async () => {
  const server = await startAccounts({ maxLoginTokens: 3 });
  const first = await server.person('alice');
  const made = await server.call(first, 'POST', 'users.generatePersonalAccessToken', { tokenName: 'bot' });
  const bot = { ...first, token: made.body.token };
  server.wait(1);
  const second = await server.logIn('alice', 'alice-password');
  server.wait(1);
  const third = await server.logIn('alice', 'alice-password');
  const alive = await Promise.all([first, bot, second, third].map((who) => server.call(who, 'GET', 'me')));
  expect(alive.map(({ status }) => status)).toEqual([401, 200, 200, 200]);
  expect(server.eventsNamed('tokens.removed')).toMatchObject([{ uid: first.uid, reason: 'limit' }]);
});

test('tokens are stored as hashes only', async () => {
  const server = await startAccounts();
  const alice = await server.person('alice');
  const rows = await server.ctx.db.selectFrom('login_tokens').selectAll().execute();
  expect(JSON.stringify(rows)).not.toContain(alice.token);
  expect(rows.every((row) => /^[A-Za-z0-9+/]{43}=$/.test(row.hash))).toBe(true);
});
