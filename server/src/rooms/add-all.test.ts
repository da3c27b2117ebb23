import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  coded,
  INVALID_PARAMS,
  NO_CHANNEL,
  NO_GROUP,
  type RoomWorld,
  startRoomWorld,
  withPermission,
} from '../../test/support/rooms.ts';

let world: RoomWorld;

beforeAll(async () => {
  world = await startRoomWorld();
  const { admin, server } = world;
  const dave = await server.person('dave');
  await admin.post('users.setActiveStatus', {
    userId: dave.uid,
    activeStatus: false,
    confirmRelinquish: true,
  });
});
afterAll(() => world.close());

// The last but one is the administrator of test mode.
const EVERYBODY = ['alice', 'bob', 'carol', 'dave', 'rocket.cat', 'rocketchat.internal.admin.test', 'root'];
const ACTIVE = EVERYBODY.filter((name) => name !== 'dave');

const usernames = async (rid: string) => {
  const rows = await world.server.server.ctx.db
    .selectFrom('subscriptions')
    .innerJoin('users', 'users.id', 'subscriptions.uid')
    .select('users.username')
    .where('rid', '=', rid)
    .where('subscriptions.status', 'is', null)
    .orderBy('users.username')
    .execute();
  return rows.map((row) => row.username);
};

test('channels.addAll adds everybody, with `uj` for each new member', async () => {
  const { admin, bob, channel, messages, subscription } = world;
  const room = await channel([bob]);
  const { status, body } = await admin.post('channels.addAll', { roomId: room._id });
  expect([status, body]).toMatchObject([200, { channel: { usersCount: 7, msgs: 5 }, success: true }]);
  expect(await usernames(room._id)).toEqual(EVERYBODY);
  const posted = await messages(room._id);
  expect(posted.map((message) => [message.t, message.msg === message.u.username])).toEqual(
    Array(5).fill(['uj', true]),
  );
  expect(await subscription(admin, room._id)).toMatchObject({ alert: true, unread: 1, userMentions: 1 });
});

test('a second call changes nothing', async () => {
  const { admin, channel } = world;
  const room = await channel();
  const first = await admin.post('channels.addAll', { roomId: room._id });
  const second = await admin.post('channels.addAll', { roomId: room._id });
  expect(second.body).toEqual(first.body);
});

test.each([true, 'true', 1])(
  'activeUsersOnly %j leaves deactivated accounts out',
  async (activeUsersOnly) => {
    const room = await world.channel();
    await world.admin.post('channels.addAll', { roomId: room._id, activeUsersOnly });
    expect(await usernames(room._id)).toEqual(ACTIVE);
  },
);

test.each([false, 'false', 0, 'yes'])('activeUsersOnly %j does not', async (activeUsersOnly) => {
  const room = await world.channel();
  await world.admin.post('channels.addAll', { roomId: room._id, activeUsersOnly });
  expect(await usernames(room._id)).toEqual(EVERYBODY);
});

test('a ban holds, and keeps nobody else out', async () => {
  const { admin, ban, bob, channel } = world;
  const room = await channel([bob]);
  await ban(room._id, bob);
  expect(await admin.post('channels.addAll', { roomId: room._id })).toMatchObject({ status: 200 });
  expect(await usernames(room._id)).toEqual(EVERYBODY.filter((name) => name !== 'bob'));
});

test('groups.addAll needs access to the group', async () => {
  const { admin, alice, group } = world;
  const room = await group();
  expect((await admin.post('groups.addAll', { roomId: room._id })).body).toEqual(NO_GROUP);
  await withPermission(world, 'add-all-to-room', ['user'], async () => {
    const { body } = await alice.post('groups.addAll', { roomName: room.name, activeUsersOnly: true });
    expect(body).toMatchObject({ group: { usersCount: 6 }, success: true });
  });
});

describe.each(['channels', 'groups'] as const)('%s.addAll', (prefix) => {
  const make = () => (prefix === 'channels' ? world.channel() : world.group());

  test('without the permission the refusal is numeric', async () => {
    const room = await make();
    const { status, body } = await world.alice.post(`${prefix}.addAll`, { roomId: room._id });
    expect([status, body]).toEqual([
      400,
      coded(403, 'Access to Method Forbidden', { method: 'addAllToRoom' }),
    ]);
  });

  test('parameters, unknown and archived rooms come first', async () => {
    const { alice } = world;
    const post = async (body: object) => (await alice.post(`${prefix}.addAll`, body)).body;
    expect(await post({})).toEqual(INVALID_PARAMS);
    expect(await post({ roomId: 'nowhere' })).toEqual(prefix === 'channels' ? NO_CHANNEL : NO_GROUP);
    const room = await make();
    await alice.post(`${prefix}.archive`, { roomId: room._id });
    expect((await post({ roomId: room._id })).errorType).toBe('error-room-archived');
  });
});

test('a workspace with more users than API_User_Limit is refused', async () => {
  const { admin, channel, withSettings } = world;
  const room = await channel();
  await withSettings({ API_User_Limit: 6 }, async () => {
    const { body } = await admin.post('channels.addAll', { roomId: room._id });
    expect(body).toEqual(
      coded('error-user-limit-exceeded', 'User Limit Exceeded', { method: 'addAllToRoom' }),
    );
    const active = await admin.post('channels.addAll', { roomId: room._id, activeUsersOnly: true });
    expect(active).toMatchObject({ status: 200 });
  });
});
