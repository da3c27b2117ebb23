import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DdpClient } from './support/ddp-client.ts';
import { type Person, startServer, type TestServer } from './support/server.ts';

/** Streams beside those of rooms and users (spec 40 §8.4, §8.10), and what nobody in particular may see. */

let server: TestServer;
let alice: Person;
let bob: Person;
let carol: Person;

beforeAll(async () => {
  server = await startServer({ logLevel: 'info' });
  [alice, bob, carol] = (await Promise.all(['alice', 'bob', 'carol'].map((name) => server.person(name)))) as [
    Person,
    Person,
    Person,
  ];
});
afterAll(() => server.close());

describe('notify-room-users', () => {
  test('what a member writes reaches the other members, and nobody else', async () => {
    const { body } = await alice.post('groups.create', { name: 'crew', members: ['bob'] });
    const rid = body.group._id;
    const [writer, member, stranger] = await Promise.all([alice.ddp(), bob.ddp(), carol.ddp()]);
    for (const [person, socket] of [
      [alice, writer],
      [bob, member],
      [carol, stranger],
    ] as const) {
      for (const event of ['e2ekeyRequest', 'userData', 'video-conference'])
        await socket.subscribe('stream-notify-user', `${person.uid}/${event}`);
    }
    const write = (socket: DdpClient, event: string) =>
      socket.call('stream-notify-room-users', `${rid}/${event}`, rid, 'key');
    expect(await write(writer, 'e2ekeyRequest')).toBeUndefined();
    expect(await write(stranger, 'e2ekeyRequest')).toBeUndefined();
    expect(await write(writer, 'userData')).toBeUndefined();
    expect(await write(writer, 'video-conference')).toBeUndefined();
    await Promise.all([writer, member, stranger].map((socket) => socket.barrier()));
    expect(member.events('notify-user', `${bob.uid}/e2ekeyRequest`)).toEqual([[rid, 'key']]);
    expect(member.events('notify-user', `${bob.uid}/userData`)).toEqual([]);
    expect(member.events('notify-user', `${bob.uid}/video-conference`)).toEqual([]);
    expect(writer.events('notify-user', `${alice.uid}/e2ekeyRequest`)).toEqual([]);
    expect(stranger.events('notify-user', `${carol.uid}/e2ekeyRequest`)).toEqual([]);
    await expect(member.subscribe('stream-notify-room-users', `${rid}/webrtc`)).rejects.toMatchObject({
      error: 'not-allowed',
    });
  });
});

describe('the log', () => {
  test('administrators read the last lines and follow new ones', async () => {
    const { ctx } = server.server;
    ctx.log.info('a line of before');
    const { status, body } = await server.admin.get('stdout.queue');
    expect([status, body.success]).toEqual([200, true]);
    expect(body.queue.at(-1)).toMatchObject({ id: expect.any(String), ts: expect.any(String) });
    expect(body.queue.at(-1).string).toContain('a line of before');
    const socket = await server.admin.ddp();
    await socket.subscribe('stream-stdout', 'stdout');
    ctx.log.info('a new line');
    const [line] = await socket.event('stdout', 'stdout', ([line]) => line?.string.includes('a new line'));
    expect(line).toMatchObject({ id: expect.any(String), ts: { $date: expect.any(Number) } });
  });

  test('nobody else sees it', async () => {
    expect((await alice.get('stdout.queue')).status).toBe(403);
    const socket = await alice.ddp();
    await expect(socket.subscribe('stream-stdout', 'stdout')).rejects.toMatchObject({ error: 'not-allowed' });
  });
});

test('clients that know apps may listen for them; there are none', async () => {
  const socket = await DdpClient.connect(server.url);
  await expect(socket.subscribe('stream-apps', 'app/added')).resolves.toEqual(expect.any(String));
  socket.close();
});

test('whoever is not logged in gets the default channels where anybody may read, else nothing', async () => {
  const socket = await DdpClient.connect(server.url);
  expect(await socket.call('rooms/get')).toEqual([]);
  await server.admin.post('settings/Accounts_AllowAnonymousRead', { value: true });
  await server.admin.post('rooms.saveRoomSettings', { rid: 'GENERAL', default: true });
  expect(await socket.call('rooms/get')).toEqual([expect.objectContaining({ _id: 'GENERAL', t: 'c' })]);
  await server.admin.post('settings/Accounts_AllowAnonymousRead', { value: false });
  socket.close();
});
