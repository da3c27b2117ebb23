import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sendForm } from '../../test/support/files.ts';
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

const read = async (id: string, person = alice) =>
  (await person.get('chat.getMessage', { msgId: id })).body.message;

/** A picture of one pixel. */
const DOT = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
  'base64',
);

const unknown = coded(
  'error-message-not-found',
  'The provided "messageId" does not match any existing message.',
);

describe('chat.react', () => {
  const react = (person: Person, messageId: string, more: object) =>
    person.post('chat.react', { messageId, ...more });

  test('toggles, or sets what is wanted, and the last user takes the reaction along', async () => {
    const message = await world.say(alice, room._id, 'react to me');
    await react(alice, message._id, { emoji: ':smile:' });
    await react(bob, message._id, { emoji: 'smile' });
    expect((await read(message._id)).reactions).toEqual({ ':smile:': { usernames: ['alice', 'bob'] } });
    expect((await world.room(room._id)).lastMessage?.reactions).toEqual({
      ':smile:': { usernames: ['alice', 'bob'] },
    });
    await react(bob, message._id, { reaction: 'smile', shouldReact: true });
    await react(alice, message._id, { emoji: 'smile' });
    expect((await read(message._id)).reactions).toEqual({ ':smile:': { usernames: ['bob'] } });
    await react(bob, message._id, { emoji: 'smile', shouldReact: false });
    await react(bob, message._id, { emoji: 'smile', shouldReact: false });
    expect((await read(message._id)).reactions).toBeUndefined();
  });

  test('already as wanted, nothing changes', async () => {
    const message = await world.say(alice, room._id, 'untouched');
    expect((await react(bob, message._id, { emoji: 'smile', shouldReact: false })).body).toEqual({
      success: true,
    });
    expect(await read(message._id)).toEqual(message);
  });

  test.each(['+1', 'thumbsup_tone3', 'slight_smile', 'flag_de', 'people_holding_hands_tone1_tone2'])(
    'a standard emoji, %s',
    async (emoji) => {
      const message = await world.say(alice, room._id, 'well');
      expect((await react(bob, message._id, { emoji })).body).toEqual({ success: true });
      expect((await read(message._id)).reactions).toEqual({ [`:${emoji}:`]: { usernames: ['bob'] } });
    },
  );

  test('an emoji of the workspace, by name or alias', async () => {
    const message = await world.say(alice, room._id, 'well');
    const add = { messageId: message._id, emoji: ':locomotive_ours:' };
    expect((await bob.post('chat.react', add)).body.errorType).toBe('error-not-allowed');
    const picture = { field: 'emoji', name: 'a.png', type: 'image/png', bytes: DOT };
    const fields = { name: 'engine_ours', aliases: 'locomotive_ours' };
    await sendForm(world.server, world.admin, 'emoji-custom.create', { files: [picture], fields });
    for (const emoji of ['locomotive_ours', 'engine_ours']) {
      expect((await react(bob, message._id, { emoji })).body).toEqual({ success: true });
    }
  });

  test('the refusals come in their order', async () => {
    const message = await world.say(alice, room._id, 'x');
    expect((await bob.post('chat.react', { emoji: 'smile' })).body).toMatchObject({
      errorType: 'error-invalid-params',
    });
    expect((await react(bob, 'unknown', { emoji: '' })).body).toEqual(unknown);
    expect((await react(carol, message._id, { emoji: '::' })).body).toEqual(
      coded('error-emoji-param-not-provided', 'The required "emoji" param is missing.'),
    );
    const details = { method: 'setReaction' };
    expect((await react(carol, message._id, { emoji: 'no such emoji' })).body).toEqual(
      coded('error-not-allowed', 'Invalid emoji provided.', details),
    );
    expect((await react(carol, message._id, { emoji: 'smile' })).body).toEqual(
      coded('not-authorized', 'Not Authorized', details),
    );
  });

  test('in a read-only room only where reactions are allowed', async () => {
    const quiet = await world.group([bob]);
    const message = await world.say(alice, quiet._id, 'x');
    await alice.post('groups.setReadOnly', { roomId: quiet._id, readOnly: true });
    expect((await react(bob, message._id, { emoji: 'smile' })).body).toEqual(
      plain("You can't send messages because the room is readonly."),
    );
    await alice.post('rooms.saveRoomSettings', { rid: quiet._id, reactWhenReadOnly: true });
    expect((await react(bob, message._id, { emoji: 'smile' })).body).toEqual({ success: true });
  });
});

describe('stars', () => {
  test('are everybody’s own', async () => {
    const message = await world.say(alice, room._id, 'a star');
    expect((await alice.post('chat.starMessage', { messageId: message._id })).body).toEqual({
      success: true,
    });
    await bob.post('chat.starMessage', { messageId: message._id });
    expect((await read(message._id, bob)).starred).toEqual([{ _id: bob.uid }]);
    const listed = await alice.get('chat.getStarredMessages', { roomId: room._id });
    expect(listed.body).toMatchObject({ count: 1, total: 1, offset: 0, messages: [{ _id: message._id }] });
    expect(listed.body.messages[0].starred).toEqual([{ _id: alice.uid }]);
    await alice.post('chat.unStarMessage', { messageId: message._id });
    expect((await read(message._id)).starred).toEqual([]);
    expect((await alice.get('chat.getStarredMessages', { roomId: room._id })).body.total).toBe(0);
    expect((await bob.get('chat.getStarredMessages', { roomId: room._id })).body.total).toBe(1);
  });

  test('for people outside the room nothing happens', async () => {
    const message = await world.say(alice, room._id, 'no star');
    expect((await carol.post('chat.starMessage', { messageId: message._id })).body).toEqual({
      success: true,
    });
    expect(await read(message._id)).toEqual(message);
    expect((await carol.post('chat.starMessage', { messageId: 'unknown' })).body).toEqual(unknown);
    expect((await carol.get('chat.getStarredMessages', { roomId: room._id })).body).toEqual(
      plain('error-not-allowed'),
    );
  });

  test('can be switched off', async () => {
    const message = await world.say(alice, room._id, 'no star');
    await world.withSettings({ Message_AllowStarring: false }, async () => {
      for (const path of ['chat.starMessage', 'chat.unStarMessage'])
        expect((await alice.post(path, { messageId: message._id })).body).toEqual(
          coded('error-action-not-allowed', 'Message starring not allowed', {
            method: 'starMessage',
            action: 'Message_starring',
          }),
        );
    });
  });
});

describe('pins', () => {
  test('the room is told, the message is marked and listed', async () => {
    const message = await world.say(bob, room._id, 'important');
    const { msgs } = await world.room(room._id);
    const pinned = await alice.post('chat.pinMessage', { messageId: message._id });
    expect(pinned.body.message).toEqual({
      _id: expect.any(String),
      t: 'message_pinned',
      rid: room._id,
      msg: '',
      ts: expect.any(String),
      u: { _id: alice.uid, username: 'alice', name: 'alice' },
      groupable: false,
      attachments: [
        {
          text: 'important',
          author_name: 'bob',
          author_icon: '/avatar/bob',
          ts: message.ts,
          attachments: [],
        },
      ],
      _updatedAt: expect.any(String),
    });
    const now = await read(message._id);
    expect(now).toMatchObject({ pinned: true, pinnedBy: { _id: alice.uid, username: 'alice' } });
    expect((await world.room(room._id)).msgs).toBe(msgs + 1);
    expect((await bob.get('chat.getPinnedMessages', { roomId: room._id })).body).toEqual({
      messages: [now],
      count: 1,
      offset: 0,
      total: 1,
      success: true,
    });
    // Again: nothing new.
    expect((await alice.post('chat.pinMessage', { messageId: message._id })).body.message).toEqual(now);
    await alice.post('chat.unPinMessage', { messageId: message._id });
    expect(await read(message._id)).toMatchObject({ pinned: false });
    expect((await bob.get('chat.getPinnedMessages', { roomId: room._id })).body.total).toBe(0);
  });

  test('need the permission in the room', async () => {
    const message = await world.say(bob, room._id, 'x');
    expect((await bob.post('chat.pinMessage', { messageId: message._id })).body).toEqual(
      coded('not-authorized', 'Not Authorized', { method: 'pinMessage' }),
    );
    expect((await carol.post('chat.unPinMessage', { messageId: message._id })).body).toEqual(
      coded('error-invalid-message', 'Message you are unpinning was not found', {
        method: 'unpinMessage',
        action: 'Message_pinning',
      }),
    );
    expect((await bob.post('chat.unPinMessage', { messageId: message._id })).body).toEqual(
      coded('not-authorized', 'Not Authorized', { method: 'unpinMessage' }),
    );
    for (const path of ['chat.pinMessage', 'chat.unPinMessage', 'chat.unStarMessage']) {
      expect((await alice.post(path, { messageId: 'unknown' })).body).toEqual(unknown);
      expect((await alice.post(path, {})).body).toMatchObject({ errorType: 'error-invalid-params' });
    }
    expect((await carol.get('chat.getPinnedMessages', { roomId: room._id })).body).toEqual(
      coded('error-not-allowed', 'Not allowed'),
    );
  });

  test('can be switched off', async () => {
    const message = await world.say(alice, room._id, 'x');
    await world.withSettings({ Message_AllowPinning: false }, async () => {
      for (const [path, method] of [
        ['chat.pinMessage', 'pinMessage'],
        ['chat.unPinMessage', 'unpinMessage'],
      ] as const)
        expect((await bob.post(path, { messageId: message._id })).body).toEqual(
          coded('error-action-not-allowed', 'Message pinning not allowed', {
            ...{ method, action: 'Message_pinning' },
          }),
        );
    });
  });
});

describe('chat.getMessage', () => {
  test('refuses strangers and knows no unknown message', async () => {
    const message = await world.say(alice, room._id, 'x');
    expect((await carol.get('chat.getMessage', { msgId: message._id })).body).toEqual(
      coded('error-not-allowed', 'Not allowed', { method: 'getSingleMessage' }),
    );
    expect(await carol.get('chat.getMessage', { msgId: 'unknown' })).toMatchObject({
      status: 400,
      body: { success: false },
    });
    expect((await carol.get('chat.getMessage')).body).toMatchObject({ errorType: 'error-invalid-params' });
  });
});
