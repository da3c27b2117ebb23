import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Frame } from '../../test/support/ddp-client.ts';
import { coded, plain, type RoomWorld, startRoomWorld, withPermission } from '../../test/support/rooms.ts';
import type { Person } from '../../test/support/server.ts';

let world: RoomWorld;
/** May manage own webhooks only. */
let owner: Person;

const INCOMING = {
  type: 'webhook-incoming',
  username: 'rocket.cat',
  channel: '#general',
  scriptEnabled: false,
  name: 'in',
  enabled: true,
};
const OUTGOING = {
  ...{ ...INCOMING, type: 'webhook-outgoing', name: 'out' },
  ...{ event: 'sendMessage', urls: ['https://hooks.example/a', ' ', 'https://hooks.example/a'] },
};

beforeAll(async () => {
  world = await startRoomWorld();
  owner = await world.server.person('owner');
});
afterAll(() => world.close());

const create = (person: Person, body: object) => person.post('integrations.create', body);
async function made(person: Person, body: object): Promise<Frame> {
  const created = await create(person, body);
  expect(created).toMatchObject({ status: 200 });
  return created.body.integration;
}

/** With the permissions for own webhooks. */
const asOwner = (work: () => Promise<void>) =>
  withPermission(world, 'manage-own-incoming-integrations', ['admin', 'user'], () =>
    withPermission(world, 'manage-own-outgoing-integrations', ['admin', 'user'], work),
  );

describe('integrations.create', () => {
  test('an incoming webhook gets a token, and its user becomes a bot', async () => {
    const { admin, bob } = world;
    const { status, body } = await create(admin, {
      ...INCOMING,
      username: 'bob',
      channel: '#general, @alice',
    });
    expect([status, body]).toEqual([
      200,
      {
        integration: {
          ...{ _id: expect.any(String), type: 'webhook-incoming', name: 'in', enabled: true },
          ...{ username: 'bob', userId: bob.uid, channel: ['#general', '@alice'], scriptEnabled: false },
          ...{ token: expect.stringMatching(/^\w{48}$/), overrideDestinationChannelEnabled: false },
          ...{ scriptEngine: 'isolated-vm', _createdAt: expect.any(String), _updatedAt: expect.any(String) },
          _createdBy: { _id: admin.uid, username: 'root' },
        },
        success: true,
      },
    ]);
    expect((await admin.get('users.info', { userId: bob.uid })).body.user.roles).toEqual(['user', 'bot']);
  });

  test('an outgoing webhook keeps what was said, cleaned', async () => {
    const integration = await made(world.admin, {
      ...OUTGOING,
      ...{ channel: 'all_public_channels,all_direct_messages', triggerWords: 'a, b,,a', token: 'secret' },
      ...{ retryFailedCalls: true, retryDelay: 'Powers-Of-Two', alias: 'Hook', emoji: '' },
    });
    expect(integration).toMatchObject({
      ...{ urls: ['https://hooks.example/a'], channel: ['all_public_channels', 'all_direct_messages'] },
      ...{
        triggerWords: ['a', 'b'],
        token: 'secret',
        retryCount: 4,
        retryDelay: 'powers-of-two',
        alias: 'Hook',
      },
    });
    expect(integration).not.toHaveProperty('emoji');
    const without = await made(world.admin, { ...OUTGOING, retryFailedCalls: true });
    expect(without).toMatchObject({ retryDelay: 'powers-of-ten' });
    expect(without).not.toHaveProperty('token');
  });

  test.each([
    ['nothing', {}, 'error-invalid-params'],
    ['another type', { ...INCOMING, type: 'webhook' }, 'error-invalid-params'],
    ['an unknown member', { ...INCOMING, event: 'sendMessage' }, 'error-invalid-params'],
    ['a blank channel', { ...INCOMING, channel: ' ' }, 'error-invalid-channel'],
    ['a channel without sign', { ...INCOMING, channel: 'general' }, 'error-invalid-channel-start-with-chars'],
    ['a scope', { ...INCOMING, channel: 'all_public_channels' }, 'error-invalid-channel-start-with-chars'],
    ['a blank username', { ...INCOMING, username: ' ' }, 'error-invalid-username'],
    ['nobody', { ...INCOMING, username: 'nobody' }, 'error-invalid-user'],
    ['no room', { ...INCOMING, channel: '#nowhere' }, 'error-invalid-room'],
    ['no person', { ...INCOMING, channel: '@nobody' }, 'error-invalid-room'],
    ['no event', { ...OUTGOING, event: 'x' }, 'error-invalid-event-type'],
    ['outgoing: a blank username', { ...OUTGOING, username: ' ' }, 'error-invalid-username'],
    ['no target room', { ...OUTGOING, event: 'userCreated' }, 'error-invalid-targetRoom'],
    ['no addresses', { ...OUTGOING, urls: [' '] }, 'error-invalid-urls'],
    ['absent addresses', { ...OUTGOING, urls: undefined }, 'error-invalid-urls'],
    ['outgoing: no sign', { ...OUTGOING, channel: 'x' }, 'error-invalid-channel-start-with-chars'],
    ['outgoing: nobody', { ...OUTGOING, username: 'nobody' }, 'error-invalid-user'],
    ['outgoing: no room', { ...OUTGOING, channel: '#nowhere' }, 'error-invalid-room'],
  ])('%s is refused', async (_, body, errorType) => {
    expect(await create(world.admin, body)).toMatchObject({
      status: 400,
      body: { success: false, errorType },
    });
  });

  test('nobody without permission creates one', async () => {
    const { alice } = world;
    const details = { method: 'addIncomingIntegration' };
    expect((await create(alice, INCOMING)).body).toEqual(coded('not_authorized', 'Unauthorized', details));
    expect((await create(alice, OUTGOING)).body).toMatchObject({ error: '[not_authorized]' });
    expect((await world.server.anonymous.post('integrations.create', INCOMING)).status).toBe(401);
  });

  test('who manages own webhooks only binds them to own rooms', async () => {
    const mine = (await owner.post('channels.create', { name: 'mine' })).body.channel;
    await asOwner(async () => {
      const bind = (channel: string, base: object = INCOMING) => create(owner, { ...base, channel });
      for (const base of [INCOMING, OUTGOING]) {
        expect((await bind('#general', base)).body.errorType).toBe('error-invalid-channel');
        expect((await bind(`#${mine._id}`, base)).status).toBe(200);
      }
      expect((await bind('all_private_groups', OUTGOING)).body.errorType).toBe('error-invalid-channel');
      const wide = { ...OUTGOING, event: 'roomCreated' };
      expect((await create(owner, wide)).body.errorType).toBe('error-invalid-permissions');
      expect((await bind('all_public_channels', OUTGOING)).status).toBe(200);
    });
  });
});

describe('integrations.update and integrations.remove', () => {
  test('an incoming webhook keeps its user and token', async () => {
    const { admin } = world;
    const before = await made(admin, { ...INCOMING, alias: 'Old', script: 'x' });
    const change = { ...INCOMING, integrationId: before._id, name: 'new', username: 'alice', enabled: false };
    const { status, body } = await admin.put('integrations.update', change);
    expect([status, body.integration]).toMatchObject([
      200,
      { name: 'new', enabled: false, username: 'rocket.cat', token: before.token },
    ]);
    expect(body.integration._updatedBy).toEqual({ _id: admin.uid, username: 'root' });
    expect(body.integration).not.toHaveProperty('alias');
    expect(body.integration).not.toHaveProperty('script');
    const got = await admin.get('integrations.get', { integrationId: before._id });
    expect(got.body).toEqual({ integration: body.integration, success: true });
  });

  test('an outgoing webhook is found by id and by address', async () => {
    const { admin } = world;
    const url = 'https://hooks.example/by-address';
    const { _id } = await made(admin, { ...OUTGOING, urls: [url] });
    const byUrl = await admin.put('integrations.update', {
      ...OUTGOING,
      urls: [url],
      target_url: url,
      name: 'b',
    });
    expect(byUrl.body.integration).toMatchObject({ _id, name: 'b' });
    const target = { ...OUTGOING, urls: [url], integrationId: _id, targetChannel: '#general' };
    expect((await admin.put('integrations.update', target)).body.integration).toMatchObject({
      targetRoom: '#general',
    });
    const blank = await admin.put('integrations.update', { ...OUTGOING, integrationId: _id, token: ' ' });
    expect(blank.body.errorType).toBe('error-invalid-token');
    const removed = await admin.post('integrations.remove', { type: 'webhook-outgoing', target_url: url });
    expect(removed.body).toMatchObject({ integration: { _id }, success: true });
    const again = await admin.post('integrations.remove', { type: 'webhook-outgoing', integrationId: _id });
    expect(again.body).toEqual(plain('No integration found.'));
  });

  test('an incoming webhook is found by id, whatever else is said of it', async () => {
    const { admin } = world;
    const { _id } = await made(admin, INCOMING);
    const outgoing = {
      event: 'sendMessage',
      urls: ['https://hooks.example/x'],
      triggerWords: 'go',
      token: 'x',
    };
    for (const target_url of ['https://hooks.example/nowhere', 1]) {
      const update = { ...INCOMING, ...outgoing, integrationId: _id, target_url, targetChannel: '#general' };
      const { body } = await admin.put('integrations.update', { ...update, name: 'renamed' });
      expect(body.integration).toMatchObject({ _id, type: 'webhook-incoming', name: 'renamed' });
      expect(body.integration).not.toHaveProperty('urls');
    }
  });

  test('unknown ones, those of another type and those of others are refused', async () => {
    const { admin, alice } = world;
    const { _id } = await made(admin, INCOMING);
    const missing = await admin.put('integrations.update', { ...INCOMING, integrationId: 'nowhere' });
    expect(missing.body).toEqual(plain('No integration found.'));
    const other = await admin.put('integrations.update', { ...OUTGOING, integrationId: _id });
    expect(other.body).toEqual(plain('No integration found.'));
    const wrong = { type: 'webhook-outgoing', integrationId: _id };
    expect((await admin.post('integrations.remove', wrong)).body).toEqual(plain('No integration found.'));
    expect((await admin.put('integrations.update', { ...OUTGOING, integrationId: 'x' })).body).toEqual(
      plain('No integration found.'),
    );
    const noType = await admin.post('integrations.remove', { type: 'webhook', integrationId: _id });
    expect(noType.body.error).toContain('must match exactly one schema in oneOf');
    expect((await alice.post('integrations.remove', wrong)).status).toBe(403);
    const mine = { type: 'webhook-incoming', integrationId: _id };
    await withPermission(world, 'manage-own-outgoing-integrations', ['admin', 'user'], async () =>
      expect((await alice.post('integrations.remove', mine)).body).toEqual(
        coded('not_authorized', 'Unauthorized', { method: 'deleteIncomingIntegration' }),
      ),
    );
    expect((await alice.put('integrations.update', { ...INCOMING, integrationId: _id })).body.errorType).toBe(
      'not_authorized',
    );
    await asOwner(async () => {
      expect((await owner.post('integrations.remove', mine)).body.errorType).toBe(
        'error-invalid-integration',
      );
      const update = await owner.put('integrations.update', { ...INCOMING, integrationId: _id });
      expect(update.body.errorType).toBe('error-invalid-integration');
    });
  });
});

describe('integrations.get and integrations.list', () => {
  test('own ones, all of a type, or everything', async () => {
    const { admin, alice } = world;
    await owner.post('channels.create', { name: 'of-owner' });
    await asOwner(async () => {
      const listed = async (person: Person, query = {}) =>
        (await person.get('integrations.list', { name: 'lister', ...query })).body;
      const theirs = await made(admin, { ...OUTGOING, name: 'Lister of root' });
      const own = await made(owner, { ...OUTGOING, name: 'a LISTER', channel: 'all_public_channels' });
      const incoming = await made(admin, { ...INCOMING, name: 'lister in' });
      expect(await listed(admin)).toMatchObject({ count: 3, items: 3, offset: 0, total: 3, success: true });
      expect(await listed(admin, { type: 'webhook-incoming' })).toMatchObject({
        integrations: [{ _id: incoming._id }],
      });
      expect(
        (await listed(admin, { sort: '{"name":1}' })).integrations.map((one: Frame) => one.name),
      ).toEqual(['Lister of root', 'a LISTER', 'lister in']);
      expect(await listed(owner)).toMatchObject({ integrations: [{ _id: own._id }], total: 1 });
      await withPermission(world, 'manage-outgoing-integrations', ['user', 'admin'], async () => {
        const ids = (await listed(alice)).integrations.map((one: Frame) => one._id);
        expect(ids).toEqual([theirs._id, own._id]);
      });
      const get = async (person: Person, query: object) =>
        (await person.get('integrations.get', { ...query })).body;
      expect(await get(owner, { integrationId: own._id })).toMatchObject({ integration: { _id: own._id } });
      expect(await get(owner, { integrationId: theirs._id })).toEqual(plain('not-authorized'));
      const absent = plain('The integration does not exists.');
      expect(await get(admin, { integrationId: own._id, createdBy: admin.uid })).toEqual(absent);
      expect(await get(admin, { integrationId: 'nowhere' })).toEqual(absent);
    });
    expect((await alice.get('integrations.list')).status).toBe(403);
  });

  test('channels.getIntegrations and groups.getIntegrations list what is bound to the room', async () => {
    const { admin } = world;
    const make = async (family: string, key: string, scope: string, flag: string) => {
      const name = world.newName();
      const room = (await admin.post(`${family}.create`, { name })).body[key];
      const bound = await made(admin, { ...INCOMING, channel: `#${name}` });
      const wide = await made(admin, { ...OUTGOING, channel: scope });
      const of = async (query = {}) =>
        (await admin.get(`${family}.getIntegrations`, { roomId: room._id, ...query })).body;
      const ids = (body: Frame) => body.integrations.map((one: Frame) => one._id);
      expect(ids(await of())).toEqual(expect.arrayContaining([bound._id, wide._id]));
      const narrow = await of({ [flag]: false });
      expect([ids(narrow), narrow.total]).toEqual([[bound._id], 1]);
    };
    await make('channels', 'channel', 'all_public_channels', 'includeAllPublicChannels');
    await make('groups', 'group', 'all_private_groups', 'includeAllPrivateGroups');
  });
});

test('webhooks follow the new name of their room, and end with their user', async () => {
  const { admin, alice } = world;
  const room = await world.channel();
  const bot = await world.server.person('doomed', { roles: ['user', 'bot'] });
  const { _id } = await made(admin, { ...INCOMING, username: 'doomed', channel: `#${room.name},@alice` });
  await alice.post('channels.rename', { roomId: room._id, name: 'other-name' });
  const now = async () => (await admin.get('integrations.get', { integrationId: _id })).body.integration;
  expect(await now()).toMatchObject({ channel: ['#other-name', '@alice'], enabled: true });
  await admin.post('users.delete', { userId: bot.uid });
  expect(await now()).toMatchObject({ enabled: false });
  const update = { ...INCOMING, integrationId: _id };
  expect((await admin.put('integrations.update', update)).body.errorType).toBe('error-invalid-post-as-user');
});

test('the methods do the same over DDP', async () => {
  const { admin, alice } = world;
  const socket = await admin.ddp();
  const added = await socket.call('addIncomingIntegration', INCOMING);
  expect(added).toMatchObject({ name: 'in', _createdAt: { $date: expect.any(Number) } });
  const updated = await socket.call('updateIncomingIntegration', added._id, { ...INCOMING, name: 'renamed' });
  expect(updated).toMatchObject({ _id: added._id, name: 'renamed' });
  expect(await socket.call('deleteIncomingIntegration', added._id)).toBe(true);
  const out = await socket.call('addOutgoingIntegration', { ...OUTGOING, triggerWords: ['x'] });
  await socket.call('updateOutgoingIntegration', out._id, { ...OUTGOING, enabled: false });
  await socket.call('clearIntegrationHistory', out._id);
  await expect(socket.call('deleteIncomingIntegration', out._id)).rejects.toThrow();
  expect(await socket.call('deleteOutgoingIntegration', out._id)).toBe(true);
  const stranger = await alice.ddp();
  await expect(stranger.call('addOutgoingIntegration', OUTGOING)).rejects.toThrow();
  await expect(stranger.subscribe('stream-integrationHistory', out._id)).rejects.toThrow();
});
