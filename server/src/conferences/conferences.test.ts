import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  INVALID_PARAMS,
  ISO,
  plain,
  type RoomWorld,
  startRoomWorld,
  withPermission,
} from '../../test/support/rooms.ts';
import type { Person } from '../../test/support/server.ts';
import { expireConferenceJob } from './conferences.ts';

let world: RoomWorld;

beforeAll(async () => {
  world = await startRoomWorld();
  const { admin } = world;
  await admin.post('settings/VideoConf_Default_Provider', { value: 'jitsi' });
  await admin.post('settings/Jitsi_Domain', { value: 'https://meet.example.com/' });
});
afterAll(() => world.close());

const INVALID = plain('invalid-params');

const posted = async (person: Person, path: string, body: object = {}) => {
  const answer = await person.post(`video-conference.${path}`, body);
  return [answer.status, answer.body];
};
const info = async (person: Person, callId: string) =>
  (await person.get('video-conference.info', { callId })).body;

async function direct(): Promise<string> {
  return (await world.alice.post('im.create', { username: 'bob' })).body.room._id;
}
async function start(person: Person, roomId: string, more: object = {}) {
  const [status, body] = await posted(person, 'start', { roomId, ...more });
  expect(status).toBe(200);
  return { callId: body.data.callId as string };
}

describe('starting', () => {
  test('a call in a room is shown there and heard of', async () => {
    const { alice, bob, channel, messages, room } = world;
    const { _id: rid } = await channel([bob]);
    const socket = await bob.ddp();
    await socket.subscribe('stream-notify-room', `${rid}/videoconf`);
    await socket.subscribe('stream-notify-user', `${bob.uid}/video-conference`);
    const [status, body] = await posted(alice, 'start', { roomId: rid, title: 'Daily', allowRinging: true });
    const { callId } = body.data;
    expect([status, body]).toEqual([
      200,
      { data: { type: 'videoconference', callId, rid, providerName: 'jitsi' }, success: true },
    ]);
    expect(await socket.event('notify-room', `${rid}/videoconf`)).toEqual([callId]);
    expect(await socket.event('notify-user', `${bob.uid}/video-conference`)).toEqual([
      { action: 'ring', params: { uid: alice.uid, rid, callId } },
    ]);
    const [message] = await messages(rid);
    expect(message).toMatchObject({
      t: 'videoconf',
      msg: '',
      groupable: false,
      u: { username: 'alice' },
      blocks: [{ type: 'video_conf', blockId: callId, callId, appId: 'videoconf-core' }],
    });
    expect(await room(rid)).toMatchObject({ msgs: 1, lastMessage: { _id: message?._id } });
    expect(await info(bob, callId)).toEqual({
      _id: callId,
      ...{ type: 'videoconference', rid, status: 1, providerName: 'jitsi', title: 'Daily', ringing: true },
      createdBy: { _id: alice.uid, username: 'alice', name: 'alice' },
      createdAt: ISO,
      _updatedAt: ISO,
      ...{ users: [], anonymousUsers: 0, messages: { started: message?._id } },
      url: `https://meet.example.com/RocketChat${callId}`,
      capabilities: { mic: true, cam: true, title: true, persistentChat: false },
      success: true,
    });
  });

  test('between two people it rings', async () => {
    const { alice, bob } = world;
    const roomId = await direct();
    const [, body] = await posted(alice, 'start', { roomId });
    const { callId } = body.data;
    expect(body.data).toEqual({ type: 'direct', callId, calleeId: bob.uid, providerName: 'jitsi' });
    expect(await info(bob, callId)).toMatchObject({ type: 'direct', status: 0, ringing: true });
  });

  test('the refusals', async () => {
    const { alice, carol, channel, group, withSettings } = world;
    const [open, shut] = [await channel(), await group()];
    expect(await posted(alice, 'start')).toEqual([400, INVALID_PARAMS]);
    expect(await posted(carol, 'start', { roomId: 'nowhere' })).toEqual([400, INVALID]);
    expect(await posted(carol, 'start', { roomId: shut._id })).toEqual([400, INVALID]);
    await withPermission(world, 'call-management', ['admin'], async () => {
      expect(await posted(alice, 'start', { roomId: open._id })).toEqual([403, plain('unauthorized')]);
    });
    const socket = await alice.ddp();
    await socket.subscribe('stream-notify-user', `${alice.uid}/message`);
    for (const [setting, value, error] of [
      ['VideoConf_Default_Provider', '', 'no-active-video-conf-provider'],
      ['Jitsi_Domain', 'not a host!', 'video-conf-provider-not-configured'],
    ] as const) {
      await withSettings({ [setting]: value }, async () => {
        expect(await posted(alice, 'start', { roomId: open._id })).toEqual([400, plain(error)]);
        const { status, body } = await alice.get('video-conference.capabilities');
        expect([status, body]).toEqual([400, plain(error)]);
      });
    }
    expect(await socket.event('notify-user', `${alice.uid}/message`)).toMatchObject([{ rid: open._id }]);
    expect(await world.messages(open._id)).toEqual([]);
  });
});

describe('taking part', () => {
  test('the address is for this participant, who is noted once', async () => {
    const { alice, bob, channel } = world;
    const { _id: rid } = await channel([bob]);
    const { callId } = await start(alice, rid, { title: 'All & sundry' });
    const [status, body] = await posted(bob, 'join', { callId, state: { mic: false, cam: true } });
    expect([status, body.providerName]).toEqual([200, 'jitsi']);
    const [address, options = ''] = body.url.split('#');
    expect(address).toBe(`https://meet.example.com/RocketChat${callId}`);
    expect(options.split('&')).toEqual(
      expect.arrayContaining([
        'config.startWithAudioMuted=true',
        'config.startWithVideoMuted=false',
        'userInfo.displayName=%22bob%22',
        `config.callDisplayName=${encodeURIComponent('"All & sundry"')}`,
      ]),
    );
    await posted(bob, 'join', { callId });
    expect((await info(alice, callId)).users).toEqual([
      { _id: bob.uid, username: 'bob', name: 'bob', avatarETag: null, ts: ISO },
    ]);
  });

  test('the call between two people begins when the other one comes', async () => {
    const { alice, bob } = world;
    const { callId } = await start(alice, await direct());
    await posted(alice, 'join', { callId });
    expect(await info(bob, callId)).toMatchObject({ status: 0 });
    await posted(bob, 'join', { callId });
    expect(await info(bob, callId)).toMatchObject({ status: 1 });
  });

  test('strangers and unknown calls', async () => {
    const { alice, carol, group, server, channel, withSettings } = world;
    const { callId } = await start(alice, (await group())._id);
    for (const id of [callId, 'none']) {
      expect(await posted(carol, 'join', { callId: id })).toEqual([400, INVALID]);
      expect(await posted(carol, 'cancel', { callId: id })).toEqual([400, INVALID]);
      expect(await info(carol, id)).toEqual(INVALID);
    }
    expect((await server.anonymous.post('video-conference.join', { callId })).status).toBe(401);
    const open = await start(alice, (await channel())._id);
    await withSettings({ Accounts_AllowAnonymousRead: true }, async () => {
      const { status } = await server.anonymous.post('video-conference.join', { callId: open.callId });
      expect([status, (await info(alice, open.callId)).anonymousUsers]).toEqual([200, 1]);
    });
  });
});

describe('the end', () => {
  test('a call that rings can be cancelled, once, and no other', async () => {
    const { alice, bob, channel } = world;
    const { callId } = await start(alice, await direct());
    expect(await posted(bob, 'cancel', { callId })).toEqual([200, { success: true }]);
    const ended = await info(alice, callId);
    expect(ended).toMatchObject({ status: 4, endedAt: ISO });
    expect(ended).not.toHaveProperty('ringing');
    expect(await posted(alice, 'cancel', { callId })).toEqual([400, plain('invalid-call-status')]);
    const other = await start(alice, (await channel())._id);
    expect(await posted(alice, 'cancel', other)).toEqual([400, plain('invalid-call')]);
  });

  test('a call that nobody answers expires; one that was answered does not', async () => {
    const { alice, bob, server } = world;
    const { ctx } = server.server;
    const roomId = await direct();
    const [missed, answered] = [await start(alice, roomId), await start(alice, roomId)];
    const due = await ctx.db
      .selectFrom('jobs')
      .select('run_at')
      .where('kind', '=', 'conferences.expire')
      .where('payload', 'like', `%${missed.callId}%`)
      .executeTakeFirstOrThrow();
    expect(Math.abs(due.run_at - ctx.clock.now() - 40_000)).toBeLessThan(20_000);
    await posted(bob, 'join', answered);
    for (const { callId } of [missed, answered]) {
      const job = { id: 'x', payload: { callId }, attempt: 1, signal: new AbortController().signal };
      await expireConferenceJob.run(ctx, { ...job, finish: async () => {} });
    }
    expect(await info(bob, missed.callId)).toMatchObject({ status: 2 });
    expect(await info(bob, answered.callId)).toMatchObject({ status: 1 });
  });
});

test('lists are of one room, the newest first', async () => {
  const { alice, bob, carol, group } = world;
  const { _id: roomId } = await group([bob]);
  const [first, second] = [await start(alice, roomId), await start(bob, roomId)];
  const { body } = await bob.get('video-conference.list', { roomId });
  expect(body).toMatchObject({ count: 2, offset: 0, total: 2 });
  expect(body.data.map(({ _id }: { _id: string }) => _id)).toEqual([second.callId, first.callId]);
  expect((await carol.get('video-conference.list', { roomId })).body).toEqual(INVALID);
  expect((await bob.get('video-conference.providers')).body.data).toEqual([{ key: 'jitsi', label: 'Jitsi' }]);
  expect((await bob.get('video-conference.capabilities')).body).toMatchObject({ providerName: 'jitsi' });
});

test('clients tell each other about calls that exist, in rooms that both may enter', async () => {
  const { alice, bob, carol } = world;
  const rid = await direct();
  const { callId } = await start(alice, rid);
  const [caller, callee, stranger] = [await alice.ddp(), await bob.ddp(), await carol.ddp()];
  await callee.subscribe('stream-notify-user', `${bob.uid}/video-conference`);
  const params = { uid: alice.uid, rid, callId };
  const write = (socket: typeof caller, signal: object, to = bob.uid) =>
    socket.call('stream-notify-user', `${to}/video-conference`, signal);
  await write(stranger, { action: 'call', params });
  await write(caller, { action: 'call', params: { ...params, callId: 'none' } });
  await write(caller, { action: 'call', params: { ...params, rid: 'elsewhere' } });
  await write(caller, { action: { $ne: '' }, params });
  await write(caller, { action: 'call', params, more: 'nonsense' });
  await posted(alice, 'cancel', { callId });
  await write(caller, { action: 'call', params });
  await write(caller, { action: 'end', params });
  await callee.barrier();
  expect(callee.events('notify-user', `${bob.uid}/video-conference`)).toEqual([
    [{ action: 'call', params }],
    [{ action: 'end', params }],
  ]);
});

test('the calls of a deleted room are forgotten', async () => {
  const { admin, alice, bob } = world;
  const rid = await direct();
  await start(alice, rid);
  await admin.post('im.delete', { roomId: rid });
  expect(await direct()).toBe(rid);
  expect((await bob.get('video-conference.list', { roomId: rid })).body.data).toEqual([]);
});

test('clients of before 5.0 are told until when to show a call, of rooms that they may enter', async () => {
  const { alice, bob, admin } = world;
  const { _id: roomId } = (await alice.post('groups.create', { name: 'with-a-call' })).body.group;
  const asked = (person: Person, body: object) => person.post('video-conference/jitsi.update-timeout', body);
  const before = Date.now();
  const { status, body } = await asked(alice, { roomId });
  expect([status, body]).toEqual([200, { jitsiTimeout: expect.any(Number), success: true }]);
  expect(body.jitsiTimeout).toBeGreaterThan(before);
  expect(await asked(bob, { roomId })).toMatchObject({ status: 400, body: INVALID });
  expect(await asked(admin, { roomId: 'nowhere' })).toMatchObject({ status: 400, body: INVALID });
  expect((await asked(alice, {})).body.errorType).toBe('error-invalid-params');
});
