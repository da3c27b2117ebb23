import { expect, test } from 'vitest';
import { changeUser } from '../../src/accounts/change-user.ts';
import { fail } from '../../src/kernel/errors.ts';
import { sha256hex } from '../../src/kernel/ids.ts';
import { type AccountsServer, type Session, startAccounts } from '../support/accounts-server.ts';
import { coded } from '../support/rooms.ts';

const ALICE = { username: 'alice', name: 'Alice', email: 'alice@example.org', password: 'pass' };

/** Status, error and code of an answer. */
async function outcome(server: AccountsServer, who: Session, path: string, body: object) {
  const answer = await server.call(who, 'POST', path, body);
  return [answer.status, answer.body.error, answer.body.errorType];
}

test('an administrator adds somebody with everything that can be given', async () => {
  const server = await startAccounts();
  server.asked.length = 0;
  const { status, body } = await server.call(server.admin, 'POST', 'users.create', {
    ...ALICE,
    bio: 'likes boats',
    nickname: 'al',
    statusText: 'new here',
    roles: ['user', 'bot'],
    verified: true,
    requirePasswordChange: true,
  });
  expect({ status, asked: server.asked }).toEqual({ status: 200, asked: ['join alice'] });
  const { _id, createdAt, _updatedAt, ...user } = body.user;
  expect(user).toEqual({
    username: 'alice',
    name: 'Alice',
    nickname: 'al',
    bio: 'likes boats',
    statusText: 'new here',
    type: 'user',
    active: true,
    roles: ['user', 'bot'],
    emails: [{ address: 'alice@example.org', verified: true }],
    status: 'offline',
    statusConnection: 'offline',
    statusDefault: 'online',
    requirePasswordChange: true,
    settings: {},
    __rooms: [],
  });
  const info = await server.call(server.admin, 'GET', `users.info?userId=${_id}`);
  expect(info.body.user).toMatchObject({ username: 'alice', createdAt, canViewAllInfo: true });
  expect(server.eventsNamed('user.created').at(-1)?.user._id).toBe(_id);
});

test('adding somebody is refused for each reason in the documented order', async () => {
  const server = await startAccounts();
  const bob = await server.person('bob');
  const create = (body: object, who = server.admin) =>
    outcome(server, who, 'users.create', { ...ALICE, ...body });
  const denied = (reason: string) => [
    400,
    `${reason} [error-action-not-allowed]`,
    'error-action-not-allowed',
  ];
  const bad = { name: 'a/b', roles: ['nothing'], username: 'a b', password: '' };
  expect(await create(bad, bob)).toEqual([400, 'Name contains invalid characters', undefined]);
  expect(await create({ ...bad, name: '' }, bob)).toEqual(denied('Adding user is not allowed'));
  expect(await create({ ...bad, name: '' })).toEqual(denied('The field Roles consist invalid role id'));
  const named = { ...bad, roles: ['user'] };
  const missing = (field: string) => [
    400,
    `The field ${field} is required [error-the-field-is-required]`,
    'error-the-field-is-required',
  ];
  expect(await create({ ...named, name: '' })).toEqual(missing('Name'));
  expect(await create({ ...named, name: 'A', username: '' })).toEqual(missing('Username'));
  expect(await create({ ...named, name: 'A' })).toEqual([
    400,
    'a b is not a valid username [error-input-is-not-a-valid-field]',
    'error-input-is-not-a-valid-field',
  ]);
  expect(await create({ password: '' })).toEqual(missing('Password'));
  expect((await create({ username: 'system' }))[2]).toBe('error-blocked-username');
  const taken = (field: string) => [
    400,
    `${field} is already in use :( [error-field-unavailable]`,
    'error-field-unavailable',
  ];
  expect(await create({ username: 'BOB', email: 'bob@example.org' })).toEqual(taken('BOB'));
  expect(await create({ email: 'Bob@example.org' })).toEqual(taken('Bob@example.org'));
  expect((await create({ email: 'nowhere' }))[2]).toBe('error-invalid-email');
  expect((await create({ extra: 1 }))[2]).toBe('error-invalid-params');
  expect((await create({}))[0]).toBe(200);
});

test('only who may assign the admin role creates admins', async () => {
  const server = await startAccounts();
  const bob = await server.person('bob', { roles: ['user', 'livechat-manager'] });
  const { ctx } = server;
  const allowed = {
    ...ctx,
    permissions: { ...ctx.permissions, has: (_: unknown, id: string) => id === 'create-user' },
  };
  const { createUser } = await import('../../src/accounts/create-user.ts');
  const { NO_ROOMS } = await import('../../src/accounts/room-hooks.ts');
  const { callerFor, findUserById } = await import('../../src/accounts/find-users.ts');
  const user = await findUserById(ctx, bob.uid);
  if (!user) throw new Error('bob is gone');
  const caller = callerFor(user, { ip: '', userAgent: '' });
  const attempt = createUser(allowed, NO_ROOMS, caller, { ...ALICE, roles: ['admin'] });
  await expect(attempt).rejects.toMatchObject({ reason: 'Assigning admin is not allowed' });
});

test('custom fields are checked against their declarations and only declared ones are stored', async () => {
  const server = await startAccounts();
  const declared = {
    team: { type: 'select', required: true, options: ['red', 'blue'], public: true },
    motto: { type: 'text', minLength: 2, maxLength: 4 },
  };
  await server.set('Accounts_CustomFields', JSON.stringify(declared));
  const create = (customFields: object) =>
    server.call(server.admin, 'POST', 'users.create', { ...ALICE, customFields });
  const refusal = async (customFields: object) => (await create(customFields)).body.error;
  const code = '[error-user-registration-custom-field]';
  expect(await refusal({ motto: 'hi' })).toBe(`Field team is required ${code}`);
  expect(await refusal({ team: 'green' })).toBe(`Value for field team is invalid ${code}`);
  expect(await refusal({ team: 'red', motto: 'hello' })).toBe(`Max length of field motto 4 ${code}`);
  expect(await refusal({ team: 'red', motto: 'h' })).toBe(`Min length of field motto 2 ${code}`);
  await server.set('Accounts_CustomFields', JSON.stringify({ ...declared, free: { type: 'text' } }));
  expect(await refusal({ team: 'red', free: 'x'.repeat(30_000) })).toBe(
    `The custom fields are too long ${code}`,
  );
  const { body } = await create({ team: 'red', motto: 'hi', more: true });
  expect(body.user.customFields).toEqual({ team: 'red', motto: 'hi' });
  const bob = await server.person('bob', { customFields: { team: 'blue' } });
  const seen = await server.call(bob, 'GET', 'users.info?username=alice');
  expect(seen.body.user.customFields).toEqual({ team: 'red' });
});

test('custom fields write into other members of the user, as far as people may write there', async () => {
  const server = await startAccounts();
  const into = (field: string, array = false) => ({ modifyRecordField: { array, field } });
  const options = ['bot', 'leader', 'admin', 'nothing'];
  const declared = {
    duty: { type: 'select', options, ...into('roles', true) },
    free: { type: 'text', ...into('roles', true) },
    nick: { type: 'text', ...into('nickname') },
    about: { type: 'text', ...into('bio') },
    secret: { type: 'text', ...into('active') },
  };
  await server.set('Accounts_CustomFields', JSON.stringify(declared));
  const customFields = { duty: 'bot', free: 'leader', nick: 'Al', about: 'x'.repeat(261), secret: 'no' };
  const account = { username: 'alice', name: 'Alice', email: 'alice@example.org' };
  const { body } = await server.call(server.admin, 'POST', 'users.create', {
    ...account,
    password: 'alice-password',
    customFields,
  });
  expect(body.user).toMatchObject({ customFields, roles: ['user', 'bot'], nickname: 'Al', active: true });
  expect(body.user).not.toHaveProperty('bio');
  const alice = await server.logIn('alice', 'alice-password');

  const edit = async (fields: object) => {
    const { body } = await server.call(alice, 'POST', 'users.updateOwnBasicInfo', {
      data: {},
      customFields: fields,
    });
    return body.user.roles;
  };
  expect(await edit({ duty: 'leader' })).toEqual(['user', 'bot', 'leader']);
  const user = { _id: alice.uid, username: 'alice', name: 'Alice' };
  expect(server.eventsNamed('globalRole.changed')).toEqual([{ type: 'added', role: 'leader', user }]);
  expect(await edit({ duty: 'admin' })).toEqual(['user', 'bot', 'leader']);
  expect(await edit({ duty: 'nothing' })).toEqual(['user', 'bot', 'leader']);

  const data = { roles: ['user'], customFields: { duty: 'leader', about: 'hello' } };
  const update = { userId: alice.uid, data };
  expect((await server.call(server.admin, 'POST', 'users.update', update)).body.user).toMatchObject({
    roles: ['user', 'leader'],
    bio: 'hello',
  });
  const registration = { username: 'bert', email: 'bert@example.org', pass: 'p', customFields };
  await server.call(null, 'POST', 'users.register', registration);
  const bert = await server.call(server.admin, 'GET', 'users.info?username=bert');
  expect(bert.body.user).toMatchObject({ roles: ['user', 'bot'], nickname: 'Al' });
});

test('who looks decides what of a user is shown', async () => {
  const server = await startAccounts();
  const alice = await server.person('alice');
  const bob = await server.person('bob');
  const keys = async (who: Session) => {
    const { body } = await server.call(who, 'GET', `users.info?userId=${alice.uid}`);
    return Object.keys(body.user).sort();
  };
  const open = ['_id', 'active', 'canViewAllInfo', 'name', 'status', 'type', 'username'];
  const closed = ['createdAt', 'emails', 'lastLogin', 'roles', 'statusConnection'];
  expect(await keys(bob)).toEqual(open);
  expect(await keys(server.admin)).toEqual([...open, ...closed].sort());
  expect(await keys(alice)).toEqual([...open, ...closed, 'services'].sort());
  const info = (query: string, who: Session) => server.call(who, 'GET', `users.info?${query}`);
  const missing = { status: 400, body: { success: false, error: 'User not found.' } };
  expect(await info('username=nobody', bob)).toEqual(missing);
  expect(await info('email=alice@example.org', bob)).toEqual(missing);
  expect((await info('email=alice@example.org', server.admin)).body.user._id).toBe(alice.uid);
  const { ctx } = server;
  const set = { importIds: ['old-1', 'old-2'], freeSwitchExtension: '4711' };
  await ctx.write((tx, emit) => changeUser(ctx, tx, emit, { uid: alice.uid, set }));
  for (const query of ['importId=old-2', 'freeSwitchExtension=4711']) {
    expect(await info(query, bob)).toEqual(missing);
    expect((await info(query, server.admin)).body.user._id).toBe(alice.uid);
  }
  expect(await info('importId=old', server.admin)).toEqual(missing);
  const services = async (who: Session) => (await info(`userId=${alice.uid}`, who)).body.user.services;
  expect(await services(alice)).toEqual({ password: true });
  const factors = { totp: true, email: true } as const;
  await ctx.write((tx, emit) => changeUser(ctx, tx, emit, { uid: alice.uid, set: { factors } }));
  expect(await services(alice)).toEqual({
    password: true,
    totp: { enabled: true },
    email2fa: { enabled: true },
  });
  expect(await services(server.admin)).toBeUndefined();
  const { status, body } = await info('', bob);
  expect({ status, errorType: body.errorType }).toEqual({ status: 400, errorType: 'error-invalid-params' });
  expect(body.error).toContain(
    "must have required property 'userId'\n must have required property 'username'",
  );
});

test('the list is sorted, paged, counted and shows private members only to those who may see them', async () => {
  const server = await startAccounts();
  for (const username of ['dora', 'Bert', 'anna']) await server.person(username);
  const alice = await server.person('carl');
  const list = async (query: string, who = alice) =>
    (await server.call(who, 'GET', `users.list?${query}`)).body;
  const names = (body: { users: { username: string }[] }) => body.users.map((user) => user.username);
  const first = await list('count=2');
  expect(first).toMatchObject({ count: 2, offset: 0, total: 6, success: true });
  expect(names(first)).toEqual(['anna', 'Bert']);
  expect(names(await list('count=2&offset=2'))).toEqual(['carl', 'dora']);
  expect(names(await list('sort={"username":-1}&count=1'))).toEqual(['root']);
  expect(names(await list('sort={"name":1}&count=2'))).toEqual(['root', 'anna']);
  const byAddress = 'sort={"emails.address":-1}&count=2';
  expect(names(await list(byAddress, server.admin))).toEqual(['root', 'dora']);
  expect(names(await list(byAddress))).toEqual(['anna', 'Bert']);
  const byStatus = await server.call(server.admin, 'GET', `users.listByStatus?${byAddress}`);
  expect(names(byStatus.body)).toEqual(['root', 'dora']);
  expect(Object.keys(first.users[0]).sort()).toEqual([
    '_id',
    'active',
    'name',
    'nameInsensitive',
    'status',
    'type',
    'username',
  ]);
  expect((await list('count=1', server.admin)).users[0]).toMatchObject({
    emails: [{ address: 'anna@example.org', verified: false }],
    roles: ['user'],
  });
  expect((await list('sort=x')).errorType).toBe('error-invalid-sort');
  const guest = await server.person('guest', { roles: ['guest'] });
  await server.set('API_Apply_permission_view-outside-room_on_users-list', true);
  expect((await server.call(guest, 'GET', 'users.list')).status).toBe(403);
});

test('lists by status filter by activation, role, login and text', async () => {
  const server = await startAccounts();
  const bob = await server.person('bob', { roles: ['bot'] });
  const fresh = { ...ALICE, username: 'fresh', email: 'fresh@example.com' };
  await server.call(server.admin, 'POST', 'users.create', fresh);
  await server.call(server.admin, 'POST', 'users.setActiveStatus', { userId: bob.uid, activeStatus: false });
  const list = async (query: string) => {
    const { body } = await server.call(server.admin, 'GET', `users.listByStatus?${query}`);
    return body.users.map((user: { username: string }) => user.username);
  };
  expect(await list('status=deactivated')).toEqual(['bob']);
  expect(await list('status=active&type=user')).toEqual(['fresh', 'root']);
  expect(await list('hasLoggedIn=false&type=user')).toEqual(['fresh']);
  expect(await list('inactiveReason[]=deactivated')).toEqual(['bob']);
  expect(await list('inactiveReason[]=idle_too_long')).toEqual([]);
  expect(await list('roles[]=bot')).toEqual(['bob', 'rocket.cat']);
  expect(await list('searchTerm=EXAMPLE.com')).toEqual(['fresh']);
});

test('who may not see addresses cannot find people by a part of them either', async () => {
  const server = await startAccounts();
  await server.person('carol', { email: 'secret-address@example.org' });
  const search = async (who: Session, term: string) => {
    const { body } = await server.call(who, 'GET', `users.listByStatus?searchTerm=${term}`);
    return body.users.map((user: { username: string }) => user.username);
  };
  const alice = await server.person('alice');
  expect(await search(alice, 'secret-address')).toEqual([]);
  expect(await search(alice, 'car')).toEqual(['carol']);
  expect(await search(server.admin, 'secret-address')).toEqual(['carol']);
});

test('more exceptions than a statement takes are no failure', async () => {
  const { ctx, admin } = await startAccounts();
  const { suggestPeople } = await import('../../src/accounts/list-users.ts');
  const { callerFor, findUserById } = await import('../../src/accounts/find-users.ts');
  const user = await findUserById(ctx, admin.uid);
  if (!user) throw new Error('root is gone');
  const exceptions = ['root', ...Array.from({ length: 40_000 }, (_, n) => `nobody-${n}`)];
  const caller = callerFor(user, { ip: '', userAgent: '' });
  expect(await suggestPeople(ctx, caller, { term: 'roo', exceptions })).toEqual([]);
});

test('people are suggested by a part of their names', async () => {
  const server = await startAccounts();
  const alice = await server.person('alice');
  await server.person('bob', { name: 'Robert Alison' });
  const gone = await server.person('alina');
  await server.call(server.admin, 'POST', 'users.setActiveStatus', { userId: gone.uid, activeStatus: false });
  const suggest = async (selector: object) => {
    const query = encodeURIComponent(JSON.stringify(selector));
    const { body } = await server.call(alice, 'GET', `users.autocomplete?selector=${query}`);
    return body.items?.map((item: { username: string }) => item.username) ?? body.errorType;
  };
  expect(await suggest({ term: 'ALI' })).toEqual(['alice', 'bob']);
  expect(await suggest({ term: 'ali', exceptions: ['alice'] })).toEqual(['bob']);
  await server.call(alice, 'POST', 'users.updateOwnBasicInfo', { data: { bio: 'Sailing the Ägäis' } });
  expect(await suggest({ term: 'äGÄ' })).toEqual(['alice']);
  expect(await suggest({ term: '%' })).toEqual([]);
  expect(await suggest({})).toBe('error-invalid-params');

  // Conditions of the caller's own.
  expect(await suggest({ term: 'ali', conditions: { username: { $nin: ['alice'] } } })).toEqual(['bob']);
  expect(
    await suggest({ term: 'ali', conditions: { $or: [{ name: 'alice' }, { roles: 'admin' }] } }),
  ).toEqual(['alice']);
  expect(await suggest({ term: 'ali', conditions: { $nor: [{ name: 'alice' }] } })).toBe(
    'error-invalid-params',
  );
  expect(await suggest({ term: 'ali', conditions: { 'services.x': 1 } })).toBe('error-invalid-query');
});

test('editing somebody stores, announces and carries names into rooms', async () => {
  const server = await startAccounts();
  const alice = await server.person('alice', { bio: 'old', nickname: 'al' });
  server.asked.length = 0;
  server.published.length = 0;
  const { status, body } = await server.call(server.admin, 'POST', 'users.update', {
    userId: alice.uid,
    data: {
      name: 'Alice B',
      username: 'alice.b',
      email: 'new@example.org',
      roles: ['user', 'bot'],
      nickname: 'ally',
    },
  });
  expect(status).toBe(200);
  expect(body.user).toMatchObject({
    name: 'Alice B',
    username: 'alice.b',
    nickname: 'ally',
    roles: ['user', 'bot'],
  });
  expect(body.user.emails).toEqual([{ address: 'new@example.org', verified: false }]);
  expect(body.user).not.toHaveProperty('bio');
  expect(server.asked).toEqual(['renamed alice to alice.b']);
  expect(server.eventsNamed('user.nameChanged')).toEqual([
    { uid: alice.uid, username: 'alice.b', name: 'Alice B', oldUsername: 'alice' },
  ]);
  const diffs = server
    .eventsNamed('user.changed')
    .map(({ diff, unset }) => ({ keys: Object.keys(diff), unset }));
  expect(diffs).toEqual([
    { keys: ['username', 'name', '_updatedAt'], unset: {} },
    { keys: ['nickname', 'roles', 'emails', '_updatedAt'], unset: { bio: 1 } },
  ]);
  expect(server.eventsNamed('globalRole.changed')).toMatchObject([{ type: 'added', role: 'bot' }]);
  expect((await server.call(alice, 'GET', 'me')).body).toMatchObject({
    username: 'alice.b',
    roles: ['user', 'bot'],
  });
});

test('editing is refused without permission, for oneself where it would help oneself, and for strangers', async () => {
  const server = await startAccounts();
  const alice = await server.person('alice');
  const bob = await server.person('bob');
  const update = (who: Session, userId: string, data: object) =>
    outcome(server, who, 'users.update', { userId, data });
  const denied = (reason: string) => [
    400,
    `${reason} [error-action-not-allowed]`,
    'error-action-not-allowed',
  ];
  expect((await update(server.admin, 'nobody', {}))[2]).toBe('error-invalid-user');
  expect(await update(bob, alice.uid, { name: 'x' })).toEqual(denied('Editing user is not allowed'));
  expect(await update(alice, alice.uid, { verified: true })).toEqual(
    denied('Editing email verification is not allowed'),
  );
  expect(await update(alice, alice.uid, { roles: ['user', 'bot'] })).toEqual(
    denied('Assign roles is not allowed'),
  );
  expect(await update(alice, alice.uid, { roles: ['admin'] })).toEqual(
    denied('Assigning admin is not allowed'),
  );
  expect(await update(server.admin, server.admin.uid, { roles: ['user'] })).toEqual(
    denied('Leaving the app without admins is not allowed'),
  );
  await server.set('Accounts_AllowUsernameChange', false);
  expect(await update(alice, alice.uid, { username: 'x' })).toEqual(denied('Edit username is not allowed'));
  expect((await update(server.admin, alice.uid, { username: 'bob' }))[2]).toBe('error-field-unavailable');
  expect((await update(server.admin, alice.uid, { unknown: 1 }))[2]).toBe('error-invalid-params');
});

test("a password set by an administrator ends the user's sessions", async () => {
  const server = await startAccounts();
  const alice = await server.person('alice');
  const body = { userId: alice.uid, data: { password: 'another' } };
  expect((await server.call(server.admin, 'POST', 'users.update', body)).status).toBe(200);
  expect((await server.call(alice, 'GET', 'me')).status).toBe(401);
  await server.logIn('alice', 'another');
  expect(
    (await server.call(null, 'POST', 'login', { user: 'alice', password: 'alice-password' })).status,
  ).toBe(401);
});

test('deactivation ends sessions, and nobody can leave the workspace without an active admin', async () => {
  const server = await startAccounts();
  const alice = await server.person('alice');
  const bob = await server.person('bob');
  server.asked.length = 0;
  server.published.length = 0;
  const set = (who: Session, userId: string, activeStatus: boolean) =>
    server.call(who, 'POST', 'users.setActiveStatus', { userId, activeStatus });
  expect(await set(bob, alice.uid, false)).toEqual({
    status: 403,
    body: { success: false, error: 'unauthorized' },
  });
  expect((await set(server.admin, server.admin.uid, false)).body.error).toBe(
    'Leaving the app without an active admin is not allowed [error-action-not-allowed]',
  );
  expect(await set(server.admin, alice.uid, false)).toEqual({
    status: 200,
    body: { user: { _id: alice.uid, active: false }, success: true },
  });
  expect(server.asked).toEqual([`relinquish ${alice.uid}`, 'deactivated alice']);
  expect(server.published.map(({ name }) => name)).toEqual([
    'user.changed',
    'user.forceLogout',
    'tokens.removed',
  ]);
  expect((await server.call(alice, 'GET', 'me')).status).toBe(401);
  await set(server.admin, alice.uid, true);
  expect(server.asked.at(-1)).toBe('activated alice');
  await server.logIn('alice', 'alice-password');
});

test('a refusal of the rooms leaves the account as it was', async () => {
  const details = { shouldBeRemoved: [], shouldChangeOwner: ['boats'] };
  const server = await startAccounts(
    {},
    {
      relinquishRooms: async (_ctx, _tx, _emit, _uid, { confirmRelinquish }) => {
        if (!confirmRelinquish) fail('user-last-owner', '', details);
      },
    },
  );
  const alice = await server.person('alice');
  const remove = (more = {}) =>
    server.call(server.admin, 'POST', 'users.delete', { userId: alice.uid, ...more });
  const refused = { success: false, error: '[user-last-owner]', errorType: 'user-last-owner', details };
  expect(await remove()).toEqual({ status: 400, body: refused });
  const off = { userId: alice.uid, activeStatus: false };
  expect((await server.call(server.admin, 'POST', 'users.setActiveStatus', off)).body).toEqual(refused);
  expect((await server.call(alice, 'GET', 'me')).status).toBe(200);
  expect(await remove({ confirmRelinquish: true })).toEqual({ status: 200, body: { success: true } });
  expect((await server.call(alice, 'GET', 'me')).status).toBe(401);
});

test('deleting somebody removes the account and tells everybody', async () => {
  const server = await startAccounts();
  const alice = await server.person('alice');
  const bob = await server.person('bob');
  const remove = (who: Session, body: object) => outcome(server, who, 'users.delete', body);
  expect(await remove(bob, { userId: alice.uid })).toEqual([403, 'unauthorized', undefined]);
  expect((await remove(server.admin, {}))[2]).toBe('error-user-param-not-provided');
  expect((await remove(server.admin, { username: 'nobody' }))[2]).toBe('error-invalid-user');
  expect((await remove(server.admin, { username: 'root' }))[1]).toBe(
    'Leaving the app without admins is not allowed [error-action-not-allowed]',
  );
  expect((await remove(server.admin, { username: 'rocket.cat' }))[1]).toBe(
    'Deleting the rocket.cat user is not allowed [error-action-not-allowed]',
  );
  server.asked.length = 0;
  expect((await remove(server.admin, { user: 'ALICE' }))[0]).toBe(200);
  expect(server.asked).toEqual([`relinquish ${alice.uid}`, 'removed alice Delete']);
  expect(server.eventsNamed('user.deleted')).toEqual([
    { uid: alice.uid, username: 'alice', erasure: 'Delete' },
  ]);
  await server.set('Message_ErasureType', 'Unlink');
  await remove(server.admin, { userId: bob.uid });
  expect(server.eventsNamed('user.deleted').at(-1)?.replaceByUser).toEqual({
    _id: 'rocket.cat',
    username: 'rocket.cat',
    alias: 'Removed User',
  });
  // Name and address are free again.
  await server.person('alice');
});

test('the accounts of apps stay', async () => {
  const server = await startAccounts();
  const app = await server.person('app');
  await server.ctx.write((tx, emit) =>
    changeUser(server.ctx, tx, emit, { uid: app.uid, set: { type: 'app', roles: ['admin', 'app'] } }),
  );
  server.asked.length = 0;
  const refused = coded('error-cannot-delete-app-user', 'Deleting app users is not allowed');
  const remove = { username: 'app', confirmRelinquish: true };
  expect(await server.call(server.admin, 'POST', 'users.delete', remove)).toEqual({
    status: 400,
    body: refused,
  });
  expect((await server.call(server.admin, 'GET', 'users.info?username=app')).status).toBe(200);
  expect(server.asked).toEqual([]);
});

test('who has no password proves the username to delete the own account', async () => {
  const server = await startAccounts();
  await server.set('Accounts_AllowDeleteOwnAccount', true);
  const alice = await server.person('alice');
  await server.ctx.write((tx, emit) =>
    changeUser(server.ctx, tx, emit, { uid: alice.uid, set: {}, passwordHash: null }),
  );
  const remove = (password: string) =>
    server.call(alice, 'POST', 'users.deleteOwnAccount', { password: sha256hex(password) });
  const details = { method: 'deleteUserOwnAccount' };
  expect(await remove('alice-password')).toEqual({
    status: 400,
    body: coded('error-invalid-username', 'Invalid username', details),
  });
  expect((await remove('alice')).status).toBe(200);
});

test('deleting the own account needs the setting and the password', async () => {
  const server = await startAccounts();
  const alice = await server.person('alice');
  const { sha256hex } = await import('../../src/kernel/ids.ts');
  const remove = (body: object) => outcome(server, alice, 'users.deleteOwnAccount', body);
  expect(await remove({})).toEqual([400, 'Body parameter "password" is required.', undefined]);
  expect((await remove({ password: sha256hex('alice-password') }))[2]).toBe('error-not-allowed');
  await server.set('Accounts_AllowDeleteOwnAccount', true);
  expect((await remove({ password: sha256hex('x') }))[2]).toBe('error-invalid-password');
  expect((await remove({ password: sha256hex('alice-password') }))[0]).toBe(200);
  expect((await server.call(alice, 'GET', 'me')).status).toBe(401);
});
