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

const post = (person: Person, body: object) => person.post('chat.postMessage', body);
const INVALID = { success: false, error: '[invalid-channel]', errorType: 'invalid-channel' };

describe('chat.postMessage', () => {
  test('the answer names the target as it was given', async () => {
    const room = await world.channel([bob]);
    const { status, body } = await post(bob, { channel: `#${room.name}`, text: ' hello ' });
    expect(status).toBe(200);
    expect(body).toEqual({
      ts: expect.any(Number),
      channel: `#${room.name}`,
      message: {
        _id: expect.any(String),
        rid: room._id,
        msg: 'hello',
        md: [{ type: 'PARAGRAPH', value: [{ type: 'PLAIN_TEXT', value: 'hello' }] }],
        ts: expect.any(String),
        u: { _id: bob.uid, username: 'bob', name: 'bob' },
        groupable: false,
        attachments: [],
        mentions: [],
        channels: [],
        urls: [],
        _updatedAt: expect.any(String),
      },
      success: true,
    });
  });

  test('rooms by id, by name, with and without a hash', async () => {
    const room = await world.channel([bob]);
    for (const target of [
      { roomId: room._id },
      { channel: room._id },
      { channel: room.name },
      { channel: `#${room.name}` },
      { channel: `#${room._id}` },
      { roomId: [room._id] },
    ]) {
      expect(await post(bob, { ...target, text: 'x' })).toMatchObject({
        status: 200,
        body: { message: { rid: room._id } },
      });
    }
  });

  test('people by name and id get a direct message; the room is made when there is none', async () => {
    const direct = [alice.uid, carol.uid].sort().join('');
    for (const channel of ['@carol', `@${carol.uid}`, carol.uid]) {
      expect((await post(alice, { channel, text: 'x' })).body.message.rid).toBe(direct);
    }
    expect(await world.subscription(carol, direct)).toMatchObject({ open: true, alert: true, unread: 3 });
    expect((await post(alice, { channel: `@${direct}`, text: 'x' })).body.message.rid).toBe(direct);
    expect((await post(alice, { channel: '@alice', text: 'to myself' })).status).toBe(200);
    // A name without @ is a room's.
    expect((await post(alice, { channel: 'carol', text: 'x' })).body).toEqual(INVALID);
  });

  test('an archived channel is not joined for a message that it refuses', async () => {
    const room = await world.channel();
    await alice.post('channels.archive', { roomId: room._id });
    expect((await post(carol, { roomId: room._id, text: 'hello?' })).body).toEqual(plain('room_is_archived'));
    const { body } = await alice.get('channels.members', { roomId: room._id });
    expect(body.members).toEqual([expect.objectContaining({ username: 'alice' })]);
    expect((await world.messages(room._id)).map(({ t }) => t)).not.toContain('uj');
  });

  test('a public channel is joined on the way', async () => {
    const room = await world.channel([]);
    expect((await post(carol, { channel: `#${room.name}`, text: 'hello' })).status).toBe(200);
    expect(await world.types(room._id)).toEqual(['uj', undefined]);
    expect(await world.subscription(carol, room._id)).toMatchObject({ open: true, unread: 0 });
  });

  test('a private group is not', async () => {
    const room = await world.group([]);
    expect((await post(carol, { roomId: room._id, text: 'x' })).body).toEqual(plain('error-not-allowed'));
  });

  test('several targets in order; the first failure ends it and what was sent stays', async () => {
    const [one, two] = [await world.channel([bob]), await world.channel([bob])];
    const both = await post(bob, { roomId: [one._id, two._id, one._id], text: 'both' });
    expect(both.body).toMatchObject({ channel: one._id, message: { rid: one._id } });
    expect(await world.types(two._id)).toHaveLength(1);
    expect(await world.types(one._id)).toHaveLength(1);
    const failed = await post(bob, { channel: [one._id, 'no-such-room', two._id], text: 'some' });
    expect(failed.body).toEqual(INVALID);
    expect(await world.types(one._id)).toHaveLength(2);
    expect(await world.types(two._id)).toHaveLength(1);
  });

  test('no target, both, unknown ones', async () => {
    expect((await post(bob, { text: 'x' })).body).toEqual(INVALID);
    expect((await post(bob, { roomId: 'a', channel: 'b', text: 'x' })).body).toMatchObject({
      errorType: 'error-invalid-params',
    });
    for (const channel of ['#no-such-room', '@nobody', 'nothing', '']) {
      expect((await post(bob, { channel, text: 'x' })).body).toEqual(INVALID);
    }
  });

  test('long texts are refused, in attachments too', async () => {
    const refused = plain('error-message-size-exceeded');
    expect((await post(bob, { roomId: 'GENERAL', text: 'x'.repeat(5001) })).body).toEqual(refused);
    const attachments = [{ text: 'x'.repeat(5001) }];
    expect((await post(bob, { roomId: 'GENERAL', attachments })).body).toEqual(refused);
  });

  test('attachments: `msg` is another name of the text, and links are not looked for by default', async () => {
    const room = await world.channel([bob]);
    const { body } = await post(bob, {
      roomId: room._id,
      text: 'http://a.example',
      attachments: [{ msg: ' x ' }],
    });
    expect(body.message.attachments).toEqual([{ text: 'x' }]);
    expect(body.message.urls).toBeUndefined();
    const parsed = await post(bob, {
      roomId: room._id,
      text: 'http://a.example',
      attachments: [],
      parseUrls: true,
    });
    expect(parsed.body.message.urls).toEqual([{ url: 'http://a.example', meta: {} }]);
  });

  test('another name or avatar needs message-impersonate, an emoji does not', async () => {
    const room = await world.channel([bob]);
    const refused = plain('Not enough permission');
    expect((await post(bob, { roomId: room._id, text: 'x', alias: 'me' })).body).toEqual(refused);
    // Not even administrators have it by default.
    expect((await post(world.admin, { roomId: room._id, text: 'x', alias: 'me' })).body).toEqual(refused);
    expect((await post(bob, { roomId: room._id, text: 'x', emoji: ':smile:' })).body.message.emoji).toBe(
      ':smile:',
    );
    await withPermission(world, 'message-impersonate', ['user'], async () => {
      const { body } = await post(bob, {
        roomId: room._id,
        text: 'x',
        username: 'Bot',
        icon_url: 'http://a.example/i.png',
      });
      expect(body.message).toMatchObject({ alias: 'Bot', avatar: 'http://a.example/i.png' });
    });
  });

  test('a reply goes into its thread', async () => {
    const room = await world.channel([bob]);
    const parent = await world.say(alice, room._id, 'thread');
    const { body } = await post(bob, { roomId: room._id, text: 'reply', tmid: parent._id });
    expect(body.message.tmid).toBe(parent._id);
    expect((await bob.get('chat.getMessage', { msgId: parent._id })).body.message.tcount).toBe(1);
  });

  test('custom fields follow the workspace’s schema', async () => {
    const refused = await post(bob, { roomId: 'GENERAL', text: 'x', customFields: { priority: 'high' } });
    expect(refused.body).toEqual(plain('Custom fields not enabled'));
    const schema = JSON.stringify({ properties: { priority: { type: 'string', enum: ['high'] } } });
    await world.withSettings(
      { Message_CustomFields_Enabled: true, Message_CustomFields: schema },
      async () => {
        const room = await world.channel([bob]);
        const ok = await post(bob, { roomId: room._id, text: 'x', customFields: { priority: 'high' } });
        expect(ok.body.message.customFields).toEqual({ priority: 'high' });
        for (const customFields of [{ priority: 'low' }, { other: 1 }]) {
          expect((await post(bob, { roomId: room._id, text: 'x', customFields })).body).toEqual(
            plain('Invalid custom fields'),
          );
        }
      },
    );
  });

  test('creating a direct room needs its permission', async () => {
    await withPermission(world, 'create-d', ['admin'], async () => {
      expect((await post(bob, { channel: '@carol', text: 'x' })).body).toEqual(
        coded('error-not-allowed', 'Not allowed', { method: 'createDirectMessage' }),
      );
    });
  });
});
