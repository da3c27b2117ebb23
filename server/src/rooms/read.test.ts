import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { coded, INVALID_PARAMS, plain, type RoomWorld, startRoomWorld } from '../../test/support/rooms.ts';
import type { Person } from '../../test/support/server.ts';

let world: RoomWorld;

beforeAll(async () => {
  world = await startRoomWorld();
});
afterAll(() => world.close());

const NO_SUBSCRIPTION = plain('error-invalid-subscription');
const unreadRefusal = (code: string, reason: string) =>
  coded(code, reason, { method: 'unreadMessages', action: 'Unread_messages' });

describe('what a message leaves unread', () => {
  test('an ordinary message alerts the others, a mention counts, the sender has read everything', async () => {
    const { alice, bob, carol, channel, say, subscription } = world;
    const room = await channel([bob, carol]);
    await say(alice, room._id, 'hello everybody');
    expect(await subscription(carol, room._id)).toMatchObject({ alert: true, unread: 0, userMentions: 0 });
    const sent = await say(alice, room._id, 'hello @bob');
    expect(await subscription(bob, room._id)).toMatchObject({
      alert: true,
      unread: 1,
      userMentions: 1,
      groupMentions: 0,
    });
    expect(await subscription(carol, room._id)).toMatchObject({ alert: true, unread: 0, userMentions: 0 });
    const own = await subscription(alice, room._id);
    expect(own).toMatchObject({ open: true, alert: false, unread: 0, userMentions: 0, groupMentions: 0 });
    expect(Date.parse(own?.ls)).toBeGreaterThanOrEqual(Date.parse(sent.ts));
  });

  test('@all counts for everybody unless somebody is mentioned by name too', async () => {
    const { alice, bob, carol, channel, say, subscription } = world;
    const room = await channel([bob, carol]);
    await say(alice, room._id, '@all hands');
    expect(await subscription(carol, room._id)).toMatchObject({
      unread: 1,
      groupMentions: 1,
      userMentions: 0,
    });
    await say(alice, room._id, '@all and @bob');
    expect(await subscription(bob, room._id)).toMatchObject({ unread: 2, groupMentions: 1, userMentions: 1 });
    expect(await subscription(carol, room._id)).toMatchObject({
      unread: 1,
      groupMentions: 1,
      userMentions: 0,
    });
  });

  test('Unread_Count decides what counts', async () => {
    const { alice, bob, carol, channel, say, subscription, withSettings } = world;
    const counted = async (Unread_Count: string) => {
      const room = await channel([bob, carol]);
      await withSettings({ Unread_Count }, async () => {
        await say(alice, room._id, 'plain');
        await say(alice, room._id, 'hi @bob');
        await say(alice, room._id, 'hi @here');
      });
      return [(await subscription(bob, room._id))?.unread, (await subscription(carol, room._id))?.unread];
    };
    expect(await counted('all_messages')).toEqual([3, 3]);
    expect(await counted('user_mentions_only')).toEqual([1, 0]);
    expect(await counted('group_mentions_only')).toEqual([1, 1]);
    expect(await counted('user_and_group_mentions_only')).toEqual([2, 1]);
  });

  test('in a direct room every message counts', async () => {
    const { alice, bob, say, subscription } = world;
    const rid = (await alice.post('im.create', { username: 'bob' })).body.room._id;
    await say(alice, rid, 'one');
    await say(alice, rid, 'two');
    expect(await subscription(bob, rid)).toMatchObject({ open: true, alert: true, unread: 2 });
    expect(await subscription(alice, rid)).toMatchObject({ alert: false, unread: 0 });
    await bob.post('subscriptions.read', { rid });
  });
});

describe('subscriptions.read', () => {
  test.each(['rid', 'roomId'])('with `%s` everything in the room counts as read', async (name) => {
    const { alice, bob, channel, listen, say, subscription } = world;
    const room = await channel([bob]);
    await say(alice, room._id, '@all');
    await say(alice, room._id, '@bob');
    await bob.post('rooms.hide', { roomId: room._id });
    const own = await listen(bob);
    const last = await say(alice, room._id, 'and then');
    expect((await bob.post('subscriptions.read', { [name]: room._id })).body).toEqual({ success: true });
    const read = await subscription(bob, room._id);
    expect(read).toMatchObject({ open: true, alert: false, unread: 0, userMentions: 0, groupMentions: 0 });
    expect(Date.parse(read?.ls)).toBeGreaterThanOrEqual(Date.parse(last.ts));
    const [, document] = (await own.subscriptions(room._id)).at(-1) ?? [];
    expect(document).toMatchObject({ alert: false, unread: 0, ls: { $date: Date.parse(read?.ls) } });
  });

  test('unread threads keep the alert until they are read too', async () => {
    const { alice, bob, channel, say, subscription } = world;
    const room = await channel([bob]);
    const parent = await say(bob, room._id, 'a question');
    const reply = { rid: room._id, msg: 'an answer @bob', tmid: parent._id };
    expect(await alice.post('chat.sendMessage', { message: reply })).toMatchObject({ status: 200 });
    expect(await subscription(bob, room._id)).toMatchObject({
      alert: true,
      tunread: [parent._id],
      tunreadUser: [parent._id],
    });
    await bob.post('subscriptions.read', { rid: room._id });
    expect(await subscription(bob, room._id)).toMatchObject({
      alert: true,
      unread: 0,
      tunread: [parent._id],
    });
    await bob.post('subscriptions.read', { rid: room._id, readThreads: true });
    const read = await subscription(bob, room._id);
    expect(read).toMatchObject({ alert: false });
    for (const list of ['tunread', 'tunreadUser', 'tunreadGroup']) expect(read).not.toHaveProperty(list);
  });

  test('the refusals', async () => {
    const { bob, channel, ban } = world;
    const [foreign, banned] = [await channel(), await channel([bob])];
    await ban(banned._id, bob);
    const read = async (body: object) => (await bob.post('subscriptions.read', body)).body;
    expect(await read({})).toEqual(INVALID_PARAMS);
    expect(await read({ rid: 'a', roomId: 'a' })).toEqual(INVALID_PARAMS);
    expect(await read({ rid: 'a', threads: true })).toEqual(INVALID_PARAMS);
    for (const rid of ['nowhere', foreign._id, banned._id])
      expect(await read({ rid })).toEqual(NO_SUBSCRIPTION);
  });

  test('reading while messages come in never marks the last one as read', async () => {
    const { alice, bob, channel, say, subscription } = world;
    const room = await channel([bob]);
    await Promise.all([
      say(alice, room._id, '@bob one'),
      bob.post('subscriptions.read', { rid: room._id }),
      say(alice, room._id, '@bob two'),
      bob.post('subscriptions.read', { rid: room._id }),
    ]);
    await say(alice, room._id, '@bob three');
    const unread = (await subscription(bob, room._id))?.unread;
    expect(unread).toBeGreaterThanOrEqual(1);
    expect(unread).toBeLessThanOrEqual(3);
  });

  test('the DDP method readMessages does the same; on a channel one is not in it does nothing', async () => {
    const { alice, bob, channel, group, say, subscription } = world;
    const [room, foreign, secret] = [await channel([bob]), await channel(), await group()];
    await say(alice, room._id, '@bob');
    const socket = await bob.ddp();
    expect(await socket.call('readMessages', room._id)).toBeUndefined();
    expect(await subscription(bob, room._id)).toMatchObject({ alert: false, unread: 0 });
    expect(await socket.call('readMessages', foreign._id)).toBeUndefined();
    await expect(socket.call('readMessages', 'nowhere')).rejects.toMatchObject({
      error: 'error-room-does-not-exist',
    });
    await expect(socket.call('readMessages', secret._id)).rejects.toMatchObject({
      error: 'error-not-allowed',
    });
  });
});

describe('subscriptions.unread', () => {
  test('from a message on: last seen just before it, one unread, alerted', async () => {
    const { alice, bob, channel, listen, say, subscription } = world;
    const room = await channel([bob]);
    const [first] = [await say(alice, room._id, 'one'), await say(alice, room._id, 'two')];
    await bob.post('subscriptions.read', { rid: room._id });
    await bob.post('rooms.hide', { roomId: room._id });
    const own = await listen(bob);
    const { body } = await bob.post('subscriptions.unread', { firstUnreadMessage: { _id: first._id } });
    expect(body).toEqual({ success: true });
    const unread = await subscription(bob, room._id);
    expect(unread).toMatchObject({ open: true, alert: true, unread: 1 });
    expect(Date.parse(unread?.ls)).toBe(Date.parse(first.ts) - 1);
    expect((await own.subscriptions(room._id)).at(-1)).toMatchObject(['updated', { alert: true, unread: 1 }]);
  });

  test('with a room: from its last message on, the own one included', async () => {
    const { bob, channel, say, subscription } = world;
    const room = await channel([bob]);
    const sent = await say(bob, room._id, 'mine');
    expect((await bob.post('subscriptions.unread', { roomId: room._id })).body).toEqual({ success: true });
    const unread = await subscription(bob, room._id);
    expect(unread).toMatchObject({ alert: true, unread: 1 });
    expect(Date.parse(unread?.ls)).toBe(Date.parse(sent.ts) - 1);
  });

  test('the refusals', async () => {
    const { alice, bob, channel, say } = world;
    const [room, empty, foreign] = [await channel([bob]), await channel([bob]), await channel()];
    const [own, elsewhere] = [
      await say(bob, room._id, 'from bob'),
      await say(alice, foreign._id, 'elsewhere'),
    ];
    const unread = async (person: Person, body: object) =>
      (await person.post('subscriptions.unread', body)).body;
    expect(await unread(bob, {})).toEqual(INVALID_PARAMS);
    expect(await unread(bob, { roomId: 'a', firstUnreadMessage: { _id: 'b' } })).toEqual(INVALID_PARAMS);
    expect(await unread(bob, { firstUnreadMessage: 'b' })).toEqual(INVALID_PARAMS);
    const none = unreadRefusal('error-no-message-for-unread', 'There are no messages to mark unread');
    expect(await unread(bob, { roomId: empty._id })).toEqual(none);
    expect(await unread(bob, { roomId: foreign._id })).toEqual(none);
    const notAllowed = unreadRefusal('error-action-not-allowed', 'Not allowed');
    for (const _id of ['nowhere', own._id]) {
      expect(await unread(bob, { firstUnreadMessage: { _id } })).toEqual(notAllowed);
    }
    const missing = unreadRefusal('error-subscription-not-found', 'Subscription not found');
    expect(await unread(bob, { firstUnreadMessage: { _id: elsewhere._id } })).toEqual(missing);
    // Added people have no last-seen time before they read for the first time.
    const unseen = await channel([bob]);
    const first = await say(alice, unseen._id, 'welcome');
    expect(await unread(bob, { firstUnreadMessage: { _id: first._id } })).toEqual(missing);
  });

  test('the DDP method unreadMessages takes a message or a room', async () => {
    const { alice, bob, channel, say, subscription } = world;
    const room = await channel([bob]);
    const sent = await say(alice, room._id, 'one');
    const socket = await bob.ddp();
    await socket.call('readMessages', room._id);
    await socket.call('unreadMessages', { _id: sent._id });
    expect(await subscription(bob, room._id)).toMatchObject({ unread: 1, alert: true });
    await socket.call('readMessages', room._id);
    await socket.call('unreadMessages', null, room._id);
    expect(await subscription(bob, room._id)).toMatchObject({ unread: 1, alert: true });
  });
});
