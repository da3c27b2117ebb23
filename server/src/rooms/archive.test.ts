import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  coded,
  INVALID_PARAMS,
  NO_CHANNEL,
  NO_GROUP,
  plain,
  type RoomWorld,
  startRoomWorld,
  withPermission,
} from '../../test/support/rooms.ts';

let world: RoomWorld;

beforeAll(async () => {
  world = await startRoomWorld();
});
afterAll(() => world.close());

const mayNot = (method: string) => coded('error-not-authorized', 'Not authorized', { method });

describe.each([
  { prefix: 'channels', notFound: NO_CHANNEL, noun: 'channel' },
  { prefix: 'groups', notFound: NO_GROUP, noun: 'private group' },
] as const)('$prefix', ({ prefix, notFound, noun }) => {
  const make: RoomWorld['channel'] = (...of) =>
    prefix === 'channels' ? world.channel(...of) : world.group(...of);

  test('archive hides the room from everybody and refuses messages; unarchive brings it back', async () => {
    const { alice, bob, messages, room: info, say, subscription } = world;
    const room = await make([bob]);
    await say(alice, room._id, 'unread for bob');
    expect((await alice.post(`${prefix}.archive`, { roomId: room._id })).body).toEqual({ success: true });
    expect(await info(room._id)).toMatchObject({ archived: true, msgs: 2 });
    for (const person of [alice, bob]) {
      expect(await subscription(person, room._id)).toMatchObject({
        archived: true,
        open: false,
        alert: false,
      });
    }
    const sent = await bob.post('chat.sendMessage', { message: { rid: room._id, msg: 'hi' } });
    expect(sent.body.success).toBe(false);

    await withPermission(world, 'unarchive-room', ['admin', 'owner'], async () => {
      expect((await alice.post(`${prefix}.unarchive`, { roomName: room.name })).body).toEqual({
        success: true,
      });
    });
    expect(await info(room._id)).toMatchObject({ archived: false, msgs: 3 });
    const back = await subscription(bob, room._id);
    expect(back).toMatchObject({ archived: false, open: true, alert: false });
    expect((await messages(room._id)).slice(1)).toMatchObject([
      { t: 'room-archived', msg: '', u: { username: 'alice' } },
      { t: 'room-unarchived', msg: '', u: { username: 'alice' } },
    ]);
  });

  test('members see it on their sockets and in delta synchronization', async () => {
    const { alice, bob, listen, subscription } = world;
    const room = await make([bob]);
    const since = (await subscription(bob, room._id))?._updatedAt;
    const member = await listen(bob);
    await member.socket.subscribe('stream-room-messages', room._id);
    await alice.post(`${prefix}.archive`, { roomId: room._id });
    expect((await member.rooms(room._id)).at(-1)).toMatchObject(['updated', { archived: true, msgs: 1 }]);
    expect((await member.subscriptions(room._id)).at(-1)).toMatchObject([
      'updated',
      { archived: true, open: false, alert: false },
    ]);
    expect(member.socket.events('room-messages', room._id)).toMatchObject([[{ t: 'room-archived' }]]);
    const { body } = await bob.get('subscriptions.get', { updatedSince: since });
    expect(body.update).toContainEqual(expect.objectContaining({ rid: room._id, archived: true }));
  });

  test('the refusals come in their documented order', async () => {
    const { alice, bob } = world;
    const room = await make([bob]);
    const post = async (person: typeof bob, verb: string, body: object) =>
      (await person.post(`${prefix}.${verb}`, body)).body;
    for (const verb of ['archive', 'unarchive']) {
      expect(await post(bob, verb, {})).toEqual(INVALID_PARAMS);
      expect(await post(bob, verb, { roomId: room._id, roomName: room.name })).toEqual(INVALID_PARAMS);
      expect(await post(bob, verb, { roomId: 'nowhere' })).toEqual(notFound);
    }
    if (prefix === 'channels') {
      expect(await post(bob, 'unarchive', { roomId: room._id })).toEqual(
        plain(`The channel, ${room.name}, is not archived`),
      );
    }
    expect(await post(bob, 'archive', { roomId: room._id })).toEqual(mayNot('archiveRoom'));
    await post(alice, 'archive', { roomId: room._id });
    const archived = coded('error-room-archived', `The ${noun}, ${room.name}, is archived`);
    expect(await post(bob, 'archive', { roomId: room._id })).toEqual(archived);
    expect(await post(alice, 'unarchive', { roomId: room._id })).toEqual(mayNot('unarchiveRoom'));
  });

  test('archived by two at the same moment it is archived once', async () => {
    const { alice, types } = world;
    const room = await make();
    await Promise.all([1, 2, 3].map(() => alice.post(`${prefix}.archive`, { roomId: room._id })));
    expect(await types(room._id)).toEqual(['room-archived']);
  });
});

describe('rooms.changeArchivationState', () => {
  test('archives with `archive`, brings back with anything else', async () => {
    const { admin, alice, channel, room: info } = world;
    const { _id: rid } = await channel();
    const change = async (person: typeof alice, body: object) =>
      (await person.post('rooms.changeArchivationState', body)).body;
    expect(await change(alice, { rid, action: 'archive' })).toEqual({ success: true });
    expect(await info(rid)).toMatchObject({ archived: true });
    expect(await change(alice, { rid })).toEqual(mayNot('unarchiveRoom'));
    expect(await change(admin, { rid })).toEqual({ success: true });
    expect(await info(rid)).toMatchObject({ archived: false });
    expect(await change(admin, { rid, action: 'archive' })).toEqual({ success: true });
    expect(await change(admin, { rid, action: 'whatever' })).toEqual({ success: true });
  });

  test('unknown rooms and direct rooms are refused before the permission', async () => {
    const { alice, bob, channel } = world;
    const room = await channel();
    const direct = (await alice.post('im.create', { username: 'bob' })).body.room._id;
    const archive = async (rid: string) =>
      (await bob.post('rooms.changeArchivationState', { rid, action: 'archive' })).body;
    expect(await archive('nowhere')).toEqual(
      coded('error-invalid-room', 'Invalid room', { method: 'archiveRoom' }),
    );
    expect(await archive(direct)).toEqual(
      coded('error-direct-message-room', 'rooms type: d can not be archived', { method: 'archiveRoom' }),
    );
    expect(await archive(room._id)).toEqual(mayNot('archiveRoom'));
    const { status, body } = await bob.post('rooms.changeArchivationState', { action: 'archive' });
    expect([status, body]).toEqual([400, INVALID_PARAMS]);
  });

  test('the DDP methods archiveRoom and unarchiveRoom do the same', async () => {
    const { admin, alice, channel, room: info } = world;
    const { _id: rid } = await channel();
    const [owner, root] = [await alice.ddp(), await admin.ddp()];
    await owner.call('archiveRoom', rid);
    expect(await info(rid)).toMatchObject({ archived: true });
    await expect(owner.call('unarchiveRoom', rid)).rejects.toMatchObject({ error: 'error-not-authorized' });
    await root.call('unarchiveRoom', rid);
    expect(await info(rid)).toMatchObject({ archived: false });
    await expect(owner.call('archiveRoom', 'nowhere')).rejects.toMatchObject({ error: 'error-invalid-room' });
  });
});
