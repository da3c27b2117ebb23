import {
  coded,
  NO_SUCH_USER,
  NO_USER_NAMED,
  NOT_LOGGED_IN,
  plain,
  type Refused,
} from '../../accounts/refusals/refusal.ts';
import { refusedNames } from './coming-and-going.ts';
import {
  archived,
  editing,
  forEach,
  NO_ALTERNATIVE,
  NO_CHANNEL,
  NO_EDITOR,
  NO_GROUP,
  notAllowed,
  type Row,
} from './row.ts';

const BOTH = [
  ['channels', '$channel'],
  ['groups', '$group'],
] as const;
const ROLES = ['Owner', 'Moderator', 'Leader'] as const;
const an = { Owner: 'an owner', Moderator: 'a moderator', Leader: 'a leader' };
/** Who has the role. */
const HOLDER = { Owner: '$alice', Moderator: '$mia', Leader: '$mia' };

/** Spec 10 §7: the room, the user, the permission, the membership, what the member is already or is not. */
export const ROOM_ROLES: Row[] = BOTH.flatMap(([family, roomId]) =>
  ROLES.flatMap((role): Row[] => {
    const [add, remove] = [`POST ${family}.add${role}`, `POST ${family}.remove${role}`];
    const added = { method: `addRoom${role}` };
    const removed = { method: `removeRoom${role}` };
    const permission = `set-${role.toLowerCase()}`;
    // The two texts for who is not in the room are the contract's.
    const notIn =
      role === 'Leader'
        ? coded('error-user-not-in-room', 'User is not in this room', removed)
        : coded('error-invalid-room', 'Invalid room', removed);
    const ofBoth = ([call, method]: [string, string]): Row[] => [
      ['nobody', call, {}, NOT_LOGGED_IN],
      ['bob', call, { roomId, userId: '$carol', x: 1 }, NO_ALTERNATIVE],
      ['bob', call, { roomId }, NO_USER_NAMED],
      ['bob', call, { roomId, userId: '', username: ' ' }, NO_USER_NAMED],
      ['bob', call, { roomId, userId: 'x' }, NO_SUCH_USER],
      ['bob', call, { roomId, username: 'x' }, NO_SUCH_USER],
      ['bob', call, { roomId, user: '@bob' }, NO_SUCH_USER],
      ['bob', call, { roomId, userId: '$bob' }, notAllowed(method)],
      ['bob', call, { roomId, userId: '$nameless' }, notAllowed(method)],
      [
        'alice',
        call,
        { roomId, userId: '$nameless' },
        coded('error-invalid-user', 'Invalid user', { method }),
      ],
      ['bob', call, { roomId, userId: '$carol' }, notAllowed(method)],
      // Moderators give no roles, and where nobody has the permission owners do not either.
      ['mia', call, { roomId, user: 'bob' }, notAllowed(method)],
      ['alice', call, { roomId, userId: '$bob' }, notAllowed(method), { permissions: { [permission]: [] } }],
    ];
    return [
      ...ofBoth([add, added.method]),
      ...ofBoth([remove, removed.method]),
      [
        'alice',
        add,
        { roomId, userId: '$carol' },
        coded('error-user-not-in-room', 'User is not in this room', added),
      ],
      ['alice', remove, { roomId, userId: '$carol' }, notIn],
      [
        'alice',
        add,
        { roomId, userId: '$ben' },
        coded('error-user-not-in-room', 'User is not in this room', added),
      ],
      ['alice', remove, { roomId, userId: '$ben' }, notIn],
      [
        'alice',
        add,
        { roomId, userId: HOLDER[role] },
        coded(`error-user-already-${role.toLowerCase()}`, `User is already ${an[role]}`, added),
      ],
      [
        'alice',
        remove,
        { roomId, username: 'bob' },
        coded(`error-user-not-${role.toLowerCase()}`, `User is not ${an[role]}`, removed),
      ],
    ];
  }),
);

const LAST_TO_REMOVE = coded(
  'error-remove-last-owner',
  'This is the last owner. Please set a new owner before removing this one.',
  { method: 'removeRoomOwner' },
);

export const LAST_OWNERS: Row[] = BOTH.flatMap(([family, roomId]): Row[] => [
  ['alice', `POST ${family}.removeOwner`, { roomId, userId: '$alice' }, LAST_TO_REMOVE],
  ['mia', `POST ${family}.removeOwner`, { roomId, userId: '$alice' }, notAllowed('removeRoomOwner')],
]);

const handle = (name: string): Refused =>
  coded('error-duplicate-handle', `A room, team or user with name '${name}' already exists`);
const blocked = (name: string): Refused =>
  coded('error-blocked-username', `${name} is blocked and can't be used!`, {
    method: 'checkUsernameAvailability',
    field: name,
  });
const same = (what: string) => plain(`The channel ${what} is the same as what it would be changed to.`);
const changeOfType = (reason: string) => editing(reason, 'Change_Room_Type');
const TO_PUBLIC = changeOfType('Changing a private group to a public channel is not allowed');
const TO_PRIVATE = changeOfType('Changing a public channel to a private room is not allowed');
const BROADCAST = editing(
  'Editing readOnly/reactWhenReadOnly are not allowed for broadcast rooms',
  'Editing_room',
);
const NO_TYPE = (type: string) =>
  coded('error-invalid-room-type', 'error-invalid-room-type', { method: 'saveRoomSettings', type });
const ADMINISTERING = editing('Viewing room administration is not allowed', 'Viewing_room_administration');
const SAME_DEFAULT = plain('The channel default setting is the same as what it would be changed to.');
Object.assign(SAME_DEFAULT.body, { errorType: 'error-channels-setdefault-missing-default-param' });
const ONLY_GROUPS = editing('Only groups or direct channels can enable encryption', 'Change_Room_Encrypted');
const NO_TOGGLE = editing('You do not have permission to toggle E2E encryption', 'Change_Room_Encrypted');

/** Each setter, and a change that it could make. */
const SETTERS: readonly [setter: string, params: object][] = [
  ['rename', { name: 'renamed' }],
  ['setTopic', { topic: 'x' }],
  ['setDescription', { description: 'x' }],
  ['setPurpose', { purpose: 'x' }],
  ['setAnnouncement', { announcement: 'x' }],
  ['setReadOnly', { readOnly: true }],
  ['setCustomFields', { customFields: { a: 1 } }],
];

/** Spec 10 §8. "Same value" comes before the permission, which comes before what only some values need. */
export const SETTINGS: Row[] = [
  ...BOTH.flatMap(([family, roomId]) =>
    SETTERS.flatMap(([setter, params]): Row[] => {
      const [member = ''] = Object.keys(params);
      return [
        ['nobody', `POST ${family}.${setter}`, {}, NOT_LOGGED_IN],
        ['bob', `POST ${family}.${setter}`, { roomId, ...params }, NO_EDITOR],
        [
          'alice',
          `POST ${family}.${setter}`,
          { roomId, ...params },
          NO_EDITOR,
          { permissions: { 'edit-room': [] } },
        ],
        ['alice', `POST ${family}.${setter}`, { roomId }, NO_ALTERNATIVE],
        ['alice', `POST ${family}.${setter}`, { roomId, ...params, x: 1 }, NO_ALTERNATIVE],
        ['alice', `POST ${family}.${setter}`, { roomId, [member]: [{}] }, NO_ALTERNATIVE],
      ];
    }),
  ),
  ...SETTERS.map(
    ([setter, params]): Row => [
      'carol',
      `POST channels.${setter}`,
      { roomId: '$channel', ...params },
      NO_EDITOR,
    ],
  ),
  ...BOTH.flatMap(([family, roomId]): Row[] => [
    ['bob', `POST ${family}.rename`, { roomId, name: ' ' }, plain('The bodyParam "name" is required')],
    ['bob', `POST ${family}.rename`, { roomId, name: 'two words' }, NO_EDITOR],
    ...refusedNames
      .filter(([name]) => name !== 'group' || family === 'channels')
      .map(([name, refused]): Row => ['alice', `POST ${family}.rename`, { roomId, name }, refused]),
    ['alice', `POST ${family}.rename`, { roomId, name: 'bob' }, handle('bob')],
    ['alice', `POST ${family}.rename`, { roomId, name: 'Carol' }, handle('Carol')],
    ['alice', `POST ${family}.rename`, { roomId, name: 'Crew' }, handle('Crew')],
    ['alice', `POST ${family}.rename`, { roomId, name: 'all' }, blocked('all')],
    ['alice', `POST ${family}.rename`, { roomId, name: 'here' }, blocked('here')],
    [
      'alice',
      `POST ${family}.rename`,
      { roomId, name: 'sales' },
      blocked('sales'),
      { settings: { Accounts_BlockedUsernameList: 'support,sales' } },
    ],
    ['bob', `POST ${family}.setType`, { roomId, type: ' ' }, plain('The bodyParam "type" is required')],
    ['bob', `POST ${family}.setType`, { roomId, type: 'd' }, NO_EDITOR],
    ['alice', `POST ${family}.setType`, { roomId, type: 'd' }, NO_TYPE('d')],
    ['alice', `POST ${family}.setType`, { roomId }, NO_ALTERNATIVE],
    ['nobody', `POST ${family}.setType`, {}, NOT_LOGGED_IN],
  ]),
  [
    'bob',
    'POST channels.rename',
    { roomId: '$channel', name: 'channel' },
    plain('The channel name is the same as what it would be renamed to.'),
  ],
  ['bob', 'POST channels.setTopic', { roomId: '$channel', topic: 'Weather' }, same('topic')],
  [
    'bob',
    'POST channels.setDescription',
    { roomId: '$channel', description: 'About it' },
    same('description'),
  ],
  [
    'bob',
    'POST channels.setPurpose',
    { roomId: '$channel', purpose: 'About it' },
    same('purpose (description)'),
  ],
  ['bob', 'POST channels.setReadOnly', { roomId: '$channel', readOnly: false }, same('read only setting')],
  [
    'bob',
    'POST groups.setReadOnly',
    { roomId: '$group', readOnly: false },
    plain('The private group read only setting is the same as what it would be changed to.'),
  ],
  ['alice', 'POST channels.setReadOnly', { roomId: '$shout', readOnly: true }, same('read only setting')],
  ['alice', 'POST rooms.saveRoomSettings', { rid: '$shout', readOnly: true }, BROADCAST],
  ['alice', 'POST rooms.saveRoomSettings', { rid: '$whisper', reactWhenReadOnly: true }, BROADCAST],
  ['bob', 'POST rooms.saveRoomSettings', { rid: '$shout', readOnly: true }, NO_EDITOR],
  ['bob', 'POST channels.setType', { roomId: '$channel', type: 'c' }, same('type')],
  [
    'bob',
    'POST groups.setType',
    { roomId: '$group', type: 'p' },
    plain('The private group type is the same as what it would be changed to.'),
  ],
  ['bob', 'POST channels.setType', { roomId: '$channel', type: 'p' }, NO_EDITOR],
  ['bob', 'POST groups.setType', { roomId: '$group', type: 'c' }, NO_EDITOR],
  [
    'alice',
    'POST channels.setType',
    { roomId: '$channel', type: 'p' },
    TO_PRIVATE,
    { permissions: { 'create-p': [] } },
  ],
  [
    'alice',
    'POST groups.setType',
    { roomId: '$group', type: 'c' },
    TO_PUBLIC,
    { permissions: { 'create-c': [] } },
  ],
  // bob owns these rooms and is an ordinary member of their team.
  [
    'bob',
    'POST channels.setType',
    { roomId: '$deck', type: 'p' },
    changeOfType("Changing a team's public channel to a private room is not allowed"),
  ],
  [
    'bob',
    'POST groups.setType',
    { roomId: '$hold', type: 'c' },
    changeOfType("Changing a team's private group to a public channel is not allowed"),
  ],
  ['nobody', 'POST channels.setJoinCode', {}, NOT_LOGGED_IN],
  ['alice', 'POST channels.setJoinCode', { roomId: '$channel' }, NO_ALTERNATIVE],
  [
    'bob',
    'POST channels.setJoinCode',
    { roomId: '$channel', joinCode: ' ' },
    plain('The bodyParam "joinCode" is required'),
  ],
  ['bob', 'POST channels.setJoinCode', { roomId: '$channel', joinCode: 'x' }, NO_EDITOR],
  ['nobody', 'POST channels.setDefault', {}, NOT_LOGGED_IN],
  ['admin', 'POST channels.setDefault', { roomId: '$channel' }, NO_ALTERNATIVE],
  ['bob', 'POST channels.setDefault', { roomId: '$channel', default: false }, SAME_DEFAULT],
  ['bob', 'POST channels.setDefault', { roomId: '$channel', default: 'no' }, SAME_DEFAULT],
  ['bob', 'POST channels.setDefault', { roomId: '$channel', default: true }, NO_EDITOR],
  ['alice', 'POST channels.setDefault', { roomId: '$channel', default: true }, ADMINISTERING],
  ['alice', 'POST channels.setDefault', { roomId: '$channel', default: '1' }, ADMINISTERING],
  ['admin', 'POST channels.setDefault', { roomId: '$talk', default: true }, ADMINISTERING],
  ['admin', 'POST channels.setDefault', { roomId: '$cellar', default: 'TRUE' }, ADMINISTERING],
  ['nobody', 'POST groups.setEncrypted', {}, NOT_LOGGED_IN],
  ['alice', 'POST groups.setEncrypted', { roomId: '$group' }, NO_ALTERNATIVE],
  ['bob', 'POST groups.setEncrypted', { roomId: '$group', encrypted: true }, NO_EDITOR],
  ['alice', 'POST groups.setEncrypted', { roomId: '$group', encrypted: true }, ONLY_GROUPS],
  // Moderators edit rooms, but do not switch their encryption.
  ['mia', 'POST groups.setEncrypted', { roomId: '$group', encrypted: true }, ONLY_GROUPS],
  [
    'mia',
    'POST groups.setEncrypted',
    { roomId: '$group', encrypted: true },
    NO_TOGGLE,
    { settings: { E2E_Enable: true } },
  ],
];

const notOpen = (roomName: string) => plain(`The user/callee is not in the channel "${roomName}".`);
/** The closing quotation mark is missing in the contract. */
const notClosed = (roomName: string) => plain(`The user/callee is not in the channel "${roomName}.`);
const NOT_ARCHIVING = coded('error-not-authorized', 'Not authorized', { method: 'archiveRoom' });
const NOT_UNARCHIVING = coded('error-not-authorized', 'Not authorized', { method: 'unarchiveRoom' });

/** Spec 10 §9. */
export const LIFE: Row[] = [
  ...forEach(
    ['open', 'close', 'archive', 'unarchive', 'delete'],
    [
      ['nobody', 'POST channels.%', {}, NOT_LOGGED_IN],
      ['nobody', 'POST groups.%', {}, NOT_LOGGED_IN],
      ['alice', 'POST channels.%', { roomId: '$channel', x: 1 }, NO_ALTERNATIVE],
      ['alice', 'POST groups.%', { roomId: '$group', x: 1 }, NO_ALTERNATIVE],
    ],
  ),
  ['carol', 'POST channels.open', { roomId: '$channel' }, notOpen('channel')],
  ['carol', 'POST channels.close', { roomId: '$channel' }, notClosed('channel')],
  ['admin', 'POST channels.open', { roomName: 'old-channel' }, notOpen('old-channel')],
  ['admin', 'POST channels.close', { roomName: 'old-channel' }, notClosed('old-channel')],
  ['ben', 'POST channels.open', { roomId: '$channel' }, notOpen('channel')],
  ['ben', 'POST channels.close', { roomId: '$channel' }, notClosed('channel')],
  [
    'alice',
    'POST channels.open',
    { roomId: '$channel' },
    plain('The channel, channel, is already open to the sender'),
  ],
  [
    'alice',
    'POST channels.close',
    { roomId: '$oldChannel' },
    plain('The channel, old-channel, is already closed to the sender'),
  ],
  [
    'alice',
    'POST groups.open',
    { roomId: '$group' },
    plain('The private group, group, is already open for the sender'),
  ],
  [
    'alice',
    'POST groups.close',
    { roomId: '$oldGroup' },
    plain('The private group, old-group, is already closed to the sender'),
  ],
  // Also for who sees a discussion and is not in it.
  [
    'bob',
    'POST groups.close',
    { roomId: '$groupTalk' },
    plain('The private group, Group talk, is already closed to the sender'),
  ],
  ['bob', 'POST channels.archive', { roomId: '$oldChannel' }, archived('channel', 'old-channel')],
  ['bob', 'POST channels.archive', { roomId: '$channel' }, NOT_ARCHIVING],
  ['mia', 'POST channels.archive', { roomId: '$channel' }, NOT_ARCHIVING],
  ['bob', 'POST groups.archive', { roomId: '$group' }, NOT_ARCHIVING],
  ['mia', 'POST groups.archive', { roomId: '$group' }, NOT_ARCHIVING],
  ['bob', 'POST channels.unarchive', { roomId: '$channel' }, plain('The channel, channel, is not archived')],
  ['alice', 'POST channels.unarchive', { roomId: '$oldChannel' }, NOT_UNARCHIVING],
  ['alice', 'POST groups.unarchive', { roomId: '$oldGroup' }, NOT_UNARCHIVING],
  ['alice', 'POST groups.unarchive', { roomId: '$group' }, NOT_UNARCHIVING],
  ['bob', 'POST channels.delete', { roomId: '$channel' }, notAllowed('eraseRoom')],
  ['mia', 'POST channels.delete', { roomId: '$channel' }, notAllowed('eraseRoom')],
  ['bob', 'POST channels.delete', { roomId: '$oldChannel' }, notAllowed('eraseRoom')],
  ['bob', 'POST groups.delete', { roomId: '$group' }, notAllowed('eraseRoom')],
  ['mia', 'POST groups.delete', { roomId: '$group' }, notAllowed('eraseRoom')],
  // An owner of a room of a team who is nothing in the team.
  ['bob', 'POST channels.delete', { roomId: '$deck' }, notAllowed('eraseRoom')],
  ['bob', 'POST groups.delete', { roomId: '$hold' }, notAllowed('eraseRoom')],
  [
    'alice',
    'POST channels.delete',
    { roomId: '$crewMain' },
    coded('error-cannot-delete-team-channel', 'Cannot delete a team channel', { method: 'eraseRoom' }),
  ],
  [
    'alice',
    'POST groups.delete',
    { roomId: '$cabalMain' },
    coded('error-cannot-delete-team-channel', 'Cannot delete a team channel', { method: 'eraseRoom' }),
  ],
  ['alice', 'POST channels.delete', { roomId: '$group' }, NO_CHANNEL],
  ['admin', 'POST groups.delete', { roomId: '$group' }, NO_GROUP],
];
