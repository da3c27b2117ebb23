import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { PATIENCE } from '../../../test/support/patience.ts';
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

async function team(members: readonly Person[] = [], type = 0) {
  const body = { name: world.newName(), type, members: members.map(({ uid }) => uid) };
  const { _id: teamId, roomId, name } = (await world.alice.post('teams.create', body)).body.team;
  return { teamId: teamId as string, roomId: roomId as string, name: name as string };
}

const posted = async (person: Person, path: string, body: object) => {
  const answer = await person.post(path, body);
  return [answer.status, answer.body];
};
const got = async (person: Person, path: string, query: Record<string, unknown>) => {
  const answer = await person.get(path, query);
  return [answer.status, answer.body];
};
const names = (rooms: { name: string }[]) => rooms.map(({ name }) => name);

describe('teams.addRooms', () => {
  test('puts own rooms into the team; the main room and the members are told', async () => {
    const { alice, bob, channel, group, listen, messages } = world;
    const { teamId, roomId } = await team();
    const [open, shut] = [await channel([bob]), await group([bob])];
    const socket = await listen(bob);
    const { status, body } = await alice.post('teams.addRooms', { teamId, rooms: [open._id, shut._id] });
    expect([status, body.rooms]).toMatchObject([
      200,
      [
        { _id: open._id, t: 'c', teamId },
        { _id: shut._id, t: 'p', teamId },
      ],
    ]);
    expect(body.rooms[0]).not.toHaveProperty('teamDefault');
    expect(await messages(roomId)).toMatchObject([
      { t: 'user-added-room-to-team', msg: open.name, u: { username: 'alice' } },
    ]);
    for (const { _id } of [open, shut]) {
      expect((await socket.rooms(_id)).at(-1)).toMatchObject(['updated', { teamId }]);
      expect((await socket.subscriptions(_id)).at(-1)).toMatchObject(['updated', { teamId }]);
    }
    expect((await alice.get('teams.list')).body.teams).toContainEqual(
      expect.objectContaining({ _id: teamId, rooms: 2 }),
    );
  });

  test('only members of a private team enter its channels; who reads along otherwise stops hearing', async () => {
    const { alice, bob, channel, say } = world;
    const { teamId } = await team([], 1);
    const open = await channel();
    const socket = await bob.ddp();
    await socket.subscribe('stream-room-messages', open._id);
    const { realtime } = world.server.server;
    const before = realtime.stats().subscriptions;
    await alice.post('teams.addRooms', { teamId, rooms: [open._id] });
    await vi.waitFor(() => expect(realtime.stats().subscriptions).toBe(before - 1), PATIENCE);
    await say(alice, open._id, 'among ourselves');
    await socket.barrier();
    expect(socket.events('room-messages', open._id)).toEqual([]);
    expect(await posted(bob, 'channels.join', { roomId: open._id })).toMatchObject([400, {}]);
  });

  test('the refusals change nothing', async () => {
    const { alice, bob, channel, group, room } = world;
    const { teamId } = await team([bob]);
    const other = await team();
    const [mine, taken, bobs] = [await channel(), await channel(), await group([bob])];
    await alice.post('teams.addRooms', { teamId: other.teamId, rooms: [taken._id] });
    const add = (person: Person, rooms: unknown) => posted(person, 'teams.addRooms', { teamId, rooms });
    expect(await add(alice, [])).toEqual([400, INVALID_PARAMS]);
    expect(await add(bob, [mine._id])).toEqual([403, plain('error-no-permission-team-channel')]);
    expect(await add(alice, [mine._id, 'nowhere'])).toEqual([400, plain('invalid-room')]);
    expect(await add(alice, [mine._id, taken._id])).toEqual([400, plain('room-already-on-team')]);
    await alice.post('teams.updateMember', { teamId, member: { userId: bob.uid, roles: ['moderator'] } });
    expect(await add(bob, [bobs._id])).toEqual([400, plain('error-no-owner-channel')]);
    expect(await room(mine._id)).not.toHaveProperty('teamId');
    const direct = (await alice.post('im.create', { username: 'bob' })).body.room._id;
    expect(await add(alice, [direct])).toEqual([400, plain('invalid-room')]);
  });
});

describe('teams.removeRoom', () => {
  test('takes the room out of the team', async () => {
    const { alice, bob, channel, messages } = world;
    const { teamId, roomId } = await team([bob]);
    const { _id, name } = await channel();
    await alice.post('teams.addRooms', { teamId, rooms: [_id] });
    await alice.post('teams.updateRoom', { roomId: _id, isDefault: true });
    const { status, body } = await alice.post('teams.removeRoom', { teamId, roomId: _id });
    expect([status, body.room._id]).toEqual([200, _id]);
    expect(body.room).not.toHaveProperty('teamId');
    expect(body.room).not.toHaveProperty('teamDefault');
    expect((await messages(roomId)).at(-1)).toMatchObject({ t: 'user-removed-room-from-team', msg: name });
  });

  test('the refusals', async () => {
    const { alice, bob, channel } = world;
    const { teamId, roomId } = await team([bob]);
    const { _id } = await channel();
    const remove = (person: Person, rid: string) =>
      posted(person, 'teams.removeRoom', { teamId, roomId: rid });
    expect(await posted(alice, 'teams.removeRoom', { teamId })).toEqual([400, INVALID_PARAMS]);
    expect(await remove(bob, _id)).toEqual([403, UNAUTHORIZED]);
    expect(await remove(alice, 'nowhere')).toEqual([400, plain('invalid-room')]);
    expect(await remove(alice, _id)).toEqual([400, plain('room-not-on-that-team')]);
    expect(await remove(alice, roomId)).toEqual([400, plain('room-not-on-that-team')]);
    // A moderator does not reach private rooms, the owner reaches all of the team.
    const carols = (await world.carol.post('groups.create', { name: world.newName() })).body.group._id;
    const members = [{ userId: world.carol.uid, roles: ['owner'] }];
    await alice.post('teams.addMembers', { teamId, members });
    await world.carol.post('teams.addRooms', { teamId, rooms: [carols] });
    await alice.post('teams.updateMember', { teamId, member: { userId: bob.uid, roles: ['moderator'] } });
    expect(await remove(bob, carols)).toEqual([400, plain('invalid-room')]);
    expect(await remove(alice, carols)).toMatchObject([200, {}]);
  });
});

describe('teams.updateRoom', () => {
  test('makes the members of the team join, those who are there and those who come', async () => {
    const { alice, bob, carol, channel, subscription, types } = world;
    const { teamId, roomId } = await team([bob]);
    const { _id } = await channel();
    await alice.post('teams.addRooms', { teamId, rooms: [_id] });
    const { status, body } = await alice.post('teams.updateRoom', { roomId: _id, isDefault: true, teamId });
    expect([status, body.room]).toMatchObject([200, { _id, teamDefault: true, usersCount: 2 }]);
    await carol.post('channels.join', { roomId });
    await alice.post('teams.addMembers', { teamId, members: [{ userId: dave.uid }] });
    for (const person of [bob, carol, dave]) expect(await subscription(person, _id)).not.toBeNull();
    expect(await types(_id)).toEqual(['au', 'uj', 'au']);
    const later = (await alice.post('teams.updateRoom', { roomId: _id, isDefault: false })).body.room;
    expect(later).toMatchObject({ teamDefault: false, usersCount: 4 });
    await dave.post('teams.leave', { teamId, rooms: [_id] });
    await alice.post('teams.addMembers', { teamId, members: [{ userId: dave.uid }] });
    expect(await subscription(dave, _id)).toBeNull();
  });

  test('the refusals', async () => {
    const { alice, bob, channel } = world;
    const { teamId, roomId } = await team([bob]);
    const { _id } = await channel();
    const update = (person: Person, rid: string) =>
      posted(person, 'teams.updateRoom', { roomId: rid, isDefault: true });
    expect(await posted(alice, 'teams.updateRoom', { roomId: _id })).toEqual([400, INVALID_PARAMS]);
    expect(await update(alice, 'nowhere')).toEqual([400, plain('invalid-room')]);
    expect(await update(alice, _id)).toEqual([400, plain('room-not-on-team')]);
    expect(await update(alice, roomId)).toEqual([400, plain('room-not-on-team')]);
    await alice.post('teams.addRooms', { teamId, rooms: [_id] });
    expect(await update(bob, _id)).toEqual([403, UNAUTHORIZED]);
  });
});

describe('listing the rooms of a team', () => {
  let teamId: string;
  let mainId: string;
  let main: string;
  let open: { _id: string; name: string };
  let shut: { _id: string; name: string };
  let bobs: { _id: string; name: string };

  beforeAll(async () => {
    const { alice, bob, channel, group } = world;
    ({ teamId, roomId: mainId, name: main } = await team([bob, dave], 1));
    [open, shut, bobs] = [await channel([], { name: 'a-open' }), await group(), await group([bob])];
    await alice.post('teams.addRooms', { teamId, rooms: [open._id, shut._id, bobs._id] });
    await alice.post('teams.updateRoom', { roomId: open._id, isDefault: false });
  });

  test('teams.listRooms: channels and own rooms, or all with view-all-team-channels; never the main room', async () => {
    const { alice, bob, carol, say } = world;
    await say(alice, shut._id, 'a secret');
    const list = async (person: Person, query = {}) =>
      (await person.get('teams.listRooms', { teamId, ...query })).body;
    const all = await list(alice);
    expect(names(all.rooms)).toEqual([open.name, shut.name, bobs.name].sort());
    expect(all).toMatchObject({ total: 3, count: 3, offset: 0, success: true });
    const ofBob = await list(bob, { offset: 1 });
    expect([names(ofBob.rooms), ofBob.total]).toEqual([[bobs.name], 2]);
    expect(names((await list(alice, { filter: 'OPEN' })).rooms)).toEqual([open.name]);
    expect((await list(alice, { type: 'autoJoin' })).rooms).toEqual([]);
    await alice.post('teams.updateRoom', { roomId: open._id, isDefault: true });
    expect(names((await list(bob, { type: 'autoJoin' })).rooms)).toEqual([open.name]);
    expect(await got(carol, 'teams.listRooms', { teamId })).toEqual([400, plain('user-not-on-private-team')]);
    expect(await got(carol, 'teams.listRooms', {})).toEqual([400, INVALID_PARAMS]);
    // Who may know of every room does not read what is said there.
    const lastMessage = { msg: 'a secret' };
    expect(all.rooms).toContainEqual(
      expect.objectContaining({ lastMessage: expect.objectContaining(lastMessage) }),
    );
    await withPermission(world, 'view-all-team-channels', ['admin', 'user'], async () => {
      const seen = (await list(bob)).rooms.find(({ _id }: { _id: string }) => _id === shut._id);
      expect(seen).not.toHaveProperty('lastMessage');
    });
  });

  test('teams.listRoomsOfUser: joined rooms, and which of them the user owns alone or may delete', async () => {
    const { alice, bob, carol } = world;
    const list = async (person: Person, query = {}) =>
      (await person.get('teams.listRoomsOfUser', { teamId, userId: bob.uid, ...query })).body;
    const ofBob = await list(bob);
    expect(ofBob).toMatchObject({ total: 2, count: 2, offset: 0, success: true });
    expect(ofBob.rooms).toMatchObject([
      { name: open.name, isLastOwner: false },
      { name: bobs.name, isLastOwner: false },
    ]);
    expect(await list(bob, { offset: 1, count: 1 })).toMatchObject({ total: 2, count: 1, offset: 0 });
    const ofAlice = (await list(alice, { userId: alice.uid })).rooms;
    expect(ofAlice.map((room: { isLastOwner: boolean }) => room.isLastOwner)).toEqual([true, true, true]);
    expect((await list(alice, { canUserDelete: 'true' })).rooms).toEqual([]);
    expect((await list(alice, { userId: alice.uid, canUserDelete: 'true' })).total).toBe(3);
    expect((await list(alice, { userId: 'nobody' })).rooms).toEqual([]);
    const query = { teamId, userId: bob.uid };
    expect(await got(carol, 'teams.listRoomsOfUser', query)).toEqual([403, UNAUTHORIZED]);
    expect(await got(bob, 'teams.listRoomsOfUser', { teamId })).toEqual([400, INVALID_PARAMS]);
  });

  test('teams.listChildren: the main room, channels, own rooms, and discussions of the main room', async () => {
    const { alice, bob, carol } = world;
    const discussed = await alice.post('rooms.createDiscussion', { prid: mainId, t_name: 'Delays' });
    const { _id: discussion, name: slug } = discussed.body.discussion;
    await alice.post('rooms.createDiscussion', { prid: open._id, t_name: 'Elsewhere' });
    const list = async (person: Person, query: Record<string, unknown> = { teamId }) =>
      (await person.get('teams.listChildren', query)).body;
    const ofAlice = await list(alice);
    expect(names(ofAlice.data)).toEqual([main, open.name, shut.name, bobs.name, slug]);
    expect(ofAlice).toMatchObject({ total: 5, count: 50, offset: 0, success: true });
    // The team is private, so are discussions of its main room.
    expect(names((await list(bob)).data)).toEqual([main, open.name, bobs.name]);
    expect((await list(alice, { roomId: open._id, type: 'discussions' })).data).toMatchObject([
      { _id: discussion },
    ]);
    expect(names((await list(alice, { teamName: main, type: 'channels', filter: 'OPEN' })).data)).toEqual([
      open.name,
    ]);
    expect(names((await list(bob, { teamId, sort: '{"ts":-1}', count: 1 })).data)).toEqual([bobs.name]);
    const { _id: outside } = await world.channel();
    const refusals: [Person, Record<string, unknown>, number, object][] = [
      [alice, {}, 400, INVALID_PARAMS],
      [alice, { teamId: 'nowhere' }, 404, plain('Resource not found')],
      [alice, { roomId: 'nowhere' }, 400, plain('invalid-room')],
      [alice, { roomId: outside }, 400, plain('room-not-on-team')],
      [carol, { teamId }, 400, plain('error-invalid-team-not-a-member')],
    ];
    for (const [person, query, status, body] of refusals)
      expect(await got(person, 'teams.listChildren', query)).toEqual([status, body]);
  });
});
