import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  coded,
  plain,
  type RoomWorld,
  startRoomWorld,
  type TestRoom,
  withPermission,
} from '../../test/support/rooms.ts';
import type { Person } from '../../test/support/server.ts';

let world: RoomWorld;
let alice: Person;
let bob: Person;
let carol: Person;
let room: TestRoom;

beforeAll(async () => {
  world = await startRoomWorld();
  ({ alice, bob, carol } = world);
  room = await world.group([bob]);
});
afterAll(() => world.close());

const remove = (person: Person, msgId: string, more: object = {}) =>
  person.post('chat.delete', { roomId: room._id, msgId, ...more });

const denied = coded('error-action-not-allowed', 'Not allowed');

async function stored(id: string) {
  return (await world.messages(room._id)).find((message) => message._id === id);
}

describe('what becomes of a deleted message', () => {
  test('without history and without a mark it is gone', async () => {
    const socket = await alice.ddp();
    await socket.subscribe('stream-notify-room', `${room._id}/deleteMessage`);
    const { msgs } = await world.room(room._id);
    const before = await world.say(bob, room._id, 'stays');
    const message = await world.say(bob, room._id, 'goes @alice');
    const { body } = await remove(bob, message._id);
    expect(body).toEqual({
      _id: message._id,
      ts: expect.stringMatching(/^\d{13}$/),
      message: { _id: message._id, rid: room._id, u: message.u },
      success: true,
    });
    expect(await stored(message._id)).toBeUndefined();
    await socket.barrier();
    expect(socket.events('notify-room', `${room._id}/deleteMessage`)).toEqual([[{ _id: message._id }]]);
    expect(await world.room(room._id)).toMatchObject({ msgs: msgs + 1, lm: before.ts, lastMessage: before });
    expect((await alice.get('chat.getMentionedMessages', { roomId: room._id })).body.total).toBe(0);
    const since = new Date(new Date(message.ts).getTime() - 1).toISOString();
    const sync = await alice.get('chat.syncMessages', { roomId: room._id, lastUpdate: since });
    expect(sync.body.result).toEqual({
      updated: [],
      deleted: [{ _id: message._id, _deletedAt: expect.any(String) }],
    });
  });

  test('with a mark it stays as "message removed"', async () => {
    await world.withSettings({ Message_ShowDeletedStatus: true }, async () => {
      const socket = await alice.ddp();
      await socket.subscribe('stream-room-messages', room._id);
      await socket.subscribe('stream-notify-room', `${room._id}/deleteMessage`);
      const message = await world.say(bob, room._id, 'goes https://a.example @alice');
      await remove(bob, message._id);
      const removed = {
        _id: message._id,
        rid: room._id,
        msg: '',
        t: 'rm',
        ts: message.ts,
        u: message.u,
        urls: [],
        mentions: [],
        channels: [],
        attachments: [],
        reactions: {},
        editedAt: expect.any(String),
        editedBy: { _id: bob.uid, username: 'bob' },
        _updatedAt: expect.any(String),
      };
      expect(await stored(message._id)).toEqual(removed);
      await socket.barrier();
      expect(socket.events('room-messages', room._id).at(-1)?.[0]).toMatchObject({
        _id: message._id,
        t: 'rm',
      });
      expect(socket.events('notify-room', `${room._id}/deleteMessage`)).toEqual([]);
      expect((await world.room(room._id)).lastMessage?._id).not.toBe(message._id);
      expect((await alice.get('chat.getMentionedMessages', { roomId: room._id })).body.total).toBe(0);
    });
  });

  test('with history it is hidden from everybody', async () => {
    await world.withSettings({ Message_KeepHistory: true }, async () => {
      const message = await world.say(bob, room._id, 'is kept');
      await remove(bob, message._id);
      expect(await stored(message._id)).toMatchObject({ msg: 'is kept', _hidden: true });
      expect((await bob.get('chat.getMessage', { msgId: message._id })).body).toEqual({ success: false });
      const since = new Date(new Date(message.ts).getTime() - 1).toISOString();
      const sync = await alice.get('chat.syncMessages', { roomId: room._id, lastUpdate: since });
      expect(sync.body.result.updated).toEqual([]);
      expect(sync.body.result.deleted.map((each: { _id: string }) => each._id)).toEqual([message._id]);
      // The id is taken, and what it said is not given back.
      const again = await bob.post('chat.sendMessage', {
        message: { _id: message._id, rid: room._id, msg: 'x' },
      });
      expect(again.body).toEqual({ success: false });
    });
  });

  test('with both, a hidden copy stays beside the mark', async () => {
    await world.withSettings({ Message_KeepHistory: true, Message_ShowDeletedStatus: true }, async () => {
      const message = await world.say(bob, room._id, 'is copied');
      await remove(bob, message._id);
      expect(await stored(message._id)).toMatchObject({ t: 'rm', msg: '' });
      const copy = (await world.messages(room._id)).find((each) => each.parent === message._id);
      expect(copy).toMatchObject({ msg: 'is copied', _hidden: true });
    });
  });

  test('a message with replies always stays as a mark', async () => {
    const parent = await world.say(bob, room._id, 'a thread');
    await alice.post('chat.sendMessage', { message: { rid: room._id, msg: 'a reply', tmid: parent._id } });
    await remove(bob, parent._id);
    expect(await stored(parent._id)).toMatchObject({ t: 'rm', tcount: 1 });
  });

  test('two deletions at the same moment count once', async () => {
    const message = await world.say(bob, room._id, 'twice');
    const { msgs } = await world.room(room._id);
    const answers = await Promise.all([remove(bob, message._id), remove(alice, message._id)]);
    expect(answers.map((answer) => answer.status).sort()).toEqual([200, 400]);
    expect((await world.room(room._id)).msgs).toBe(msgs - 1);
  });

  test('the last message of a room goes, and the room has none', async () => {
    const empty = await world.group([]);
    const message = await world.say(alice, empty._id, 'alone');
    await alice.post('chat.delete', { roomId: empty._id, msgId: message._id });
    const now = await world.room(empty._id);
    expect(now.lastMessage).toBeUndefined();
    expect(now.lm).toBeUndefined();
  });
});

describe('who may delete', () => {
  test('the refusals come in their order', async () => {
    const message = await world.say(bob, room._id, 'mine');
    expect((await bob.post('chat.delete', {})).body).toMatchObject({ errorType: 'error-invalid-params' });
    expect((await remove(bob, 'unknown')).body).toEqual(plain('No message found with the id of "unknown".'));
    expect((await bob.post('chat.delete', { roomId: 'GENERAL', msgId: message._id })).body).toEqual(
      plain('The room id provided does not match where the message is from.'),
    );
    expect((await bob.post('chat.delete', { fileId: 'x' })).body).toEqual(
      plain('No message found with the file id: "x".'),
    );
    expect((await remove(carol, message._id, { asUser: true })).body).toEqual(
      plain(
        'Unauthorized. You must have the permission "force-delete-message" to delete other\'s message as them.',
      ),
    );
    expect((await remove(carol, message._id)).body).toEqual(denied);
    expect(await stored(message._id)).toMatchObject({ msg: 'mine' });
  });

  test('own messages with the permission for it, others with delete-message in the room', async () => {
    const [mine, others] = [await world.say(bob, room._id, 'mine'), await world.say(alice, room._id, 'hers')];
    expect((await remove(bob, others._id)).body).toEqual(denied);
    await withPermission(world, 'delete-own-message', ['admin'], async () => {
      expect((await remove(bob, mine._id)).body).toEqual(denied);
    });
    await world.withSettings({ Message_AllowDeleting: false }, async () => {
      expect((await remove(bob, mine._id)).body).toEqual(denied);
      // The owner has force-delete-message.
      expect((await remove(alice, mine._id)).status).toBe(200);
    });
  });

  test('the time for it ends', async () => {
    const message = await world.say(bob, room._id, 'old');
    const { ctx } = world.server.server;
    const ts = Date.now() - 6 * 60_000;
    const doc = JSON.stringify({ ...message, ts: new Date(ts).toISOString() });
    await ctx.write(async (tx) => {
      await tx.updateTable('messages').set({ ts, doc }).where('id', '=', message._id).execute();
      await tx.updateTable('rooms').set({ lm: ts, last_message: doc }).where('id', '=', room._id).execute();
    });
    await world.withSettings({ Message_AllowDeleting_BlockDeleteInMinutes: 5 }, async () => {
      expect((await remove(bob, message._id)).body).toEqual(denied);
    });
    await world.withSettings({ Message_AllowDeleting_BlockDeleteInMinutes: 6 }, async () => {
      expect((await remove(bob, message._id)).status).toBe(200);
    });
  });

  test('not in a read-only room', async () => {
    const quiet = await world.group([bob]);
    const message = await world.say(bob, quiet._id, 'before');
    await alice.post('groups.setReadOnly', { roomId: quiet._id, readOnly: true });
    const answer = await bob.post('chat.delete', { roomId: quiet._id, msgId: message._id });
    expect(answer.body).toEqual(plain("You can't delete messages because the room is readonly."));
  });

  test('as the author, with their rights', async () => {
    await world.withSettings({ Message_ShowDeletedStatus: true }, async () => {
      const message = await world.say(bob, room._id, 'by bob');
      expect((await remove(alice, message._id, { asUser: true })).status).toBe(200);
      expect(await stored(message._id)).toMatchObject({ editedBy: { _id: bob.uid, username: 'bob' } });
    });
  });
});
