import {
  coded,
  FORBIDDEN,
  NO_PERMISSION,
  NOT_LOGGED_IN,
  plain,
  type Refused,
  requires,
  UNKNOWN_MEMBER,
} from '../../accounts/refusals/refusal.ts';
import { bare, forEach, NO_ALTERNATIVE, NO_CHANNEL, NO_EDITOR, notAllowed, type Row } from './row.ts';

const create = (code: string, reason: string): Refused =>
  coded(code, reason, { method: 'createDirectMessage' });
const INVALID_USER = create('error-invalid-user', 'Invalid user');
const TOO_MANY = (limit: number): Refused =>
  create(
    'error-direct-message-max-user-exceeded',
    `You cannot add more than ${limit} users, including yourself to a direct message`,
  );
const NO_DIRECT_ROOM = bare('invalid-channel');
const NOT_SUBSCRIBED = plain('The user is not subscribed to the room');
const CLOSED = plain('The direct message room, is already closed to the sender');
const block = (method: string): Refused => coded('error-invalid-room', 'Invalid room', { method });
const OTHERS = coded('error-endpoint-disabled', 'This endpoint is disabled', {
  route: '/api/v1/im.messages.others',
});
const OTHERS_ON = { settings: { API_Enable_Direct_Message_History_EndPoint: true } };
const notDirect = (rid: string): Refused =>
  coded('error-room-not-found', `No direct message room found by the id of: ${rid}`);
const NO_ROOM_ID = coded('error-roomid-param-not-provided', 'The parameter "roomId" is required');

/** Spec 11 §3; both names of each endpoint. */
export const DIRECT_ROOMS: Row[] = [
  ...forEach(
    ['im', 'dm'],
    [
      ['nobody', 'POST %.create', {}, NOT_LOGGED_IN],
      ['alice', 'POST %.create', {}, NO_ALTERNATIVE],
      ['alice', 'POST %.create', { username: 'bob', usernames: 'bob' }, NO_ALTERNATIVE],
      ['alice', 'POST %.create', { username: 'bob', x: 1 }, NO_ALTERNATIVE],
      ['alice', 'POST %.create', { username: 'alice', excludeSelf: true }, INVALID_USER],
      ['alice', 'POST %.create', { usernames: 'ALICE, alice', excludeSelf: true }, INVALID_USER],
      [
        'alice',
        'POST %.create',
        { username: 'alice' },
        INVALID_USER,
        { settings: { Message_AllowDirectMessagesToYourself: false } },
      ],
      // The number comes before whether they exist.
      ['alice', 'POST %.create', { usernames: 'a,b,c,d,e,f,g,h' }, TOO_MANY(8)],
      [
        'alice',
        'POST %.create',
        { usernames: 'bob,carol' },
        TOO_MANY(2),
        { settings: { DirectMesssage_maxUsers: 2 } },
      ],
      ['alice', 'POST %.create', { username: 'x' }, INVALID_USER],
      ['alice', 'POST %.create', { usernames: 'bob, x' }, INVALID_USER],
      ['alice', 'POST %.create', { username: 'bob', excludeSelf: true }, INVALID_USER],
      ['gus', 'POST %.create', { username: 'x' }, INVALID_USER],
      ['gus', 'POST %.create', { username: 'alice' }, notAllowed('createDirectMessage')],
      [
        'alice',
        'POST %.create',
        { username: 'bob' },
        notAllowed('createDirectMessage'),
        { permissions: { 'create-d': [], 'view-d-room': [] } },
      ],

      ['nobody', 'GET %.list', {}, NOT_LOGGED_IN],
      ['alice', 'GET %.list', { x: 1 }, UNKNOWN_MEMBER],
      ['nobody', 'GET %.list.everyone', {}, NOT_LOGGED_IN],
      ['alice', 'GET %.list.everyone', {}, NO_PERMISSION],
      ['alice', 'GET %.list.everyone', { x: 1 }, NO_PERMISSION],
      ['admin', 'GET %.list.everyone', { x: 1 }, UNKNOWN_MEMBER],

      ...['history', 'messages', 'members', 'files', 'counters'].flatMap((name): Row[] => [
        ['nobody', `GET %.${name}`, {}, NOT_LOGGED_IN],
        ['carol', `GET %.${name}`, { roomId: '$direct' }, FORBIDDEN],
        ['bob', `GET %.${name}`, { roomId: '$self' }, FORBIDDEN],
        ['mia', `GET %.${name}`, { roomId: '$trio' }, FORBIDDEN],
        ['admin', `GET %.${name}`, { roomId: '$direct' }, FORBIDDEN],
        ['alice', `GET %.${name}`, { roomId: 'nowhere' }, NO_DIRECT_ROOM],
        ['alice', `GET %.${name}`, { roomId: '@nobody' }, NO_DIRECT_ROOM],
        ['alice', `GET %.${name}`, { roomId: '' }, NO_DIRECT_ROOM],
        ['alice', `GET %.${name}`, { roomId: '$channel' }, NO_DIRECT_ROOM],
        ['carol', `GET %.${name}`, { roomId: '$group' }, NO_DIRECT_ROOM],
        // Without a room yet, one that may not be created.
        ['gus', `GET %.${name}`, { roomId: 'mia' }, notAllowed('createDirectMessage')],
      ]),
      ...['messages', 'members', 'files'].flatMap((name): Row[] => [
        ['alice', `GET %.${name}`, {}, NO_ALTERNATIVE],
        ['alice', `GET %.${name}`, { roomId: '$direct', username: 'bob' }, NO_ALTERNATIVE],
        ['alice', `GET %.${name}`, { roomId: '$direct', x: 1 }, NO_ALTERNATIVE],
        ['alice', `GET %.${name}`, { username: 'nobody' }, NO_DIRECT_ROOM],
        ['alice', `GET %.${name}`, { username: 'BOB' }, NO_DIRECT_ROOM],
        ['gus', `GET %.${name}`, { username: 'mia' }, notAllowed('createDirectMessage')],
      ]),
      ...['history', 'counters'].flatMap((name): Row[] => [
        ['alice', `GET %.${name}`, {}, requires('roomId')],
        ['alice', `GET %.${name}`, { roomId: '$direct', x: 1 }, UNKNOWN_MEMBER],
      ]),
      ['alice', 'GET %.counters', { roomId: '$direct', userId: '$bob' }, FORBIDDEN],
      ['alice', 'GET %.counters', { roomId: 'nowhere', userId: '$bob' }, FORBIDDEN],
      // No room begins for who may not ask.
      ['alice', 'GET %.counters', { roomId: 'mia', userId: '$bob' }, FORBIDDEN],
      ['admin', 'GET %.counters', { roomId: '$direct', userId: '$carol' }, FORBIDDEN],

      ['nobody', 'GET %.messages.others', { roomId: '$direct' }, NOT_LOGGED_IN],
      ['alice', 'GET %.messages.others', {}, NO_PERMISSION],
      ['alice', 'GET %.messages.others', { roomId: '$direct' }, NO_PERMISSION, OTHERS_ON],
      ['admin', 'GET %.messages.others', { x: 1 }, UNKNOWN_MEMBER],
      ['admin', 'GET %.messages.others', {}, NO_ROOM_ID, OTHERS_ON],
      ['admin', 'GET %.messages.others', { roomId: '' }, NO_ROOM_ID, OTHERS_ON],
      ['admin', 'GET %.messages.others', { roomId: 'nowhere' }, notDirect('nowhere'), OTHERS_ON],
      ['admin', 'GET %.messages.others', { roomId: '$channel' }, notDirect('$channel'), OTHERS_ON],

      ['nobody', 'POST %.open', {}, NOT_LOGGED_IN],
      ['alice', 'POST %.open', {}, requires('roomId')],
      ['alice', 'POST %.open', { roomId: '$direct', x: 1 }, UNKNOWN_MEMBER],
      ['alice', 'POST %.open', { roomId: 'nowhere' }, FORBIDDEN],
      ['carol', 'POST %.open', { roomId: '$direct' }, FORBIDDEN],
      ['carol', 'POST %.open', { roomId: '$group' }, FORBIDDEN],
      ['alice', 'POST %.open', { roomId: '$channel' }, NO_DIRECT_ROOM],

      ['nobody', 'POST %.close', {}, NOT_LOGGED_IN],
      ['alice', 'POST %.close', {}, requires('roomId')],
      ['alice', 'POST %.close', { roomId: '$direct', x: 1 }, UNKNOWN_MEMBER],
      ['alice', 'POST %.close', { roomId: 'nowhere' }, NOT_SUBSCRIBED],
      ['carol', 'POST %.close', { roomId: '$direct' }, FORBIDDEN],
      ['carol', 'POST %.close', { roomId: '$group' }, FORBIDDEN],
      ['alice', 'POST %.close', { roomId: '$channel' }, NO_DIRECT_ROOM],
      ['bob', 'POST %.close', { roomId: '$direct' }, CLOSED],

      ['nobody', 'POST %.setTopic', {}, NOT_LOGGED_IN],
      ['alice', 'POST %.setTopic', { topic: 'x' }, requires('roomId')],
      ['alice', 'POST %.setTopic', { roomId: '$direct', x: 1 }, UNKNOWN_MEMBER],
      ['alice', 'POST %.setTopic', { roomId: 'nowhere', topic: 'x' }, FORBIDDEN],
      ['carol', 'POST %.setTopic', { roomId: '$direct', topic: 'x' }, FORBIDDEN],
      ['admin', 'POST %.setTopic', { roomId: '$direct', topic: 'x' }, FORBIDDEN],
      ['alice', 'POST %.setTopic', { roomId: '$channel', topic: 'x' }, NO_DIRECT_ROOM],
      ['alice', 'POST %.setTopic', { roomId: '$direct', topic: 'x' }, NO_EDITOR],

      ['nobody', 'POST %.delete', {}, NOT_LOGGED_IN],
      ['alice', 'POST %.delete', {}, NO_ALTERNATIVE],
      ['alice', 'POST %.delete', { roomId: '$direct', username: 'bob' }, NO_ALTERNATIVE],
      ['alice', 'POST %.delete', { roomId: 'nowhere' }, NO_DIRECT_ROOM],
      ['alice', 'POST %.delete', { roomId: '$channel' }, NO_DIRECT_ROOM],
      ['alice', 'POST %.delete', { username: 'nobody' }, NO_DIRECT_ROOM],
      ['carol', 'POST %.delete', { roomId: '$direct' }, coded('error-not-allowed', 'Not allowed')],
      ['alice', 'POST %.delete', { roomId: '$direct' }, notAllowed('eraseRoom')],
      ['alice', 'POST %.delete', { username: 'bob' }, notAllowed('eraseRoom')],

      ['nobody', 'POST %.blockUser', {}, NOT_LOGGED_IN],
      ['alice', 'POST %.blockUser', {}, requires('roomId', 'block')],
      ['alice', 'POST %.blockUser', { roomId: '$direct' }, requires('block')],
      ['alice', 'POST %.blockUser', { roomId: 'nowhere', block: true }, NO_DIRECT_ROOM],
      ['alice', 'POST %.blockUser', { roomId: '$channel', block: true }, NO_DIRECT_ROOM],
      ['alice', 'POST %.blockUser', { roomId: '$self', block: true }, block('blockUser')],
      ['alice', 'POST %.blockUser', { roomId: '$trio', block: true }, block('blockUser')],
      ['alice', 'POST %.blockUser', { roomId: '$trio', block: false }, block('unblockUser')],
      ['carol', 'POST %.blockUser', { roomId: '$direct', block: true }, block('blockUser')],

      ['nobody', 'POST %.leave', {}, NOT_LOGGED_IN],
      ['alice', 'POST %.leave', {}, NO_ALTERNATIVE],
      ['alice', 'POST %.leave', { roomId: '$trio', roomName: 'x' }, NO_ALTERNATIVE],
      ['alice', 'POST %.leave', { roomId: 'nowhere' }, NO_CHANNEL],
      ['alice', 'POST %.leave', { roomId: '$channel' }, NO_DIRECT_ROOM],
      ['alice', 'POST %.leave', { roomId: '$direct' }, notAllowed('leaveRoom')],
      ['alice', 'POST %.leave', { roomId: '$trio' }, notAllowed('leaveRoom')],
      ['mia', 'POST %.leave', { roomId: '$trio' }, notAllowed('leaveRoom')],
    ],
  ),
  // The answer names the endpoint.
  ['admin', 'GET im.messages.others', { roomId: '$direct' }, OTHERS],
  [
    'admin',
    'GET dm.messages.others',
    { roomId: '$direct' },
    coded('error-endpoint-disabled', 'This endpoint is disabled', { route: '/api/v1/dm.messages.others' }),
  ],
];
