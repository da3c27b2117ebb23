import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { type Person, startServer, type TestServer } from '../support/server.ts';

/** Login services that administrators add, and how the world hears of them. */

let server: TestServer;
let alice: Person;
const prefix = 'Accounts_OAuth_Custom-Acme';

beforeAll(async () => {
  server = await startServer();
  alice = await server.person('alice');
});
afterAll(() => server.close());

const settingsNamed = async (beginning: string) => {
  const { body } = await server.admin.get('settings', { count: 0 });
  return body.settings.filter(({ _id }: { _id: string }) => _id.startsWith(beginning));
};

const services = async () =>
  (await server.anonymous.get('service.configurations')).body.configurations.map(
    ({ service }: { service: string }) => service,
  );

test.each(['settings.addCustomOAuth', 'settings.removeCustomOAuth', 'settings.refreshOAuthServices'])(
  '%s is for administrators',
  async (path) => {
    expect((await server.anonymous.post(path, { name: 'acme' })).status).toBe(401);
    expect((await alice.post(path, { name: 'acme' })).status).toBe(403);
  },
);

test.each([
  ['settings.addCustomOAuth', {}, 'error-name-param-not-provided'],
  ['settings.addCustomOAuth', { name: '  !' }, 'error-name-param-not-provided'],
  ['settings.addCustomOAuth', { name: 'GitHub' }, 'error-invalid-name'],
  ['settings.addCustomOAuth', { name: 'x'.repeat(51) }, 'error-invalid-name'],
  ['settings.removeCustomOAuth', {}, 'error-name-param-not-provided'],
  ['settings.removeCustomOAuth', { name: 'unknown' }, 'error-service-not-found'],
])('%s refuses %j', async (path, body, errorType) => {
  expect(await server.admin.post(path, body)).toMatchObject({
    status: 400,
    body: { success: false, errorType },
  });
});

test('the settings of a service come, are changed like others, and go', async () => {
  expect((await server.admin.post('settings.addCustomOAuth', { name: 'ac-me' })).body).toEqual({
    success: true,
  });
  const created = await settingsNamed(prefix);
  expect(created).toHaveLength(30);
  expect(created).toContainEqual({ _id: `${prefix}-key_field`, value: 'username' });
  expect(await services()).toEqual([]);

  const change = (id: string, value: unknown) => server.admin.post(`settings/${id}`, { value });
  expect((await change(`${prefix}-key_field`, 'nonsense')).body.errorType).toBe(
    'error-invalid-setting-value',
  );
  for (const [suffix, value] of [
    ['-url', 'https://idp.example.com/'],
    ['-id', 'an-id'],
    ['-secret', 'a-secret'],
    ['', true],
  ] as const) {
    expect((await change(`${prefix}${suffix}`, value)).status).toBe(200);
  }
  expect(await services()).toEqual(['acme']);
  // Adding it again changes nothing.
  await server.admin.post('settings.addCustomOAuth', { name: 'ACME' });
  expect(await services()).toEqual(['acme']);
  const { events } = (await server.admin.get('audit.settings', { settingId: `${prefix}-secret` })).body;
  expect(JSON.stringify(events)).not.toContain('a-secret');

  expect((await server.admin.post('settings.removeCustomOAuth', { name: 'acme' })).body).toEqual({
    success: true,
  });
  expect(await settingsNamed(prefix)).toEqual([]);
  expect((await server.admin.get(`settings/${prefix}`)).status).toBe(400);
  expect((await change(prefix, true)).status).toBe(400);
  expect(await services()).toEqual([]);
  // What it was does not come back with its name.
  await server.admin.post('settings.addCustomOAuth', { name: 'acme' });
  expect(await settingsNamed(`${prefix}-secret`)).toEqual([{ _id: `${prefix}-secret`, value: '' }]);
  await server.admin.post('settings.removeCustomOAuth', { name: 'acme' });
});

test('a service outlives a restart, with what the environment says of it', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'gantry-'));
  onTestFinished(() => rm(dataDir, { recursive: true }));
  const before = await startServer({ memory: false, dataDir });
  await before.admin.post('settings.addCustomOAuth', { name: 'acme' });
  await before.admin.post(`settings/${prefix}`, { value: true });
  await before.close();
  const settingOverrides = { [`${prefix}-id`]: 'from-outside' };
  const after = await startServer({ memory: false, dataDir, settingOverrides });
  onTestFinished(() => after.close());
  const { configurations } = (await after.anonymous.get('service.configurations')).body;
  expect(configurations).toMatchObject([{ service: 'acme', clientId: 'from-outside', scope: 'openid' }]);
  expect((await after.admin.post(`settings/${prefix}-id`, { value: 'x' })).status).toBe(400);
});

test('administrators hear of its settings, and everybody of the services that are on', async () => {
  const root = await server.admin.ddp();
  const watcher = await alice.ddp();
  await root.subscribe('stream-notify-logged', 'private-settings-changed', false);
  await root.subscribe('stream-notify-all', 'public-info', false);
  await watcher.subscribe('meteor.loginServiceConfiguration');
  const collection = 'meteor_accounts_loginServiceConfiguration';
  const told = (msg: string) => watcher.next((frame) => frame.msg === msg && frame.collection === collection);

  await root.call('addOAuthService', 'beta');
  const id = 'Accounts_OAuth_Custom-Beta';
  await root.barrier();
  const heard = () =>
    root
      .events('notify-logged', 'private-settings-changed')
      .map(([action, setting]) => [action, setting?._id]);
  expect(heard()).toContainEqual(['inserted', `${id}-url`]);

  const added = told('added');
  await root.call('saveSetting', id, true);
  expect(await added).toMatchObject({ fields: { service: 'beta', custom: true } });
  const changed = told('changed');
  await root.call('saveSetting', `${id}-button_label_text`, 'Log in by Beta');
  expect(await changed).toMatchObject({ fields: { buttonLabelText: 'Log in by Beta' } });
  const removed = told('removed');
  await root.call('removeOAuthService', 'beta');
  expect(await removed).toMatchObject({ collection });
  await root.barrier();
  expect(heard()).toContainEqual(['removed', id]);
  expect(root.events('notify-all', 'public-info')).toContainEqual([
    ['public-settings-changed', ['removed', { _id: id }]],
  ]);
  await root.call('refreshOAuthService');
  await expect(watcher.call('addOAuthService', 'gamma')).rejects.toMatchObject({
    error: 'error-not-authorized',
  });
});

test('login services that the release knows appear when they are switched on and never show their secret', async () => {
  const changes = {
    Accounts_OAuth_Github: true,
    Accounts_OAuth_Github_id: 'client',
    Accounts_OAuth_Github_secret: 'hush',
    Accounts_OAuth_Nextcloud: true,
    API_Nextcloud_URL: 'https://cloud.example.com/',
    Accounts_OAuth_Wordpress: true,
  };
  const settings = Object.entries(changes).map(([_id, value]) => ({ _id, value }));
  expect((await server.admin.post('settings', { settings })).status).toBe(200);
  const { body } = await server.anonymous.get('service.configurations');
  expect(body.configurations).toMatchObject([
    { service: 'github', clientId: 'client', loginStyle: 'popup' },
    {
      service: 'wordpress',
      serverURL: 'https://public-api.wordpress.com',
      authorizePath: '/oauth2/authorize',
    },
    {
      service: 'nextcloud',
      serverURL: 'https://cloud.example.com',
      authorizePath: '/index.php/apps/oauth2/authorize',
    },
  ]);
  const { services } = (await server.anonymous.get('settings.oauth')).body;
  expect(services).toMatchObject([
    { name: 'github', clientId: 'client', custom: false },
    { service: 'wordpress', scope: 'auth' },
    { name: 'nextcloud', custom: false },
  ]);
  expect(JSON.stringify([body, services])).not.toContain('hush');
});

test('its settings have permissions of their own, which come and go with it', async () => {
  const before = new Date().toISOString();
  const root = await server.admin.ddp();
  await root.subscribe('stream-notify-logged', 'permissions-changed', false);
  const heard = () =>
    root
      .events('notify-logged', 'permissions-changed')
      .map(([action, permission]) => [action, permission?._id]);
  const delta = async (path: string) => (await server.admin.get(path, { updatedSince: before })).body;
  const settingsSince = async (method: string) =>
    (await root.call(method, { $date: Date.parse(before) })) as Record<
      'update' | 'remove',
      { _id: string }[]
    >;
  const id = 'Accounts_OAuth_Custom-Gamma';
  const permission = `change-setting-${id}-url`;

  await root.call('addOAuthService', 'gamma');
  await root.barrier();
  expect(heard()).toContainEqual(['inserted', permission]);
  const added = await delta('permissions.listAll');
  expect(added.update.find(({ _id }: { _id: string }) => _id === permission)).toMatchObject({
    roles: [],
    level: 'settings',
    settingId: `${id}-url`,
    group: 'OAuth',
    groupPermissionId: 'change-setting-OAuth',
  });
  const roles = { permissionId: permission, role: 'bot' };
  expect((await server.admin.post('permissions.addRole', roles)).body).toEqual({ success: true });
  const open = { permissionId: 'manage-selected-settings', role: 'bot' };
  await server.admin.post('permissions.addRole', open);
  const robot = await server.person('robot', { roles: ['user', 'bot'] });
  const saved = await robot.post('settings', {
    settings: [{ _id: `${id}-url`, value: 'https://g.example' }],
  });
  expect(saved.body).toEqual({ success: true });
  const refused = await robot.post('settings', { settings: [{ _id: `${id}-id`, value: 'x' }] });
  expect(refused.status).toBe(403);
  await server.admin.post('permissions.removeRole', open);

  await root.call('removeOAuthService', 'gamma');
  await root.barrier();
  expect(heard()).toContainEqual(['removed', permission]);
  const removed = await delta('permissions.listAll');
  expect(removed.update.map(({ _id }: { _id: string }) => _id)).not.toContain(permission);
  expect(removed.remove).toContainEqual({ _id: permission, _deletedAt: expect.stringMatching(/Z$/) });
  const removedIds = async (method: string) => (await settingsSince(method)).remove.map(({ _id }) => _id);
  expect(await removedIds('private-settings/get')).toContain(`${id}-url`);
  expect(await removedIds('public-settings/get')).toContain(id);
  expect(await removedIds('public-settings/get')).not.toContain(`${id}-url`);
  expect((await server.admin.post('permissions.addRole', roles)).body.errorType).toBe(
    'error-invalid-permission',
  );

  // What comes back is not removed, and nobody may change it as before.
  await root.call('addOAuthService', 'gamma');
  const again = await delta('permissions.listAll');
  expect(again.remove.map(({ _id }: { _id: string }) => _id)).not.toContain(permission);
  expect(again.update.find(({ _id }: { _id: string }) => _id === permission).roles).toEqual([]);
  expect(await removedIds('public-settings/get')).not.toContain(id);
  await root.call('removeOAuthService', 'gamma');
});
