// The Go SDK (`Rocket.Chat.Go.SDK`): a realtime client that logs in with `email` whatever it was given, and a REST client
// that sends forms and decodes every answer into the same few members (spec 41 §8). Go is not at hand in tests: its frames
// and requests are played as it makes them.
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DdpClient, type Frame } from '../support/ddp-client.ts';
import { type Person, startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let alice: Person;
let bob: Person;

beforeAll(async () => {
  server = await startServer();
  [alice, bob] = [await server.person('alice'), await server.person('bob')];
});
afterAll(() => server.close());

const date = { $date: expect.any(Number) };
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

describe('the realtime client', () => {
  let go: DdpClient;
  let rid: string;

  /** It connects with one version only, and asserts that the session is a text. */
  async function dial(): Promise<DdpClient> {
    const socket = await DdpClient.open(server.url);
    socket.send({ msg: 'connect', version: '1', support: ['1'] });
    const connected = await socket.first(({ msg }) => msg === 'connected');
    expect(connected.session).toEqual(expect.any(String));
    return socket;
  }
  const credentials = (user: string, password: string) => ({
    user: { email: user },
    password: { digest: sha256(password), algorithm: 'sha-256' },
  });

  beforeAll(async () => {
    go = await dial();
  });
  afterAll(() => go.close());

  test.each([
    ['an address', 'alice@example.com'],
    ['a username, which it sends as an address', 'alice'],
  ])('logs in with %s', async (_what, user) => {
    const socket = await dial();
    expect(await socket.call('login', credentials(user, alice.password))).toMatchObject({
      id: alice.uid,
      token: expect.any(String),
      tokenExpires: date,
    });
    socket.close();
  });

  test('subscribes in the same burst as it logs in', async () => {
    go.send({ msg: 'method', method: 'login', params: [credentials('alice', alice.password)], id: '1' });
    go.send({
      msg: 'sub',
      id: '2',
      name: 'stream-notify-user',
      params: [`${alice.uid}/rooms-changed`, true],
    });
    // It drops events of a document that it never saw added.
    const added = go.first(({ msg, collection }) => msg === 'added' && collection === 'stream-notify-user');
    await go.first(({ msg, subs }) => msg === 'ready' && subs[0] === '2');
    expect(await added).toMatchObject({ id: 'id', fields: { eventName: `${alice.uid}/rooms-changed` } });
  });

  test('creates rooms, and finds rooms and subscriptions in deltas since the beginning of time', async () => {
    const channel = await go.call('createChannel', 'gophers', ['bob']);
    expect(channel).toMatchObject({ rid: expect.any(String), name: 'gophers', t: 'c' });
    rid = channel.rid;
    expect(await go.call('createPrivateGroup', 'burrow', ['bob'])).toMatchObject({ t: 'p' });
    const rooms = await go.call('rooms/get', { $date: 0 });
    expect(rooms.update.map(({ name }: Frame) => name).sort()).toEqual(['burrow', 'gophers']);
    const { update } = await go.call('subscriptions/get', { $date: 0 });
    expect(update).toHaveLength(2);
    for (const { alert, open, unread, rid } of update) {
      expect([alert, open, unread, rid]).toEqual([
        expect.any(Boolean),
        expect.any(Boolean),
        expect.any(Number),
        expect.any(String),
      ]);
    }
  });

  test('reads permissions and settings as plain lists', async () => {
    const permissions = await go.call('permissions/get');
    expect(
      permissions.every(({ _id, roles }: Frame) => typeof _id === 'string' && Array.isArray(roles)),
    ).toBe(true);
    const settings = await go.call('public-settings/get');
    expect(settings.every((setting: Frame) => typeof setting._id === 'string' && !('type' in setting))).toBe(
      true,
    );
  });

  test('sends messages with members that are not for a client to say, and they are dropped', async () => {
    const id = await go.call('getRoomIdByNameOrId', 'gophers');
    expect(id).toBe(rid);
    await go.subscribe('stream-room-messages', rid, true);
    const sent = await go.call('sendMessage', {
      _id: 'go-message-1',
      rid,
      roomId: rid,
      msg: 'hello from Go',
      timestamp: '2001-01-01T00:00:00Z',
      u: { _id: bob.uid, username: 'bob' },
      _updatedAt: { $date: 0 },
      attachments: [{ text: 'smuggled' }],
      alias: 'somebody else',
    });
    expect(sent).toMatchObject({
      _id: 'go-message-1',
      rid,
      msg: 'hello from Go',
      u: { username: 'alice' },
      ts: date,
    });
    expect(sent).not.toHaveProperty('attachments');
    expect(sent).not.toHaveProperty('alias');
    const [heard] = await go.event('room-messages', rid, ([message]) => message?._id === 'go-message-1');
    expect(heard).toMatchObject({
      ts: { $date: expect.any(Number) },
      u: { _id: alice.uid, username: 'alice' },
    });
  });

  test('reads history, edits, reacts, stars, pins and deletes', async () => {
    const history = await go.call('loadHistory', rid);
    expect(history.messages[0]).toMatchObject({ _id: 'go-message-1', ts: date });
    const _id = 'go-message-1';
    await go.call('updateMessage', { _id, rid, msg: 'edited in Go' });
    await go.call('setReaction', ':tada:', _id);
    await go.call('starMessage', { _id, rid, starred: true });
    expect(await go.call('pinMessage', { _id, rid })).toMatchObject({ t: 'message_pinned' });
    expect(await go.call('unpinMessage', { _id, rid })).toBe(true);
    const message = await go.call('getSingleMessage', _id);
    expect(message).toMatchObject({ msg: 'edited in Go', reactions: { ':tada:': { usernames: ['alice'] } } });
    expect(message.starred).toEqual([{ _id: alice.uid }]);
    await go.call('deleteMessage', { _id });
    expect(await go.call('getSingleMessage', _id)).toBeNull();
  });

  test('changes rooms, asks for roles and emoji, and types in the old way', async () => {
    expect(await go.call('saveRoomSettings', rid, 'roomTopic', 'Go')).toEqual({ result: true, rid });
    expect(await go.call('getRoomRoles', rid)).toMatchObject([
      { u: { username: 'alice' }, roles: ['owner'] },
    ]);
    expect(await go.call('getUserRoles')).toContainEqual(
      expect.objectContaining({ username: 'root', roles: ['admin'] }),
    );
    expect(await go.call('listEmojiCustom')).toEqual([]);
    const bobs = await bob.ddp();
    await bobs.subscribe('stream-notify-room', `${rid}/user-activity`, false);
    await go.call('stream-notify-room', `${rid}/typing`, 'alice', true);
    expect(await bobs.event('notify-room', `${rid}/user-activity`)).toEqual(['alice', ['user-typing'], {}]);
    expect(await go.call('UserPresence:setDefaultStatus', 'away')).toEqual(expect.any(Boolean));
    await go.call('archiveRoom', rid);
    await expect(go.call('unarchiveRoom', rid)).rejects.toMatchObject({ error: 'error-not-authorized' });
    await go.call('eraseRoom', rid);
    await expect(go.call('getRoomIdByNameOrId', 'gophers')).rejects.toMatchObject({
      error: 'error-not-allowed',
    });
  });

  test('joins a channel and leaves it', async () => {
    const { body } = await bob.post('channels.create', { name: 'open-house' });
    expect(await go.call('joinRoom', body.channel._id)).toBe(true);
    expect(await go.call('leaveRoom', body.channel._id)).toBeUndefined();
  });

  test('registers a stranger, who then chooses a name', async () => {
    const stranger = await dial();
    const uid = await stranger.call('registerUser', {
      email: 'gina@example.com',
      pass: 'gina-password',
      name: 'Gina',
    });
    expect(uid).toEqual(expect.any(String));
    await stranger.call('login', credentials('gina@example.com', 'gina-password'));
    expect(await stranger.call('setUsername', 'gina')).toBe('gina');
    stranger.close();
  });
});

describe('the REST client', () => {
  let headers: Record<string, string>;

  /** Everything it reads of any answer: other types would not decode. */
  function decoded(body: Frame): Frame {
    for (const member of ['error', 'status', 'message']) {
      // `message` of a sent message is an object, which has a type of its own there.
      if (typeof body[member] === 'object') continue;
      expect(['string', 'undefined']).toContain(typeof body[member]);
    }
    if ('success' in body) expect(typeof body.success).toBe('boolean');
    return body;
  }

  async function form(path: string, fields: Record<string, string>): Promise<Frame> {
    const response = await fetch(`${server.url}/api/v1/${path}`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(fields).toString(),
    });
    return decoded((await response.json()) as Frame);
  }

  test('logs in with a form', async () => {
    headers = {};
    const body = await form('login', { user: 'alice', password: alice.password });
    expect(body).toMatchObject({
      status: 'success',
      data: { userId: alice.uid, authToken: expect.any(String) },
    });
    headers = { 'x-auth-token': body.data.authToken, 'x-user-id': body.data.userId };
  });

  test('works through rooms and messages', async () => {
    const { body: made } = await alice.post('channels.create', { name: 'rest-in-go', members: ['bob'] });
    const roomId = made.channel._id as string;
    const posted = await form('chat.postMessage', { channel: '#rest-in-go', text: 'as a form' });
    expect(posted).toMatchObject({ success: true, message: { rid: roomId, msg: 'as a form' } });
    const read = async (path: string) => {
      const response = await fetch(`${server.url}/api/v1/${path}`, { headers });
      const body = decoded((await response.json()) as Frame);
      expect([path, body.success]).toEqual([path, true]);
      return body;
    };
    expect((await read('channels.list')).channels).toContainEqual(
      expect.objectContaining({ name: 'rest-in-go' }),
    );
    expect((await read('channels.list.joined')).channels).toContainEqual(
      expect.objectContaining({ _id: roomId }),
    );
    expect((await read(`channels.info?roomId=${roomId}`)).channel).toMatchObject({
      _id: roomId,
      t: 'c',
      msgs: 1,
    });
    expect((await read(`channels.messages?roomId=${roomId}&count=10`)).messages[0]).toMatchObject({
      msg: 'as a form',
    });
    expect((await read(`channels.history?roomId=${roomId}`)).messages).toMatchObject([{ msg: 'as a form' }]);
    expect(await read('groups.list')).toMatchObject({ groups: expect.any(Array), total: expect.any(Number) });
    expect(await read('im.list')).toMatchObject({ ims: [] });
    expect(await read('dm.list')).toMatchObject({ ims: [] });
    expect((await read('permissions.listAll')).update.length).toBeGreaterThan(100);
    expect((await read('commands.list')).commands.length).toBeGreaterThan(10);
    expect(await read('info')).toMatchObject({ info: { version: expect.any(String) } });
    expect(
      (await read(`directory?query=${encodeURIComponent('{"text":"rest-in-go","type":"channels"}')}`)).result,
    ).toMatchObject([{ name: 'rest-in-go' }]);
    await server.admin.post('channels.create', { name: 'elsewhere' });
    expect((await read('spotlight?query=elsewhere')).rooms).toMatchObject([{ name: 'elsewhere', t: 'c' }]);
    const message = await form('chat.update', { roomId, msgId: posted.message._id, text: 'changed' });
    expect(message).toMatchObject({ success: true });
    expect(await form('chat.pinMessage', { messageId: posted.message._id })).toMatchObject({ success: true });
    expect(await form('chat.delete', { roomId, msgId: posted.message._id })).toMatchObject({ success: true });
    expect(await form('channels.leave', { roomId })).toMatchObject({
      success: false,
      error: expect.any(String),
    });
  });

  test('an administrator reads people and figures, and changes permissions', async () => {
    const own = headers;
    headers = { 'x-auth-token': server.admin.token, 'x-user-id': server.admin.uid };
    const ask = async (path: string, body?: object) => {
      const init = body && { method: 'POST', body: JSON.stringify(body) };
      const response = await fetch(`${server.url}/api/v1/${path}`, {
        headers: { ...headers, 'content-type': 'application/json' },
        ...init,
      });
      const answer = decoded((await response.json()) as Frame);
      expect([path, answer.success]).toEqual([path, true]);
      return answer;
    };
    const permissions = [{ _id: 'create-c', roles: ['admin', 'user'] }];
    const { permissions: all } = await ask('permissions.update', { permissions });
    expect(all).toContainEqual(expect.objectContaining(permissions[0]));
    const made = { email: 'go@example.com', name: 'Go', password: 'go-password', username: 'gopher' };
    const { user } = await ask('users.create', made);
    expect(user).toMatchObject({ _id: expect.any(String), username: 'gopher', active: true });
    expect((await ask(`users.info?username=gopher`)).user).toMatchObject({ _id: user._id });
    await ask('users.update', { userId: user._id, data: { name: 'Gopher' } });
    expect((await ask('users.list?count=100')).users.length).toBeGreaterThan(3);
    await ask('users.delete', { userId: user._id });
    expect(await ask('statistics')).toMatchObject({
      totalUsers: expect.any(Number),
      uniqueId: expect.any(String),
    });
    headers = own;
  });

  test('finds a text in `error`, whatever was refused', async () => {
    const answers = await Promise.all([
      form('channels.create', {}),
      form('chat.delete', { roomId: 'nowhere', msgId: 'nothing' }),
      form('login', { user: 'alice', password: 'wrong' }),
      form('no.such.endpoint', {}),
      form('permissions.update', { permissions: 'x' }),
    ]);
    for (const { error } of answers) expect(error).toEqual(expect.any(String));
  });

  test('logs out, and its token is nobody any more', async () => {
    expect(await form('logout', {})).toMatchObject({ status: 'success' });
    expect(await form('chat.postMessage', { channel: '#general', text: 'x' })).toMatchObject({
      status: 'error',
      message: 'You must be logged in to do this.',
    });
  });
});
