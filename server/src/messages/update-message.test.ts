import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { coded, plain, type RoomWorld, startRoomWorld, type TestRoom } from '../../test/support/rooms.ts';
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

const update = (person: Person, msgId: string, text: string, more: object = {}) =>
  person.post('chat.update', { roomId: room._id, msgId, text, ...more });

const notAllowed = coded('error-action-not-allowed', 'Message editing not allowed', {
  method: 'updateMessage',
  action: 'Message_editing',
});

/** Lets the message be as old as this. */
async function age(id: string, minutes: number): Promise<void> {
  const { ctx } = world.server.server;
  const { doc } = await ctx.db
    .selectFrom('messages')
    .select('doc')
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  const ts = Date.now() - minutes * 60_000 - 1000;
  const aged = JSON.stringify({ ...JSON.parse(doc), ts: new Date(ts).toISOString() });
  await ctx.write(async (tx) => {
    await tx.updateTable('messages').set({ ts, doc: aged }).where('id', '=', id).execute();
  });
}

describe('chat.update', () => {
  test('changes the text and what follows from it, and everybody hears of it', async () => {
    const socket = await alice.ddp();
    await socket.subscribe('stream-room-messages', room._id);
    const message = await world.say(bob, room._id, 'hi @bob');
    const { status, body } = await update(bob, message._id, 'hi @alice https://a.example');
    expect(status).toBe(200);
    expect(body.message).toEqual({
      ...message,
      msg: 'hi @alice https://a.example',
      md: [
        {
          type: 'PARAGRAPH',
          value: [
            { type: 'PLAIN_TEXT', value: 'hi ' },
            { type: 'MENTION_USER', value: { type: 'PLAIN_TEXT', value: 'alice' } },
            { type: 'PLAIN_TEXT', value: ' https://a.example' },
          ],
        },
      ],
      mentions: [{ _id: alice.uid, username: 'alice', name: 'alice', type: 'user' }],
      urls: [{ url: 'https://a.example', meta: {} }],
      editedAt: expect.any(String),
      editedBy: { _id: bob.uid, username: 'bob' },
      _updatedAt: expect.any(String),
    });
    expect(body.message._updatedAt > message._updatedAt).toBe(true);
    await socket.barrier();
    expect(socket.events('room-messages', room._id).map(([event]) => event?.msg)).toEqual([
      message.msg,
      body.message.msg,
    ]);
    expect((await world.room(room._id)).lastMessage).toEqual(body.message);
    const mentioned = await alice.get('chat.getMentionedMessages', { roomId: room._id });
    expect(mentioned.body.messages).toEqual([body.message]);
    const unread = await world.subscription(alice, room._id);
    expect(unread?.userMentions).toBe(0);
  });

  test('encrypted content may not grow by an edit beyond what can be sent', async () => {
    const content = { algorithm: 'rc.v2.aes-sha2', ciphertext: 'x', iv: 'iv', kid: 'key' };
    const draft = { rid: room._id, msg: '', t: 'e2e', content };
    const { body } = await bob.post('chat.sendMessage', { message: draft });
    const huge = { ...content, ciphertext: 'x'.repeat(1_000_001) };
    const edit = { roomId: room._id, msgId: body.message._id, content: huge };
    expect((await bob.post('chat.update', edit)).body).toEqual(plain('error-message-size-exceeded'));
    expect((await bob.get('chat.getMessage', { msgId: body.message._id })).body.message).toEqual(
      body.message,
    );
  });

  test('the same text changes nothing', async () => {
    const message = await world.say(bob, room._id, 'same');
    expect((await update(bob, message._id, 'same')).body).toEqual({ message, success: true });
    // A stranger learns by that nothing about what was said.
    expect((await update(carol, message._id, 'same')).body).toEqual(plain('error-not-allowed'));
  });

  test('the refusals come in their order', async () => {
    const message = await world.say(bob, room._id, 'first');
    expect((await bob.post('chat.update', { msgId: 'x' })).body).toMatchObject({
      errorType: 'error-invalid-params',
    });
    expect((await update(bob, 'unknown', 'x')).body).toEqual(
      plain('No message found with the id of "unknown".'),
    );
    expect(
      (await bob.post('chat.update', { roomId: 'GENERAL', msgId: message._id, text: 'x' })).body,
    ).toEqual(plain('The room id provided does not match where the message is from.'));
    const encrypted = {
      roomId: room._id,
      msgId: message._id,
      content: { algorithm: 'rc.v1.aes-sha2', ciphertext: 'x' },
    };
    for (const content of [{ ciphertext: 'x' }, { algorithm: 'rc.v2.aes-sha2', ciphertext: 'x' }]) {
      expect((await carol.post('chat.update', { ...encrypted, content })).body).toMatchObject({
        errorType: 'error-invalid-params',
      });
    }
    expect((await carol.post('chat.update', encrypted)).body).toEqual(
      plain('Only encrypted messages can have content updated.'),
    );
    expect((await update(carol, message._id, ' ')).body).toEqual(
      coded('error-invalid-message', 'Message cannot be empty', { method: 'updateMessage' }),
    );
    expect((await update(carol, message._id, 'x'.repeat(6000))).body).toEqual(notAllowed);
    expect((await update(bob, message._id, 'x'.repeat(6000))).body).toMatchObject({
      errorType: 'error-message-size-exceeded',
    });
    const stored = await bob.get('chat.getMessage', { msgId: message._id });
    expect(stored.body.message).toEqual(message);
  });

  test('others may not edit it, owners may', async () => {
    const message = await world.say(bob, room._id, 'by bob');
    const other = await world.say(alice, room._id, 'by alice');
    expect((await update(bob, other._id, 'x')).body).toEqual(notAllowed);
    const { body } = await update(alice, message._id, 'by alice now');
    expect(body.message).toMatchObject({ u: { username: 'bob' }, editedBy: { username: 'alice' } });
    await world.withSettings({ Message_AllowEditing: false }, async () => {
      expect((await update(bob, message._id, 'x')).body).toEqual(notAllowed);
      expect((await update(alice, message._id, 'still alice')).status).toBe(200);
    });
  });

  test('the time to edit ends after whole minutes', async () => {
    const message = await world.say(bob, room._id, 'old');
    await world.withSettings({ Message_AllowEditing_BlockEditInMinutes: 5 }, async () => {
      await age(message._id, 4);
      expect((await update(bob, message._id, 'in time')).status).toBe(200);
      await age(message._id, 5);
      const blocked = coded('error-message-editing-blocked', 'Message editing is blocked', {
        method: 'updateMessage',
      });
      expect((await update(bob, message._id, 'too late')).body).toEqual(blocked);
    });
  });

  test('a hidden copy is kept where the workspace keeps history, and nobody sees it', async () => {
    await world.withSettings({ Message_KeepHistory: true }, async () => {
      const message = await world.say(bob, room._id, 'version one');
      await update(bob, message._id, 'version two');
      const all = await world.messages(room._id);
      expect(all.filter((each) => each.parent === message._id)).toEqual([
        expect.objectContaining({
          msg: 'version one',
          _hidden: true,
          editedBy: { _id: bob.uid, username: 'bob' },
        }),
      ]);
      for (const path of ['groups.history', 'groups.messages']) {
        const { body } = await bob.get(path, { roomId: room._id });
        expect(JSON.stringify(body)).not.toContain('version one');
      }
    });
  });

  test('a read-only room refuses an edit too', async () => {
    const quiet = await world.group([bob]);
    const message = await world.say(bob, quiet._id, 'before');
    await alice.post('groups.setReadOnly', { roomId: quiet._id, readOnly: true });
    const answer = await bob.post('chat.update', { roomId: quiet._id, msgId: message._id, text: 'after' });
    expect(answer.body).toEqual(plain("You can't send messages because the room is readonly."));
  });

  test('the description of a file is edited, not the text', async () => {
    const sent = await bob.post('chat.sendMessage', {
      message: { rid: room._id, msg: '', attachments: [{ title: 'a.png', description: 'old' }] },
    });
    const { body } = await update(bob, sent.body.message._id, 'new');
    expect(body.message).toMatchObject({ msg: '', attachments: [{ title: 'a.png', description: 'new' }] });
  });

  test('a message that was sent without its addresses stays without them', async () => {
    const message = { roomId: room._id, text: 'https://example.org/a', parseUrls: false };
    const sent = (await bob.post('chat.postMessage', message)).body.message;
    expect(sent).not.toHaveProperty('urls');
    const { body } = await update(bob, sent._id, 'https://example.org/b');
    expect(body.message).toMatchObject({ msg: 'https://example.org/b', editedBy: { username: 'bob' } });
    expect(body.message).not.toHaveProperty('urls');
  });

  test('two changes at the same moment both count', async () => {
    const message = await world.say(bob, room._id, 'race');
    await Promise.all([
      update(bob, message._id, 'edited'),
      ...['smile', 'heart', 'tada'].map((emoji) =>
        alice.post('chat.react', { messageId: message._id, emoji }),
      ),
      bob.post('chat.starMessage', { messageId: message._id }),
    ]);
    const { body } = await bob.get('chat.getMessage', { msgId: message._id });
    expect(body.message).toMatchObject({ msg: 'edited', starred: [{ _id: bob.uid }] });
    expect(Object.keys(body.message.reactions).sort()).toEqual([':heart:', ':smile:', ':tada:']);
  });
});

describe('DDP updateMessage', () => {
  test('edits, and refuses other members than those that may change', async () => {
    const socket = await bob.ddp();
    const message = await world.say(bob, room._id, 'by socket');
    await socket.call('updateMessage', { ...message, msg: 'changed' });
    const { body } = await bob.get('chat.getMessage', { msgId: message._id });
    expect(body.message.msg).toBe('changed');
    await expect(
      socket.call('updateMessage', { _id: message._id, rid: room._id, msg: 'x', t: 'uj' }),
    ).rejects.toMatchObject({ error: 'error-invalid-update-key', reason: 'Cannot update the message t' });
    await expect(
      socket.call('updateMessage', { _id: message._id, rid: room._id, msg: 'x', tmid: message._id }),
    ).rejects.toMatchObject({ error: 'error-message-same-as-tmid' });
    await expect(
      socket.call('updateMessage', { _id: message._id, rid: room._id, msg: 'x', tmid: 'another' }),
    ).rejects.toMatchObject({ error: 'error-message-change-to-thread' });
  });
});
