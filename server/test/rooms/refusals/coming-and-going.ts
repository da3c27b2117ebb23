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
  forEach,
  NO_ALTERNATIVE,
  NO_CHANNEL,
  NO_GROUP,
  NO_SUCH_USERS,
  notAllowed,
  type Row,
} from './row.ts';

const NOT_IN_ROOM = coded('error-user-not-in-room', 'You are not in this room', { method: 'leaveRoom' });
export const LAST_OWNER = (method: string): Refused =>
  coded('error-you-are-last-owner', 'You are the last owner. Please set new owner before leaving the room.', {
    method,
  });
const BANNED = coded('error-user-is-banned', 'User is banned from this room');

/** Spec 10 §2. `leave-c` and `leave-p` are asked for before the membership, and that before the last owner. */
export const LEAVING: Row[] = [
  ['nobody', 'POST channels.leave', {}, NOT_LOGGED_IN],
  ['nobody', 'POST groups.leave', {}, NOT_LOGGED_IN],
  ['alice', 'POST channels.leave', { roomId: 'nowhere', x: 1 }, NO_ALTERNATIVE],
  ['alice', 'POST groups.leave', { roomId: 'nowhere', x: 1 }, NO_ALTERNATIVE],
  ['gus', 'POST channels.leave', { roomId: '$oldChannel' }, archived('channel', 'old-channel')],
  ['gus', 'POST channels.leave', { roomId: '$channel' }, notAllowed('leaveRoom')],
  ['gus', 'POST groups.leave', { roomId: '$group' }, notAllowed('leaveRoom')],
  ['carol', 'POST channels.leave', { roomId: '$channel' }, NOT_IN_ROOM],
  ['carol', 'POST channels.leave', { roomName: 'channel' }, NOT_IN_ROOM],
  ['admin', 'POST channels.leave', { roomId: '$channel' }, NOT_IN_ROOM],
  // A ban is not left.
  ['ben', 'POST channels.leave', { roomId: '$channel' }, NOT_IN_ROOM],
  ['ben', 'POST groups.leave', { roomId: '$group' }, NO_GROUP],
  // Who may see the parent sees its discussions.
  ['bob', 'POST groups.leave', { roomId: '$groupTalk' }, NOT_IN_ROOM],
  ['bob', 'POST channels.leave', { roomId: '$talk' }, NOT_IN_ROOM],
  ['alice', 'POST channels.leave', { roomId: '$channel' }, LAST_OWNER('leaveRoom')],
  ['alice', 'POST channels.leave', { roomId: '$empty' }, LAST_OWNER('leaveRoom')],
  ['alice', 'POST channels.leave', { roomId: '$crewMain' }, LAST_OWNER('leaveRoom')],
  ['alice', 'POST groups.leave', { roomId: '$group' }, LAST_OWNER('leaveRoom')],
  ['alice', 'POST groups.leave', { roomId: '$oldTalk' }, archived('private group', 'Old talk')],
  [
    'alice',
    'POST channels.leave',
    { roomId: '$channel' },
    notAllowed('leaveRoom'),
    { permissions: { 'leave-c': [] } },
  ],
  [
    'alice',
    'POST groups.leave',
    { roomId: '$group' },
    notAllowed('leaveRoom'),
    { permissions: { 'leave-p': [] } },
  ],
];

const invalidName = (name: string): Refused =>
  coded('error-invalid-room-name', `${name} is not a valid room name.`, {
    function: 'RocketChat.getValidRoomName',
    channel_name: name,
  });
const duplicate = (name: string): Refused =>
  coded('error-duplicate-channel-name', `A channel with name '${name}' exists`, {
    function: 'RocketChat.getValidRoomName',
    channel_name: name,
  });
const archivedDuplicate = (name: string): Refused =>
  coded('error-archived-duplicate-name', `There's an archived channel with name ${name}`, {
    function: 'RocketChat.getValidRoomName',
    channel_name: name,
  });

/** Spec 10 §5.1, for creating as for renaming. */
export const refusedNames: readonly [name: string, refused: Refused][] = [
  ['two words', invalidName('two words')],
  ['<b>', invalidName('&lt;b&gt;')],
  ['admin', invalidName('admin')],
  ['System', invalidName('System')],
  ['group', duplicate('group')],
  [' shout ', duplicate('shout')],
  ['crew', duplicate('crew')],
  ['old-channel', archivedDuplicate('old-channel')],
  ['old-group', archivedDuplicate('old-group')],
];

const CREATE_CHANNEL = 'POST channels.create';
const CREATE_GROUP = 'POST groups.create';
const BLANK = coded('error-invalid-name', 'Invalid name', { function: 'RocketChat.createRoom' });

/** Spec 10 §5: the schema before the permission, and that before the name. */
export const CREATING: Row[] = [
  ...forEach(
    ['channels', 'groups'],
    [
      ['nobody', 'POST %.create', {}, NOT_LOGGED_IN],
      ['gus', 'POST %.create', {}, requires('name')],
      ['alice', 'POST %.create', { name: 'x', x: 1 }, UNKNOWN_MEMBER],
      ['alice', 'POST %.create', { name: ' ' }, BLANK],
      ...refusedNames.map(([name, refused]): Row => ['alice', 'POST %.create', { name }, refused]),
      [
        'alice',
        'POST %.create',
        { name: 'Talk' },
        duplicate('Talk'),
        { settings: { UI_Allow_room_names_with_special_chars: true } },
      ],
      [
        'alice',
        'POST %.create',
        { name: 'abc' },
        invalidName('abc'),
        { settings: { UTF8_Channel_Names_Validation: '[0-9]+' } },
      ],
    ],
  ),
  ['gus', CREATE_CHANNEL, { name: '' }, FORBIDDEN],
  ['gus', CREATE_CHANNEL, { name: 'two words' }, FORBIDDEN],
  ['gus', CREATE_GROUP, { name: '' }, notAllowed('createPrivateGroup')],
  ['gus', CREATE_GROUP, { name: 'two words' }, notAllowed('createPrivateGroup')],
  ['alice', CREATE_CHANNEL, { name: '' }, plain('Param "name" is required')],
  ['alice', CREATE_GROUP, { name: '' }, plain('Body param "name" is required')],
  // In a team its own permissions count, whatever the workspace allows.
  ['carol', CREATE_CHANNEL, { name: 'x', extraData: { teamId: '$crew' } }, FORBIDDEN],
  ['bob', CREATE_CHANNEL, { name: 'x', extraData: { teamId: '$crew' } }, FORBIDDEN],
  ['bob', CREATE_GROUP, { name: 'x', extraData: { teamId: '$crew' } }, notAllowed('createPrivateGroup')],
];

const join = (code: string, reason: string) => coded(code, reason, { method: 'joinRoom' });
const NO_CODE = join('error-code-required', 'Code required');
const WRONG_CODE = join('error-code-invalid', 'Invalid code');

/** Spec 10 §6.1, and spec 11 §4 `rooms.join`, which finds every type of room. */
export const JOINING: Row[] = [
  ...forEach(
    ['channels', 'rooms'],
    [
      ['nobody', 'POST %.join', {}, NOT_LOGGED_IN],
      ['carol', 'POST %.join', { roomId: '$oldChannel' }, archived('channel', 'old-channel')],
      ['carol', 'POST %.join', { roomId: '$oldChannel', joinCode: 1, x: 1 }, NO_ALTERNATIVE],
      ['gus', 'POST %.join', { roomId: '$channel' }, notAllowed('joinRoom')],
      ['carol', 'POST %.join', { roomId: '$cellar' }, notAllowed('joinRoom')],
      // Access comes before the code, and the code before the ban.
      ['gus', 'POST %.join', { roomId: '$locked' }, notAllowed('joinRoom')],
      ['carol', 'POST %.join', { roomId: '$locked' }, NO_CODE],
      ['carol', 'POST %.join', { roomName: 'locked' }, NO_CODE],
      ['carol', 'POST %.join', { roomId: '$locked', joinCode: '' }, NO_CODE],
      ['carol', 'POST %.join', { roomId: '$locked', joinCode: 'Sesame' }, WRONG_CODE],
      ['ben', 'POST %.join', { roomId: '$channel' }, BANNED],
    ],
  ),
  ['carol', 'POST rooms.join', { roomId: '$direct' }, notAllowed('joinRoom')],
  ['bob', 'POST rooms.join', { roomId: '$direct' }, notAllowed('joinRoom')],
  ['carol', 'POST rooms.join', { roomId: '$group' }, notAllowed('joinRoom')],
  ['ben', 'POST rooms.join', { roomId: '$group' }, notAllowed('joinRoom')],
  ['carol', 'POST channels.join', { roomId: '$group' }, NO_CHANNEL],
];

const NAMELESS = coded('error-invalid-user', 'Cannot add an user to a room without a username');
const SWAPPED = body(400, {
  error: 'invalid-user-invite-list',
  errorType: 'Cannot invite if no users are provided',
});
const NO_VALID_USERS = coded('error-empty-invite-list', 'Cannot invite if no valid users are provided');
const NO_GROUP_NAMED = coded(
  'error-room-param-not-provided',
  'The parameter "roomId" or "roomName" is required',
);

/** Spec 10 §6.2: the room, then whether users are named, then whether there are such, then the permission. */
export const INVITING: Row[] = [
  ['nobody', 'POST channels.invite', {}, NOT_LOGGED_IN],
  ['nobody', 'POST groups.invite', {}, NOT_LOGGED_IN],
  ['bob', 'POST channels.invite', { roomId: '$oldChannel' }, archived('channel', 'old-channel')],
  ['bob', 'POST channels.invite', { roomId: '$channel' }, NO_SUCH_USERS],
  ['bob', 'POST channels.invite', { roomId: '$channel', userIds: [] }, NO_SUCH_USERS],
  ['bob', 'POST channels.invite', { roomId: '$channel', usernames: [' '] }, NO_SUCH_USERS],
  ...[{ userId: 'x' }, { username: 'x' }, { user: 'x' }, { userIds: ['x'] }, { usernames: ['x'] }].flatMap(
    (who): Row[] => [
      ['bob', 'POST channels.invite', { roomId: '$channel', ...who }, SWAPPED],
      ['bob', 'POST groups.invite', { roomId: '$group', ...who }, NO_VALID_USERS],
    ],
  ),
  ['alice', 'POST channels.invite', { roomId: '$channel', userId: '$nameless' }, NAMELESS],
  ['alice', 'POST groups.invite', { roomId: '$group', userId: '$nameless' }, NAMELESS],
  ['bob', 'POST channels.invite', { roomId: '$channel', userId: '$nameless' }, notAllowed('addUsersToRoom')],
  ['bob', 'POST channels.invite', { roomId: '$channel', userId: '$carol' }, notAllowed('addUsersToRoom')],
  ['carol', 'POST channels.invite', { roomId: '$channel', userId: '$carol' }, notAllowed('addUsersToRoom')],
  ['alice', 'POST channels.invite', { roomId: '$channel', userId: '$ben' }, BANNED],
  ['admin', 'POST channels.invite', { roomId: '$channel', username: 'ben' }, BANNED],
  ['alice', 'POST groups.invite', { userId: '$carol' }, NO_GROUP_NAMED],
  ['alice', 'POST groups.invite', { roomId: '', userId: '$carol' }, NO_GROUP_NAMED],
  ['alice', 'POST groups.invite', { roomName: '', userId: '$carol' }, NO_GROUP_NAMED],
  ['alice', 'POST groups.invite', { roomId: 'nowhere' }, NO_GROUP],
  ['alice', 'POST groups.invite', { roomName: 'nowhere', userId: '$carol' }, NO_GROUP],
  ['alice', 'POST groups.invite', { roomId: '$channel', userId: '$carol' }, NO_GROUP],
  ['bob', 'POST groups.invite', { roomId: '$group' }, NO_SUCH_USERS],
  ['bob', 'POST groups.invite', { roomId: '$group', userId: '$carol' }, notAllowed('addUsersToRoom')],
  // Nobody adds people to groups they are not in; the group is found without a look at who asks.
  ['admin', 'POST groups.invite', { roomId: '$group', userId: '$carol' }, notAllowed('addUsersToRoom')],
  ['carol', 'POST groups.invite', { roomName: 'group', userId: '$carol' }, notAllowed('addUsersToRoom')],
  ['alice', 'POST groups.invite', { roomId: '$group', userId: '$ben' }, BANNED],
  ['alice', 'POST groups.invite', { roomId: '$group', userId: '$carol', x: 1 }, UNKNOWN_MEMBER],
];

const NOT_IN_THIS_ROOM = coded('error-user-not-in-room', 'User is not in this room', {
  method: 'removeUserFromRoom',
});

/** Spec 10 §6.3: the room, the user, the permission, the membership, the last owner. */
export const KICKING: Row[] = [
  ['nobody', 'POST channels.kick', {}, NOT_LOGGED_IN],
  ['nobody', 'POST groups.kick', {}, NOT_LOGGED_IN],
  ['bob', 'POST channels.kick', { roomId: '$channel' }, NO_USER_NAMED],
  ['bob', 'POST channels.kick', { roomId: '$channel', userId: ' ' }, NO_USER_NAMED],
  ['bob', 'POST channels.kick', { roomId: '$channel', userId: 'x' }, NO_SUCH_USER],
  ['bob', 'POST channels.kick', { roomId: '$channel', username: 'x' }, NO_SUCH_USER],
  ['bob', 'POST channels.kick', { roomId: '$channel', userId: '$nameless' }, plain('Invalid user')],
  ['carol', 'POST groups.kick', { roomId: '$group', userId: '$nameless' }, plain('Invalid user')],
  ['bob', 'POST channels.kick', { roomId: '$channel', userId: '$alice' }, notAllowed('removeUserFromRoom')],
  ['bob', 'POST channels.kick', { roomId: '$channel', userId: '$carol' }, notAllowed('removeUserFromRoom')],
  ['bob', 'POST channels.kick', { roomId: '$channel', userId: '$bob' }, notAllowed('removeUserFromRoom')],
  ['alice', 'POST channels.kick', { roomId: '$channel', userId: '$carol' }, NOT_IN_THIS_ROOM],
  ['admin', 'POST channels.kick', { roomId: '$channel', userId: '$carol' }, NOT_IN_THIS_ROOM],
  ['alice', 'POST channels.kick', { roomId: '$channel', userId: '$ben' }, NOT_IN_THIS_ROOM],
  ['mia', 'POST channels.kick', { roomId: '$channel', userId: '$alice' }, LAST_OWNER('removeUserFromRoom')],
  ['alice', 'POST channels.kick', { roomId: '$channel', user: 'alice' }, LAST_OWNER('removeUserFromRoom')],
  [
    'admin',
    'POST channels.kick',
    { roomId: '$channel', username: 'alice' },
    LAST_OWNER('removeUserFromRoom'),
  ],
  ['alice', 'POST groups.kick', { userId: '$bob' }, NO_GROUP_NAMED],
  ['alice', 'POST groups.kick', { roomId: '', userId: '$bob' }, NO_GROUP_NAMED],
  ['alice', 'POST groups.kick', { roomId: 'nowhere', userId: '$bob' }, NO_GROUP],
  ['alice', 'POST groups.kick', { roomName: 'nowhere' }, NO_GROUP],
  ['alice', 'POST groups.kick', { roomId: '$channel', userId: '$bob' }, NO_GROUP],
  ['bob', 'POST groups.kick', { roomId: '$group' }, NO_USER_NAMED],
  ['bob', 'POST groups.kick', { roomId: '$group', userId: 'x' }, NO_SUCH_USER],
  ['bob', 'POST groups.kick', { roomId: '$group', username: 'gus' }, notAllowed('removeUserFromRoom')],
  ['carol', 'POST groups.kick', { roomId: '$group', username: 'gus' }, notAllowed('removeUserFromRoom')],
  // An administrator has the permission everywhere, but does not see the group.
  ['admin', 'POST groups.kick', { roomId: '$group', username: 'gus' }, NO_GROUP],
  ['admin', 'POST groups.kick', { roomId: '$group', username: 'carol' }, NO_GROUP],
  ['alice', 'POST groups.kick', { roomId: '$group', userId: '$carol' }, NOT_IN_THIS_ROOM],
  ['mia', 'POST groups.kick', { roomId: '$group', userId: '$alice' }, LAST_OWNER('removeUserFromRoom')],
  ['alice', 'POST groups.kick', { roomId: '$group', userId: '$bob', x: 1 }, UNKNOWN_MEMBER],
];

const FORBIDDEN_METHOD = body(400, {
  error: 'Access to Method Forbidden [403]',
  errorType: 403,
  details: { method: 'addAllToRoom' },
});
const TOO_MANY = coded('error-user-limit-exceeded', 'User Limit Exceeded', { method: 'addAllToRoom' });

/** Spec 10 §6.4, §9.5, §10.2. */
export const ADDING_ALL_AND_TEAMS: Row[] = [
  ['nobody', 'POST channels.addAll', {}, NOT_LOGGED_IN],
  ['nobody', 'POST groups.addAll', {}, NOT_LOGGED_IN],
  ['alice', 'POST channels.addAll', { roomId: '$channel' }, FORBIDDEN_METHOD],
  ['alice', 'POST groups.addAll', { roomId: '$group', activeUsersOnly: true }, FORBIDDEN_METHOD],
  ['admin', 'POST channels.addAll', { roomId: '$channel' }, TOO_MANY, { settings: { API_User_Limit: 2 } }],
  // The permission comes before the limit.
  [
    'alice',
    'POST channels.addAll',
    { roomId: '$channel' },
    FORBIDDEN_METHOD,
    { settings: { API_User_Limit: 2 } },
  ],
  [
    'alice',
    'POST groups.addAll',
    { roomId: '$group' },
    TOO_MANY,
    { settings: { API_User_Limit: 2 }, permissions: { 'add-all-to-room': ['user'] } },
  ],
  ['nobody', 'POST channels.convertToTeam', {}, NOT_LOGGED_IN],
  ['gus', 'POST channels.convertToTeam', { channelId: '$channel' }, NO_PERMISSION],
  ['gus', 'POST channels.convertToTeam', {}, NO_PERMISSION],
  ['alice', 'POST channels.convertToTeam', {}, NO_ALTERNATIVE],
  ['alice', 'POST channels.convertToTeam', { roomId: '$channel' }, NO_ALTERNATIVE],
  ['alice', 'POST channels.convertToTeam', { channelId: '$channel', channelName: 'channel' }, NO_ALTERNATIVE],
  ['alice', 'POST channels.convertToTeam', { channelId: 'nowhere' }, NO_CHANNEL],
  ['alice', 'POST channels.convertToTeam', { channelId: '' }, NO_CHANNEL],
  ['alice', 'POST channels.convertToTeam', { channelName: 'nowhere' }, NO_CHANNEL],
  ['alice', 'POST channels.convertToTeam', { channelId: '$group' }, NO_CHANNEL],
  ['bob', 'POST channels.convertToTeam', { channelId: '$oldChannel' }, archived('channel', 'old-channel')],
  ['bob', 'POST channels.convertToTeam', { channelId: '$channel' }, FORBIDDEN],
  ['carol', 'POST channels.convertToTeam', { channelName: 'channel' }, FORBIDDEN],
  ['bob', 'POST channels.convertToTeam', { channelId: '$crewMain' }, FORBIDDEN],
  ['alice', 'POST channels.convertToTeam', { channelId: '$crewMain' }, plain('team-name-already-exists')],
  ['nobody', 'POST groups.convertToTeam', {}, NOT_LOGGED_IN],
  ['gus', 'POST groups.convertToTeam', { roomId: '$group' }, FORBIDDEN],
  ['bob', 'POST groups.convertToTeam', { roomId: '$group' }, FORBIDDEN],
  ['alice', 'POST groups.convertToTeam', { roomId: '$cabalMain' }, plain('team-name-already-exists')],
];
