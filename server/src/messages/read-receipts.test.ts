import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { coded, INVALID_PARAMS, ISO, type RoomWorld, startRoomWorld } from '../../test/support/rooms.ts';
import type { Person } from '../../test/support/server.ts';

let world: RoomWorld;

beforeAll(async () => {
  world = await startRoomWorld();
  const { admin } = world;
  await admin.post('settings/Message_Read_Receipt_Enabled', { value: true });
  await admin.post('settings/Message_Read_Receipt_Store_Users', { value: true });
});
afterAll(() => world.close());

const settled = () => world.server.server.receipts.settled();
const read = (person: Person, rid: string) => person.post('subscriptions.read', { rid });
const receipts = async (messageId: string, person = world.alice) =>
  (await person.get('chat.getMessageReadReceipts', { messageId })).body;
const readers = async (messageId: string) =>
  (await receipts(messageId)).receipts.map(({ user }: { user: { username: string } }) => user.username);
const stored = async (rid: string, msg: string) =>
  (await world.messages(rid)).find((message) => message.msg === msg);

describe('a message', () => {
  test('is unread until everybody has read it; who has read it is stored', async () => {
    const { alice, bob, carol, group, room, say } = world;
    const { _id: rid } = await group([bob, carol]);
    for (const person of [bob, carol]) await read(person, rid);
    const socket = await carol.ddp();
    await socket.subscribe('stream-notify-room', `${rid}/messagesRead`);
    await socket.subscribe('stream-room-messages', rid);
    const { _id } = await say(alice, rid, 'hear, hear');
    await settled();
    expect(await readers(_id)).toEqual(['alice']);
    expect(await stored(rid, 'hear, hear')).toMatchObject({ unread: true });

    await read(bob, rid);
    await settled();
    expect(await readers(_id)).toEqual(['alice', 'bob']);
    const second = { messageId: _id, offset: 1, count: 1 };
    expect((await alice.get('chat.getMessageReadReceipts', second)).body.receipts).toEqual([
      expect.objectContaining({ userId: bob.uid }),
    ]);
    expect(await stored(rid, 'hear, hear')).toMatchObject({ unread: true });

    await read(carol, rid);
    await settled();
    expect(await stored(rid, 'hear, hear')).not.toHaveProperty('unread');
    expect((await room(rid)).lastMessage).not.toHaveProperty('unread');
    expect(await socket.event('notify-room', `${rid}/messagesRead`)).toEqual([
      { until: { $date: expect.any(Number) } },
    ]);
    await socket.barrier();
    expect(socket.events('room-messages', rid).at(-1)?.[0]).not.toHaveProperty('unread');
    expect((await receipts(_id)).receipts[2]).toEqual({
      _id: `${_id}${carol.uid}`,
      ...{ messageId: _id, roomId: rid, userId: carol.uid, ts: ISO },
      user: { _id: carol.uid, username: 'carol', name: 'carol' },
    });
    expect(await (await bob.ddp()).call('getReadReceipts', { messageId: _id })).toHaveLength(3);
  });

  test('in a room with only its sender is read at once', async () => {
    const { alice, group, say } = world;
    const { _id: rid } = await group();
    await say(alice, rid, 'note to self');
    await settled();
    expect(await stored(rid, 'note to self')).not.toHaveProperty('unread');
  });

  test('of before somebody came is not read by them', async () => {
    const { alice, bob, group, say } = world;
    const { _id: rid } = await group();
    const { _id } = await say(alice, rid, 'early');
    await alice.post('groups.invite', { roomId: rid, userId: bob.uid });
    await read(bob, rid);
    await settled();
    expect(await readers(_id)).toEqual(['alice']);
  });

  test('of while somebody was away is not read by them when they come back', async () => {
    const { alice, bob, group, say } = world;
    const { _id: rid } = await group([bob]);
    await read(bob, rid);
    await settled();
    await bob.post('groups.leave', { roomId: rid });
    const missed = await say(alice, rid, 'behind your back');
    await alice.post('groups.invite', { roomId: rid, userId: bob.uid });
    const heard = await say(alice, rid, 'to your face');
    await read(bob, rid);
    await settled();
    expect(await readers(missed._id)).toEqual(['alice']);
    expect(await readers(heard._id)).toEqual(['alice', 'bob']);
  });

  test('takes its receipts with it', async () => {
    const { alice, group, say } = world;
    const { _id: rid } = await group();
    const { _id } = await say(alice, rid, 'fleeting');
    await settled();
    await alice.post('chat.delete', { roomId: rid, msgId: _id });
    const rows = world.server.server.ctx.db.selectFrom('read_receipts').selectAll();
    expect(await rows.where('message_id', '=', _id).execute()).toEqual([]);
    await say(alice, rid, 'another');
    await settled();
    await alice.post('groups.delete', { roomId: rid });
    expect(await rows.where('rid', '=', rid).execute()).toEqual([]);
  });
});

describe('a reply in a thread', () => {
  test('is read with the thread, by those who follow it, and not with the room', async () => {
    const { alice, bob, carol, group, room, say } = world;
    const { _id: rid } = await group([bob, carol]);
    const { _id: tmid } = await say(alice, rid, 'a thread');
    const reply = async (person: Person, msg: string, more = {}): Promise<string> =>
      (await person.post('chat.sendMessage', { message: { rid, msg, tmid, ...more } })).body.message._id;
    const socket = await carol.ddp();
    await socket.subscribe('stream-notify-room', `${rid}/messagesRead`);
    await socket.subscribe('stream-room-messages', rid);
    const hidden = await reply(bob, 'only in the thread');
    const shown = await reply(bob, 'in the room, too', { tshow: true });
    for (const person of [alice, bob, carol]) await read(person, rid);
    await settled();
    expect(await readers(hidden)).toEqual(['bob']);
    expect(await readers(shown)).toEqual(['alice', 'bob', 'carol']);
    expect(await stored(rid, 'only in the thread')).toMatchObject({ unread: true });
    expect(await stored(rid, 'in the room, too')).not.toHaveProperty('unread');

    // Whoever does not follow the thread may read it, but is not waited for.
    expect((await carol.post('chat.readThread', { tmid })).status).toBe(200);
    await settled();
    expect(await readers(hidden)).toEqual(['bob', 'carol']);
    expect(await stored(rid, 'only in the thread')).toMatchObject({ unread: true });

    expect(await (await alice.ddp()).call('getThreadMessages', { tmid })).toHaveLength(3);
    await settled();
    expect(await readers(hidden)).toEqual(['bob', 'carol', 'alice']);
    expect((await receipts(hidden)).receipts[0]).toMatchObject({ roomId: rid, tmid, userId: bob.uid });
    expect(await stored(rid, 'only in the thread')).not.toHaveProperty('unread');
    const until = { until: { $date: expect.any(Number) }, tmid };
    expect(await socket.event('notify-room', `${rid}/messagesRead`, ([event]) => event?.tmid)).toEqual([
      until,
    ]);
    await socket.barrier();
    const heard = socket.events('room-messages', rid).filter(([message]) => message?._id === hidden);
    expect(heard.at(-1)?.[0]).not.toHaveProperty('unread');
    expect((await room(rid)).lastMessage).toMatchObject({ _id: shown });

    // All threads at once, with the room.
    const next = await reply(bob, 'another');
    await settled();
    expect(await stored(rid, 'another')).toMatchObject({ unread: true });
    await alice.post('subscriptions.read', { rid, readThreads: true });
    await settled();
    expect(await readers(next)).toEqual(['bob', 'alice']);
    expect(await stored(rid, 'another')).not.toHaveProperty('unread');
  });

  test('to oneself is read at once; what was read goes with the thread', async () => {
    const { alice, group, say } = world;
    const { _id: rid } = await group();
    const { _id: tmid } = await say(alice, rid, 'talking');
    await alice.post('chat.sendMessage', { message: { rid, msg: 'to myself', tmid } });
    await settled();
    expect(await stored(rid, 'to myself')).not.toHaveProperty('unread');
    const reads = () =>
      world.server.server.ctx.db
        .selectFrom('thread_reads')
        .select('uid')
        .where('rid', '=', rid)
        .orderBy('uid')
        .execute();
    expect(await reads()).toEqual([{ uid: '' }, { uid: alice.uid }]);
    await alice.post('groups.delete', { roomId: rid });
    expect(await reads()).toEqual([]);
  });
});

test('the refusals', async () => {
  const { alice, bob, group, say } = world;
  const { _id } = await say(alice, (await group())._id, 'secret');
  expect((await alice.get('chat.getMessageReadReceipts')).body).toEqual(INVALID_PARAMS);
  const details = { method: 'getReadReceipts' };
  expect(await receipts('none')).toEqual(coded('error-invalid-message', 'Invalid message', details));
  expect(await receipts(_id, bob)).toEqual(coded('error-invalid-room', 'Invalid room', details));
});

test('nothing is stored where the workspace does not want it', async () => {
  const { alice, group, say, withSettings } = world;
  const { _id: rid } = await group();
  await withSettings({ Message_Read_Receipt_Store_Users: false }, async () => {
    const { _id } = await say(alice, rid, 'unrecorded');
    await settled();
    expect(await readers(_id)).toEqual([]);
    expect(await stored(rid, 'unrecorded')).not.toHaveProperty('unread');
  });
  await withSettings({ Message_Read_Receipt_Enabled: false }, async () => {
    const { _id } = await say(alice, rid, 'off');
    await settled();
    expect([await readers(_id), await stored(rid, 'off')]).toEqual([
      [],
      expect.not.objectContaining({ unread: true }),
    ]);
  });
});
