import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Listener, type RoomWorld, startRoomWorld } from '../../test/support/rooms.ts';

let world: RoomWorld;
let alices: Listener;
let bobs: Listener;

beforeAll(async () => {
  world = await startRoomWorld();
  [alices, bobs] = [await world.listen(world.alice), await world.listen(world.bob)];
});
afterAll(() => world.close());

const told = async (listener: Listener, rid: string) =>
  (await listener.ephemeral()).filter((message) => message.rid === rid);

test('the sender is told of the people that the room does not reach', async () => {
  const { alice, bob, channel, say, messages } = world;
  const { _id: rid } = await channel([bob]);
  await say(alice, rid, 'hi @bob and @all, and @nobody-of-this-name');
  expect(await told(alices, rid)).toEqual([]);
  const { _id: tmid } = await say(alice, rid, 'where are @carol and @root?');
  expect(await told(alices, rid)).toMatchObject([
    {
      msg: "You mentioned *carol*, *Root*, but they're not in this room.",
      private: true,
      groupable: false,
      u: { _id: 'rocket.cat', username: 'rocket.cat' },
      md: expect.any(Array),
    },
  ]);
  expect(await messages(rid)).toHaveLength(2);
  await bob.post('chat.sendMessage', { message: { rid, msg: '@carol?', tmid } });
  expect(await told(bobs, rid)).toMatchObject([
    {
      msg: "You mentioned *carol*, but they're not in this room. You can ask a room admin to add them.",
      tmid,
    },
  ]);
});

test('an edit tells nothing, and a direct room has no outsiders', async () => {
  const { alice, bob, channel, say } = world;
  const { _id: rid } = await channel([bob]);
  const { _id: msgId } = await say(alice, rid, 'nobody');
  await alice.post('chat.update', { roomId: rid, msgId, text: '@carol' });
  expect(await told(alices, rid)).toEqual([]);
  const direct = (await alice.post('im.create', { username: 'bob' })).body.room._id;
  await say(alice, direct, '@carol is not here');
  expect(await told(alices, direct)).toEqual([]);
});
