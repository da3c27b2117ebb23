import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadUser } from '../accounts/find-users.ts';
import type { User } from '../accounts/user.ts';
import { createRoom } from '../rooms/create-room.ts';
import { type AdminServer, CREATED, startAdmin } from './admin-test-server.ts';
import { BUILT_IN_ROLES } from './role-table.ts';

let server: AdminServer;
let alice: User;
let bob: User;

beforeEach(async () => {
  server = await startAdmin();
  alice = await server.addUser('alice', ['admin']);
  bob = await server.addUser('bob', ['user']);
  server.sent.length = 0;
});
afterEach(() => server.close());

const coded = (errorType: string, reason: string) => ({
  status: 400,
  body: { success: false, error: `${reason} [${errorType}]`, errorType },
});
const NOT_ALLOWED = coded('error-action-not-allowed', 'Accessing permissions is not allowed');
const INVALID = coded('error-invalid-role-properties', 'The role properties are invalid.');

interface WireRole {
  _id: string;
  name: string;
  _updatedAt: string;
}

async function create(body: object): Promise<WireRole> {
  const answer = await server.post(alice, 'roles.create', body);
  expect(answer.status).toBe(200);
  return answer.body.role as WireRole;
}

const rolesOf = async (user: User) => (await loadUser(server.ctx.db, user._id))?.roles;

test('everybody lists the roles, without their dates', async () => {
  const { status, body } = await server.get(bob, 'roles.list');
  expect(status).toBe(200);
  expect(body.roles).toHaveLength(BUILT_IN_ROLES.length);
  expect((body.roles as WireRole[])[0]).toEqual({
    _id: 'admin',
    name: 'admin',
    scope: 'Users',
    description: 'Admin',
    protected: true,
    mandatory2fa: false,
  });
  expect((await server.get(null, 'roles.list')).status).toBe(401);
});

test('a role is created, listed after the built-in ones and told to everybody', async () => {
  const role = await create({ name: 'helpers', description: 'Helps' });
  expect(role).toEqual({
    _id: expect.stringMatching(/^\w{17}$/) as string,
    name: 'helpers',
    scope: 'Users',
    description: 'Helps',
    protected: false,
    mandatory2fa: false,
    _updatedAt: expect.any(String) as string,
  });
  const { _updatedAt, ...listed } = role;
  expect(((await server.get(bob, 'roles.list')).body.roles as WireRole[]).at(-1)).toEqual(listed);
  expect(server.sent).toEqual([
    { stream: 'roles', event: 'roles', args: [{ type: 'changed', ...listed }] },
    { stream: 'notify-logged', event: 'roles-change', args: [{ type: 'changed', _id: role._id }] },
  ]);
});

test('creating a role is refused in the documented ways', async () => {
  expect(await server.post(bob, 'roles.create', { name: 'x' })).toEqual(NOT_ALLOWED);
  for (const body of [{}, { name: '' }, { name: 'x', scope: 'Rooms' }, { name: 'x', mandatory2fa: 'yes' }]) {
    expect(await server.post(alice, 'roles.create', body)).toEqual(INVALID);
  }
  const taken = coded('error-duplicate-role-names-not-allowed', 'Role name already exists');
  expect(await server.post(alice, 'roles.create', { name: 'admin' })).toEqual(taken);
  await create({ name: 'helpers' });
  expect(await server.post(alice, 'roles.create', { name: 'helpers' })).toEqual(taken);
  expect((await server.post(null, 'roles.create', { name: 'x' })).status).toBe(401);
});

test('a custom role is renamed and described anew', async () => {
  const { _id } = await create({ name: 'helpers' });
  const { body } = await server.post(alice, 'roles.update', {
    roleId: _id,
    name: 'supporters',
    scope: 'Subscriptions',
    description: 'Support',
    mandatory2fa: true,
  });
  expect(body.role).toMatchObject({
    _id,
    name: 'supporters',
    scope: 'Subscriptions',
    description: 'Support',
    mandatory2fa: true,
  });
});

test('a protected role keeps its name and scope', async () => {
  const { body } = await server.post(alice, 'roles.update', {
    roleId: 'bot',
    name: 'robot',
    scope: 'Subscriptions',
    description: 'Robot',
    mandatory2fa: true,
  });
  expect(body.role).toMatchObject({
    _id: 'bot',
    name: 'bot',
    scope: 'Users',
    description: 'Robot',
    mandatory2fa: true,
  });
  const listed = (await server.get(bob, 'roles.list')).body.roles as WireRole[];
  expect(listed).toHaveLength(BUILT_IN_ROLES.length);
  expect(listed.find((role) => role._id === 'bot')).toMatchObject({ description: 'Robot', protected: true });
});

test('changing a role is refused in the documented ways', async () => {
  const { _id } = await create({ name: 'helpers' });
  expect(await server.post(bob, 'roles.update', { roleId: _id, name: 'x' })).toEqual(NOT_ALLOWED);
  expect(await server.post(alice, 'roles.update', { roleId: _id })).toEqual(INVALID);
  expect(await server.post(alice, 'roles.update', { roleId: 'nope', name: 'x' })).toEqual(
    coded('error-invalid-roleId', 'This role does not exist'),
  );
  expect(await server.post(alice, 'roles.update', { roleId: _id, name: 'owner' })).toEqual(
    coded('error-duplicate-role-names-not-allowed', 'Role name already exists'),
  );
  await server.post(alice, 'roles.addUserToRole', { username: 'bob', roleId: _id });
  const rescoped = { roleId: _id, name: 'helpers', scope: 'Subscriptions' };
  expect((await server.post(alice, 'roles.update', rescoped)).body).toMatchObject({
    errorType: 'error-role-in-use',
  });
});

test('a role is deleted by id or name, also out of the permissions', async () => {
  const { _id } = await create({ name: 'helpers' });
  await server.post(alice, 'permissions.addRole', { permissionId: 'view-logs', role: _id });
  server.sent.length = 0;
  expect(await server.post(alice, 'roles.delete', { roleId: 'helpers' })).toEqual({
    status: 200,
    body: { success: true },
  });
  expect(server.ctx.permissions.rolesOf('view-logs')).toEqual(['admin']);
  expect(server.sent).toContainEqual({
    stream: 'roles',
    event: 'roles',
    args: [{ type: 'removed', _id, name: 'helpers' }],
  });
});

test('deleting a role is refused in the documented ways', async () => {
  const { _id } = await create({ name: 'helpers' });
  expect(await server.post(bob, 'roles.delete', { roleId: _id })).toEqual(NOT_ALLOWED);
  expect(await server.post(alice, 'roles.delete', {})).toEqual(INVALID);
  expect(await server.post(alice, 'roles.delete', { roleId: 'nope' })).toEqual(
    coded('error-invalid-roleId', 'This role does not exist'),
  );
  expect(await server.post(alice, 'roles.delete', { roleId: 'user' })).toEqual(
    coded('error-role-protected', 'Cannot delete a protected role'),
  );
  await server.post(alice, 'roles.addUserToRole', { username: 'bob', roleId: _id });
  expect(await server.post(alice, 'roles.delete', { roleId: _id })).toEqual(
    coded('error-role-in-use', "Cannot delete role because it's in use"),
  );
});

test('roles.sync tells what changed and what was removed since a date', async () => {
  const since = () => new Date(server.ctx.clock.stamp()).toISOString();
  const first = since();
  const { _id } = await create({ name: 'helpers' });
  const second = since();
  await server.post(alice, 'roles.delete', { roleId: _id });

  expect((await server.get(bob, `roles.sync?updatedSince=${second}`)).body).toEqual({
    roles: {
      update: [],
      remove: [
        {
          _id,
          name: 'helpers',
          scope: 'Users',
          description: '',
          protected: false,
          mandatory2fa: false,
          _deletedAt: expect.any(String) as string,
        },
      ],
    },
    success: true,
  });
  const { body } = await server.get(bob, `roles.sync?updatedSince=${first}`);
  expect(body.roles).toMatchObject({ update: [], remove: [{ _id }] });
  const all = await server.get(bob, `roles.sync?updatedSince=${new Date(CREATED - 1).toISOString()}`);
  expect((all.body.roles as { update: unknown[] }).update).toHaveLength(BUILT_IN_ROLES.length);
});

test.each(['roles.sync', 'roles.sync?updatedSince=yesterday'])(
  '%s is refused for want of a date',
  async (path) => {
    const answer = await server.get(bob, path);
    expect(answer).toMatchObject({
      status: 400,
      body: { success: false, errorType: 'error-invalid-params' },
    });
  },
);

test('a user is given a role and the role is taken again', async () => {
  const { status, body } = await server.post(alice, 'roles.addUserToRole', {
    username: 'bob',
    roleId: 'bot',
  });
  expect(status).toBe(200);
  expect(body.role).toMatchObject({ _id: 'bot', scope: 'Users' });
  expect(await rolesOf(bob)).toEqual(['user', 'bot']);
  const u = { _id: bob._id, username: 'bob', name: 'bob name' };
  expect(server.sent).toEqual([
    { stream: 'notify-logged', event: 'roles-change', args: [{ type: 'added', _id: 'bot', u }] },
  ]);
  // The parameter of clients before 8.x.
  const removed = await server.post(alice, 'roles.removeUserFromRole', { username: 'bob', roleName: 'bot' });
  expect(removed.body.role).toMatchObject({ _id: 'bot' });
  expect(await rolesOf(bob)).toEqual(['user']);
  expect(server.sent.at(-1)?.args).toEqual([{ type: 'removed', _id: 'bot', u }]);
});

test('nobody is told of roles when they are not displayed', async () => {
  await server.post(alice, 'settings/UI_DisplayRoles', { value: false });
  server.sent.length = 0;
  await server.post(alice, 'roles.addUserToRole', { username: 'bob', roleId: 'bot' });
  expect(server.sent).toEqual([]);
});

test('giving a role is refused in the documented ways', async () => {
  const give = (user: User, body: object) => server.post(user, 'roles.addUserToRole', body);
  expect(await give(alice, { roleId: 'bot' })).toEqual(
    coded('error-invalid-role-properties', "must have required property 'username'"),
  );
  expect(await give(alice, { username: 'bob' })).toEqual({
    status: 400,
    body: { success: false, error: 'error-invalid-role-properties' },
  });
  expect(await give(alice, { username: 'nobody', roleId: 'bot' })).toEqual(
    coded(
      'error-invalid-user',
      'The required "userId" or "username" param provided does not match any users',
    ),
  );
  expect((await give(alice, { username: 'bob', roleId: 'nope' })).body.errorType).toBe(
    'error-role-not-found',
  );
  expect(await give(alice, { username: 'bob', roleId: 'user' })).toEqual(
    coded('error-user-already-in-role', 'User already in role'),
  );
  expect(await give(bob, { username: 'bob', roleId: 'bot' })).toEqual(NOT_ALLOWED);
});

test('only who may assign admins makes one', async () => {
  await server.post(alice, 'permissions.addRole', { permissionId: 'access-permissions', role: 'user' });
  expect(await server.post(bob, 'roles.addUserToRole', { username: 'bob', roleId: 'admin' })).toEqual(
    coded('error-action-not-allowed', 'Assigning admin is not allowed'),
  );
  expect(await rolesOf(bob)).toEqual(['user']);
});

test('taking a role is refused in the documented ways', async () => {
  const take = (user: User, body: object) => server.post(user, 'roles.removeUserFromRole', body);
  expect(await take(bob, { username: 'alice', roleId: 'admin' })).toEqual(
    coded('error-not-allowed', 'Accessing permissions is not allowed'),
  );
  expect(await take(alice, { username: 'nobody', roleId: 'bot' })).toEqual(
    coded('error-invalid-user', 'There is no user with this username'),
  );
  expect(await take(alice, { username: 'bob', roleId: 'nope' })).toEqual(
    coded('error-invalid-roleId', 'This role does not exist'),
  );
  expect(await take(alice, { username: 'bob', roleId: 'bot' })).toEqual(
    coded('error-user-not-in-role', 'User is not in this role'),
  );
});

test('the last administrator stays one', async () => {
  expect(
    await server.post(alice, 'roles.removeUserFromRole', { username: 'alice', roleId: 'admin' }),
  ).toEqual(coded('error-admin-required', 'You need to have at least one admin'));
  expect(await rolesOf(alice)).toEqual(['admin']);
  await server.post(alice, 'roles.addUserToRole', { username: 'bob', roleId: 'admin' });
  expect(
    (await server.post(alice, 'roles.removeUserFromRole', { username: 'alice', roleId: 'admin' })).status,
  ).toBe(200);
});

test('a room role is given in one room to a member of it', async () => {
  const room = await createRoom(server.ctx, await server.callerOf(alice), {
    type: 'c',
    name: 'lobby',
    members: ['bob'],
  });
  const carol = await server.addUser('carol', ['user']);
  const body = { username: 'bob', roleId: 'moderator', roomId: room.id };
  expect((await server.post(alice, 'roles.addUserToRole', body)).status).toBe(200);
  expect(await server.post(alice, 'roles.addUserToRole', body)).toEqual(
    coded('error-user-already-in-role', 'User already in role'),
  );
  expect(await server.post(alice, 'roles.addUserToRole', { ...body, username: 'carol' })).toEqual(
    coded('error-invalid-user', 'User is not part of given room'),
  );
  expect(
    (await server.post(alice, 'roles.addUserToRole', { username: 'bob', roleId: 'leader' })).status,
  ).toBe(400);
  expect(await rolesOf(carol)).toEqual(['user']);

  const held = await server.get(alice, `roles.getUsersInRole?role=moderator&roomId=${room.id}`);
  expect(held.body).toMatchObject({ users: [{ username: 'bob' }], total: 1 });
  expect((await server.get(alice, 'roles.getUsersInRole?role=moderator')).body).toMatchObject({ total: 1 });

  const taken = { username: 'bob', roleId: 'moderator', scope: room.id };
  expect((await server.post(alice, 'roles.removeUserFromRole', taken)).status).toBe(200);
  expect((await server.get(alice, 'roles.getUsersInRole?role=moderator')).body).toMatchObject({
    users: [],
    total: 0,
  });
});

test('an administrator sees who has a role, by username and in pages', async () => {
  await server.addUser('zoe', ['user']);
  await server.addUser('carol', ['user']);
  const { status, body } = await server.get(alice, 'roles.getUsersInRole?role=user&count=2&offset=1');
  expect(status).toBe(200);
  expect(body).toMatchObject({ total: 3, success: true });
  expect((body.users as { username: string }[]).map(({ username }) => username)).toEqual(['carol', 'zoe']);
  expect((body.users as object[])[0]).toEqual({
    _id: expect.any(String) as string,
    name: 'carol name',
    username: 'carol',
    emails: [],
    createdAt: expect.any(String) as string,
    roles: ['user'],
    type: 'user',
    active: true,
    _updatedAt: expect.any(String) as string,
  });
});

test('asking who has a role is refused in the documented ways', async () => {
  expect(await server.get(alice, 'roles.getUsersInRole')).toEqual(
    coded('error-param-not-provided', 'Query param "role" is required'),
  );
  expect((await server.get(bob, 'roles.getUsersInRole?role=user')).body.errorType).toBe('error-not-allowed');
  expect(await server.get(alice, 'roles.getUsersInRole?role=nope')).toEqual({
    status: 400,
    body: { success: false, error: '[error-invalid-roleId]', errorType: 'error-invalid-roleId' },
  });
});

test('everybody sees who has a role with a description', async () => {
  const { _id } = await create({ name: 'helpers', description: 'Helps' });
  await server.post(alice, 'roles.addUserToRole', { username: 'alice', roleId: _id });
  const users = [
    { _id: alice._id, username: 'alice', roles: expect.arrayContaining(['admin', _id]) as string[] },
  ];
  expect((await server.get(bob, 'roles.getUsersInPublicRoles')).body).toEqual({ users, success: true });
  expect((await server.method(bob, 'getUserRoles')).result).toEqual(users);
});

test('the realtime methods give and take roles', async () => {
  expect((await server.method(alice, 'authorization:addUserToRole', 'bot', 'bob')).result).toBe(true);
  expect(await rolesOf(bob)).toEqual(['user', 'bot']);
  expect((await server.method(alice, 'authorization:removeUserFromRole', 'bot', 'bob')).result).toBe(true);
  expect(await rolesOf(bob)).toEqual(['user']);
  expect((await server.method(bob, 'authorization:addUserToRole', 'bot', 'bob')).error).toMatchObject({
    error: 'error-action-not-allowed',
  });
});
