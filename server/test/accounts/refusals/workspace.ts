import {
  body,
  coded,
  FORBIDDEN,
  NO_PERMISSION,
  NOT_AUTHORIZED,
  NOT_LOGGED_IN,
  plain,
  type Row,
  unchanged,
} from './refusal.ts';

const pushParam = (code: string, name: string) =>
  coded(code, `The required "${name}" body param is missing or invalid.`);
const status = (code: string, reason: string, field: object = {}) =>
  coded(code, reason, { method: 'insertOrUpdateUserStatus', ...field });

/** Of spec 23: emoji, sounds, statuses, assets, push, licences, cloud, administration. */
export const WORKSPACE_REFUSALS: Row[] = [
  ['nobody', 'POST method.call/x', { message: '{}' }, NOT_LOGGED_IN],
  ['alice', 'POST method.call/x', { message: 'x' }, plain('Invalid method call')],
  [
    'alice',
    'GET emoji-custom.list',
    { updatedSince: 'x' },
    coded('error-roomId-param-invalid', 'The "updatedSince" query parameter must be a valid date.'),
  ],
  ['admin', 'POST emoji-custom.create', { name: 'x' }, plain('Missing Content-Type')],
  ['admin', 'POST emoji-custom.delete', {}, plain('The "emojiId" params is required!')],
  ['alice', 'POST emoji-custom.delete', { emojiId: 'x' }, NOT_AUTHORIZED],
  [
    'admin',
    'POST emoji-custom.delete',
    { emojiId: 'x' },
    coded('Custom_Emoji_Error_Invalid_Emoji', 'Invalid emoji', { method: 'deleteEmojiCustom' }),
  ],
  [
    'alice',
    'GET custom-sounds.getOne',
    {},
    body(400, {
      error: '[The required "_id" query param is missing.]',
      errorType: 'The required "_id" query param is missing.',
    }),
  ],
  ['alice', 'GET custom-sounds.getOne', { _id: 'x' }, plain('Custom Sound not found.', 404)],
  ['alice', 'POST custom-sounds.delete', { _id: 'x' }, NO_PERMISSION],
  [
    'admin',
    'POST custom-sounds.delete',
    { _id: 'x' },
    body(400, {
      error: 'Custom_Sound_Error_Invalid_Sound',
      errorType: 'Custom_Sound_Error_Invalid_Sound',
    }),
  ],
  ['alice', 'POST custom-user-status.create', { name: 'x' }, NOT_AUTHORIZED],
  [
    'admin',
    'POST custom-user-status.create',
    { name: '' },
    status('error-the-field-is-required', 'The field Name is required', { field: 'Name' }),
  ],
  [
    'admin',
    'POST custom-user-status.create',
    { name: 'x', statusType: 'y' },
    status('error-input-is-not-a-valid-field', 'y is not a valid status type', {
      input: 'y',
      field: 'StatusType',
    }),
  ],
  [
    'admin',
    'POST custom-user-status.update',
    { _id: 'x', name: 'x' },
    plain('No custom user status found with the id of "x".'),
  ],
  ['admin', 'POST custom-user-status.delete', {}, plain('The "customUserStatusId" params is required!')],
  ['alice', 'POST custom-user-status.delete', { customUserStatusId: 'x' }, NOT_AUTHORIZED],
  [
    'admin',
    'POST custom-user-status.delete',
    { customUserStatusId: 'x' },
    coded('Custom_User_Status_Error_Invalid_User_Status', 'Invalid user status', {
      method: 'deleteCustomUserStatus',
    }),
  ],
  [
    'alice',
    'POST assets.unsetAsset',
    { assetName: 'logo' },
    coded(
      'error-action-not-allowed',
      'Managing assets not allowed',
      unchanged('Managing_assets', 'setAsset'),
    ),
  ],
  [
    'admin',
    'POST assets.unsetAsset',
    { assetName: 'x' },
    coded('error-invalid-asset', 'Invalid asset', { function: 'unsetAsset' }),
  ],
  ['alice', 'POST push.token', { id: '' }, pushParam('error-id-param-not-valid', 'id')],
  ['alice', 'POST push.token', { type: 'x' }, pushParam('error-type-param-not-valid', 'type')],
  ['alice', 'POST push.token', { type: 'gcm' }, pushParam('error-token-param-not-valid', 'value')],
  [
    'alice',
    'POST push.token',
    { type: 'gcm', value: 'x' },
    pushParam('error-appName-param-not-valid', 'appName'),
  ],
  ['alice', 'DELETE push.token', {}, pushParam('error-token-param-not-valid', 'token')],
  ['alice', 'DELETE push.token', { token: 'x' }, plain('Resource not found', 404)],
  ['alice', 'GET push.get', { id: 'x' }, plain('error-message-not-found')],
  ['alice', 'GET presence.getConnections', {}, NO_PERMISSION],
  ['alice', 'POST presence.enableBroadcast', {}, NO_PERMISSION],
  ['alice', 'GET statistics', {}, plain('error-not-allowed')],
  ['alice', 'GET instances.get', {}, NO_PERMISSION],
  ['alice', 'POST licenses.add', { license: 'x' }, FORBIDDEN],
  ['admin', 'POST licenses.add', { license: 'x' }, plain('Invalid license')],
  ['alice', 'GET cloud.registrationStatus', {}, NO_PERMISSION],
  ['alice', 'GET cloud.checkoutUrl', {}, NO_PERMISSION],
  ['admin', 'GET cloud.checkoutUrl', {}, body(400, {})],
  ['admin', 'GET cloud.confirmationPoll', { deviceCode: 'x' }, plain('Invalid query')],
  ['admin', 'POST cloud.createRegistrationIntent', { resend: false, email: 'x@y' }, plain('Invalid query')],
  ['admin', 'POST cloud.syncWorkspace', {}, plain('Error during workspace sync')],
  ['admin', 'POST cloud.removeLicense', {}, plain('License removal failed')],
  [
    'admin',
    'POST cloud.connectWorkspace',
    { token: 'x' },
    plain('Failed to connect the workspace with Rocket.Chat Cloud'),
  ],
  ['alice', 'GET oauth-apps.list', {}, NO_PERMISSION],
  ['alice', 'GET oauth-apps.get', { clientId: 'x' }, plain('OAuth app not found.')],
  [
    'admin',
    'POST oauth-apps.update',
    { appId: 'x', name: 'x', redirectUri: 'http://x', active: true },
    coded('error-application-not-found', 'Application not found', { method: 'updateOAuthApp' }),
  ],
  ['alice', 'POST fingerprint', { setDeploymentAs: 'new-workspace' }, NO_PERMISSION],
  ['alice', 'POST ldap.testConnection', {}, plain('error-not-authorized')],
  ['admin', 'POST ldap.testConnection', {}, plain('LDAP_disabled')],
  ['alice', 'GET stdout.queue', {}, NO_PERMISSION],
];
