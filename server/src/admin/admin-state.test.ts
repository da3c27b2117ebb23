import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Storage } from '../storage/database.ts';
import { type AdminServer, CREATED, openTestStorage, startAdmin } from './admin-test-server.ts';
import { storeSetting } from './change-settings.ts';
import { publicSettings } from './live-settings.ts';
import { CREATED_AT } from './setting-table.ts';
import { storedSettings } from './settings.store.ts';

let storage: Storage;
const servers: AdminServer[] = [];

beforeEach(async () => {
  storage = await openTestStorage();
});
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
  await storage.close();
});

async function start(changes: Parameters<typeof startAdmin>[0] = {}, at?: number) {
  const server = await startAdmin(changes, storage, at);
  servers.push(server);
  return server;
}

const storedIds = async () => (await storedSettings(storage.db)).map(({ id }) => id).sort();

test('a new workspace stores its age, its random values and nothing else', async () => {
  const { ctx } = await start();
  expect(await storedIds()).toEqual([
    'Accounts_RegistrationForm_SecretURL',
    'FileUpload_json_web_token_secret_for_files',
    'Gantry_Mailing_Secret',
    'Gantry_Workspace_Created_At',
    'uniqueID',
  ]);
  expect(ctx.settings.int(CREATED_AT)).toBe(CREATED);
  expect(ctx.settings.text('uniqueID')).toHaveLength(17);
  expect(ctx.settings.text('Site_Url')).toBe('https://chat.example.org');
  expect(ctx.settings.bool('Accounts_AllowUsernameChange')).toBe(true);
  expect(ctx.settings.value('No_Such_Setting')).toBeUndefined();
});

test('random values survive a restart', async () => {
  const first = await start();
  const second = await start();
  expect(second.ctx.settings.text('uniqueID')).toBe(first.ctx.settings.text('uniqueID'));
  expect(second.ctx.settings.text('Accounts_RegistrationForm_SecretURL')).toBe(
    first.ctx.settings.text('Accounts_RegistrationForm_SecretURL'),
  );
});

test('permissions have their default roles and count only those', async () => {
  const { ctx } = await start();
  expect(ctx.permissions.has({ roles: ['user'] }, 'create-c')).toBe(true);
  expect(ctx.permissions.has({ roles: ['guest'] }, 'create-c')).toBe(false);
  expect(ctx.permissions.has({ roles: [] }, 'set-owner', ['owner'])).toBe(true);
  expect(ctx.permissions.has({ roles: ['admin'] }, 'no-such-permission')).toBe(false);
});

test('a plain variable is the first value of a setting and is ignored at later starts', async () => {
  const settingDefaults = { Site_Name: 'From the environment', API_Default_Count: '20', LC_Time: 'de' };
  const first = await start({ settingDefaults });
  expect(first.ctx.settings.text('Site_Name')).toBe('From the environment');
  expect(first.ctx.settings.value('API_Default_Count')).toBe(20);
  expect(first.state.warnings).toEqual([]);

  await first.ctx.write((tx, emit) => storeSetting(first.ctx, tx, emit, 'Site_Name', 'By the admin'));
  const second = await start({ settingDefaults: { Site_Name: 'Another' } });
  expect(second.ctx.settings.text('Site_Name')).toBe('By the admin');
});

test('an override wins over the stored value, in its own type, for as long as it is there', async () => {
  const first = await start();
  await first.ctx.write((tx, emit) => storeSetting(first.ctx, tx, emit, 'API_Default_Count', 10));

  const overridden = await start({
    settingOverrides: {
      API_Default_Count: '77',
      Accounts_TwoFactorAuthentication_Enabled: 'FALSE',
      Show_Setup_Wizard: 'completed',
      Hide_System_Messages: '["uj","ul"]',
    },
  });
  expect(overridden.ctx.settings.value('API_Default_Count')).toBe(77);
  expect(overridden.ctx.settings.value('Accounts_TwoFactorAuthentication_Enabled')).toBe(false);
  expect(overridden.ctx.settings.text('Show_Setup_Wizard')).toBe('completed');
  expect(overridden.ctx.settings.list('Hide_System_Messages')).toEqual(['uj', 'ul']);

  const third = await start();
  expect(third.ctx.settings.value('API_Default_Count')).toBe(10);
  expect(third.ctx.settings.value('Accounts_TwoFactorAuthentication_Enabled')).toBe(true);
});

test('the server itself cannot change an overridden value either', async () => {
  const { ctx } = await start({ settingOverrides: { Show_Setup_Wizard: 'completed' } });
  await ctx.write((tx, emit) => storeSetting(ctx, tx, emit, 'Show_Setup_Wizard', 'in_progress'));
  expect(ctx.settings.text('Show_Setup_Wizard')).toBe('completed');
});

test('overrides that make no sense are reported and ignored', async () => {
  const { ctx, state } = await start({ settingOverrides: { Nonsense_Id: '1', API_Default_Count: 'many' } });
  expect(ctx.settings.value('API_Default_Count')).toBe(50);
  expect(state.warnings).toEqual([
    'there is no setting Nonsense_Id to override',
    'the override of setting API_Default_Count does not suit its type int',
  ]);
});

test('clients that synchronize learn of an override that came, and of one that went', async () => {
  const dayAfter = (days: number) => CREATED + days * 86_400_000;
  const restart = async (day: number, settingOverrides = {}) => start({ settingOverrides }, dayAfter(day));
  const changedSince = async (server: AdminServer, day: number) =>
    (await publicSettings(server.ctx, dayAfter(day))).map(({ setting }) => setting.id);

  await restart(0);
  const overridden = await restart(1, { Site_Name: 'Other' });
  expect(await changedSince(overridden, 0.5)).toEqual(['Site_Name']);
  // The same override at the next start is no change.
  expect(await changedSince(await restart(2, { Site_Name: 'Other' }), 1.5)).toEqual([]);
  // The stored form does not show the value, which may be a secret.
  const row = (await storedSettings(storage.db)).find(({ id }) => id === 'Gantry_Setting_Overrides');
  expect(String(row?.value)).not.toContain('Other');

  const without = await restart(3);
  expect(await changedSince(without, 2.5)).toEqual(['Site_Name']);
  expect(without.ctx.settings.text('Site_Name')).toBe('Rocket.Chat');
});

test('a transaction that fails changes nothing in memory', async () => {
  const { ctx } = await start();
  const failing = ctx.write(async (tx, emit) => {
    await storeSetting(ctx, tx, emit, 'Site_Name', 'Never');
    throw new Error('no');
  });
  await expect(failing).rejects.toThrow('no');
  expect(ctx.settings.text('Site_Name')).toBe('Rocket.Chat');
});
