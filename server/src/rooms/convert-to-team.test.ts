import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  INVALID_PARAMS,
  ISO,
  NO_CHANNEL,
  NO_GROUP,
  NO_PERMISSION,
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

const teamMembers = async (teamId: string) => {
  const rows = await world.server.server.ctx.db
    .selectFrom('team_members')
    .innerJoin('users', 'users.id', 'team_members.uid')
    .select(['users.username', 'team_members.roles'])
    .where('team_id', '=', teamId)
    .orderBy('users.username')
    .execute();
  return rows.map((row) => [row.username, JSON.parse(row.roles)]);
};

describe.each([
  { prefix: 'channels', type: 0, notFound: NO_CHANNEL, byId: 'channelId', byName: 'channelName' },
  { prefix: 'groups', type: 1, notFound: NO_GROUP, byId: 'roomId', byName: 'roomName' },
] as const)('$prefix.convertToTeam', ({ prefix, type, notFound, byId, byName }) => {
  const make: RoomWorld['channel'] = (...of) =>
    prefix === 'channels' ? world.channel(...of) : world.group(...of);
  const path = `${prefix}.convertToTeam`;

  test('the answer is the team; the room is its main room, its members are the team’s', async () => {
    const { alice, bob, messages, room: info } = world;
    const room = await make([bob]);
    const { status, body } = await alice.post(path, { [byId]: room._id });
    expect(status).toBe(200);
    expect(body).toEqual({
      team: {
        _id: expect.any(String),
        name: room.name,
        type,
        roomId: room._id,
        createdAt: ISO,
        createdBy: { _id: alice.uid, username: 'alice' },
        _updatedAt: ISO,
      },
      success: true,
    });
    expect(await info(room._id)).toMatchObject({ teamId: body.team._id, teamMain: true, msgs: 1 });
    expect(await messages(room._id)).toMatchObject([
      { t: 'user-converted-to-team', msg: room.name, u: { username: 'alice' } },
    ]);
    expect(await teamMembers(body.team._id)).toEqual([
      ['alice', ['owner']],
      ['bob', []],
    ]);
    const { body: shown } = await bob.get('rooms.info', { roomId: room._id });
    expect(shown.team).toEqual({ _id: body.team._id, name: room.name, roomId: room._id, type });
  });

  test('members see it on their sockets and in delta synchronization', async () => {
    const { alice, bob, listen, subscription } = world;
    const room = await make([bob]);
    const since = (await subscription(bob, room._id))?._updatedAt;
    const member = await listen(bob);
    const { team } = (await alice.post(path, { [byName]: room.name })).body;
    expect((await member.rooms(room._id)).at(-1)).toMatchObject([
      'updated',
      { teamId: team._id, teamMain: true },
    ]);
    const [action, document] = (await member.subscriptions(room._id)).at(-1) ?? [];
    expect([action, document]).toMatchObject(['updated', { teamId: team._id, teamMain: true }]);
    const { body } = await bob.get('subscriptions.get', { updatedSince: since });
    expect(body.update).toContainEqual(expect.objectContaining({ rid: room._id, teamId: team._id }));
  });

  test('a moderator who converts becomes owner of team and room', async () => {
    const { alice, bob, subscription } = world;
    const room = await make([bob]);
    await alice.post(`${prefix}.addModerator`, { roomId: room._id, userId: bob.uid });
    const { team } = (await bob.post(path, { [byId]: room._id })).body;
    expect(await teamMembers(team._id)).toEqual([
      ['alice', ['owner']],
      ['bob', ['moderator', 'owner']],
    ]);
    expect(await subscription(bob, room._id)).toMatchObject({ roles: ['moderator', 'owner'] });
  });

  test('the refusals come in their documented order', async () => {
    const { alice, bob } = world;
    const room = await make([bob]);
    const post = async (person: typeof bob, body: object) => (await person.post(path, body)).body;
    expect(await post(bob, {})).toEqual(INVALID_PARAMS);
    const both = await post(bob, { [byId]: room._id, [byName]: room.name });
    expect(both).toEqual(INVALID_PARAMS);
    expect(both.error).toContain('must match exactly one schema in oneOf');
    expect(await post(bob, { [byId]: 'nowhere' })).toEqual(notFound);
    expect(await bob.post(path, { [byId]: room._id })).toMatchObject({
      status: 403,
      body: plain('unauthorized'),
    });
    await withPermission(world, 'create-team', ['admin'], async () => {
      const { status, body } = await alice.post(path, { [byId]: room._id });
      expect([status, body]).toEqual([403, prefix === 'channels' ? NO_PERMISSION : plain('unauthorized')]);
    });
    await alice.post(path, { [byId]: room._id });
    expect(await post(alice, { [byId]: room._id })).toEqual(plain('team-name-already-exists'));
    const old = await make();
    await alice.post(`${prefix}.archive`, { roomId: old._id });
    expect((await post(alice, { [byId]: old._id })).errorType).toBe('error-room-archived');
  });

  test('the name of a user cannot become that of a team', async () => {
    const { alice } = world;
    const name = prefix === 'channels' ? 'Bob' : 'Carol';
    const created = await alice.post(`${prefix}.create`, { name });
    const roomId = (created.body.channel ?? created.body.group)._id;
    const { status, body } = await alice.post(path, { [byId]: roomId });
    expect([status, body]).toEqual([400, plain('team-name-already-exists')]);
  });

  test('converted twice at the same moment it becomes one team', async () => {
    const { alice } = world;
    const room = await make();
    const answers = await Promise.all([1, 2, 3].map(() => alice.post(path, { [byId]: room._id })));
    expect(answers.map((answer) => answer.status).sort()).toEqual([200, 400, 400]);
    const refused = answers.filter((answer) => answer.status === 400);
    for (const { body } of refused) expect(body).toEqual(plain('team-name-already-exists'));
  });
});

test('an administrator who is no member becomes one', async () => {
  const { admin, channel, subscription, room: info, types } = world;
  const room = await channel();
  const { team } = (await admin.post('channels.convertToTeam', { channelId: room._id })).body;
  expect(await teamMembers(team._id)).toEqual([
    ['alice', ['owner']],
    ['root', ['owner']],
  ]);
  expect(await subscription(admin, room._id)).toMatchObject({ roles: ['owner'], teamMain: true });
  expect(await info(room._id)).toMatchObject({ usersCount: 2, msgs: 1 });
  expect(await types(room._id)).toEqual(['user-converted-to-team']);
});

test('a username that differs in case only from a team’s name is taken', async () => {
  const { admin, alice, channel } = world;
  const room = await channel();
  await alice.post('channels.convertToTeam', { channelId: room._id });
  const { body } = await admin.post('users.create', {
    username: room.name.toUpperCase(),
    name: 'x',
    email: 'x@example.com',
    password: 'long-enough',
  });
  expect(body.success).toBe(false);
});
