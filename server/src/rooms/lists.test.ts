import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { PATIENCE } from '../../test/support/patience.ts';
import {
  coded,
  INVALID_PARAMS,
  NO_CHANNEL,
  NO_GROUP,
  NO_PERMISSION,
  plain,
  type RoomWorld,
  startRoomWorld,
  type TestRoom,
  withPermission,
} from '../../test/support/rooms.ts';
import type { Person } from '../../test/support/server.ts';

let world: RoomWorld;
let guest: Person;

beforeAll(async () => {
  world = await startRoomWorld();
  guest = await world.server.person('guest', { roles: ['guest'] });
});
afterAll(() => world.close());

const ids = (rooms: readonly { _id: string }[]) => rooms.map((room) => room._id);

describe('channels.info and groups.info', () => {
  test('a channel is shown to whoever may see channels, archived ones included', async () => {
    const { alice, bob, channel } = world;
    const room = await channel();
    await alice.post('channels.archive', { roomId: room._id });
    const { status, body } = await bob.get('channels.info', { roomName: room.name });
    expect(status).toBe(200);
    expect(body).toEqual({
      channel: { ...room, archived: true, msgs: 1, _updatedAt: expect.any(String) },
      success: true,
    });
  });

  test('without access a channel is 403, a group not found', async () => {
    const { alice, bob, channel, group } = world;
    const [open, secret] = [await channel(), await group()];
    const refused = await guest.get('channels.info', { roomId: open._id });
    expect([refused.status, refused.body]).toEqual([403, plain('unauthorized')]);
    const hidden = await bob.get('groups.info', { roomId: secret._id });
    expect([hidden.status, hidden.body]).toEqual([400, NO_GROUP]);
    const own = await alice.get('groups.info', { roomId: secret._id });
    expect(own.body).toMatchObject({ group: { _id: secret._id, t: 'p' }, success: true });
  });

  test('a guest who was added to a channel sees it', async () => {
    const { alice, channel } = world;
    const room = await channel();
    await alice.post('channels.invite', { roomId: room._id, userId: guest.uid });
    expect(await guest.get('channels.info', { roomId: room._id })).toMatchObject({ status: 200 });
  });

  test('rooms of the other family, deleted rooms and bad parameters', async () => {
    const { alice, channel, group } = world;
    const [open, secret] = [await channel(), await group()];
    const info = async (family: string, query: object) =>
      (await alice.get(`${family}.info`, { ...query })).body;
    expect(await info('channels', { roomId: secret._id })).toEqual(NO_CHANNEL);
    expect(await info('groups', { roomId: open._id })).toEqual(NO_GROUP);
    await alice.post('channels.delete', { roomId: open._id });
    expect(await info('channels', { roomId: open._id })).toEqual(NO_CHANNEL);
    for (const family of ['channels', 'groups']) {
      expect(await info(family, {})).toEqual(INVALID_PARAMS);
      expect(await info(family, { roomId: 'a', roomName: 'b' })).toEqual(INVALID_PARAMS);
    }
  });

  test('lastMessage is cut to the reader’s own star', async () => {
    const { alice, bob, channel, say } = world;
    const room = await channel([bob]);
    const sent = await say(alice, room._id, 'starred');
    for (const person of [alice, bob]) {
      expect(await person.post('chat.starMessage', { messageId: sent._id })).toMatchObject({ status: 200 });
    }
    const { body } = await bob.get('channels.info', { roomId: room._id });
    expect(body.channel.lastMessage).toMatchObject({ msg: 'starred', starred: [{ _id: bob.uid }] });
    const byCarol = await world.carol.get('channels.info', { roomId: room._id });
    expect(byCarol.body.channel.lastMessage.starred).toEqual([]);
  });
});

describe('channels.list', () => {
  test('all channels by name, archived ones included; those of teams only when joined', async () => {
    const { alice, bob, carol, channel, group, newName } = world;
    const [open, archived, secret, main] = [await channel(), await channel(), await group(), await channel()];
    await alice.post('channels.archive', { roomId: archived._id });
    const { team } = (await alice.post('channels.convertToTeam', { channelId: main._id })).body;
    const inTeam = (
      await alice.post('channels.create', {
        name: newName(),
        members: ['bob'],
        extraData: { teamId: team._id },
      })
    ).body.channel as TestRoom;
    const list = async (person: Person) => (await person.get('channels.list', { count: 0 })).body;
    const [forBob, forCarol] = [await list(bob), await list(carol)];
    expect(ids(forBob.channels)).toEqual(
      expect.arrayContaining([open._id, archived._id, inTeam._id, 'GENERAL']),
    );
    expect(ids(forCarol.channels)).toEqual(expect.arrayContaining([open._id, archived._id]));
    expect(ids(forCarol.channels)).not.toContain(inTeam._id);
    expect(ids([...forBob.channels, ...forCarol.channels])).not.toContain(secret._id);
    const names = forCarol.channels.map((room: TestRoom) => room.name);
    expect(names).toEqual([...names].sort());
    expect(forCarol).toMatchObject({ count: names.length, total: names.length, offset: 0, success: true });
  });

  test('pages, sorts and filters to one id', async () => {
    const { bob, channel } = world;
    const rooms = [await channel(), await channel(), await channel()];
    const list = async (query: object) => (await bob.get('channels.list', { ...query })).body;
    const all = await list({ count: 0 });
    const page = await list({ offset: 1, count: 2, sort: '{"name":-1}' });
    const descending = ids(all.channels).reverse();
    expect(ids(page.channels)).toEqual(descending.slice(1, 3));
    expect(page).toMatchObject({ count: 2, offset: 1, total: all.total });
    const one = await list({ _id: rooms[1]?._id });
    expect([ids(one.channels), one.total]).toEqual([[rooms[1]?._id], 1]);
    const none = await list({ _id: 'nowhere' });
    expect(none).toMatchObject({ channels: [], count: 0, total: 0 });
    const byCount = await list({ sort: '{"usersCount":-1,"name":1}', count: 0 });
    const counts = byCount.channels.map((room: TestRoom) => room.usersCount);
    expect(counts).toEqual([...counts].sort((a, b) => b - a));
    expect((await list({ sort: '{"name":2}' })).errorType).toBe('error-invalid-sort');
    expect(await list({ offset: 'x' })).toEqual(INVALID_PARAMS);
  });

  test('who may see joined rooms only gets those; without both permissions 403', async () => {
    const { alice, channel } = world;
    const room = await channel();
    await alice.post('channels.invite', { roomId: room._id, userId: guest.uid });
    const { body } = await guest.get('channels.list', { count: 0 });
    const joined = await guest.get('channels.list.joined', { count: 0 });
    expect(ids(body.channels)).toContain(room._id);
    expect(ids(body.channels)).toEqual(ids(joined.body.channels));
    await withPermission(world, 'view-joined-room', ['bot'], async () => {
      const refused = await guest.get('channels.list');
      expect([refused.status, refused.body]).toEqual([403, NO_PERMISSION]);
    });
  });
});

describe('lists of own rooms', () => {
  test('channels.list.joined and groups.list show the rooms of one type that the caller is in', async () => {
    const { alice, bob, channel, group } = world;
    const own = await world.server.person('lena');
    const empty = await own.get('channels.list.joined');
    expect(empty.body).toEqual({ channels: [], count: 0, offset: 0, total: 0, success: true });
    const none = await own.get('groups.list');
    expect(none.body).toEqual({ groups: [], count: 0, offset: 0, total: 0, success: true });
    const [open, secret] = [await channel([own]), await group([own])];
    await channel([bob]);
    await group([bob]);
    expect((await own.get('channels.list.joined')).body).toMatchObject({
      channels: [{ _id: open._id, usersCount: 2 }],
      count: 1,
      total: 1,
    });
    expect((await own.get('groups.list')).body).toMatchObject({
      groups: [{ _id: secret._id }],
      count: 1,
      total: 1,
    });
    await alice.post('channels.archive', { roomId: open._id });
    expect((await own.get('channels.list.joined')).body.total).toBe(1);
    const tolerated = await own.get('channels.list.joined', { roomId: 'x', roomName: 'y', _id: 'z' });
    expect(tolerated.status).toBe(200);
  });

  test('a ban takes the room off the list', async () => {
    const { ban, channel } = world;
    const banned = await world.server.person('berta');
    const room = await channel([banned]);
    await ban(room._id, banned);
    expect((await banned.get('channels.list.joined')).body.total).toBe(0);
    expect((await banned.get('subscriptions.get')).body.update).toEqual([]);
    expect((await banned.get('rooms.get')).body.update).toEqual([]);
  });

  test('groups.listAll is for administrators', async () => {
    const { admin, alice, group } = world;
    const secret = await group();
    const refused = await alice.get('groups.listAll');
    expect([refused.status, refused.body]).toEqual([403, NO_PERMISSION]);
    const { body } = await admin.get('groups.listAll', { count: 0 });
    expect(ids(body.groups)).toContain(secret._id);
    expect(new Set(body.groups.map((room: { t: string }) => room.t))).toEqual(new Set(['p']));
  });
});

describe.each([
  { family: 'channels', gone: 'Channel does not exists' },
  { family: 'groups', gone: 'Group does not exists' },
] as const)('$family.online', ({ family, gone }) => {
  test('members who are not offline', async () => {
    const { alice, bob, channel, group } = world;
    const room = family === 'channels' ? await channel([bob]) : await group([bob]);
    const socket = await bob.ddp();
    // Whoever logs in is online a moment after the answer.
    await vi.waitFor(async () => {
      const { status, body } = await alice.get(`${family}.online`, { _id: room._id });
      expect(status).toBe(200);
      expect(body.online).toContainEqual({ _id: bob.uid, username: 'bob' });
    }, PATIENCE);
    socket.close();
  });

  test('the refusals', async () => {
    const { bob, channel, group } = world;
    const [room, other] =
      family === 'channels' ? [await channel(), await group()] : [await group(), await channel()];
    const online = async (person: Person, query: object) =>
      (await person.get(`${family}.online`, { ...query })).body;
    expect(await online(bob, {})).toEqual(plain('Invalid query'));
    expect(await online(bob, { query: JSON.stringify({ _id: room._id }) })).toEqual(plain('Invalid query'));
    expect(await online(bob, { _id: 'nowhere' })).toEqual(plain(gone));
    expect(await online(bob, { _id: other._id })).toEqual(plain(gone));
    const stranger = family === 'channels' ? guest : bob;
    expect(await online(stranger, { _id: room._id })).toEqual(coded('error-not-allowed', 'Not Allowed'));
    expect(await online(bob, { roomId: room._id })).toEqual(INVALID_PARAMS);
  });
});

describe.each(['channels', 'groups'] as const)('%s.files and %s.getIntegrations', (family) => {
  const make = () => (family === 'channels' ? world.channel() : world.group());

  test('files: an empty page for who may see the room, archived or not', async () => {
    const { alice, bob } = world;
    const room = await make();
    await alice.post(`${family}.archive`, { roomId: room._id });
    const query = { roomId: room._id, name: 'x', typeGroup: 'image', onlyConfirmed: 'true', count: 5 };
    const { status, body } = await alice.get(`${family}.files`, query);
    expect([status, body]).toEqual([200, { files: [], count: 0, offset: 0, total: 0, success: true }]);
    const stranger = family === 'channels' ? guest : bob;
    const refused = await stranger.get(`${family}.files`, { roomId: room._id });
    expect([refused.status, refused.body]).toEqual(
      family === 'channels' ? [403, plain('unauthorized')] : [400, NO_GROUP],
    );
    expect((await alice.get(`${family}.files`)).body).toEqual(INVALID_PARAMS);
  });

  test('getIntegrations: needs one of four permissions, then the room', async () => {
    const { admin, alice } = world;
    const room = await make();
    const refused = await alice.get(`${family}.getIntegrations`, { roomId: room._id });
    expect([refused.status, refused.body]).toEqual([403, NO_PERMISSION]);
    const { body } = await admin.get(`${family}.getIntegrations`, { roomId: room._id });
    const empty = { integrations: [], count: 0, offset: 0, total: 0, success: true };
    expect(body).toEqual(family === 'channels' ? empty : NO_GROUP);
    expect((await admin.get(`${family}.getIntegrations`)).body).toEqual(INVALID_PARAMS);
  });
});

test('channels.images is kept for old clients, marked as deprecated', async () => {
  const { alice, bob, channel, group } = world;
  const [open, secret] = [await channel(), await group()];
  const { status, body, headers } = await bob.get('channels.images', { roomId: open._id });
  expect([status, body]).toEqual([200, { files: [], count: 50, offset: 0, total: 0, success: true }]);
  expect(headers.get('x-deprecation-type')).toBe('endpoint-deprecation');
  expect(await bob.get('channels.images', { roomId: secret._id })).toMatchObject({ status: 403 });
  expect(await alice.get('channels.images', { roomId: secret._id })).toMatchObject({ status: 200 });
  expect((await bob.get('channels.images')).body).toEqual(INVALID_PARAMS);
});
