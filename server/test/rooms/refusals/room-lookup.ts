import { FORBIDDEN, type Refused } from '../../accounts/refusals/refusal.ts';
import { archived, NO_ALTERNATIVE, NO_CHANNEL, NO_GROUP, type Row, type Who } from './row.ts';

/** Spec 00 §12.1 for each endpoint of `channels.*` and `groups.*` that finds its room by `roomId` or `roomName`. */

interface Lookup {
  call: string;
  /** What it takes besides the room. */
  more?: object;
  /** Who comes as far as to the room; default alice. */
  who?: Who;
  /** Also finds archived rooms. */
  archived?: true;
}

/** Each of both families has them; `%` is the family. */
const BOTH: readonly Lookup[] = [
  { call: 'POST %.leave' },
  { call: 'POST %.open', archived: true },
  { call: 'POST %.close', archived: true },
  { call: 'POST %.archive' },
  { call: 'POST %.unarchive', archived: true },
  { call: 'POST %.delete', archived: true },
  { call: 'POST %.addAll' },
  ...['Owner', 'Moderator', 'Leader'].flatMap((role): Lookup[] => [
    { call: `POST %.add${role}`, more: { userId: '$bob' } },
    { call: `POST %.remove${role}`, more: { userId: '$mia' } },
  ]),
  { call: 'POST %.rename', more: { name: 'renamed' } },
  { call: 'POST %.setTopic', more: { topic: 'x' } },
  { call: 'POST %.setDescription', more: { description: 'x' } },
  { call: 'POST %.setPurpose', more: { purpose: 'x' } },
  { call: 'POST %.setAnnouncement', more: { announcement: 'x' } },
  { call: 'POST %.setReadOnly', more: { readOnly: true } },
  { call: 'POST %.setCustomFields', more: { customFields: {} } },
  { call: 'GET %.info', archived: true },
  { call: 'GET %.files', archived: true },
  { call: 'GET %.history', archived: true },
  { call: 'GET %.counters' },
  { call: 'GET %.roles' },
  { call: 'GET %.moderators' },
  { call: 'GET %.getIntegrations', who: 'admin', archived: true },
];

const CHANNELS: readonly Lookup[] = [
  ...BOTH.map((lookup) => ({ ...lookup, call: lookup.call.replace('%', 'channels') })),
  { call: 'POST channels.join' },
  { call: 'POST channels.invite', more: { userId: '$carol' } },
  { call: 'POST channels.kick', more: { userId: '$bob' } },
  { call: 'POST channels.setType', more: { type: 'p' } },
  { call: 'POST channels.setJoinCode', more: { joinCode: 'x' } },
  { call: 'POST channels.setDefault', more: { default: true }, who: 'admin' },
  { call: 'GET channels.members', archived: true },
  { call: 'GET channels.anonymousread', archived: true },
];

const GROUPS: readonly Lookup[] = [
  ...BOTH.map((lookup) => ({ ...lookup, call: lookup.call.replace('%', 'groups') })),
  { call: 'POST groups.setType', more: { type: 'c' } },
  { call: 'POST groups.setEncrypted', more: { encrypted: true } },
  { call: 'POST groups.convertToTeam' },
  { call: 'GET groups.members' },
  { call: 'GET groups.messages' },
];

interface Side {
  own: 'channel' | 'group';
  other: 'channel' | 'group';
  none: Refused;
  archivedName: string;
  archivedRoom: Refused;
}

const CHANNEL: Side = {
  own: 'channel',
  other: 'group',
  none: NO_CHANNEL,
  archivedName: 'oldChannel',
  archivedRoom: archived('channel', 'old-channel'),
};
const GROUP: Side = {
  own: 'group',
  other: 'channel',
  none: NO_GROUP,
  archivedName: 'oldGroup',
  archivedRoom: archived('private group', 'old-group'),
};

function rowsOf({ call, more = {}, who = 'alice', archived }: Lookup, side: Side): Row[] {
  const { own, other, none, archivedName, archivedRoom } = side;
  const row = (room: object, refused: Refused): Row => [who, call, { ...room, ...more }, refused];
  return [
    row({}, NO_ALTERNATIVE),
    row({ roomId: `$${own}`, roomName: own }, NO_ALTERNATIVE),
    row({ roomId: 'nowhere' }, none),
    row({ roomName: 'nowhere' }, none),
    row({ roomId: '' }, none),
    row({ roomId: `$${other}` }, none),
    ...(archived ? [] : [row({ roomId: `$${archivedName}` }, archivedRoom)]),
  ];
}

/** Names are meant exactly, and without a sign in front; an empty one is none that a room has. */
const inexact = (call: string, own: string, other: string, none: Refused): Row[] =>
  [own.toUpperCase(), `#${own}`, '', other].map((roomName): Row => ['alice', call, { roomName }, none]);

export const ROOM_LOOKUPS: Row[] = [
  ...inexact('GET channels.info', 'channel', 'group', NO_CHANNEL),
  ...inexact('POST channels.leave', 'channel', 'group', NO_CHANNEL),
  ...inexact('GET groups.info', 'group', 'channel', NO_GROUP),
  ...inexact('POST groups.leave', 'group', 'channel', NO_GROUP),
  ['alice', 'GET channels.info', { roomId: '$direct' }, NO_CHANNEL],
  ['alice', 'GET groups.info', { roomId: '$direct' }, NO_GROUP],
  ...CHANNELS.flatMap((lookup) => rowsOf(lookup, CHANNEL)),
  ...GROUPS.flatMap((lookup) => rowsOf(lookup, GROUP)),
];

/** A group is not there for who may not enter it, not even for an administrator (spec 00 §12.1). */
export const GROUPS_OF_OTHERS: Row[] = GROUPS.flatMap(({ call, more = {} }): Row[] =>
  (['roomId', 'roomName'] as const).map((by) => [
    'admin',
    call,
    { [by]: by === 'roomId' ? '$group' : 'group', ...more },
    NO_GROUP,
  ]),
);

/** Whoever has not the permission to see channels and is not in this one (spec 10 §10). */
export const CHANNELS_OF_OTHERS: Row[] = ['info', 'members', 'moderators', 'history', 'files'].map(
  (name): Row => ['gus', `GET channels.${name}`, { roomId: '$channel' }, FORBIDDEN],
);

/** What answers all the same: archived rooms where they are shown, and counters, which ask for no access. */
export const ANSWERED: readonly (readonly [who: Who, call: string, params: object])[] = [
  ...CHANNELS.filter(
    ({ call, archived }) => archived && call.startsWith('GET') && !call.endsWith('anonymousread'),
  ).map(({ call, who = 'alice' }) => [who, call, { roomId: '$oldChannel' }] as const),
  ...['info', 'files', 'history'].map(
    (name) => ['alice', `GET groups.${name}`, { roomId: '$oldGroup' }] as const,
  ),
  ['gus', 'GET channels.counters', { roomId: '$channel' }],
  ['admin', 'GET im.counters', { roomId: '$direct', userId: '$bob' }],
  ['bob', 'GET rooms.info', { roomId: '$oldChannel' }],
  ['bob', 'GET rooms.membersOrderedByRole', { roomId: '$oldChannel' }],
  ['bob', 'GET rooms.images', { roomId: '$oldChannel' }],
  // In no room that is there, and in none of one's own.
  ['alice', 'GET subscriptions.getOne', { roomId: 'nowhere' }],
  ['alice', 'POST rooms.open', { roomId: 'nowhere' }],
  ['carol', 'GET teams.members', { teamName: 'cabal' }],
  ['nobody', 'POST validateInviteToken', { token: 'x' }],
  ['nobody', 'GET spotlight', { query: 'x' }],
];
