import { afterAll, beforeAll, expect, test } from 'vitest';
import { sha256hex } from '../../src/kernel/ids.ts';
import { DdpClient, type Frame } from '../support/ddp-client.ts';
import { startServer, type TestServer } from '../support/server.ts';

/** Accounts through the real sockets. */

let server: TestServer;

beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

const isChanged = (collection: string) => (frame: Frame) =>
  frame.msg === 'changed' && frame.collection === collection;

test('the users document comes before the result of the login, and goes with the logout', async () => {
  const ann = await server.person('ann');
  const socket = await DdpClient.connect(server.url);
  const password = { digest: sha256hex('ann-password'), algorithm: 'sha-256' };
  const result = await socket.call('login', { user: { username: 'ann' }, password });
  expect(result).toEqual({
    id: ann.uid,
    token: expect.any(String),
    tokenExpires: { $date: expect.any(Number) },
    type: 'password',
  });
  const emails = [{ address: 'ann@example.com', verified: true }];
  const added = { msg: 'added', collection: 'users', id: ann.uid, fields: { username: 'ann', emails } };
  const order = socket.frames.filter((frame) => frame.msg === 'added' || frame.msg === 'result');
  expect(order).toEqual([added, expect.objectContaining({ msg: 'result' })]);
  await socket.subscribe('stream-notify-user', `${ann.uid}/userData`);
  expect(await socket.call('logout')).toBeUndefined();
  expect(
    socket.frames.filter((frame) => frame.msg === 'removed' || frame.msg === 'nosub').map(({ msg }) => msg),
  ).toEqual(['removed', 'nosub']);
  await expect(socket.call('login', { resume: result.token })).rejects.toMatchObject({
    error: 403,
    reason: "You've been logged out by the server. Please log in again.",
  });
  expect(await socket.call('login', { resume: ann.token })).toMatchObject({
    type: 'resume',
    token: ann.token,
  });
  socket.close();
});

test('a wrong password leaves the connection as it was', async () => {
  const ben = await server.person('ben');
  const socket = await ben.ddp();
  await expect(socket.call('login', { user: { username: 'ben' }, password: 'x' })).rejects.toMatchObject({
    error: 403,
    reason: 'User not found',
  });
  expect(await socket.call('getUserStatusText', ben.uid)).toBeUndefined();
});

test.each([
  ['cat', 'users.logout', {}],
  ['cam', 'users.update', { data: { password: 'of an administrator' } }],
  ['cid', 'users.setActiveStatus', { activeStatus: false }],
  ['cyd', 'users.delete', {}],
  ['cos', 'users.resetE2EKey', {}],
])(
  'sessions of %s that an administrator ends by %s close their sockets, after telling them',
  async (name, path, body) => {
    const cat = await server.person(name);
    const socket = await cat.ddp();
    await socket.subscribe('stream-notify-user', `${cat.uid}/force_logout`);
    const { status } = await server.admin.post(path, { userId: cat.uid, ...body });
    expect(status).toBe(200);
    expect(await socket.closed).toEqual({ code: 1000, reason: 'Logged out' });
    const last = socket.frames.slice(-2);
    expect(last[0]).toMatchObject({ fields: { eventName: `${cat.uid}/force_logout`, args: [] } });
    expect(last[1]).toEqual({ msg: 'removed', collection: 'users', id: cat.uid });
  },
);

test('a change of the own profile reaches the own client, a new name everybody', async () => {
  const dan = await server.person('dan');
  const [own, other] = [await dan.ddp(), await server.admin.ddp()];
  await own.subscribe('stream-notify-user', `${dan.uid}/userData`);
  await other.subscribe('stream-notify-logged', 'Users:NameChanged');
  await dan.post('users.updateOwnBasicInfo', { data: { name: 'Dan Brown', username: 'daniel' } });
  const isRename = ([change]: Frame[]) => change?.diff.name !== undefined;
  expect(await own.event('notify-user', `${dan.uid}/userData`, isRename)).toEqual([
    {
      type: 'updated',
      id: dan.uid,
      diff: { name: 'Dan Brown', username: 'daniel', _updatedAt: { $date: expect.any(Number) } },
      unset: {},
    },
  ]);
  expect(await other.event('notify-logged', 'Users:NameChanged')).toEqual([
    { _id: dan.uid, name: 'Dan Brown', username: 'daniel' },
  ]);
  expect(await own.first(isChanged('users'))).toMatchObject({ id: dan.uid, fields: { username: 'daniel' } });
});

test('connecting and closing shows to those who watch, in both forms', async () => {
  const eva = await server.person('eva');
  const watcher = await server.admin.ddp();
  watcher.send({ msg: 'sub', id: 'p', name: 'stream-user-presence', params: ['', { added: [eva.uid] }] });
  await watcher.next((frame) => frame.msg === 'ready' && frame.subs.includes('p'));
  await watcher.subscribe('stream-notify-logged', 'user-status');
  const seen = (code: number) =>
    watcher.next((frame) => isChanged('stream-user-presence')(frame) && frame.fields.args[0][1] === code);
  const online = seen(1);
  const socket = await eva.ddp();
  expect(await online).toEqual({
    msg: 'changed',
    collection: 'stream-user-presence',
    id: eva.uid,
    fields: { uid: eva.uid, eventName: eva.uid, args: [['eva', 1]] },
  });
  const away = seen(2);
  expect(await socket.call('UserPresence:away')).toBe(true);
  await away;
  const offline = seen(0);
  socket.close();
  await offline;
  const tuples = watcher.frames
    .filter((frame) => frame.fields?.eventName === 'user-status')
    .map((frame) => frame.fields.args[0])
    .filter(([uid]) => uid === eva.uid);
  expect(tuples).toEqual([
    [eva.uid, 'eva', 1, null, 'eva', ['user']],
    [eva.uid, 'eva', 2, null, 'eva', ['user']],
    [eva.uid, 'eva', 0, null, 'eva', ['user']],
  ]);
});

test('those who watch hear who set a status and until when, also when only that changes', async () => {
  const eli = await server.person('eli');
  const watcher = await server.admin.ddp();
  watcher.send({ msg: 'sub', id: 'p', name: 'stream-user-presence', params: ['', { added: [eli.uid] }] });
  await watcher.next((frame) => frame.msg === 'ready' && frame.subs.includes('p'));
  await watcher.subscribe('stream-notify-logged', 'user-status');
  const set = async (body: object) => {
    const seen = watcher.next(isChanged('stream-user-presence'));
    expect((await eli.post('users.setStatus', body)).status).toBe(200);
    return (await seen).fields.args[0];
  };
  const times = ['2100-01-01T10:00:00.000Z', '2100-01-01T11:00:00.000Z'];
  const [ten, eleven] = times.map((time) => ({ $date: Date.parse(time) }));
  const busy = { status: 'busy', message: 'away' };
  expect(await set(busy)).toEqual(['eli', 3, 'away', 'manual']);
  expect(await set({ ...busy, expiresAt: times[0] })).toEqual(['eli', 3, 'away', 'manual', ten]);
  expect(await set({ ...busy, expiresAt: times[1] })).toEqual(['eli', 3, 'away', 'manual', eleven]);
  const tuples = watcher.frames
    .filter((frame) => frame.fields?.eventName === 'user-status')
    .map((frame) => frame.fields.args[0])
    .filter(([uid]) => uid === eli.uid);
  expect(tuples.at(-1)).toEqual([eli.uid, 'eli', 3, 'away', 'eli', ['user'], 'manual', eleven]);
});

test('nobody hears the streams of somebody else, and only signalling is passed on', async () => {
  const [fay, gus] = [await server.person('fay'), await server.person('gus')];
  const [listener, sender] = [await fay.ddp(), await gus.ddp()];
  await expect(sender.subscribe('stream-notify-user', `${fay.uid}/userData`)).rejects.toMatchObject({
    error: 'not-allowed',
  });
  await listener.subscribe('stream-notify-user', `${fay.uid}/notification`);
  await listener.subscribe('stream-notify-user', `${fay.uid}/webrtc`);
  await sender.call('stream-notify-user', `${fay.uid}/notification`, { title: 'fake' });
  await sender.call('stream-notify-user', `${fay.uid}/webrtc`, 'candidate', {});
  expect(await listener.event('notify-user', `${fay.uid}/webrtc`)).toEqual(['candidate', {}]);
  expect(listener.frames.some((frame) => frame.fields?.eventName === `${fay.uid}/notification`)).toBe(false);
});

test('bots ask for the names of everybody and of those online; others may not', async () => {
  const [ivy, bot] = [await server.person('ivy'), await server.person('robo', { roles: ['bot'] })];
  const socket = await bot.ddp();
  const all = await socket.call('botRequest', 'allUsernames');
  expect(all).toEqual(expect.arrayContaining(['ivy', 'robo']));
  expect(await socket.call('botRequest', 'allIDs')).toHaveLength(all.length);
  expect(await socket.call('botRequest', 'onlineUsernames')).not.toContain('ivy');
  await expect(socket.call('botRequest', 'toString')).rejects.toMatchObject({
    error: 'error-invalid-params',
  });
  await expect((await ivy.ddp()).call('botRequest', 'allIDs')).rejects.toMatchObject({
    error: 'error-invalid-user',
    details: { method: 'botRequest' },
  });
});

test('deleting somebody tells everybody and closes the sockets', async () => {
  const hal = await server.person('hal');
  const [own, other] = [await hal.ddp(), await server.admin.ddp()];
  await other.subscribe('stream-notify-logged', 'Users:Deleted');
  expect((await server.admin.post('users.delete', { userId: hal.uid })).status).toBe(200);
  expect(await other.event('notify-logged', 'Users:Deleted')).toEqual([
    { userId: hal.uid, messageErasureType: 'Delete' },
  ]);
  await own.closed;
});
