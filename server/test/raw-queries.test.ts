import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RoomWorld, startRoomWorld } from './support/rooms.ts';
import type { Person } from './support/server.ts';

/** The raw `query` and `fields` of list endpoints, where the operator has switched them on (spec 00 §11.3). */

let world: RoomWorld;
let prid: string;

beforeAll(async () => {
  world = await startRoomWorld({ allowUnsafeQueryAndFields: true });
  const { alice, bob, admin } = world;
  const town = { customFields: { town: 'Bern' } };
  prid = (await alice.post('channels.create', { name: 'raw-one', members: ['bob'] })).body.channel._id;
  await alice.post('channels.setCustomFields', { roomId: prid, ...town });
  await alice.post('channels.setTopic', { roomId: prid, topic: 'Engines' });
  await bob.post('channels.create', { name: 'raw-two', readOnly: true });
  await alice.post('groups.create', { name: 'raw-group', members: ['bob'] });
  await alice.post('groups.create', { name: 'raw-other' });
  for (const t_name of ['First', 'Second']) await alice.post('rooms.createDiscussion', { prid, t_name });
  for (const [name, type] of [
    ['hook-in', 'webhook-incoming'],
    ['hook-out', 'webhook-outgoing'],
  ] as const) {
    await admin.post('integrations.create', {
      ...{ name, type, username: 'rocket.cat', channel: '#raw-one', enabled: true, scriptEnabled: false },
      ...(type === 'webhook-outgoing' ? { event: 'sendMessage', urls: ['https://a.example'] } : {}),
    });
  }
});
afterAll(() => world.close());

interface Case {
  path: string;
  key: string;
  query: object;
  names: string[];
  by?: 'admin';
  more?: () => Record<string, unknown>;
}

describe('the raw query', () => {
  it.each<Case>([
    {
      path: 'channels.list',
      key: 'channels',
      query: { name: { $regex: '^RAW', $options: 'i' } },
      names: ['raw-one', 'raw-two'],
    },
    { path: 'channels.list', key: 'channels', query: { ro: true }, names: ['raw-two'] },
    { path: 'channels.list', key: 'channels', query: { topic: 'Engines' }, names: ['raw-one'] },
    { path: 'channels.list', key: 'channels', query: { 'customFields.town': 'Bern' }, names: ['raw-one'] },
    { path: 'channels.list', key: 'channels', query: { 'u.username': 'bob' }, names: ['raw-two'] },
    {
      path: 'channels.list',
      key: 'channels',
      query: { usersCount: { $gte: 2 }, name: { $ne: 'general' } },
      names: ['raw-one'],
    },
    {
      path: 'channels.list.joined',
      key: 'channels',
      query: { archived: { $exists: false }, name: { $in: ['raw-two'] } },
      names: [],
    },
    {
      path: 'groups.list',
      key: 'groups',
      query: { $or: [{ name: 'raw-group' }, { name: 'general' }] },
      names: ['raw-group'],
    },
    {
      path: 'groups.listAll',
      key: 'groups',
      query: { name: { $regex: '^raw-' } },
      names: ['raw-group', 'raw-other'],
      by: 'admin',
    },
    {
      path: 'rooms.getDiscussions',
      key: 'discussions',
      query: { fname: { $regex: 'Sec' } },
      names: ['Second'],
      more: () => ({ roomId: prid }),
    },
    {
      path: 'users.list',
      key: 'users',
      query: {
        username: { $regex: 'o' },
        type: 'user',
        name: { $nin: ['Root', 'RocketChat Internal Admin Test'] },
      },
      names: ['bob', 'carol'],
      by: 'admin',
    },
    {
      path: 'users.list',
      key: 'users',
      query: { 'emails.address': 'bob@example.com' },
      names: ['bob'],
      by: 'admin',
    },
    {
      path: 'integrations.list',
      key: 'integrations',
      query: { type: 'webhook-outgoing' },
      names: ['hook-out'],
      by: 'admin',
    },
    {
      path: 'integrations.list',
      key: 'integrations',
      query: { channel: { $regex: 'raw' }, event: null },
      names: ['hook-in'],
      by: 'admin',
    },
    {
      path: 'channels.getIntegrations',
      key: 'integrations',
      query: { name: { $ne: 'hook-in' } },
      names: ['hook-out'],
      by: 'admin',
      more: () => ({ roomId: prid }),
    },
  ])('of $path finds $names by $query', async ({ path, key, query, names, by, more }) => {
    const person: Person = by === 'admin' ? world.admin : world.alice;
    const { status, body } = await person.get(path, { query: JSON.stringify(query), ...more?.() });
    expect([status, body.errorType]).toEqual([200, undefined]);
    const found = body[key].map((item: { name: string; prid?: string; fname: string }) =>
      item.prid ? item.fname : item.name,
    );
    expect(found.sort()).toEqual(names.toSorted());
    expect(body.total).toBe(names.length);
  });

  it.each<[string, object, string]>([
    ['channels.list', { joinCode: 'x' }, 'Invalid attribute: joinCode'],
    ['channels.list', { name: { $regex: '[a-z]' } }, 'Invalid operation: $regex'],
    ['users.list', { 'services.password': 'x' }, 'Invalid attribute: services.password'],
    ['users.list', { 'emails.address': 'bob@example.com' }, 'Invalid attribute: emails.address'],
    ['users.list', { 'customFields.town': 'Bern' }, 'Invalid attribute: customFields.town'],
  ])('of %s may not be %j', async (path, query, reason) => {
    expect(await world.alice.get(path, { query: JSON.stringify(query) })).toMatchObject({
      status: 400,
      body: { errorType: 'error-invalid-query', error: `${reason} [error-invalid-query]` },
    });
  });

  it('says that it will go', async () => {
    const { headers } = await world.alice.get('channels.list', { query: '{}' });
    expect(headers.get('x-deprecation-type')).toBe('parameter-deprecation');
  });
});

it('fields choose what is shown of webhooks', async () => {
  const { body } = await world.admin.get('integrations.list', { fields: '{"name":1}', name: 'hook-in' });
  expect(body.integrations).toEqual([{ _id: expect.any(String), name: 'hook-in' }]);
});

describe('fields choose what is shown of messages', () => {
  let tmid: string;
  let direct: string;

  beforeAll(async () => {
    const { alice, bob } = world;
    tmid = (await world.say(alice, prid, 'hello @bob'))._id;
    await bob.post('chat.sendMessage', { message: { rid: prid, tmid, msg: 'a reply' } });
    await bob.post('chat.starMessage', { messageId: tmid });
    await alice.post('chat.pinMessage', { messageId: tmid });
    direct = (await bob.post('im.create', { username: 'alice' })).body.room._id;
    await world.say(bob, direct, 'hello');
  });

  it.each<[string, string, () => Record<string, unknown>]>([
    ['channels.messages', 'messages', () => ({ roomId: prid })],
    ['channels.getAllUserMentionsByChannel', 'mentions', () => ({ roomId: prid })],
    ['im.messages', 'messages', () => ({ roomId: direct })],
    ['chat.getThreadsList', 'threads', () => ({ rid: prid })],
    ['chat.getThreadMessages', 'messages', () => ({ tmid })],
    ['chat.getPinnedMessages', 'messages', () => ({ roomId: prid })],
    ['chat.getStarredMessages', 'messages', () => ({ roomId: prid })],
    ['chat.getMentionedMessages', 'messages', () => ({ roomId: prid })],
    ['chat.getDiscussions', 'messages', () => ({ roomId: prid })],
    ['chat.search', 'messages', () => ({ roomId: prid, searchText: 'hello' })],
  ])('by %s', async (path, key, params) => {
    const { body } = await world.bob.get(path, { ...params(), fields: '{"msg":1,"u.username":1}' });
    expect(body[key].length).toBeGreaterThan(0);
    const chosen = { _id: expect.any(String), msg: expect.any(String), u: { username: expect.any(String) } };
    expect(body[key]).toEqual(Array(body[key].length).fill(chosen));
    const less = await world.bob.get(path, { ...params(), fields: '{"ts":0}' });
    expect(less.body[key][0]).toMatchObject({ rid: expect.any(String), _updatedAt: expect.any(String) });
    expect(less.body[key][0]).not.toHaveProperty('ts');
    const refused = await world.bob.get(path, { ...params(), fields: '{"msg":2}' });
    expect(refused).toMatchObject({ status: 400, body: { errorType: 'error-invalid-fields' } });
  });
});

it('without the switch both are ignored', async () => {
  const { ctx } = world.server.server;
  const { config } = ctx;
  Object.assign(ctx, { config: { ...config, allowUnsafeQueryAndFields: false } });
  const { body } = await world.alice.get('channels.list', { query: '{"joinCode":"x"}', fields: 'nonsense' });
  Object.assign(ctx, { config });
  expect(body).toMatchObject({ success: true, total: 5 });
});
