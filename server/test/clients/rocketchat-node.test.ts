// `rocketchat-node`: REST with a plain JSON client, realtime with plain passwords (spec 41 §10). It is not in the registry,
// so its requests and frames are played as it makes them.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DdpClient, type Frame } from '../support/ddp-client.ts';
import { type Person, startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let alice: Person;
let bob: Person;
/** Of the login that the client made itself. */
let headers: Record<string, string>;
let roomId: string;

beforeAll(async () => {
  server = await startServer();
  [alice, bob] = [await server.person('alice'), await server.person('bob')];
});
afterAll(() => server.close());

const get = (path: string, query?: Record<string, unknown>) => server.anonymous.get(path, query, headers);
const post = (path: string, body: object) => server.anonymous.post(path, body, headers);

test('asks for the version where it was before 4.0, and logs in', async () => {
  expect((await server.anonymous.get('info')).body).toMatchObject({
    success: true,
    info: { version: expect.stringMatching(/^\d+\.\d+/) },
  });
  const { body } = await server.anonymous.post('login', { user: 'alice', password: alice.password });
  expect(body).toMatchObject({
    status: 'success',
    data: { authToken: expect.any(String), userId: alice.uid },
  });
  headers = { 'x-auth-token': body.data.authToken, 'x-user-id': body.data.userId };
});

test('keeps house in channels, groups and direct rooms', async () => {
  const made = await post('channels.create', { name: 'workshop' });
  roomId = made.body.channel._id;
  for (const [path, body] of [
    ['channels.invite', { roomId, userId: bob.uid }],
    ['channels.addModerator', { roomId, userId: bob.uid }],
    ['channels.setTopic', { roomId, topic: 'tools' }],
    ['channels.setReadOnly', { roomId, readOnly: true }],
    ['channels.setReadOnly', { roomId, readOnly: false }],
    ['channels.rename', { roomId, name: 'workbench' }],
    ['channels.close', { roomId }],
    ['channels.open', { roomId }],
  ] as const)
    expect([path, (await post(path, body)).body]).toEqual([path, expect.objectContaining({ success: true })]);
  expect((await get('channels.info', { roomId })).body.channel).toMatchObject({
    name: 'workbench',
    topic: 'tools',
  });
  const group = (await post('groups.create', { name: 'back-room', members: ['bob'] })).body.group;
  expect((await get('groups.list')).body.groups).toMatchObject([{ _id: group._id }]);
  const direct = (await post('im.create', { username: 'bob' })).body.room;
  expect(direct).toMatchObject({
    t: 'd',
    rid: direct._id,
    usernames: expect.arrayContaining(['alice', 'bob']),
  });
  expect((await get('im.list')).body.ims).toMatchObject([{ _id: direct._id }]);
});

test('posts by id of the room, and finds people', async () => {
  const { body } = await post('chat.postMessage', { roomId, text: 'done' });
  expect(body).toMatchObject({
    success: true,
    channel: roomId,
    message: { msg: 'done', u: { username: 'alice' } },
  });
  expect((await get('users.info', { userId: bob.uid })).body.user).toMatchObject({
    _id: bob.uid,
    username: 'bob',
  });
  expect((await get('users.getPresence', { userId: bob.uid })).body).toMatchObject({ presence: 'offline' });
  expect((await get('users.list')).body.users.length).toBeGreaterThanOrEqual(3);
});

test('an administrator reads and writes settings', async () => {
  expect((await server.admin.get('settings/Site_Name')).body).toMatchObject({
    _id: 'Site_Name',
    success: true,
  });
  expect((await server.admin.post('settings/Site_Name', { value: 'Node' })).body).toEqual({ success: true });
  expect((await get('settings/Site_Name')).body).toMatchObject({ success: false, error: expect.any(String) });
});

test('over the socket it logs in with the plain password, joins, hears and leaves', async () => {
  const socket = await DdpClient.connect(server.url);
  const result = await socket.call('login', { user: { username: 'bob' }, password: bob.password });
  expect(result).toMatchObject({ id: bob.uid, token: expect.any(String) });
  expect(await socket.call('joinRoom', roomId)).toBe(true);
  await socket.subscribe('stream-room-messages', roomId, false);
  const events = 'message otr webrtc notification rooms-changed subscriptions-changed'.split(' ');
  for (const event of events) await socket.subscribe('stream-notify-user', `${bob.uid}/${event}`, false);
  await post('chat.postMessage', { roomId, text: 'anybody?' });
  const [heard] = await socket.event('room-messages', roomId, ([message]) => message?.msg === 'anybody?');
  expect(heard).toMatchObject({ rid: roomId, ts: { $date: expect.any(Number) }, u: { username: 'alice' } });
  // Without the second parameter `true` there is no document to begin with.
  expect(socket.frames.filter(({ msg, collection }) => msg === 'added' && collection !== 'users')).toEqual(
    [],
  );
  expect(await socket.call('leaveRoom', roomId)).toBeUndefined();
  const [, removed] = await socket.event(
    'notify-user',
    `${bob.uid}/subscriptions-changed`,
    ([action]) => String(action) === 'removed',
  );
  expect((removed as Frame).rid).toBe(roomId);
  socket.close();
});

test('logs out with GET', async () => {
  expect((await get('logout')).body).toMatchObject({
    status: 'success',
    data: { message: expect.any(String) },
  });
  expect((await get('me')).status).toBe(401);
});
