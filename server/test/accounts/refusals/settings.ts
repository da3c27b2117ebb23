import { body, coded, invalid, NO_PERMISSION, type Row, requires } from './refusal.ts';

const NOTHING = body(400, {});
const invalidValue = (id: string, problem: string) =>
  coded('error-invalid-setting-value', `Value for setting ${id} ${problem}`);
const notEdited = (...settingIds: string[]) =>
  body(403, {
    error: 'Editing settings is not allowed [error-action-not-allowed]',
    errorType: 'error-action-not-allowed',
    details: { method: 'saveSettings', settingIds },
  });
const NO_NAME = coded('error-name-param-not-provided', 'The parameter "name" is required');
const VOLUME = 'Accounts_Default_User_Preferences_masterVolume';

/** Of spec 22: settings. */
export const SETTING_REFUSALS: Row[] = [
  ['alice', 'GET settings/Site_Name', {}, NO_PERMISSION],
  ['admin', 'GET settings/x', {}, body(400, {})],
  ['admin', 'POST settings/x', { value: 1 }, body(400, {})],
  ['admin', 'POST settings/Site_Name', { x: 1 }, body(400, {})],
  ['alice', 'POST settings/Site_Name', { value: 'x' }, NO_PERMISSION],
  ['alice', 'POST settings.addCustomOAuth', { name: 'x' }, NO_PERMISSION],
  ['admin', 'POST settings.addCustomOAuth', {}, NO_NAME],
  ['alice', 'POST settings', { settings: [{ _id: 'Site_Name', value: 'x' }] }, notEdited('Site_Name')],
  [
    'nobody',
    'GET settings.public',
    { sort: 'x' },
    coded('error-invalid-sort', 'Invalid sort parameter provided: "x"', { helperMethod: 'parseJsonQuery' }),
  ],
  ['admin', 'GET settings/Initial_Channel_Created', {}, NOTHING],
  ['alice', 'GET settings/x', {}, NO_PERMISSION],
  ['admin', 'POST settings/Initial_Channel_Created', { value: false }, NOTHING],
  ['admin', 'POST settings/Site_Name', {}, NOTHING],
  ['admin', 'POST settings/Site_Name', { execute: true }, NOTHING],
  ['admin', 'POST settings/x', { execute: true }, NOTHING],
  ['alice', 'POST settings/x', {}, NO_PERMISSION],
  [
    'admin',
    `POST settings/${VOLUME}`,
    { value: 101 },
    invalidValue(VOLUME, 'must be less than or equal to 100'),
  ],
  [
    'admin',
    `POST settings/${VOLUME}`,
    { value: -1 },
    invalidValue(VOLUME, 'must be greater than or equal to 0'),
  ],
  ['admin', 'POST settings/Site_Name', { value: {} }, invalidValue('Site_Name', 'must be a string')],
  ['admin', 'POST settings', {}, requires('settings')],
  ['admin', 'POST settings', { settings: [] }, invalid('must NOT have fewer than 1 items')],
  ['admin', 'POST settings', { settings: [{ value: 1 }] }, requires('_id')],
  [
    'admin',
    'POST settings',
    {
      settings: [
        { _id: 'Site_Name', value: 'x' },
        { _id: 'x', value: 1 },
        { _id: 'Initial_Channel_Created', value: false },
      ],
    },
    notEdited('x', 'Initial_Channel_Created'),
  ],
  // Who may not is told before what does not suit.
  [
    'admin',
    'POST settings',
    {
      settings: [
        { _id: 'x', value: 1 },
        { _id: 'Threads_enabled', value: 'perhaps' },
      ],
    },
    notEdited('x'),
  ],
  [
    'admin',
    'POST settings',
    {
      settings: [
        { _id: 'Site_Name', value: 'x' },
        { _id: 'Threads_enabled', value: 'perhaps' },
      ],
    },
    invalidValue('Threads_enabled', 'must be boolean'),
  ],
  [
    'alice',
    'POST settings',
    {
      settings: [
        { _id: 'Site_Name', value: 'x' },
        { _id: 'Site_Url', value: 'x' },
      ],
    },
    notEdited('Site_Url'),
    {
      permissions: {
        'manage-selected-settings': ['admin', 'user'],
        'change-setting-Site_Name': ['user'],
      },
    },
  ],
  ['admin', 'POST settings.addCustomOAuth', { name: ' ' }, NO_NAME],
  ['alice', 'POST settings.addCustomOAuth', {}, NO_PERMISSION],
  ['alice', 'POST settings.removeCustomOAuth', { name: 'x' }, NO_PERMISSION],
  ['admin', 'POST settings.removeCustomOAuth', {}, NO_NAME],
  [
    'admin',
    'POST settings.removeCustomOAuth',
    { name: 'x' },
    coded('error-service-not-found', 'There is no such login service'),
  ],
  ['alice', 'POST settings.refreshOAuthServices', {}, NO_PERMISSION],
  ['alice', 'GET audit.settings', {}, NO_PERMISSION],
];
