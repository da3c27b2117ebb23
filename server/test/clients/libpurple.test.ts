// The libpurple plugin, with which Pidgin, bitlbee and Spectrum connect: SockJS over WebSocket, and a little REST without
// headers of its own (spec 41 §11). It is written in C; its frames are played as it makes them.
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DdpClient, type Frame } from '../support/ddp-client.ts';
import { type Person, startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let alice: Person;
let bob: Person;
let rid: string;
let purple: DdpClient;

beforeAll(async () => {
  server = await startServer();
  [alice, bob] = [await server.person('alice'), await server.person('bob')];
  rid = (await bob.post('channels.create', { name: 'lounge', members: ['alice'] })).body.channel._id;
});
afterAll(async () => {
  purple.close();
  await server.close();
});

const date = { $date: expect.any(Number) };
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** It offers the key of the RFC's example, always the same. */
const PATH = '/sockjs/417/pidgin42/websocket';
const CONNECT = { msg: 'connect', version: '1', support: ['1', 'pre2', 'pre1'] };

async function open(): Promise<DdpClient> {
  const socket = await DdpClient.open(server.url, {
    path: PATH,
    headers: { 'user-agent': 'purple-rocketchat', cookie: 'rc_token=x; rc_uid=y' },
  });
  // Once for the open frame and once more for the greeting.
  socket.send(CONNECT);
  await socket.first((frame) => 'server_id' in frame);
  socket.send(CONNECT);
  await socket.first(({ msg }) => msg === 'connected');
  return socket;
}

test('the address is taken for a server by an answer that has `success`, also when that is false', async () => {
  const { status, body } = await server.anonymous.get('me');
  expect([status, body.success]).toEqual([401, false]);
});

describe('coming online', () => {
  test('by the digest of the password; the own user document says that it has worked', async () => {
    purple = await open();
    const password = { digest: sha256(alice.password), algorithm: 'sha-256' };
    purple.send({
      msg: 'method',
      method: 'login',
      params: [{ user: { username: 'alice' }, password }],
      id: '1',
    });
    const online = await purple.first(({ msg, collection }) => msg === 'added' && collection === 'users');
    expect(online).toMatchObject({ id: alice.uid, fields: { username: 'alice' } });
    expect(await purple.first(({ msg, id }) => msg === 'result' && id === '1')).toMatchObject({
      result: { id: alice.uid, token: expect.any(String) },
    });
    expect(purple.frames.filter(({ msg }) => msg === 'connected')).toHaveLength(1);
  });

  test('or with a personal access token', async () => {
    const { body } = await bob.post('users.generatePersonalAccessToken', { tokenName: 'pidgin' });
    const socket = await open();
    const login = await socket.call('login', { resume: body.token });
    expect(login).toMatchObject({ id: bob.uid, token: body.token, tokenExpires: date });
    socket.close();
  });

  test('everything it then subscribes to is answered, the unknown with 404', async () => {
    await expect(purple.subscribe('activeUsers')).rejects.toMatchObject({ error: 404 });
    for (const event of ['notification', 'rooms-changed', 'subscriptions-changed', 'otr'])
      await purple.subscribe('stream-notify-user', `${alice.uid}/${event}`, false);
    for (const event of ['user-status', 'updateAvatar', 'roles-change'])
      await purple.subscribe('stream-notify-logged', event, false);
    await purple.subscribe('stream-room-messages', '__my_messages__', false);
  });

  test('rooms, the list of channels and who is online have the members that it looks for', async () => {
    const rooms = await purple.call('rooms/get', { $date: 0 });
    expect(rooms.update).toMatchObject([{ _id: rid, t: 'c', name: 'lounge' }]);
    const wanted = {
      text: '',
      type: 'channels',
      sortBy: 'usersCount',
      sortDirection: 'desc',
      limit: 500,
      page: 0,
    };
    const { results } = await purple.call('browseChannels', wanted);
    expect(results).toContainEqual(expect.objectContaining({ _id: rid, name: 'lounge', usersCount: 2 }));
    expect(await purple.call('channelsList', '', 'public')).toMatchObject({
      channels: expect.arrayContaining([{ _id: rid, name: 'lounge', t: 'c' }]),
    });
    const { body } = await alice.get('users.presence');
    expect(body).toMatchObject({ success: true, full: true });
    expect(body.users).toContainEqual(
      expect.objectContaining({ _id: alice.uid, username: 'alice', status: 'online' }),
    );
  });
});

describe('talking', () => {
  test('a channel is entered with its people and history', async () => {
    await bob.post('chat.sendMessage', { message: { rid, msg: 'before' } });
    await purple.subscribe('stream-notify-room', `${rid}/typing`, false);
    expect(await purple.call('joinRoom', rid)).toBe(true);
    expect(await purple.call('getRoomRoles', rid)).toMatchObject([
      { rid, u: { username: 'bob' }, roles: ['owner'] },
    ]);
    const { records } = await purple.call('getUsersOfRoom', rid, false);
    expect(records).toMatchObject([{ _id: alice.uid, username: 'alice', status: 'online' }]);
    const { messages } = await purple.call('loadHistory', rid, null, 50, { $date: Date.now() - 60_000 });
    expect(messages[0]).toMatchObject({
      _id: expect.any(String),
      rid,
      msg: 'before',
      ts: date,
      u: { _id: bob.uid, username: 'bob' },
    });
    expect(await purple.call('readMessages', rid)).toBeUndefined();
  });

  test('a direct room is told from a channel', async () => {
    const { rid: direct } = await purple.call('createDirectMessage', 'bob');
    await bob.post('chat.sendMessage', { message: { rid: direct, msg: 'psst' } });
    const [message, about] = await purple.event(
      'room-messages',
      '__my_messages__',
      ([first]) => first?.msg === 'psst',
    );
    expect(message).toMatchObject({ ts: date, u: { _id: bob.uid, username: 'bob' }, rid: direct });
    expect(about).toEqual({ roomParticipant: true, roomType: 'd' });
    expect(await purple.call('getRoomIdByNameOrId', direct)).toBe(direct);
  });

  test('what it says is stored, and the command of the topic works', async () => {
    const sent = await purple.call('sendMessage', { _id: 'purple-message-id', rid, msg: 'hi' });
    expect(sent).toMatchObject({ _id: 'purple-message-id', msg: 'hi' });
    const [, about] = await purple.event(
      'room-messages',
      '__my_messages__',
      ([first]) => first?.msg === 'hi',
    );
    expect(about).toEqual({ roomParticipant: true, roomType: 'c', roomName: 'lounge' });
    await expect(purple.call('saveRoomSettings', rid, 'roomTopic', 'mine')).rejects.toMatchObject({
      error: 'error-action-not-allowed',
    });
    await purple.call('slashCommand', { cmd: 'msg', params: '@bob hello', msg: { _id: 'x', rid, msg: '' } });
    await purple.event('room-messages', '__my_messages__', ([first]) => first?.msg === 'hello');
  });

  test('typing of current clients is heard as it was of old, and the other way round', async () => {
    const other = await bob.ddp();
    await other.subscribe('stream-notify-room', `${rid}/user-activity`, {
      useCollection: false,
      args: [rid],
    });
    await other.call('stream-notify-room', `${rid}/user-activity`, 'bob', ['user-typing'], {});
    expect(await purple.event('notify-room', `${rid}/typing`)).toEqual(['bob', true]);
    await purple.call('stream-notify-room', `${rid}/typing`, 'alice', true);
    expect(await other.event('notify-room', `${rid}/user-activity`)).toEqual(['alice', ['user-typing'], {}]);
  });

  test('the status of others is heard as a list within the list', async () => {
    expect(await purple.call('UserPresence:setDefaultStatus', 'busy')).toBe(true);
    const [tuple] = (await purple.event(
      'notify-logged',
      'user-status',
      ([first]) => first?.[0] === alice.uid,
    )) as unknown as [Frame[]];
    expect(tuple.slice(0, 3)).toEqual([alice.uid, 'alice', 3]);
  });

  test('leaving works, and nothing closes the socket', async () => {
    expect(await purple.call('leaveRoom', rid)).toBeUndefined();
    await purple.barrier();
  });
});
