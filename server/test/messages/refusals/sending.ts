import { expect } from 'vitest';
import { body, coded, invalid, NOT_LOGGED_IN, plain, requires } from '../../accounts/refusals/refusal.ts';
import type { Row } from './row.ts';

/** Of spec 30 §3 and §4: `chat.sendMessage`, `chat.postMessage`, and what both check of a message. */

const sending = (code: string, reason: string, details: object = {}) =>
  coded(code, reason, { method: 'sendMessage', ...details });
const ANY_TEXT = body(400, { error: expect.stringContaining('Match error') });
const BAD_ADDRESS = plain('Invalid href value provided');
const READ_ONLY = plain("You can't send messages because the room is readonly.");
export const LONG = { settings: { Message_MaxAllowedSize: 5 } };
const NO_THREADS = { settings: { Threads_enabled: false } };
const invalidChannel = body(400, { error: '[invalid-channel]', errorType: 'invalid-channel' });

const message = (more: object) => ({ message: { rid: '$channel', ...more } });
const attached = (...attachments: object[]) => message({ msg: 'x', attachments });

export const SENDING_REFUSALS: Row[] = [
  ['nobody', 'POST chat.sendMessage', message({ msg: 'x' }), NOT_LOGGED_IN],
  ['alice', 'POST chat.sendMessage', {}, requires('message')],
  [
    'alice',
    'POST chat.sendMessage',
    { ...message({}), x: 1 },
    invalid('must NOT have additional properties'),
  ],
  ['alice', 'POST chat.sendMessage', { message: 'x' }, invalid('must be object')],
  [
    'alice',
    'POST chat.sendMessage',
    message({ msg: 'x', t: 'uj' }),
    plain("Cannot send system messages using 'chat.sendMessage'"),
  ],
  [
    'alice',
    'POST chat.sendMessage',
    message({ msg: 'x', tshow: true }),
    sending('invalid-params', 'tshow provided but missing tmid'),
  ],
  [
    'alice',
    'POST chat.sendMessage',
    message({ msg: 'x', tmid: '$message' }),
    sending('error-not-allowed', 'not-allowed'),
    NO_THREADS,
  ],
  ...['2001-02-03T04:05:06.000Z', '2201-02-03T04:05:06.000Z'].map(
    (ts): Row => [
      'alice',
      'POST chat.sendMessage',
      message({ msg: 'x', ts }),
      sending('error-message-ts-out-of-sync', 'Message timestamp is out of sync', {
        message_ts: ts,
        server_ts: expect.any(Number),
      }),
    ],
  ),
  ...['', ' \n', null].map(
    (msg): Row => [
      'alice',
      'POST chat.sendMessage',
      message({ msg, attachments: [], blocks: [] }),
      sending('error-invalid-message', 'Message cannot be empty'),
    ],
  ),
  [
    'alice',
    'POST chat.sendMessage',
    message({ msg: '123456' }),
    sending('error-message-size-exceeded', 'Message size exceeds Message_MaxAllowedSize'),
    LONG,
  ],
  [
    'alice',
    'POST chat.sendMessage',
    { message: {} },
    plain("The 'rid' property on the message object is missing."),
  ],
  ...(
    [
      ['bob', 'nowhere', plain('error-invalid-room')],
      ['bob', '$archived', plain('room_is_archived')],
      ['bob', '$group', plain('error-not-allowed')],
      ['bob', '$banned', plain('error-not-allowed')],
      ['alice', '$blocked', plain('room_is_blocked')],
      ['carol', '$blocked', plain('room_is_blocked')],
      ['bob', '$readonly', READ_ONLY],
      ['bob', '$silent', plain('You_have_been_muted')],
    ] as const
  ).flatMap(([who, rid, refused]): Row[] => [
    [who, 'POST chat.sendMessage', { message: { rid, msg: 'x' } }, refused],
  ]),
  [
    'bob',
    'POST chat.sendMessage',
    { message: { rid: '$encrypted', msg: 'x' } },
    sending('error-not-allowed', 'Not allowed to send un-encrypted messages in an encrypted room'),
    { settings: { E2E_Enable: true, E2E_Allow_Unencrypted_Messages: false } },
  ],
  // A reply goes where its thread is, whatever room it names.
  ['bob', 'POST chat.sendMessage', message({ msg: 'x', tmid: '$secret' }), plain('error-not-allowed')],
  ['alice', 'POST chat.sendMessage', message({ msg: 'x', alias: 'Boss' }), plain('Not enough permission')],
  ['alice', 'POST chat.sendMessage', message({ msg: 'x', avatar: '/a.png' }), plain('Not enough permission')],
  [
    'admin',
    'POST chat.postMessage',
    { channel: '#general', text: 'x', alias: 'Boss' },
    plain('Not enough permission'),
  ],
  ['alice', 'POST chat.sendMessage', message({ msg: 'x', avatar: 'javascript:alert(1)' }), BAD_ADDRESS],
  ...[
    'color',
    'text',
    'button_alignment',
    'author_name',
    'title',
    'image_preview',
    'image_type',
    'audio_type',
    'video_type',
  ].map((key): Row => ['alice', 'POST chat.sendMessage', attached({ [key]: 1 }), ANY_TEXT]),
  ...['collapsed', 'title_link_download'].map(
    (key): Row => ['alice', 'POST chat.sendMessage', attached({ [key]: 'yes' }), ANY_TEXT],
  ),
  ...['image_size', 'audio_size', 'video_size'].map(
    (key): Row => ['alice', 'POST chat.sendMessage', attached({ [key]: 'big' }), ANY_TEXT],
  ),
  ...(
    [
      { ts: {} },
      { image_dimensions: 'wide' },
      { actions: 'x' },
      { fields: 'x' },
      { fields: [{ title: 1, value: 'x' }] },
      { fields: [{ title: 'x', value: {} }] },
      { fields: [{ short: 'x', title: 'x', value: 'x' }] },
      { actions: [{ type: 1 }] },
      { actions: [{ text: 1 }] },
      { actions: [{ webview_height_ratio: 1 }] },
      { actions: [{ msg: 1 }] },
      { actions: [{ is_webview: 'x' }] },
      { actions: [{ msg_in_chat_window: 'x' }] },
    ] as object[]
  ).map((attachment): Row => ['alice', 'POST chat.sendMessage', attached(attachment), ANY_TEXT]),
  ...[
    'thumb_url',
    'message_link',
    'author_link',
    'author_icon',
    'title_link',
    'image_url',
    'audio_url',
    'video_url',
  ].flatMap((key): Row[] => [
    ['alice', 'POST chat.sendMessage', attached({ [key]: 'javascript:alert(1)' }), BAD_ADDRESS],
  ]),
  ...['url', 'image_url'].map(
    (key): Row => [
      'alice',
      'POST chat.sendMessage',
      attached({ actions: [{ [key]: 'javascript:alert(1)' }] }),
      BAD_ADDRESS,
    ],
  ),
  ...[{ title: 'x' }, { value: 'x' }, { title: '', value: 'x' }].map(
    (field): Row => [
      'alice',
      'POST chat.sendMessage',
      attached({ fields: [field] }),
      plain('Invalid attachment field, title and value is required'),
    ],
  ),
  [
    'alice',
    'POST chat.sendMessage',
    message({ msg: 'x', customFields: { priority: 'high' } }),
    plain('Custom fields not enabled'),
  ],
  [
    'alice',
    'POST chat.sendMessage',
    message({ msg: 'x', customFields: { other: 'x' } }),
    plain('Invalid custom fields'),
    {
      settings: {
        Message_CustomFields_Enabled: true,
        Message_CustomFields: '{"properties":{"priority":{"type":"string"}}}',
      },
    },
  ],
  ...['all', 'here'].map(
    (word): Row => [
      'bob',
      'POST chat.sendMessage',
      message({ msg: `@${word} look` }),
      coded('error-action-not-allowed', `Notify ${word} in this room not allowed`, {
        action: `Notify ${word} in this room`,
      }),
      { permissions: { [`mention-${word}`]: ['admin', 'owner'] } },
    ],
  ),
  [
    'alice',
    'POST chat.sendMessage',
    message({ msg: '@all look' }),
    coded(
      'error-action-not-allowed',
      'Group mentions `@all` and `@here` have been disabled for rooms with more than 1 members.',
      {
        method: 'filterATAllTag',
        action: 'Group mentions `@all` and `@here` have been disabled for rooms with more than 1 members.',
      },
    ),
    { settings: { Message_MaxAll: 1 } },
  ],
  // An id that somebody else's message has.
  ['bob', 'POST chat.sendMessage', message({ _id: '$message', msg: 'x' }), body(400, {})],
  [
    'alice',
    'POST chat.sendMessage',
    { message: { _id: '$message', rid: '$direct', msg: 'x' } },
    body(400, {}),
  ],

  ['nobody', 'POST chat.postMessage', { channel: '#general', text: 'x' }, NOT_LOGGED_IN],
  ['alice', 'POST chat.postMessage', { text: 'x' }, invalidChannel],
  ['alice', 'POST chat.postMessage', { channel: [], text: 'x' }, invalidChannel],
  [
    'alice',
    'POST chat.postMessage',
    { channel: '#general', roomId: 'GENERAL', text: 'x' },
    invalid('must match exactly one schema in oneOf'),
  ],
  ['alice', 'POST chat.postMessage', { channel: {}, text: 'x' }, invalid('must be string,array')],
  [
    'alice',
    'POST chat.postMessage',
    { channel: '#general', x: 'x' },
    invalid('must NOT have additional properties'),
  ],
  [
    'alice',
    'POST chat.postMessage',
    { channel: '#$channelName', text: '123456' },
    plain('error-message-size-exceeded'),
    LONG,
  ],
  [
    'alice',
    'POST chat.postMessage',
    { channel: '#$channelName', text: 'x', attachments: [{ text: 'x' }, { text: '123456' }] },
    plain('error-message-size-exceeded'),
    LONG,
  ],
  ...['#nowhere', '@nobody', 'nowhere', '', '#', '@', '@$group', 'bob', '#$direct'].map(
    (channel): Row => ['alice', 'POST chat.postMessage', { channel, text: 'x' }, invalidChannel],
  ),
  ['alice', 'POST chat.postMessage', { roomId: 'nowhere', text: 'x' }, invalidChannel],
  ['bob', 'POST chat.postMessage', { channel: '#$groupName', text: 'x' }, plain('error-not-allowed')],
  ['bob', 'POST chat.postMessage', { roomId: '$group', text: 'x' }, plain('error-not-allowed')],
  ['carol', 'POST chat.postMessage', { roomId: '$direct', text: 'x' }, plain('error-not-allowed')],
  ['carol', 'POST chat.postMessage', { channel: '@alice', text: 'x' }, plain('room_is_blocked')],
  ['bob', 'POST chat.postMessage', { roomId: '$readonly', text: 'x' }, READ_ONLY],
  ['bob', 'POST chat.postMessage', { roomId: '$silent', text: 'x' }, plain('You_have_been_muted')],
  ['bob', 'POST chat.postMessage', { roomId: '$archived', text: 'x' }, plain('room_is_archived')],
  [
    'bob',
    'POST chat.postMessage',
    { roomId: '$channel', text: 'x', tmid: '$message' },
    sending('error-not-allowed', 'not-allowed'),
    NO_THREADS,
  ],
  [
    'carol',
    'POST chat.postMessage',
    { channel: '@bob', text: 'x' },
    coded('error-not-allowed', 'Not allowed', { method: 'createDirectMessage' }),
    { permissions: { 'create-d': ['admin'] } },
  ],
  [
    'bob',
    'POST chat.postMessage',
    { channel: '#$channelName', text: 'x', icon_url: 'javascript:x' },
    BAD_ADDRESS,
  ],
  [
    'bob',
    'POST chat.postMessage',
    { channel: '#$channelName', text: 'x', username: 'Boss' },
    plain('Not enough permission'),
  ],
  [
    'bob',
    'POST chat.postMessage',
    { channel: '#$channelName', text: 'x', customFields: { a: 1 } },
    plain('Custom fields not enabled'),
  ],
];
