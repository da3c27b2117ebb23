/**
 * What every DDP method of spec 40 §10 says when it refuses, as far as one call shows it: who calls what, and the whole
 * error. Methods that answer a refusal with a result of their own (`false`, an empty list, nothing) are in `QUIET`.
 */

/** Alice owns the group and the channel, bob is a member of both, carol of neither. The admin is in none. */
export type Who = 'nobody' | 'alice' | 'bob' | 'carol' | 'admin';

export interface Known {
  group: string;
  channel: string;
  /** Of alice and bob. */
  direct: string;
  /** Broadcast: bob may not list its members. */
  broadcast: string;
  /** Of alice, in the group. */
  message: string;
  alice: string;
  bob: string;
  carol: string;
}

type Params = (known: Known) => unknown[];
export interface Refused {
  error: string | number;
  reason: string | undefined;
  details: unknown;
}
export type Row = [who: Who, method: string, params: Params, refused: Refused];
export type QuietRow = [who: Who, method: string, params: Params, result: unknown];

export const refused = (error: string | number, reason?: string, details?: unknown): Refused => ({
  error,
  reason,
  details,
});
/** Most name their method in the details. */
const by = (method: string, error: string, reason: string, more: object = {}): Refused =>
  refused(error, reason, { method, ...more });
export const notAllowed = (method: string): Refused => by(method, 'error-not-allowed', 'Not allowed');
const invalidRoom = (method: string): Refused => by(method, 'error-invalid-room', 'Invalid room');
const invalidUser = (method: string): Refused => by(method, 'error-invalid-user', 'Invalid user');
const MATCH_FAILED = refused(400, 'Match failed');
const LOGGED_OUT = refused(403, "You've been logged out by the server. Please log in again.");
const NO_FORM = refused(400, 'Unrecognized options for login request');
const WRONG_LOGIN = refused(403, 'User not found');
const sha256 = (digest: string) => ({ digest, algorithm: 'sha-256' });

const LOGIN: Row[] = [
  ['nobody', 'login', () => [], NO_FORM],
  ['nobody', 'login', () => ['x'], NO_FORM],
  ['nobody', 'login', () => [{ resume: 5 }], NO_FORM],
  ['nobody', 'login', () => [{ totp: { code: '1' } }], NO_FORM],
  ['nobody', 'login', () => [{ ldap: true, username: 'a', ldapPass: 'b', ldapOptions: {} }], NO_FORM],
  ['nobody', 'login', () => [{ crowd: true, username: 'a', crowdPassword: 'b' }], NO_FORM],
  ['nobody', 'login', () => [{ saml: true, credentialToken: 'x' }], NO_FORM],
  ['nobody', 'login', () => [{ cas: { credentialToken: 'x' } }], NO_FORM],
  ['nobody', 'login', () => [{ loginToken: 'x' }], NO_FORM],
  ['nobody', 'login', () => [{ iframe: true, token: 'x' }], NO_FORM],
  ['nobody', 'login', () => [{ user: { username: 'alice' }, password: sha256('ABC') }], NO_FORM],
  ['nobody', 'login', () => [{ user: { username: 'alice' }, password: 'x'.repeat(257) }], NO_FORM],
  ['nobody', 'login', () => [{ user: { username: 'unknown' }, password: 'x' }], WRONG_LOGIN],
  ['nobody', 'login', () => [{ user: { username: 'alice' }, password: 'x' }], WRONG_LOGIN],
  ['nobody', 'login', () => [{ resume: 'unknown' }], LOGGED_OUT],
  ['nobody', 'login', () => [{ totp: { code: '1', login: { resume: 'unknown' } } }], LOGGED_OUT],
  [
    'nobody',
    'login',
    () => [{ serviceName: 'unknown', accessToken: 'x' }],
    refused(403, 'No registered oauth service found for: unknown'),
  ],
];

const ROOMS: Row[] = [
  ['alice', 'subscriptions/get', () => ['x'], MATCH_FAILED],
  ['alice', 'rooms/get', () => [5], MATCH_FAILED],
  ['nobody', 'getRoomByTypeAndName', () => ['c', 'general'], invalidUser('getRoomByTypeAndName')],
  ['alice', 'getRoomByTypeAndName', () => ['c', 'nowhere'], invalidRoom('getRoomByTypeAndName')],
  ['alice', 'getRoomByTypeAndName', ({ group }) => ['c', group], invalidRoom('getRoomByTypeAndName')],
  ['alice', 'getRoomByTypeAndName', ({ group }) => ['l', group], invalidRoom('getRoomByTypeAndName')],
  ['alice', 'getRoomByTypeAndName', () => ['d', 'unknown'], invalidRoom('getRoomByTypeAndName')],
  [
    'carol',
    'getRoomByTypeAndName',
    ({ group }) => ['p', group],
    by('getRoomByTypeAndName', 'error-no-permission', 'No permission'),
  ],
  ['alice', 'createDirectMessage', () => ['unknown'], invalidUser('createDirectMessage')],
  ['alice', 'createDirectMessage', () => [5], MATCH_FAILED],
  ['alice', 'getRoomIdByNameOrId', () => ['nowhere'], notAllowed('getRoomIdByNameOrId')],
  ['carol', 'getRoomIdByNameOrId', () => ['refusals'], notAllowed('getRoomIdByNameOrId')],
  ['carol', 'getRoomNameById', ({ group }) => [group], notAllowed('getRoomNameById')],
  [
    'alice',
    'getRoomNameById',
    () => ['nowhere'],
    by('getRoomNameById', 'error-room-does-not-exist', 'Room does not exist'),
  ],
  ['alice', 'joinRoom', () => ['nowhere'], invalidRoom('joinRoom')],
  ['carol', 'joinRoom', ({ group }) => [group], notAllowed('joinRoom')],
  ['carol', 'joinRoom', ({ channel }) => [channel], by('joinRoom', 'error-code-required', 'Code required')],
  [
    'carol',
    'joinRoom',
    ({ channel }) => [channel, '9'],
    by('joinRoom', 'error-code-invalid', 'Invalid code'),
  ],
  ['alice', 'leaveRoom', () => ['nowhere'], invalidRoom('leaveRoom')],
  [
    'carol',
    'leaveRoom',
    ({ channel }) => [channel],
    by('leaveRoom', 'error-user-not-in-room', 'You are not in this room'),
  ],
  [
    'alice',
    'leaveRoom',
    ({ channel }) => [channel],
    by(
      'leaveRoom',
      'error-you-are-last-owner',
      'You are the last owner. Please set new owner before leaving the room.',
    ),
  ],
  ['alice', 'getUsersOfRoom', () => ['nowhere'], invalidRoom('getUsersOfRoom')],
  ['carol', 'getUsersOfRoom', ({ group }) => [group], notAllowed('getUsersOfRoom')],
  [
    'bob',
    'getUsersOfRoom',
    ({ broadcast }) => [broadcast],
    by('getUsersOfRoom', 'not-authorized', 'Not Authorized'),
  ],
  ['alice', 'getRoomById', () => ['nowhere'], notAllowed('getRoomById')],
  ['carol', 'getRoomById', ({ group }) => [group], notAllowed('getRoomById')],
  ['nobody', 'getRoomRoles', ({ group }) => [group], invalidUser('getRoomRoles')],
  ['carol', 'getRoomRoles', ({ group }) => [group], invalidUser('getRoomRoles')],
  ['alice', 'getRoomRoles', () => ['nowhere'], invalidRoom('getRoomRoles')],
  ['alice', 'createChannel', () => [], MATCH_FAILED],
  ['alice', 'createPrivateGroup', () => ['x', 'bob'], MATCH_FAILED],
  [
    'alice',
    'createChannel',
    () => ['refusals'],
    refused('error-duplicate-channel-name', "A channel with name 'refusals' exists", {
      function: 'RocketChat.getValidRoomName',
      channel_name: 'refusals',
    }),
  ],
  [
    'alice',
    'createPrivateGroup',
    () => ['a b!', []],
    refused('error-invalid-room-name', 'a b! is not a valid room name.', {
      function: 'RocketChat.getValidRoomName',
      channel_name: 'a b!',
    }),
  ],
  [
    'carol',
    'toggleFavorite',
    ({ group }) => [group],
    by('toggleFavorite', 'error-invalid-subscription', 'You must be part of a room to favorite it'),
  ],
  ['alice', 'addUsersToRoom', () => [{ rid: 'nowhere', users: ['bob'] }], invalidRoom('addUsersToRoom')],
  ['bob', 'addUserToRoom', ({ group }) => [{ rid: group, username: 'root' }], notAllowed('addUsersToRoom')],
  [
    'alice',
    'addUsersToRoom',
    ({ group }) => [{ rid: group, users: ['unknown'] }],
    by('addUsersToRoom', 'error-user-not-found', 'User not found'),
  ],
  [
    'alice',
    'removeUserFromRoom',
    () => [{ rid: 'nowhere', username: 'bob' }],
    invalidRoom('removeUserFromRoom'),
  ],
  [
    'bob',
    'removeUserFromRoom',
    ({ group }) => [{ rid: group, username: 'alice' }],
    notAllowed('removeUserFromRoom'),
  ],
  ...['carol', 'unknown'].map(
    (username): Row => [
      'alice',
      'removeUserFromRoom',
      ({ group }) => [{ rid: group, username }],
      by('removeUserFromRoom', 'error-user-not-in-room', 'User is not in this room'),
    ],
  ),
  [
    'alice',
    'saveRoomSettings',
    ({ group }) => [group, 'weird', 1],
    by('saveRoomSettings', 'error-invalid-settings', 'Invalid settings provided'),
  ],
  [
    'alice',
    'saveRoomSettings',
    ({ group }) => [group, { weird: 1 }],
    by('saveRoomSettings', 'error-invalid-settings', 'Invalid settings provided'),
  ],
  ['alice', 'saveRoomSettings', ({ group }) => [group], MATCH_FAILED],
  ['alice', 'saveRoomSettings', () => ['nowhere', 'roomTopic', 'x'], invalidRoom('saveRoomSettings')],
  [
    'bob',
    'saveRoomSettings',
    ({ group }) => [group, 'roomTopic', 'x'],
    by('saveRoomSettings', 'error-action-not-allowed', 'Editing room is not allowed', {
      action: 'Editing_room',
    }),
  ],
  ...['archiveRoom', 'unarchiveRoom'].flatMap((method): Row[] => [
    ['alice', method, () => ['nowhere'], invalidRoom(method)],
    ['bob', method, ({ group }) => [group], by(method, 'error-not-authorized', 'Not authorized')],
  ]),
  ['alice', 'eraseRoom', () => ['nowhere'], invalidRoom('eraseRoom')],
  ['bob', 'eraseRoom', ({ group }) => [group], notAllowed('eraseRoom')],
  ...(['Owner', 'Moderator', 'Leader'] as const).flatMap((role): Row[] => {
    const a = role === 'Owner' ? 'an owner' : `a ${role.toLowerCase()}`;
    const [add, remove] = [`addRoom${role}`, `removeRoom${role}`];
    return [
      ...[add, remove].flatMap((method): Row[] => [
        ['bob', method, ({ group, bob }) => [group, bob], notAllowed(method)],
        ['alice', method, ({ bob }) => ['nowhere', bob], invalidRoom(method)],
        ['alice', method, ({ group }) => [group, 'unknown'], invalidUser(method)],
      ]),
      [
        'alice',
        add,
        ({ group, carol }) => [group, carol],
        by(add, 'error-user-not-in-room', 'User is not in this room'),
      ],
      [
        'alice',
        remove,
        ({ group, bob }) => [group, bob],
        by(remove, `error-user-not-${role.toLowerCase()}`, `User is not ${a}`),
      ],
    ];
  }),
  [
    'alice',
    'addRoomOwner',
    ({ group, alice }) => [group, alice],
    by('addRoomOwner', 'error-user-already-owner', 'User is already an owner'),
  ],
  [
    'alice',
    'removeRoomOwner',
    ({ group, alice }) => [group, alice],
    by(
      'removeRoomOwner',
      'error-remove-last-owner',
      'This is the last owner. Please set a new owner before removing this one.',
    ),
  ],
  ...['muteUserInRoom', 'unmuteUserInRoom'].flatMap((method): Row[] => [
    ['bob', method, ({ group }) => [{ rid: group, username: 'alice' }], notAllowed(method)],
    ['alice', method, () => [{ rid: 'nowhere', username: 'bob' }], notAllowed(method)],
    [
      'alice',
      method,
      ({ group }) => [{ rid: group, username: 'unknown' }],
      by(method, 'error-user-not-in-room', 'User is not in this room'),
    ],
  ]),
  ...['blockUser', 'unblockUser'].flatMap((method): Row[] => [
    ['alice', method, ({ group, bob }) => [{ rid: group, blocked: bob }], invalidRoom(method)],
    ['alice', method, ({ bob }) => [{ rid: 'nowhere', blocked: bob }], invalidRoom(method)],
    ['alice', method, ({ direct, carol }) => [{ rid: direct, blocked: carol }], invalidRoom(method)],
  ]),
  ...(
    [
      ['carol', ({ group, bob }) => [{ rid: group, userId: bob }]],
      ['alice', ({ group }) => [{ rid: group, userId: 'unknown' }]],
      ['alice', ({ bob }) => [{ rid: 'nowhere', userId: bob }]],
    ] satisfies [Who, Params][]
  ).map(
    ([who, params]): Row => [
      who,
      'ignoreUser',
      params,
      by('ignoreUser', 'error-invalid-subscription', 'Invalid subscription'),
    ],
  ),
  [
    'carol',
    'saveNotificationSettings',
    ({ group }) => [group, 'desktopNotifications', 'all'],
    by('saveNotificationSettings', 'error-invalid-subscription', 'Invalid subscription'),
  ],
  ['alice', 'saveNotificationSettings', () => ['GENERAL', 'desktopNotifications'], MATCH_FAILED],
  ['alice', 'saveAudioNotificationValue', () => ['GENERAL'], MATCH_FAILED],
  [
    'alice',
    'saveNotificationSettings',
    ({ group }) => [group, 'weird', 'all'],
    by('saveNotificationSettings', 'error-invalid-settings', 'Invalid settings field'),
  ],
  [
    'alice',
    'saveNotificationSettings',
    ({ group }) => [group, 'desktopNotifications', 'weird'],
    by('saveNotificationSettings', 'error-invalid-settings', 'Invalid settings value'),
  ],
  [
    'carol',
    'saveAudioNotificationValue',
    ({ group }) => [group, 'beep'],
    by('saveNotificationSettings', 'error-invalid-subscription', 'Invalid subscription'),
  ],
  [
    'carol',
    'e2e.getUsersOfRoomWithoutKey',
    ({ group }) => [group],
    invalidRoom('e2e.getUsersOfRoomWithoutKey'),
  ],
  ['carol', 'e2e.setRoomKeyID', ({ group }) => [group, 'key'], invalidRoom('e2e.setRoomKeyID')],
  ['alice', 'e2e.setUserPublicAndPrivateKeys', () => [{}], MATCH_FAILED],
];

const NO_THREAD_ACCESS = refused('error-not-allowed', 'Not Allowed');

const MESSAGES: Row[] = [
  ['nobody', 'loadHistory', ({ group }) => [group], invalidUser('loadHistory')],
  [
    'alice',
    'sendMessage',
    ({ group }) => [{ rid: group, msg: 'x', tshow: true }],
    by('sendMessage', 'invalid-params', 'tshow provided but missing tmid'),
  ],
  // The original answers with an internal error, which would tell nobody what is wrong.
  [
    'alice',
    'sendMessage',
    () => [{ msg: 'x' }],
    refused("The 'rid' property on the message object is missing."),
  ],
  ['alice', 'sendMessage', () => ['x'], MATCH_FAILED],
  ['alice', 'sendMessage', () => [{ rid: 5, msg: 'x' }], MATCH_FAILED],
  ['alice', 'sendMessage', ({ group }) => [{ rid: group, msg: { $date: 5 } }], MATCH_FAILED],
  ['carol', 'sendMessage', ({ group }) => [{ rid: group, msg: 'x' }], notAllowed('sendMessage')],
  [
    'alice',
    'readMessages',
    () => ['nowhere'],
    by('readMessages', 'error-room-does-not-exist', 'This room does not exist'),
  ],
  ['carol', 'readMessages', ({ group }) => [group], notAllowed('readMessages')],
  ['carol', 'loadNextMessages', ({ group }) => [group, { $date: 0 }], notAllowed('loadNextMessages')],
  ['alice', 'loadNextMessages', () => ['nowhere', { $date: 0 }], notAllowed('loadNextMessages')],
  ['alice', 'loadMissedMessages', ({ group }) => [group], MATCH_FAILED],
  [
    'alice',
    'getThreadMessages',
    ({ message }) => [{ tmid: message, limit: 101 }],
    notAllowed('getThreadMessages'),
  ],
  ['carol', 'getThreadMessages', ({ message }) => [{ tmid: message }], NO_THREAD_ACCESS],
  ['carol', 'readThreads', ({ message }) => [message], NO_THREAD_ACCESS],
  ['alice', 'readThreads', () => ['unknown'], refused('error-invalid-message', 'Invalid Message')],
  ['carol', 'getThreadsList', ({ group }) => [{ rid: group }], NO_THREAD_ACCESS],
  ['alice', 'getThreadsList', ({ group }) => [{ rid: group, limit: 101 }], notAllowed('getThreadsList')],
  ...['followMessage', 'unfollowMessage'].flatMap((method): Row[] => [
    ['alice', method, () => [{ mid: 'unknown' }], by(method, 'error-invalid-message', 'Invalid message')],
    ['carol', method, ({ message }) => [{ mid: message }], by(method, 'error-not-allowed', 'not-allowed')],
  ]),
  ...(['bob', 'carol'] as const).map(
    (who): Row => [
      who,
      'updateMessage',
      ({ group, message }) => [{ _id: message, rid: group, msg: 'x' }],
      by('updateMessage', 'error-action-not-allowed', 'Message editing not allowed', {
        action: 'Message_editing',
      }),
    ],
  ),
  [
    'alice',
    'updateMessage',
    ({ group, message }) => [{ _id: message, rid: group, msg: 'x', tmid: message }],
    refused('error-message-same-as-tmid', 'Cannot set tmid the same as the _id'),
  ],
  [
    'alice',
    'updateMessage',
    ({ group, message }) => [{ _id: message, rid: group, msg: 'x', t: 'uj' }],
    refused('error-invalid-update-key', 'Cannot update the message t'),
  ],
  ...(['bob', 'carol'] as const).map(
    (who): Row => [
      who,
      'deleteMessage',
      ({ message }) => [{ _id: message }],
      refused('error-action-not-allowed', 'Not allowed'),
    ],
  ),
  ['alice', 'deleteMessage', () => [{ _id: 'unknown' }], refused('error-action-not-allowed', 'Not allowed')],
  ['alice', 'deleteMessage', () => [{}], MATCH_FAILED],
  [
    'alice',
    'setReaction',
    ({ message }) => [':no such emoji:', message],
    by('setReaction', 'error-not-allowed', 'Invalid emoji provided.'),
  ],
  [
    'carol',
    'setReaction',
    ({ message }) => [':smile:', message],
    by('setReaction', 'not-authorized', 'Not Authorized'),
  ],
  ...['pinning', 'unpinning'].map(
    (doing): Row => [
      'alice',
      doing === 'pinning' ? 'pinMessage' : 'unpinMessage',
      () => [{ _id: 'unknown' }],
      by(
        doing === 'pinning' ? 'pinMessage' : 'unpinMessage',
        'error-invalid-message',
        `Message you are ${doing} was not found`,
        { action: 'Message_pinning' },
      ),
    ],
  ),
  [
    'bob',
    'pinMessage',
    ({ message }) => [{ _id: message }],
    by('pinMessage', 'not-authorized', 'Not Authorized'),
  ],
  ['nobody', 'getSingleMessage', ({ message }) => [message], invalidUser('getSingleMessage')],
  ['carol', 'getSingleMessage', ({ message }) => [message], notAllowed('getSingleMessage')],
  ['carol', 'getMessages', ({ message }) => [[message]], notAllowed('getMessages')],
  ['alice', 'getMessages', () => ['x'], MATCH_FAILED],
  [
    'carol',
    'unreadMessages',
    ({ group }) => [null, group],
    by('unreadMessages', 'error-no-message-for-unread', 'There are no messages to mark unread', {
      action: 'Unread_messages',
    }),
  ],
  [
    'alice',
    'unreadMessages',
    ({ message }) => [{ _id: message }],
    by('unreadMessages', 'error-action-not-allowed', 'Not allowed', { action: 'Unread_messages' }),
  ],
  ['alice', 'unreadMessages', () => [], MATCH_FAILED],
  [
    'alice',
    'getChannelHistory',
    ({ group }) => [{ rid: group, latest: 'x' }],
    by('getChannelHistory', 'error-invalid-date', 'Invalid date'),
  ],
  ['carol', 'messages/get', ({ group }) => [group], notAllowed('messages/get')],
  ['carol', 'messages/get', ({ group }) => [group, { lastUpdate: { $date: 0 } }], notAllowed('messages/get')],
  ['alice', 'messages/get', () => ['nowhere'], notAllowed('messages/get')],
  [
    'carol',
    'getUserMentionsByChannel',
    ({ group }) => [{ roomId: group }],
    invalidRoom('getUserMentionsByChannel'),
  ],
  ['carol', 'getReadReceipts', ({ message }) => [{ messageId: message }], invalidRoom('getReadReceipts')],
  [
    'alice',
    'getReadReceipts',
    () => [{ messageId: 'unknown' }],
    by('getReadReceipts', 'error-invalid-message', 'Invalid message'),
  ],
  ['alice', 'reportMessage', ({ message }) => [message, ''], refused('error-invalid-description')],
  ['carol', 'reportMessage', ({ message }) => [message, 'x'], refused('error-invalid-message_id')],
  ['carol', 'createDiscussion', ({ group }) => [{ prid: group, t_name: 'x' }], refused('error-not-allowed')],
  ['alice', 'createDiscussion', () => [{ prid: 'nowhere', t_name: 'x' }], invalidRoom('DiscussionCreation')],
  [
    'alice',
    'createDiscussion',
    ({ group }) => [{ prid: group, t_name: '' }],
    by('createDiscussion', 'error-invalid-arguments', 'Invalid arguments'),
  ],
  ['alice', 'sendFileMessage', ({ group }) => [group, null, { _id: 'unknown' }], refused('invalid-file')],
  ...['slashCommand', 'getSlashCommandPreviews', 'executeSlashCommandPreview'].map(
    (method): Row => [
      'alice',
      method,
      ({ group }) => [{ cmd: 'unknown', params: '', msg: { rid: group, _id: 'x' } }],
      by('executeSlashCommandPreview', 'error-invalid-command', 'Invalid Command Provided'),
    ],
  ),
  [
    'alice',
    'getSlashCommandPreviews',
    ({ group }) => [{ cmd: 'me', params: '', msg: { rid: group } }],
    by('executeSlashCommandPreview', 'error-invalid-command', 'Command Does Not Provide Previews'),
  ],
];

const INVALID_TOTP = refused('invalid-totp', 'Invalid TOTP');
const EDITING_SETTINGS = by('saveSettings', 'error-action-not-allowed', 'Editing settings is not allowed', {
  settingIds: ['Site_Name'],
});
const NO_PERMISSION = refused(
  'error-unauthorized',
  'User does not have the permissions required for this action',
);

const PEOPLE: Row[] = [
  ['nobody', 'samlLogout', () => ['provider-name'], invalidUser('samlLogout')],
  ['alice', 'samlLogout', () => [], MATCH_FAILED],
  ['nobody', 'setUserStatus', () => ['busy'], invalidUser('setUserStatus')],
  [
    'alice',
    'setUserStatus',
    () => ['weird'],
    by(
      'users.setStatus',
      'error-invalid-status',
      'Valid status types include online, away, offline, and busy.',
    ),
  ],
  ['nobody', 'listCustomUserStatus', () => [], invalidUser('listCustomUserStatus')],
  ['alice', 'userSetUtcOffset', () => ['x'], MATCH_FAILED],
  ['nobody', 'getUserRoles', () => [], invalidUser('getUserRoles')],
  [
    'alice',
    'registerUser',
    () => [{ email: 'x@example.org', pass: 'of x', name: 'X' }],
    refused('Logged in users can not register again.'),
  ],
  ['nobody', 'registerUser', () => [{ pass: 'x' }], MATCH_FAILED],
  [
    'nobody',
    'registerUser',
    () => [{ email: 'x', pass: 'of x', name: 'X' }],
    refused('error-invalid-email', 'Invalid email'),
  ],
  ['nobody', 'setUsername', () => ['x'], invalidUser('setUsername')],
  [
    'alice',
    'setUsername',
    () => ['bob'],
    by('setUsername', 'error-field-unavailable', 'bob is already in use :(', { field: 'bob' }),
  ],
  [
    'alice',
    'setUsername',
    () => ['a b'],
    refused(
      'username-invalid',
      'a b is not a valid username, use only letters, numbers, dots, hyphens and underscores',
    ),
  ],
  ['alice', 'setUserPassword', () => ['x'], notAllowed('setUserPassword')],
  ['nobody', 'resetPassword', () => ['unknown', 'of x'], refused(403, 'Token expired')],
  [
    'nobody',
    'resetPassword',
    () => ['unknown', { digest: 'x', algorithm: 'md5' }],
    refused(400, 'Invalid password'),
  ],
  ['nobody', 'verifyEmail', () => ['unknown'], refused('Verify email link expired')],
  ['nobody', 'afterVerifyEmail', () => [], invalidUser('afterVerifyEmail')],
  [
    'alice',
    'saveUserPreferences',
    () => [{ idleTimeLimit: 10 }],
    by('saveUserPreferences', 'invalid-idle-time-limit-value', 'Invalid idleTimeLimit'),
  ],
  ['alice', 'saveUserPreferences', () => [{ language: 5 }], MATCH_FAILED],
  ['alice', 'saveUserPreferences', () => [{ useEmojis: true, highlights: ['word', 5] }], MATCH_FAILED],
  [
    'alice',
    'saveUserProfile',
    () => [{ username: 'bob' }],
    by('saveUserProfile', 'error-could-not-save-identity', 'Could not save user identity'),
  ],
  ['alice', 'setEmail', () => [' '], MATCH_FAILED],
  ['alice', 'setEmail', () => ['bob'], refused('error-invalid-email', 'Invalid email')],
  [
    'alice',
    'insertOrUpdateUser',
    () => [{ username: 'x', name: 'x', email: 'x@example.org', password: 'x' }],
    by('insertOrUpdateUser', 'error-action-not-allowed', 'Adding user is not allowed', {
      action: 'Adding_user',
    }),
  ],
  [
    'alice',
    'insertOrUpdateUser',
    ({ bob }) => [{ _id: bob, name: 'x' }],
    by('insertOrUpdateUser', 'error-action-not-allowed', 'Editing user is not allowed', {
      action: 'Editing_user',
    }),
  ],
  ['admin', 'insertOrUpdateUser', () => [{ _id: 'unknown' }], invalidUser('insertOrUpdateUser')],
  ['admin', 'insertOrUpdateUser', () => [{ roles: 'admin' }], MATCH_FAILED],
  [
    'alice',
    'setAvatarFromService',
    () => ['nonsense', '', 'upload'],
    refused('error-invalid-image', 'Invalid image'),
  ],
  [
    'alice',
    'setAvatarFromService',
    ({ bob }) => ['data:image/png;base64,xxxx', 'image/png', 'upload', bob],
    notAllowed('setAvatarFromService'),
  ],
  [
    'alice',
    'resetAvatar',
    ({ bob }) => [bob],
    by('resetAvatar', 'error-not-allowed', 'Reset avatar is not allowed'),
  ],
  ...['autoTranslate.getSupportedLanguages', 'autoTranslate.translateMessage'].map(
    (method): Row => [
      'alice',
      method,
      ({ message }) => [method.endsWith('Message') ? { _id: message } : 'en', 'de'],
      refused('AutoTranslate is disabled.'),
    ],
  ),
  ['alice', 'autoTranslate.saveSettings', ({ group }) => [group, 'weird', '1', null], MATCH_FAILED],
  ...['enable', 'disable', 'validateTempToken', 'regenerateCodes', 'checkCodesRemaining'].map(
    (verb): Row => ['nobody', `2fa:${verb}`, () => ['123456'], refused('not-authorized', 'Not Authorized')],
  ),
  ['alice', '2fa:validateTempToken', () => ['123456'], INVALID_TOTP],
  ['alice', '2fa:checkCodesRemaining', () => [], INVALID_TOTP],
  ...['regenerate', 'remove'].map(
    (verb): Row => [
      'alice',
      `personalAccessTokens:${verb}Token`,
      () => [{ tokenName: 'unknown' }],
      refused('error-token-does-not-exists', 'Token does not exist'),
    ],
  ),
  ['alice', 'saveSetting', () => ['Site_Name', 'x'], EDITING_SETTINGS],
  ['alice', 'saveSettings', () => [[{ _id: 'Site_Name', value: 'x' }]], EDITING_SETTINGS],
  ['admin', 'saveSettings', () => ['x'], MATCH_FAILED],
  ...['addPermissionToRole', 'removeRoleFromPermission'].map(
    (method): Row => ['alice', `authorization:${method}`, () => ['create-c', 'guest'], NO_PERMISSION],
  ),
  [
    'admin',
    'authorization:addPermissionToRole',
    () => ['unknown', 'guest'],
    by('authorization:addPermissionToRole', 'error-invalid-permission', 'Permission does not exist', {
      action: 'Adding_permission',
    }),
  ],
  [
    'alice',
    'authorization:addUserToRole',
    () => ['bot', 'bob'],
    refused('error-action-not-allowed', 'Accessing permissions is not allowed'),
  ],
  [
    'admin',
    'authorization:addUserToRole',
    () => ['unknown', 'bob'],
    refused('error-role-not-found', 'Role not found'),
  ],
  [
    'alice',
    'authorization:removeUserFromRole',
    () => ['user', 'bob'],
    refused('error-not-allowed', 'Accessing permissions is not allowed'),
  ],
  ['alice', 'botRequest', () => ['allIDs'], invalidUser('botRequest')],
  ['alice', 'banner/dismiss', () => [{}], MATCH_FAILED],
  ...['addWebdavAccount', 'getWebdavFileList', 'getFileFromWebdav', 'uploadFileToWebdav'].map(
    (method): Row => ['nobody', method, () => [{}], invalidUser(method)],
  ),
];

const UNKNOWN: Row[] = [
  // Gone from the original, or of parts that Gantry does not have.
  ...['ufsCreate', 'ufsComplete', 'livechat:setUpConnection', 'sendMessageLivechat', 'no such method'],
  ...['callWithTwoFactorRequired', 'stream-unknown'],
].map((method): Row => ['alice', method, () => [{}], refused(404, `Method '${method}' not found`)]);

export const METHOD_REFUSALS: Row[] = [...LOGIN, ...ROOMS, ...MESSAGES, ...PEOPLE, ...UNKNOWN];

export const QUIET: QuietRow[] = [
  ['nobody', 'subscriptions/get', () => [], []],
  ['nobody', 'rooms/get', () => [], []],
  ['nobody', 'private-settings/get', () => [], []],
  ['alice', 'private-settings/get', () => [{ $date: 0 }], []],
  ['carol', 'loadHistory', ({ group }) => [group], false],
  ['alice', 'loadHistory', () => ['nowhere'], false],
  ['carol', 'loadMissedMessages', ({ group }) => [group, { $date: 0 }], false],
  ['carol', 'loadSurroundingMessages', ({ message }) => [{ _id: message }], false],
  ['alice', 'loadSurroundingMessages', () => [{ _id: 'unknown' }], false],
  ['carol', 'getChannelHistory', ({ group }) => [{ rid: group }], false],
  ['alice', 'getThreadMessages', () => [{ tmid: 'unknown' }], []],
  ['carol', 'starMessage', ({ message }) => [{ _id: message, starred: true }], false],
  ['alice', 'getSingleMessage', () => ['unknown'], null],
  ['alice', 'getMessages', () => [['unknown']], []],
  ['carol', 'messageSearch', ({ group }) => ['x', group], false],
  ['carol', 'rocketchatSearch.search', ({ group }) => ['x', { rid: group }, {}], false],
  ['carol', 'sendFileMessage', ({ group }) => [group, null, { _id: 'unknown' }], false],
  ['carol', 'openRoom', ({ group }) => [group], 0],
  ['carol', 'hideRoom', ({ group }) => [group], 0],
  ['alice', 'openRoom', () => ['nowhere'], 0],
  ['alice', 'sendMessage', () => [{ rid: 'nowhere', msg: 'x' }], undefined],
  ['bob', 'sendMessage', ({ group, message }) => [{ _id: message, rid: group, msg: 'x' }], undefined],
  ['carol', 'e2e.updateGroupKey', ({ group, bob }) => [group, bob, 'key'], undefined],
  // No session of theirs was opened by a provider.
  ['alice', 'samlLogout', () => ['provider-name'], undefined],
  ['nobody', 'spotlight', () => ['a'], { users: [], rooms: [] }],
  ['nobody', 'sendConfirmationEmail', () => ['unknown@example.org'], false],
  ['alice', '2fa:disable', () => ['123456'], false],
  ['alice', '2fa:regenerateCodes', () => ['123456'], undefined],
  // Anonymous calls that are ignored.
  ...['UserPresence:online', 'UserPresence:away', 'logout', 'logoutCleanUp'].map(
    (method): QuietRow => ['nobody', method, () => [], undefined],
  ),
  ['nobody', 'UserPresence:setDefaultStatus', () => ['busy'], undefined],
  ['nobody', 'userSetUtcOffset', () => [2], undefined],
  // Wrong parameters of the directory have no result.
  ...[
    { type: 'weird' },
    { sortBy: 'weird' },
    { sortDirection: 'weird' },
    { page: -1 },
    { offset: -1 },
    { limit: 0 },
    { limit: 'x' },
    { text: 5 },
  ].map((wanted): QuietRow => ['alice', 'browseChannels', () => [wanted], undefined]),
  // Writes that a stream does not take.
  ['alice', 'stream-notify-logged', () => ['user-status', []], undefined],
  ['alice', 'stream-notify-user', () => [], undefined],
];
