import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DdpClient, Frame } from '../../test/support/ddp-client.ts';
import { type RoomWorld, startRoomWorld, type TestRoom, withPermission } from '../../test/support/rooms.ts';
import type { Person } from '../../test/support/server.ts';

let world: RoomWorld;
let alice: Person;
let bob: Person;
let carol: Person;
let room: TestRoom;
let socket: DdpClient;

beforeAll(async () => {
  world = await startRoomWorld();
  ({ alice, bob, carol } = world);
  room = await world.group([bob]);
  socket = await bob.ddp();
});
afterAll(() => world.close());

const texts = (messages: Frame[]) => messages.map((message) => message.msg);
const date = (iso: string) => ({ $date: new Date(iso).getTime() });

describe('sendMessage', () => {
  test('gives the stored message, dates and all', async () => {
    const message = await socket.call('sendMessage', { _id: 'ddp-1', rid: room._id, msg: 'hi' });
    expect(message).toEqual({
      _id: 'ddp-1',
      rid: room._id,
      msg: 'hi',
      md: [{ type: 'PARAGRAPH', value: [{ type: 'PLAIN_TEXT', value: 'hi' }] }],
      ts: { $date: expect.any(Number) },
      u: { _id: bob.uid, username: 'bob', name: 'bob' },
      mentions: [],
      channels: [],
      urls: [],
      _updatedAt: { $date: expect.any(Number) },
    });
    expect(await socket.call('sendMessage', { _id: 'ddp-1', rid: room._id, msg: 'again' })).toEqual(message);
  });

  test('drops what clients may not say here', async () => {
    const message = await socket.call('sendMessage', {
      rid: room._id,
      msg: 'hi',
      u: { _id: alice.uid },
      alias: 'x',
      avatar: 'http://a.example',
      attachments: [{ text: 'x' }],
      roomId: room._id,
    });
    expect(message.u._id).toBe(bob.uid);
    expect(message.alias ?? message.avatar ?? message.attachments).toBeUndefined();
  });

  test('throws coded refusals; others only tell the sender in the room', async () => {
    await expect(socket.call('sendMessage', { rid: room._id, msg: 'x', tshow: true })).rejects.toMatchObject({
      error: 'invalid-params',
    });
    await expect(socket.call('sendMessage', { msg: 'x' })).rejects.toMatchObject({
      error: "The 'rid' property on the message object is missing.",
    });
    await expect(socket.call('sendMessage', 'x')).rejects.toMatchObject({
      error: 400,
      reason: 'Match failed',
    });
    const stranger = await world.listen(carol);
    await expect(stranger.socket.call('sendMessage', { rid: room._id, msg: 'x' })).rejects.toMatchObject({
      error: 'error-not-allowed',
    });
    expect(await stranger.socket.call('sendMessage', { rid: 'no-room', msg: 'x' })).toBeUndefined();
    expect((await stranger.ephemeral()).map((message) => message.msg)).toEqual([
      'You are not allowed to do this.',
      'This room does not exist.',
    ]);
  });
});

describe('reading history', () => {
  let group: TestRoom;
  let said: Frame[];

  beforeAll(async () => {
    group = await world.group([bob]);
    said = [];
    for (let i = 1; i <= 6; i++) said.push(await world.say(alice, group._id, `m${i}`));
  });
  const ts = (index: number): string => said[index]?.ts;

  test('loadHistory: newest first before a moment, with what is unread below', async () => {
    expect(texts((await socket.call('loadHistory', group._id)).messages)).toEqual([
      'm6',
      'm5',
      'm4',
      'm3',
      'm2',
      'm1',
    ]);
    const page = await socket.call('loadHistory', group._id, date(ts(5)), 2, date(ts(0)));
    expect(texts(page.messages)).toEqual(['m5', 'm4']);
    expect(page).toMatchObject({ unreadNotLoaded: 2, firstUnread: { msg: 'm2' } });
    expect(await socket.call('loadHistory', group._id, null, 2, date(ts(5)))).toMatchObject({
      unreadNotLoaded: 0,
    });
    expect(await socket.call('loadHistory', 'unknown')).toBe(false);
    expect(await (await carol.ddp()).call('loadHistory', group._id)).toBe(false);
  });

  test('loadNextMessages and loadMissedMessages: what came after', async () => {
    const next = await socket.call('loadNextMessages', group._id, date(ts(2)), 2);
    expect(texts(next.messages)).toEqual(['m4', 'm5']);
    expect(texts(await socket.call('loadMissedMessages', group._id, date(ts(3))))).toEqual(['m6', 'm5']);
    await expect((await carol.ddp()).call('loadNextMessages', group._id, date(ts(2)))).rejects.toMatchObject({
      error: 'error-not-allowed',
    });
  });

  test('loadSurroundingMessages: around one message', async () => {
    const around = await socket.call('loadSurroundingMessages', { _id: said[2]?._id, rid: group._id }, 4);
    expect(texts(around.messages)).toEqual(['m2', 'm1', 'm3', 'm4', 'm5']);
    expect(around).toMatchObject({ moreBefore: false, moreAfter: true });
    expect(await socket.call('loadSurroundingMessages', { _id: 'unknown' })).toBe(false);
  });

  test('getChannelHistory: within bounds', async () => {
    const page = await socket.call('getChannelHistory', {
      rid: group._id,
      latest: date(ts(4)),
      oldest: date(ts(1)),
      inclusive: true,
    });
    expect(texts(page.messages)).toEqual(['m5', 'm4', 'm3', 'm2']);
  });

  test('messages/get: a delta with lastUpdate', async () => {
    const delta = await socket.call('messages/get', group._id, { lastUpdate: date(said[3]?._updatedAt) });
    expect(texts(delta.updated)).toEqual(['m6', 'm5']);
    expect(delta.deleted).toEqual([]);
    const cursor = await socket.call('messages/get', group._id, {
      type: 'UPDATED',
      next: new Date(said[3]?._updatedAt).getTime(),
      count: 1,
    });
    expect(texts(cursor.updated)).toEqual(['m5']);
    await expect(socket.call('messages/get', group._id, { type: 'NEW', next: '1' })).rejects.toMatchObject({
      error: 'error-type-param-not-supported',
    });
  });

  test('getSingleMessage and getMessages', async () => {
    expect(await socket.call('getSingleMessage', said[0]?._id)).toMatchObject({ msg: 'm1', ts: date(ts(0)) });
    expect(await socket.call('getSingleMessage', 'unknown')).toBeNull();
    const ids = [said[0]?._id, said[1]?._id, 'unknown'];
    expect(texts(await socket.call('getMessages', ids)).sort()).toEqual(['m1', 'm2']);
    await expect((await carol.ddp()).call('getMessages', ids)).rejects.toMatchObject({
      error: 'error-not-allowed',
    });
  });
});

test('marking and deleting', async () => {
  const message = await world.say(bob, room._id, 'mark me');
  await socket.call('setReaction', ':smile:', message._id);
  expect(await socket.call('starMessage', { _id: message._id, rid: room._id, starred: true })).toBe(true);
  await socket.call('followMessage', { mid: message._id });
  const owner = await alice.ddp();
  expect(await owner.call('pinMessage', { _id: message._id })).toMatchObject({ t: 'message_pinned' });
  expect(await owner.call('pinMessage', { _id: message._id })).toBeNull();
  const marked = await socket.call('getSingleMessage', message._id);
  expect(marked).toMatchObject({
    reactions: { ':smile:': { usernames: ['bob'] } },
    starred: [{ _id: bob.uid }],
    replies: [bob.uid],
    pinned: true,
  });
  expect(await owner.call('unpinMessage', { _id: message._id })).toBe(true);
  await socket.call('deleteMessage', { _id: message._id });
  expect(await socket.call('getSingleMessage', message._id)).toBeNull();
});

test('marking a message that does not exist', async () => {
  const pinning = (method: string) => ({ details: { method, action: 'Message_pinning' } });
  await expect(socket.call('pinMessage', { _id: 'unknown' })).rejects.toMatchObject({
    error: 'error-invalid-message',
    ...pinning('pinMessage'),
  });
  await expect(socket.call('unpinMessage', { _id: 'unknown' })).rejects.toMatchObject({
    error: 'error-invalid-message',
    ...pinning('unpinMessage'),
  });
  expect(await socket.call('starMessage', { _id: 'unknown', rid: room._id, starred: true })).toBe(false);
});

test('a muted user’s reaction is answered with false and a message that only they see', async () => {
  const message = await world.say(alice, room._id, 'x');
  const target = { roomId: room._id, userId: bob.uid };
  await alice.post('rooms.muteUser', target);
  const hears = await world.listen(bob);
  expect(await hears.socket.call('setReaction', ':smile:', message._id)).toBe(false);
  expect((await hears.ephemeral()).map((each) => each.msg)).toEqual([
    'You have been muted and cannot speak in this room',
  ]);
  await alice.post('rooms.unmuteUser', target);
});

describe('stream-room-messages', () => {
  test('strangers are refused, previewers are not', async () => {
    const stranger = await carol.ddp();
    const refused = { error: 'not-allowed' };
    await expect(stranger.subscribe('stream-room-messages', room._id)).rejects.toMatchObject(refused);
    await expect(stranger.subscribe('stream-room-messages', 'unknown')).rejects.toMatchObject(refused);
    const open = await world.channel([]);
    await withPermission(world, 'view-c-room', ['admin'], async () => {
      await stranger.subscribe('stream-room-messages', open._id);
      await withPermission(world, 'preview-c-room', ['admin'], async () => {
        await expect(stranger.subscribe('stream-room-messages', open._id)).rejects.toMatchObject(refused);
      });
    });
  });

  test('types that the workspace hides are not sent', async () => {
    const open = await world.channel([]);
    const hears = await alice.ddp();
    await hears.subscribe('stream-room-messages', open._id);
    await world.withSettings({ Hide_System_Messages: ['uj'] }, async () => {
      await bob.post('channels.join', { roomId: open._id });
      await world.say(bob, open._id, 'hello');
    });
    await hears.barrier();
    expect(texts(hears.events('room-messages', open._id).map(([message]) => message as Frame))).toEqual([
      'hello',
    ]);
  });

  test('__my_messages__ brings public channels too, private rooms only to members', async () => {
    const open = await world.channel([]);
    const stranger = await carol.ddp();
    await stranger.subscribe('stream-room-messages', '__my_messages__');
    await world.say(alice, room._id, 'private');
    await world.say(alice, open._id, 'public');
    await stranger.barrier();
    const heard = stranger.events('room-messages', '__my_messages__');
    expect(heard.map(([message, about]) => [message?.msg, about])).toEqual([
      ['public', { roomParticipant: false, roomType: 'c', roomName: open.name }],
    ]);
  });
});

describe('typing', () => {
  async function listeners() {
    const [writer, reader] = [await alice.ddp(), await bob.ddp()];
    for (const each of [writer, reader]) {
      for (const event of ['user-activity', 'typing']) {
        await each.subscribe('stream-notify-room', `${room._id}/${event}`);
      }
    }
    const heard = async (who: DdpClient) => {
      await who.barrier();
      return [
        who.events('notify-room', `${room._id}/user-activity`),
        who.events('notify-room', `${room._id}/typing`),
      ];
    };
    return { writer, reader, heard };
  }

  test('is heard in both forms by all connections but the writing one', async () => {
    const { writer, reader, heard } = await listeners();
    await writer.call('stream-notify-room', `${room._id}/user-activity`, 'alice', ['user-typing'], {
      tmid: 't1',
      x: 1,
    });
    await writer.call('stream-notify-room', `${room._id}/user-activity`, 'alice', ['user-uploading'], {});
    await writer.call('stream-notify-room', `${room._id}/user-activity`, 'alice', []);
    expect(await heard(writer)).toEqual([[], []]);
    expect(await heard(reader)).toEqual([
      [
        ['alice', ['user-typing'], { tmid: 't1' }],
        ['alice', ['user-uploading'], {}],
        ['alice', [], {}],
      ],
      [
        ['alice', true],
        ['alice', false],
      ],
    ]);
  });

  test('in the old form is heard in both too', async () => {
    const { writer, reader, heard } = await listeners();
    await writer.call('stream-notify-room', `${room._id}/typing`, 'alice', true);
    await writer.call('stream-notify-room', `${room._id}/typing`, 'alice', false);
    expect(await heard(reader)).toEqual([
      [
        ['alice', ['user-typing'], {}],
        ['alice', [], {}],
      ],
      [
        ['alice', true],
        ['alice', false],
      ],
    ]);
  });

  test('under another name, in a foreign room or of another kind is ignored', async () => {
    const { writer, reader, heard } = await listeners();
    await writer.call('stream-notify-room', `${room._id}/user-activity`, 'bob', ['user-typing']);
    await writer.call('stream-notify-room', `${room._id}/user-activity`, 'alice', 'typing');
    await writer.call('stream-notify-room', `${room._id}/deleteMessage`, { _id: 'x' });
    const stranger = await carol.ddp();
    await stranger.call('stream-notify-room', `${room._id}/typing`, 'carol', true);
    expect(await heard(reader)).toEqual([[], []]);
    await expect(stranger.subscribe('stream-notify-room', `${room._id}/typing`)).rejects.toMatchObject({
      error: 'not-allowed',
    });
  });
});

test('where real names are shown, events carry the present ones and keep their order, deletions included', async () => {
  const { admin, withSettings } = world;
  const [writer, reader] = [await alice.ddp(), await bob.ddp()];
  const { _id: rid } = await world.group([bob, carol]);
  await reader.subscribe('stream-room-messages', rid);
  await reader.subscribe('stream-notify-room', `${rid}/deleteMessage`);
  const of = (name: string) => admin.post('users.update', { userId: carol.uid, data: { name } });
  await withSettings({ UI_Use_Real_Name: true }, async () => {
    expect((await of('Carolina')).status).toBe(200);
    const { _id } = await writer.call('sendMessage', { rid, msg: 'dear @carol' });
    await carol.post('chat.react', { messageId: _id, emoji: 'tada' });
    await writer.call('deleteMessage', { _id });
    await reader.event('notify-room', `${rid}/deleteMessage`);
    const told = reader.events('room-messages', rid).map(([message]) => message as Frame);
    expect(told).toEqual([
      expect.objectContaining({
        u: { _id: alice.uid, username: 'alice', name: 'alice' },
        mentions: [{ _id: carol.uid, username: 'carol', name: 'Carolina', type: 'user' }],
      }),
      expect.objectContaining({ reactions: { ':tada:': { usernames: ['carol'], names: ['Carolina'] } } }),
    ]);
    expect(reader.frames.at(-1)?.collection).toBe('stream-notify-room');
  });
  await of('carol');
});
