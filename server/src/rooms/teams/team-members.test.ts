import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  INVALID_PARAMS,
  plain,
  type RoomWorld,
  startRoomWorld,
  withPermission,
} from '../../../test/support/rooms.ts';
import type { Person } from '../../../test/support/server.ts';

let world: RoomWorld;
let dave: Person;

beforeAll(async () => {
  world = await startRoomWorld();
  dave = await world.server.person('dave');
});
afterAll(() => world.close());

const UNAUTHORIZED = plain('unauthorized');

async function team(members: readonly Person[] = []) {
  const body = { name: world.newName(), type: 0, members: members.map(({ uid }) => uid) };
  const { _id: teamId, roomId } = (await world.alice.post('teams.create', body)).body.team;
  return { teamId: teamId as string, roomId: roomId as string };
}

/** A room of alice in the team with these members. */
async function roomOf(teamId: string, members: readonly Person[]) {
  const { _id } = await world.channel(members);
  expect(await world.alice.post('teams.addRooms', { teamId, rooms: [_id] })).toMatchObject({ status: 200 });
  return _id;
}

const rolesIn = async (teamId: string): Promise<Record<string, string[]>> => {
  const { body } = await world.admin.get('teams.members', { teamId });
  return Object.fromEntries(
    body.members.map(({ user, roles = [] }: { user: { username: string }; roles?: string[] }) => [
      user.username,
      roles,
    ]),
  );
};

const answerOf = async (person: Person, path: string, body: object) => {
  const answer = await person.post(path, body);
  return [answer.status, answer.body];
};

const DONE = [200, { success: true }];

describe('teams.addMembers', () => {
  test('adds to the main room; who is in only gets the roles', async () => {
    const { alice, bob, carol, listen, messages, subscription } = world;
    const { teamId, roomId } = await team([bob]);
    const socket = await listen(carol);
    const members = [
      { userId: carol.uid, roles: ['member', 'moderator'] },
      { userId: bob.uid, roles: ['leader'] },
      { userId: 'nobody' },
    ];
    expect(await answerOf(alice, 'teams.addMembers', { teamId, members })).toEqual(DONE);
    expect(await rolesIn(teamId)).toEqual({
      alice: ['owner'],
      bob: ['leader'],
      carol: ['member', 'moderator'],
    });
    expect(await subscription(carol, roomId)).toMatchObject({ roles: ['moderator'] });
    expect(await messages(roomId)).toMatchObject([
      { t: 'added-user-to-team', msg: 'carol', u: { username: 'alice' } },
    ]);
    expect((await socket.subscriptions(roomId)).map(([action]) => action)).toEqual(['inserted', 'updated']);
    expect(await socket.roles(roomId)).toMatchObject([
      { type: 'added', _id: 'moderator', u: { username: 'carol' } },
      { type: 'added', _id: 'leader', u: { username: 'bob' } },
    ]);
  });

  test('joining and being invited to the main room make members of the team, too', async () => {
    const { alice, bob, carol, types } = world;
    const { teamId, roomId } = await team();
    await bob.post('channels.join', { roomId });
    await alice.post('channels.invite', { roomId, userId: carol.uid });
    expect(await rolesIn(teamId)).toEqual({ alice: ['owner'], bob: [], carol: [] });
    expect(await types(roomId)).toEqual(['ujt', 'added-user-to-team']);
  });

  test('the refusals', async () => {
    const { alice, bob, carol } = world;
    const { teamId } = await team([bob]);
    const add = (person: Person, members: unknown, of: object = { teamId }) =>
      answerOf(person, 'teams.addMembers', { ...of, members });
    const carols = { userId: carol.uid };
    for (const wrong of [[], [carols, carols], [{}], [{ ...carols, roles: 'owner' }], undefined])
      expect(await add(alice, wrong)).toEqual([400, INVALID_PARAMS]);
    expect(await add(alice, [carols], { teamId: 'x' })).toEqual([400, plain('team-does-not-exist')]);
    expect(await add(bob, [carols])).toEqual([403, UNAUTHORIZED]);
    expect(await rolesIn(teamId)).not.toHaveProperty('carol');
    // Either permission will do.
    await withPermission(world, 'edit-team-member', ['user'], async () => {
      expect(await add(bob, [carols])).toEqual(DONE);
    });
  });
});

describe('teams.updateMember', () => {
  test('sets the roles of the member in team and main room', async () => {
    const { alice, bob, subscription } = world;
    const { teamId, roomId } = await team([bob]);
    const update = (roles?: string[]) =>
      answerOf(alice, 'teams.updateMember', { teamId, member: { userId: bob.uid, roles } });
    expect(await update(['member', 'owner'])).toEqual(DONE);
    expect(await rolesIn(teamId)).toMatchObject({ bob: ['member', 'owner'] });
    expect(await subscription(bob, roomId)).toMatchObject({ roles: ['owner'] });
    expect(await update()).toEqual(DONE);
    expect(await rolesIn(teamId)).toMatchObject({ bob: [] });
    expect(await subscription(bob, roomId)).not.toHaveProperty('roles');
  });

  test('the refusals', async () => {
    const { alice, bob, carol } = world;
    const { teamId } = await team([bob]);
    const update = (person: Person, userId: string) =>
      answerOf(person, 'teams.updateMember', { teamId, member: { userId, roles: [] } });
    expect(await answerOf(alice, 'teams.updateMember', { teamId })).toEqual([400, INVALID_PARAMS]);
    expect(await update(bob, bob.uid)).toEqual([403, UNAUTHORIZED]);
    expect(await update(alice, 'nobody')).toEqual([400, plain('invalid-user')]);
    expect(await update(alice, carol.uid)).toEqual([400, plain('member-does-not-exist')]);
    expect(await update(alice, alice.uid)).toEqual([400, plain('last-owner-can-not-be-removed')]);
  });
});

describe.each([
  { path: 'teams.removeMember', main: 'removed-user-from-team', other: 'ru', actor: 'alice' },
  { path: 'teams.leave', main: 'ult', other: 'ul', actor: 'bob' },
])('$path', ({ path, main, other, actor }) => {
  const isLeave = path === 'teams.leave';
  /** `leaver` leaves, or alice removes them. */
  const end = (leaver: Person, body: { teamId: string; rooms?: string[] }) =>
    isLeave ? answerOf(leaver, path, body) : answerOf(world.alice, path, { ...body, userId: leaver.uid });

  test('ends the membership of the team and of the named rooms, no other', async () => {
    const { bob, carol, channel, listen, messages, subscription } = world;
    const { teamId, roomId } = await team([bob, carol]);
    const [left, kept] = [await roomOf(teamId, [bob]), await roomOf(teamId, [bob])];
    const notJoined = await roomOf(teamId, []);
    const { _id: foreign } = await channel([bob]);
    const socket = await listen(bob);
    expect(await end(bob, { teamId, rooms: [left, notJoined, foreign, 'nowhere', roomId] })).toEqual(DONE);
    expect(await rolesIn(teamId)).toEqual({ alice: ['owner'], carol: [] });
    const of = { msg: 'bob', u: { username: actor } };
    expect((await messages(roomId)).at(-1)).toMatchObject({ t: main, ...of });
    expect((await messages(left)).at(-1)).toMatchObject({ t: other, ...of });
    for (const rid of [roomId, left]) {
      expect(await subscription(bob, rid)).toBeNull();
      expect((await socket.subscriptions(rid)).at(-1)?.[0]).toBe('removed');
    }
    for (const rid of [kept, foreign]) expect(await subscription(bob, rid)).not.toBeNull();
    expect(await world.room(roomId)).toMatchObject({ usersCount: 2 });
  });

  test('the refusals change nothing', async () => {
    const { alice, bob, subscription } = world;
    const { teamId, roomId } = await team([bob]);
    const refusals: [Awaited<ReturnType<typeof end>>, string][] = [
      [await end(dave, { teamId }), 'member-does-not-exist'],
      [await end(alice, { teamId }), 'last-owner-can-not-be-removed'],
      [await end(bob, { teamId: '' }), 'team-does-not-exist'],
    ];
    for (const [answer, error] of refusals) expect(answer).toEqual([400, plain(error)]);
    expect(await end(bob, { teamId, rooms: [] })).toEqual([400, INVALID_PARAMS]);
    // The only owner of a room has to stay in it, and so in the team.
    const own = (await bob.post('channels.create', { name: world.newName() })).body.channel._id;
    await alice.post('teams.addMembers', { teamId, members: [{ userId: bob.uid, roles: ['moderator'] }] });
    await bob.post('teams.addRooms', { teamId, rooms: [own] });
    expect(await end(bob, { teamId, rooms: [own] })).toEqual([400, plain('last-owner-can-not-be-removed')]);
    expect(await subscription(bob, roomId)).not.toBeNull();
    if (isLeave) return;
    const byBob = { teamId, userId: alice.uid };
    await alice.post('teams.updateMember', { teamId, member: { userId: bob.uid } });
    expect(await answerOf(bob, path, byBob)).toEqual([403, UNAUTHORIZED]);
    expect(await answerOf(alice, path, { teamId, userId: 'nobody' })).toEqual([400, plain('invalid-user')]);
    const erin = await world.server.person('erin');
    await world.admin.post('users.setActiveStatus', { userId: erin.uid, activeStatus: false });
    expect(await end(erin, { teamId })).toEqual([400, plain('invalid-user')]);
  });
});

test('of two owners who leave at the same moment one stays', async () => {
  const { alice, bob } = world;
  const { teamId } = await team([bob]);
  await alice.post('teams.updateMember', { teamId, member: { userId: bob.uid, roles: ['owner'] } });
  const answers = await Promise.all([alice, bob].map((person) => person.post('teams.leave', { teamId })));
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 400]);
});

test('a kick from the main room and a ban end the membership of the team', async () => {
  const { alice, bob, carol } = world;
  const { teamId, roomId } = await team([bob, carol]);
  await alice.post('channels.kick', { roomId, userId: bob.uid });
  await alice.post('rooms.banUser', { roomId, userId: carol.uid });
  expect(await rolesIn(teamId)).toEqual({ alice: ['owner'] });
  const members = [{ userId: carol.uid }];
  const { body } = await alice.post('teams.addMembers', { teamId, members });
  expect(body.errorType).toBe('error-user-is-banned');
});
