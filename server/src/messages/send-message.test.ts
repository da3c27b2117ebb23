import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { coded, plain, type RoomWorld, startRoomWorld, withPermission } from '../../test/support/rooms.ts';
import type { Person } from '../../test/support/server.ts';

let world: RoomWorld;
let alice: Person;
let bob: Person;
let carol: Person;

beforeAll(async () => {
  world = await startRoomWorld();
  ({ alice, bob, carol } = world);
});
afterAll(() => world.close());

const send = (person: Person, message: object, more: object = {}) =>
  person.post('chat.sendMessage', { message, ...more });

const details = { method: 'sendMessage' };

describe('chat.sendMessage', () => {
  test('the answer is the message as it is stored', async () => {
    const room = await world.channel([bob]);
    const sent = await send(bob, { rid: room._id, msg: 'hello @alice see #general https://a.example/b' });
    expect(sent).toMatchObject({ status: 200 });
    expect(sent.body).toEqual({
      message: {
        _id: expect.stringMatching(/^[23456789A-HJ-NP-Za-km-z]{17}$/),
        rid: room._id,
        msg: 'hello @alice see #general https://a.example/b',
        md: [
          {
            type: 'PARAGRAPH',
            value: [
              { type: 'PLAIN_TEXT', value: 'hello ' },
              { type: 'MENTION_USER', value: { type: 'PLAIN_TEXT', value: 'alice' } },
              { type: 'PLAIN_TEXT', value: ' see ' },
              { type: 'MENTION_CHANNEL', value: { type: 'PLAIN_TEXT', value: 'general' } },
              // The host has no public suffix.
              { type: 'PLAIN_TEXT', value: ' https://a.example/b' },
            ],
          },
        ],
        ts: expect.any(String),
        u: { _id: bob.uid, username: 'bob', name: 'bob' },
        mentions: [{ _id: alice.uid, username: 'alice', name: 'alice', type: 'user' }],
        channels: [expect.objectContaining({ _id: 'GENERAL', name: 'general' })],
        urls: [{ url: 'https://a.example/b', meta: {} }],
        _updatedAt: expect.any(String),
      },
      success: true,
    });
    const got = await alice.get('chat.getMessage', { msgId: sent.body.message._id });
    expect(got.body.message).toEqual(sent.body.message);
  });

  test.each([
    ['plain', { msg: 'hello' }],
    ['with marks of JSON', { msg: 'a "quote", a \\ and ,"msg":"no member",\n"md":1}' }],
    ['with a picture, and a text of marks', { msg: 'hello', emoji: ',"msg":"x"' }],
    ['bold', { msg: '*bold* and `code`' }],
    ['without words', { msg: '', attachments: [{ text: 'an attachment', ts: '2020-01-01T00:00:00.000Z' }] }],
  ])('the answer is the message as others get it: %s', async (_, message) => {
    const room = await world.channel([bob]);
    const before = await send(bob, { rid: room._id, ...message });
    const again = await send(bob, { rid: room._id, ...message, _id: before.body.message._id });
    const { body } = await alice.get('chat.getMessage', { msgId: before.body.message._id });
    expect(before.body).toEqual({ message: body.message, success: true });
    expect(again.body).toEqual(before.body);
  });

  test('what only the server may say is dropped', async () => {
    const room = await world.channel([bob]);
    const forged = {
      rid: room._id,
      msg: 'x',
      u: { _id: alice.uid, username: 'alice' },
      _updatedAt: new Date(0),
      _hidden: true,
      pinned: true,
      starred: [{ _id: alice.uid }],
      editedAt: new Date(),
      t: 'my-type',
      replies: [alice.uid],
      tcount: 5,
      drid: 'x',
    };
    const { body } = await send(bob, forged);
    expect(Object.keys(body.message).sort()).toEqual(
      ['_id', 'rid', 'msg', 'md', 'ts', 'u', 'mentions', 'channels', 'urls', '_updatedAt'].sort(),
    );
    expect(body.message.u._id).toBe(bob.uid);
  });

  test('nothing beside the text may be huge, the id of its thread not even long', async () => {
    const room = await world.channel([bob]);
    const huge = { rid: room._id, msg: 'x', emoji: 'x'.repeat(1_000_001) };
    expect((await send(bob, huge)).body).toEqual(plain('error-message-size-exceeded'));
    const endless = { rid: room._id, msg: 'x', tmid: 'x'.repeat(129) };
    expect((await send(bob, endless)).body).toEqual(plain('Match error: tmid is too long'));
    expect(await world.messages(room._id)).toEqual([]);
  });

  test('everybody in the room gets the message by the streams, the sender too', async () => {
    const room = await world.channel([bob]);
    const socket = await bob.ddp();
    await socket.subscribe('stream-room-messages', room._id);
    await socket.subscribe('stream-room-messages', '__my_messages__');
    const message = await world.say(bob, room._id, 'hi');
    await socket.barrier();
    const [event] = socket.events('room-messages', room._id);
    expect(event).toEqual([
      {
        ...message,
        ts: { $date: new Date(message.ts).getTime() },
        _updatedAt: { $date: new Date(message._updatedAt).getTime() },
      },
    ]);
    const [mine] = socket.events('room-messages', '__my_messages__').filter(([m]) => m?.rid === room._id);
    expect(mine?.[1]).toEqual({ roomParticipant: true, roomType: 'c', roomName: room.name });
  });

  test('the refusals come in their order', async () => {
    const room = await world.group([bob]);
    expect((await bob.post('chat.sendMessage', {})).body).toMatchObject({
      errorType: 'error-invalid-params',
    });
    expect((await send(bob, { rid: room._id, t: 'uj', tshow: true })).body).toEqual(
      plain("Cannot send system messages using 'chat.sendMessage'"),
    );
    const late = new Date(Date.now() - 120_000).toISOString();
    expect((await send(bob, { tshow: true, ts: late })).body).toEqual(
      coded('invalid-params', 'tshow provided but missing tmid', details),
    );
    const outOfSync = await send(bob, { ts: late, msg: 'x'.repeat(5001) });
    expect(outOfSync.body).toEqual(
      coded('error-message-ts-out-of-sync', 'Message timestamp is out of sync', {
        ...{ ...details, message_ts: late, server_ts: expect.any(Number) },
      }),
    );
    expect((await send(bob, { msg: 'x'.repeat(5001) })).body).toEqual(
      coded('error-message-size-exceeded', 'Message size exceeds Message_MaxAllowedSize', details),
    );
    expect((await send(bob, {})).body).toEqual(plain("The 'rid' property on the message object is missing."));
    expect((await send(bob, { rid: 'unknown', msg: ' ' })).body).toEqual(
      coded('error-invalid-message', 'Message cannot be empty', details),
    );
    expect((await send(bob, { rid: 'unknown', msg: 'x' })).body).toEqual(plain('error-invalid-room'));
    expect((await send(carol, { rid: room._id, msg: 'x' })).body).toEqual(plain('error-not-allowed'));
    expect((await send(bob, { rid: room._id, msg: 'x', avatar: 'javascript:x' })).body).toEqual(
      plain('Invalid href value provided'),
    );
    expect((await send(bob, { rid: room._id, msg: 'x', alias: 'me' })).body).toEqual(
      plain('Not enough permission'),
    );
    expect(await world.types(room._id)).toEqual([]);
  });

  test('threads that are switched off are refused before the time is looked at', async () => {
    await world.withSettings({ Threads_enabled: false }, async () => {
      const sent = await send(bob, { rid: 'GENERAL', msg: 'x', tmid: 'x', ts: new Date(0) });
      expect(sent.body).toEqual(coded('error-not-allowed', 'not-allowed', details));
    });
  });

  test('archived, read-only and muted places refuse in this order', async () => {
    const room = await world.channel([bob]);
    const { ctx } = world.server.server;
    const change = (columns: object) =>
      ctx.write(async (tx) => {
        await tx.updateTable('rooms').set(columns).where('id', '=', room._id).execute();
      });
    const target = { roomId: room._id, userId: bob.uid };
    await alice.post('rooms.muteUser', target);
    await change({ archived: 1, ro: 1 });
    expect((await send(bob, { rid: room._id, msg: 'x' })).body).toEqual(plain('room_is_archived'));
    await change({ archived: 0 });
    const readOnly = plain("You can't send messages because the room is readonly.");
    expect((await send(bob, { rid: room._id, msg: 'x' })).body).toEqual(readOnly);
    await world.say(alice, room._id, 'the owner may');
    await change({ ro: 0 });
    expect((await send(bob, { rid: room._id, msg: 'x' })).body).toEqual(plain('You_have_been_muted'));
    await change({ ro: 1 });
    await alice.post('rooms.unmuteUser', target);
    await world.say(bob, room._id, 'unmuted in a read-only room');
  });

  test('a refusal of the room is told to the sender as a message that only they see', async () => {
    const room = await world.group([bob]);
    const hears = await world.listen(carol);
    await send(carol, { rid: room._id, msg: 'x' });
    expect(await hears.ephemeral()).toEqual([
      {
        _id: expect.any(String),
        rid: room._id,
        msg: 'You are not allowed to do this.',
        md: [
          { type: 'PARAGRAPH', value: [{ type: 'PLAIN_TEXT', value: 'You are not allowed to do this.' }] },
        ],
        ts: { $date: expect.any(Number) },
        u: { _id: 'rocket.cat', username: 'rocket.cat' },
        private: true,
        groupable: false,
        _updatedAt: { $date: expect.any(Number) },
      },
    ]);
  });

  test.each([
    [
      'Invalid attachment field, title and value is required',
      { attachments: [{ fields: [{ title: 'x', value: '' }] }] },
    ],
    ['Invalid href value provided', { attachments: [{ title_link: 'javascript:alert(1)' }] }],
    ['Invalid href value provided', { attachments: [{ actions: [{ url: 'javascript:alert(1)' }] }] }],
    ['Match error: attachments.text must be of type string', { attachments: [{ text: 5 }] }],
    ['Custom fields not enabled', { customFields: { a: 1 } }],
    ['Match error: _id is too long', { _id: 'x'.repeat(129) }],
  ])('bad content is refused: %s', async (error, content) => {
    const { status, body } = await send(bob, { rid: 'GENERAL', msg: 'x', ...content });
    expect([status, body]).toEqual([400, plain(error)]);
  });

  test('a text that everybody could read is refused where all is encrypted', async () => {
    const { _id: rid } = await world.group([bob], { extraData: { encrypted: true } });
    await world.withSettings({ E2E_Enable: true, E2E_Allow_Unencrypted_Messages: false }, async () => {
      expect((await send(bob, { rid, msg: 'x' })).body).toEqual(
        coded('error-not-allowed', 'Not allowed to send un-encrypted messages in an encrypted room', details),
      );
      expect((await send(bob, { rid, t: 'e2e', content: {} })).status).toBe(200);
    });
  });

  test('deeply nested content is refused', async () => {
    let nested: object = {};
    for (let depth = 0; depth < 50; depth++) nested = { nested };
    const { body } = await send(bob, { rid: 'GENERAL', msg: 'x', attachments: [nested] });
    expect(body).toEqual(plain('Match error: nested too deeply'));
  });

  test('a client’s own time counts when it is off by some seconds only', async () => {
    const room = await world.channel([bob]);
    const near = new Date(Date.now() - 5000).toISOString();
    const far = new Date(Date.now() - 30_000).toISOString();
    expect((await send(bob, { rid: room._id, msg: 'x', ts: near })).body.message.ts).toBe(near);
    expect((await send(bob, { rid: room._id, msg: 'x', ts: far })).body.message.ts > far).toBe(true);
  });

  test('an attachment alone is a message', async () => {
    const room = await world.channel([bob]);
    const { body } = await send(bob, { rid: room._id, attachments: [{ text: 'x', color: '#fff' }] });
    expect(body.message).toMatchObject({ msg: '', attachments: [{ text: 'x', color: '#fff' }] });
  });

  test('an encrypted message needs no text and keeps its content', async () => {
    const room = await world.channel([bob]);
    const content = { algorithm: 'rc.v1.aes-sha2', ciphertext: 'abc' };
    const message = {
      rid: room._id,
      t: 'e2e',
      e2e: 'pending',
      content,
      e2eMentions: { e2eUserMentions: ['@alice'] },
    };
    const { body } = await send(bob, message);
    expect(body.message).toMatchObject({ t: 'e2e', content, mentions: [{ username: 'alice' }], msg: '' });
    expect((await world.subscription(alice, room._id))?.userMentions).toBe(1);
  });
});

describe('sending the same id again', () => {
  test('gives the stored message back and changes nothing', async () => {
    const room = await world.channel([bob]);
    const socket = await alice.ddp();
    await socket.subscribe('stream-room-messages', room._id);
    const first = await send(bob, { _id: 'my-own-id-1', rid: room._id, msg: 'once @alice' });
    const again = await send(bob, { _id: 'my-own-id-1', rid: room._id, msg: 'twice @alice' });
    expect(again).toMatchObject({ status: 200, body: first.body });
    await socket.barrier();
    expect(socket.events('room-messages', room._id)).toHaveLength(1);
    expect((await world.room(room._id)).msgs).toBe(room.msgs + 1);
    expect((await world.subscription(alice, room._id))?.userMentions).toBe(1);
  });

  test('at the same moment stores one message', async () => {
    const room = await world.channel([bob]);
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => send(bob, { _id: 'my-own-id-2', rid: room._id, msg: 'hi' })),
    );
    for (const { body } of answers) expect(body).toEqual(answers[0]?.body);
    expect((await world.room(room._id)).msgs).toBe(room.msgs + 1);
  });

  test('is refused when the message is somebody else’s or in another room', async () => {
    const [room, other] = [await world.channel([bob]), await world.channel([bob])];
    await send(bob, { _id: 'my-own-id-3', rid: room._id, msg: 'hi' });
    expect((await send(alice, { _id: 'my-own-id-3', rid: room._id, msg: 'hi' })).body).toEqual({
      success: false,
    });
    expect((await send(bob, { _id: 'my-own-id-3', rid: other._id, msg: 'hi' })).body).toEqual({
      success: false,
    });
  });
});

describe('mentions', () => {
  test('the end of a sentence is not part of a name', async () => {
    const { body } = await send(bob, { rid: 'GENERAL', msg: 'thanks @alice. And @nobody, @bob!' });
    expect(body.message.mentions.map((mention: { username: string }) => mention.username)).toEqual([
      'alice',
      'bob',
    ]);
  });

  test('@all and @here come first and need their permissions', async () => {
    const room = await world.channel([bob]);
    const { body } = await send(bob, { rid: room._id, msg: '@alice @all' });
    expect(body.message.mentions[0]).toEqual({ _id: 'all', username: 'all' });
    for (const word of ['all', 'here'])
      await withPermission(world, `mention-${word}`, ['owner'], async () => {
        const action = `Notify ${word} in this room`;
        expect((await send(bob, { rid: room._id, msg: `@${word}` })).body).toEqual(
          coded('error-action-not-allowed', `${action} not allowed`, { action }),
        );
        await world.say(alice, room._id, `@${word} the owner may`);
      });
  });

  test('@all can be switched off for large rooms', async () => {
    const room = await world.channel([bob, carol]);
    await world.withSettings({ Message_MaxAll: 2 }, async () => {
      const action =
        'Group mentions `@all` and `@here` have been disabled for rooms with more than 2 members.';
      const refusal = coded('error-action-not-allowed', action, { method: 'filterATAllTag', action });
      const hears = await world.listen(bob);
      expect((await send(bob, { rid: room._id, msg: '@here' })).body).toEqual(refusal);
      expect(await hears.ephemeral()).toMatchObject([{ msg: action }]);
      const { _id: msgId } = await world.say(bob, room._id, 'x');
      const edit = await bob.post('chat.update', { roomId: room._id, msgId, text: '@all' });
      expect(edit.body).toEqual(refusal);
      expect(await hears.ephemeral()).toMatchObject([{ msg: action }, { msg: action }]);
    });
  });

  test('chat.getMentionedMessages and getAllUserMentionsByChannel list what names the caller', async () => {
    const room = await world.channel([bob]);
    const one = await world.say(alice, room._id, '@bob one');
    await world.say(alice, room._id, '@all not by name');
    const two = await world.say(alice, room._id, '@bob two');
    const listed = await bob.get('chat.getMentionedMessages', { roomId: room._id });
    expect(listed.body).toMatchObject({ count: 2, total: 2, offset: 0 });
    expect(listed.body.messages.map((message: { _id: string }) => message._id)).toEqual([two._id, one._id]);
    const mentions = await bob.get('channels.getAllUserMentionsByChannel', { roomId: room._id });
    expect(mentions.body.mentions.map((message: { _id: string }) => message._id)).toEqual([one._id, two._id]);
    expect((await carol.get('chat.getMentionedMessages', { roomId: 'unknown' })).body).toEqual(
      plain('error-not-allowed'),
    );
  });
});

describe('quotes', () => {
  const link = (id: string) => `http://chat.example/channel/x?msg=${id}`;

  test('a link to a message the sender may read becomes a quote', async () => {
    const room = await world.channel([bob]);
    await world.withSettings({ Site_Url: 'http://chat.example' }, async () => {
      const quoted = await world.say(alice, room._id, 'the original');
      const { body } = await send(bob, { rid: room._id, msg: `[ ](${link(quoted._id)}) indeed` });
      expect(body.message.urls).toEqual([{ url: link(quoted._id), meta: {}, ignoreParse: true }]);
      expect(body.message.attachments).toEqual([
        {
          text: 'the original',
          md: [{ type: 'PARAGRAPH', value: [{ type: 'PLAIN_TEXT', value: 'the original' }] }],
          message_link: link(quoted._id),
          author_name: 'alice',
          author_icon: '/avatar/alice',
          attachments: [],
          ts: quoted.ts,
        },
      ]);
      const socket = await bob.ddp();
      const overDdp = await socket.call('getSingleMessage', body.message._id);
      expect(overDdp.attachments[0].ts).toEqual({ $date: new Date(quoted.ts).getTime() });
    });
  });

  test('a message of a room the sender cannot see stays a link', async () => {
    const room = await world.channel([bob]);
    const secret = await world.group([]);
    await world.withSettings({ Site_Url: 'http://chat.example' }, async () => {
      const quoted = await world.say(alice, secret._id, 'a secret');
      const { body } = await send(bob, { rid: room._id, msg: link(quoted._id) });
      expect(body.message.attachments).toBeUndefined();
      expect(JSON.stringify(body)).not.toContain('a secret');
    });
  });

  test('a quote that the client made up is dropped', async () => {
    const { body } = await send(bob, {
      rid: 'GENERAL',
      msg: 'x',
      attachments: [
        { message_link: 'http://chat.example/x?msg=1', text: 'never said', author_name: 'alice' },
      ],
    });
    expect(body.message.attachments).toEqual([]);
  });
});
