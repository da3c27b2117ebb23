import { body, coded, invalid, NOT_LOGGED_IN, plain, requires } from '../../accounts/refusals/refusal.ts';
import type { Row } from './row.ts';

/** Of spec 30 §5 and §7: threads, and reading messages in all other ways. */

const NO_THREADS = { settings: { Threads_enabled: false } };
const THREADS_DISABLED = coded('error-not-allowed', 'Threads Disabled');
const NOT_ALLOWED = coded('error-not-allowed', 'Not Allowed');
const INVALID_MESSAGE = coded('error-invalid-message', 'Invalid Message');
const SINCE = '2026-01-01T00:00:00.000Z';
const BAD_SINCE = coded(
  'error-updatedSince-param-invalid',
  'The "updatedSince" query parameter must be a valid date.',
);
const syncing = (code: string, reason: string) => coded(code, reason);

const THREAD_REFUSALS: Row[] = [
  ['nobody', 'GET chat.getThreadsList', { rid: '$channel' }, NOT_LOGGED_IN],
  ['alice', 'GET chat.getThreadsList', {}, requires('rid')],
  [
    'alice',
    'GET chat.getThreadsList',
    { rid: '$channel', type: 'x' },
    invalid('must be equal to one of the allowed values'),
  ],
  ['alice', 'GET chat.getThreadsList', { rid: '$channel' }, THREADS_DISABLED, NO_THREADS],
  ['alice', 'GET chat.getThreadsList', { rid: 'nowhere' }, NOT_ALLOWED],
  ['bob', 'GET chat.getThreadsList', { rid: '$group' }, NOT_ALLOWED],

  ['nobody', 'GET chat.syncThreadsList', { rid: '$channel', updatedSince: SINCE }, NOT_LOGGED_IN],
  ['alice', 'GET chat.syncThreadsList', {}, requires('rid', 'updatedSince')],
  ['alice', 'GET chat.syncThreadsList', { rid: '$channel', updatedSince: 'x' }, BAD_SINCE],
  [
    'alice',
    'GET chat.syncThreadsList',
    { rid: '$channel', updatedSince: SINCE },
    THREADS_DISABLED,
    NO_THREADS,
  ],
  ['alice', 'GET chat.syncThreadsList', { rid: 'nowhere', updatedSince: SINCE }, NOT_ALLOWED],
  ['bob', 'GET chat.syncThreadsList', { rid: '$group', updatedSince: SINCE }, NOT_ALLOWED],

  ['nobody', 'GET chat.getThreadMessages', { tmid: '$message' }, NOT_LOGGED_IN],
  ['alice', 'GET chat.getThreadMessages', {}, requires('tmid')],
  ['alice', 'GET chat.getThreadMessages', { tmid: '$message' }, THREADS_DISABLED, NO_THREADS],
  ['alice', 'GET chat.getThreadMessages', { tmid: 'nothing' }, INVALID_MESSAGE],
  ['bob', 'GET chat.getThreadMessages', { tmid: '$secret' }, NOT_ALLOWED],
  ...['nothing', '$otherReply', '$secret'].map(
    (aroundId): Row => [
      'bob',
      'GET chat.getThreadMessages',
      { tmid: '$message', aroundId },
      coded('error-invalid-message', 'The provided "aroundId" does not belong to the thread'),
    ],
  ),

  ['nobody', 'GET chat.syncThreadMessages', { tmid: '$message', updatedSince: SINCE }, NOT_LOGGED_IN],
  ['alice', 'GET chat.syncThreadMessages', {}, requires('tmid', 'updatedSince')],
  ['alice', 'GET chat.syncThreadMessages', { tmid: '$message', updatedSince: 'x' }, BAD_SINCE],
  [
    'alice',
    'GET chat.syncThreadMessages',
    { tmid: '$message', updatedSince: SINCE },
    THREADS_DISABLED,
    NO_THREADS,
  ],
  ['alice', 'GET chat.syncThreadMessages', { tmid: 'nothing', updatedSince: SINCE }, INVALID_MESSAGE],
  ['bob', 'GET chat.syncThreadMessages', { tmid: '$secret', updatedSince: SINCE }, NOT_ALLOWED],

  ['nobody', 'POST chat.readThread', { tmid: '$message' }, NOT_LOGGED_IN],
  ['alice', 'POST chat.readThread', {}, requires('tmid')],
  ['alice', 'POST chat.readThread', { tmid: '' }, invalid('must NOT have fewer than 1 characters')],
  ['alice', 'POST chat.readThread', { tmid: '$message' }, THREADS_DISABLED, NO_THREADS],
  ['alice', 'POST chat.readThread', { tmid: 'nothing' }, INVALID_MESSAGE],
  ['bob', 'POST chat.readThread', { tmid: '$secret' }, NOT_ALLOWED],

  ...['followMessage', 'unfollowMessage'].flatMap((method): Row[] => [
    ['nobody', `POST chat.${method}`, { mid: '$message' }, NOT_LOGGED_IN],
    ['alice', `POST chat.${method}`, {}, requires('mid')],
    ['alice', `POST chat.${method}`, { mid: '' }, invalid('must NOT have fewer than 1 characters')],
    [
      'alice',
      `POST chat.${method}`,
      { mid: '$message' },
      coded('error-not-allowed', 'not-allowed', { method }),
      NO_THREADS,
    ],
    [
      'alice',
      `POST chat.${method}`,
      { mid: 'nothing' },
      coded('error-invalid-message', 'Invalid message', { method }),
    ],
    ['bob', `POST chat.${method}`, { mid: '$secret' }, coded('error-not-allowed', 'not-allowed', { method })],
  ]),
];

const sync = (more: object) => ({ roomId: '$channel', ...more });

const SYNC_REFUSALS: Row[] = [
  ['nobody', 'GET chat.syncMessages', sync({ lastUpdate: SINCE }), NOT_LOGGED_IN],
  ['alice', 'GET chat.syncMessages', {}, requires('roomId')],
  [
    'alice',
    'GET chat.syncMessages',
    sync({}),
    syncing('error-param-required', 'The "type" or "lastUpdate" parameters must be provided'),
  ],
  [
    'alice',
    'GET chat.syncMessages',
    sync({ lastUpdate: 'x' }),
    syncing('error-lastUpdate-param-invalid', 'The "lastUpdate" query parameter must be a valid date'),
  ],
  [
    'alice',
    'GET chat.syncMessages',
    sync({ lastUpdate: SINCE, fromTs: 'x' }),
    syncing('error-lastUpdate-param-invalid', 'The "fromTs" query parameter must be a valid date'),
  ],
  ...['$group', 'nowhere'].map(
    (roomId): Row => [
      'bob',
      'GET chat.syncMessages',
      { roomId, lastUpdate: SINCE },
      coded('error-not-allowed', 'Not allowed', { method: 'messages/get' }),
    ],
  ),
  ...['next', 'previous'].flatMap((cursor): Row[] => [
    [
      'alice',
      'GET chat.syncMessages',
      sync({ [cursor]: '1' }),
      syncing('error-param-required', 'The "type" or "lastUpdate" parameters must be provided'),
    ],
    [
      'alice',
      'GET chat.syncMessages',
      sync({ [cursor]: '1', lastUpdate: SINCE }),
      syncing(
        'error-type-param-required',
        'The "type" parameter is required when using the "next" or "previous" parameters',
      ),
    ],
    [
      'alice',
      'GET chat.syncMessages',
      sync({ [cursor]: '1', lastUpdate: SINCE, type: 'UPDATED' }),
      syncing(
        'error-cursor-and-lastUpdate-conflict',
        'The attributes "next", "previous" and "lastUpdate" cannot be used together',
      ),
    ],
  ]),
  [
    'alice',
    'GET chat.syncMessages',
    sync({ next: '1', previous: '1', type: 'UPDATED' }),
    syncing('error-cursor-conflict', 'You cannot provide both "next" and "previous" parameters'),
  ],
  [
    'alice',
    'GET chat.syncMessages',
    sync({ type: 'x' }),
    invalid('must be equal to one of the allowed values'),
  ],
];

export const READING_REFUSALS: Row[] = [
  ...THREAD_REFUSALS,
  ...SYNC_REFUSALS,
  ['nobody', 'GET chat.getMessage', { msgId: '$message' }, NOT_LOGGED_IN],
  ['alice', 'GET chat.getMessage', {}, requires('msgId')],
  ['alice', 'GET chat.getMessage', { msgId: 'nothing' }, body(400, {})],
  [
    'bob',
    'GET chat.getMessage',
    { msgId: '$secret' },
    coded('error-not-allowed', 'Not allowed', { method: 'getSingleMessage' }),
  ],

  ['nobody', 'GET chat.search', { roomId: '$channel', searchText: 'x' }, NOT_LOGGED_IN],
  ['alice', 'GET chat.search', {}, requires('roomId', 'searchText')],
  ...['$group', 'nowhere'].map(
    (roomId): Row => ['bob', 'GET chat.search', { roomId, searchText: 'x' }, body(400, {})],
  ),

  ...(
    [
      ['Pinned', coded('error-not-allowed', 'Not allowed')],
      ['Starred', plain('error-not-allowed')],
      ['Mentioned', plain('error-not-allowed')],
    ] as const
  ).flatMap(([which, refused]): Row[] => [
    ['nobody', `GET chat.get${which}Messages`, { roomId: '$channel' }, NOT_LOGGED_IN],
    ['alice', `GET chat.get${which}Messages`, {}, requires('roomId')],
    ['bob', `GET chat.get${which}Messages`, { roomId: '$group' }, refused],
    ['bob', `GET chat.get${which}Messages`, { roomId: 'nowhere' }, refused],
  ]),

  ['nobody', 'GET chat.getDiscussions', { roomId: '$channel' }, NOT_LOGGED_IN],
  ['alice', 'GET chat.getDiscussions', {}, requires('roomId')],
  ['bob', 'GET chat.getDiscussions', { roomId: '$group' }, plain('error-not-allowed')],
  ['bob', 'GET chat.getDiscussions', { roomId: 'nowhere' }, plain('error-not-allowed')],

  ['nobody', 'GET chat.getDeletedMessages', { roomId: '$channel', since: SINCE }, NOT_LOGGED_IN],
  ['alice', 'GET chat.getDeletedMessages', {}, requires('roomId', 'since')],
  [
    'alice',
    'GET chat.getDeletedMessages',
    { roomId: '$channel', since: 'x' },
    body(400, {
      error: '[The "since" query parameter must be a valid date.]',
      errorType: 'The "since" query parameter must be a valid date.',
    }),
  ],
  ...['$group', 'nowhere'].map(
    (roomId): Row => [
      'bob',
      'GET chat.getDeletedMessages',
      { roomId, since: SINCE },
      coded('error-not-allowed', 'Not allowed'),
    ],
  ),

  ['nobody', 'GET chat.getURLPreview', { roomId: '$channel', url: 'https://example.org' }, NOT_LOGGED_IN],
  ['alice', 'GET chat.getURLPreview', {}, requires('roomId', 'url')],
  ...['$group', 'nowhere'].map(
    (roomId): Row => [
      'bob',
      'GET chat.getURLPreview',
      { roomId, url: 'https://example.org' },
      coded('error-not-allowed', 'Not allowed'),
    ],
  ),

  ['nobody', 'GET chat.getMessageReadReceipts', { messageId: '$message' }, NOT_LOGGED_IN],
  ['alice', 'GET chat.getMessageReadReceipts', {}, requires('messageId')],
  [
    'alice',
    'GET chat.getMessageReadReceipts',
    { messageId: 'nothing' },
    coded('error-invalid-message', 'Invalid message', { method: 'getReadReceipts' }),
  ],
  [
    'bob',
    'GET chat.getMessageReadReceipts',
    { messageId: '$secret' },
    coded('error-invalid-room', 'Invalid room', { method: 'getReadReceipts' }),
  ],
  [
    'alice',
    'GET chat.getSnippetedMessages',
    { roomId: '$channel' },
    body(404, { error: 'Resource not found' }),
  ],
  [
    'alice',
    'GET chat.getSnippetedMessageById',
    { messageId: '$message' },
    body(404, { error: 'Resource not found' }),
  ],
];
