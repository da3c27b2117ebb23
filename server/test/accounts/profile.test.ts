import { expect, test } from 'vitest';
import { changeUser } from '../../src/accounts/change-user.ts';
import { sha256hex } from '../../src/kernel/ids.ts';
import { type Session, startAccounts } from '../support/accounts-server.ts';

const HOUR = 60 * 60_000;

test('the own profile is edited, and blank texts are removed', async () => {
  const server = await startAccounts();
  const alice = await server.person('alice');
  const edit = (data: object) => server.call(alice, 'POST', 'users.updateOwnBasicInfo', { data });
  const { status, body } = await edit({ name: 'Alice B', bio: 'boats', nickname: 'al', statusText: 'hi' });
  expect(status).toBe(200);
  expect(body.user).toMatchObject({
    _id: alice.uid,
    name: 'Alice B',
    bio: 'boats',
    nickname: 'al',
    statusText: 'hi',
  });
  expect(body.user).not.toHaveProperty('services');
  const cleared = await edit({ bio: '', nickname: ' ', statusText: '' });
  expect(cleared.body.user).toMatchObject({ name: 'Alice B', statusText: '' });
  expect(cleared.body.user).not.toHaveProperty('bio');
  expect(cleared.body.user).not.toHaveProperty('nickname');
});

test('the own profile refuses what is too long, taken, blocked or switched off', async () => {
  const server = await startAccounts();
  const alice = await server.person('alice');
  const refused = async (data: object) => {
    const { body } = await server.call(alice, 'POST', 'users.updateOwnBasicInfo', { data });
    return body.error;
  };
  expect(await refused({ bio: 'x'.repeat(261) })).toBe(
    'Bio size exceeds 260 characters [error-bio-size-exceeded]',
  );
  expect(await refused({ nickname: 'x'.repeat(121) })).toBe(
    'Nickname size exceeds 120 characters [error-nickname-size-exceeded]',
  );
  const identity = 'Could not save user identity [error-could-not-save-identity]';
  for (const username of ['root', 'all', 'a b']) expect(await refused({ username })).toBe(identity);
  await server.set('Accounts_AllowRealNameChange', false);
  expect(await refused({ name: 'x' })).toBe('Edit user real name is not allowed [error-action-not-allowed]');
  await server.set('Accounts_AllowUserProfileChange', false);
  expect(await refused({ bio: 'x' })).toBe('Not allowed [error-not-allowed]');
});

test('a new password needs the old one, ends other sessions and keeps this one', async () => {
  const server = await startAccounts();
  const here = await server.person('alice');
  const there = await server.logIn('alice', 'alice-password');
  server.wait(HOUR);
  const change = (data: object) => server.call(here, 'POST', 'users.updateOwnBasicInfo', { data });
  const newPassword = 'better-password';
  const current = (password: string) => ({ currentPassword: sha256hex(password) });
  expect((await change({ newPassword })).body.errorType).toBe('totp-required');
  expect((await change({ newPassword, ...current('x') })).body.errorType).toBe('totp-invalid');
  const same = await change({ newPassword: 'alice-password', ...current('alice-password') });
  expect(same.body.error).toBe('Entered password same as current password [error-password-same-as-current]');
  expect((await change({ newPassword, ...current('alice-password') })).status).toBe(200);
  expect((await server.call(here, 'GET', 'me')).status).toBe(200);
  expect((await server.call(there, 'GET', 'me')).status).toBe(401);
  await server.logIn('alice', newPassword);
});

test('a new address asks for the password too, and is unverified', async () => {
  const server = await startAccounts();
  const alice = await server.person('alice', { verified: true });
  server.wait(HOUR);
  const change = (data: object) => server.call(alice, 'POST', 'users.updateOwnBasicInfo', { data });
  const email = 'Other@example.org';
  expect((await change({ email })).body.errorType).toBe('totp-required');
  expect((await change({ email: 'ALICE@example.org' })).status).toBe(200);
  const currentPassword = sha256hex('alice-password');
  expect((await change({ email: 'root@example.org', currentPassword })).body.errorType).toBe(
    'error-field-unavailable',
  );
  const { body } = await change({ email, currentPassword });
  expect(body.user.emails).toEqual([{ address: 'other@example.org', verified: false }]);
});

test('saved preferences overlay the defaults and are announced one by one', async () => {
  const server = await startAccounts();
  const alice = await server.person('alice');
  const defaults = (await server.call(alice, 'GET', 'me')).body.settings.preferences;
  const save = (data: object, who: Session = alice) =>
    server.call(who, 'POST', 'users.setPreferences', { userId: alice.uid, data });
  const data = { language: 'de', hideRoles: true, emailNotificationMode: 'disabled', highlights: ['boat'] };
  const saved = { hideRoles: true, emailNotificationMode: 'nothing', highlights: ['boat'] };
  expect(await save(data)).toEqual({
    status: 200,
    body: {
      user: { _id: alice.uid, settings: { preferences: { ...saved, language: 'de' } } },
      success: true,
    },
  });
  const { diff } = server.eventsNamed('user.changed').at(-1) ?? {};
  expect(diff).toEqual({
    language: 'de',
    'settings.preferences.hideRoles': true,
    'settings.preferences.emailNotificationMode': 'nothing',
    'settings.preferences.highlights': ['boat'],
    _updatedAt: expect.any(Date),
  });
  await save({ hideRoles: false });
  expect((await server.call(alice, 'GET', 'users.getPreferences')).body).toEqual({
    preferences: { ...saved, hideRoles: false, language: 'de' },
    success: true,
  });
  const me = (await server.call(alice, 'GET', 'me')).body;
  expect(me.settings.preferences).toEqual({ ...defaults, ...saved, hideRoles: false });
  expect(me.language).toBe('de');
});

test('preferences refuse unknown keys, short idle times and the preferences of others', async () => {
  const server = await startAccounts();
  const alice = await server.person('alice');
  const bob = await server.person('bob');
  const save = async (who: Session, data: object) => {
    const { body } = await server.call(who, 'POST', 'users.setPreferences', { userId: alice.uid, data });
    return body.errorType;
  };
  expect(await save(alice, { nonsense: 1 })).toBe('error-invalid-params');
  expect(await save(alice, { idleTimeLimit: 30 })).toBe('invalid-idle-time-limit-value');
  expect(await save(bob, { hideRoles: true })).toBe('error-action-not-allowed');
  expect(await save(server.admin, { hideRoles: true })).toBeUndefined();
  // Every list of users reads them.
  expect(await save(alice, { featuresPreview: [{ name: 'x'.repeat(200_000) }] })).toBe(
    'error-invalid-params',
  );
});

test('every setting with a default preference is known', async () => {
  const { SETTINGS } = await import('../../src/admin/setting-table.ts');
  const { PREFERENCES_WITH_DEFAULT } = await import('../../src/accounts/preferences.ts');
  const prefix = 'Accounts_Default_User_Preferences_';
  const declared = [...SETTINGS.keys()]
    .filter((id) => id.startsWith(prefix))
    .map((id) => id.slice(prefix.length));
  expect([...PREFERENCES_WITH_DEFAULT].sort()).toEqual(declared.sort());
});

test('whether a username is free can be asked', async () => {
  const server = await startAccounts();
  const alice = await server.person('alice');
  const check = async (username: string) =>
    (await server.call(alice, 'GET', `users.checkUsernameAvailability?username=${username}`)).body;
  expect(await check('free')).toEqual({ result: true, success: true });
  expect(await check('ROOT')).toEqual({ result: false, success: true });
  expect(await check('Alice')).toEqual({ result: true, success: true });
  expect((await check('here')).errorType).toBe('error-blocked-username');
  await server.set('Accounts_AllowUsernameChange', false);
  expect((await check('free')).errorType).toBe('error-not-allowed');
});

test('a suggested username is made of letters of ASCII, unless the workspace wants names as they are', async () => {
  const server = await startAccounts();
  await server.person('zoe', { name: 'zoe' });
  const alice = await server.person('alice', { name: 'Zoë' });
  await server.ctx.write((tx, emit) =>
    changeUser(server.ctx, tx, emit, { uid: alice.uid, set: { username: undefined } }),
  );
  const suggested = async () =>
    (await server.call(alice, 'GET', 'users.getUsernameSuggestion')).body.result as string;
  // The name as a slug is taken.
  expect(await suggested()).toBe('alice');
  await server.set('UTF8_Names_Slugify', false);
  expect(await suggested()).toBe('alice');
  await server.set('UTF8_User_Names_Validation', '[0-9ëa-zA-Z-_.]+');
  expect(await suggested()).toBe('Zoë');
});

test('older clients edit people and the own address by methods', async () => {
  const server = await startAccounts();
  const given = { username: 'bert', name: 'Bert', email: 'bert@example.org', password: 'bert-password' };
  const made = await server.method(server.admin, 'insertOrUpdateUser', { ...given, verified: true });
  const bert = await server.logIn('bert', 'bert-password');
  expect(made.result).toBe(bert.uid);
  const edit = { _id: bert.uid, name: 'Bertram', roles: ['user', 'bot'] };
  expect((await server.method(server.admin, 'insertOrUpdateUser', edit)).result).toBe(true);
  expect((await server.call(bert, 'GET', 'me')).body).toMatchObject({
    name: 'Bertram',
    roles: ['user', 'bot'],
    emails: [{ address: 'bert@example.org', verified: true }],
  });
  expect((await server.method(bert, 'setEmail', 'b@example.org')).result).toBe('b@example.org');
  expect((await server.call(bert, 'GET', 'me')).body.emails).toEqual([
    { address: 'b@example.org', verified: false },
  ]);
  server.wait(HOUR);
  const again = (factor: object[]) => server.method(bert, 'setEmail', 'c@example.org', ...factor);
  expect((await again([])).error).toMatchObject({ error: 'totp-required', details: { method: 'password' } });
  // Once a second.
  server.wait(1000);
  const proof = { twoFactorCode: sha256hex('bert-password'), twoFactorMethod: 'password' };
  expect((await again([proof])).result).toBe('c@example.org');
});
