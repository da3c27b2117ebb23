import type { SettingDefinition } from '../setting-definition.ts';

/** The hidden list of the login services that the workspace added. */
export const CUSTOM_LOGIN_SERVICES = 'Gantry_Custom_Login_Services';

/** The beginning of the setting ids of a service that the workspace added. `name` has letters, digits and `_` only. */
export const customServicePrefix = (name: string): string => `Accounts_OAuth_Custom-${name}`;

/** The settings of a login service that the workspace added (spec 20, "Custom OAuth setting ids"). */
export function customServiceSettings(name: string): SettingDefinition[] {
  const id = customServicePrefix(name);
  return [
    { id, type: 'boolean', value: false, public: true },
    { id: `${id}-url`, type: 'string', value: '' },
    { id: `${id}-token_path`, type: 'string', value: '/oauth/token' },
    { id: `${id}-token_sent_via`, type: 'select', value: 'payload', values: ['header', 'payload'] },
    {
      id: `${id}-identity_token_sent_via`,
      type: 'select',
      value: 'default',
      values: ['default', 'header', 'payload'],
    },
    { id: `${id}-identity_path`, type: 'string', value: '/me' },
    { id: `${id}-authorize_path`, type: 'string', value: '/oauth/authorize' },
    { id: `${id}-scope`, type: 'string', value: 'openid' },
    { id: `${id}-access_token_param`, type: 'string', value: 'access_token' },
    { id: `${id}-id`, type: 'string', value: '' },
    { id: `${id}-secret`, type: 'string', value: '', secret: true },
    { id: `${id}-login_style`, type: 'select', value: 'popup', values: ['redirect', 'popup', ''] },
    { id: `${id}-button_label_text`, type: 'string', value: '' },
    { id: `${id}-button_label_color`, type: 'string', value: '#FFFFFF' },
    { id: `${id}-button_color`, type: 'string', value: '#1d74f5' },
    { id: `${id}-key_field`, type: 'select', value: 'username', values: ['username', 'email'] },
    { id: `${id}-username_field`, type: 'string', value: '' },
    { id: `${id}-email_field`, type: 'string', value: '' },
    { id: `${id}-name_field`, type: 'string', value: '' },
    { id: `${id}-avatar_field`, type: 'string', value: '' },
    { id: `${id}-roles_claim`, type: 'string', value: 'roles' },
    { id: `${id}-groups_claim`, type: 'string', value: 'groups' },
    { id: `${id}-channels_map`, type: 'code', value: '', json: true },
    { id: `${id}-channels_admin`, type: 'string', value: 'rocket.cat' },
    { id: `${id}-map_channels`, type: 'boolean', value: false },
    { id: `${id}-merge_roles`, type: 'boolean', value: false },
    { id: `${id}-roles_to_sync`, type: 'string', value: '' },
    { id: `${id}-merge_users`, type: 'boolean', value: false },
    { id: `${id}-merge_users_distinct_services`, type: 'boolean', value: false },
    { id: `${id}-show_button`, type: 'boolean', value: true },
  ];
}
