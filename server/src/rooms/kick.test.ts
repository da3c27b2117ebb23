import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  coded,
  INVALID_PARAMS,
  NO_CHANNEL,
  NO_GROUP,
  NO_USER,
  NO_USER_PARAM,
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

const refusal = (code: string, reason: string) => coded(code, reason, { method: 'removeUserFromRoom' });
const NOT_ALLOWED = refusal('error-not-allowed', 'Not allowed');
const NOT_IN_ROOM = refusal('error-user-not-in-room', 'User is not in this room');
const LAST_OWNER = refusal(
  'error-you-are-last-owner',
  'You are the last owner. Please set new owner before leaving the room.',
);

describe('channels.kick', () => {
  test('the answer is the room with one message more and one member less', async () => {
    const { alice, bob, channel } = world;
    const room = await channel([bob]);
    const { status, body } = await alice.post('channels.kick', { roomId: room._id, userId: bob.uid });
    expect(status).toBe(200);
    expect(body).toEqual({
      channel: { ...room, msgs: 1, usersCount: 1, _updatedAt: expect.any(String) },
      success: true,
    });
  });

  test('`ru` names the removed user and who removed them; the membership is gone', async () => {
    const { alice, bob, channel, messages, subscription } = world;
    const room = await channel([bob]);
    await alice.post('channels.addLeader', { roomId: room._id, userId: bob.uid });
    await alice.post('channels.kick', { roomName: room.name, username: 'bob' });
    expect((await messages(room._id)).at(-1)).toMatchObject({
      t: 'ru',
      msg: 'bob',
      u: { _id: alice.uid, username: 'alice', name: 'alice' },
      groupable: false,
    });
    expect(await subscription(bob, room._id)).toBeNull();
    const roles = await alice.get('channels.roles', { roomId: room._id });
    expect(roles.body.roles.map((entry: { u: { username: string } }) => entry.u.username)).toEqual(['alice']);
  });

  test.each([
    ['nothing', {}],
    ['both ways to name the room', { roomId: 'GENERAL', roomName: 'general', userId: 'x' }],
    ['an unknown member', { roomId: 'GENERAL', userId: 'x', reason: 'spam' }],
  ])('%s is refused as parameters', async (_what, body) => {
    const answer = await world.alice.post('channels.kick', body);
    expect([answer.status, answer.body]).toEqual([400, INVALID_PARAMS]);
  });

  test('the refusals come in their documented order', async () => {
    const { alice, bob, carol, channel, group } = world;
    const [room, secret] = [await channel([carol]), await group([carol])];
    const kick = async (person: typeof bob, body: object) => (await person.post('channels.kick', body)).body;
    expect(await kick(carol, { roomId: 'nowhere' })).toEqual(NO_CHANNEL);
    expect(await kick(carol, { roomId: secret._id })).toEqual(NO_CHANNEL);
    expect(await kick(carol, { roomId: room._id })).toEqual(NO_USER_PARAM);
    expect(await kick(carol, { roomId: room._id, userId: 'nobody' })).toEqual(NO_USER);
    expect(await kick(carol, { roomId: room._id, userId: bob.uid })).toEqual(NOT_ALLOWED);
    expect(await kick(bob, { roomId: room._id, userId: carol.uid })).toEqual(NOT_ALLOWED);
    expect(await kick(alice, { roomId: room._id, userId: bob.uid })).toEqual(NOT_IN_ROOM);
    expect(await kick(alice, { roomId: room._id, userId: alice.uid })).toEqual(LAST_OWNER);
    await alice.post('channels.archive', { roomId: room._id });
    const archived = coded('error-room-archived', `The channel, ${room.name}, is archived`);
    expect(await kick(carol, { roomId: room._id })).toEqual(archived);
  });

  test('a refusal changes nothing', async () => {
    const { alice, bob, channel, room: info } = world;
    const room = await channel();
    const before = await info(room._id);
    await alice.post('channels.kick', { roomId: room._id, userId: bob.uid });
    await alice.post('channels.kick', { roomId: room._id, userId: alice.uid });
    expect(await info(room._id)).toEqual(before);
  });

  test('moderators may kick owners, and everybody with the right themself, while an owner is left', async () => {
    const { alice, bob, carol, channel, room: info } = world;
    const room = await channel([bob, carol]);
    await alice.post('channels.addOwner', { roomId: room._id, userId: bob.uid });
    await alice.post('channels.addModerator', { roomId: room._id, userId: carol.uid });
    expect(await carol.post('channels.kick', { roomId: room._id, userId: bob.uid })).toMatchObject({
      status: 200,
    });
    expect((await carol.post('channels.kick', { roomId: room._id, userId: alice.uid })).body).toEqual(
      LAST_OWNER,
    );
    expect(await carol.post('channels.kick', { roomId: room._id, userId: carol.uid })).toMatchObject({
      status: 200,
    });
    expect(await info(room._id)).toMatchObject({ usersCount: 1 });
  });

  test('whoever may kick from any channel need not be a member; a target who is none is still refused', async () => {
    const { admin, bob, channel, types } = world;
    const room = await channel([bob]);
    expect(await admin.post('channels.kick', { roomId: room._id, userId: bob.uid })).toMatchObject({
      status: 200,
    });
    expect((await admin.post('channels.kick', { roomId: room._id, userId: bob.uid })).body).toEqual(
      NOT_IN_ROOM,
    );
    expect(await types(room._id)).toEqual(['ru']);
  });

  test('a ban is not erased by kicking', async () => {
    const { alice, ban, bob, channel } = world;
    const room = await channel([bob]);
    await ban(room._id, bob);
    expect((await alice.post('channels.kick', { roomId: room._id, userId: bob.uid })).body).toEqual(
      NOT_IN_ROOM,
    );
    expect((await bob.post('channels.join', { roomId: room._id })).body.errorType).toBe(
      'error-user-is-banned',
    );
  });

  test('of two owners who kick each other at the same moment one stays', async () => {
    const { alice, bob, channel, room: info } = world;
    for (let round = 0; round < 5; round++) {
      const room = await channel([bob]);
      await alice.post('channels.addOwner', { roomId: room._id, userId: bob.uid });
      const answers = await Promise.all([
        alice.post('channels.kick', { roomId: room._id, userId: bob.uid }),
        bob.post('channels.kick', { roomId: room._id, userId: alice.uid }),
      ]);
      expect(answers.map((answer) => answer.status).sort()).toEqual([200, 400]);
      expect(await info(room._id)).toMatchObject({ usersCount: 1, msgs: 2 });
    }
  });

  test('kicking from the main room of a team ends the team membership', async () => {
    const { alice, bob, channel, messages } = world;
    const room = await channel([bob]);
    await alice.post('channels.convertToTeam', { channelId: room._id });
    await alice.post('channels.kick', { roomId: room._id, userId: bob.uid });
    expect((await messages(room._id)).at(-1)).toMatchObject({ t: 'removed-user-from-team', msg: 'bob' });
  });
});

describe('groups.kick', () => {
  test('the answer is success only; the last owner is refused', async () => {
    const { alice, bob, group } = world;
    const room = await group([bob]);
    const last = await alice.post('groups.kick', { roomId: room._id, userId: alice.uid });
    expect([last.status, last.body]).toEqual([400, LAST_OWNER]);
    expect((await alice.post('groups.kick', { roomId: room._id, user: 'bob' })).body).toEqual({
      success: true,
    });
  });

  test('archived groups and groups without access reach the permission check', async () => {
    const { admin, alice, bob, channel, group } = world;
    const room = await group([bob]);
    const body = { roomId: room._id, userId: bob.uid };
    await alice.post('groups.archive', { roomId: room._id });
    expect((await world.carol.post('groups.kick', body)).body).toEqual(NOT_ALLOWED);
    // An administrator has `remove-user`, but cannot see the group and may not kick from any.
    expect((await admin.post('groups.kick', body)).body).toEqual(NO_GROUP);
    expect((await alice.post('groups.kick', body)).body).toEqual({ success: true });
    expect((await alice.post('groups.kick', { ...body, roomId: (await channel())._id })).body).toEqual(
      NO_GROUP,
    );
    const blank = coded('error-room-param-not-provided', 'The parameter "roomId" or "roomName" is required');
    expect((await alice.post('groups.kick', { userId: bob.uid })).body).toEqual(blank);
  });

  test('with kick-user-from-any-p-room no membership is needed', async () => {
    const { admin, bob, group } = world;
    const room = await group([bob]);
    await withPermission(world, 'kick-user-from-any-p-room', ['admin'], async () => {
      const { body } = await admin.post('groups.kick', { roomId: room._id, userId: bob.uid });
      expect(body).toEqual({ success: true });
    });
  });
});

test('a user without a username can be neither kicked nor added nor given a role', async () => {
  const { alice, channel, server } = world;
  const room = await channel();
  await server.server.ctx.write((tx) =>
    tx
      .insertInto('users')
      .columns([
        'id',
        'type',
        'active',
        'roles',
        'status',
        'status_connection',
        'status_default',
        'created_at',
        'updated_at',
        'doc',
      ])
      .values({
        id: 'nameless',
        type: 'user',
        active: 1,
        roles: '[]',
        status: 'offline',
        status_connection: 'offline',
        status_default: 'online',
        created_at: 1,
        updated_at: 1,
        doc: '{}',
      })
      .execute(),
  );
  const nameless = { roomId: room._id, userId: 'nameless' };
  const { status, body } = await alice.post('channels.kick', nameless);
  expect([status, body]).toEqual([400, plain('Invalid user')]);
  expect((await alice.post('channels.invite', nameless)).body).toEqual(
    coded('error-invalid-user', 'Cannot add an user to a room without a username'),
  );
  for (const method of ['addRoomOwner', 'removeRoomOwner', 'addRoomModerator', 'removeRoomLeader']) {
    const answer = await alice.post(`channels.${method.replace('Room', '')}`, nameless);
    expect(answer.body).toEqual(coded('error-invalid-user', 'Invalid user', { method }));
  }
});

test('the DDP method removeUserFromRoom answers true, or the coded error', async () => {
  const { alice, bob, channel } = world;
  const room = await channel([bob]);
  const socket = await alice.ddp();
  expect(await socket.call('removeUserFromRoom', { rid: room._id, username: 'bob' })).toBe(true);
  await expect(socket.call('removeUserFromRoom', { rid: room._id, username: 'bob' })).rejects.toMatchObject({
    error: 'error-user-not-in-room',
    reason: 'User is not in this room',
    details: { method: 'removeUserFromRoom' },
  });
  await expect(socket.call('removeUserFromRoom', { rid: 'nowhere', username: 'bob' })).rejects.toMatchObject({
    error: 'error-invalid-room',
  });
});

test('the removed user and the members see it on their sockets, lost roles included', async () => {
  const { alice, bob, carol, channel, listen } = world;
  const room = await channel([bob, carol]);
  await alice.post('channels.addModerator', { roomId: room._id, userId: bob.uid });
  const [removed, member] = [await listen(bob), await listen(carol)];
  await removed.socket.subscribe('stream-room-messages', room._id);
  await alice.post('channels.kick', { roomId: room._id, userId: bob.uid });
  await world.say(alice, room._id, 'bob is gone');

  expect(await removed.subscriptions(room._id)).toMatchObject([
    ['removed', { rid: room._id, u: { _id: bob.uid } }],
  ]);
  expect(removed.socket.events('room-messages', room._id)).toMatchObject([[{ t: 'ru', msg: 'bob' }]]);
  expect((await member.rooms(room._id))[0]).toMatchObject(['updated', { usersCount: 2 }]);
  expect(await member.roles(room._id)).toEqual([
    { type: 'removed', _id: 'moderator', scope: room._id, u: { _id: bob.uid, username: 'bob', name: 'bob' } },
  ]);
});
