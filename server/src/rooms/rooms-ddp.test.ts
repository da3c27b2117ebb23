import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { DdpClient } from '../../test/support/ddp-client.ts';
import { PATIENCE } from '../../test/support/patience.ts';
import { type RoomWorld, startRoomWorld, withPermission } from '../../test/support/rooms.ts';
import { gate } from '../storage/testing/temporary.ts';
import { roomMethods } from './rooms.ddp.ts';

let world: RoomWorld;

beforeAll(async () => {
  world = await startRoomWorld();
});
afterAll(() => world.close());

const ALSO_ANONYMOUS = ['subscriptions/get', 'rooms/get'];

describe('anonymous connections', () => {
  const methods = roomMethods.filter(({ auth }) => auth === 'user').map(({ name }) => name);

  test('may call no method that acts for a user', async () => {
    const socket = await DdpClient.connect(world.server.url);
    for (const method of methods) {
      await expect(socket.call(method, 'GENERAL')).rejects.toMatchObject({
        error: 'error-invalid-user',
        details: { method },
      });
    }
    socket.close();
  });

  test.each(ALSO_ANONYMOUS)('get an empty list from %s', async (method) => {
    const socket = await DdpClient.connect(world.server.url);
    expect(await socket.call(method)).toEqual([]);
    expect(await socket.call(method, { $date: 0 })).toEqual([]);
    socket.close();
  });

  test('rooms/get gives default channels where anybody may read; the last message needs preview-c-room', async () => {
    const { withSettings, admin } = world;
    await admin.post('chat.postMessage', { roomId: 'GENERAL', text: 'welcome' });
    const socket = await DdpClient.connect(world.server.url);
    await withSettings({ Accounts_AllowAnonymousRead: true }, async () => {
      const room = async () => (await socket.call('rooms/get'))[0];
      expect(await room()).toMatchObject({ _id: 'GENERAL', lastMessage: { msg: 'welcome' } });
      await withPermission(world, 'preview-c-room', ['admin'], async () => {
        expect(await room()).toMatchObject({ _id: 'GENERAL' });
        expect(await room()).not.toHaveProperty('lastMessage');
      });
    });
    socket.close();
  });

  test('may not read the room streams', async () => {
    const socket = await DdpClient.connect(world.server.url);
    await expect(socket.subscribe('stream-room-data', 'GENERAL')).rejects.toMatchObject({
      error: 'not-allowed',
    });
    socket.close();
  });
});

describe('wrong parameters', () => {
  test('every method refuses an operator instead of a text as a failed match', async () => {
    const socket = await world.alice.ddp();
    // One takes an object of optional members, ignores the others and answers nothing to wrong ones; one takes nothing.
    const exempt = ['browseChannels', 'e2e.requestSubscriptionKeys'];
    const methods = roomMethods.filter(({ auth, name }) => auth === 'user' && !exempt.includes(name));
    for (const { name } of methods) {
      const called = socket.call(name, { $ne: '' }, { $ne: '' });
      await expect(called, name).rejects.toMatchObject({ error: 400 });
    }
  });
});

describe('finding rooms', () => {
  test('getRoomIdByNameOrId takes both and hides what the caller may not see', async () => {
    const { alice, bob, channel, group } = world;
    const [open, secret] = [await channel(), await group()];
    const [owner, stranger] = [await alice.ddp(), await bob.ddp()];
    expect(await stranger.call('getRoomIdByNameOrId', open.name)).toBe(open._id);
    expect(await stranger.call('getRoomIdByNameOrId', open._id)).toBe(open._id);
    expect(await owner.call('getRoomIdByNameOrId', secret.name)).toBe(secret._id);
    for (const name of [secret.name, secret._id, 'nowhere']) {
      await expect(stranger.call('getRoomIdByNameOrId', name)).rejects.toMatchObject({
        error: 'error-not-allowed',
      });
    }
  });

  test('getRoomNameById answers members and, for channels, whoever may see them', async () => {
    const { alice, bob, channel, group } = world;
    const [open, secret] = [await channel(), await group()];
    const [owner, stranger] = [await alice.ddp(), await bob.ddp()];
    expect(await stranger.call('getRoomNameById', open._id)).toBe(open.name);
    expect(await owner.call('getRoomNameById', secret._id)).toBe(secret.name);
    await expect(stranger.call('getRoomNameById', secret._id)).rejects.toMatchObject({
      error: 'error-not-allowed',
    });
    await expect(stranger.call('getRoomNameById', 'nowhere')).rejects.toMatchObject({
      error: 'error-room-does-not-exist',
    });
  });

  test('getRoomByTypeAndName finds channels and groups by name, direct rooms by username or id', async () => {
    const { alice, bob, channel, group, say } = world;
    const [open, secret] = [await channel(), await group()];
    await say(alice, open._id, 'a last message');
    const [owner, stranger] = [await alice.ddp(), await bob.ddp()];
    const found = await stranger.call('getRoomByTypeAndName', 'c', open.name);
    expect(found).toMatchObject({ _id: open._id, t: 'c', lastMessage: { msg: 'a last message' } });
    expect(await owner.call('getRoomByTypeAndName', 'p', secret.name)).toMatchObject({ _id: secret._id });
    const direct = await owner.call('getRoomByTypeAndName', 'd', 'bob');
    expect(direct).toMatchObject({ t: 'd', usernames: ['alice', 'bob'] });
    expect(await stranger.call('getRoomByTypeAndName', 'd', direct._id)).toMatchObject({ _id: direct._id });
    const get = (type: string, name: string) => stranger.call('getRoomByTypeAndName', type, name);
    await expect(get('c', secret.name)).rejects.toMatchObject({ error: 'error-invalid-room' });
    await expect(get('c', 'nowhere')).rejects.toMatchObject({ error: 'error-invalid-room' });
    await expect(get('p', secret.name)).rejects.toMatchObject({
      error: 'error-no-permission',
      reason: 'No permission',
    });
  });

  test('without preview-c-room a stranger does not see the last message', async () => {
    const { alice, bob, channel, say } = world;
    const open = await channel();
    await say(alice, open._id, 'not for strangers');
    await withPermission(world, 'preview-c-room', ['admin'], async () => {
      const stranger = await bob.ddp();
      const found = await stranger.call('getRoomByTypeAndName', 'c', open.name);
      expect(found).not.toHaveProperty('lastMessage');
      expect(found).toMatchObject({ _id: open._id });
    });
  });

  test('getRoomById answers the room to whoever has access', async () => {
    const { alice, bob, group } = world;
    const secret = await group();
    const [owner, stranger] = [await alice.ddp(), await bob.ddp()];
    expect(await owner.call('getRoomById', secret._id)).toMatchObject({ _id: secret._id, usersCount: 1 });
    for (const rid of [secret._id, 'nowhere']) {
      await expect(stranger.call('getRoomById', rid)).rejects.toMatchObject({ error: 'error-not-allowed' });
    }
  });
});

describe('the stream room-data', () => {
  test('carries the room whenever it changes, to those with access, until they leave', async () => {
    const { alice, bob, channel } = world;
    const room = await channel([bob]);
    const [watching, leaving] = [await alice.ddp(), await bob.ddp()];
    for (const socket of [watching, leaving]) await socket.subscribe('stream-room-data', room._id);
    await alice.post('channels.setTopic', { roomId: room._id, topic: 'one' });
    await leaving.event('room-data', room._id, ([changed]) => changed?.topic === 'one');
    await bob.post('channels.leave', { roomId: room._id });
    await alice.post('channels.setTopic', { roomId: room._id, topic: 'two' });
    await watching.event('room-data', room._id, ([changed]) => changed?.topic === 'two');
    await leaving.barrier();
    expect(leaving.events('room-data', room._id).map(([changed]) => changed?.topic)).not.toContain('two');
  });

  test('is closed to strangers of a group', async () => {
    const secret = await world.group();
    const socket = await world.bob.ddp();
    await expect(socket.subscribe('stream-room-data', secret._id)).rejects.toMatchObject({
      error: 'not-allowed',
    });
  });
});

describe('notifications of rooms and subscriptions', () => {
  test('nobody may listen to those of somebody else', async () => {
    const { alice, bob } = world;
    const socket = await bob.ddp();
    for (const event of ['subscriptions-changed', 'rooms-changed', 'message']) {
      const subscribing = socket.subscribe('stream-notify-user', `${alice.uid}/${event}`);
      await expect(subscribing).rejects.toMatchObject({ error: 'not-allowed' });
    }
  });

  test('a banned member hears nothing of the room any more', async () => {
    const { alice, ban, channel, listen, say } = world;
    const banned = await world.server.person('berta');
    const room = await channel([banned]);
    await ban(room._id, banned);
    const member = await listen(banned);
    await say(alice, room._id, 'berta must not see this');
    await alice.post('channels.setTopic', { roomId: room._id, topic: 'nor this' });
    await alice.post('channels.rename', { roomId: room._id, name: world.newName() });
    expect(await member.rooms(room._id)).toEqual([]);
    expect(await member.subscriptions(room._id)).toEqual([]);
  });

  test('what is sent to a member equals what the member fetches', async () => {
    const { alice, bob, channel, listen, say, subscription } = world;
    const room = await channel([bob]);
    const member = await listen(bob);
    await say(alice, room._id, 'hi @bob');
    await alice.post('channels.addModerator', { roomId: room._id, userId: bob.uid });
    await alice.post('channels.setCustomFields', { roomId: room._id, customFields: { a: 1 } });
    const [, sent] = (await member.subscriptions(room._id)).at(-1) ?? [];
    expect(plainDates(sent)).toEqual(await subscription(bob, room._id));
    const [, sentRoom] = (await member.rooms(room._id)).at(-1) ?? [];
    const { body } = await bob.get('rooms.get');
    const fetched = body.update.find((candidate: { _id: string }) => candidate._id === room._id);
    expect(plainDates(sentRoom)).toEqual(fetched);
  });

  test('what changes while a document is read for others is sent after it', async () => {
    const { alice, bob, carol, channel, listen, say, subscription } = world;
    const room = await channel([bob, carol]);
    for (const person of [bob, carol]) await person.post('subscriptions.read', { rid: room._id });
    const [bobs, carols] = [await listen(bob), await listen(carol)];
    const executor = world.server.server.ctx.db.getExecutor();
    const executeQuery = executor.executeQuery.bind(executor);
    const { opened, open } = gate();
    const held: string[] = [];
    executor.executeQuery = async (compiled) => {
      const result = await executeQuery<never>(compiled);
      if (!compiled.sql.includes('room_activity_seq')) return result;
      held.push(compiled.sql);
      await opened;
      return result;
    };
    try {
      await say(alice, room._id, 'one');
      await bob.post('subscriptions.read', { rid: room._id });
      await say(alice, room._id, 'two @bob');
      // One room is read once at a time: the second read begins when the first is over.
      await vi.waitFor(() => expect(held).toHaveLength(1), PATIENCE);
      open();
      const [, last] = (await bobs.subscriptions(room._id)).at(-1) ?? [];
      expect(last).toMatchObject({ alert: true, unread: 1, userMentions: 1 });
      expect(plainDates(last)).toEqual(await subscription(bob, room._id));
      expect((await carols.subscriptions(room._id)).at(-1)).toMatchObject(['updated', { alert: true }]);
      expect(held).toHaveLength(2);
    } finally {
      open();
      executor.executeQuery = executeQuery;
    }
  });
});

/** DDP dates as REST writes them. */
function plainDates(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plainDates);
  if (typeof value !== 'object' || value === null) return value;
  const { $date } = value as { $date?: number };
  if ($date !== undefined) return new Date($date).toISOString();
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plainDates(inner)]));
}
