import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { PATIENCE } from '../../test/support/patience.ts';
import {
  INVALID_PARAMS,
  ISO,
  NO_CHANNEL,
  NO_GROUP,
  plain,
  type RoomWorld,
  startRoomWorld,
} from '../../test/support/rooms.ts';
import type { Person } from '../../test/support/server.ts';

let world: RoomWorld;
let dave: Person;
let erin: Person;

beforeAll(async () => {
  world = await startRoomWorld();
  dave = await world.server.person('dave', { name: 'Zacharias' });
  erin = await world.server.person('erin', { name: 'Anna' });
});
afterAll(() => world.close());

const names = (members: readonly { username: string }[]) => members.map((member) => member.username);

describe.each(['channels', 'groups'] as const)('%s.members', (family) => {
  const make: RoomWorld['channel'] = (...of) =>
    family === 'channels' ? world.channel(...of) : world.group(...of);

  async function list(person: Person, rid: string, query: object = {}) {
    return (await person.get(`${family}.members`, { roomId: rid, ...query })).body;
  }

  test('a member has exactly the documented fields', async () => {
    const { alice } = world;
    const room = await make();
    expect(await list(alice, room._id)).toEqual({
      members: [
        { _id: alice.uid, username: 'alice', name: 'alice', status: expect.any(String), _updatedAt: ISO },
      ],
      count: 1,
      offset: 0,
      total: 1,
      success: true,
    });
  });

  test('connected members come first, then by username; `sort` turns the second part round', async () => {
    const { alice, bob, carol } = world;
    const room = await make([bob, carol, dave, erin]);
    const socket = await dave.ddp();
    await socket.call('UserPresence:online');
    // Whoever logs in is online a moment after the answer.
    await vi.waitFor(async () => {
      const { members } = await list(alice, room._id);
      expect(names(members)).toEqual(['dave', 'alice', 'bob', 'carol', 'erin']);
    }, PATIENCE);
    const turned = await list(alice, room._id, { sort: '{"username":-1}' });
    expect(names(turned.members)).toEqual(['dave', 'erin', 'carol', 'bob', 'alice']);
    const ignored = await list(alice, room._id, { sort: '{"name":-1}' });
    expect(names(ignored.members)).toEqual(['dave', 'alice', 'bob', 'carol', 'erin']);
    const page = await list(alice, room._id, { offset: 1, count: 2 });
    expect(page).toMatchObject({ count: 2, offset: 1, total: 5 });
    expect(names(page.members)).toEqual(['alice', 'bob']);
    const online = await list(alice, room._id, { status: ['online'] });
    expect([names(online.members), online.total]).toEqual([['dave'], 1]);
    const offline = await list(alice, room._id, { status: ['offline', 'away'] });
    expect(names(offline.members)).toEqual(['alice', 'bob', 'carol', 'erin']);
    socket.close();
    await socket.closed;
  });

  test('with real names the name decides', async () => {
    const { alice, withSettings } = world;
    const room = await make([erin]);
    await alice.post(`${family}.invite`, { roomId: room._id, userId: dave.uid });
    await withSettings({ UI_Use_Real_Name: true }, async () => {
      const { members } = await list(alice, room._id, { status: ['offline'] });
      expect(names(members).filter((name) => name !== 'alice' && name !== 'dave')).toEqual(['erin']);
      expect(names(members).indexOf('erin')).toBeLessThan(names(members).indexOf('alice'));
    });
  });

  test('`filter` looks for a part of the searchable fields, ignoring case and wildcards', async () => {
    const { alice, bob } = world;
    const room = await make([bob, dave, erin]);
    const filtered = async (filter: string) => names((await list(alice, room._id, { filter })).members);
    expect(await filtered('ZACH')).toEqual(['dave']);
    expect(await filtered('RIN')).toEqual(['erin']);
    expect(await filtered('%')).toEqual([]);
    expect(await filtered('_')).toEqual([]);
    expect(await filtered("' or 1=1 --")).toEqual([]);
    expect((await filtered('')).length).toBe(4);
    await world.withSettings({ Accounts_SearchFields: 'username' }, async () => {
      expect(await filtered('zach')).toEqual([]);
    });
  });

  test('deactivated and banned people are missing', async () => {
    const { admin, alice, ban, bob } = world;
    const fritz = await world.server.person(`fritz-${family}`);
    const room = await make([bob, fritz]);
    await ban(room._id, bob);
    await admin.post('users.setActiveStatus', {
      userId: fritz.uid,
      activeStatus: false,
      confirmRelinquish: true,
    });
    expect(names((await list(alice, room._id)).members)).toEqual(['alice']);
  });

  test('broadcast rooms show their members to those with the permission', async () => {
    const { alice, bob } = world;
    const room = await make([bob], { extraData: { broadcast: true } });
    expect(names((await list(alice, room._id)).members)).toEqual(['alice', 'bob']);
    const { status, body } = await bob.get(`${family}.members`, { roomId: room._id });
    expect([status, body]).toEqual([403, plain('unauthorized')]);
    await alice.post(`${family}.addModerator`, { roomId: room._id, userId: bob.uid });
    expect(names((await list(bob, room._id)).members)).toEqual(['alice', 'bob']);
  });

  test('strangers, archived rooms and bad parameters', async () => {
    const { alice, bob } = world;
    const room = await make();
    expect(await list(bob, 'nowhere')).toEqual(family === 'channels' ? NO_CHANNEL : NO_GROUP);
    if (family === 'groups') expect(await list(bob, room._id)).toEqual(NO_GROUP);
    for (const query of [
      {},
      { roomId: 'a', roomName: 'b' },
      { roomId: 'a', status: 'gone' },
      { roomId: 'a', x: 1 },
    ]) {
      expect((await bob.get(`${family}.members`, { ...query })).body).toEqual(INVALID_PARAMS);
    }
    await alice.post(`${family}.archive`, { roomId: room._id });
    const archived = await list(alice, room._id);
    if (family === 'channels') expect(archived).toMatchObject({ success: true, total: 1 });
    else expect(archived.errorType).toBe('error-room-archived');
  });
});

test('a guest outside a channel may not list its members', async () => {
  const guest = await world.server.person('guest', { roles: ['guest'] });
  const room = await world.channel();
  const { status, body } = await guest.get('channels.members', { roomId: room._id });
  expect([status, body]).toEqual([403, plain('unauthorized')]);
});

describe('the DDP method getUsersOfRoom', () => {
  test('shows those not offline, or everybody, paged and filtered', async () => {
    const { alice, bob, carol, channel } = world;
    const room = await channel([bob, carol]);
    const socket = await alice.ddp();
    const everybody = await socket.call('getUsersOfRoom', room._id, true);
    expect(everybody.total).toBe(3);
    expect(names(everybody.records).sort()).toEqual(['alice', 'bob', 'carol']);
    const page = await socket.call('getUsersOfRoom', room._id, true, { limit: 1, skip: 1 });
    expect([page.total, page.records.length]).toEqual([3, 1]);
    const filtered = await socket.call('getUsersOfRoom', room._id, true, { limit: 10, skip: 0 }, 'CAR');
    expect([filtered.total, names(filtered.records)]).toEqual([1, ['carol']]);
    const present = await socket.call('getUsersOfRoom', room._id);
    expect(names(present.records)).not.toContain('carol');
  });

  test('refuses as documented', async () => {
    const { alice, bob, channel, group } = world;
    const [secret, broadcast] = [await group(), await channel([bob], { extraData: { broadcast: true } })];
    const [owner, member] = [await alice.ddp(), await bob.ddp()];
    await expect(owner.call('getUsersOfRoom', 'nowhere')).rejects.toMatchObject({
      error: 'error-invalid-room',
    });
    await expect(member.call('getUsersOfRoom', secret._id)).rejects.toMatchObject({
      error: 'error-not-allowed',
    });
    await expect(member.call('getUsersOfRoom', broadcast._id)).rejects.toMatchObject({
      error: 'not-authorized',
    });
    expect((await owner.call('getUsersOfRoom', broadcast._id, true)).total).toBe(2);
  });
});
