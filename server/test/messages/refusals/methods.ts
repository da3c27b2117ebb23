import type { MethodRow } from './row.ts';

/** Of spec 30 §3.3, §6, §8 and spec 31: what methods over DDP refuse, and how. */

const error = (code: string | number, reason?: string, details?: object) => ({
  error: code,
  ...(reason === undefined ? {} : { reason }),
  ...(details === undefined ? {} : { details }),
});
const notAllowed = (method: string, reason = 'Not allowed') => error('error-not-allowed', reason, { method });
const MATCH_FAILED = error(400, 'Match failed');
const NO_THREADS = { settings: { Threads_enabled: false } };
const NO_EDITING = error('error-action-not-allowed', 'Message editing not allowed', {
  method: 'updateMessage',
  action: 'Message_editing',
});
const pinning = (method: string, reason: string) =>
  error('error-invalid-message', reason, { method, action: 'Message_pinning' });
const edit = (more: object = {}) => ({ _id: '$message', rid: '$channel', msg: 'new', ...more });
const noCommand = (reason: string) =>
  error('error-invalid-command', reason, { method: 'executeSlashCommandPreview' });
const command = { cmd: 'me', params: 'x', msg: { _id: 'new', rid: '$channel', msg: '/me x' } };

export const METHOD_REFUSALS: MethodRow[] = [
  ['alice', 'sendMessage', ['x'], MATCH_FAILED],
  ['alice', 'sendMessage', [{ msg: 'x' }], error("The 'rid' property on the message object is missing.")],
  [
    'alice',
    'sendMessage',
    [{ rid: '$channel', msg: 'x', t: 'uj' }],
    error("Cannot send system messages using 'chat.sendMessage'"),
  ],
  [
    'alice',
    'sendMessage',
    [{ rid: '$channel', msg: 'x', tshow: true }],
    error('invalid-params', 'tshow provided but missing tmid', { method: 'sendMessage' }),
  ],
  [
    'alice',
    'sendMessage',
    [{ rid: '$channel', msg: 'x', tmid: '$message' }],
    notAllowed('sendMessage', 'not-allowed'),
    NO_THREADS,
  ],
  ['bob', 'sendMessage', [{ rid: '$group', msg: 'x' }], notAllowed('sendMessage')],

  ['alice', 'updateMessage', [{}], MATCH_FAILED],
  ['alice', 'updateMessage', [edit({ _id: 'nothing' })], error('No message found with the id of "nothing".')],
  ['bob', 'updateMessage', [edit()], NO_EDITING],
  ['alice', 'updateMessage', [edit({ _id: '$gone' })], NO_EDITING],
  ...(
    [
      ['rid', '$group'],
      ['t', 'uj'],
      ['u', { _id: '$bob' }],
      ['ts', { $date: 1 }],
      ['pinned', true],
    ] as const
  ).map(
    ([key, value]): MethodRow => [
      'alice',
      'updateMessage',
      [edit({ [key]: value })],
      error('error-invalid-update-key', `Cannot update the message ${key}`),
    ],
  ),
  [
    'alice',
    'updateMessage',
    [edit({ tmid: '$message' })],
    error('error-message-same-as-tmid', 'Cannot set tmid the same as the _id'),
  ],
  [
    'alice',
    'updateMessage',
    [edit({ tmid: '$ofBob' })],
    error('error-message-change-to-thread', 'Cannot update message to a thread'),
  ],
  ['alice', 'deleteMessage', [{ _id: 'nothing' }], error('error-action-not-allowed', 'Not allowed')],
  ['bob', 'deleteMessage', [{ _id: '$message' }], error('error-action-not-allowed', 'Not allowed')],

  [
    'alice',
    'setReaction',
    [':smile:', 'nothing'],
    error('error-message-not-found', 'The provided "messageId" does not match any existing message.'),
  ],
  [
    'alice',
    'setReaction',
    ['no_such_emoji', '$message'],
    notAllowed('setReaction', 'Invalid emoji provided.'),
  ],
  [
    'bob',
    'setReaction',
    [':smile:', '$secret'],
    error('not-authorized', 'Not Authorized', { method: 'setReaction' }),
  ],
  [
    'alice',
    'pinMessage',
    [{ _id: 'nothing' }],
    pinning('pinMessage', 'Message you are pinning was not found'),
  ],
  [
    'bob',
    'pinMessage',
    [{ _id: '$message' }],
    error('not-authorized', 'Not Authorized', { method: 'pinMessage' }),
  ],
  [
    'alice',
    'unpinMessage',
    [{ _id: 'nothing' }],
    pinning('unpinMessage', 'Message you are unpinning was not found'),
  ],
  [
    'alice',
    'starMessage',
    [{ _id: '$message', rid: '$channel', starred: true }],
    error('error-action-not-allowed', 'Message starring not allowed', {
      method: 'starMessage',
      action: 'Message_starring',
    }),
    { settings: { Message_AllowStarring: false } },
  ],
  ['alice', 'starMessage', [{ _id: '$message', rid: '$channel' }], MATCH_FAILED],

  ['bob', 'getSingleMessage', ['$secret'], notAllowed('getSingleMessage')],
  ['bob', 'getMessages', [['$message', '$secret']], notAllowed('getMessages')],
  ['bob', 'messages/get', ['$group', { lastUpdate: { $date: 1 } }], notAllowed('messages/get')],
  ['bob', 'messages/get', ['nowhere'], notAllowed('messages/get')],
  [
    'bob',
    'messages/get',
    ['$channel', { type: 'x', next: '1' }],
    error('error-type-param-not-supported', 'The "type" parameter must be "UPDATED" or "DELETED"'),
  ],
  ['bob', 'loadNextMessages', ['$group', { $date: 1 }], notAllowed('loadNextMessages')],

  [
    'alice',
    'getThreadMessages',
    [{ tmid: '$message' }],
    notAllowed('getThreadMessages', 'Threads Disabled'),
    NO_THREADS,
  ],
  ['alice', 'getThreadMessages', [{ tmid: '$message', limit: 101 }], notAllowed('getThreadMessages')],
  ['bob', 'getThreadMessages', [{ tmid: '$secret' }], error('error-not-allowed', 'Not Allowed')],
  ['alice', 'getThreadsList', [{ rid: '$channel', limit: 101 }], notAllowed('getThreadsList')],
  ['bob', 'getThreadsList', [{ rid: '$group' }], error('error-not-allowed', 'Not Allowed')],
  ['alice', 'readThreads', ['nothing'], error('error-invalid-message', 'Invalid Message')],
  ...['followMessage', 'unfollowMessage'].flatMap((method): MethodRow[] => [
    ['alice', method, [{ mid: 'nothing' }], error('error-invalid-message', 'Invalid message', { method })],
    ['bob', method, [{ mid: '$secret' }], notAllowed(method, 'not-allowed')],
    ['alice', method, [{}], MATCH_FAILED],
  ]),
  [
    'carol',
    'ignoreUser',
    [{ rid: '$channel', userId: '$bob', ignore: true }],
    error('error-invalid-subscription', 'Invalid subscription', { method: 'ignoreUser' }),
  ],
  ['bob', 'reportMessage', ['$secret', 'x'], error('error-invalid-message_id')],
  ['bob', 'reportMessage', ['$message', ' '], error('error-invalid-description')],
  [
    'alice',
    'getReadReceipts',
    [{ messageId: 'nothing' }],
    error('error-invalid-message', 'Invalid message', { method: 'getReadReceipts' }),
  ],

  ['alice', 'slashCommand', [{ ...command, cmd: 'x' }], noCommand('Invalid Command Provided')],
  ['alice', 'getSlashCommandPreviews', [{ ...command, cmd: 'x' }], noCommand('Invalid Command Provided')],
  ['alice', 'getSlashCommandPreviews', [command], noCommand('Command Does Not Provide Previews')],
  ['alice', 'executeSlashCommandPreview', [command, {}], noCommand('Command Does Not Provide Previews')],
  [
    'bob',
    'slashCommand',
    [{ ...command, msg: { _id: 'new', rid: '$group', msg: '/me x' } }],
    error('error-not-allowed', 'Not allowed'),
  ],

  ['alice', 'addOutgoingIntegration', [{ type: 'webhook-outgoing' }], error('not_authorized')],
  [
    'alice',
    'replayOutgoingIntegration',
    [{ integrationId: '$outgoing', historyId: 'x' }],
    error('not_authorized', 'Unauthorized', { method: 'replayOutgoingIntegration' }),
  ],
  [
    'alice',
    'clearIntegrationHistory',
    ['$outgoing'],
    error('not_authorized', 'Unauthorized', { method: 'clearIntegrationHistory' }),
  ],
  [
    'alice',
    'e2e.setRoomKeyID',
    ['$encrypted', 'x'],
    error('error-room-e2e-key-already-exists', 'E2E Key ID already exists', { method: 'e2e.setRoomKeyID' }),
  ],
  [
    'alice',
    'autoTranslate.translateMessage',
    [{ _id: '$message' }, 'de'],
    error('AutoTranslate is disabled.'),
  ],
];

/** Who may not read gets an answer that says so, and no error. */
export const METHOD_DENIALS: [method: string, params: unknown[]][] = [
  ['loadHistory', ['$group']],
  ['loadMissedMessages', ['$group', { $date: 1 }]],
  ['loadSurroundingMessages', [{ _id: '$secret', rid: '$group' }, 10]],
  ['messageSearch', ['secret', '$group']],
  ['getChannelHistory', [{ rid: '$group' }]],
  // Of who is muted here, who is told it in the room.
  ['setReaction', [':smile:', '$ofBobSilent']],
];
