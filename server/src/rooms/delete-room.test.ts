import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  coded,
  INVALID_PARAMS,
  NO_CHANNEL,
  NO_GROUP,
  type RoomWorld,
  startRoomWorld,
} from '../../test/support/rooms.ts';

let world: RoomWorld;

beforeAll(async () => {
  world = await startRoomWorld();
});
afterAll(() => world.close());

const NOT_ALLOWED = coded('error-not-allowed', 'Not allowed', { method: 'eraseRoom' });

describe.each([
  { prefix: 'channels', notFound: NO_CHANNEL },
  { prefix: 'groups', notFound: NO_GROUP },
] as const)('$prefix.delete', ({ prefix, notFound }) => {
  const make: RoomWorld['channel'] = (...of) =>
    prefix === 'channels' ? world.channel(...of) : world.group(...of);
  const path = `${prefix}.delete`;

  test('takes the room, its messages and memberships away', async () => {
    const { alice, bob, say, server, subscription } = world;
    const room = await make([bob]);
    const sent = await say(bob, room._id, 'hello @alice');
    await alice.post('chat.starMessage', { messageId: sent._id });
    expect(await alice.post(path, { roomId: room._id })).toMatchObject({
      status: 200,
      body: { success: true },
    });
    expect((await alice.get(`${prefix}.info`, { roomId: room._id })).body).toEqual(notFound);
    expect(await subscription(bob, room._id)).toBeNull();
    const { db } = server.server.ctx;
    for (const table of [
      'messages',
      'subscriptions',
      'room_roles',
      'message_mentions',
      'message_stars',
    ] as const) {
      expect(await db.selectFrom(table).select('rid').where('rid', '=', room._id).execute()).toEqual([]);
    }
    expect((await alice.post(path, { roomId: room._id })).body).toEqual(notFound);
  });

  test('its name can be used again', async () => {
    const { alice } = world;
    const room = await make();
    await alice.post(path, { roomName: room.name });
    expect(await alice.post(`${prefix}.create`, { name: room.name })).toMatchObject({ status: 200 });
  });

  test('members hear that room and subscription are gone, also by delta synchronization', async () => {
    const { alice, bob, carol, listen, subscription } = world;
    const room = await make([bob]);
    const own = await subscription(bob, room._id);
    const [member, stranger] = [await listen(bob), await listen(carol)];
    await member.socket.subscribe('stream-room-messages', room._id);
    await alice.post(path, { roomId: room._id });
    expect(await member.rooms(room._id)).toEqual([['removed', { _id: room._id }]]);
    expect(await member.subscriptions(room._id)).toMatchObject([
      ['removed', { _id: own?._id, rid: room._id, t: room && own?.t, u: { _id: bob.uid, username: 'bob' } }],
    ]);
    expect(await stranger.rooms(room._id)).toEqual([]);
    const query = { updatedSince: own?._updatedAt };
    const [rooms, subscriptions] = [
      await bob.get('rooms.get', query),
      await bob.get('subscriptions.get', query),
    ];
    expect(rooms.body.remove).toContainEqual({ _id: room._id, _deletedAt: expect.any(String) });
    expect(subscriptions.body.remove).toContainEqual({ _id: own?._id, _deletedAt: expect.any(String) });
    const foreign = await carol.get('rooms.get', query);
    expect(JSON.stringify(foreign.body)).not.toContain(room._id);
  });

  test('the refusals come in their documented order and change nothing', async () => {
    const { alice, bob } = world;
    const room = await make([bob]);
    const before = (await alice.get(`${prefix}.info`, { roomId: room._id })).body;
    const post = async (person: typeof bob, body: object) => (await person.post(path, body)).body;
    expect(await post(bob, {})).toEqual(INVALID_PARAMS);
    expect(await post(bob, { roomId: room._id, roomName: room.name })).toEqual(INVALID_PARAMS);
    expect(await post(bob, { roomId: 'nowhere' })).toEqual(notFound);
    expect(await post(bob, { roomId: room._id })).toEqual(NOT_ALLOWED);
    await alice.post(`${prefix}.addModerator`, { roomId: room._id, userId: bob.uid });
    expect(await post(bob, { roomId: room._id })).toEqual(NOT_ALLOWED);
    await alice.post(`${prefix}.removeModerator`, { roomId: room._id, userId: bob.uid });
    const after = (await alice.get(`${prefix}.info`, { roomId: room._id })).body;
    const key = prefix === 'channels' ? 'channel' : 'group';
    expect(after[key]).toMatchObject({ name: before[key].name, usersCount: before[key].usersCount });
  });

  test('an archived room can be deleted', async () => {
    const { alice } = world;
    const room = await make();
    await alice.post(`${prefix}.archive`, { roomId: room._id });
    expect((await alice.post(path, { roomId: room._id })).body).toEqual({ success: true });
  });

  test('a room of a team needs the right in the team too, and is missed there', async () => {
    const { alice, bob, channel, messages, newName } = world;
    const main = await channel([bob]);
    const { team } = (await alice.post('channels.convertToTeam', { channelId: main._id })).body;
    const name = newName();
    const created = await alice.post(`${prefix}.create`, {
      name,
      members: ['bob'],
      extraData: { teamId: team._id },
    });
    const roomId = (created.body.channel ?? created.body.group)._id;
    await alice.post(`${prefix}.addOwner`, { roomId, userId: bob.uid });
    expect((await bob.post(path, { roomId })).body).toEqual(NOT_ALLOWED);
    expect((await alice.post(path, { roomId })).body).toEqual({ success: true });
    expect((await messages(main._id)).at(-1)).toMatchObject({
      t: 'user-deleted-room-from-team',
      msg: name,
      u: { username: 'alice' },
    });
  });

  test('the main room of a team is not deleted', async () => {
    const { alice } = world;
    const room = await make();
    const convert = prefix === 'channels' ? { channelId: room._id } : { roomId: room._id };
    await alice.post(`${prefix}.convertToTeam`, convert);
    expect((await alice.post(path, { roomId: room._id })).body).toEqual(
      coded('error-cannot-delete-team-channel', 'Cannot delete a team channel', { method: 'eraseRoom' }),
    );
  });

  test('deleted by several at the same moment it is deleted once', async () => {
    const { admin, alice, listen, bob } = world;
    const room = await make([bob]);
    const member = await listen(bob);
    const people = prefix === 'channels' ? [alice, admin, alice] : [alice, alice, alice];
    const answers = await Promise.all(people.map((person) => person.post(path, { roomId: room._id })));
    expect(answers.map((answer) => answer.status).sort()).toEqual([200, 400, 400]);
    expect(await member.rooms(room._id)).toHaveLength(1);
  });

  test('what others do in the room while it is deleted is refused or goes with it', async () => {
    const { alice, bob, carol } = world;
    for (let round = 0; round < 3; round++) {
      const room = await make([bob]);
      const roomId = room._id;
      const answers = await Promise.all([
        bob.post('chat.sendMessage', { message: { rid: roomId, msg: 'hi @alice' } }),
        alice.post(path, { roomId }),
        bob.post(`${prefix}.leave`, { roomId }),
        alice.post(`${prefix}.invite`, { roomId, userId: carol.uid }),
        alice.post(`${prefix}.setTopic`, { roomId, topic: 'gone?' }),
        alice.post(`${prefix}.addOwner`, { roomId, userId: bob.uid }),
      ]);
      expect(answers[1]).toMatchObject({ status: 200 });
      expect(answers.map((answer) => answer.status).filter((status) => status >= 500)).toEqual([]);
    }
  });
});

describe('rooms.delete', () => {
  test('deletes rooms of any type; direct rooms are the administrators’ business', async () => {
    const { admin, alice, bob, channel } = world;
    const room = await channel();
    expect((await alice.post('rooms.delete', { roomId: room._id })).body).toEqual({ success: true });
    const direct = (await alice.post('im.create', { username: 'bob' })).body.room._id;
    expect((await bob.post('rooms.delete', { roomId: direct })).body).toEqual(NOT_ALLOWED);
    expect((await admin.post('rooms.delete', { roomId: direct })).body).toEqual({ success: true });
    expect((await alice.get('rooms.info', { roomId: direct })).body).toEqual(NO_CHANNEL);
  });

  test('unknown rooms and bad parameters are refused', async () => {
    const { alice } = world;
    expect((await alice.post('rooms.delete', { roomId: 'nowhere' })).body).toEqual(
      coded('error-invalid-room', 'Invalid room', { method: 'eraseRoom' }),
    );
    expect((await alice.post('rooms.delete', {})).body).toEqual(INVALID_PARAMS);
    expect((await alice.post('rooms.delete', { roomName: 'general' })).body).toEqual(INVALID_PARAMS);
  });

  test('the DDP method eraseRoom does the same', async () => {
    const { alice, channel } = world;
    const room = await channel();
    const socket = await alice.ddp();
    await socket.call('eraseRoom', room._id);
    await expect(socket.call('eraseRoom', room._id)).rejects.toMatchObject({
      error: 'error-invalid-room',
      details: { method: 'eraseRoom' },
    });
  });
});
