import { expect } from 'vitest';
import {
  body,
  coded,
  FORBIDDEN,
  NO_PERMISSION,
  NO_SUCH_USER,
  NO_USER_NAMED,
  NOT_LOGGED_IN,
  plain,
  type Refused,
  requires,
  UNKNOWN_MEMBER,
} from '../../accounts/refusals/refusal.ts';
import {
  archived,
  bare,
  editing,
  forEach,
  NO_ALTERNATIVE,
  NO_CHANNEL,
  NO_EDITOR,
  NO_ROOM_NAMED,
  notAllowed,
  type Row,
} from './row.ts';

const HERE = { roomId: '$channel' };
const UNAUTHORIZED = plain('unauthorized', 401);

/** `rooms.*` that find any room by id or name (spec 11 §4). */
const ANY_ROOM: readonly [call: string, more: object, archived: boolean][] = [
  ['POST rooms.join', {}, false],
  ['POST rooms.leave', {}, false],
  ['POST rooms.favorite', { favorite: true }, false],
  ['GET rooms.info', {}, true],
  ['GET rooms.getDiscussions', {}, false],
  ['GET rooms.isMember', { userId: '$bob' }, false],
];

export const ANY_ROOM_LOOKUPS: Row[] = ANY_ROOM.flatMap(([call, more, isArchivedFound]): Row[] => [
  ['alice', call, more, NO_ALTERNATIVE],
  ['alice', call, { ...more, ...HERE, roomName: 'channel' }, NO_ALTERNATIVE],
  ['alice', call, { ...more, ...HERE, x: 1 }, NO_ALTERNATIVE],
  ['alice', call, { ...more, roomId: '' }, NO_ROOM_NAMED],
  ['alice', call, { ...more, roomName: '' }, NO_ROOM_NAMED],
  ['alice', call, { ...more, roomId: 'nowhere' }, NO_CHANNEL],
  ['alice', call, { ...more, roomName: 'nowhere' }, NO_CHANNEL],
  ...(isArchivedFound
    ? []
    : ([
        ['carol', call, { ...more, roomId: '$oldChannel' }, archived('channel', 'old-channel')],
        ['carol', call, { ...more, roomName: 'old-group' }, archived('channel', 'old-group')],
      ] satisfies Row[])),
]);

const SAVE = 'POST rooms.saveRoomSettings';
const settings = (code: string, reason: string): Refused =>
  coded(code, reason, { method: 'saveRoomSettings' });
const ADMINISTERING = editing('Viewing room administration is not allowed', 'Viewing_room_administration');
const ONLY_GROUPS = editing('Only groups or direct channels can enable encryption', 'Change_Room_Encrypted');
const RETENTION = editing('Editing room retention policy is not allowed', 'Editing_room');
const IN_ROOM = { rid: '$channel' };

/** `rooms.saveRoomSettings`, in the order of its checks; what setters refuse too is in `changing-rooms.ts`. */
export const ROOM_SETTINGS: Row[] = [
  ['nobody', SAVE, {}, NOT_LOGGED_IN],
  ['alice', SAVE, {}, requires('rid')],
  ['alice', SAVE, { ...IN_ROOM, x: 1 }, UNKNOWN_MEMBER],
  ['alice', SAVE, { rid: 'nowhere', roomTopic: 'x' }, settings('error-invalid-room', 'Invalid room')],
  ['alice', SAVE, { rid: '', roomTopic: 'x' }, settings('error-invalid-room', 'Invalid room')],
  ['bob', SAVE, { ...IN_ROOM, roomTopic: 'x' }, NO_EDITOR],
  ['carol', SAVE, { ...IN_ROOM, featured: true }, NO_EDITOR],
  ['alice', SAVE, { rid: '$direct', roomTopic: 'x' }, NO_EDITOR],
  ['carol', SAVE, { rid: '$direct', encrypted: true }, NO_EDITOR],
  ['alice', SAVE, { rid: '$direct', encrypted: true, roomTopic: 'x' }, ONLY_GROUPS],
  ['alice', SAVE, { ...IN_ROOM, default: true }, ADMINISTERING],
  ['alice', SAVE, { ...IN_ROOM, default: false }, ADMINISTERING],
  ['alice', SAVE, { ...IN_ROOM, featured: true }, ADMINISTERING],
  ['admin', SAVE, { rid: '$talk', default: true }, ADMINISTERING],
  ['admin', SAVE, { rid: '$cellar', default: true }, ADMINISTERING],
  ['alice', SAVE, { ...IN_ROOM, systemMessages: ['uj', 'x'] }, settings('invalid-room', 'Invalid option')],
  [
    'alice',
    SAVE,
    { ...IN_ROOM, roomType: 'd' },
    coded('error-invalid-room-type', 'error-invalid-room-type', { method: 'saveRoomSettings', type: 'd' }),
  ],
  [
    'alice',
    SAVE,
    { ...IN_ROOM, roomType: 'p' },
    editing('Changing a public channel to a private room is not allowed', 'Change_Room_Type'),
    { permissions: { 'create-p': [] } },
  ],
  [
    'alice',
    SAVE,
    { rid: '$group', roomType: 'c' },
    editing('Changing a private group to a public channel is not allowed', 'Change_Room_Type'),
    { permissions: { 'create-c': [] } },
  ],
  ['alice', SAVE, { ...IN_ROOM, encrypted: true }, ONLY_GROUPS],
  ['alice', SAVE, { ...IN_ROOM, encrypted: true }, ONLY_GROUPS, { settings: { E2E_Enable: true } }],
  ['alice', SAVE, { rid: '$group', encrypted: true }, ONLY_GROUPS],
  [
    'mia',
    SAVE,
    { rid: '$group', encrypted: true },
    editing('You do not have permission to toggle E2E encryption', 'Change_Room_Encrypted'),
    { settings: { E2E_Enable: true } },
  ],
  ['alice', SAVE, { ...IN_ROOM, retentionEnabled: true }, RETENTION],
  ['alice', SAVE, { ...IN_ROOM, retentionOverrideGlobal: true, retentionMaxAge: 5 }, RETENTION],
  [
    'alice',
    SAVE,
    { ...IN_ROOM, roomAvatar: '' },
    editing('Editing a room avatar is not allowed', 'Editing_room'),
    { permissions: { 'edit-room-avatar': [] } },
  ],
  [
    'alice',
    SAVE,
    { ...IN_ROOM, roomName: 'group' },
    coded('error-duplicate-channel-name', "A channel with name 'group' exists", {
      function: 'RocketChat.getValidRoomName',
      channel_name: 'group',
    }),
  ],
  // One that may not be keeps the others from happening.
  ['alice', SAVE, { ...IN_ROOM, roomTopic: 'x', featured: true }, ADMINISTERING],
  [
    'alice',
    SAVE,
    { ...IN_ROOM, roomTopic: 'x', roomName: 'two words' },
    coded('error-invalid-room-name', 'two words is not a valid room name.', {
      function: 'RocketChat.getValidRoomName',
      channel_name: 'two words',
    }),
  ],
];

const STATE = 'POST rooms.changeArchivationState';
const mute = (method: string) => ({
  noRoom: coded('error-invalid-room', 'Invalid room', { method }),
  direct: coded('error-invalid-room-type', 'd is not a valid room type', { method, type: 'd' }),
  notIn: coded('error-user-not-in-room', 'User is not in this room', { method }),
});
const NOT_BANNING = plain('Not allowed');
const NO_ROOM_TO_BAN = plain('The required "roomId" or "roomName" param provided does not match any group');

/** Spec 11 §4: what moderators do in rooms. */
export const MODERATING: Row[] = [
  ['nobody', STATE, {}, NOT_LOGGED_IN],
  ['alice', STATE, {}, requires('rid')],
  [
    'alice',
    STATE,
    { rid: 'nowhere', action: 'archive' },
    coded('error-invalid-room', 'Invalid room', { method: 'archiveRoom' }),
  ],
  [
    'alice',
    STATE,
    { rid: 'nowhere' },
    coded('error-invalid-room', 'Invalid room', { method: 'unarchiveRoom' }),
  ],
  [
    'alice',
    STATE,
    { rid: '$direct', action: 'archive' },
    coded('error-direct-message-room', 'rooms type: d can not be archived', { method: 'archiveRoom' }),
  ],
  [
    'mia',
    STATE,
    { ...IN_ROOM, action: 'archive' },
    coded('error-not-authorized', 'Not authorized', { method: 'archiveRoom' }),
  ],
  [
    'carol',
    STATE,
    { rid: '$group', action: 'archive' },
    coded('error-not-authorized', 'Not authorized', { method: 'archiveRoom' }),
  ],
  [
    'alice',
    STATE,
    { rid: '$oldChannel' },
    coded('error-not-authorized', 'Not authorized', { method: 'unarchiveRoom' }),
  ],
  [
    'alice',
    STATE,
    { rid: '$oldGroup', action: 'unarchive' },
    coded('error-not-authorized', 'Not authorized', { method: 'unarchiveRoom' }),
  ],
  [
    'alice',
    STATE,
    { rid: '$oldChannel', action: 'x' },
    coded('error-not-authorized', 'Not authorized', { method: 'unarchiveRoom' }),
  ],

  ...(['muteUser', 'unmuteUser'] as const).flatMap((name): Row[] => {
    const call = `POST rooms.${name}`;
    const method = `${name}InRoom`;
    const { noRoom, direct, notIn } = mute(method);
    return [
      ['nobody', call, {}, NOT_LOGGED_IN],
      ['alice', call, HERE, NO_ALTERNATIVE],
      ['alice', call, { userId: '$bob' }, NO_ALTERNATIVE],
      ['alice', call, { ...HERE, userId: '$bob', username: 'bob' }, NO_ALTERNATIVE],
      ['bob', call, { ...HERE, userId: '' }, NO_USER_NAMED],
      ['bob', call, { roomId: 'nowhere', userId: 'x' }, NO_SUCH_USER],
      ['bob', call, { ...HERE, username: 'x' }, NO_SUCH_USER],
      ['bob', call, { ...HERE, userId: '$mia' }, notAllowed(method)],
      ['carol', call, { ...HERE, userId: '$carol' }, notAllowed(method)],
      ['bob', call, { roomId: 'nowhere', userId: '$mia' }, notAllowed(method)],
      ['admin', call, { roomId: 'nowhere', userId: '$bob' }, noRoom],
      ['admin', call, { roomId: '$direct', userId: '$bob' }, direct],
      ['admin', call, { roomId: '$direct', userId: '$carol' }, direct],
      ['mia', call, { ...HERE, userId: '$carol' }, notIn],
      ['mia', call, { ...HERE, username: 'ben' }, notIn],
    ];
  }),

  ...(['banUser', 'unbanUser'] as const).flatMap((name): Row[] => {
    const call = `POST rooms.${name}`;
    return [
      ['nobody', call, {}, NOT_LOGGED_IN],
      ['alice', call, HERE, NO_ALTERNATIVE],
      ['alice', call, { userId: '$bob' }, NO_ALTERNATIVE],
      ['alice', call, { ...HERE, userId: '$bob', username: 'bob' }, NO_ALTERNATIVE],
      ['bob', call, { ...HERE, userId: '$mia' }, NOT_BANNING],
      ['bob', call, { ...HERE, userId: 'x' }, NOT_BANNING],
      ['admin', call, { roomId: 'nowhere', userId: '$bob' }, NOT_BANNING],
      ['admin', call, { roomId: '$direct', userId: '$bob' }, NOT_BANNING],
      // The permission everywhere, and no way into the group.
      ['admin', call, { roomId: '$group', userId: '$bob' }, NO_ROOM_TO_BAN],
      ['admin', call, { roomId: '$group', userId: 'x' }, NO_ROOM_TO_BAN],
      ['mia', call, { ...HERE, userId: 'x' }, plain('User not found')],
      ['mia', call, { ...HERE, username: 'x' }, plain('User not found')],
    ];
  }),
  ['mia', 'POST rooms.banUser', { ...HERE, username: 'carol' }, plain('User is not in this room')],
  ['mia', 'POST rooms.banUser', { ...HERE, username: 'ben' }, plain('User is already banned from this room')],
  [
    'mia',
    'POST rooms.banUser',
    { ...HERE, username: 'alice' },
    plain('You are the last owner. Please set new owner before banning the user.'),
  ],
  [
    'alice',
    'POST rooms.banUser',
    { roomId: '$group', userId: '$alice' },
    plain('You are the last owner. Please set new owner before banning the user.'),
  ],
  ['mia', 'POST rooms.unbanUser', { ...HERE, username: 'bob' }, plain('User is not banned from this room')],
  ['mia', 'POST rooms.unbanUser', { ...HERE, username: 'carol' }, plain('User is not banned from this room')],
  ['nobody', 'GET rooms.bannedUsers', {}, NOT_LOGGED_IN],
  ['alice', 'GET rooms.bannedUsers', {}, requires('roomId')],
  ['alice', 'GET rooms.bannedUsers', { roomId: 'nowhere' }, UNAUTHORIZED],
  ['carol', 'GET rooms.bannedUsers', { roomId: '$group' }, UNAUTHORIZED],
  ['gus', 'GET rooms.bannedUsers', HERE, UNAUTHORIZED],
];

const NOT_ALLOWED = plain('not-allowed');
Object.assign(NOT_ALLOWED.body, { errorType: 'Not Allowed' });
const NO_ROOM = plain('The required "roomId" or "roomName" param provided does not match any room', 404);
const BY_ROLE = 'GET rooms.membersOrderedByRole';
const CLEAN = 'POST rooms.cleanHistory';
const STRETCH = { oldest: '2026-01-01T00:00:00.000Z', latest: '2026-12-01T00:00:00.000Z' };
const NO_ACCESS = plain('User does not have access to the room [error-not-allowed]');
Object.assign(NO_ACCESS.body, { errorType: 'error-not-allowed' });
const EXPORT = 'POST rooms.export';
const NO_KIND = body(400, {
  errorType: 'error-invalid-params',
  error: expect.stringContaining('must match a schema in anyOf'),
});
const AS_FILE = { rid: '$channel', type: 'file', format: 'json' };
const BY_MAIL = { rid: '$channel', type: 'email', messages: ['$message'] };
const NOT_MAILING = coded('error-action-not-allowed', 'Mailing is not allowed', {
  method: 'roomsExport',
  action: 'Mailing',
});

/** Spec 11 §4: looking at any room, and cleaning and exporting it. */
export const LOOKING: Row[] = [
  ['nobody', 'GET rooms.info', HERE, NOT_LOGGED_IN],
  ['carol', 'GET rooms.info', { roomId: '$group' }, NOT_ALLOWED],
  ['carol', 'GET rooms.info', { roomName: 'cellar' }, NOT_ALLOWED],
  ['carol', 'GET rooms.info', { roomId: '$direct' }, NOT_ALLOWED],
  ['nobody', 'GET rooms.getDiscussions', HERE, NOT_LOGGED_IN],
  ['carol', 'GET rooms.getDiscussions', { roomId: '$group' }, NOT_ALLOWED],
  ['gus', 'GET rooms.getDiscussions', HERE, NOT_ALLOWED],
  ['nobody', 'GET rooms.nameExists', { roomName: 'channel' }, NOT_LOGGED_IN],
  ['alice', 'GET rooms.nameExists', {}, requires('roomName')],

  ['nobody', BY_ROLE, HERE, NOT_LOGGED_IN],
  ['alice', BY_ROLE, {}, NO_ALTERNATIVE],
  ['alice', BY_ROLE, { roomId: 'nowhere' }, NO_ROOM],
  ['alice', BY_ROLE, { roomName: 'nowhere' }, NO_ROOM],
  ['carol', BY_ROLE, { roomId: '$group' }, NO_ROOM],
  ['carol', BY_ROLE, { roomId: '$direct' }, NO_ROOM],
  ['alice', BY_ROLE, { roomId: '$direct' }, plain('error-room-type-not-supported')],
  ['bob', BY_ROLE, { roomId: '$shout' }, UNAUTHORIZED],
  ['bob', BY_ROLE, { roomName: 'whisper' }, UNAUTHORIZED],

  ['nobody', 'GET rooms.roles', { rid: '$channel' }, NOT_LOGGED_IN],
  ['alice', 'GET rooms.roles', {}, requires('rid')],
  [
    'alice',
    'GET rooms.roles',
    { rid: 'nowhere' },
    coded('error-invalid-room', 'Invalid room', { method: 'getRoomRoles' }),
  ],
  [
    'carol',
    'GET rooms.roles',
    { rid: '$group' },
    coded('error-invalid-user', 'Invalid user', { method: 'getRoomRoles' }),
  ],

  ['nobody', 'GET rooms.isMember', { ...HERE, userId: '$bob' }, NOT_LOGGED_IN],
  ['carol', 'GET rooms.isMember', { roomId: 'nowhere', userId: 'x' }, NO_CHANNEL],
  ['carol', 'GET rooms.isMember', { roomId: '$group', userId: 'x' }, plain('error-user-not-found')],
  ['carol', 'GET rooms.isMember', { roomId: '$group', username: 'x' }, plain('error-user-not-found')],
  ['alice', 'GET rooms.isMember', { ...HERE, userId: '' }, plain('error-user-not-found')],
  ['carol', 'GET rooms.isMember', { roomId: '$group', userId: '$bob' }, FORBIDDEN],
  ['carol', 'GET rooms.isMember', { roomName: 'group', username: 'bob' }, FORBIDDEN],
  ['alice', 'GET rooms.isMember', HERE, NO_ALTERNATIVE],
  ['alice', 'GET rooms.isMember', { ...HERE, userId: '$bob', username: 'bob' }, NO_ALTERNATIVE],

  ['nobody', 'GET rooms.images', HERE, NOT_LOGGED_IN],
  ['alice', 'GET rooms.images', {}, requires('roomId')],
  ['alice', 'GET rooms.images', { roomId: 'nowhere' }, FORBIDDEN],
  ['carol', 'GET rooms.images', { roomId: '$group' }, FORBIDDEN],

  ['nobody', CLEAN, {}, NOT_LOGGED_IN],
  ['alice', CLEAN, {}, requires('roomId', 'latest', 'oldest')],
  ['alice', CLEAN, { ...STRETCH, roomId: '' }, NO_ROOM_NAMED],
  ['alice', CLEAN, { ...STRETCH, roomId: 'nowhere' }, NO_CHANNEL],
  ['admin', CLEAN, { ...STRETCH, roomId: '$oldChannel' }, archived('channel', 'old-channel')],
  ['carol', CLEAN, { ...STRETCH, roomId: '$group' }, NO_ACCESS],
  ['admin', CLEAN, { ...STRETCH, roomId: '$group' }, NO_ACCESS],
  ['alice', CLEAN, { ...STRETCH, ...HERE }, notAllowed('cleanRoomHistory')],
  ['alice', CLEAN, { ...STRETCH, roomId: '$direct' }, notAllowed('cleanRoomHistory')],

  ['nobody', EXPORT, {}, NOT_LOGGED_IN],
  ['admin', EXPORT, {}, NO_KIND],
  ['admin', EXPORT, { ...AS_FILE, format: 'pdf' }, NO_KIND],
  ['admin', EXPORT, { ...BY_MAIL, messages: [] }, NO_KIND],
  ['alice', EXPORT, AS_FILE, NOT_MAILING],
  ['alice', EXPORT, BY_MAIL, NOT_MAILING],
  ['alice', EXPORT, { ...AS_FILE, rid: 'nowhere' }, NOT_MAILING],
  ['admin', EXPORT, { ...AS_FILE, rid: 'nowhere' }, bare('error-invalid-room')],
  ['admin', EXPORT, { ...BY_MAIL, rid: 'nowhere' }, bare('error-invalid-room')],
  [
    'admin',
    EXPORT,
    { ...AS_FILE, rid: '$group' },
    coded('error-not-allowed', 'Not Allowed', { method: 'roomsExport' }),
  ],
  [
    'admin',
    EXPORT,
    { ...BY_MAIL, rid: '$group' },
    coded('error-not-allowed', 'Not Allowed', { method: 'roomsExport' }),
  ],
  [
    'admin',
    EXPORT,
    { ...AS_FILE, dateFrom: '2026-05-03', dateTo: '2026-05-01' },
    coded('error-invalid-dates', 'From date cannot be after To date', { method: 'roomsExport' }),
  ],
  ['admin', EXPORT, BY_MAIL, bare('error-invalid-recipient')],

  ...forEach(
    ['channelAndPrivate', 'channelAndPrivate.withPagination', 'adminRooms'],
    [
      ['nobody', 'GET rooms.autocomplete.%', { selector: '{}' }, NOT_LOGGED_IN],
      ['admin', 'GET rooms.autocomplete.%', {}, requires('selector')],
      [
        'admin',
        'GET rooms.autocomplete.%',
        { selector: '{' },
        plain('Invalid selector: it must be a JSON object'),
      ],
      [
        'admin',
        'GET rooms.autocomplete.%',
        { selector: '{"name":1}' },
        plain('Invalid selector: the name must be a text'),
      ],
    ],
  ),
  ['nobody', 'GET rooms.autocomplete.availableForTeams', {}, NOT_LOGGED_IN],
  ['alice', 'GET rooms.autocomplete.availableForTeams', { x: 1 }, UNKNOWN_MEMBER],
  ['alice', 'GET rooms.autocomplete.adminRooms', { selector: '{}' }, plain('error-not-authorized')],
  ['nobody', 'GET rooms.adminRooms', {}, NOT_LOGGED_IN],
  ['admin', 'GET rooms.adminRooms', { x: 1 }, UNKNOWN_MEMBER],
  ['admin', 'GET rooms.adminRooms.privateRooms', { x: 1 }, UNKNOWN_MEMBER],
  ['alice', 'GET rooms.adminRooms', {}, plain('error-not-authorized')],
  ['nobody', 'GET rooms.adminRooms.getRoom', { rid: '$channel' }, NOT_LOGGED_IN],
  ['admin', 'GET rooms.adminRooms.getRoom', {}, requires('rid')],
  ['alice', 'GET rooms.adminRooms.getRoom', { rid: '$channel' }, NO_PERMISSION],
  ['alice', 'GET rooms.adminRooms.getRoom', { rid: 'nowhere' }, NO_PERMISSION],
  ['admin', 'GET rooms.adminRooms.getRoom', { rid: 'nowhere' }, NOT_ALLOWED],
  ['nobody', 'GET rooms.adminRooms.privateRooms', {}, NOT_LOGGED_IN],
  ['alice', 'GET rooms.adminRooms.privateRooms', {}, NO_PERMISSION],
  ['alice', 'GET rooms.adminRooms.privateRooms', { x: 1 }, NO_PERMISSION],
];
