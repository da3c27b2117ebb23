import type { SettingGroup } from '../setting-definition.ts';

/** Video conferences and voice. (Spec 22.) */
export const callSettings: readonly SettingGroup[] = [
  {
    group: 'Video_Conference',
    settings: [
      { id: 'VideoConf_Default_Provider', type: 'lookup', value: '', public: true },
      // Not one of the documented settings: the built-in provider needs to know its server.
      { id: 'Jitsi_Domain', type: 'string', value: '', public: true },
      { id: 'VideoConf_Mobile_Ringing', type: 'boolean', value: false, public: true },
      { id: 'Jitsi_Click_To_Join_Count', type: 'int', value: 0 },
      { id: 'Jitsi_Start_SlashCommands_Count', type: 'int', value: 0 },
      { id: 'VideoConf_Enable_DMs', type: 'boolean', value: true, public: true },
      { id: 'VideoConf_Enable_Channels', type: 'boolean', value: true, public: true },
      { id: 'VideoConf_Enable_Groups', type: 'boolean', value: true, public: true },
      { id: 'VideoConf_Enable_Teams', type: 'boolean', value: true, public: true },
    ],
  },
  {
    group: 'WebRTC',
    settings: [
      { id: 'WebRTC_Enabled', type: 'boolean', value: false, public: true },
      { id: 'WebRTC_Enable_Channel', type: 'boolean', value: false, public: true },
      { id: 'WebRTC_Enable_Private', type: 'boolean', value: false, public: true },
      { id: 'WebRTC_Enable_Direct', type: 'boolean', value: false, public: true },
      { id: 'WebRTC_Calls_Count', type: 'int', value: 0 },
      { id: 'WebRTC_Servers', type: 'string', value: 'stun:stun.l.google.com:19302', public: true },
    ],
  },
  {
    group: 'VoIP_TeamCollab',
    settings: [
      {
        id: 'VoIP_TeamCollab_Ice_Servers',
        type: 'string',
        value: 'stun:stun.l.google.com:19302',
        public: true,
      },
      { id: 'VoIP_TeamCollab_Ice_Gathering_Timeout', type: 'int', value: 5000, public: true },
    ],
  },
];
