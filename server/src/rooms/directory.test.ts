import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ISO, plain, type RoomWorld, startRoomWorld, withPermission } from '../../test/support/rooms.ts';
import type { Person } from '../../test/support/server.ts';

let world: RoomWorld;
beforeAll(async () => {
  world = await startRoomWorld();
  const { alice, admin } = world;
  await alice.post('channels.create', { name: 'dir-open', members: ['bob'] });
  await alice.post('groups.create', { name: 'dir-secret' });
  await alice.post('channels.create', { name: 'dir-team' });
  await alice.post('channels.convertToTeam', { channelName: 'dir-team' });
  await admin.post('users.update', { userId: world.bob.uid, data: { bio: 'drives', nickname: 'Bobby' } });
});
afterAll(() => world.close());

const find = async (person: Person, query: Record<string, unknown>) =>
  (await person.get('directory', query)).body;
const named = async (person: Person, query: Record<string, unknown>) =>
  (await find(person, query)).result.map(({ name }: { name: string }) => name);
const INVALID = plain('Please verify the parameters');

describe('directory', () => {
  test('channels that the caller may find, with what the page needs', async () => {
    const { alice, carol } = world;
    const body = await find(carol, { text: 'DIR-', type: 'channels' });
    expect(body).toMatchObject({ count: 1, offset: 0, total: 1, success: true });
    expect(body.result).toEqual([
      expect.objectContaining({
        t: 'c',
        name: 'dir-open',
        fname: 'dir-open',
        usersCount: 2,
        default: false,
        ts: ISO,
      }),
    ]);
    expect(body.result[0]).not.toHaveProperty('msgs');
    // Descending unless ascending is asked for.
    expect(await named(alice, { text: 'dir-' })).toEqual(['dir-secret', 'dir-open']);
    expect(await named(alice, { text: 'dir-', sort: '{"name":1}' })).toEqual(['dir-open', 'dir-secret']);
    expect(await named(alice, { text: 'dir-', sort: '{"usersCount":-1}', count: 1 })).toEqual(['dir-open']);
    expect(await named(alice, { text: 'dir-', sort: '{"name":1}', offset: 1 })).toEqual(['dir-secret']);
  });

  test('featured rooms come first, whatever the order', async () => {
    const { admin, alice } = world;
    const ids = new Map<string, string>();
    for (const name of ['f-a', 'f-b', 'f-c', 'f-d']) {
      ids.set(name, (await alice.post('channels.create', { name })).body.channel._id);
    }
    const feature = (name: string, featured: boolean) =>
      admin.post('rooms.saveRoomSettings', { rid: ids.get(name), featured });
    await feature('f-b', true);
    await feature('f-d', true);
    const pages = async (query: object) => {
      const found: string[][] = [];
      for (const offset of [0, 1, 3])
        found.push(await named(alice, { text: 'f-', offset, count: 2, ...query }));
      return found;
    };
    const up = { sort: '{"name":1}' };
    expect(await pages(up)).toEqual([['f-b', 'f-d'], ['f-d', 'f-a'], ['f-c']]);
    expect(await pages({})).toEqual([['f-d', 'f-b'], ['f-b', 'f-c'], ['f-a']]);
    expect(await find(alice, { text: 'f-', ...up, offset: 3, count: 2 })).toMatchObject({
      total: 4,
      count: 1,
    });
    await feature('f-d', false);
    expect((await pages(up))[0]).toEqual(['f-b', 'f-a']);
  });

  test('teams by their main rooms', async () => {
    const { carol } = world;
    const { result } = await find(carol, { text: 'dir', type: 'teams' });
    expect(result).toEqual([expect.objectContaining({ name: 'dir-team', teamMain: true, roomsCount: 0 })]);
  });

  test('people, whose addresses only some may see', async () => {
    const { admin, bob, carol } = world;
    const query = { text: 'bobby', type: 'users', sort: '{"username":1}' };
    const { result } = await find(carol, query);
    expect(result).toEqual([
      { _id: bob.uid, username: 'bob', name: 'bob', nickname: 'Bobby', bio: 'drives', createdAt: ISO },
    ]);
    expect((await find(admin, query)).result[0].emails).toEqual([
      { address: 'bob@example.com', verified: true },
    ]);
  });

  test('people in the order of addresses, for whom may see these, and of biographies', async () => {
    const { admin, alice, carol, withSettings } = world;
    const ofEach = { text: 'example-order', type: 'users' };
    for (const [username, email] of [
      ['zed', 'a@example.org'],
      ['yan', 'c@example.org'],
      ['xan', 'b@example.org'],
    ]) {
      const { body } = await admin.post('users.create', {
        username,
        name: username,
        email,
        password: 'some password',
      });
      const data = { bio: `example-order ${email}`, nickname: `nick-${username}` };
      await admin.post('users.update', { userId: body.user._id, data });
    }
    const names = async (person: Person, sort: string) =>
      (await find(person, { ...ofEach, sort })).result.map(({ username }: { username: string }) => username);
    expect(await names(admin, '{"email":1}')).toEqual(['zed', 'xan', 'yan']);
    expect(await names(carol, '{"email":1}')).toEqual(['xan', 'yan', 'zed']);
    expect(await names(carol, '{"bio":1}')).toEqual(['zed', 'xan', 'yan']);
    expect(await names(carol, '{"bio":-1}')).toEqual(['yan', 'xan', 'zed']);
    // Which members are looked at is a setting.
    await withSettings({ Accounts_SearchFields: 'username, nickname' }, async () => {
      expect(await named(alice, ofEach)).toEqual([]);
      expect(await named(alice, { ...ofEach, text: 'NICK-x' })).toEqual(['xan']);
    });
  });

  test('old clients put the parameters into `query`; plain ones win', async () => {
    const { carol } = world;
    const query = JSON.stringify({ text: 'bobby', type: 'users', workspace: 'local' });
    expect(await named(carol, { query })).toEqual(['bob']);
    expect(await named(carol, { query, type: 'channels', text: 'dir-open' })).toEqual(['dir-open']);
  });

  test('on other servers there is nothing', async () => {
    for (const type of ['channels', 'teams', 'users'])
      expect(await find(world.carol, { type, workspace: 'external' })).toMatchObject({
        result: [],
        total: 0,
      });
  });

  test('what is refused', async () => {
    const { carol } = world;
    expect(await find(carol, { sort: '{"name":1,"createdAt":1}' })).toEqual(
      plain('This method support only one "sort" parameter'),
    );
    expect(await find(carol, { sort: '{"constructor":1}' })).toEqual(INVALID);
    expect(await find(carol, { type: 'planets' })).toEqual(INVALID);
    expect((await world.server.anonymous.get('directory')).status).toBe(401);
    await withPermission(world, 'view-c-room', [], async () => {
      expect(await find(carol, {})).toEqual(INVALID);
    });
    await withPermission(world, 'view-outside-room', [], async () => {
      expect(await find(carol, { type: 'users' })).toEqual(INVALID);
    });
  });
});

describe('over DDP', () => {
  test('browseChannels and channelsList', async () => {
    const socket = await world.carol.ddp();
    const page = { text: 'dir-', type: 'channels', sortBy: 'name', sortDirection: 'asc', limit: 5 };
    expect(await socket.call('browseChannels', page)).toMatchObject({
      total: 1,
      results: [{ name: 'dir-open' }],
    });
    // Also when nothing says in which order.
    const named = async (wanted: object) => {
      const { results } = await socket.call('browseChannels', { text: 'a', type: 'users', ...wanted });
      return results.map(({ username }: { username: string }) => username);
    };
    const ascending = await named({ sortBy: 'username', sortDirection: 'asc' });
    expect(await named({ sortBy: 'username' })).toEqual(ascending);
    expect(await named({ sortBy: 'username', sortDirection: 'desc' })).toEqual(ascending.toReversed());
    const { channels } = await socket.call('channelsList', 'dir-open', 'public');
    expect(channels).toEqual([{ _id: expect.any(String), name: 'dir-open', t: 'c' }]);
    expect(await socket.call('channelsList', 'dir-', 'private')).toEqual({ channels: [] });
  });
});
