import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { coded, INVALID_PARAMS, NO_USER, type RoomWorld, startRoomWorld } from '../../test/support/rooms.ts';

let world: RoomWorld;
beforeAll(async () => {
  world = await startRoomWorld();
});
afterAll(() => world.close());

const refusal = (method: string, code: string, reason: string, more: object = {}) =>
  coded(code, reason, { method, ...more });

describe('rooms.muteUser and rooms.unmuteUser', () => {
  test('a muted member cannot speak until the word is given back', async () => {
    const { alice, bob, channel, room: info, messages } = world;
    const { _id: roomId } = await channel([bob]);
    const say = () => bob.post('chat.sendMessage', { message: { rid: roomId, msg: 'hi' } });
    expect((await alice.post('rooms.muteUser', { roomId, username: 'bob' })).body).toEqual({ success: true });
    expect((await info(roomId)).muted).toEqual(['bob']);
    expect((await messages(roomId)).at(-1)).toMatchObject({
      t: 'user-muted',
      msg: 'bob',
      u: { _id: alice.uid, username: 'alice' },
    });
    expect((await say()).body).toMatchObject({ success: false, error: 'You_have_been_muted' });
    expect((await alice.post('rooms.unmuteUser', { roomId, userId: bob.uid })).body).toEqual({
      success: true,
    });
    expect((await info(roomId)).muted).toEqual([]);
    expect((await messages(roomId)).at(-1)).toMatchObject({ t: 'user-unmuted', msg: 'bob' });
    expect((await say()).status).toBe(200);
  });

  test('in a read-only room unmuting is what lets somebody speak', async () => {
    const { alice, bob, channel, room: info } = world;
    const { _id: roomId } = await channel([bob]);
    await alice.post('channels.setReadOnly', { roomId, readOnly: true });
    await alice.post('rooms.unmuteUser', { roomId, userId: bob.uid });
    expect(await info(roomId)).toMatchObject({ unmuted: ['bob'] });
    expect((await bob.post('chat.sendMessage', { message: { rid: roomId, msg: 'hi' } })).status).toBe(200);
    await alice.post('rooms.muteUser', { roomId, userId: bob.uid });
    const after = await info(roomId);
    expect([after.muted, after.unmuted]).toEqual([undefined, []]);
  });

  test('the refusals come in their documented order', async () => {
    const { admin, alice, bob, carol, channel } = world;
    const { _id: roomId } = await channel([bob]);
    const direct = (await alice.post('im.create', { username: 'bob' })).body.room._id;
    const mute = async (person: typeof alice, body: object) =>
      (await person.post('rooms.muteUser', body)).body;
    const of = (code: string, reason: string, more?: object) => refusal('muteUserInRoom', code, reason, more);
    expect(await mute(alice, { roomId })).toEqual(INVALID_PARAMS);
    expect(await mute(bob, { roomId, userId: 'nobody' })).toEqual(NO_USER);
    expect(await mute(bob, { roomId, userId: alice.uid })).toEqual(of('error-not-allowed', 'Not allowed'));
    expect(await mute(admin, { roomId: 'nowhere', userId: bob.uid })).toEqual(
      of('error-invalid-room', 'Invalid room'),
    );
    expect(await mute(admin, { roomId: direct, userId: bob.uid })).toEqual(
      of('error-invalid-room-type', 'd is not a valid room type', { type: 'd' }),
    );
    expect(await mute(alice, { roomId, userId: carol.uid })).toEqual(
      of('error-user-not-in-room', 'User is not in this room'),
    );
  });

  test('DDP `muteUserInRoom` does the same', async () => {
    const { alice, bob, channel, room: info } = world;
    const { _id: rid } = await channel([bob]);
    const socket = await alice.ddp();
    await socket.call('muteUserInRoom', { rid, username: 'bob' });
    expect((await info(rid)).muted).toEqual(['bob']);
    await socket.call('unmuteUserInRoom', { rid, username: 'bob' });
    expect((await info(rid)).muted).toEqual([]);
    await expect(socket.call('muteUserInRoom', { rid, username: 'nobody' })).rejects.toMatchObject({
      error: 'error-user-not-in-room',
    });
  });
});
