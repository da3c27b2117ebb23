import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { uploadFile } from '../../test/support/files.ts';
import { coded, INVALID_PARAMS, plain, type RoomWorld, startRoomWorld } from '../../test/support/rooms.ts';

let world: RoomWorld;

beforeAll(async () => {
  world = await startRoomWorld();
});
afterAll(() => world.close());

const ALWAYS = { oldest: '1970-01-01T00:00:00Z', latest: '2100-01-01T00:00:00Z' };
const clean = (roomId: string, options: object = {}, person = world.admin) =>
  person.post('rooms.cleanHistory', { roomId, ...ALWAYS, ...options });
const texts = async (rid: string) =>
  (await world.messages(rid)).filter(({ t, msg }) => !t && msg).map(({ msg }) => msg);

describe('removes', () => {
  test('everything, tells everybody at once, and corrects what the room shows', async () => {
    const { alice, bob, channel, say, listen, room } = world;
    const { _id: rid } = await channel([bob]);
    const listener = await listen(bob);
    await listener.socket.subscribe('stream-notify-room', `${rid}/deleteMessageBulk`);
    for (const text of ['one', 'two', 'three']) await say(alice, rid, text);
    const { msgs } = await room(rid);
    const { status, body } = await clean(rid);
    expect([status, body]).toEqual([200, { _id: rid, count: msgs, success: true }]);
    expect(await world.messages(rid)).toEqual([]);
    const after = await room(rid);
    expect(after).toMatchObject({ msgs: 0 });
    expect(after).not.toHaveProperty('lastMessage');
    const [bulk] = await listener.socket.event('notify-room', `${rid}/deleteMessageBulk`, () => true);
    expect(bulk).toEqual({
      rid,
      excludePinned: false,
      ignoreDiscussion: false,
      ts: { $gt: { $date: 0 }, $lt: { $date: Date.parse(ALWAYS.latest) } },
      users: [],
    });
    const sync = { roomId: rid, lastUpdate: ALWAYS.oldest };
    expect((await bob.get('chat.syncMessages', sync)).body.result.deleted).toHaveLength(msgs);
    expect((await listener.rooms(rid)).at(-1)?.[1]).not.toHaveProperty('lastMessage');
  });

  test('only what lies between the times, at them only when inclusive', async () => {
    const { alice, channel, say } = world;
    const { _id: rid } = await channel();
    const sent = [await say(alice, rid, 'one'), await say(alice, rid, 'two'), await say(alice, rid, 'three')];
    const times = { oldest: sent[0]?.ts, latest: sent[2]?.ts };
    expect((await clean(rid, times)).body.count).toBe(1);
    expect(await texts(rid)).toEqual(['one', 'three']);
    expect((await clean(rid, { ...times, inclusive: true })).body.count).toBe(2);
    expect(await texts(rid)).toEqual([]);
  });

  test('the oldest ones up to the limit, and names them', async () => {
    const { alice, channel, say } = world;
    const { _id: rid } = await channel();
    const socket = await alice.ddp();
    await socket.subscribe('stream-notify-room', `${rid}/deleteMessageBulk`);
    const sent = [await say(alice, rid, 'one'), await say(alice, rid, 'two'), await say(alice, rid, 'three')];
    expect((await clean(rid, { limit: 2, users: ['ALICE'] })).body.count).toBe(2);
    expect(await texts(rid)).toEqual(['three']);
    const [bulk] = await socket.event('notify-room', `${rid}/deleteMessageBulk`, () => true);
    expect(bulk).toMatchObject({ ids: [sent[0]?._id, sent[1]?._id], users: ['alice'] });
  });

  test('more than one batch', async () => {
    const { alice, channel, say, room } = world;
    const { _id: rid } = await channel();
    await Promise.all(Array.from({ length: 450 }, (_, index) => say(alice, rid, `message ${index}`)));
    expect((await clean(rid, { users: ['alice'] })).body.count).toBe(450);
    expect(await texts(rid)).toEqual([]);
    expect((await room(rid)).lastMessage).toBeUndefined();
    // Hundreds of messages, each with its answer.
  }, 60_000);

  test('nothing of other people, pinned messages, threads and discussions where these are spared', async () => {
    const { alice, bob, channel, say } = world;
    const { _id: rid } = await channel([bob]);
    await say(bob, rid, 'of bob');
    const pinned = await say(alice, rid, 'pinned');
    await alice.post('chat.pinMessage', { messageId: pinned._id });
    const parent = await say(alice, rid, 'parent');
    await alice.post('chat.sendMessage', { message: { rid, tmid: parent._id, msg: 'reply' } });
    await alice.post('rooms.createDiscussion', { prid: rid, t_name: 'Beside' });
    await say(alice, rid, 'plain');
    const spare = { excludePinned: true, ignoreThreads: true, ignoreDiscussion: true };
    expect((await clean(rid, { ...spare, users: ['alice', 'nobody'] })).status).toBe(200);
    expect(await texts(rid)).toEqual(['of bob', 'pinned', 'parent', 'reply']);
    expect(await world.types(rid)).toContain('discussion-created');
    expect((await clean(rid, { users: ['nobody'] })).body.count).toBe(0);
  });

  test('threads with their marks, and discussions', async () => {
    const { alice, bob, channel, say, subscription } = world;
    const { _id: rid } = await channel([bob]);
    const parent = await say(bob, rid, 'parent');
    const reply = async (msg: string) =>
      (await alice.post('chat.sendMessage', { message: { rid, tmid: parent._id, msg } })).body.message;
    await reply('first');
    const second = await reply('second');
    expect((await subscription(bob, rid))?.tunread).toEqual([parent._id]);
    // A reply alone: the thread counts it no more.
    const only = { oldest: second.ts, latest: second.ts, inclusive: true };
    expect((await clean(rid, only)).body.count).toBe(1);
    const read = async () => (await bob.get('chat.getMessage', { msgId: parent._id })).body.message;
    expect((await read()).tcount).toBe(1);
    const { body } = await alice.post('rooms.createDiscussion', { prid: rid, t_name: 'Beside' });
    await clean(rid);
    expect((await subscription(bob, rid))?.tunread).toBeUndefined();
    expect((await alice.get('rooms.info', { roomId: body.discussion._id })).status).toBe(400);
  });

  test('only files, of which the messages then say so', async () => {
    const { server, alice, bob, channel, say, room } = world;
    const { _id: rid } = await channel([bob]);
    await say(alice, rid, 'plain');
    const file = await uploadFile(server, alice, rid, { name: 'a.txt', type: 'text/plain', bytes: 'hello' });
    const { body } = await alice.post(`rooms.mediaConfirm/${rid}/${file._id}`, { msg: 'look' });
    const { status, body: answer } = await clean(rid, { filesOnly: true });
    expect([status, answer]).toEqual([200, { _id: rid, count: 1, success: true }]);
    const left = (await bob.get('chat.getMessage', { msgId: body.message._id })).body.message;
    const removed = { type: 'removed-file', color: '#FD745E', text: '_File removed by prune_' };
    expect(left).toMatchObject({ msg: 'look', attachments: [removed] });
    expect(left).not.toHaveProperty('file');
    expect((await room(rid)).lastMessage).toMatchObject({ _id: body.message._id, attachments: [removed] });
    expect((await bob.get('channels.files', { roomId: rid })).body.total).toBe(0);
    expect(await texts(rid)).toEqual(['plain', 'look']);
  });
});

describe('refuses', () => {
  test('whoever may not, in the documented order', async () => {
    const { admin, alice, bob, group, channel } = world;
    const [closed, open] = [await group(), await channel()];
    const refused = async (roomId: string, person = alice) => {
      const { status, body } = await clean(roomId, {}, person);
      return [status, body];
    };
    expect((await refused('nowhere'))[0]).toBe(400);
    expect((await refused('nowhere'))[1]).toMatchObject({ errorType: 'error-room-not-found' });
    const noAccess = plain('User does not have access to the room [error-not-allowed]', 'error-not-allowed');
    expect(await refused(closed._id, bob)).toEqual([400, noAccess]);
    expect(await refused(closed._id, admin)).toEqual([400, noAccess]);
    const details = { method: 'cleanRoomHistory' };
    expect(await refused(open._id)).toEqual([400, coded('error-not-allowed', 'Not allowed', details)]);
  });

  test.each([
    { latest: 'soon' },
    { oldest: '' },
    { limit: -1 },
    { limit: 1.5 },
    { users: 'alice' },
    { inclusive: 'perhaps' },
    { x: 1 },
  ])('the parameters %j', async (wrong) => {
    const { status, body } = await clean('GENERAL', wrong);
    expect([status, body]).toEqual([400, INVALID_PARAMS]);
  });
});
