import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  coded,
  INVALID_PARAMS,
  NO_CHANNEL,
  NO_GROUP,
  plain,
  type RoomWorld,
  startRoomWorld,
} from '../../test/support/rooms.ts';

let world: RoomWorld;

beforeAll(async () => {
  world = await startRoomWorld();
});
afterAll(() => world.close());

describe('channels.open and channels.close', () => {
  test('hide and show the room in the own sidebar', async () => {
    const { alice, bob, channel, listen, subscription } = world;
    const room = await channel([bob]);
    const own = await listen(bob);
    const others = await subscription(alice, room._id);
    expect((await bob.post('channels.close', { roomId: room._id })).body).toEqual({ success: true });
    expect(await subscription(bob, room._id)).toMatchObject({ open: false, alert: false });
    const body = { roomName: room.name, sort: 'x', query: 'y' };
    expect((await bob.post('channels.open', body)).body).toEqual({ success: true });
    expect(await subscription(bob, room._id)).toMatchObject({ open: true });
    expect(await own.subscriptions(room._id)).toMatchObject([
      ['updated', { open: false, alert: false }],
      ['updated', { open: true }],
    ]);
    expect(await subscription(alice, room._id)).toEqual(others);
  });

  test('the counters stay when it is hidden; the next message shows it again', async () => {
    const { alice, bob, channel, say, subscription } = world;
    const room = await channel([bob]);
    await say(alice, room._id, 'hello @bob');
    expect(await subscription(bob, room._id)).toMatchObject({
      open: true,
      alert: true,
      unread: 1,
      userMentions: 1,
    });
    await bob.post('channels.close', { roomId: room._id });
    expect(await subscription(bob, room._id)).toMatchObject({
      open: false,
      alert: false,
      unread: 1,
      userMentions: 1,
    });
    await say(alice, room._id, 'anybody?');
    expect(await subscription(bob, room._id)).toMatchObject({
      open: true,
      alert: true,
      unread: 1,
      userMentions: 1,
    });
  });

  test('the refusals have their exact texts', async () => {
    const { alice, bob, carol, channel } = world;
    const room = await channel([bob]);
    const post = async (person: typeof bob, verb: string, body: object) =>
      (await person.post(`channels.${verb}`, body)).body;
    for (const verb of ['open', 'close']) {
      expect(await post(bob, verb, {})).toEqual(INVALID_PARAMS);
      expect(await post(bob, verb, { roomId: 'nowhere' })).toEqual(NO_CHANNEL);
    }
    const { name } = room;
    expect(await post(carol, 'open', { roomId: room._id })).toEqual(
      plain(`The user/callee is not in the channel "${name}".`),
    );
    expect(await post(carol, 'close', { roomId: room._id })).toEqual(
      plain(`The user/callee is not in the channel "${name}.`),
    );
    expect(await post(bob, 'open', { roomId: room._id })).toEqual(
      plain(`The channel, ${name}, is already open to the sender`),
    );
    await post(bob, 'close', { roomId: room._id });
    expect(await post(bob, 'close', { roomId: room._id })).toEqual(
      plain(`The channel, ${name}, is already closed to the sender`),
    );
    // Archived rooms can be shown and hidden.
    await alice.post('channels.archive', { roomId: room._id });
    expect(await post(bob, 'open', { roomId: room._id })).toEqual({ success: true });
  });
});

describe('groups.open and groups.close', () => {
  test('the refusals have their exact texts', async () => {
    const { alice, bob, carol, group } = world;
    const room = await group([bob]);
    const post = async (person: typeof bob, verb: string, body: object) =>
      (await person.post(`groups.${verb}`, body)).body;
    expect(await post(carol, 'open', { roomId: room._id })).toEqual(NO_GROUP);
    expect(await post(carol, 'close', { roomId: room._id })).toEqual(NO_GROUP);
    const { name } = room;
    expect(await post(bob, 'open', { roomId: room._id })).toEqual(
      plain(`The private group, ${name}, is already open for the sender`),
    );
    expect(await post(bob, 'close', { roomId: room._id })).toEqual({ success: true });
    expect(await post(bob, 'close', { roomId: room._id })).toEqual(
      plain(`The private group, ${name}, is already closed to the sender`),
    );
    await alice.post('groups.archive', { roomId: room._id });
    expect(await post(bob, 'open', { roomId: room._id })).toEqual({ success: true });
  });
});

describe('rooms.open, rooms.hide and rooms.favorite', () => {
  test('rooms.hide hides, rooms.open shows, whatever the type', async () => {
    const { bob, channel, group, subscription } = world;
    const direct = (await bob.post('im.create', { username: 'alice' })).body.room;
    for (const room of [await channel([bob]), await group([bob]), direct]) {
      const roomId = room._id;
      expect((await bob.post('rooms.hide', { roomId })).body).toEqual({ success: true });
      expect(await subscription(bob, roomId)).toMatchObject({ open: false, alert: false });
      expect((await bob.post('rooms.hide', { roomId })).body).toEqual(plain('error-room-already-hidden'));
      expect((await bob.post('rooms.open', { roomId })).body).toEqual({ success: true });
      expect(await subscription(bob, roomId)).toMatchObject({ open: true });
    }
  });

  test('rooms.hide without access is 401, without membership already hidden; rooms.open always succeeds', async () => {
    const { bob, channel, group } = world;
    const [open, secret] = [await channel(), await group()];
    const hide = (roomId: string) => bob.post('rooms.hide', { roomId });
    for (const roomId of [secret._id, 'nowhere']) {
      expect(await hide(roomId)).toMatchObject({ status: 401, body: plain('unauthorized') });
    }
    expect((await hide(open._id)).body).toEqual(plain('error-room-already-hidden'));
    for (const roomId of [secret._id, 'nowhere', open._id]) {
      expect(await bob.post('rooms.open', { roomId })).toMatchObject({
        status: 200,
        body: { success: true },
      });
    }
    expect((await bob.post('rooms.hide', {})).body).toEqual(INVALID_PARAMS);
  });

  test('rooms.favorite sets `f`, which is absent before', async () => {
    const { alice, bob, channel, listen, subscription } = world;
    const room = await channel([bob]);
    const own = await listen(bob);
    const set = (person: typeof bob, favorite: unknown) =>
      person.post('rooms.favorite', { roomId: room._id, favorite });
    expect((await set(bob, true)).body).toEqual({ success: true });
    expect(await subscription(bob, room._id)).toMatchObject({ f: true });
    expect(await subscription(alice, room._id)).not.toHaveProperty('f');
    await set(bob, false);
    expect((await own.subscriptions(room._id)).map(([action, { f }]) => [action, f])).toEqual([
      ['updated', true],
      ['updated', false],
    ]);
    expect((await set(world.carol, true)).body).toEqual(
      coded('error-invalid-subscription', 'You must be part of a room to favorite it', {
        method: 'toggleFavorite',
      }),
    );
    expect((await bob.post('rooms.favorite', { roomId: room._id })).body).toEqual(INVALID_PARAMS);
    expect((await bob.post('rooms.favorite', { roomId: 'nowhere', favorite: true })).body).toEqual(
      NO_CHANNEL,
    );
    await alice.post('channels.archive', { roomId: room._id });
    expect((await set(bob, true)).body.errorType).toBe('error-room-archived');
  });

  test('hiding while messages come in never hides the last of them', async () => {
    const { alice, bob, channel, say, subscription } = world;
    const room = await channel([bob]);
    const listener = await world.listen(bob);
    await Promise.all([
      ...[1, 2, 3].map((n) => say(alice, room._id, `message ${n}`)),
      bob.post('rooms.hide', { roomId: room._id }),
      bob.post('rooms.favorite', { roomId: room._id, favorite: true }),
    ]);
    await say(alice, room._id, 'the last one');
    const now = await subscription(bob, room._id);
    expect(now).toMatchObject({ open: true, alert: true, f: true });
    const [, document] = (await listener.subscriptions(room._id)).at(-1) ?? [];
    expect(document).toMatchObject({ open: true, alert: true, f: true });
  });

  test('the DDP methods answer how many subscriptions they changed', async () => {
    const { bob, channel, subscription } = world;
    const [room, other] = [await channel([bob]), await channel()];
    const socket = await bob.ddp();
    expect(await socket.call('hideRoom', room._id)).toBe(1);
    expect(await subscription(bob, room._id)).toMatchObject({ open: false });
    expect(await socket.call('openRoom', room._id)).toBe(1);
    expect(await socket.call('openRoom', other._id)).toBe(0);
    expect(await socket.call('hideRoom', other._id)).toBe(0);
    expect(await socket.call('toggleFavorite', room._id)).toBe(1);
    expect(await subscription(bob, room._id)).toMatchObject({ f: true });
    expect(await socket.call('toggleFavorite', room._id)).toBe(1);
    expect(await socket.call('toggleFavorite', room._id, false)).toBe(1);
    expect(await subscription(bob, room._id)).toMatchObject({ f: false });
    for (const rid of [other._id, 'nowhere']) {
      await expect(socket.call('toggleFavorite', rid)).rejects.toMatchObject({
        error: 'error-invalid-subscription',
      });
    }
  });
});
