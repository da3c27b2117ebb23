// What every client relies on, whichever it is (spec 41 §14).
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DdpClient, type Frame } from '../support/ddp-client.ts';
import { type Person, startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let alice: Person;
let bob: Person;
let rid: string;

beforeAll(async () => {
  server = await startServer();
  [alice, bob] = [await server.person('alice', { joinDefaultChannels: true }), await server.person('bob')];
  rid = (await alice.post('channels.create', { name: 'lobby', members: ['bob'] })).body.channel._id;
});
afterAll(() => server.close());

const ID = /^[23456789ABCDEFGHJKLMNPQRSTWXYZabcdefghijkmnopqrstuvwxyz]{17}$/;
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

const say = async (message: object) => (await alice.post('chat.sendMessage', { message })).body;

describe('1: ids', () => {
  test('are 17 characters that cannot be taken for each other', async () => {
    const { message } = await say({ rid, msg: 'made here' });
    const { body } = await alice.get('subscriptions.getOne', { roomId: rid });
    for (const id of [alice.uid, rid, message._id, body.subscription._id]) expect(id).toMatch(ID);
  });

  test.each(['x', 'chosen-by-the-client', '0'.repeat(64)])(
    'of messages are kept as a client chose them: %s',
    async (_id) => {
      expect(await say({ _id, rid, msg: 'kept' })).toMatchObject({ success: true, message: { _id } });
      expect((await bob.get('chat.getMessage', { msgId: _id })).body.message._id).toBe(_id);
    },
  );

  test('of the first channel and of the bot are known to all', async () => {
    expect((await alice.get('rooms.info', { roomId: 'GENERAL' })).body.room).toMatchObject({
      _id: 'GENERAL',
      name: 'general',
    });
    expect((await alice.get('users.info', { userId: 'rocket.cat' })).body.user).toMatchObject({
      username: 'rocket.cat',
    });
  });
});

test('2: the id of a direct room is made of those of its two people, in order', async () => {
  const direct = async (username: string) => (await alice.post('im.create', { username })).body.room._id;
  expect(await direct('bob')).toBe([alice.uid, bob.uid].sort().join(''));
  expect(await direct('alice')).toBe(alice.uid + alice.uid);
  const group = await alice.post('im.create', { usernames: 'bob,root' });
  expect(group.body.room._id).not.toContain(bob.uid);
});

test('3: dates are ISO texts in REST and $date on the socket', async () => {
  const { message } = await say({ rid, msg: 'when?' });
  expect([message.ts, message._updatedAt].every((text) => ISO.test(text))).toBe(true);
  const socket = await alice.ddp();
  const { messages } = await socket.call('loadHistory', rid, null, 1);
  expect(messages[0].ts).toEqual({ $date: Date.parse(message.ts) });
  const [subscription] = await socket.call('subscriptions/get');
  expect(subscription._updatedAt).toEqual({ $date: expect.any(Number) });
});

describe('4 and 7: answers', () => {
  const bodyOf = async (path: string, init: RequestInit = {}) => {
    const headers = { 'x-user-id': alice.uid, 'x-auth-token': alice.token, ...(init.headers as object) };
    const response = await fetch(`${server.url}/api/v1/${path}`, { ...init, headers });
    expect([path, response.headers.get('content-type')]).toEqual([path, 'application/json']);
    return { code: response.status, body: (await response.json()) as Frame };
  };

  test('of success say so', async () => {
    for (const path of ['me', 'rooms.get', 'channels.list', 'spotlight?query=x', 'settings.public'])
      expect(await bodyOf(path)).toMatchObject({ code: 200, body: { success: true } });
  });

  test.each([
    ['a missing parameter', 'channels.info', {}, 400],
    ['a missing permission', 'instances.get', {}, 403],
    ['an unknown endpoint', 'no.such.endpoint', {}, 404],
    ['an unknown path', 'no/such/path/at/all', {}, 404],
    ['a wrong method', 'me', { method: 'DELETE' }, 405],
    [
      'a body that is no JSON',
      'chat.postMessage',
      { method: 'POST', body: '{', headers: { 'content-type': 'application/json' } },
      400,
    ],
    ['no credentials', 'me', { headers: { 'x-auth-token': 'x' } }, 401],
  ] as const)('of %s have a text in `error`, in JSON', async (_what, path, init, expected) => {
    const { code, body } = await bodyOf(path, init as RequestInit);
    expect([code, body.success, typeof body.error]).toEqual([expected, false, 'string']);
  });
});

test('5: GET logs out as POST does', async () => {
  const { body } = await server.anonymous.post('login', { user: 'bob', password: bob.password });
  const headers = { 'x-user-id': bob.uid, 'x-auth-token': body.data.authToken };
  expect((await server.anonymous.get('logout', undefined, headers)).body).toMatchObject({
    status: 'success',
  });
  expect((await server.anonymous.get('me', undefined, headers)).status).toBe(401);
});

describe('6: what is sent', () => {
  const headers = () => ({ 'x-user-id': alice.uid, 'x-auth-token': alice.token });

  test('may be a form', async () => {
    const response = await fetch(`${server.url}/api/v1/chat.postMessage`, {
      method: 'POST',
      headers: headers(),
      body: new URLSearchParams({ roomId: rid, text: 'as a form' }),
    });
    expect(await response.json()).toMatchObject({ success: true, message: { msg: 'as a form' } });
  });

  test('may be a form with a file', async () => {
    const form = new FormData();
    form.append('file', new Blob(['text'], { type: 'text/plain' }), 'a.txt');
    const response = await fetch(`${server.url}/api/v1/rooms.media/${rid}`, {
      method: 'POST',
      headers: headers(),
      body: form,
    });
    expect(await response.json()).toMatchObject({ success: true, file: { _id: expect.stringMatching(ID) } });
  });

  test('has lists with brackets, repeated, or with commas', async () => {
    for (const person of [alice, bob]) await person.post('users.setStatus', { status: 'busy' });
    const sockets = await Promise.all([alice.ddp(), bob.ddp()]);
    const [a, b] = [alice.uid, bob.uid];
    for (const query of [`ids[]=${a}&ids[]=${b}`, `ids=${a}&ids=${b}`, `ids=${a},${b}`]) {
      const { body } = await alice.get(`users.presence?${query}`);
      expect(body.users.map(({ _id }: Frame) => _id).sort()).toEqual([a, b].sort());
    }
    for (const socket of sockets) socket.close();
  });
});

test('8: pages of other origins may read what they need', async () => {
  const origin = { origin: 'https://embedder.example' };
  const allowed = async (path: string, init: RequestInit = {}) =>
    (await fetch(`${server.url}${path}`, { ...init, headers: origin })).headers.get(
      'access-control-allow-origin',
    );
  expect(await allowed('/api/info')).toBe('*');
  expect(await allowed('/sockjs/info')).toBe('https://embedder.example');
  expect(await allowed('/api/v1/settings.public')).toBeNull();
  await server.admin.post('settings/API_Enable_CORS', { value: true });
  for (const path of [
    '/api/v1/settings.public',
    '/avatar/alice',
    '/file-upload/none/none.png',
    '/api/v1/none',
  ])
    expect([path, await allowed(path)]).toEqual([path, '*']);
  const preflight = await fetch(`${server.url}/api/v1/login`, {
    method: 'OPTIONS',
    headers: { ...origin, 'access-control-request-method': 'POST' },
  });
  const headers = preflight.headers.get('access-control-allow-headers')?.toLowerCase() ?? '';
  for (const name of ['x-auth-token', 'x-user-id', 'content-type', 'x-2fa-code', 'x-2fa-method'])
    expect(headers).toContain(name);
  // With credentials in headers, a page asks before it fetches files and pictures, too.
  const asks = { ...origin, 'access-control-request-method': 'GET' };
  for (const path of [
    '/avatar/alice',
    '/avatar/room/GENERAL',
    '/file-upload/a/b.png',
    '/emoji-custom/a.png',
  ]) {
    const { status, headers: answer } = await fetch(`${server.url}${path}`, {
      method: 'OPTIONS',
      headers: asks,
    });
    expect([path, status, answer.get('access-control-allow-origin')]).toEqual([path, 200, '*']);
    expect(answer.get('access-control-allow-headers')?.toLowerCase()).toContain('x-auth-token');
  }
  await server.admin.post('settings/API_CORS_Origin', { value: 'https://else.example' });
  const refused = await fetch(`${server.url}/avatar/alice`, { method: 'OPTIONS', headers: asks });
  expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([403, null]);
});

test('9: what the server does not know is answered, and the socket stays', async () => {
  const socket = await alice.ddp();
  await expect(socket.subscribe('noSuchPublication', 1)).rejects.toMatchObject({ error: 404 });
  await expect(socket.subscribe('stream-no-such-stream', 'x')).rejects.toMatchObject({ error: 404 });
  await expect(socket.call('noSuchMethod')).rejects.toMatchObject({ error: 404 });
  socket.send({ msg: 'noSuchMessage' });
  socket.send({ msg: 'unsub', id: 'never-was' });
  await socket.first(({ msg, id }) => msg === 'nosub' && id === 'never-was');
  await socket.barrier();
});

test('the widget of a live chat is told that there is none, and stays quiet (spec 41 §12)', async () => {
  const { body } = await server.anonymous.get('livechat/config', { token: 'visitor', department: 'x' });
  expect(body).toEqual({ config: { enabled: false }, success: true });
  const socket = await DdpClient.connect(server.url);
  await expect(socket.call('livechat:setUpConnection', { token: 'visitor' })).rejects.toMatchObject({
    error: 404,
  });
  const visitor = { useCollection: false, args: [{ token: 'visitor', visitorToken: 'visitor' }] };
  for (const [name, event] of [
    ['stream-room-messages', rid],
    ['stream-notify-room', `${rid}/user-activity`],
    ['stream-livechat-room', rid],
  ])
    await expect(socket.subscribe(name ?? '', event, visitor)).rejects.toMatchObject({
      error: name === 'stream-livechat-room' ? expect.anything() : 'not-allowed',
    });
  await socket.barrier();
  socket.close();
});

describe('10: after a reconnect', () => {
  test('what was deleted is told with when, and what changed has a later stamp each time', async () => {
    const since = new Date(Date.now() - 1000).toISOString();
    const made = await alice.post('groups.create', { name: 'short-lived', members: ['bob'] });
    const stamps: string[] = [];
    for (const topic of ['one', 'two', 'three']) {
      await alice.post('rooms.saveRoomSettings', { rid: made.body.group._id, roomTopic: topic });
      stamps.push((await alice.get('rooms.info', { roomId: made.body.group._id })).body.room._updatedAt);
    }
    expect([...new Set(stamps)].sort()).toEqual(stamps);
    await alice.post('groups.delete', { roomId: made.body.group._id });
    const rooms = (await bob.get('rooms.get', { updatedSince: since })).body;
    expect(rooms.remove).toContainEqual({ _id: made.body.group._id, _deletedAt: expect.stringMatching(ISO) });
    const subscriptions = (await bob.get('subscriptions.get', { updatedSince: since })).body;
    expect(subscriptions.remove).toContainEqual(
      expect.objectContaining({ _id: expect.stringMatching(ID), _deletedAt: expect.stringMatching(ISO) }),
    );
  });

  test('a new connection with the old session has to log in again', async () => {
    const socket = await DdpClient.open(server.url);
    socket.send({ msg: 'connect', version: '1', support: ['1'], session: 'of-before' });
    const { session } = await socket.first(({ msg }) => msg === 'connected');
    expect(session).not.toBe('of-before');
    await expect(socket.call('getRoomIdByNameOrId', 'lobby')).rejects.toMatchObject({
      error: 'error-invalid-user',
    });
    socket.close();
  });
});
