import { expect, test } from 'vitest';
import { hashToken, sha256hex } from '../../src/kernel/ids.ts';
import { startAccounts } from '../support/accounts-server.ts';

const HOUR = 60 * 60_000;

test('a personal token works for years, is listed without its text and ends when removed', async () => {
  const server = await startAccounts();
  const alice = await server.person('alice');
  const made = await server.call(alice, 'POST', 'users.generatePersonalAccessToken', { tokenName: 'ci' });
  expect(made).toEqual({ status: 200, body: { token: expect.stringMatching(/^[\w-]{43}$/), success: true } });
  const bot = { ...alice, token: made.body.token };
  server.wait(1000 * 24 * HOUR);
  expect((await server.call(bot, 'GET', 'me')).status).toBe(200);
  expect((await server.call(bot, 'GET', 'users.getPersonalAccessTokens')).body).toEqual({
    tokens: [
      {
        name: 'ci',
        createdAt: '2026-01-01T00:00:00.000Z',
        lastTokenPart: bot.token.slice(-6),
        bypassTwoFactor: false,
      },
    ],
    success: true,
  });
  const headers = { 'x-2fa-code': sha256hex('alice-password'), 'x-2fa-method': 'password' };
  const removed = await server.call(
    bot,
    'POST',
    'users.removePersonalAccessToken',
    { tokenName: 'ci' },
    headers,
  );
  expect(removed).toEqual({ status: 200, body: { success: true } });
  expect((await server.call(bot, 'GET', 'me')).status).toBe(401);
  expect(server.eventsNamed('tokens.removed')).toEqual([
    { uid: alice.uid, hashes: [hashToken(bot.token)], reason: 'personal-token-removed' },
  ]);
});

test('regenerating replaces the token and keeps what it may', async () => {
  const server = await startAccounts();
  const alice = await server.person('alice');
  const input = { tokenName: 'ci', bypassTwoFactor: true };
  const { body: first } = await server.call(alice, 'POST', 'users.generatePersonalAccessToken', input);
  const again = await server.call(alice, 'POST', 'users.regeneratePersonalAccessToken', { tokenName: 'ci' });
  expect(again.body.token).not.toBe(first.token);
  expect((await server.call({ ...alice, token: first.token }, 'GET', 'me')).status).toBe(401);
  const { body } = await server.call(
    { ...alice, token: again.body.token },
    'GET',
    'users.getPersonalAccessTokens',
  );
  expect(body.tokens).toMatchObject([{ name: 'ci', bypassTwoFactor: true }]);
});

test('personal tokens refuse missing, double and unknown names and people without the permission', async () => {
  const server = await startAccounts();
  const alice = await server.person('alice');
  const bot = await server.person('guest', { roles: ['guest'] });
  const post = (path: string, body: object, who = alice) => server.call(who, 'POST', `users.${path}`, body);
  await post('generatePersonalAccessToken', { tokenName: 'ci' });
  const refusals = [
    await post('generatePersonalAccessToken', {}),
    await post('generatePersonalAccessToken', { tokenName: 'ci' }),
    await post('regeneratePersonalAccessToken', { tokenName: 'x' }),
    await post('removePersonalAccessToken', { tokenName: 'x' }),
    await post('generatePersonalAccessToken', { tokenName: 'y' }, bot),
    await server.call(bot, 'GET', 'users.getPersonalAccessTokens'),
  ];
  const missing = {
    error: 'Token does not exist [error-token-does-not-exists]',
    errorType: 'error-token-does-not-exists',
  };
  const denied = { error: 'Not Authorized [not-authorized]', errorType: 'not-authorized' };
  expect(refusals.map(({ status, body }) => ({ status, ...body }))).toEqual(
    [
      { error: "The 'tokenName' param is required" },
      {
        error: 'A token with this name already exists [error-token-already-exists]',
        errorType: 'error-token-already-exists',
      },
      missing,
      missing,
      { ...denied, details: { method: 'personalAccessTokens:generateToken' } },
      denied,
    ].map((body) => ({ status: 400, success: false, ...body })),
  );
});

test('a second factor is asked for, checked and remembered for the same token and client', async () => {
  const server = await startAccounts();
  const alice = await server.person('alice');
  server.wait(HOUR);
  const generate = (tokenName: string, headers = {}) =>
    server.call(alice, 'POST', 'users.generatePersonalAccessToken', { tokenName }, headers);
  const details = { method: 'password', codeGenerated: false, availableMethods: [] };
  expect(await generate('a')).toEqual({
    status: 400,
    body: { success: false, error: 'TOTP Required [totp-required]', errorType: 'totp-required', details },
  });
  const wrong = { 'x-2fa-code': sha256hex('x'), 'x-2fa-method': 'password' };
  expect(await generate('a', wrong)).toEqual({
    status: 400,
    body: { success: false, error: 'TOTP Invalid [totp-invalid]', errorType: 'totp-invalid', details },
  });
  const right = { 'x-2fa-code': sha256hex('alice-password'), 'x-2fa-method': 'password' };
  expect((await generate('a', right)).status).toBe(200);
  expect((await generate('b')).status).toBe(200);
  expect((await generate('c', { 'user-agent': 'another' })).body.errorType).toBe('totp-required');
  server.wait(31 * 60_000);
  expect((await generate('c')).body.errorType).toBe('totp-required');
});

test('a personal token that ignores the second factor is never asked; nobody is when it is switched off', async () => {
  const server = await startAccounts();
  const alice = await server.person('alice');
  const input = { tokenName: 'ci', bypassTwoFactor: true };
  const { body } = await server.call(alice, 'POST', 'users.generatePersonalAccessToken', input);
  server.wait(HOUR);
  const generate = (who: typeof alice, tokenName: string) =>
    server.call(who, 'POST', 'users.generatePersonalAccessToken', { tokenName });
  expect((await generate({ ...alice, token: body.token }, 'a')).status).toBe(200);
  expect((await generate(alice, 'b')).status).toBe(400);
  await server.set('Accounts_TwoFactorAuthentication_Enforce_Password_Fallback', false);
  expect((await generate(alice, 'b')).status).toBe(200);
  await server.set('Accounts_TwoFactorAuthentication_Enforce_Password_Fallback', true);
  await server.set('Accounts_TwoFactorAuthentication_Enabled', false);
  expect((await generate(alice, 'c')).status).toBe(200);
});

test('other clients can be logged out; personal tokens stay', async () => {
  const server = await startAccounts();
  const here = await server.person('alice');
  const there = await server.logIn('alice', 'alice-password');
  const made = await server.call(here, 'POST', 'users.generatePersonalAccessToken', { tokenName: 'ci' });
  const bot = { ...here, token: made.body.token };
  expect(await server.call(here, 'POST', 'users.logoutOtherClients')).toEqual({
    status: 200,
    body: { token: here.token, tokenExpires: '2026-04-01T00:00:00.000Z', success: true },
  });
  const alive = await Promise.all([here, there, bot].map((who) => server.call(who, 'GET', 'me')));
  expect(alive.map(({ status }) => status)).toEqual([200, 401, 200]);
  expect((await server.call(bot, 'POST', 'users.removeOtherTokens')).body).toEqual({ success: true });
  expect((await server.call(here, 'GET', 'me')).status).toBe(401);
});

test('an administrator ends all sessions of somebody, and the clients are told first', async () => {
  const server = await startAccounts();
  const alice = await server.person('alice');
  const made = await server.call(alice, 'POST', 'users.generatePersonalAccessToken', { tokenName: 'ci' });
  expect(await server.call(alice, 'POST', 'users.logout', { userId: server.admin.uid })).toEqual({
    status: 403,
    body: { success: false, error: 'unauthorized' },
  });
  expect(await server.call(server.admin, 'POST', 'users.logout', { userId: 'nobody' })).toEqual({
    status: 400,
    body: {
      success: false,
      error: 'Invalid user id [error-invalid-user-id]',
      errorType: 'error-invalid-user-id',
    },
  });
  server.published.length = 0;
  expect(await server.call(server.admin, 'POST', 'users.logout', { userId: alice.uid })).toEqual({
    status: 200,
    body: { message: `User ${alice.uid} has been logged out!`, success: true },
  });
  expect(server.published.map(({ name }) => name)).toEqual(['user.forceLogout', 'tokens.removed']);
  const hashes = server.eventsNamed('tokens.removed').flatMap((event) => event.hashes);
  expect(hashes.sort()).toEqual([hashToken(alice.token), hashToken(made.body.token)].sort());
  expect((await server.call(alice, 'GET', 'me')).status).toBe(401);
});

test('tokens for others exist only where the operator allows it', async () => {
  const denied = {
    status: 400,
    body: {
      success: false,
      error: 'Not authorized [error-not-authorized]',
      errorType: 'error-not-authorized',
    },
  };
  const closed = await startAccounts();
  const input = { username: 'alice', secret: 'open sesame' };
  await closed.person('alice');
  expect(await closed.call(closed.admin, 'POST', 'users.createToken', input)).toEqual(denied);

  const open = await startAccounts({ createTokensSecret: 'open sesame' });
  const alice = await open.person('alice');
  expect(await open.call(open.admin, 'POST', 'users.createToken', { ...input, secret: 'x' })).toEqual(denied);
  expect(await open.call(open.admin, 'POST', 'users.createToken', { username: 'alice' })).toEqual(denied);
  expect(await open.call(alice, 'POST', 'users.createToken', { ...input, username: 'root' })).toEqual(denied);
  const { status, body } = await open.call(open.admin, 'POST', 'users.createToken', input);
  expect({ status, body }).toEqual({
    status: 200,
    body: { data: { userId: alice.uid, authToken: expect.any(String) }, success: true },
  });
  const me = await open.call({ ...alice, token: body.data.authToken }, 'GET', 'me');
  expect(me.body.username).toBe('alice');
});
