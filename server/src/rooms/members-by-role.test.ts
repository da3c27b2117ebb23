import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  coded,
  INVALID_PARAMS,
  ISO,
  plain,
  type RoomWorld,
  startRoomWorld,
} from '../../test/support/rooms.ts';

let world: RoomWorld;
let roomId: string;

beforeAll(async () => {
  world = await startRoomWorld();
  const { alice, bob, carol, channel, server } = world;
  const [dave, erin] = await Promise.all([server.person('dave'), server.person('erin')]);
  roomId = (await channel([bob, carol, dave, erin]))._id;
  await alice.post('channels.addModerator', { roomId, userId: carol.uid });
  await alice.post('channels.addLeader', { roomId, userId: dave.uid });
  await alice.post('channels.addModerator', { roomId, userId: dave.uid });
});
afterAll(() => world.close());

const names = async (query: object) => {
  const { body } = await world.alice.get('rooms.membersOrderedByRole', { roomId, ...query });
  return body.members.map(({ username }: { username: string }) => username);
};

test('auditors see the members of rooms that they are not in', async () => {
  const { admin } = world.server;
  const get = (query: object) => admin.get('audit/rooms.members', query as Record<string, unknown>);
  const secret = await world.group();
  const { body } = await get({ roomId: secret._id });
  expect(body).toMatchObject({ count: 1, offset: 0, total: 1, success: true });
  expect(body.members).toEqual([
    { _id: world.alice.uid, username: 'alice', name: 'alice', status: expect.any(String), _updatedAt: ISO },
  ]);
  expect((await get({ roomId, filter: 'AR', sort: '{"username":-1}' })).body).toMatchObject({ total: 1 });
  expect((await get({})).body).toEqual(INVALID_PARAMS);
  expect((await get({ roomId: 'nowhere' })).body).toMatchObject({ errorType: 'error-room-not-found' });
  const refused = await world.alice.get('audit/rooms.members', { roomId });
  expect([refused.status, refused.body.error]).toEqual([
    403,
    'User does not have the permissions required for this action [error-unauthorized]',
  ]);
});

describe('rooms.membersOrderedByRole', () => {
  test('owners, leaders, moderators, then everybody else by name', async () => {
    expect(await names({})).toEqual(['alice', 'dave', 'carol', 'bob', 'erin']);
    expect(await names({ sort: '{"rolePriority":-1}' })).toEqual(['bob', 'erin', 'carol', 'dave', 'alice']);
    expect(await names({ filter: 'AR' })).toEqual(['carol']);
    expect(await names({ status: ['online'] })).toEqual([]);
    const { body } = await world.alice.get('rooms.membersOrderedByRole', { roomId, count: 2, offset: 1 });
    expect(body).toMatchObject({ count: 2, offset: 1, total: 5, success: true });
    expect(body.members[0]).toMatchObject({
      username: 'dave',
      status: 'offline',
      roles: ['leader', 'moderator'],
      subscription: { _id: expect.any(String), rid: roomId, ts: ISO, roles: ['leader', 'moderator'] },
    });
    expect(body.members[1]).toMatchObject({ username: 'carol', roles: ['moderator'] });
  });

  test('what is refused', async () => {
    const { alice, bob, carol, group } = world;
    const get = (person: typeof alice, query: object) =>
      person.get('rooms.membersOrderedByRole', query as Record<string, unknown>);
    const secret = await group();
    const unknown = plain('The required "roomId" or "roomName" param provided does not match any room');
    for (const query of [{ roomId: secret._id }, { roomName: 'nowhere' }]) {
      const answer = await get(carol, query);
      expect([answer.status, answer.body]).toEqual([404, unknown]);
    }
    const direct = (await alice.post('im.create', { username: 'bob' })).body.room._id;
    expect((await get(bob, { roomId: direct })).body).toEqual(plain('error-room-type-not-supported'));
    expect((await get(bob, {})).body).toEqual(INVALID_PARAMS);
    const made = await alice.post('channels.create', {
      name: 'news',
      members: ['bob'],
      extraData: { broadcast: true },
    });
    expect((await get(bob, { roomId: made.body.channel._id })).status).toBe(401);
  });
});

describe('rooms.roles', () => {
  test('who holds a role, by name', async () => {
    const { body } = await world.bob.get('rooms.roles', { rid: roomId });
    expect(
      body.roles.map(({ u, roles }: { u: { username: string }; roles: string[] }) => [u.username, roles]),
    ).toEqual([
      ['alice', ['owner']],
      ['carol', ['moderator']],
      ['dave', ['leader', 'moderator']],
    ]);
  });

  test('what is refused', async () => {
    const { carol, group } = world;
    const details = { method: 'getRoomRoles' };
    expect((await carol.get('rooms.roles', { rid: 'nowhere' })).body).toEqual(
      coded('error-invalid-room', 'Invalid room', details),
    );
    expect((await carol.get('rooms.roles', { rid: (await group())._id })).body).toEqual(
      coded('error-invalid-user', 'Invalid user', details),
    );
    expect((await carol.get('rooms.roles')).body).toEqual(INVALID_PARAMS);
  });
});
