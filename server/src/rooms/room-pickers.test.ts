import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  INVALID_PARAMS,
  NO_PERMISSION,
  plain,
  type RoomWorld,
  startRoomWorld,
} from '../../test/support/rooms.ts';
import type { Answer } from '../../test/support/server.ts';

let world: RoomWorld;
const ids: Record<string, string> = {};

beforeAll(async () => {
  world = await startRoomWorld();
  const { alice } = world;
  const create = async (kind: 'channel' | 'group', name: string) =>
    (await alice.post(`${kind}s.create`, { name, members: ['bob'] })).body[kind]._id as string;
  ids.ahead = await create('channel', 'pick-ahead');
  ids.private = await create('group', 'Pick-private');
  ids.team = (await alice.post('teams.create', { name: 'pick-team', type: 0 })).body.team.roomId;
  const discussion = { prid: ids.ahead, t_name: 'pick talk' };
  ids.discussion = (await alice.post('rooms.createDiscussion', discussion)).body.discussion._id;
  ids.direct = (await alice.post('im.create', { username: 'bob' })).body.room._id;
});
afterAll(() => world.close());

const names = ({ body }: Answer, member = 'items'): string[] =>
  body[member].map(({ fname, name, t }: Record<string, string>) => fname ?? name ?? t);
const selector = (name?: string) => ({ selector: JSON.stringify(name === undefined ? {} : { name }) });

describe('own rooms', () => {
  const path = 'rooms.autocomplete.channelAndPrivate';

  test('begin with the name in any case, without discussions, by name', async () => {
    const { alice, carol } = world;
    const answer = await alice.get(path, selector('PICK-'));
    expect(names(answer)).toEqual(['Pick-private', 'pick-ahead', 'pick-team']);
    expect(answer.body.items[1]).toEqual({ _id: ids.ahead, name: 'pick-ahead', fname: 'pick-ahead', t: 'c' });
    expect(names(await alice.get(path, selector('ahead')))).toEqual([]);
    expect(names(await alice.get(path, selector('%')))).toEqual([]);
    expect(names(await carol.get(path, selector('pick')))).toEqual([]);
    expect(names(await alice.get(path, selector()))).toContain('pick-ahead');
  });

  test('page by page', async () => {
    const query = { ...selector('pick-'), offset: 1, count: 1, sort: '{"name":-1}' };
    const answer = await world.alice.get(`${path}.withPagination`, query);
    expect([names(answer), answer.body.total]).toEqual([['pick-ahead'], 3]);
  });

  test.each(['x', '[]', '{"name":{"$ne":1}}'])('the selector %s is refused', async (raw) => {
    for (const end of ['', '.withPagination']) {
      const { status, body } = await world.alice.get(path + end, { selector: raw });
      expect([status, body]).toEqual([400, plain(expect.stringContaining('Invalid selector') as never)]);
    }
  });

  test('for teams: those that the caller owns and that no team has', async () => {
    const { alice, bob } = world;
    const forTeams = 'rooms.autocomplete.availableForTeams';
    expect(names(await alice.get(forTeams, { name: 'pick' }))).toEqual(['Pick-private', 'pick-ahead']);
    expect(names(await alice.get(forTeams))).toEqual(expect.arrayContaining(['pick-ahead']));
    expect(names(await bob.get(forTeams))).toEqual([]);
  });
});

describe('for administrators', () => {
  test('any room by its beginning, discussions too', async () => {
    const { admin, alice } = world;
    const path = 'rooms.autocomplete.adminRooms';
    const all = ['Pick-private', 'pick talk', 'pick-ahead', 'pick-team'];
    expect(names(await admin.get(path, selector('pick'))).sort()).toEqual(all);
    expect((await alice.get(path, selector('pick'))).body).toEqual(plain('error-not-authorized'));
  });

  const list = (query: Record<string, unknown>) => world.admin.get('rooms.adminRooms', query);

  test('all rooms but discussions and teams, unless these are asked for', async () => {
    const sort = '{"name":1}';
    expect(names(await list({ filter: 'PICK', sort }), 'rooms')).toEqual(['Pick-private', 'pick-ahead']);
    const kinds = { filter: 'pick', types: ['p', 'teams', 'discussions'], sort };
    expect(names(await list(kinds), 'rooms').sort()).toEqual(['Pick-private', 'pick talk', 'pick-team']);
    expect(names(await list({ filter: 'pick', types: ['teams'] }), 'rooms')).toEqual(['pick-team']);
    const { body } = await list({ filter: 'bob', types: ['d'] });
    expect(body).toMatchObject({ count: 1, offset: 0, total: 1, success: true });
    expect(body.rooms[0]).toMatchObject({ _id: ids.direct, t: 'd', usernames: ['alice', 'bob'] });
    expect((await list({ types: ['x'] })).body.errorType).toBe('error-invalid-params');
  });

  test('default channels come first, then by name; a page of them', async () => {
    const { body } = await list({ count: 1 });
    expect(body).toMatchObject({ rooms: [{ _id: 'GENERAL', default: true }], count: 1, offset: 0 });
    expect(body.total).toBeGreaterThan(2);
  });

  test('private groups and private teams', async () => {
    const { admin, alice } = world;
    const path = 'rooms.adminRooms.privateRooms';
    const shut = (await alice.post('teams.create', { name: 'pick-shut', type: 1 })).body.team;
    const answer = await admin.get(path, { filter: 'pick' });
    expect(names(answer, 'rooms')).toEqual(['Pick-private', 'pick-shut']);
    expect(answer.body).toMatchObject({ count: 2, offset: 0, total: 2, success: true });
    expect((await admin.get(path, { filter: 'pick', types: ['c'] })).body).toEqual(INVALID_PARAMS);
    const refused = await alice.get(path);
    expect([refused.status, refused.body]).toEqual([403, NO_PERMISSION]);
    await alice.post('teams.delete', { teamId: shut._id });
  });

  test('one room, at the top level', async () => {
    const { admin, alice } = world;
    const { body } = await admin.get('rooms.adminRooms.getRoom', { rid: ids.private });
    expect(body).toMatchObject({ _id: ids.private, t: 'p', usersCount: 2, success: true });
    expect(body).not.toHaveProperty('lastMessage');
    const unknown = await admin.get('rooms.adminRooms.getRoom', { rid: 'nowhere' });
    expect([unknown.status, unknown.body]).toEqual([400, plain('not-allowed', 'Not Allowed')]);
    const refused = await alice.get('rooms.adminRooms.getRoom', { rid: ids.private });
    expect([refused.status, refused.body]).toEqual([403, NO_PERMISSION]);
    const all = await alice.get('rooms.adminRooms');
    expect([all.status, all.body]).toEqual([400, plain('error-not-authorized')]);
  });
});
