import { afterEach, beforeEach, expect, test } from 'vitest';
import type { User } from '../accounts/user.ts';
import { type AdminServer, CREATED, startAdmin } from './admin-test-server.ts';
import { PERMISSIONS } from './permission-catalogue.ts';

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

const rolesOf = (id: string) => server.ctx.permissions.rolesOf(id);

test('every logged-in user lists all permissions, those of settings included', async () => {
  const { status, body } = await server.get(bob, 'permissions.listAll');
  expect(status).toBe(200);
  expect(body).toMatchObject({ remove: [], success: true });
  const update = body.update as { _id: string }[];
  expect(update).toHaveLength(PERMISSIONS.size);
  const created = new Date(CREATED).toISOString();
  expect(update.find(({ _id }) => _id === 'mute-user')).toEqual({
    _id: 'mute-user',
    roles: ['admin', 'owner', 'moderator'],
    _updatedAt: created,
  });
  expect(update.find(({ _id }) => _id === 'change-setting-Threads_enabled')).toEqual({
    _id: 'change-setting-Threads_enabled',
    roles: [],
    level: 'settings',
    settingId: 'Threads_enabled',
    group: 'Threads',
    groupPermissionId: 'change-setting-Threads',
    sorter: 0,
    _updatedAt: created,
  });
  expect((await server.get(null, 'permissions.listAll')).status).toBe(401);
});

test('with a date only what changed since is listed', async () => {
  const before = new Date(server.ctx.clock.stamp()).toISOString();
  expect((await server.get(bob, `permissions.listAll?updatedSince=${before}`)).body).toEqual({
    update: [],
    remove: [],
    success: true,
  });
  await server.post(alice, 'permissions.addRole', { permissionId: 'mute-user', role: 'user' });
  const { body } = await server.get(bob, `permissions.listAll?updatedSince=${before}`);
  expect(body.update).toMatchObject([{ _id: 'mute-user', roles: ['admin', 'owner', 'moderator', 'user'] }]);
});

test('a date that is none is refused', async () => {
  expect(await server.get(bob, 'permissions.listAll?updatedSince=yesterday')).toEqual({
    status: 400,
    body: {
      success: false,
      error: 'The "updatedSince" query parameter must be a valid date. [error-roomId-param-invalid]',
      errorType: 'error-roomId-param-invalid',
    },
  });
});

test('permissions/get is a plain list without a date, a delta with one', async () => {
  const { result } = await server.method(null, 'permissions/get');
  expect(result).toHaveLength(PERMISSIONS.size);
  const delta = await server.method(null, 'permissions/get', new Date(server.ctx.clock.stamp()));
  expect(delta.result).toEqual({ update: [], remove: [] });
});

test('replacing the roles of a permission takes effect at once and is told to everybody', async () => {
  expect(server.ctx.permissions.has({ roles: ['user'] }, 'create-c')).toBe(true);
  const permissions = [{ _id: 'create-c', roles: ['admin', 'owner'] }];
  const { status, body } = await server.post(alice, 'permissions.update', { permissions });
  expect(status).toBe(200);
  expect(body.permissions).toHaveLength(PERMISSIONS.size);
  expect(body.permissions).toContainEqual(
    expect.objectContaining({ _id: 'create-c', roles: ['admin', 'owner'] }),
  );
  expect(server.ctx.permissions.has({ roles: ['user'] }, 'create-c')).toBe(false);
  expect(server.sent).toEqual([
    {
      stream: 'notify-logged',
      event: 'permissions-changed',
      args: ['updated', { _id: 'create-c', roles: ['admin', 'owner'], _updatedAt: expect.any(Date) as Date }],
    },
  ]);
});

test.each([
  ['bob', { permissions: [] }, 'Editing permissions is not allowed', 'error-edit-permissions-not-allowed'],
  ['bob', {}, 'Editing permissions is not allowed', 'error-edit-permissions-not-allowed'],
  ['alice', {}, 'Invalid body params', 'error-invalid-body-params'],
  ['alice', { permissions: [{ _id: 'create-c' }] }, 'Invalid body params', 'error-invalid-body-params'],
  ['alice', { permissions: [{ _id: 'nope', roles: [] }] }, 'Invalid permission', 'error-invalid-permission'],
  [
    'alice',
    {
      permissions: [
        { _id: 'create-d', roles: [] },
        { _id: 'create-c', roles: ['nope'] },
      ],
    },
    'Invalid role',
    'error-invalid-role',
  ],
])('permissions.update by %s with %o is refused and changes nothing', async (who, body, error, errorType) => {
  const answer = await server.post(who === 'bob' ? bob : alice, 'permissions.update', body);
  expect(answer).toEqual({ status: 400, body: { success: false, error, errorType } });
  expect(rolesOf('create-d')).toEqual(['admin', 'user', 'bot', 'app', 'federated-external']);
  expect(server.sent).toEqual([]);
});

test('a role gets a permission and loses it again', async () => {
  const body = { permissionId: 'view-logs', role: 'user' };
  expect(await server.post(alice, 'permissions.addRole', body)).toEqual({
    status: 200,
    body: { success: true },
  });
  expect(rolesOf('view-logs')).toEqual(['admin', 'user']);
  // A second time changes nothing.
  expect((await server.post(alice, 'permissions.addRole', body)).status).toBe(200);
  expect(server.sent).toHaveLength(1);
  expect((await server.post(alice, 'permissions.removeRole', body)).body).toEqual({ success: true });
  expect(rolesOf('view-logs')).toEqual(['admin']);
});

test('permissions added at the same moment are all kept', async () => {
  const add = (role: string) =>
    server.post(alice, 'permissions.addRole', { permissionId: 'view-logs', role });
  await Promise.all([add('user'), add('bot'), add('guest')]);
  expect([...rolesOf('view-logs')].sort()).toEqual(['admin', 'bot', 'guest', 'user']);
});

test('the permission of one setting brings the permission of its group', async () => {
  const body = { permissionId: 'change-setting-Site_Name', role: 'user' };
  expect((await server.post(alice, 'permissions.addRole', body)).status).toBe(200);
  expect(rolesOf('change-setting-Site_Name')).toEqual(['user']);
  expect(rolesOf('change-setting-General')).toEqual(['user']);
});

test('the permission of a setting needs access-setting-permissions as well', async () => {
  await server.post(alice, 'permissions.addRole', { permissionId: 'access-permissions', role: 'user' });
  const body = { permissionId: 'change-setting-Site_Name', role: 'user' };
  const refusal = {
    status: 403,
    body: {
      success: false,
      error: 'User does not have the permissions required for this action [error-unauthorized]',
    },
  };
  expect(await server.post(bob, 'permissions.addRole', body)).toEqual(refusal);
  expect(await server.post(bob, 'permissions.removeRole', body)).toEqual(refusal);
  expect((await server.post(bob, 'permissions.addRole', { ...body, permissionId: 'view-logs' })).status).toBe(
    200,
  );
});

test('giving and taking permissions without access-permissions is refused', async () => {
  const body = { permissionId: 'view-logs', role: 'user' };
  for (const path of ['permissions.addRole', 'permissions.removeRole']) {
    expect((await server.post(bob, path, body)).status).toBe(403);
    expect((await server.post(null, path, body)).status).toBe(401);
    expect((await server.post(alice, path, {})).body).toMatchObject({ errorType: 'error-invalid-params' });
  }
  expect(rolesOf('view-logs')).toEqual(['admin']);
});

test('unknown permissions and roles are refused with the documented details', async () => {
  const details = { method: 'authorization:addPermissionToRole', action: 'Adding_permission' };
  expect(
    (await server.post(alice, 'permissions.addRole', { permissionId: 'nope', role: 'user' })).body,
  ).toEqual({
    success: false,
    error: 'Permission does not exist [error-invalid-permission]',
    errorType: 'error-invalid-permission',
    details,
  });
  expect(
    (await server.post(alice, 'permissions.addRole', { permissionId: 'view-logs', role: 'nope' })).body,
  ).toEqual({
    success: false,
    error: 'Role does not exist [error-invalid-role]',
    errorType: 'error-invalid-role',
    details,
  });
  expect(
    (await server.post(alice, 'permissions.removeRole', { permissionId: 'nope', role: 'user' })).body,
  ).toEqual({
    success: false,
    error: 'Permission not found [error-permission-not-found]',
    errorType: 'error-permission-not-found',
    details: { method: 'authorization:removeRoleFromPermission' },
  });
});

test('the realtime methods do the same', async () => {
  expect(await server.method(alice, 'authorization:addPermissionToRole', 'view-logs', 'user')).toEqual({
    msg: 'result',
    id: '1',
  });
  expect(rolesOf('view-logs')).toEqual(['admin', 'user']);
  await server.method(alice, 'authorization:removeRoleFromPermission', 'view-logs', 'user');
  expect(rolesOf('view-logs')).toEqual(['admin']);
  expect(
    (await server.method(bob, 'authorization:addPermissionToRole', 'view-logs', 'user')).error,
  ).toMatchObject({
    error: 'error-unauthorized',
  });
});
