import type { SettingGroup } from '../setting-definition.ts';

/** Bridges and analytics. Off: clients read them to decide what to show. (Spec 22.) */
export const integrationSettings: readonly SettingGroup[] = [
  { group: 'SlackBridge', settings: [{ id: 'SlackBridge_Enabled', type: 'boolean', value: false }] },
  {
    group: 'Analytics',
    settings: [
      { id: 'PiwikAnalytics_enabled', type: 'boolean', value: false },
      { id: 'PiwikAnalytics_url', type: 'string', value: '', public: true },
      { id: 'PiwikAnalytics_siteId', type: 'string', value: '', public: true },
      { id: 'GoogleAnalytics_enabled', type: 'boolean', value: false },
      { id: 'GoogleAnalytics_ID', type: 'string', value: '', public: true },
    ],
  },
  {
    group: 'Webdav Integration',
    settings: [{ id: 'Webdav_Integration_Enabled', type: 'boolean', value: false, public: true }],
  },
  {
    group: 'Federation',
    settings: [
      { id: 'FEDERATION_Enabled', type: 'boolean', value: false, public: true },
      { id: 'Federation_Matrix_enabled', type: 'boolean', value: false, public: true },
      { id: 'Federation_Service_Enabled', type: 'boolean', value: false, public: true },
    ],
  },
  {
    group: 'Omnichannel',
    settings: [
      { id: 'Livechat_enabled', type: 'boolean', value: false, public: true },
      {
        id: 'Livechat_request_comment_when_closing_conversation',
        type: 'boolean',
        value: true,
        public: true,
      },
      { id: 'Livechat_allow_manual_on_hold', type: 'boolean', value: false, public: true },
      { id: 'Canned_Responses_Enable', type: 'boolean', value: false, public: true },
      { id: 'Omnichannel_call_provider', type: 'string', value: '', public: true },
    ],
  },
];
