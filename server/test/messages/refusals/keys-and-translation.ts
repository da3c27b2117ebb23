import {
  coded,
  FORBIDDEN,
  invalid,
  NOT_LOGGED_IN,
  plain,
  requires,
} from '../../accounts/refusals/refusal.ts';
import type { Given, Row } from './row.ts';

/** Of spec 31 §1.1, §5 and §6: commands, automatic translation, keys of encrypted rooms. */

const NO_COMMAND = plain('The command provided does not exist (or is disabled).');
const item = { id: '1', type: 'text', value: 'x' };
const place = (more: object = {}) => ({ command: 'me', roomId: '$channel', ...more });

const COMMANDS: Row[] = [
  ['nobody', 'GET commands.list', {}, NOT_LOGGED_IN],
  [
    'alice',
    'GET commands.list',
    { query: 'x' },
    coded('error-invalid-query', 'Invalid query parameter provided: "x"', { helperMethod: 'parseJsonQuery' }),
  ],
  ['nobody', 'GET commands.get', { command: 'me' }, NOT_LOGGED_IN],
  ['alice', 'GET commands.get', {}, requires('command')],
  [
    'alice',
    'GET commands.get',
    { command: 'x' },
    plain('There is no command in the system by the name of: x'),
  ],
  ['nobody', 'POST commands.run', place(), NOT_LOGGED_IN],
  ['alice', 'POST commands.run', {}, requires('command', 'roomId')],
  ['alice', 'POST commands.run', place({ params: {} }), invalid('must be string')],
  ['alice', 'POST commands.run', place({ tmid: {} }), invalid('must be string')],
  ['alice', 'POST commands.run', place({ command: 'x' }), NO_COMMAND],
  ...['$group', 'nowhere'].flatMap((roomId): Row[] => [
    ['bob', 'POST commands.run', place({ roomId }), FORBIDDEN],
    ['bob', 'POST commands.run', place({ roomId, command: 'open' }), FORBIDDEN],
  ]),
  ...['$secret', 'nothing'].map(
    (tmid): Row => ['alice', 'POST commands.run', place({ params: 'x', tmid }), plain('Invalid thread.')],
  ),
  ...(['GET', 'POST'] as const).flatMap((verb): Row[] => {
    const chosen = verb === 'POST' ? { previewItem: item } : {};
    const call = `${verb} commands.preview`;
    return [
      ['nobody', call, place(chosen), NOT_LOGGED_IN],
      ['alice', call, {}, requires('command', 'roomId', ...(verb === 'POST' ? ['previewItem'] : []))],
      ['alice', call, place({ command: 'x', ...chosen }), NO_COMMAND],
      ['bob', call, place({ roomId: '$group', ...chosen }), FORBIDDEN],
      [
        'alice',
        call,
        place(chosen),
        coded('error-invalid-command', 'Command Does Not Provide Previews', {
          method: 'executeSlashCommandPreview',
        }),
      ],
    ];
  }),
  ['alice', 'POST commands.preview', place({ previewItem: item, tmid: '$secret' }), plain('Invalid thread.')],
  [
    'alice',
    'POST commands.preview',
    place({ previewItem: { ...item, type: 'x' } }),
    invalid('must be equal to one of the allowed values'),
  ],
];

const ON: Given = { settings: { AutoTranslate_Enabled: true } };
const ALLOWED: Given = { ...ON, permissions: { 'auto-translate': ['admin', 'user'] } };
const DISABLED = plain('AutoTranslate is disabled.');
const noTranslation = (method: string) =>
  coded('error-action-not-allowed', 'Auto-Translate is not allowed', { method: `autoTranslate.${method}` });
const settings = (more: object = {}) => ({
  roomId: '$channel',
  field: 'autoTranslate',
  value: true,
  ...more,
});
const saving = (code: string, reason: string) => coded(code, reason, { method: 'saveAutoTranslateSettings' });

const TRANSLATION: Row[] = [
  ['nobody', 'GET autotranslate.getSupportedLanguages', { targetLanguage: 'en' }, NOT_LOGGED_IN],
  ['alice', 'GET autotranslate.getSupportedLanguages', {}, requires('targetLanguage')],
  ['alice', 'GET autotranslate.getSupportedLanguages', { targetLanguage: 'en' }, DISABLED],
  [
    'alice',
    'GET autotranslate.getSupportedLanguages',
    { targetLanguage: 'en' },
    noTranslation('getSupportedLanguages'),
    ON,
  ],
  ['nobody', 'POST autotranslate.saveSettings', settings(), NOT_LOGGED_IN],
  ['alice', 'POST autotranslate.saveSettings', {}, requires('roomId', 'field', 'value')],
  [
    'alice',
    'POST autotranslate.saveSettings',
    settings({ field: 'x' }),
    invalid('must be equal to one of the allowed values'),
  ],
  ['alice', 'POST autotranslate.saveSettings', settings(), DISABLED],
  ...['true', 1, null].map(
    (value): Row => [
      'alice',
      'POST autotranslate.saveSettings',
      settings({ value }),
      plain('The bodyParam "autoTranslate" must be a boolean.'),
      ALLOWED,
    ],
  ),
  ...['12', 12, true, ''].map(
    (value): Row => [
      'alice',
      'POST autotranslate.saveSettings',
      settings({ field: 'autoTranslateLanguage', value }),
      plain('The bodyParam "autoTranslateLanguage" must be a string.'),
      ALLOWED,
    ],
  ),
  ['alice', 'POST autotranslate.saveSettings', settings(), noTranslation('saveSettings'), ON],
  ...['$channel', 'nowhere'].map(
    (roomId): Row => [
      'carol',
      'POST autotranslate.saveSettings',
      settings({ roomId }),
      saving('error-invalid-subscription', 'Invalid subscription'),
      ALLOWED,
    ],
  ),
  [
    'alice',
    'POST autotranslate.saveSettings',
    settings({ roomId: '$encrypted' }),
    saving('error-e2e-enabled', 'Enabling auto-translation in E2E encrypted rooms is not allowed'),
    ALLOWED,
  ],
  ['nobody', 'POST autotranslate.translateMessage', { messageId: '$message' }, NOT_LOGGED_IN],
  ['alice', 'POST autotranslate.translateMessage', {}, requires('messageId')],
  ['alice', 'POST autotranslate.translateMessage', { messageId: '$message' }, DISABLED],
  ['alice', 'POST autotranslate.translateMessage', { messageId: 'nothing' }, plain('Message not found.'), ON],
  ['bob', 'POST autotranslate.translateMessage', { messageId: '$secret' }, FORBIDDEN, ON],
  [
    'alice',
    'POST autotranslate.translateMessage',
    { messageId: '$message', targetLanguage: 'no such language' },
    plain('Failed to translate message.'),
    ON,
  ],
];

const noRoom = (method: string) => coded('error-invalid-room', 'Invalid room', { method: `e2e.${method}` });

const KEYS: Row[] = [
  ['nobody', 'GET e2e.fetchMyKeys', {}, NOT_LOGGED_IN],
  ['nobody', 'POST e2e.setUserPublicAndPrivateKeys', { public_key: 'x', private_key: 'x' }, NOT_LOGGED_IN],
  ['alice', 'POST e2e.setUserPublicAndPrivateKeys', {}, requires('public_key', 'private_key')],
  [
    'bob',
    'POST e2e.setUserPublicAndPrivateKeys',
    { public_key: 'x', private_key: 'x' },
    coded('error-keys-already-set', 'Keys already set', { method: 'e2e.setUserPublicAndPrivateKeys' }),
  ],
  ['nobody', 'POST e2e.setRoomKeyID', { rid: '$encrypted', keyID: 'x' }, NOT_LOGGED_IN],
  ['alice', 'POST e2e.setRoomKeyID', {}, requires('rid', 'keyID')],
  ['carol', 'POST e2e.setRoomKeyID', { rid: '$encrypted', keyID: 'x' }, noRoom('setRoomKeyID')],
  ['alice', 'POST e2e.setRoomKeyID', { rid: 'nowhere', keyID: 'x' }, noRoom('setRoomKeyID')],
  [
    'alice',
    'POST e2e.setRoomKeyID',
    { rid: '$encrypted', keyID: 'x' },
    coded('error-room-e2e-key-already-exists', 'E2E Key ID already exists', { method: 'e2e.setRoomKeyID' }),
  ],
  ['nobody', 'GET e2e.getUsersOfRoomWithoutKey', { rid: '$encrypted' }, NOT_LOGGED_IN],
  ['alice', 'GET e2e.getUsersOfRoomWithoutKey', {}, requires('rid')],
  ['carol', 'GET e2e.getUsersOfRoomWithoutKey', { rid: '$encrypted' }, noRoom('getUsersOfRoomWithoutKey')],
  ['alice', 'GET e2e.getUsersOfRoomWithoutKey', { rid: 'nowhere' }, noRoom('getUsersOfRoomWithoutKey')],
  ['nobody', 'POST e2e.updateGroupKey', { uid: '$bob', rid: '$encrypted', key: 'x' }, NOT_LOGGED_IN],
  ['alice', 'POST e2e.updateGroupKey', {}, requires('uid', 'rid', 'key')],
  // Nothing happens, and nothing is said.
  [
    'carol',
    'POST e2e.updateGroupKey',
    { uid: '$bob', rid: '$encrypted', key: 'x' },
    { status: 200, body: { success: true } },
  ],
  ['nobody', 'POST e2e.requestSubscriptionKeys', {}, NOT_LOGGED_IN],
  ...['accept', 'reject'].flatMap((verb): Row[] => [
    ['nobody', `POST e2e.${verb}SuggestedGroupKey`, { rid: '$encrypted' }, NOT_LOGGED_IN],
    ['alice', `POST e2e.${verb}SuggestedGroupKey`, {}, requires('rid')],
    [
      'carol',
      `POST e2e.${verb}SuggestedGroupKey`,
      { rid: '$encrypted' },
      coded('error-subscription-not-found', 'Subscription not found'),
    ],
    [
      'bob',
      `POST e2e.${verb}SuggestedGroupKey`,
      { rid: '$encrypted' },
      coded('error-no-suggested-key-available', 'No suggested key available'),
    ],
  ]),
  ['nobody', 'GET e2e.fetchUsersWaitingForGroupKey', { roomIds: ['$encrypted'] }, NOT_LOGGED_IN],
  ['alice', 'GET e2e.fetchUsersWaitingForGroupKey', {}, requires('roomIds')],
  ['nobody', 'POST e2e.provideUsersSuggestedGroupKeys', { usersSuggestedGroupKeys: {} }, NOT_LOGGED_IN],
  ['alice', 'POST e2e.provideUsersSuggestedGroupKeys', {}, requires('usersSuggestedGroupKeys')],
  [
    'carol',
    'POST e2e.provideUsersSuggestedGroupKeys',
    { usersSuggestedGroupKeys: { $encrypted: [{ _id: '$bob', key: 'x' }] } },
    { status: 200, body: { success: true } },
  ],
  ['nobody', 'POST e2e.resetRoomKey', { rid: '$encrypted', e2eKey: 'x', e2eKeyId: 'x' }, NOT_LOGGED_IN],
  ['alice', 'POST e2e.resetRoomKey', {}, requires('rid', 'e2eKey', 'e2eKeyId')],
  [
    'bob',
    'POST e2e.resetRoomKey',
    { rid: '$encrypted', e2eKey: 'x', e2eKeyId: 'x' },
    plain('error-not-allowed', 403),
  ],
  [
    'admin',
    'POST e2e.resetRoomKey',
    { rid: '$encrypted', e2eKey: 'x', e2eKeyId: 'x' },
    plain('error-not-allowed'),
  ],
  [
    'admin',
    'POST e2e.resetRoomKey',
    { rid: 'nowhere', e2eKey: 'x', e2eKeyId: 'x' },
    plain('error-not-allowed'),
  ],
];

export const KEY_AND_TRANSLATION_REFUSALS: Row[] = [...COMMANDS, ...TRANSLATION, ...KEYS];
