// The published load tester, in step with 8.x: the profile of a web client and that of a mobile one (spec 41 §13, §3.3).
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DdpClient, type Frame } from '../support/ddp-client.ts';
import { type Person, startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let people: Person[];
let rid: string;

beforeAll(async () => {
  server = await startServer();
  people = await Promise.all(['load1', 'load2'].map((name) => server.person(name)));
  rid = (await people[0]?.post('channels.create', { name: 'load' }))?.body.channel._id;
});
afterAll(() => server.close());

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

async function bridged(person: Person | undefined, method: string, ...params: unknown[]) {
  const message = JSON.stringify({ msg: 'method', id: '1', method, params });
  const path = `${person ? 'method.call' : 'method.callAnon'}/${encodeURIComponent(method.replaceAll('/', ':'))}`;
  const { status, body } = await (person ?? server.anonymous).post(path, { message });
  expect([status, body.success]).toEqual([200, true]);
  const answer = JSON.parse(body.message) as Frame;
  expect(answer).not.toHaveProperty('error');
  return answer.result;
}

const read = async (person: Person, path: string) => {
  const { status, body } = await person.get(path);
  expect([path, status, body.success]).toEqual([path, 200, true]);
  return body;
};

/** The driver's login: the digest of the password, over the socket. */
async function open(person: Person): Promise<DdpClient> {
  const socket = await DdpClient.connect(server.url);
  const password = { digest: sha256(person.password), algorithm: 'sha-256' };
  await socket.call('login', { user: { username: person.username }, password });
  return socket;
}
const quiet = { useCollection: false, args: [] };

test('the web profile: everything at once, then a room, then messages that everybody hears', async () => {
  expect((await bridged(undefined, 'public-settings/get')).length).toBeGreaterThan(50);
  expect(await (await fetch(`${server.url}/api/apps/actionButtons`)).json()).toEqual([]);
  const sockets = await Promise.all(
    people.map(async (person) => {
      const socket = await open(person);
      const streams: [string, string][] = [
        ...'updateAvatar Users:NameChanged roles-change permissions-changed user-status'
          .split(' ')
          .map((event): [string, string] => ['notify-logged', event]),
        ...'message subscriptions-changed rooms-changed notification webrtc userData'
          .split(' ')
          .map((event): [string, string] => ['notify-user', `${person.uid}/${event}`]),
        ['roles', 'roles'],
        ['notify-all', 'public-settings-changed'],
      ];
      await Promise.all(streams.map(([name, event]) => socket.subscribe(`stream-${name}`, event, quiet)));
      const lists = await Promise.all(
        [
          'license:getModules',
          'listCustomSounds',
          'listCustomUserStatus',
          'rooms/get',
          'permissions/get',
          'subscriptions/get',
        ].map((method) => bridged(person, method)),
      );
      for (const list of lists) expect(Array.isArray(list)).toBe(true);
      expect(await bridged(person, 'license:isEnterprise')).toBe(false);
      expect((await read(person, 'roles.list')).roles.length).toBeGreaterThan(5);
      expect((await read(person, `users.presence?ids[]=${person.uid}`)).full).toBe(false);
      return socket;
    }),
  );
  const [first, second] = people as [Person, Person];
  expect((await second.post('channels.join', { roomId: rid })).body).toMatchObject({ channel: { _id: rid } });
  for (const [n, socket] of sockets.entries()) {
    expect(
      await bridged(people[n], 'loadHistory', rid, null, 50, { $date: Date.now() }, false),
    ).toMatchObject({
      messages: expect.any(Array),
    });
    expect((await read(first, `rooms.roles?rid=${rid}`)).roles).toMatchObject([{ u: { username: 'load1' } }]);
    await socket.subscribe('stream-room-messages', rid, quiet);
    for (const event of ['user-activity', 'deleteMessage', 'deleteMessageBulk'])
      await socket.subscribe('stream-notify-room', `${rid}/${event}`, quiet);
  }
  await bridged(first, 'sendMessage', { _id: 'load-message-1', rid, msg: 'hello' });
  for (const socket of sockets) {
    await socket.event('room-messages', rid, ([message]) => message?._id === 'load-message-1');
    socket.close();
  }
});

test('the mobile profile: settings before login, and REST after it', async () => {
  for (const path of ['settings.public', 'settings.oauth'])
    expect((await server.anonymous.get(path)).body).toMatchObject({ success: true });
  const [person] = people as [Person];
  const socket = await open(person);
  for (const event of ['rooms-changed', 'subscriptions-changed'])
    await socket.subscribe('stream-notify-user', `${person.uid}/${event}`, quiet);
  for (const name of ['userData', 'activeUsers'])
    await expect(socket.subscribe(name)).rejects.toMatchObject({ error: 404 });
  expect(await read(person, 'me')).toMatchObject({ _id: person.uid });
  // It still asks for permissions where they were before 0.73.
  expect((await person.get('permissions')).body).toEqual({ success: false, error: 'Resource not found' });
  for (const path of ['settings.public', 'subscriptions.get', 'rooms.get']) await read(person, path);
  expect((await person.post('users.setStatus', { message: '', status: 'online' })).body).toEqual({
    success: true,
  });
  expect((await person.post('subscriptions.read', { rid })).body).toEqual({ success: true });
  socket.close();
});
