import {
  coded,
  FORBIDDEN,
  NO_PERMISSION,
  NOT_LOGGED_IN,
  plain,
  requires,
  UNKNOWN_MEMBER,
} from '../../accounts/refusals/refusal.ts';
import { forEach, NO_ALTERNATIVE, NOWHERE, notAllowed, type Row } from './row.ts';

const NO_TEAM = plain('team-does-not-exist');
const NOT_A_MEMBER = plain('member-does-not-exist');
const LAST_OWNER = plain('last-owner-can-not-be-removed');
const CREATION = plain('error-team-creation');
const NAME_TAKEN = plain('team-name-already-exists');
const ROOM_TAKEN = plain('room-name-already-exists');
const NO_MOVE = plain('error-no-permission-team-channel', 403);
const crew = { teamId: '$crew' };

/** Each that is about one team, with what it takes besides, and who may not use it though they are in the team. */
const OF_TEAM: readonly [call: string, more: object, refused?: typeof FORBIDDEN][] = [
  ['POST teams.update', { data: { name: 'gang' } }, FORBIDDEN],
  ['POST teams.delete', {}, FORBIDDEN],
  ['POST teams.convertToChannel', {}, FORBIDDEN],
  ['GET teams.members', {}],
  ['POST teams.addMembers', { members: [{ userId: '$carol' }] }, FORBIDDEN],
  ['POST teams.updateMember', { member: { userId: '$bob' } }, FORBIDDEN],
  ['POST teams.removeMember', { userId: '$bob' }, FORBIDDEN],
  ['POST teams.leave', {}],
  ['POST teams.addRooms', { rooms: ['$empty'] }, NO_MOVE],
  ['POST teams.removeRoom', { roomId: '$deck' }, FORBIDDEN],
  ['GET teams.listRooms', {}],
  ['GET teams.listRoomsOfUser', { userId: '$alice' }, FORBIDDEN],
];

/** Spec 11 §8: which team, then the permission, in its main room. */
export const TEAM_LOOKUPS: Row[] = OF_TEAM.flatMap(([call, more, refused]): Row[] => [
  ['nobody', call, { ...crew, ...more }, NOT_LOGGED_IN],
  ['alice', call, more, NO_ALTERNATIVE],
  ['alice', call, { ...crew, teamName: 'crew', ...more }, NO_ALTERNATIVE],
  ['alice', call, { ...crew, ...more, x: 1 }, NO_ALTERNATIVE],
  ...[{ teamId: 'x' }, { teamId: '' }, { teamName: 'x' }, { teamName: '' }, { teamName: 'Crew' }].map(
    (team): Row => ['carol', call, { ...team, ...more }, NO_TEAM],
  ),
  ...(refused
    ? ([
        ['bob', call, { ...crew, ...more }, refused],
        ['carol', call, { teamName: 'crew', ...more }, refused],
      ] satisfies Row[])
    : []),
]);

const UNFOUND = plain('Team not found');
const CREATE = 'POST teams.create';

export const TEAMS: Row[] = [
  ['nobody', CREATE, {}, NOT_LOGGED_IN],
  ['gus', CREATE, {}, NO_PERMISSION],
  ['alice', CREATE, {}, requires('name', 'type')],
  ['alice', CREATE, { name: 'new', type: 0, x: 1 }, UNKNOWN_MEMBER],
  ['bob', CREATE, { name: 'new', type: 0, room: { id: '$channel' } }, FORBIDDEN],
  ['bob', CREATE, { name: 'crew', type: 0, room: { id: '$channel' } }, FORBIDDEN],
  ['alice', CREATE, { name: 'crew', type: 0 }, NAME_TAKEN],
  ['alice', CREATE, { name: 'Crew', type: 1 }, NAME_TAKEN],
  ['alice', CREATE, { name: 'BOB', type: 0 }, NAME_TAKEN],
  ['alice', CREATE, { name: 'channel', type: 0 }, ROOM_TAKEN],
  ['alice', CREATE, { name: 'group', type: 0, room: { id: '$channel' } }, ROOM_TAKEN],
  ['alice', CREATE, { name: 'channel', type: 0, owner: 'x' }, ROOM_TAKEN],
  ['alice', CREATE, { name: 'new', type: 0, owner: 'x' }, plain('invalid-user')],
  ['alice', CREATE, { name: 'new', type: 0, owner: '$ida' }, plain('invalid-user')],
  ['alice', CREATE, { name: 'two words', type: 0 }, CREATION],
  ['alice', CREATE, { name: '', type: 0 }, CREATION],
  ['alice', CREATE, { name: 'new', type: 0, room: { id: '$deck' } }, CREATION],

  ['nobody', 'GET teams.list', {}, NOT_LOGGED_IN],
  ['alice', 'GET teams.list', { x: 1 }, UNKNOWN_MEMBER],
  ['nobody', 'GET teams.listAll', {}, NOT_LOGGED_IN],
  ['alice', 'GET teams.listAll', {}, NO_PERMISSION],
  ['alice', 'GET teams.listAll', { x: 1 }, NO_PERMISSION],
  ['admin', 'GET teams.listAll', { x: 1 }, UNKNOWN_MEMBER],
  ['nobody', 'GET teams.info', crew, NOT_LOGGED_IN],
  ['alice', 'GET teams.info', {}, NO_ALTERNATIVE],
  ['alice', 'GET teams.info', { ...crew, teamName: 'crew' }, NO_ALTERNATIVE],
  ...[{ teamId: 'x' }, { teamId: '' }, { teamName: 'x' }, { teamName: '' }].map(
    (team): Row => ['carol', 'GET teams.info', team, UNFOUND],
  ),
  ['carol', 'GET teams.info', { teamName: 'cabal' }, FORBIDDEN],
  ['gus', 'GET teams.info', crew, FORBIDDEN],
  ['nobody', 'GET teams.autocomplete', { name: 'c' }, NOT_LOGGED_IN],
  ['alice', 'GET teams.autocomplete', {}, requires('name')],

  ['alice', 'POST teams.update', { ...crew, data: {} }, NO_ALTERNATIVE],
  ['alice', 'POST teams.update', { ...crew, data: { type: 2 } }, NO_ALTERNATIVE],
  ['alice', 'POST teams.update', { ...crew, data: { name: ' ' } }, NO_ALTERNATIVE],
  [
    'alice',
    'POST teams.update',
    { ...crew, data: { name: 'channel' } },
    coded('error-duplicate-channel-name', "A channel with name 'channel' exists", {
      function: 'RocketChat.getValidRoomName',
      channel_name: 'channel',
    }),
  ],
  [
    'alice',
    'POST teams.update',
    { ...crew, data: { name: 'bob' } },
    coded('error-duplicate-handle', "A room, team or user with name 'bob' already exists"),
  ],
  // May delete the team and not its room.
  ...forEach(
    ['delete', 'convertToChannel'],
    [
      [
        'alice',
        'POST teams.%',
        { ...crew, roomsToRemove: ['$deck'] },
        notAllowed('eraseRoom'),
        { permissions: { 'delete-team-channel': [] } },
      ],
      [
        'alice',
        'POST teams.%',
        { ...crew, roomsToRemove: ['$deck', '$hold'] },
        notAllowed('eraseRoom'),
        { permissions: { 'delete-p': [] } },
      ],
    ],
  ),

  ['alice', 'POST teams.addMembers', { ...crew, members: [] }, NO_ALTERNATIVE],
  ['alice', 'POST teams.addMembers', { ...crew, members: [{}] }, NO_ALTERNATIVE],
  [
    'alice',
    'POST teams.addMembers',
    { ...crew, members: [{ userId: '$carol' }, { userId: '$carol' }] },
    NO_ALTERNATIVE,
  ],
  ['alice', 'POST teams.updateMember', { ...crew, member: {} }, NO_ALTERNATIVE],
  ['alice', 'POST teams.updateMember', { ...crew, member: { userId: 'x' } }, plain('invalid-user')],
  ['alice', 'POST teams.updateMember', { ...crew, member: { userId: '$carol' } }, NOT_A_MEMBER],
  ['alice', 'POST teams.updateMember', { ...crew, member: { userId: '$alice' } }, LAST_OWNER],
  ['alice', 'POST teams.removeMember', { ...crew, userId: '$bob', rooms: [] }, NO_ALTERNATIVE],
  ['alice', 'POST teams.removeMember', { ...crew, userId: 'x' }, plain('invalid-user')],
  ['alice', 'POST teams.removeMember', { ...crew, userId: '$ida' }, plain('invalid-user')],
  ['alice', 'POST teams.removeMember', { ...crew, userId: '$carol', rooms: ['$deck'] }, NOT_A_MEMBER],
  ['alice', 'POST teams.removeMember', { ...crew, userId: '$alice' }, LAST_OWNER],
  ['admin', 'POST teams.removeMember', { teamName: 'cabal', userId: '$alice' }, LAST_OWNER],
  ['alice', 'POST teams.leave', { ...crew, rooms: [] }, NO_ALTERNATIVE],
  ['carol', 'POST teams.leave', crew, NOT_A_MEMBER],
  ['alice', 'POST teams.leave', { ...crew, rooms: ['$deck'] }, LAST_OWNER],

  ['alice', 'POST teams.addRooms', { ...crew, rooms: [] }, NO_ALTERNATIVE],
  ['alice', 'POST teams.addRooms', { ...crew, rooms: ['nowhere'] }, plain('invalid-room')],
  ['alice', 'POST teams.addRooms', { ...crew, rooms: ['$empty', 'nowhere'] }, plain('invalid-room')],
  ['admin', 'POST teams.addRooms', { ...crew, rooms: ['$group'] }, plain('invalid-room')],
  ['alice', 'POST teams.addRooms', { ...crew, rooms: ['$empty', '$cellar'] }, plain('room-already-on-team')],
  ['alice', 'POST teams.addRooms', { ...crew, rooms: ['$empty', '$bobs'] }, plain('error-no-owner-channel')],
  ['alice', 'POST teams.removeRoom', { ...crew, roomId: 'nowhere' }, plain('invalid-room')],
  ['alice', 'POST teams.removeRoom', { ...crew, roomId: '$empty' }, plain('room-not-on-that-team')],
  ['alice', 'POST teams.removeRoom', { ...crew, roomId: '$cellar' }, plain('room-not-on-that-team')],
  ['nobody', 'POST teams.updateRoom', {}, NOT_LOGGED_IN],
  ['alice', 'POST teams.updateRoom', {}, requires('roomId', 'isDefault')],
  ['alice', 'POST teams.updateRoom', { roomId: '$deck' }, requires('isDefault')],
  ['carol', 'POST teams.updateRoom', { roomId: 'nowhere', isDefault: true }, plain('invalid-room')],
  ['carol', 'POST teams.updateRoom', { roomId: '$empty', isDefault: true }, plain('room-not-on-team')],
  ['bob', 'POST teams.updateRoom', { roomId: '$deck', isDefault: true }, FORBIDDEN],

  ['carol', 'GET teams.listRooms', { teamName: 'cabal' }, plain('user-not-on-private-team')],
  ['alice', 'GET teams.listRoomsOfUser', crew, NO_ALTERNATIVE],
  ['nobody', 'GET teams.listChildren', crew, NOT_LOGGED_IN],
  ['alice', 'GET teams.listChildren', {}, NO_ALTERNATIVE],
  ['alice', 'GET teams.listChildren', { ...crew, roomId: '$deck' }, NO_ALTERNATIVE],
  ['alice', 'GET teams.listChildren', { ...crew, type: 'x' }, NO_ALTERNATIVE],
  ['carol', 'GET teams.listChildren', { teamId: 'x' }, NOWHERE],
  ['carol', 'GET teams.listChildren', { teamName: 'x' }, NOWHERE],
  ['carol', 'GET teams.listChildren', { roomId: 'nowhere' }, plain('invalid-room')],
  ['carol', 'GET teams.listChildren', { roomId: '$channel' }, plain('room-not-on-team')],
  ['carol', 'GET teams.listChildren', crew, plain('error-invalid-team-not-a-member')],
  ['carol', 'GET teams.listChildren', { roomId: '$deck' }, plain('error-invalid-team-not-a-member')],
];
