import {
  coded,
  FORBIDDEN,
  invalid,
  NO_PERMISSION,
  NOT_LOGGED_IN,
  plain,
  type Refused,
  requires,
  UNKNOWN_MEMBER,
} from '../../accounts/refusals/refusal.ts';
import { archived, forEach, NO_ALTERNATIVE, NO_CHANNEL, NO_GROUP, NOWHERE, type Row } from './row.ts';

const NO_ROLES = coded('error-invalid-user', 'Invalid user', { method: 'getRoomRoles' });
const INVALID_DATE = coded('error-invalid-date', 'Invalid date');
const invalidSort = (raw: string): Refused =>
  coded('error-invalid-sort', `Invalid sort parameter provided: "${raw}"`, {
    helperMethod: 'parseJsonQuery',
  });
const NO_MENTIONS = coded('error-invalid-room', 'Invalid room', { method: 'getUserMentionsByChannel' });
const ANONYMOUS = coded('error-not-allowed', 'Enable "Allow Anonymous Read"', {
  method: 'channels.anonymousread',
});
const anonymously = { settings: { Accounts_AllowAnonymousRead: true } };
const NO_INTEGRATIONS = {
  'manage-incoming-integrations': [],
  'manage-own-incoming-integrations': [],
  'manage-outgoing-integrations': [],
  'manage-own-outgoing-integrations': [],
};

/** Each that finds one room by id or name. */
const ONE_ROOM = 'info members files history counters roles moderators getIntegrations'.split(' ');
/** Each that sorts what it lists. */
const LISTS: readonly [call: string, params: object][] = [
  ['GET channels.list', {}],
  ['GET channels.list.joined', {}],
  ['GET groups.list', {}],
  ['GET channels.members', { roomId: '$channel' }],
  ['GET groups.members', { roomId: '$group' }],
  ['GET channels.files', { roomId: '$channel' }],
  ['GET groups.files', { roomId: '$group' }],
  ['GET channels.messages', { roomId: '$channel' }],
  ['GET groups.messages', { roomId: '$group' }],
  ['GET channels.getAllUserMentionsByChannel', { roomId: '$channel' }],
  ['GET im.list', {}],
  ['GET im.files', { roomId: '$direct' }],
  ['GET im.messages', { roomId: '$direct' }],
  ['GET im.members', { roomId: '$direct' }],
  ['GET dm.list', {}],
  ['GET dm.files', { roomId: '$direct' }],
  ['GET dm.messages', { roomId: '$direct' }],
  ['GET dm.members', { roomId: '$direct' }],
  ['GET rooms.getDiscussions', { roomId: '$channel' }],
  ['GET rooms.membersOrderedByRole', { roomId: '$channel' }],
  ['GET rooms.autocomplete.channelAndPrivate.withPagination', { selector: '{}' }],
  ['GET teams.list', {}],
  ['GET teams.listChildren', { teamId: '$crew' }],
  ['GET directory', {}],
];
const ADMINS_LISTS: readonly [call: string, params: object][] = [
  ['GET groups.listAll', {}],
  ['GET channels.getIntegrations', { roomId: '$channel' }],
  ['GET im.list.everyone', {}],
  ['GET dm.list.everyone', {}],
  ['GET rooms.adminRooms', {}],
  ['GET rooms.adminRooms.privateRooms', {}],
  ['GET teams.listAll', {}],
  ['GET moderation.reportsByUsers', {}],
  ['GET moderation.userReports', {}],
];

/** Spec 00 §11.2. */
export const SORTING: Row[] = [
  ...LISTS.flatMap(([call, params]): Row[] => [
    ['alice', call, { ...params, sort: 'name' }, invalidSort('name')],
    ['alice', call, { ...params, sort: '{"name":2}' }, invalidSort('{"name":2}')],
  ]),
  ...ADMINS_LISTS.map(([call, params]): Row => ['admin', call, { ...params, sort: '[1' }, invalidSort('[1')]),
];

/** Spec 10 §7 and §10. Who may not enter a group is told that there is none; see `room-lookup.ts` for finding rooms. */
export const READING: Row[] = [
  ...forEach(ONE_ROOM, [
    ['nobody', 'GET channels.%', { roomId: '$channel' }, NOT_LOGGED_IN],
    ['nobody', 'GET groups.%', { roomId: '$group' }, NOT_LOGGED_IN],
  ]),
  ...forEach('info files history counters roles moderators members'.split(' '), [
    ['alice', 'GET channels.%', { roomId: '$channel', x: 1 }, NO_ALTERNATIVE],
    ['alice', 'GET groups.%', { roomId: '$group', x: 1 }, NO_ALTERNATIVE],
    ['ben', 'GET groups.%', { roomId: '$group' }, NO_GROUP],
    ['carol', 'GET groups.%', { roomId: '$groupTalk' }, NO_GROUP],
  ]),
  ...forEach('info files history moderators members'.split(' '), [
    // A public channel of a private team is for its members.
    ['carol', 'GET channels.%', { roomId: '$cellar' }, FORBIDDEN],
    ['carol', 'GET channels.%', { roomName: 'cellar' }, FORBIDDEN],
  ]),
  ['gus', 'GET channels.roles', { roomId: '$channel' }, NO_ROLES],
  ['carol', 'GET channels.roles', { roomId: '$cellar' }, NO_ROLES],
  ['gus', 'GET channels.roles', { roomId: '$oldChannel' }, archived('channel', 'old-channel')],
  ['gus', 'GET channels.moderators', { roomId: '$oldChannel' }, archived('channel', 'old-channel')],

  ['nobody', 'GET channels.list', {}, NOT_LOGGED_IN],
  ['nobody', 'GET channels.list.joined', {}, NOT_LOGGED_IN],
  ['nobody', 'GET groups.list', {}, NOT_LOGGED_IN],
  ['nobody', 'GET groups.listAll', {}, NOT_LOGGED_IN],
  [
    'alice',
    'GET channels.list',
    {},
    NO_PERMISSION,
    { permissions: { 'view-c-room': [], 'view-joined-room': [] } },
  ],
  ['alice', 'GET groups.listAll', {}, NO_PERMISSION],
  ['alice', 'GET groups.listAll', { x: 1 }, NO_PERMISSION],
  ['alice', 'GET channels.list', { x: 1 }, UNKNOWN_MEMBER],
  ['alice', 'GET channels.list.joined', { x: 1 }, UNKNOWN_MEMBER],
  ['alice', 'GET groups.list', { x: 1 }, UNKNOWN_MEMBER],
  ['admin', 'GET groups.listAll', { x: 1 }, UNKNOWN_MEMBER],

  ['bob', 'GET channels.members', { roomId: '$shout' }, FORBIDDEN],
  ['bob', 'GET groups.members', { roomId: '$whisper' }, FORBIDDEN],
  ['alice', 'GET channels.members', { roomId: '$channel', status: ['gone'] }, NO_ALTERNATIVE],

  ['nobody', 'GET channels.online', {}, NOT_LOGGED_IN],
  ['nobody', 'GET groups.online', {}, NOT_LOGGED_IN],
  ['alice', 'GET channels.online', { x: 1 }, UNKNOWN_MEMBER],
  ['alice', 'GET groups.online', { x: 1 }, UNKNOWN_MEMBER],
  ['alice', 'GET channels.online', {}, plain('Invalid query')],
  ['alice', 'GET groups.online', {}, plain('Invalid query')],
  // Raw queries are off, and what is ignored names no room.
  ['alice', 'GET channels.online', { query: '{"_id":"$channel"}' }, plain('Invalid query')],
  ['alice', 'GET groups.online', { query: '{"_id":"$group"}' }, plain('Invalid query')],
  ['alice', 'GET channels.online', { _id: 'nowhere' }, plain('Channel does not exists')],
  ['alice', 'GET groups.online', { _id: 'nowhere' }, plain('Group does not exists')],
  ['alice', 'GET channels.online', { _id: '$group' }, plain('Channel does not exists')],
  ['alice', 'GET groups.online', { _id: '$channel' }, plain('Group does not exists')],
  ['carol', 'GET channels.online', { _id: '$cellar' }, coded('error-not-allowed', 'Not Allowed')],
  ['gus', 'GET channels.online', { _id: '$channel' }, coded('error-not-allowed', 'Not Allowed')],
  ['carol', 'GET groups.online', { _id: '$group' }, coded('error-not-allowed', 'Not Allowed')],
  ['admin', 'GET groups.online', { _id: '$group' }, coded('error-not-allowed', 'Not Allowed')],

  [
    'carol',
    'GET channels.history',
    { roomId: '$channel' },
    FORBIDDEN,
    { permissions: { 'preview-c-room': [] } },
  ],
  ['alice', 'GET channels.history', { roomId: '$channel', oldest: 'yesterday' }, INVALID_DATE],
  ['alice', 'GET groups.history', { roomId: '$group', oldest: 'yesterday' }, INVALID_DATE],
  ['carol', 'GET channels.history', { roomId: '$cellar', oldest: 'yesterday' }, FORBIDDEN],
  ['alice', 'GET channels.history', { roomId: '$channel', inclusive: 'abc' }, NO_ALTERNATIVE],
  ['alice', 'GET groups.history', { roomId: '$group', inclusive: 'abc' }, NO_ALTERNATIVE],

  ['nobody', 'GET channels.messages', { roomId: '$channel' }, NOT_LOGGED_IN],
  ['nobody', 'GET groups.messages', { roomId: '$group' }, NOT_LOGGED_IN],
  ['gus', 'GET channels.messages', { roomId: '$channel' }, NO_PERMISSION],
  ['gus', 'GET channels.messages', {}, NO_PERMISSION],
  ['alice', 'GET channels.messages', {}, requires('roomId')],
  [
    'alice',
    'GET channels.messages',
    { roomName: 'channel' },
    invalid("must have required property 'roomId'", 'must NOT have additional properties'),
  ],
  ['alice', 'GET channels.messages', { roomId: '' }, NO_CHANNEL],
  ['alice', 'GET channels.messages', { roomId: 'nowhere' }, NO_CHANNEL],
  ['alice', 'GET channels.messages', { roomId: '$group' }, NO_CHANNEL],
  ['carol', 'GET channels.messages', { roomId: '$cellar' }, FORBIDDEN],
  [
    'carol',
    'GET channels.messages',
    { roomId: '$channel' },
    FORBIDDEN,
    { permissions: { 'view-joined-room': ['user'] } },
  ],
  ['ben', 'GET groups.messages', { roomId: '$group' }, NO_GROUP],

  // Whoever is not logged in is told to log in; whoever is, what has to be switched on.
  ['nobody', 'GET channels.anonymousread', { roomId: '$channel' }, NOT_LOGGED_IN],
  ['nobody', 'GET channels.anonymousread', {}, NOT_LOGGED_IN],
  ['alice', 'GET channels.anonymousread', { roomId: '$channel' }, ANONYMOUS],
  ['nobody', 'GET channels.anonymousread', {}, NO_ALTERNATIVE, anonymously],
  ['nobody', 'GET channels.anonymousread', { roomId: 'nowhere' }, NO_CHANNEL, anonymously],
  ['nobody', 'GET channels.anonymousread', { roomId: '$group' }, NO_CHANNEL, anonymously],
  ['nobody', 'GET channels.anonymousread', { roomId: '$cellar' }, plain('Room not found', 404), anonymously],
  ['carol', 'GET channels.anonymousread', { roomName: 'cellar' }, plain('Room not found', 404), anonymously],

  ['alice', 'GET channels.counters', { roomId: '$channel', userId: '$bob' }, FORBIDDEN],
  ['alice', 'GET groups.counters', { roomId: '$group', userId: '$bob' }, FORBIDDEN],

  ['nobody', 'GET channels.images', { roomId: '$channel' }, NOT_LOGGED_IN],
  ['alice', 'GET channels.images', {}, requires('roomId')],
  ['alice', 'GET channels.images', { roomId: 'nowhere' }, FORBIDDEN],
  ['carol', 'GET channels.images', { roomId: '$cellar' }, FORBIDDEN],

  ['nobody', 'GET channels.getAllUserMentionsByChannel', { roomId: '$channel' }, NOT_LOGGED_IN],
  ['alice', 'GET channels.getAllUserMentionsByChannel', {}, requires('roomId')],
  ['alice', 'GET channels.getAllUserMentionsByChannel', { roomId: 'nowhere' }, NO_MENTIONS],
  ['carol', 'GET channels.getAllUserMentionsByChannel', { roomId: '$group' }, NO_MENTIONS],
  ['carol', 'GET channels.getAllUserMentionsByChannel', { roomId: '$cellar' }, NO_MENTIONS],

  ['alice', 'GET channels.getIntegrations', { roomId: '$channel' }, NO_PERMISSION],
  ['alice', 'GET channels.getIntegrations', {}, NO_PERMISSION],
  ['alice', 'GET groups.getIntegrations', { roomId: '$group' }, NO_PERMISSION],
  [
    'admin',
    'GET channels.getIntegrations',
    { roomId: '$channel' },
    NO_PERMISSION,
    { permissions: NO_INTEGRATIONS },
  ],
  [
    'admin',
    'GET groups.getIntegrations',
    { roomId: '$group' },
    NO_PERMISSION,
    { permissions: NO_INTEGRATIONS },
  ],
  [
    'carol',
    'GET channels.getIntegrations',
    { roomId: '$cellar' },
    FORBIDDEN,
    { permissions: { 'manage-own-incoming-integrations': ['user'] } },
  ],
];

/** What there is in one family only, or no more (spec 10 §1, spec 11 §0, §3 and §14). */
export const NOT_THERE: Row[] = [
  'POST groups.join',
  'POST groups.setDefault',
  'POST groups.setJoinCode',
  'GET groups.getAllUserMentionsByChannel',
  'POST channels.setEncrypted',
  'GET channels.listAll',
  'GET channels.unreads',
  'POST im.kick',
  'POST dm.kick',
  'POST rooms.mediaEdit',
  'GET subscriptions.exists',
  'GET banners.getNew',
].map((call): Row => ['alice', call, {}, NOWHERE]);
