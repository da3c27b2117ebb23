import { body, coded, invalid, NOT_LOGGED_IN, plain, requires } from '../../accounts/refusals/refusal.ts';
import type { Row } from './row.ts';
import { LONG } from './sending.ts';

/** Of spec 30 §6: editing, deleting, reacting, pinning, starring, reporting, ignoring. */

const NO_MESSAGE_ID = coded(
  'error-message-not-found',
  'The provided "messageId" does not match any existing message.',
);
const NO_MESSAGE = plain('No message found with the id of "nothing".');
const OTHER_ROOM = plain('The room id provided does not match where the message is from.');
const NO_EDITING = coded('error-action-not-allowed', 'Message editing not allowed', {
  method: 'updateMessage',
  action: 'Message_editing',
});
const NO_DELETING = coded('error-action-not-allowed', 'Not allowed');
const READ_ONLY = plain("You can't send messages because the room is readonly.");
const edit = (more: object = {}) => ({ roomId: '$channel', msgId: '$message', text: 'new', ...more });
const content = { algorithm: 'rc.v1.aes-sha2', ciphertext: 'x' };

export const CHANGING_REFUSALS: Row[] = [
  ['nobody', 'POST chat.update', edit(), NOT_LOGGED_IN],
  ['alice', 'POST chat.update', edit({ msgId: 'nothing' }), NO_MESSAGE],
  ['alice', 'POST chat.update', edit({ roomId: '$group' }), OTHER_ROOM],
  [
    'alice',
    'POST chat.update',
    { roomId: '$channel', msgId: '$message', content },
    plain('Only encrypted messages can have content updated.'),
  ],
  ['alice', 'POST chat.update', edit({ msgId: '$gone' }), NO_EDITING],
  ...['', ' \n'].map(
    (text): Row => [
      'alice',
      'POST chat.update',
      edit({ text }),
      coded('error-invalid-message', 'Message cannot be empty', { method: 'updateMessage' }),
    ],
  ),
  ['bob', 'POST chat.update', edit(), NO_EDITING],
  ['carol', 'POST chat.update', edit(), NO_EDITING],
  [
    'bob',
    'POST chat.update',
    edit({ msgId: '$ofBob' }),
    NO_EDITING,
    { settings: { Message_AllowEditing: false } },
  ],
  [
    'bob',
    'POST chat.update',
    edit({ roomId: '$archived', msgId: '$ofBobArchived' }),
    plain('room_is_archived'),
  ],
  ['bob', 'POST chat.update', edit({ roomId: '$readonly', msgId: '$ofBobReadonly' }), READ_ONLY],
  [
    'bob',
    'POST chat.update',
    edit({ roomId: '$silent', msgId: '$ofBobSilent' }),
    plain('You_have_been_muted'),
  ],
  [
    'carol',
    'POST chat.update',
    edit({ roomId: '$blocked', msgId: '$ofCarolBlocked' }),
    plain('room_is_blocked'),
  ],
  ['alice', 'POST chat.update', edit({ customFields: { a: 1 } }), plain('Custom fields not enabled')],
  [
    'alice',
    'POST chat.update',
    edit({ text: '123456' }),
    coded('error-message-size-exceeded', 'Message size exceeds Message_MaxAllowedSize', {
      method: 'updateMessage',
    }),
    LONG,
  ],

  ['nobody', 'POST chat.delete', { roomId: '$channel', msgId: '$message' }, NOT_LOGGED_IN],
  ['alice', 'POST chat.delete', { roomId: '$channel', msgId: 'nothing' }, NO_MESSAGE],
  [
    'alice',
    'POST chat.delete',
    { fileId: 'nothing' },
    plain('No message found with the file id: "nothing".'),
  ],
  ['alice', 'POST chat.delete', { roomId: '$group', msgId: '$message' }, OTHER_ROOM],
  [
    'bob',
    'POST chat.delete',
    { roomId: '$channel', msgId: '$message', asUser: true },
    plain(
      'Unauthorized. You must have the permission "force-delete-message" to delete other\'s message as them.',
    ),
  ],
  [
    'alice',
    'POST chat.delete',
    { roomId: '$channel', msgId: '$orphan', asUser: true },
    plain('User not found'),
  ],
  ['bob', 'POST chat.delete', { roomId: '$group', msgId: '$secret' }, NO_DELETING],
  ['bob', 'POST chat.delete', { fileId: '$secretFile' }, NO_DELETING],
  ['bob', 'POST chat.delete', { roomId: '$channel', msgId: '$message' }, NO_DELETING],
  [
    'bob',
    'POST chat.delete',
    { roomId: '$channel', msgId: '$ofBob' },
    NO_DELETING,
    { settings: { Message_AllowDeleting: false } },
  ],
  [
    'bob',
    'POST chat.delete',
    { roomId: '$channel', msgId: '$ofBob' },
    NO_DELETING,
    { permissions: { 'delete-own-message': ['admin'] } },
  ],
  [
    'bob',
    'POST chat.delete',
    { roomId: '$readonly', msgId: '$ofBobReadonly' },
    plain("You can't delete messages because the room is readonly."),
  ],

  ['nobody', 'POST chat.react', { messageId: '$message', emoji: 'smile' }, NOT_LOGGED_IN],
  ['alice', 'POST chat.react', {}, requires('messageId')],
  ['alice', 'POST chat.react', { messageId: 'nothing', emoji: 'smile' }, NO_MESSAGE_ID],
  ...[{}, { emoji: '' }, { emoji: '::' }, { reaction: '' }].map(
    (emoji): Row => [
      'alice',
      'POST chat.react',
      { messageId: '$message', ...emoji },
      coded('error-emoji-param-not-provided', 'The required "emoji" param is missing.'),
    ],
  ),
  [
    'alice',
    'POST chat.react',
    { messageId: '$message', emoji: 'no_such_emoji' },
    coded('error-not-allowed', 'Invalid emoji provided.', { method: 'setReaction' }),
  ],
  [
    'bob',
    'POST chat.react',
    { messageId: '$secret', emoji: 'smile' },
    coded('not-authorized', 'Not Authorized', { method: 'setReaction' }),
  ],
  [
    'bob',
    'POST chat.react',
    { messageId: '$ofBobSilent', emoji: 'smile' },
    coded('error-not-allowed', 'You have been muted and cannot speak in this room', { rid: '$silent' }),
  ],
  ['bob', 'POST chat.react', { messageId: '$ofBobReadonly', emoji: 'smile' }, READ_ONLY],

  ...(
    [
      ['pin', 'pinMessage', 'Message pinning not allowed', 'Message_pinning', 'Message_AllowPinning'],
      ['unPin', 'unpinMessage', 'Message pinning not allowed', 'Message_pinning', 'Message_AllowPinning'],
      ['star', 'starMessage', 'Message starring not allowed', 'Message_starring', 'Message_AllowStarring'],
      ['unStar', 'starMessage', 'Message starring not allowed', 'Message_starring', 'Message_AllowStarring'],
    ] as const
  ).flatMap(([verb, method, reason, action, setting]): Row[] => [
    ['nobody', `POST chat.${verb}Message`, { messageId: '$message' }, NOT_LOGGED_IN],
    ['alice', `POST chat.${verb}Message`, {}, requires('messageId')],
    ['alice', `POST chat.${verb}Message`, { messageId: 'nothing' }, NO_MESSAGE_ID],
    [
      'alice',
      `POST chat.${verb}Message`,
      { messageId: '$message' },
      coded('error-action-not-allowed', reason, { method, action }),
      { settings: { [setting]: false } },
    ],
  ]),
  ...(['bob', 'carol', 'admin'] as const).map(
    (who): Row => [
      who,
      'POST chat.pinMessage',
      { messageId: who === 'bob' ? '$message' : '$secret' },
      coded('not-authorized', 'Not Authorized', { method: 'pinMessage' }),
    ],
  ),
  [
    'bob',
    'POST chat.unPinMessage',
    { messageId: '$message' },
    coded('not-authorized', 'Not Authorized', { method: 'unpinMessage' }),
  ],
  ...(['carol', 'admin'] as const).map(
    (who): Row => [
      who,
      'POST chat.unPinMessage',
      { messageId: '$message' },
      coded('error-invalid-message', 'Message you are unpinning was not found', {
        method: 'unpinMessage',
        action: 'Message_pinning',
      }),
    ],
  ),

  ['nobody', 'POST chat.reportMessage', { messageId: '$message', description: 'x' }, NOT_LOGGED_IN],
  ['bob', 'POST chat.reportMessage', {}, requires('messageId', 'description')],
  ['bob', 'POST chat.reportMessage', { messageId: '$message' }, requires('description')],
  [
    'bob',
    'POST chat.reportMessage',
    { messageId: '$message', description: ' ' },
    plain('error-invalid-description'),
  ],
  ...['nothing', '$secret'].map(
    (messageId): Row => [
      'bob',
      'POST chat.reportMessage',
      { messageId, description: 'x' },
      plain('error-invalid-message_id'),
    ],
  ),

  ['nobody', 'GET chat.ignoreUser', { rid: '$channel', userId: '$bob', ignore: 'true' }, NOT_LOGGED_IN],
  ...['', ' '].flatMap((blank): Row[] => [
    [
      'alice',
      'GET chat.ignoreUser',
      { rid: blank, userId: '$bob', ignore: 'true' },
      coded('error-room-id-param-not-provided', 'The required "rid" param is missing.'),
    ],
    [
      'alice',
      'GET chat.ignoreUser',
      { rid: '$channel', userId: blank, ignore: 'true' },
      coded('error-user-id-param-not-provided', 'The required "userId" param is missing.'),
    ],
  ]),
  ...(
    [
      ['carol', '$channel', '$bob'],
      ['alice', '$channel', '$carol'],
      ['alice', 'nowhere', '$bob'],
      ['alice', '$channel', 'nobody'],
    ] as const
  ).map(
    ([who, rid, userId]): Row => [
      who,
      'GET chat.ignoreUser',
      { rid, userId, ignore: 'true' },
      coded('error-invalid-subscription', 'Invalid subscription', { method: 'ignoreUser' }),
    ],
  ),
  ['alice', 'GET chat.ignoreUser', { x: '1' }, invalid('must NOT have additional properties')],
  [
    'alice',
    'POST chat.otr',
    { roomId: '$direct', type: 'user_joined_otr' },
    body(404, { error: 'Resource not found' }),
  ],
];
