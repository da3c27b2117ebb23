import { expect, test } from 'vitest';
import { PERMISSIONS } from './permission-catalogue.ts';
import { DEFAULT_PERMISSIONS } from './permission-table.ts';
import { BUILT_IN_ROLES } from './role-table.ts';
import { SETTING_GROUPS, SETTINGS } from './setting-table.ts';
import { checkSettingValue } from './setting-value.ts';

test('there are the 15 documented roles, three of them for rooms', () => {
  expect(BUILT_IN_ROLES).toHaveLength(15);
  expect(BUILT_IN_ROLES.filter(({ scope }) => scope === 'Subscriptions').map(({ id }) => id)).toEqual([
    'moderator',
    'leader',
    'owner',
  ]);
});

test('all documented permissions are there with their default roles', () => {
  expect(Object.keys(DEFAULT_PERMISSIONS)).toHaveLength(173 + 33);
  expect(DEFAULT_PERMISSIONS['leave-c']).toEqual([
    'admin',
    'user',
    'bot',
    'anonymous',
    'app',
    'federated-external',
  ]);
  expect(DEFAULT_PERMISSIONS['add-user-to-any-p-room']).toEqual([]);
  expect(DEFAULT_PERMISSIONS['view-p-room']).toEqual([
    'admin',
    'user',
    'anonymous',
    'guest',
    'federated-external',
  ]);
  expect(DEFAULT_PERMISSIONS['view-user-administration']).toEqual(['admin']);
  expect(DEFAULT_PERMISSIONS['outbound.can-assign-self-only']).toEqual(['livechat-agent']);
  // Only in 6.x: clients must not find them.
  expect(DEFAULT_PERMISSIONS).not.toHaveProperty('view-history');
});

test('permissions name known roles only', () => {
  const known = new Set(BUILT_IN_ROLES.map(({ id }) => id));
  const unknown = Object.values(DEFAULT_PERMISSIONS)
    .flat()
    .filter((role) => !known.has(role));
  expect(unknown).toEqual([]);
});

test('every setting of a group is there once', () => {
  const ids = SETTING_GROUPS.flatMap(({ settings }) => settings.map(({ id }) => id));
  // The documented ones, `Jitsi_Domain` and `SSRF_Allowlist`; of LDAP, CAS and SAML the documentation lists hardly any.
  expect(ids.filter((id) => !/^(LDAP|CAS|SAML)_/.test(id))).toHaveLength(572);
  expect(new Set(ids).size).toBe(ids.length);
});

test('every default suits the type of its setting', () => {
  const unsuited = [...SETTINGS.values()].filter((setting) => {
    if (setting.type === 'action') return false;
    try {
      return JSON.stringify(checkSettingValue(setting, setting.value)) !== JSON.stringify(setting.value);
    } catch {
      return true;
    }
  });
  expect(unsuited.map(({ id }) => id)).toEqual([]);
});

test.each([
  ['Accounts_Password_Policy_Enabled', { type: 'boolean', value: false, public: true }],
  ['Accounts_Password_Policy_MinLength', { type: 'int', value: 7, public: true }],
  ['Accounts_TwoFactorAuthentication_RememberFor', { type: 'int', value: 1800 }],
  ['Accounts_TwoFactorAuthentication_By_Email_Code_Expiration', { type: 'timespan', value: 3600 }],
  ['Accounts_Default_User_Preferences_masterVolume', { type: 'range', value: 100, min: 0, max: 100 }],
  ['Accounts_Iframe_api_method', { type: 'select', value: 'POST', values: ['POST', 'GET'] }],
  ['API_Upper_Count_Limit', { type: 'int', value: 100 }],
  ['Show_Setup_Wizard', { type: 'select', value: 'pending', public: true }],
  ['FileUpload_MaxFileSize', { type: 'int', value: 104857600, public: true }],
  ['FileUpload_S3_AWSSecretAccessKey', { type: 'password', value: '', secret: true }],
  ['RetentionPolicy_TTL_DMs', { type: 'timespan', value: 2592000000, public: true }],
  ['DDP_Rate_Limit_User_Requests_Allowed', { type: 'int', value: 1200 }],
  ['Message_MaxAllowedSize', { type: 'int', value: 5000, public: true }],
  ['Cloud_Workspace_AirGapped_Restrictions_Remaining_Days', { type: 'int', value: -1, public: true }],
  ['Assets_favicon_512', { type: 'asset', value: { defaultUrl: 'assets/favicon_512.png' }, public: true }],
  ['CAS_popup_width', { type: 'int', value: 810, public: true }],
])('%s is as documented', (id, expected) => {
  expect(SETTINGS.get(id)).toMatchObject(expected);
});

test('credentials are neither public nor without the secret mark', () => {
  const secrets = [...SETTINGS.values()].filter(({ id }) => /secret$|_Password$|APIKey$/i.test(id));
  expect(secrets.length).toBeGreaterThan(15);
  const exposed = secrets.filter((setting) => setting.public || !setting.secret).map(({ id }) => id);
  // A key that browsers need to draw maps.
  expect(exposed).toEqual(['MapView_GMapsAPIKey']);
});

test('all settings that the mobile app reads are public', () => {
  const read = [
    ...['uniqueID', 'Site_Url', 'Site_Name', 'Language', 'API_Gitlab_URL', 'LDAP_Enable', 'CROWD_Enable'],
    ...[
      'Accounts_NamePlaceholder',
      'Accounts_ShowFormLogin',
      'CAS_enabled',
      'CAS_login_url',
      'Hide_System_Messages',
    ],
    ...['VideoConf_Enable_DMs', 'Canned_Responses_Enable', 'Omnichannel_call_provider', 'FEDERATION_Enabled'],
    ...['VoIP_TeamCollab_Ice_Servers', 'Presence_broadcast_disabled', 'Force_Screen_Lock', 'Threads_enabled'],
  ];
  expect(read.filter((id) => !SETTINGS.get(id)?.public)).toEqual([]);
});

test('every visible setting and every group has a permission without roles', () => {
  const visible = [...SETTINGS.values()].filter(({ hidden }) => !hidden).length;
  const levels = [...PERMISSIONS.values()].filter(({ setting }) => setting);
  expect(levels).toHaveLength(visible + SETTING_GROUPS.length);
  expect(PERMISSIONS.get('change-setting-Site_Name')).toEqual({
    id: 'change-setting-Site_Name',
    defaultRoles: [],
    setting: {
      settingId: 'Site_Name',
      group: 'General',
      groupPermissionId: 'change-setting-General',
      sorter: SETTINGS.get('Site_Name')?.sorter,
    },
  });
  expect(PERMISSIONS.has('change-setting-Initial_Channel_Created')).toBe(false);
});
