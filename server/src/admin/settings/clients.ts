import type { SettingGroup } from '../setting-definition.ts';

/** Push, mobile apps, set-up wizard, data export. (Spec 22.) */
export const clientSettings: readonly SettingGroup[] = [
  {
    group: 'Push',
    settings: [
      { id: 'Push_enable', type: 'boolean', value: true, public: true },
      { id: 'Push_UseLegacy', type: 'boolean', value: false },
      { id: 'Push_enable_gateway', type: 'boolean', value: true },
      { id: 'Push_gateway', type: 'string', value: 'https://gateway.rocket.chat' },
      { id: 'Push_production', type: 'boolean', value: true, public: true },
      { id: 'Push_test_push', type: 'action', value: 'push_test' },
      { id: 'Push_apn_passphrase', type: 'string', value: '', secret: true },
      { id: 'Push_apn_key', type: 'string', value: '', secret: true },
      { id: 'Push_apn_cert', type: 'string', value: '', secret: true },
      { id: 'Push_apn_dev_passphrase', type: 'string', value: '', secret: true },
      { id: 'Push_apn_dev_key', type: 'string', value: '', secret: true },
      { id: 'Push_apn_dev_cert', type: 'string', value: '', secret: true },
      { id: 'Push_gcm_api_key', type: 'string', value: '', secret: true },
      { id: 'Push_google_api_credentials', type: 'code', value: '', secret: true },
      { id: 'Push_gcm_project_number', type: 'string', value: '', public: true },
      { id: 'Push_show_username_room', type: 'boolean', value: true, public: true },
      { id: 'Push_show_message', type: 'boolean', value: true, public: true },
      { id: 'Push_request_content_from_server', type: 'boolean', value: true },
    ],
  },
  {
    group: 'Mobile',
    settings: [
      { id: 'Allow_Save_Media_to_Gallery', type: 'boolean', value: true, public: true },
      { id: 'Force_Screen_Lock', type: 'boolean', value: false, public: true },
      { id: 'Force_Screen_Lock_After', type: 'int', value: 1800, public: true },
    ],
  },
  {
    group: 'Setup_Wizard',
    settings: [
      {
        id: 'Organization_Type',
        type: 'select',
        value: '',
        values: ['community', 'enterprise', 'government', 'nonprofit'],
        wizard: { step: 1, order: 1 },
      },
      { id: 'Organization_Name', type: 'string', value: '', public: true, wizard: { step: 1, order: 0 } },
      { id: 'Industry', type: 'select', value: '', wizard: { step: 1, order: 2 } },
      {
        id: 'Size',
        type: 'select',
        value: '',
        values: ['0', '1', '2', '3', '4', '5', '6', '7'],
        wizard: { step: 1, order: 3 },
      },
      { id: 'Country', type: 'select', value: '', wizard: { step: 1, order: 4 } },
      { id: 'Website', type: 'string', value: '', wizard: { step: 1, order: 6 } },
      {
        id: 'Server_Type',
        type: 'select',
        value: '',
        values: ['privateTeam', 'publicCommunity'],
        wizard: { step: 2, order: 2 },
      },
      { id: 'Allow_Marketing_Emails', type: 'boolean', value: true, wizard: { step: 3, order: 1 } },
      { id: 'Register_Server', type: 'boolean', value: false, wizard: { step: 3, order: 0 } },
      { id: 'Organization_Email', type: 'string', value: '', wizard: { step: 1, order: 5 } },
    ],
  },
  {
    group: 'UserDataDownload',
    settings: [
      { id: 'UserData_EnableDownload', type: 'boolean', value: true, public: true },
      { id: 'UserData_FileSystemPath', type: 'string', value: '', public: true },
      { id: 'UserData_FileSystemZipPath', type: 'string', value: '', public: true },
      { id: 'UserData_ProcessingFrequency', type: 'int', value: 2, public: true },
      { id: 'UserData_MessageLimitPerRequest', type: 'int', value: 1000, public: true },
    ],
  },
];
