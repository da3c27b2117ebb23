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

test('what members say of a call reaches the others in the room; of no call, or to strangers, nothing', async () => {
  await server.admin.post('settings/VideoConf_Default_Provider', { value: 'jitsi' });
  await server.admin.post('settings/Jitsi_Domain', { value: 'meet.example.com' });
  const { body } = await alice.post('groups.create', { name: 'callers', members: ['bob'] });
  const rid = body.group._id as string;
  const { callId } = (await alice.post('video-conference.start', { roomId: rid })).body.data;
  const [writer, member, stranger] = await Promise.all([alice.ddp(), bob.ddp(), carol.ddp()]);
  await member.subscribe('stream-notify-user', `${bob.uid}/video-conference`);
  await member.subscribe('stream-notify-room', `${rid}/${callId}`);
  const write = (socket: DdpClient, call: string, room = rid) =>
    socket.call('stream-notify-room-users', `${room}/video-conference`, {
      action: 'call',
      params: { callId: call, uid: alice.uid, rid, more: 'dropped' },
    });
  await write(writer, 'no-such-call');
  await write(writer, callId, 'GENERAL');
  await write(stranger, callId);
  await write(writer, callId);
  await member.event('notify-user', `${bob.uid}/video-conference`);
  expect(member.events('notify-user', `${bob.uid}/video-conference`)).toEqual([
    [{ action: 'call', params: { callId, uid: alice.uid, rid } }],
  ]);
  // The old name of the room's event, which carries nothing.
  await alice.post('video-conference.join', { callId });
  expect(await member.event('notify-room', `${rid}/${callId}`)).toEqual([]);
});

test('login services are told live to whoever shows their buttons', async () => {
  const socket = await DdpClient.connect(server.url);
  await socket.subscribe('meteor.loginServiceConfiguration');
  const frames = () => socket.frames.filter(({ collection }) => collection?.startsWith('meteor_accounts'));
  const set = (id: string, value: unknown) => server.admin.post(`settings/${id}`, { value });
  await set('Accounts_OAuth_Github', true);
  const added = await socket.first(({ msg, collection }) => msg === 'added' && collection !== 'users');
  expect(added).toMatchObject({
    collection: 'meteor_accounts_loginServiceConfiguration',
    fields: { service: 'github', clientId: '' },
  });
  await set('Accounts_OAuth_Github_id', 'an-id');
  expect(await socket.first(({ msg }) => msg === 'changed')).toMatchObject({
    id: added.id,
    fields: { service: 'github', clientId: 'an-id' },
  });
  await set('Accounts_OAuth_Github', false);
  await socket.first(({ msg, id }) => msg === 'removed' && id === added.id);
  await set('Accounts_OAuth_Github_secret', 'a secret');
  await socket.barrier();
  expect(frames()).toHaveLength(3);
  socket.close();
});

test('whoever is not logged in gets the default channels where anybody may read, else nothing', async () => {
  const socket = await DdpClient.connect(server.url);
  expect(await socket.call('rooms/get')).toEqual([]);
  for (const method of ['getRoomByTypeAndName', 'getRoomRoles']) {
    await expect(socket.call(method, 'c', 'general')).rejects.toMatchObject({ error: 'error-invalid-user' });
  }
  await server.admin.post('settings/Accounts_AllowAnonymousRead', { value: true });
  await server.admin.post('rooms.saveRoomSettings', { rid: 'GENERAL', default: true });
  expect(await socket.call('rooms/get')).toEqual([expect.objectContaining({ _id: 'GENERAL', t: 'c' })]);
  expect(await socket.call('getRoomByTypeAndName', 'c', 'general')).toMatchObject({ _id: 'GENERAL' });
  expect(await socket.call('getRoomRoles', 'GENERAL')).toEqual([]);
  await expect(socket.call('getRoomByTypeAndName', 'd', 'alice')).rejects.toMatchObject({
    error: 'error-invalid-room',
  });
  await server.admin.post('settings/Accounts_AllowAnonymousRead', { value: false });
  socket.close();
});

test('a method over HTTP comes alone in its body', async () => {
  const message = JSON.stringify({ msg: 'method', id: '1', method: 'license:getModules', params: [] });
  const refusal = {
    success: false,
    error: 'must NOT have additional properties [invalid-params]',
    errorType: 'invalid-params',
  };
  for (const [caller, path] of [
    [alice, 'method.call'],
    [server.anonymous, 'method.callAnon'],
  ] as const) {
    const { status, body } = await caller.post(`${path}/license:getModules`, { message, more: 1 });
    expect([status, body]).toEqual([400, refusal]);
  }
});
