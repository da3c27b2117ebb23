import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  coded,
  INVALID_PARAMS,
  ISO,
  NO_PERMISSION,
  plain,
  type RoomWorld,
  startRoomWorld,
  withPermission,
} from '../../../test/support/rooms.ts';
import type { Person } from '../../../test/support/server.ts';

let world: RoomWorld;

beforeAll(async () => {
  world = await startRoomWorld();
});
afterAll(() => world.close());

const UNAUTHORIZED = plain('unauthorized');
const NO_TEAM = plain('team-does-not-exist');

/** A team of alice with these members. */
async function team(members: readonly Person[] = [], more: object = {}) {
  const body = { name: world.newName(), type: 0, members: members.map(({ uid }) => uid), ...more };
  const created = await world.alice.post('teams.create', body);
  expect(created).toMatchObject({ status: 200 });
  return created.body.team as { _id: string; name: string; roomId: string };
}

const membersOf = async (teamId: string) => {
  const { body } = await world.admin.get('teams.members', { teamId });
  return body.members.map(({ user, roles = [] }: { user: { username: string }; roles?: string[] }) => [
    user.username,
    ...roles,
  ]);
};

describe('teams.create', () => {
  test.each([
    [0, 'c'],
    [1, 'p'],
  ])('makes a team of type %i and its main room of type %s', async (type, t) => {
    const { alice, bob, carol, listen, newName } = world;
    const socket = await listen(bob);
    const name = newName();
    const wish = { name, type, members: [bob.uid, 'carol', 'nobody'], room: { topic: 'Trains' } };
    const { status, body } = await alice.post('teams.create', wish);
    expect([status, body]).toEqual([
      200,
      {
        team: {
          _id: expect.any(String),
          name,
          type,
          roomId: expect.any(String),
          createdAt: ISO,
          createdBy: { _id: alice.uid, username: 'alice' },
          _updatedAt: ISO,
        },
        success: true,
      },
    ]);
    const { _id: teamId, roomId } = body.team;
    expect(await world.room(roomId)).toMatchObject({
      ...{ name, fname: name, t, teamId, teamMain: true, usersCount: 3, msgs: 0, topic: 'Trains' },
      u: { _id: alice.uid, username: 'alice' },
    });
    expect(await membersOf(teamId)).toEqual([['alice', 'owner'], ['bob'], ['carol']]);
    expect(await world.subscription(alice, roomId)).toMatchObject({ roles: ['owner'], teamMain: true });
    expect((await socket.subscriptions(roomId)).at(-1)).toMatchObject(['inserted', { teamId }]);
    expect((await socket.rooms(roomId)).at(-1)).toMatchObject(['inserted', { teamId, teamMain: true }]);
    expect(carol.username).toBe('carol');
  });

  test('somebody else may become the owner; the caller stays out', async () => {
    const { alice, bob } = world;
    const { _id, roomId } = await team([], { owner: bob.uid });
    expect(await membersOf(_id)).toEqual([['bob', 'owner']]);
    expect((await bob.get('rooms.info', { roomId })).body.room.u).toMatchObject({ username: 'bob' });
    expect(await world.subscription(alice, roomId)).toBeNull();
  });

  test('an existing room becomes the main one, under the name and with the type of the team', async () => {
    const { alice, bob, carol, channel, newName, types } = world;
    const room = await channel([bob]);
    const name = newName();
    const wish = { name, type: 1, members: [carol.uid], room: { id: room._id } };
    const { body } = await alice.post('teams.create', wish);
    expect(body.team).toMatchObject({ name, type: 1, roomId: room._id });
    expect(await world.room(room._id)).toMatchObject({ name, t: 'p', teamMain: true, usersCount: 3 });
    expect(await membersOf(body.team._id)).toEqual([['alice', 'owner'], ['bob'], ['carol']]);
    expect(await types(room._id)).toEqual(['r', 'room_changed_privacy', 'user-converted-to-team']);
  });

  test('the refusals', async () => {
    const { alice, bob, channel, newName, room: info } = world;
    const post = async (person: Person, body: object) => {
      const answer = await person.post('teams.create', { type: 0, name: newName(), ...body });
      return [answer.status, answer.body];
    };
    await withPermission(world, 'create-team', ['admin'], async () => {
      expect(await post(alice, {})).toEqual([403, NO_PERMISSION]);
    });
    for (const wrong of [{ type: 2 }, { type: undefined }, { name: undefined }, { colour: 'red' }])
      expect(await post(alice, wrong)).toEqual([400, INVALID_PARAMS]);
    const existing = await channel();
    const mine = await team();
    expect(await post(bob, { room: { id: existing._id } })).toEqual([403, UNAUTHORIZED]);
    const refused: [object, string][] = [
      [{ name: mine.name.toUpperCase() }, 'team-name-already-exists'],
      [{ name: 'Bob' }, 'team-name-already-exists'],
      [{ name: existing.name }, 'room-name-already-exists'],
      [{ owner: 'nobody' }, 'invalid-user'],
      [{ name: 'not a name!' }, 'error-team-creation'],
      [{ name: 'all' }, 'error-team-creation'],
      [{ room: { id: mine.roomId } }, 'error-team-creation'],
    ];
    for (const [wish, error] of refused) expect(await post(alice, wish)).toEqual([400, plain(error)]);
    // Nothing is left behind: the same room still becomes a team.
    expect(await post(alice, { name: 'also wrong!', room: { id: existing._id } })).toEqual([
      400,
      plain('error-team-creation'),
    ]);
    expect(await info(existing._id)).not.toHaveProperty('teamId');
    expect((await post(alice, { name: existing.name, room: { id: existing._id } }))[0]).toBe(200);
  });

  test('of two teams of one name at the same moment one is made', async () => {
    const { alice, bob, newName } = world;
    const wish = { name: newName(), type: 0 };
    const answers = await Promise.all([alice, bob, alice].map((person) => person.post('teams.create', wish)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400, 400]);
  });
});

describe('reading teams', () => {
  test('lists count rooms and members; everybody sees their own, administrators all', async () => {
    const { alice, bob, admin } = world;
    const mine = await team([bob]);
    const own = (await bob.get('teams.list', { sort: '{"createdAt":-1}', count: 1 })).body;
    expect(own).toMatchObject({ count: 1, offset: 0, success: true });
    expect(own.teams).toEqual([expect.objectContaining({ _id: mine._id, rooms: 0, numberOfUsers: 2 })]);
    const all = (await admin.get('teams.listAll', { count: 0 })).body;
    expect(all.total).toBeGreaterThan(own.total);
    expect(all.teams.map(({ _id }: { _id: string }) => _id)).toContain(mine._id);
    const refused = await alice.get('teams.listAll');
    expect([refused.status, refused.body]).toEqual([403, NO_PERMISSION]);
  });

  test('teams.info, by id or exact name, for whoever may enter the main room or see all teams', async () => {
    const { alice, bob, admin } = world;
    const open = await team();
    const shut = await team([], { type: 1 });
    const info = async (person: Person, query: object) => {
      const { status, body } = await person.get('teams.info', query as Record<string, unknown>);
      return [status, body];
    };
    const expected = { teamInfo: expect.objectContaining({ _id: open._id, type: 0 }), success: true };
    expect(await info(bob, { teamId: open._id })).toEqual([200, expected]);
    expect(await info(bob, { teamName: open.name })).toEqual([200, expected]);
    expect(await info(bob, { teamName: open.name.toUpperCase() })).toEqual([400, plain('Team not found')]);
    expect(await info(bob, { teamId: '' })).toEqual([400, plain('Team not found')]);
    expect(await info(bob, { teamId: shut._id })).toEqual([403, UNAUTHORIZED]);
    expect((await info(alice, { teamId: shut._id }))[0]).toBe(200);
    expect((await info(admin, { teamId: shut._id }))[0]).toBe(200);
    expect(await info(bob, {})).toEqual([400, INVALID_PARAMS]);
    expect(await info(bob, { teamId: open._id, teamName: open.name })).toEqual([400, INVALID_PARAMS]);
  });

  test('teams.members filters, pages, and shows nobody to strangers', async () => {
    const { alice, bob, carol, admin } = world;
    const { _id: teamId } = await team([bob]);
    const get = async (person: Person, query: object = {}) =>
      (await person.get('teams.members', { teamId, ...query })).body;
    const bobs = {
      user: { _id: bob.uid, username: 'bob', name: 'bob', status: expect.any(String), settings: {} },
      createdBy: { _id: alice.uid, username: 'alice' },
      createdAt: ISO,
    };
    expect(await get(bob, { offset: 1 })).toEqual({
      members: [bobs],
      total: 2,
      count: 1,
      offset: 1,
      success: true,
    });
    expect((await get(alice, { username: 'LIC' })).members).toMatchObject([{ roles: ['owner'] }]);
    expect((await get(admin, { name: 'BO' })).members).toEqual([bobs]);
    expect((await get(alice, { 'status[]': 'busy' })).members).toEqual([]);
    await alice.post('teams.addMembers', { teamId, members: [{ userId: admin.uid }] });
    expect((await get(alice, { username: 'root' })).members[0].createdBy).toEqual(bobs.createdBy);
    expect(await get(carol)).toEqual({ members: [], total: 0, count: 0, offset: 0, success: true });
    expect((await alice.get('teams.members', { teamId: 'nowhere' })).body).toEqual(NO_TEAM);
  });

  test('teams.autocomplete and users.listTeams tell of public teams and own ones', async () => {
    const { alice, bob, carol, newName } = world;
    const name = newName();
    const open = await team([], { name: `${name}-open` });
    const shut = await team([bob], { name: `${name}-shut`, type: 1 });
    const suggested = async (person: Person, text: string) =>
      (await person.get('teams.autocomplete', { name: text })).body.teams;
    const shown = (t: string, { _id, name: slug, roomId }: typeof open) => ({
      ...{ _id: roomId, name: slug, fname: slug, t, teamId: _id },
    });
    expect(await suggested(bob, name.toUpperCase())).toEqual([shown('c', open), shown('p', shut)]);
    expect(await suggested(carol, name)).toEqual([shown('c', open)]);
    expect(await suggested(carol, open.name.slice(1))).toEqual([]);
    const of = async (person: Person) => {
      const { body } = await person.get('users.listTeams', { userId: alice.uid });
      return body.teams.filter(({ _id }: { _id: string }) => [open._id, shut._id].includes(_id));
    };
    expect(await of(carol)).toMatchObject([{ _id: open._id, roomId: open.roomId, isOwner: true }]);
    expect(await of(bob)).toHaveLength(2);
    expect((await bob.get('users.listTeams', { userId: bob.uid })).body.teams).toContainEqual(
      expect.objectContaining({ _id: shut._id, isOwner: false }),
    );
  });
});

test('spotlight finds public teams among rooms, and own ones among what can be mentioned', async () => {
  const { bob, carol, newName } = world;
  const name = newName();
  const open = await team([], { name: `${name}-open` });
  const shut = await team([bob], { name: `${name}-shut`, type: 1 });
  const find = async (person: Person, type: object) => {
    const { body } = await person.get('spotlight', { query: name, type: JSON.stringify(type) });
    return body;
  };
  expect(await find(carol, { rooms: true })).toMatchObject({ rooms: [{ _id: open.roomId, teamMain: true }] });
  const mention = { type: 1, isTeam: true, username: shut.name, status: 'online' };
  expect((await find(bob, { users: true, mentions: true })).users).toEqual([
    { _id: shut._id, name: shut.name, ...mention },
  ]);
  expect((await find(bob, { users: true })).users).toEqual([]);
});

describe('teams.update', () => {
  test('renames and retypes team and main room alike', async () => {
    const { alice, newName, types, room } = world;
    const { _id: teamId, roomId } = await team();
    const name = newName();
    const { status, body } = await alice.post('teams.update', { teamId, data: { name, type: 1 } });
    expect([status, body]).toEqual([200, { success: true }]);
    expect((await alice.get('teams.info', { teamId })).body.teamInfo).toMatchObject({ name, type: 1 });
    expect(await room(roomId)).toMatchObject({ name, t: 'p' });
    expect(await types(roomId)).toEqual(['r', 'room_changed_privacy']);
  });

  test('the refusals', async () => {
    const { alice, bob } = world;
    const { _id: teamId } = await team([bob]);
    const post = async (person: Person, body: object) => {
      const answer = await person.post('teams.update', body);
      return [answer.status, answer.body];
    };
    for (const data of [{}, { name: ' ' }, { type: 3 }, { colour: 1 }])
      expect(await post(alice, { teamId, data })).toEqual([400, INVALID_PARAMS]);
    expect(await post(alice, { teamName: 'nowhere', data: { type: 1 } })).toEqual([400, NO_TEAM]);
    expect(await post(bob, { teamId, data: { type: 1 } })).toEqual([403, UNAUTHORIZED]);
    const taken = coded('error-duplicate-handle', "A room, team or user with name 'carol' already exists");
    expect(await post(alice, { teamId, data: { name: 'carol' } })).toEqual([400, taken]);
  });
});

describe.each(['teams.delete', 'teams.convertToChannel'])('%s', (path) => {
  const keepsMain = path === 'teams.convertToChannel';

  /** A team with one room to remove and one to keep. */
  async function prepared() {
    const { alice, bob, channel, group } = world;
    const { _id: teamId, roomId, name } = await team([bob]);
    const [doomed, kept] = [await channel([bob]), await group([bob])];
    await alice.post('teams.addRooms', { teamId, rooms: [doomed._id, kept._id] });
    return { teamId, roomId, name, doomed, kept };
  }

  test('removes the named rooms of the team, the others go on without it', async () => {
    const { alice, bob, channel, listen, room, types } = world;
    const { teamId, roomId, name, doomed, kept } = await prepared();
    const foreign = await channel();
    const socket = await listen(bob);
    const roomsToRemove = [doomed._id, foreign._id, roomId];
    const { status, body } = await alice.post(path, { teamId, roomsToRemove });
    expect([status, body]).toEqual([200, { success: true }]);
    expect(await room(doomed._id)).toBeUndefined();
    expect(await room(foreign._id)).toBeDefined();
    expect(await room(kept._id)).not.toHaveProperty('teamId');
    expect((await socket.rooms(kept._id)).at(-1)?.[1]).not.toHaveProperty('teamId');
    expect((await socket.subscriptions(kept._id)).at(-1)?.[1]).not.toHaveProperty('teamId');
    expect((await alice.get('teams.info', { teamId })).body).toEqual(plain('Team not found'));
    if (keepsMain) {
      expect(await room(roomId)).toMatchObject({ name });
      expect(await room(roomId)).not.toHaveProperty('teamMain');
      expect((await types(roomId)).slice(-2)).toEqual([
        'user-deleted-room-from-team',
        'user-converted-to-channel',
      ]);
    } else {
      expect(await room(roomId)).toBeUndefined();
      expect((await socket.rooms(roomId)).at(-1)).toMatchObject(['removed', { _id: roomId }]);
    }
    // The name is free again.
    if (!keepsMain) expect((await alice.post('teams.create', { name, type: 0 })).status).toBe(200);
  });

  test('the refusals change nothing', async () => {
    const { alice, bob } = world;
    const { teamId, doomed } = await prepared();
    const post = async (person: Person, body: object) => {
      const answer = await person.post(path, body);
      return [answer.status, answer.body];
    };
    expect(await post(alice, {})).toEqual([400, INVALID_PARAMS]);
    expect(await post(alice, { teamId: '' })).toEqual([400, NO_TEAM]);
    expect(await post(bob, { teamId })).toEqual([403, UNAUTHORIZED]);
    await withPermission(world, 'delete-c', ['admin'], async () => {
      expect(await post(alice, { teamId, roomsToRemove: [doomed._id] })).toEqual([
        400,
        coded('error-not-allowed', 'Not allowed', { method: 'eraseRoom' }),
      ]);
    });
    expect((await alice.get('teams.info', { teamId })).status).toBe(200);
    expect(await world.room(doomed._id)).toMatchObject({ teamId });
  });
});
