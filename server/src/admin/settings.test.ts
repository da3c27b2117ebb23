import { afterEach, beforeEach, expect, test } from 'vitest';
import type { User } from '../accounts/user.ts';
import { type AdminServer, CREATED, startAdmin } from './admin-test-server.ts';
import { addRoleToPermission } from './change-permissions.ts';
import { storeSetting } from './change-settings.ts';
import { SETTINGS } from './setting-table.ts';

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

const visible = [...SETTINGS.values()].filter(({ hidden }) => !hidden);
const publicCount = visible.filter((setting) => setting.public).length;
const NO_PERMISSION = {
  status: 403,
  body: {
    success: false,
    error: 'User does not have the permissions required for this action [error-unauthorized]',
  },
};

test('anybody reads the public settings, by id, in pages of 50', async () => {
  const { status, body } = await server.get(null, 'settings.public');
  expect(status).toBe(200);
  expect(body).toMatchObject({ count: 50, offset: 0, total: publicCount, success: true });
  const settings = body.settings as { _id: string }[];
  expect(settings.map(({ _id }) => _id)).toEqual(settings.map(({ _id }) => _id).sort());
  expect(settings[0]).toEqual({ _id: 'API_Apply_permission_view-outside-room_on_users-list', value: false });
});

test('count=0 gives all public settings and none of the others', async () => {
  const { body } = await server.get(null, 'settings.public?count=0');
  const ids = (body.settings as { _id: string }[]).map(({ _id }) => _id);
  expect(ids).toHaveLength(publicCount);
  expect(ids).not.toContain('SMTP_Password');
  expect(ids).not.toContain('Initial_Channel_Created');
});

test('settings are asked for by id; unknown and private ones are not found', async () => {
  const { body } = await server.get(
    null,
    'settings.public?_id=Site_Name,Nope,SMTP_Password,Assets_favicon_512',
  );
  expect(body).toEqual({
    settings: [
      { _id: 'Assets_favicon_512', value: { defaultUrl: 'assets/favicon_512.png' } },
      { _id: 'Site_Name', value: 'Rocket.Chat' },
    ],
    count: 2,
    offset: 0,
    total: 2,
    success: true,
  });
  expect((await server.get(null, 'settings.public?_id=Nope')).body).toEqual({
    settings: [],
    count: 0,
    offset: 0,
    total: 0,
    success: true,
  });
});

test('the mobile app may ask by query and fields', async () => {
  const query = encodeURIComponent('{"_id":{"$in":["Site_Name","SMTP_Host"]}}');
  const fields = encodeURIComponent('{"type":1}');
  expect((await server.get(null, `settings.public?query=${query}&fields=${fields}`)).body.settings).toEqual([
    { _id: 'Site_Name', value: 'Rocket.Chat', type: 'string' },
  ]);
  const single = encodeURIComponent('{"_id":"Threads_enabled"}');
  expect((await server.get(null, `settings.public?query=${single}`)).body.settings).toEqual([
    { _id: 'Threads_enabled', value: true },
  ]);
});

test('pages follow each other and sort may be turned round', async () => {
  const sort = encodeURIComponent('{"_id":-1}');
  const { body } = await server.get(
    null,
    `settings.public?_id=Site_Name,Site_Url,Language&sort=${sort}&offset=1&count=1`,
  );
  expect(body).toMatchObject({ settings: [{ _id: 'Site_Name' }], count: 1, offset: 1, total: 3 });
});

test('the order may be that of any members of the documents, several after each other', async () => {
  const order = async (sort: object) => {
    const query = `_id=Site_Name,Site_Url,Language,API_User_Limit,LDAP_Enable&sort=${encodeURIComponent(JSON.stringify(sort))}`;
    const { body } = await server.get(alice, `settings?${query}`);
    return (body.settings as { _id: string }[]).map(({ _id }) => _id);
  };
  expect(await order({ type: 1, sorter: -1 })).toEqual([
    'LDAP_Enable',
    'API_User_Limit',
    'Language',
    'Site_Name',
    'Site_Url',
  ]);
  expect(await order({ 'wizard.order': -1, _id: 1 })).toEqual([
    'Language',
    'Site_Name',
    'API_User_Limit',
    'LDAP_Enable',
    'Site_Url',
  ]);
  expect((await order({ value: 1 }))[0]).toBe('API_User_Limit');
});

test('GET settings shows a person without permission the public settings only', async () => {
  expect((await server.get(bob, 'settings?count=0')).body.total).toBe(publicCount);
  expect((await server.get(null, 'settings')).status).toBe(401);
});

test('GET settings shows an administrator everything that is not hidden', async () => {
  const { body } = await server.get(alice, 'settings?count=0');
  expect(body.total).toBe(visible.length);
  expect((body.settings as { _id: string }[]).map(({ _id }) => _id)).not.toContain('Initial_Channel_Created');
});

test('includeDefaults adds the value of the release', async () => {
  await server.post(alice, 'settings/Site_Name', { value: 'Ours' });
  const { body } = await server.get(alice, 'settings?_id=Site_Name&includeDefaults=true');
  expect(body.settings).toEqual([
    { _id: 'Site_Name', value: 'Ours', packageValue: 'Rocket.Chat', enterprise: false },
  ]);
});

test('one setting is read with the permission, refused without', async () => {
  expect(await server.get(alice, 'settings/API_Default_Count')).toEqual({
    status: 200,
    body: { _id: 'API_Default_Count', value: 50, success: true },
  });
  expect(await server.get(bob, 'settings/Site_Name')).toEqual(NO_PERMISSION);
});

test.each(['Nope', 'Initial_Channel_Created'])('reading %s is refused without a reason', async (id) => {
  expect(await server.get(alice, `settings/${id}`)).toEqual({ status: 400, body: { success: false } });
});

test('changing a public setting takes effect at once and is told to everybody', async () => {
  expect(await server.post(alice, 'settings/Site_Name', { value: 'Ours' })).toEqual({
    status: 200,
    body: { success: true },
  });
  expect(server.ctx.settings.text('Site_Name')).toBe('Ours');
  const args = ['updated', { _id: 'Site_Name', value: 'Ours' }];
  expect(server.sent).toEqual([
    { stream: 'notify-all', event: 'public-settings-changed', args },
    { stream: 'notify-all', event: 'public-info', args: [['public-settings-changed', args]] },
    { stream: 'notify-logged', event: 'private-settings-changed', args },
  ]);
});

test('changing a private setting is told to privileged people only', async () => {
  await server.post(alice, 'settings/SMTP_Host', { value: 'mail.example.org' });
  expect(server.sent.map(({ event }) => event)).toEqual(['private-settings-changed']);
});

test('a change is found by those who synchronize', async () => {
  const before = new Date(server.ctx.clock.stamp());
  await server.post(alice, 'settings/Site_Name', { value: 'Ours' });
  const delta = await server.method(null, 'public-settings/get', before);
  expect(delta.result).toEqual({ update: [{ _id: 'Site_Name', value: 'Ours' }], remove: [] });
});

test.each([
  ['Nope', { value: 1 }],
  ['Initial_Channel_Created', { value: true }],
  ['Site_Name', {}],
  ['Site_Name', { execute: true }],
])('changing %s with %o is refused without a reason', async (id, body) => {
  expect(await server.post(alice, `settings/${id}`, body)).toEqual({ status: 400, body: { success: false } });
});

test('changing a setting without the permission is refused and changes nothing', async () => {
  expect(await server.post(bob, 'settings/Site_Name', { value: 'x' })).toEqual(NO_PERMISSION);
  expect((await server.post(null, 'settings/Site_Name', { value: 'x' })).status).toBe(401);
  expect(server.ctx.settings.text('Site_Name')).toBe('Rocket.Chat');
  expect(server.sent).toEqual([]);
});

test.each([
  ['Accounts_Default_User_Preferences_masterVolume', 101, 'must be less than or equal to 100'],
  ['Accounts_Default_User_Preferences_masterVolume', -1, 'must be greater than or equal to 0'],
  ['API_Default_Count', 'many', 'must be a number'],
  ['Threads_enabled', 'perhaps', 'must be boolean'],
  ['Site_Name', { a: 1 }, 'must be a string'],
  ['Show_Setup_Wizard', 'later', 'must be one of the allowed values'],
  ['Custom_Translations', '{broken', 'must be valid JSON'],
  ['Hide_System_Messages', 'uj', 'must be a list'],
  ['Restart', 'now', 'cannot be changed'],
])('%s refuses %o', async (id, value, problem) => {
  const error = `Value for setting ${id} ${problem} [error-invalid-setting-value]`;
  expect(await server.post(alice, `settings/${id}`, { value })).toEqual({
    status: 400,
    body: { success: false, error, errorType: 'error-invalid-setting-value' },
  });
});

test('texts that stand for a number or a truth value are taken as such', async () => {
  await server.post(alice, 'settings/API_Default_Count', { value: '25' });
  await server.post(alice, 'settings/Threads_enabled', { value: 'false' });
  expect(server.ctx.settings.value('API_Default_Count')).toBe(25);
  expect(server.ctx.settings.value('Threads_enabled')).toBe(false);
});

test('the address of the workspace is kept without a trailing slash', async () => {
  await server.post(alice, 'settings/Site_Url', { value: 'https://new.example.org/' });
  expect(server.ctx.settings.text('Site_Url')).toBe('https://new.example.org');
});

test('an action that the server does not have says so', async () => {
  expect(await server.post(alice, 'settings/Restart', { execute: true })).toEqual({
    status: 400,
    body: {
      success: false,
      error: 'The action Restart is not available on this server [error-action-not-available]',
      errorType: 'error-action-not-available',
    },
  });
});

test('several settings are changed together', async () => {
  const settings = [
    { _id: 'Site_Name', value: 'Ours' },
    { _id: 'Threads_enabled', value: false },
  ];
  expect(await server.post(alice, 'settings', { settings })).toEqual({
    status: 200,
    body: { success: true },
  });
  expect(server.ctx.settings.text('Site_Name')).toBe('Ours');
  expect(server.ctx.settings.bool('Threads_enabled')).toBe(false);
});

test('of several settings none is changed when one value is wrong', async () => {
  const settings = [
    { _id: 'Site_Name', value: 'Ours' },
    { _id: 'Threads_enabled', value: 'perhaps' },
  ];
  expect((await server.post(alice, 'settings', { settings })).status).toBe(400);
  expect(server.ctx.settings.text('Site_Name')).toBe('Rocket.Chat');
});

test('several settings need the permission for each, and the refusal names those that are refused', async () => {
  const settings = [{ _id: 'Site_Name', value: 'x' }];
  expect(await server.post(bob, 'settings', { settings })).toEqual({
    status: 403,
    body: {
      success: false,
      error: 'Editing settings is not allowed [error-action-not-allowed]',
      errorType: 'error-action-not-allowed',
      details: { method: 'saveSettings', settingIds: ['Site_Name'] },
    },
  });
});

test.each([{}, { settings: [] }, { settings: [{ _id: 'Site_Name' }] }])(
  'POST settings refuses the body %o',
  async (body) => {
    const answer = await server.post(alice, 'settings', body);
    expect(answer).toMatchObject({
      status: 400,
      body: { success: false, errorType: 'error-invalid-params' },
    });
  },
);

test('who may manage selected settings changes and sees only those that his roles are given', async () => {
  const carol = await server.addUser('carol', ['user']);
  const admin = await server.callerOf(alice);
  await addRoleToPermission(server.ctx, admin, 'manage-selected-settings', 'user');
  await addRoleToPermission(server.ctx, admin, 'change-setting-SMTP_Host', 'user');

  expect((await server.method(carol, 'saveSetting', 'SMTP_Host', 'a.example.org')).result).toBe(true);
  expect((await server.method(carol, 'saveSetting', 'SMTP_Port', '25')).error).toMatchObject({
    error: 'error-action-not-allowed',
    details: { method: 'saveSettings', settingIds: ['SMTP_Port'] },
  });
  const shown = (await server.method(carol, 'private-settings/get')).result as {
    _id: string;
    type: string;
  }[];
  expect(shown.filter(({ type }) => type !== 'group').map(({ _id }) => _id)).toEqual(['SMTP_Host']);
});

test('an overridden setting is blocked for everybody', async () => {
  const fixed = await startAdmin({ settingOverrides: { Site_Name: 'Fixed' } });
  const root = await fixed.addUser('root', ['admin']);
  expect(await fixed.post(root, 'settings/Site_Name', { value: 'x' })).toEqual({
    status: 400,
    body: { success: false },
  });
  expect((await fixed.post(root, 'settings', { settings: [{ _id: 'Site_Name', value: 'x' }] })).status).toBe(
    403,
  );
  const documents = (await fixed.method(root, 'private-settings/get')).result as { _id: string }[];
  expect(documents.find(({ _id }) => _id === 'Site_Name')).toMatchObject({
    value: 'Fixed',
    packageValue: 'Rocket.Chat',
    valueSource: 'processEnvValue',
    processEnvValue: 'Fixed',
    blocked: true,
  });
  await fixed.close();
});

test('the environment hides settings, blocks them, and has the wizard ask for them', async () => {
  const fixed = await startAdmin({
    hiddenSettings: ['Site_Name'],
    blockedSettings: ['Language'],
    wizardSettings: ['Organization_Name', 'Website'],
  });
  const root = await fixed.addUser('root', ['admin']);
  const refused = { status: 400, body: { success: false } };
  expect((await fixed.get(null, 'settings.public?_id=Site_Name,Language')).body.settings).toEqual([
    { _id: 'Language', value: '' },
  ]);
  expect(await fixed.get(root, 'settings/Site_Name')).toEqual(refused);
  for (const id of ['Site_Name', 'Language'])
    expect(await fixed.post(root, `settings/${id}`, { value: 'x' })).toEqual(refused);
  const documents = (await fixed.method(root, 'private-settings/get')).result as { _id: string }[];
  expect(documents.map(({ _id }) => _id)).not.toContain('Site_Name');
  expect(documents.find(({ _id }) => _id === 'Language')).toMatchObject({
    blocked: true,
    valueSource: 'packageValue',
  });
  for (const id of ['Organization_Name', 'Website'])
    expect(documents.find(({ _id }) => _id === id)).toMatchObject({ requiredOnWizard: true });
  await fixed.close();
});

test('public-settings/get is a plain list without a date, and everything with the date 0', async () => {
  const { result } = await server.method(null, 'public-settings/get');
  expect(result).toHaveLength(publicCount);
  expect(result).toContainEqual({ _id: 'Site_Name', value: 'Rocket.Chat' });
  const delta = (await server.method(null, 'public-settings/get', new Date(0))).result as {
    update: unknown[];
  };
  expect(delta.update).toHaveLength(publicCount);
});

test('private-settings/get gives strangers an empty list and administrators whole documents', async () => {
  expect((await server.method(null, 'private-settings/get')).result).toEqual([]);
  expect((await server.method(bob, 'private-settings/get')).result).toEqual([]);
  const documents = (await server.method(alice, 'private-settings/get')).result as { _id: string }[];
  expect(documents.find(({ _id }) => _id === 'Threads')).toMatchObject({ type: 'group', public: false });
  expect(documents.find(({ _id }) => _id === 'Threads_enabled')).toEqual({
    _id: 'Threads_enabled',
    value: true,
    packageValue: true,
    valueSource: 'packageValue',
    type: 'boolean',
    group: 'Threads',
    public: true,
    hidden: false,
    blocked: false,
    enterprise: false,
    env: false,
    secret: false,
    i18nLabel: 'Threads_enabled',
    i18nDescription: 'Threads_enabled_Description',
    autocomplete: true,
    sorter: 0,
    ts: new Date(CREATED),
    createdAt: new Date(CREATED),
    _updatedAt: new Date(CREATED),
  });
});

test('saveSettings changes several; a wrong argument is a failed match', async () => {
  const changes = [{ _id: 'Site_Name', value: 'Ours' }];
  expect((await server.method(alice, 'saveSettings', changes)).result).toBe(true);
  expect(server.ctx.settings.text('Site_Name')).toBe('Ours');
  expect((await server.method(alice, 'saveSettings', 'x')).error).toMatchObject({
    error: 400,
    reason: 'Match failed',
  });
  expect((await server.method(null, 'saveSetting', 'Site_Name', 'x')).error).toMatchObject({
    error: 'error-invalid-user',
  });
});

test('the wizard is asked without login, and not any more once it is completed', async () => {
  const open = (await server.method(null, 'getSetupWizardParameters')).result as {
    settings: { _id: string }[];
  };
  expect(open).toMatchObject({ serverAlreadyRegistered: false });
  expect(open.settings.map(({ _id }) => _id)).toEqual(
    expect.arrayContaining(['Organization_Name', 'Site_Name']),
  );
  await server.post(alice, 'settings/Show_Setup_Wizard', { value: 'completed' });
  expect((await server.method(null, 'getSetupWizardParameters')).result).toEqual({
    settings: [],
    serverAlreadyRegistered: false,
  });
});

test('a counter of the server may be hidden and still be stored', async () => {
  await server.ctx.write((tx, emit) => storeSetting(server.ctx, tx, emit, 'Initial_Channel_Created', true));
  expect(server.ctx.settings.bool('Initial_Channel_Created')).toBe(true);
  expect(server.sent).toEqual([]);
});
