import type { SettingGroup } from '../setting-definition.ts';

/** Discussions, threads, encryption, retention. (Spec 22.) */
export const roomSettings: readonly SettingGroup[] = [
  {
    group: 'Discussion',
    settings: [{ id: 'Discussion_enabled', type: 'boolean', value: true, public: true }],
  },
  { group: 'Threads', settings: [{ id: 'Threads_enabled', type: 'boolean', value: true, public: true }] },
  {
    group: 'E2E Encryption',
    settings: [
      { id: 'E2E_Enable', type: 'boolean', value: false, public: true },
      { id: 'E2E_Allow_Unencrypted_Messages', type: 'boolean', value: true, public: true },
      { id: 'E2E_Enable_Encrypt_Files', type: 'boolean', value: true, public: true },
      { id: 'E2E_Enabled_Default_DirectRooms', type: 'boolean', value: false, public: true },
      { id: 'E2E_Enabled_Default_PrivateRooms', type: 'boolean', value: false, public: true },
      { id: 'E2E_Enabled_Mentions', type: 'boolean', value: false, public: true },
    ],
  },
  {
    group: 'RetentionPolicy',
    settings: [
      { id: 'RetentionPolicy_Enabled', type: 'boolean', value: false, public: true },
      {
        id: 'RetentionPolicy_Precision',
        type: 'select',
        value: '0',
        public: true,
        values: ['0', '1', '2', '3'],
      },
      { id: 'RetentionPolicy_Advanced_Precision', type: 'boolean', value: false, public: true },
      { id: 'RetentionPolicy_Advanced_Precision_Cron', type: 'string', value: '*/30 * * * *', public: true },
      { id: 'RetentionPolicy_AppliesToChannels', type: 'boolean', value: false, public: true },
      { id: 'RetentionPolicy_MaxAge_Channels', type: 'int', value: 30, public: true },
      { id: 'RetentionPolicy_TTL_Channels', type: 'timespan', value: 2592000000, public: true },
      { id: 'RetentionPolicy_AppliesToGroups', type: 'boolean', value: false, public: true },
      { id: 'RetentionPolicy_MaxAge_Groups', type: 'int', value: 30, public: true },
      { id: 'RetentionPolicy_TTL_Groups', type: 'timespan', value: 2592000000, public: true },
      { id: 'RetentionPolicy_AppliesToDMs', type: 'boolean', value: false, public: true },
      { id: 'RetentionPolicy_MaxAge_DMs', type: 'int', value: 30, public: true },
      { id: 'RetentionPolicy_TTL_DMs', type: 'timespan', value: 2592000000, public: true },
      { id: 'RetentionPolicy_DoNotPrunePinned', type: 'boolean', value: false, public: true },
      { id: 'RetentionPolicy_FilesOnly', type: 'boolean', value: false, public: true },
      { id: 'RetentionPolicy_DoNotPruneDiscussion', type: 'boolean', value: true, public: true },
      { id: 'RetentionPolicy_DoNotPruneThreads', type: 'boolean', value: true, public: true },
    ],
  },
];
