import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  coded,
  INVALID_PARAMS,
  ISO,
  NO_CHANNEL,
  NO_GROUP,
  plain,
  type RoomWorld,
  startRoomWorld,
  withPermission,
} from '../../test/support/rooms.ts';

let world: RoomWorld;

beforeAll(async () => {
  world = await startRoomWorld();
});
afterAll(() => world.close());

const NOT_ALLOWED = coded('error-not-allowed', 'Not allowed', { method: 'addUsersToRoom' });
const NO_USERS = coded(
  'error-users-params-not-provided',
  'Please provide "userId" or "username" or "userIds" or "usernames" as param',
);

const members = async (rid: string) => {
  const { body } = await world.alice.get('rooms.info', { roomId: rid });
  const family = body.room.t === 'c' ? 'channels' : 'groups';
  const answer = await world.alice.get(`${family}.members`, { roomId: rid });
  return answer.body.members.map((member: { username: string }) => member.username).sort();
};

describe('channels.invite', () => {
  test('the answer is the room with one member and one message more', async () => {
    const { alice, bob, channel } = world;
    const room = await channel();
    const { status, body } = await alice.post('channels.invite', { roomId: room._id, userId: bob.uid });
    expect(status).toBe(200);
    expect(body).toEqual({
      channel: { ...room, msgs: room.msgs + 1, usersCount: 2, _updatedAt: ISO },
      success: true,
    });
  });

  test('`au` names the added user and who added them; the subscription knows the inviter', async () => {
    const { alice, bob, channel, messages, subscription } = world;
    const room = await channel();
    await alice.post('channels.invite', { roomName: room.name, username: 'BOB' });
    const added = await subscription(bob, room._id);
    expect(added).toMatchObject({
      open: true,
      alert: true,
      unread: 1,
      userMentions: 1,
      groupMentions: 0,
      inviter: { _id: alice.uid, username: 'alice', name: 'alice' },
    });
    expect(added).not.toHaveProperty('ls');
    expect(await messages(room._id)).toEqual([
      {
        _id: expect.any(String),
        t: 'au',
        rid: room._id,
        ts: added?.ts,
        msg: 'bob',
        u: { _id: alice.uid, username: 'alice' },
        groupable: false,
        _updatedAt: added?.ts,
      },
    ]);
  });

  test.each([
    ['userId', () => ({ userId: world.bob.uid })],
    ['username', () => ({ username: 'bob' })],
    ['user', () => ({ user: 'bob' })],
    ['userIds', () => ({ userIds: [world.bob.uid] })],
    ['usernames', () => ({ usernames: ['bob', ' ', 'nobody', 'bob'] })],
  ])('users are named by %s', async (_param, users) => {
    const room = await world.channel();
    const { status } = await world.alice.post('channels.invite', { roomId: room._id, ...users() });
    expect([status, await members(room._id)]).toEqual([200, ['alice', 'bob']]);
    expect(await world.types(room._id)).toEqual(['au']);
  });

  test('a list and a single user add up', async () => {
    const room = await world.channel();
    const body = { roomId: room._id, userIds: [world.bob.uid], userId: world.carol.uid };
    expect(await world.alice.post('channels.invite', body)).toMatchObject({ status: 200 });
    expect(await members(room._id)).toEqual(['alice', 'bob', 'carol']);
  });

  test('for a member nothing changes, and the caller is told by a message only they see', async () => {
    const { alice, bob, channel, listen, room: info, subscription } = world;
    const room = await channel([bob]);
    const [before, own] = [await info(room._id), await subscription(bob, room._id)];
    const [caller, member] = [await listen(alice), await listen(bob)];
    const { status } = await alice.post('channels.invite', { roomId: room._id, userId: bob.uid });
    expect(status).toBe(200);
    expect([await info(room._id), await subscription(bob, room._id)]).toEqual([before, own]);
    expect(await caller.ephemeral()).toEqual([
      expect.objectContaining({
        rid: room._id,
        msg: 'bob is already in here.',
        private: true,
        groupable: false,
      }),
    ]);
    expect(await member.ephemeral()).toEqual([]);
  });

  test('a refused user does not keep the others out', async () => {
    const { alice, ban, bob, carol, channel, admin } = world;
    for (const usernames of [
      ['bob', 'carol', 'root'],
      ['carol', 'root', 'bob'],
    ]) {
      const room = await channel([bob]);
      await ban(room._id, bob);
      const { status, body } = await alice.post('channels.invite', { roomId: room._id, usernames });
      expect([status, body]).toEqual([400, coded('error-user-is-banned', 'User is banned from this room')]);
      expect(await members(room._id)).toEqual(['alice', carol.username, admin.username].sort());
    }
  });

  test.each([
    ['nothing', {}],
    ['both ways to name the room', { roomId: 'GENERAL', roomName: 'general', userId: 'x' }],
    ['an unknown member', { roomId: 'GENERAL', userId: 'x', role: 'owner' }],
    ['a text as list', { roomId: 'GENERAL', userIds: { a: 1 } }],
  ])('%s is refused as parameters', async (_what, body) => {
    const answer = await world.alice.post('channels.invite', body);
    expect([answer.status, answer.body]).toEqual([400, INVALID_PARAMS]);
  });

  test('the refusals come in their documented order', async () => {
    const { alice, bob, carol, channel } = world;
    const room = await channel([carol]);
    const post = async (body: object) => (await carol.post('channels.invite', body)).body;
    expect(await post({ roomId: 'nowhere' })).toEqual(NO_CHANNEL);
    expect(await post({ roomId: room._id })).toEqual(NO_USERS);
    expect(await post({ roomId: room._id, usernames: [' '] })).toEqual(NO_USERS);
    const unknown = plain('invalid-user-invite-list', 'Cannot invite if no users are provided');
    expect(await post({ roomId: room._id, username: 'nobody' })).toEqual(unknown);
    expect(await post({ roomId: room._id, userId: bob.uid })).toEqual(NOT_ALLOWED);
    await alice.post('channels.archive', { roomId: room._id });
    const archived = coded('error-room-archived', `The channel, ${room.name}, is archived`);
    expect(await post({ roomId: room._id })).toEqual(archived);
  });

  test('owners and moderators may invite, strangers with add-user-to-any-c-room too', async () => {
    const { admin, alice, bob, carol, channel } = world;
    const room = await channel([carol]);
    const invite = (person: typeof bob) =>
      person.post('channels.invite', { roomId: room._id, userId: bob.uid });
    expect((await invite(bob)).body).toEqual(NOT_ALLOWED);
    await alice.post('channels.addModerator', { roomId: room._id, userId: carol.uid });
    expect(await invite(carol)).toMatchObject({ status: 200 });
    await alice.post('channels.kick', { roomId: room._id, userId: bob.uid });
    expect(await invite(admin)).toMatchObject({ status: 200 });
  });

  test('two invitations of one user at once make one member', async () => {
    const { alice, bob, channel, room: info } = world;
    for (let round = 0; round < 3; round++) {
      const room = await channel();
      const body = { roomId: room._id, userId: bob.uid };
      const answers = await Promise.all([1, 2, 3].map(() => alice.post('channels.invite', body)));
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
      expect(await info(room._id)).toMatchObject({ usersCount: 2, msgs: 1 });
    }
  });

  test('inviting into the main room of a team adds to the team', async () => {
    const { alice, bob, channel, messages, server } = world;
    const room = await channel();
    const { team } = (await alice.post('channels.convertToTeam', { channelId: room._id })).body;
    await alice.post('channels.invite', { roomId: room._id, userId: bob.uid });
    expect((await messages(room._id)).at(-1)).toMatchObject({
      t: 'added-user-to-team',
      msg: 'bob',
      u: { _id: alice.uid, username: 'alice' },
    });
    const row = await server.server.ctx.db
      .selectFrom('team_members')
      .selectAll()
      .where('team_id', '=', team._id)
      .where('uid', '=', bob.uid)
      .executeTakeFirstOrThrow();
    expect(JSON.parse(row.created_by)).toMatchObject({ _id: alice.uid, username: 'alice' });
  });
});

describe('groups.invite', () => {
  test('the answer is the group; `roomId` and `roomName` both take an id or a name', async () => {
    const { alice, bob, carol, group } = world;
    const room = await group();
    const first = await alice.post('groups.invite', { roomId: room.name, userId: bob.uid });
    expect(first).toMatchObject({
      status: 200,
      body: { group: { _id: room._id, usersCount: 2 }, success: true },
    });
    const second = await alice.post('groups.invite', { roomName: room._id, userId: carol.uid });
    expect(second).toMatchObject({ status: 200, body: { group: { _id: room._id, usersCount: 3 } } });
  });

  test('the refusals come in their documented order', async () => {
    const { bob, carol, channel, group } = world;
    const [room, open] = [await group([carol]), await channel()];
    const post = async (body: object) => (await carol.post('groups.invite', body)).body;
    const blank = coded('error-room-param-not-provided', 'The parameter "roomId" or "roomName" is required');
    expect(await post({})).toEqual(blank);
    expect(await post({ roomId: '' })).toEqual(blank);
    expect(await post({ roomId: 'nowhere' })).toEqual(NO_GROUP);
    expect(await post({ roomId: open._id })).toEqual(NO_GROUP);
    expect(await post({ roomId: room._id })).toEqual(NO_USERS);
    const empty = coded('error-empty-invite-list', 'Cannot invite if no valid users are provided');
    expect(await post({ roomId: room._id, username: 'nobody' })).toEqual(empty);
    expect(await post({ roomId: room._id, userId: bob.uid })).toEqual(NOT_ALLOWED);
  });

  test('there is no access check: the permission protects the group, also from administrators', async () => {
    const { admin, bob, group } = world;
    const room = await group();
    const body = { roomId: room._id, userId: bob.uid };
    expect((await bob.post('groups.invite', body)).body).toEqual(NOT_ALLOWED);
    expect((await admin.post('groups.invite', body)).body).toEqual(NOT_ALLOWED);
    await withPermission(world, 'add-user-to-any-p-room', ['admin'], async () => {
      expect(await admin.post('groups.invite', body)).toMatchObject({ status: 200 });
    });
  });

  test('an archived group still takes invited users', async () => {
    const { alice, bob, group } = world;
    const room = await group();
    await alice.post('groups.archive', { roomId: room._id });
    const { status } = await alice.post('groups.invite', { roomId: room._id, userId: bob.uid });
    expect(status).toBe(200);
  });
});

describe('the DDP methods', () => {
  test('addUsersToRoom and addUserToRoom take usernames and answer true', async () => {
    const { alice, channel } = world;
    const room = await channel();
    const socket = await alice.ddp();
    expect(await socket.call('addUsersToRoom', { rid: room._id, users: ['bob'] })).toBe(true);
    expect(await socket.call('addUserToRoom', { rid: room._id, username: 'carol' })).toBe(true);
    expect(await members(room._id)).toEqual(['alice', 'bob', 'carol']);
  });

  test('an unknown user, a stranger and a direct room are refused', async () => {
    const { alice, bob, channel } = world;
    const room = await channel();
    const [owner, stranger] = [await alice.ddp(), await bob.ddp()];
    await expect(
      owner.call('addUsersToRoom', { rid: room._id, users: ['bob', 'nobody'] }),
    ).rejects.toMatchObject({
      error: 'error-user-not-found',
      reason: 'User not found',
    });
    expect(await members(room._id)).toEqual(['alice']);
    await expect(stranger.call('addUsersToRoom', { rid: room._id, users: ['bob'] })).rejects.toMatchObject({
      error: 'error-not-allowed',
    });
    const direct = (await alice.post('im.create', { username: 'bob' })).body.room._id;
    await expect(owner.call('addUsersToRoom', { rid: direct, users: ['carol'] })).rejects.toMatchObject({
      error: 'error-cant-invite-for-direct-room',
      reason: "Can't invite user to direct rooms",
    });
    await expect(owner.call('addUsersToRoom', { rid: room._id, users: 'bob' })).rejects.toMatchObject({
      error: 400,
    });
  });
});

test('the added user and the members see it on their sockets', async () => {
  const { alice, bob, carol, channel, listen } = world;
  const room = await channel([carol]);
  const [added, member] = [await listen(bob), await listen(carol)];
  await member.socket.subscribe('stream-room-messages', room._id);
  await alice.post('channels.invite', { roomId: room._id, userId: bob.uid });
  expect(await added.subscriptions(room._id)).toMatchObject([
    ['inserted', { unread: 1, inviter: { username: 'alice' } }],
  ]);
  expect((await added.rooms(room._id))[0]).toMatchObject(['inserted', { usersCount: 3 }]);
  expect((await member.rooms(room._id)).at(-1)).toMatchObject(['updated', { usersCount: 3, msgs: 1 }]);
  expect(await member.subscriptions(room._id)).toEqual([]);
  expect(member.socket.events('room-messages', room._id)).toMatchObject([[{ t: 'au', msg: 'bob' }]]);
});

test('an invitation and a ban at the same moment leave either a member or a ban, never both', async () => {
  const { alice, ban, bob, channel, room: info } = world;
  for (let round = 0; round < 3; round++) {
    const room = await channel([bob]);
    await Promise.all([
      ban(room._id, bob),
      alice.post('channels.invite', { roomId: room._id, userId: bob.uid }),
    ]);
    expect(await info(room._id)).toMatchObject({ usersCount: 1, msgs: 0 });
  }
});
