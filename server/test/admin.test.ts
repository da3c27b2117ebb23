import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DdpClient } from './support/ddp-client.ts';
import { startServer, type TestServer } from './support/server.ts';

/** Settings, permissions and roles through the real doors; the rules in detail are tested in `src/admin`. */

let server: TestServer;

beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

const settingOf = async (id: string) =>
  (await server.anonymous.get('settings.public', { _id: id })).body.settings[0];

test('a public setting changes for everybody who listens, logged in or not', async () => {
  const stranger = await DdpClient.connect(server.url);
  const sockets = [stranger, await (await server.person('sue')).ddp()];
  for (const socket of sockets) await socket.subscribe('stream-notify-all', 'public-settings-changed');
  const { status, body } = await server.admin.post('settings/Site_Name', { value: 'Ours' });
  expect({ status, body }).toEqual({ status: 200, body: { success: true } });
  for (const socket of sockets) {
    const expected = ['updated', { _id: 'Site_Name', value: 'Ours' }];
    expect(await socket.event('notify-all', 'public-settings-changed')).toEqual(expected);
  }
  stranger.close();
  expect(await settingOf('Site_Name')).toEqual({ _id: 'Site_Name', value: 'Ours' });
});

test('private settings reach administrators and are refused to others', async () => {
  const root = await server.admin.ddp();
  await root.subscribe('stream-notify-logged', 'private-settings-changed');
  const pat = await (await server.person('pat')).ddp();
  await expect(pat.subscribe('stream-notify-logged', 'private-settings-changed')).rejects.toMatchObject({
    error: 'not-allowed',
  });
  await server.admin.post('settings/SMTP_Host', { value: 'mail.example.org' });
  expect(await root.event('notify-logged', 'private-settings-changed')).toEqual([
    'updated',
    { _id: 'SMTP_Host', value: 'mail.example.org' },
  ]);
});

test('a permission taken from a role is gone at the next call, and its change is told', async () => {
  const uma = await server.person('uma');
  const socket = await uma.ddp();
  await socket.subscribe('stream-notify-logged', 'permissions-changed');
  const create = () => uma.post('channels.create', { name: `channel-${Math.random()}` });
  expect((await create()).status).toBe(200);
  const change = { permissionId: 'create-c', role: 'user' };
  expect((await server.admin.post('permissions.removeRole', change)).status).toBe(200);
  expect((await create()).status).toBe(403);
  const [action, permission] = await socket.event('notify-logged', 'permissions-changed');
  expect(action).toBe('updated');
  expect(permission).toMatchObject({ _id: 'create-c', roles: ['admin', 'bot', 'app', 'federated-external'] });
  expect(permission?._updatedAt).toEqual({ $date: expect.any(Number) as number });
  await server.admin.post('permissions.addRole', change);
  expect((await create()).status).toBe(200);
});

test('a role given to a logged-in person counts at once, on both doors, and is told', async () => {
  const vic = await server.person('vic');
  const socket = await vic.ddp();
  await socket.subscribe('stream-notify-logged', 'roles-change');
  expect((await vic.get('settings/SMTP_Host')).status).toBe(403);
  await server.admin.post('roles.addUserToRole', { username: 'vic', roleId: 'admin' });
  expect((await vic.get('settings/SMTP_Host')).status).toBe(200);
  expect(await socket.call('saveSetting', 'SMTP_Port', '25')).toBe(true);
  expect(await socket.event('notify-logged', 'roles-change')).toEqual([
    { type: 'added', _id: 'admin', u: { _id: vic.uid, username: 'vic', name: 'vic' } },
  ]);
});

test('custom roles appear on the roles stream', async () => {
  const socket = await (await server.person('wes')).ddp();
  await socket.subscribe('stream-roles', 'roles');
  const { role } = (await server.admin.post('roles.create', { name: 'crew', description: 'Crew' })).body;
  const [changed] = await socket.event('roles', 'roles');
  expect(changed).toMatchObject({
    type: 'changed',
    _id: role._id,
    name: 'crew',
    description: 'Crew',
    scope: 'Users',
  });
  await server.admin.post('roles.delete', { roleId: role._id });
  const [removed] = await socket.event('roles', 'roles', ([event]) => event?.type === 'removed');
  expect(removed).toEqual({ type: 'removed', _id: role._id, name: 'crew' });
});

test('before login a client reads the version, the settings, the permissions and the login services', async () => {
  const info = await fetch(`${server.url}/api/info`, { headers: { origin: 'https://elsewhere.example' } });
  expect(info.headers.get('access-control-allow-origin')).toBe('*');
  expect(await info.json()).toMatchObject({ version: '8.5', success: true });
  expect((await settingOf('uniqueID')).value).toHaveLength(17);
  expect((await server.anonymous.get('settings.oauth')).body).toEqual({ services: [], success: true });
  const message = JSON.stringify({ msg: 'method', id: '1', method: 'permissions/get', params: [] });
  const { body } = await server.anonymous.post('method.callAnon/permissions:get', { message });
  const permissions = JSON.parse(body.message).result as { _id: string; roles: string[] }[];
  expect(permissions.find(({ _id }) => _id === 'create-d')?.roles).toContain('user');
});

test('changing settings asks for a second factor, here the password', async () => {
  const strict = await startServer({
    testMode: false,
    settingOverrides: { Accounts_TwoFactorAuthentication_RememberFor: '0' },
  });
  const change = (headers?: Record<string, string>) =>
    strict.admin.post('settings/Site_Name', { value: 'x' }, headers);
  const { status, body } = await change();
  expect(status).toBe(400);
  expect(body).toMatchObject({ errorType: 'totp-required', details: { method: 'password' } });
  const code = createHash('sha256').update(strict.admin.password).digest('hex');
  expect((await change({ 'x-2fa-method': 'password', 'x-2fa-code': code })).status).toBe(200);
  await strict.close();
});
