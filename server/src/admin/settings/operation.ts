import type { SettingGroup } from '../setting-definition.ts';

/** Rate limits, logs, troubleshooting, page metadata. (Spec 22.) */
export const operationSettings: readonly SettingGroup[] = [
  {
    group: 'Rate Limiter',
    settings: [
      { id: 'DDP_Rate_Limit_IP_Enabled', type: 'boolean', value: true },
      { id: 'DDP_Rate_Limit_IP_Requests_Allowed', type: 'int', value: 120000 },
      { id: 'DDP_Rate_Limit_IP_Interval_Time', type: 'int', value: 60000 },
      { id: 'DDP_Rate_Limit_User_Enabled', type: 'boolean', value: true },
      { id: 'DDP_Rate_Limit_User_Requests_Allowed', type: 'int', value: 1200 },
      { id: 'DDP_Rate_Limit_User_Interval_Time', type: 'int', value: 60000 },
      { id: 'DDP_Rate_Limit_Connection_Enabled', type: 'boolean', value: true },
      { id: 'DDP_Rate_Limit_Connection_Requests_Allowed', type: 'int', value: 600 },
      { id: 'DDP_Rate_Limit_Connection_Interval_Time', type: 'int', value: 60000 },
      { id: 'DDP_Rate_Limit_User_By_Method_Enabled', type: 'boolean', value: true },
      { id: 'DDP_Rate_Limit_User_By_Method_Requests_Allowed', type: 'int', value: 20 },
      { id: 'DDP_Rate_Limit_User_By_Method_Interval_Time', type: 'int', value: 10000 },
      { id: 'DDP_Rate_Limit_Connection_By_Method_Enabled', type: 'boolean', value: true },
      { id: 'DDP_Rate_Limit_Connection_By_Method_Requests_Allowed', type: 'int', value: 10 },
      { id: 'DDP_Rate_Limit_Connection_By_Method_Interval_Time', type: 'int', value: 10000 },
      { id: 'API_Enable_Rate_Limiter', type: 'boolean', value: true },
      { id: 'API_Enable_Rate_Limiter_Dev', type: 'boolean', value: true },
      { id: 'API_Enable_Rate_Limiter_Limit_Calls_Default', type: 'int', value: 10 },
      { id: 'API_Enable_Rate_Limiter_Limit_Time_Default', type: 'int', value: 60000 },
      { id: 'Rate_Limiter_Limit_RegisterUser', type: 'int', value: 1 },
    ],
  },
  {
    group: 'Logs',
    settings: [
      { id: 'Log_Level', type: 'select', value: '0', public: true, values: ['0', '1', '2'] },
      { id: 'Log_View_Limit', type: 'int', value: 1000 },
      { id: 'Log_Trace_Methods', type: 'boolean', value: false },
      { id: 'Log_Trace_Methods_Filter', type: 'string', value: '' },
      { id: 'Log_Trace_Subscriptions', type: 'boolean', value: false },
      { id: 'Log_Trace_Subscriptions_Filter', type: 'string', value: '' },
      { id: 'Uncaught_Exceptions_Count', type: 'int', value: 0 },
      { id: 'Prometheus_Enabled', type: 'boolean', value: false },
      { id: 'Prometheus_Port', type: 'int', value: 9458 },
      { id: 'Prometheus_Reset_Interval', type: 'int', value: 0 },
      { id: 'Prometheus_Garbage_Collector', type: 'boolean', value: false },
      { id: 'Prometheus_API_User_Agent', type: 'boolean', value: false },
      { id: 'Log_Exceptions_to_Channel', type: 'string', value: '' },
    ],
  },
  {
    group: 'Troubleshoot',
    settings: [
      { id: 'Troubleshoot_Disable_Notifications', type: 'boolean', value: false },
      { id: 'Presence_broadcast_disabled', type: 'boolean', value: false, public: true },
      { id: 'Troubleshoot_Disable_Presence_Broadcast', type: 'boolean', value: false },
      { id: 'Troubleshoot_Disable_Instance_Broadcast', type: 'boolean', value: false },
      { id: 'Troubleshoot_Disable_Sessions_Monitor', type: 'boolean', value: false },
      { id: 'Troubleshoot_Disable_Livechat_Activity_Monitor', type: 'boolean', value: false },
      { id: 'Troubleshoot_Disable_Data_Exporter_Processor', type: 'boolean', value: false },
      { id: 'Troubleshoot_Disable_Teams_Mention', type: 'boolean', value: false },
      { id: 'Troubleshoot_Disable_Statistics_Generator', type: 'boolean', value: false },
      { id: 'Troubleshoot_Disable_Workspace_Sync', type: 'boolean', value: false },
      { id: 'Troubleshoot_Force_Caching_Version', type: 'string', value: '' },
    ],
  },
  {
    group: 'Meta',
    settings: [
      { id: 'Meta_language', type: 'string', value: '' },
      { id: 'Meta_fb_app_id', type: 'string', value: '' },
      { id: 'Meta_robots', type: 'string', value: 'INDEX,FOLLOW' },
      { id: 'Meta_google-site-verification', type: 'string', value: '' },
      { id: 'Meta_msvalidate01', type: 'string', value: '' },
      { id: 'Meta_custom', type: 'code', value: '' },
    ],
  },
  {
    group: 'Bots',
    settings: [
      {
        id: 'BotHelpers_userFields',
        type: 'string',
        value: '_id, name, username, emails, language, utcOffset',
      },
    ],
  },
  {
    group: 'Cloud',
    settings: [
      { id: 'Cloud_Workspace_Id', type: 'string', value: '' },
      { id: 'Cloud_Workspace_AirGapped_Restrictions_Remaining_Days', type: 'int', value: -1, public: true },
    ],
  },
];
