import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RoomWorld, startRoomWorld } from '../../test/support/rooms.ts';

let world: RoomWorld;

beforeAll(async () => {
  world = await startRoomWorld();
});
afterAll(() => world.close());

/** unread, userMentions, groupMentions after one message of alice, for bob (who may be named in it) and carol. */
type Counts = [number, number, number];

/** The table of spec 10 §12.2 for every value of `Unread_Count`. */
const TABLE: [setting: string, text: string, bob: Counts, carol: Counts][] = [
  ['all_messages', 'plain', [1, 0, 0], [1, 0, 0]],
  ['all_messages', 'hi @bob', [1, 1, 0], [1, 0, 0]],
  ['all_messages', 'hi @all', [1, 0, 1], [1, 0, 1]],
  ['all_messages', 'hi @all @bob', [1, 1, 0], [0, 0, 0]],
  ['user_mentions_only', 'plain', [0, 0, 0], [0, 0, 0]],
  ['user_mentions_only', 'hi @bob', [1, 1, 0], [0, 0, 0]],
  ['user_mentions_only', 'hi @all', [0, 0, 1], [0, 0, 1]],
  ['user_mentions_only', 'hi @all @bob', [1, 1, 0], [0, 0, 0]],
  ['group_mentions_only', 'plain', [0, 0, 0], [0, 0, 0]],
  ['group_mentions_only', 'hi @bob', [0, 1, 0], [0, 0, 0]],
  ['group_mentions_only', 'hi @here', [1, 0, 1], [1, 0, 1]],
  ['group_mentions_only', 'hi @here @bob', [0, 1, 0], [0, 0, 0]],
  ['user_and_group_mentions_only', 'plain', [0, 0, 0], [0, 0, 0]],
  ['user_and_group_mentions_only', 'hi @bob', [1, 1, 0], [0, 0, 0]],
  ['user_and_group_mentions_only', 'hi @all', [1, 0, 1], [1, 0, 1]],
  ['user_and_group_mentions_only', 'hi @all @bob', [1, 1, 0], [0, 0, 0]],
];

describe('what a message counts for the members', () => {
  test.each(TABLE)(
    'Unread_Count %s: "%s" gives bob %j and carol %j',
    async (setting, text, forBob, forCarol) => {
      const { alice, bob, carol } = world;
      const room = await world.channel([bob, carol]);
      for (const person of [bob, carol]) await person.post('subscriptions.read', { rid: room._id });
      await world.withSettings({ Unread_Count: setting }, async () => {
        await world.say(alice, room._id, text);
        for (const [person, [unread, userMentions, groupMentions]] of [
          [bob, forBob],
          [carol, forCarol],
        ] as const) {
          expect(await world.subscription(person, room._id)).toMatchObject({
            unread,
            userMentions,
            groupMentions,
            alert: true,
            open: true,
          });
        }
        expect(await world.subscription(alice, room._id)).toMatchObject({
          unread: 0,
          userMentions: 0,
          groupMentions: 0,
          alert: false,
          open: true,
          ls: expect.any(String),
        });
      });
    },
  );

  test.each([
    ['all_messages', 'plain', 1, 0],
    ['all_messages', '@bob', 1, 1],
    ['mentions_only', 'plain', 0, 0],
    ['mentions_only', '@bob', 1, 1],
  ])('Unread_Count_DM %s: "%s" counts %i and %i mentions', async (setting, text, unread, userMentions) => {
    const { alice, bob } = world;
    const { body } = await alice.post('im.create', { username: 'bob' });
    const rid = body.room._id;
    await bob.post('subscriptions.read', { rid });
    await world.withSettings({ Unread_Count_DM: setting }, async () => {
      await world.say(alice, rid, text);
      expect(await world.subscription(bob, rid)).toMatchObject({
        unread,
        userMentions,
        alert: true,
        open: true,
      });
    });
  });

  test('the room counts the message and shows it as its last one', async () => {
    const { alice } = world;
    const room = await world.channel([]);
    const message = await world.say(alice, room._id, 'hello');
    expect(await world.room(room._id)).toMatchObject({
      msgs: room.msgs + 1,
      lm: message.ts,
      lastMessage: message,
    });
  });

  test('a room that was hidden opens again', async () => {
    const { alice, bob } = world;
    const room = await world.channel([bob]);
    await bob.post('channels.close', { roomId: room._id });
    expect(await world.subscription(bob, room._id)).toMatchObject({ open: false });
    await world.say(alice, room._id, 'hello');
    expect(await world.subscription(bob, room._id)).toMatchObject({ open: true, alert: true });
  });

  test('members hear of their subscription and of the room', async () => {
    const { alice, bob } = world;
    const room = await world.channel([bob]);
    await bob.post('subscriptions.read', { rid: room._id });
    const hears = await world.listen(bob);
    await world.say(alice, room._id, '@bob');
    const [action, subscription] = (await hears.subscriptions(room._id)).at(-1) ?? [];
    expect(action).toBe('updated');
    expect(subscription).toMatchObject({ unread: 1, userMentions: 1, alert: true });
    expect((await hears.rooms(room._id)).at(-1)?.[1]).toMatchObject({ lastMessage: { msg: '@bob' } });
  });
});

describe('highlight words', () => {
  test('alert like a mention, and whoever did not follow a thread is told of its reply too', async () => {
    const { alice, bob } = world;
    await bob.post('users.setPreferences', { data: { highlights: ['Gantry'] } });
    const room = await world.group([bob]);
    await world.say(alice, room._id, 'nothing of interest');
    expect(await world.subscription(bob, room._id)).toMatchObject({ unread: 0, userMentions: 0 });
    const message = await world.say(alice, room._id, 'see the gantry docs');
    expect(message.mentions).toEqual([]);
    expect(await world.subscription(bob, room._id)).toMatchObject({ unread: 1, userMentions: 1 });
    await alice.post('chat.sendMessage', { message: { rid: room._id, msg: 'GANTRY!', tmid: message._id } });
    expect(await world.subscription(bob, room._id)).toMatchObject({
      tunread: [message._id],
      tunreadUser: [message._id],
    });
    const parent = await alice.get('chat.getMessage', { msgId: message._id });
    expect(parent.body.message.replies).toEqual([alice.uid]);
  });
});
