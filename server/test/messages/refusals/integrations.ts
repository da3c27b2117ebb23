import { expect } from 'vitest';
import {
  body,
  coded,
  FORBIDDEN,
  NO_PERMISSION,
  NOT_AUTHORIZED,
  NOT_LOGGED_IN,
  plain,
  requires,
} from '../../accounts/refusals/refusal.ts';
import type { Given, Row } from './row.ts';

/** Of spec 31 §2 and §3: managing webhooks, and calling incoming ones. */

const incoming = (more: object = {}) => ({
  type: 'webhook-incoming',
  username: 'bob',
  channel: '#$channelName',
  scriptEnabled: false,
  name: 'hook',
  enabled: true,
  ...more,
});
const outgoing = (more: object = {}) => ({
  ...incoming(),
  type: 'webhook-outgoing',
  event: 'sendMessage',
  urls: ['https://example.org/'],
  ...more,
});
const of = (method: string) => (code: string, reason: string) => coded(code, reason, { method });
const addIn = of('addIncomingIntegration');
const addOut = of('addOutgoingIntegration');
const changeIn = of('updateIncomingIntegration');
const changeOut = of('updateOutgoingIntegration');
const START = ['error-invalid-channel-start-with-chars', 'Invalid channel. Start with @ or #'] as const;
const NOT_FOUND = plain('No integration found.');
const UNKNOWN_EVENT = body(400, { error: 'error-invalid-event-type' });

const users = ['admin', 'user'];
/** Everybody manages own webhooks, and nobody but administrators those of others. */
const OWN_INCOMING: Given = { permissions: { 'manage-own-incoming-integrations': users } };
const OWN_OUTGOING: Given = { permissions: { 'manage-own-outgoing-integrations': users } };

const CREATING: Row[] = [
  ['nobody', 'POST integrations.create', incoming(), NOT_LOGGED_IN],
  [
    'admin',
    'POST integrations.create',
    {},
    body(400, {
      errorType: 'error-invalid-params',
      error: expect.stringMatching(
        /must have required property 'type'\n (.*\n)+ must match exactly one schema in oneOf$/,
      ),
    }),
  ],
  ['alice', 'POST integrations.create', incoming(), addIn('not_authorized', 'Unauthorized')],
  [
    'admin',
    'POST integrations.create',
    incoming({ channel: ' ' }),
    addIn('error-invalid-channel', 'Invalid channel'),
  ],
  ['admin', 'POST integrations.create', incoming({ channel: 'general' }), addIn(...START)],
  ['admin', 'POST integrations.create', incoming({ channel: '#$channelName, x' }), addIn(...START)],
  ['admin', 'POST integrations.create', incoming({ channel: 'all_public_channels' }), addIn(...START)],
  [
    'admin',
    'POST integrations.create',
    incoming({ username: ' ' }),
    addIn('error-invalid-username', 'Invalid username'),
  ],
  [
    'admin',
    'POST integrations.create',
    incoming({ username: 'nobody' }),
    addIn('error-invalid-user', 'Invalid user'),
  ],
  [
    'admin',
    'POST integrations.create',
    incoming({ channel: '#nowhere' }),
    addIn('error-invalid-room', 'Invalid room'),
  ],
  [
    'admin',
    'POST integrations.create',
    incoming({ channel: '@nobody' }),
    addIn('error-invalid-room', 'Invalid room'),
  ],
  [
    'carol',
    'POST integrations.create',
    incoming(),
    addIn('error-invalid-channel', 'Invalid Channel'),
    OWN_INCOMING,
  ],

  ['alice', 'POST integrations.create', outgoing(), NOT_AUTHORIZED],
  [
    'admin',
    'POST integrations.create',
    outgoing({ event: 'x' }),
    addOut('error-invalid-event-type', 'Invalid event type'),
  ],
  [
    'admin',
    'POST integrations.create',
    outgoing({ username: ' ' }),
    addOut('error-invalid-username', 'Invalid username'),
  ],
  ...[{}, { targetRoom: ' ' }].map(
    (target): Row => [
      'admin',
      'POST integrations.create',
      outgoing({ event: 'userCreated', ...target }),
      addOut('error-invalid-targetRoom', 'Invalid Target Room'),
    ],
  ),
  ...[{ urls: [] }, { urls: [' '] }, { urls: undefined }].map(
    (urls): Row => [
      'admin',
      'POST integrations.create',
      outgoing(urls),
      addOut('error-invalid-urls', 'Invalid URLs'),
    ],
  ),
  ['admin', 'POST integrations.create', outgoing({ channel: 'general' }), addOut(...START)],
  [
    'alice',
    'POST integrations.create',
    outgoing({ event: 'roomCreated' }),
    addOut('error-invalid-permissions', 'Invalid permission for required Integration creation.'),
    OWN_OUTGOING,
  ],
  [
    'admin',
    'POST integrations.create',
    outgoing({ username: 'nobody' }),
    addOut('error-invalid-user', 'Invalid user (did you delete the `rocket.cat` user?)'),
  ],
  ...['all_private_groups', 'all_direct_messages'].map(
    (channel): Row => [
      'alice',
      'POST integrations.create',
      outgoing({ channel }),
      addOut('error-invalid-channel', 'Invalid Channel'),
      OWN_OUTGOING,
    ],
  ),
  [
    'admin',
    'POST integrations.create',
    outgoing({ channel: '#nowhere' }),
    addOut('error-invalid-room', 'Invalid room'),
  ],
  [
    'carol',
    'POST integrations.create',
    outgoing(),
    addOut('error-invalid-channel', 'Invalid Channel'),
    OWN_OUTGOING,
  ],
];

const inUpdate = (more: object = {}) => ({ ...incoming(), integrationId: '$hook', ...more });
const outUpdate = (more: object = {}) => ({ ...outgoing(), integrationId: '$outgoing', ...more });

const UPDATING: Row[] = [
  ['nobody', 'PUT integrations.update', inUpdate(), NOT_LOGGED_IN],
  ['admin', 'PUT integrations.update', inUpdate({ integrationId: 'nothing' }), NOT_FOUND],
  ['admin', 'PUT integrations.update', outUpdate({ integrationId: 'nothing' }), NOT_FOUND],
  [
    'admin',
    'PUT integrations.update',
    { ...outgoing(), target_url: 'https://example.org/nobody' },
    NOT_FOUND,
  ],
  ['admin', 'PUT integrations.update', outUpdate({ integrationId: '$hook' }), NOT_FOUND],
  ['alice', 'PUT integrations.update', inUpdate(), changeIn('not_authorized', 'Unauthorized')],
  [
    'admin',
    'PUT integrations.update',
    inUpdate({ channel: '' }),
    changeIn('error-invalid-channel', 'Invalid channel'),
  ],
  ['admin', 'PUT integrations.update', inUpdate({ channel: 'x' }), changeIn(...START)],
  [
    'alice',
    'PUT integrations.update',
    inUpdate(),
    changeIn('error-invalid-integration', 'Invalid integration'),
    OWN_INCOMING,
  ],
  [
    'admin',
    'PUT integrations.update',
    inUpdate({ channel: '#nowhere' }),
    changeIn('error-invalid-room', 'Invalid room'),
  ],
  [
    'admin',
    'PUT integrations.update',
    inUpdate({ integrationId: '$hookOfNobody' }),
    changeIn('error-invalid-post-as-user', 'Invalid Post As User'),
  ],
  ['alice', 'PUT integrations.update', outUpdate(), NOT_AUTHORIZED],
  [
    'admin',
    'PUT integrations.update',
    outUpdate({ event: 'x' }),
    changeOut('error-invalid-event-type', 'Invalid event type'),
  ],
  [
    'admin',
    'PUT integrations.update',
    outUpdate({ urls: [] }),
    changeOut('error-invalid-urls', 'Invalid URLs'),
  ],
  ['admin', 'PUT integrations.update', outUpdate({ channel: 'x' }), changeOut(...START)],
  [
    'admin',
    'PUT integrations.update',
    outUpdate({ username: '' }),
    changeOut('error-invalid-username', 'Invalid username'),
  ],
  [
    'admin',
    'PUT integrations.update',
    outUpdate({ token: ' ' }),
    changeOut('error-invalid-token', 'Invalid token'),
  ],
  [
    'alice',
    'PUT integrations.update',
    outUpdate(),
    changeOut('error-invalid-integration', 'Invalid integration'),
    OWN_OUTGOING,
  ],
];

const REMOVING_AND_READING: Row[] = [
  ['nobody', 'POST integrations.remove', { type: 'webhook-incoming', integrationId: '$hook' }, NOT_LOGGED_IN],
  ['alice', 'POST integrations.remove', { type: 'webhook-incoming', integrationId: '$hook' }, NO_PERMISSION],
  ['admin', 'POST integrations.remove', { type: 'webhook-incoming', integrationId: 'nothing' }, NOT_FOUND],
  ['admin', 'POST integrations.remove', { type: 'webhook-outgoing', integrationId: '$hook' }, NOT_FOUND],
  [
    'admin',
    'POST integrations.remove',
    { type: 'webhook-outgoing', target_url: 'https://x.example' },
    NOT_FOUND,
  ],
  [
    'alice',
    'POST integrations.remove',
    { type: 'webhook-outgoing', integrationId: '$outgoing' },
    of('deleteOutgoingIntegration')('not_authorized', 'Unauthorized'),
    OWN_INCOMING,
  ],
  [
    'alice',
    'POST integrations.remove',
    { type: 'webhook-incoming', integrationId: '$hook' },
    of('deleteIncomingIntegration')('not_authorized', 'Unauthorized'),
    OWN_OUTGOING,
  ],
  [
    'alice',
    'POST integrations.remove',
    { type: 'webhook-incoming', integrationId: '$hook' },
    of('deleteIncomingIntegration')('error-invalid-integration', 'Invalid integration'),
    OWN_INCOMING,
  ],
  [
    'alice',
    'POST integrations.remove',
    { type: 'webhook-outgoing', integrationId: '$outgoing' },
    of('deleteOutgoingIntegration')('error-invalid-integration', 'Invalid integration'),
    OWN_OUTGOING,
  ],

  ['nobody', 'GET integrations.list', {}, NOT_LOGGED_IN],
  ['alice', 'GET integrations.list', {}, NO_PERMISSION],
  ['nobody', 'GET integrations.get', { integrationId: '$hook' }, NOT_LOGGED_IN],
  ['admin', 'GET integrations.get', {}, requires('integrationId')],
  ['admin', 'GET integrations.get', { integrationId: 'nothing' }, plain('The integration does not exists.')],
  [
    'admin',
    'GET integrations.get',
    { integrationId: '$hook', createdBy: '$alice' },
    plain('The integration does not exists.'),
  ],
  ['alice', 'GET integrations.get', { integrationId: '$hook' }, plain('not-authorized')],
  ['alice', 'GET integrations.get', { integrationId: '$hook' }, plain('not-authorized'), OWN_INCOMING],

  ['nobody', 'GET integrations.history', { id: '$outgoing' }, NOT_LOGGED_IN],
  ['alice', 'GET integrations.history', { id: '$outgoing' }, NO_PERMISSION],
  ['alice', 'GET integrations.history', { id: '$outgoing' }, NO_PERMISSION, OWN_INCOMING],
  ['admin', 'GET integrations.history', {}, requires('id')],
  ['admin', 'GET integrations.history', { id: ' ' }, plain('Invalid integration id.')],

  ['nobody', 'POST integrations.clearHistory', { integrationId: '$outgoing' }, NOT_LOGGED_IN],
  ['admin', 'POST integrations.clearHistory', {}, requires('integrationId')],
  [
    'alice',
    'POST integrations.clearHistory',
    { integrationId: '$outgoing' },
    of('clearIntegrationHistory')('not_authorized', 'Unauthorized'),
  ],
  ...['nothing', '$hook'].map(
    (integrationId): Row => [
      'admin',
      'POST integrations.clearHistory',
      { integrationId },
      of('clearIntegrationHistory')('error-invalid-integration', 'Invalid integration'),
    ],
  ),
  [
    'alice',
    'POST integrations.clearHistory',
    { integrationId: '$outgoing' },
    of('clearIntegrationHistory')('error-invalid-integration', 'Invalid integration'),
    OWN_OUTGOING,
  ],

  [
    'nobody',
    'POST integrations.replayOutgoing',
    { integrationId: '$outgoing', historyId: 'x' },
    NOT_LOGGED_IN,
  ],
  ['admin', 'POST integrations.replayOutgoing', {}, requires('integrationId', 'historyId')],
  [
    'alice',
    'POST integrations.replayOutgoing',
    { integrationId: '$outgoing', historyId: 'x' },
    of('replayOutgoingIntegration')('not_authorized', 'Unauthorized'),
  ],
  [
    'admin',
    'POST integrations.replayOutgoing',
    { integrationId: '$hook', historyId: 'x' },
    of('replayOutgoingIntegration')('error-invalid-integration', 'Invalid integration'),
  ],
  [
    'alice',
    'POST integrations.replayOutgoing',
    { integrationId: '$outgoing', historyId: 'x' },
    of('replayOutgoingIntegration')('error-invalid-integration', 'Invalid integration'),
    OWN_OUTGOING,
  ],
  [
    'admin',
    'POST integrations.replayOutgoing',
    { integrationId: '$outgoing', historyId: 'x' },
    of('replayOutgoingIntegration')('error-invalid-integration-history', 'Invalid Integration History'),
  ],
  ['bob', 'GET groups.getIntegrations', { roomId: '$group' }, NO_PERMISSION],
  [
    'carol',
    'GET channels.getIntegrations',
    { roomId: '$channel' },
    FORBIDDEN,
    {
      permissions: { ...OWN_INCOMING.permissions, 'view-c-room': ['admin'] },
    },
  ],
];

const NO_HOOK = plain('Invalid integration id or token provided.', 404);

const HOOKS: Row[] = [
  ...['POST', 'GET'].flatMap((verb): Row[] => [
    ['nobody', `${verb} /hooks/nothing/$hookToken`, {}, NO_HOOK],
    ['nobody', `${verb} /hooks/$hook/wrong`, {}, NO_HOOK],
    ['nobody', `${verb} /hooks/$hook/$bob/wrong`, {}, NO_HOOK],
    ['nobody', `${verb} /hooks/$hookOff/$hookOffToken`, {}, plain('Service Unavailable', 503)],
  ]),
  ['nobody', 'GET /hooks/info/$hook/wrong', {}, NO_HOOK],
  ['nobody', 'GET /hooks/sample/$hook/wrong', {}, NO_HOOK],
  ['nobody', 'POST /hooks/add/$hook/wrong', {}, NO_HOOK],
  ['nobody', 'POST /hooks/remove/$hook/wrong', {}, NO_HOOK],
  ['nobody', 'POST /hooks/$hook/$hookToken', [1], plain('The payload must be a JSON object')],
  ...[{ channel: '#general' }, { roomId: 'GENERAL' }].map(
    (target): Row => [
      'nobody',
      'POST /hooks/$hook/$hookToken',
      { text: 'x', ...target },
      plain('overriding destination channel is disabled for this integration'),
    ],
  ),
  [
    'nobody',
    'POST /hooks/$hookAnywhere/$hookAnywhereToken',
    { text: 'x', channel: '#nowhere' },
    plain('invalid-channel'),
  ],
  [
    'nobody',
    'POST /hooks/$hookAnywhere/$hookAnywhereToken',
    { text: 'x', channel: [1] },
    plain('invalid-channel'),
  ],
  [
    'nobody',
    'POST /hooks/$hookAnywhere/$hookAnywhereToken',
    { text: 'x', channel: '#$groupName' },
    plain('error-not-allowed'),
  ],
  [
    'nobody',
    'POST /hooks/$hookAnywhere/$hookAnywhereToken',
    { text: 'x', channel: '#$channelName', icon_url: 'javascript:x' },
    plain('Invalid href value provided'),
  ],
  [
    'nobody',
    'POST /hooks/$hookAnywhere/$hookAnywhereToken',
    { text: 'x', channel: ['#nowhere', '#$groupName'], separateResponse: true },
    body(400, {
      responses: [
        { channel: '#nowhere', error: 'invalid-channel' },
        { channel: '#$groupName', error: 'error-not-allowed' },
      ],
    }),
  ],
  ['nobody', 'POST /hooks/$hookFailing/$hookFailingToken', { text: 'x' }, plain('error-running-script')],
  [
    'nobody',
    'POST /hooks/$hookRefusing/$hookRefusingToken',
    { text: 'x' },
    body(400, { error: { success: false, message: 'no' } }),
  ],
  [
    'nobody',
    'POST /hooks/add/$hook/$hookToken',
    { event: 'x', target_url: 'https://example.org/' },
    UNKNOWN_EVENT,
  ],
  [
    'nobody',
    'POST /hooks/add/$hook/$hookToken',
    { event: 'newMessageOnChannel', target_url: 'https://example.org/', name: 'x' },
    plain('not_authorized'),
  ],
  [
    'nobody',
    'POST /hooks/remove/$hook/$hookToken',
    { target_url: 'https://nobody.example/' },
    plain('integration-not-found'),
  ],
  ['nobody', 'POST /hooks/remove/$hook/$hookToken', {}, plain('integration-not-found')],
];

export const INTEGRATION_REFUSALS: Row[] = [...CREATING, ...UPDATING, ...REMOVING_AND_READING, ...HOOKS];
