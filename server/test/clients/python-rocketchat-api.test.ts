// `rocketchat_API`, the Python package: REST only, with `requests` (spec 41 §9). What is played is what its methods send, in
// the order of its own tests, which run against 8.x with a secret for `users.createToken` and no limits.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Frame } from '../support/ddp-client.ts';
import { sendForm } from '../support/files.ts';
import { type Person, startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let headers: Record<string, string> = {};
/** The account that the tests of the package make for themselves. */
let uid: string;

beforeAll(async () => {
  server = await startServer({ createTokensForUsers: true, createTokensSecret: 'secret' });
});
afterAll(() => server.close());

/** The package raises for `success: false`, carrying `error` and `errorType`; everything else is the decoded body. */
const raised = (body: Frame) => body.success === false || body.status === 'error';

async function get(path: string, params: Record<string, string | string[]> = {}): Promise<Frame> {
  // Lists are sent as `k[]=v`.
  const query = new URLSearchParams(
    Object.entries(params).flatMap(([key, value]): [string, string][] =>
      typeof value === 'string' ? [[key, value]] : value.map((item) => [`${key}[]`, item]),
    ),
  );
  const response = await fetch(`${server.url}/api/v1/${path}?${query}`, { headers });
  expect(response.headers.get('content-type')).toBe('application/json');
  return (await response.json()) as Frame;
}

async function post(path: string, body: object, as: Record<string, string> = headers): Promise<Frame> {
  const response = await fetch(`${server.url}/api/v1/${path}`, {
    method: 'POST',
    headers: { ...as, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return (await response.json()) as Frame;
}

const sent = async (path: string, body: object) => {
  const answer = await post(path, body);
  expect([path, raised(answer), answer.error]).toEqual([path, false, undefined]);
  return answer;
};
const read = async (path: string, params: Record<string, string | string[]> = {}) => {
  const answer = await get(path, params);
  expect([path, answer.success]).toEqual([path, true]);
  return answer;
};

test('registers with `pass`, logs in by name or address, and reads itself', async () => {
  const form = { email: 'user1@example.com', name: 'user1', pass: 'password1', username: 'user1' };
  const { user } = await sent('users.register', form);
  expect(user).toMatchObject({ _id: expect.any(String), username: 'user1', active: true });
  uid = user._id;
  for (const login of [{ username: 'user1' }, { user: 'user1@example.com' }]) {
    const body = await post('login', { ...login, password: 'password1' }, {});
    expect(body).toMatchObject({ status: 'success', data: { authToken: expect.any(String), userId: uid } });
    headers = { 'x-auth-token': body.data.authToken, 'x-user-id': body.data.userId };
  }
  expect(await read('me')).toMatchObject({ _id: uid, username: 'user1', name: 'user1' });
  const wrong = await post('login', { username: 'user1', password: 'wrong' }, {});
  expect(wrong).toMatchObject({ status: 'error', error: expect.any(String), message: expect.any(String) });
});

test('information without and with an account', async () => {
  expect(await read('info')).toMatchObject({ info: { version: expect.any(String) } });
  expect((await read('users.info', { username: 'user1' })).user).toMatchObject({ _id: uid });
  expect((await read('users.getPresence', { userId: uid })).presence).toBe('offline');
  expect((await read('users.getStatus', { username: 'user1' }))._id).toBe(uid);
  expect((await read('users.getPreferences')).preferences).toEqual(expect.any(Object));
  expect(await sent('users.setPreferences', { userId: uid, data: { useEmojis: false } })).toMatchObject({
    user: { _id: uid, settings: { preferences: { useEmojis: false } } },
  });
  const unknown = await get('users.info', { username: 'nobody-of-this-name' });
  expect(unknown).toMatchObject({
    success: false,
    error: 'User not found.',
  });
});

test('makes tokens for others with the secret, in the form of 8.x', async () => {
  const token = await sent('users.createToken', { userId: uid, secret: 'secret' });
  expect(token.data).toMatchObject({ userId: uid, authToken: expect.any(String) });
  expect(await post('users.createToken', { userId: uid, secret: 'guess' })).toMatchObject({ success: false });
});

test('rooms of every kind are made, listed, changed and left', async () => {
  const { channel } = await sent('channels.create', { name: 'python' });
  expect(channel).toMatchObject({ name: 'python', t: 'c', usersCount: 1 });
  const roomId = channel._id as string;
  await sent('channels.invite', { roomId, userId: server.admin.uid });
  await sent('channels.addOwner', { roomId, userId: server.admin.uid });
  await sent('channels.removeOwner', { roomId, userId: server.admin.uid });
  await sent('channels.setDescription', { roomId, description: 'snakes' });
  await sent('channels.setAnnouncement', { roomId, announcement: 'hiss' });
  await sent('channels.setCustomFields', { roomId, customFields: { key: 'value' } });
  expect((await read('channels.info', { roomName: 'python' })).channel).toMatchObject({
    description: 'snakes',
    announcement: 'hiss',
    customFields: { key: 'value' },
  });
  expect(await read('channels.counters', { roomId })).toMatchObject({ members: 2, joined: true });
  expect((await read('channels.members', { roomId })).members).toHaveLength(2);
  expect((await read('channels.roles', { roomId })).roles).toMatchObject([{ roles: ['owner'] }]);
  await sent('channels.kick', { roomId, userId: server.admin.uid });
  expect(await post('channels.leave', { roomId })).toMatchObject({
    success: false,
    errorType: 'error-you-are-last-owner',
  });
  const { group } = await sent('groups.create', { name: 'pit', members: ['root'] });
  // Only for administrators.
  expect(await get('groups.listAll')).toMatchObject({ success: false, error: expect.any(String) });
  expect((await read('groups.members', { roomId: group._id })).members).toHaveLength(2);
  const { room } = await sent('im.create', { username: 'root' });
  expect((await read('im.history', { roomId: room._id })).messages).toEqual([]);
  expect((await read('rooms.get')).update.length).toBeGreaterThan(2);
  expect((await read('subscriptions.get')).update.length).toBeGreaterThan(2);
  await sent('channels.delete', { roomId });
});

test('messages go out, are changed, marked and found again', async () => {
  const { channel, message } = await sent('chat.postMessage', {
    channel: 'GENERAL',
    text: 'hello from Python',
  });
  expect([channel, message.msg]).toEqual(['GENERAL', 'hello from Python']);
  const msgId = message._id as string;
  await sent('chat.update', { roomId: 'GENERAL', msgId, text: 'hello again' });
  await sent('chat.react', { messageId: msgId, emoji: ':snake:' });
  await sent('chat.starMessage', { messageId: msgId });
  await sent('chat.unStarMessage', { messageId: msgId });
  await sent('chat.followMessage', { mid: msgId });
  expect((await read('chat.getMessage', { msgId })).message).toMatchObject({
    msg: 'hello again',
    reactions: { ':snake:': { usernames: ['user1'] } },
  });
  expect((await read('chat.search', { roomId: 'GENERAL', searchText: 'again' })).messages).toMatchObject([
    { _id: msgId },
  ]);
  expect((await read('chat.getStarredMessages', { roomId: 'GENERAL' })).messages).toEqual([]);
  await sent('chat.sendMessage', { message: { rid: 'GENERAL', msg: 'reply', tmid: msgId } });
  expect((await read('chat.getThreadMessages', { tmid: msgId })).messages).toMatchObject([{ msg: 'reply' }]);
  await sent('chat.delete', { roomId: 'GENERAL', msgId });
});

test('a loop over `offset` and `count` sees everything once and ends', async () => {
  for (let n = 0; n < 7; n++) await sent('chat.postMessage', { channel: 'GENERAL', text: `page ${n}` });
  const seen: string[] = [];
  for (let offset = 0; ; offset += 3) {
    const page = await read('channels.messages', { roomId: 'GENERAL', offset: String(offset), count: '3' });
    seen.push(...page.messages.map(({ _id }: Frame) => _id));
    if (page.messages.length < 3) {
      expect(page.total).toBe(seen.length);
      break;
    }
  }
  expect(new Set(seen).size).toBe(seen.length);
  expect(seen.length).toBeGreaterThanOrEqual(7);
});

test('a file goes up in the two steps of 8.x', async () => {
  const caller = { uid: headers['x-user-id'], token: headers['x-auth-token'] } as Pick<
    Person,
    'uid' | 'token'
  >;
  const file = { name: 'notes.txt', type: 'text/plain', bytes: 'some notes' };
  const { body } = await sendForm(server, caller, 'rooms.media/GENERAL', { files: [file] });
  expect(body).toMatchObject({ success: true, file: { _id: expect.any(String) } });
  const { message } = await sent(`rooms.mediaConfirm/GENERAL/${body.file._id}`, {
    msg: 'my notes',
    description: 'of today',
  });
  expect(message).toMatchObject({ msg: 'my notes', files: [{ name: 'notes.txt', type: 'text/plain' }] });
});

test('an administrator gives roles by their ids, makes and removes accounts, and reads settings', async () => {
  const { uid: adminId, token } = server.admin;
  headers = { 'x-auth-token': token, 'x-user-id': adminId };
  const { role } = await sent('roles.create', { name: 'keeper', scope: 'Users', description: 'of snakes' });
  await sent('roles.addUserToRole', { roleId: role._id, username: 'user1' });
  expect((await read('roles.getUsersInRole', { role: role._id })).users).toMatchObject([{ _id: uid }]);
  await sent('roles.removeUserFromRole', { roleId: role._id, username: 'user1' });
  const made = { email: 'py@example.com', name: 'py', password: 'py-password', username: 'py' };
  const { user } = await sent('users.create', made);
  await sent('users.update', { userId: user._id, data: { name: 'Monty' } });
  await sent('users.setActiveStatus', { userId: user._id, activeStatus: false });
  await sent('users.delete', { userId: user._id });
  expect(await read('settings', { count: '2' })).toMatchObject({ count: 2, settings: [{}, {}] });
  expect((await read('statistics')).version).toEqual(expect.any(String));
  expect((await read('users.presence', { ids: [uid, adminId] })).users).toEqual([]);
});

test('logs out with POST, and the token is worth nothing', async () => {
  const login = await post('login', { username: 'user1', password: 'password1' }, {});
  headers = { 'x-auth-token': login.data.authToken, 'x-user-id': uid };
  expect(await post('logout', {})).toMatchObject({ status: 'success' });
  expect(await get('me')).toMatchObject({ success: false, status: 'error', error: expect.any(String) });
});
