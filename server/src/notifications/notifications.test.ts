import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DdpClient, DdpError, type Frame } from '../../test/support/ddp-client.ts';
import { type RoomWorld, startRoomWorld } from '../../test/support/rooms.ts';
import type { Person } from '../../test/support/server.ts';

let world: RoomWorld;
let bobs: DdpClient;

beforeAll(async () => {
  world = await startRoomWorld();
  bobs = await listening(world.bob);
});
afterAll(() => world.close());

/** What is written after this, a room for example, is written after its presence. */
async function listening(person: Person): Promise<DdpClient> {
  const socket = await person.ddp();
  await socket.subscribe('stream-notify-user', `${person.uid}/notification`);
  return socket;
}

/** What bob is told of what is said in `work`: a message of carol to him alone ends the wait. */
async function told(work: () => Promise<unknown>): Promise<Frame[]> {
  const event = `${world.bob.uid}/notification`;
  const heard = () => bobs.events('notify-user', event).map(([first]) => first ?? {});
  const before = heard().length;
  await work();
  const { body } = await world.carol.post('im.create', { username: 'bob' });
  const end = await world.say(world.carol, body.room._id, 'that was all');
  await bobs.event('notify-user', event, ([first]) => first?.payload._id === end._id);
  return heard().slice(before, -1);
}

const wish = (rid: string, notifications: object) =>
  world.bob.post('rooms.saveNotification', { roomId: rid, notifications });

describe('a message', () => {
  test('in a channel is told with the channel as title and its sender before the text', async () => {
    const { alice, bob } = world;
    const room = await world.channel([bob]);
    let id = '';
    const heard = await told(async () => {
      id = (await world.say(alice, room._id, 'hello bob'))._id;
    });
    expect(heard).toEqual([
      {
        title: `#${room.name}`,
        text: 'alice: hello bob',
        payload: {
          _id: id,
          rid: room._id,
          sender: { _id: alice.uid, username: 'alice', name: 'alice' },
          type: 'c',
          name: room.name,
          message: { msg: 'hello bob' },
        },
      },
    ]);
  });

  test('to one person has its sender as title, and no name of a room', async () => {
    const { alice } = world;
    const { body } = await alice.post('im.create', { username: 'bob' });
    const [heard] = await told(() => world.say(alice, body.room._id, 'psst'));
    expect(heard).toMatchObject({
      title: 'alice',
      text: 'psst',
      payload: { type: 'd', message: { msg: 'psst' } },
    });
    expect(heard?.payload).not.toHaveProperty('name');
  });

  test('is not told to its sender, of an edit, or in a room that the listener is not in', async () => {
    const { alice, bob } = world;
    const [room, other] = [await world.channel([bob]), await world.channel([])];
    const heard = await told(async () => {
      await world.say(bob, room._id, 'my own');
      const { _id } = await world.say(alice, room._id, 'first');
      await alice.post('chat.update', { roomId: room._id, msgId: _id, text: 'second' });
      await world.say(alice, other._id, 'elsewhere');
    });
    expect(heard.map(({ text }) => text)).toEqual(['alice: first']);
  });

  test('that is encrypted says only that', async () => {
    const { alice, bob } = world;
    const room = await world.group([bob]);
    const content = { algorithm: 'rc.v1.aes-sha2', ciphertext: 'secret' };
    const [heard] = await told(() =>
      alice.post('chat.sendMessage', {
        message: { rid: room._id, t: 'e2e', e2e: 'pending', msg: '', content },
      }),
    );
    expect(heard).toMatchObject({
      text: 'alice: Encrypted message',
      payload: { message: { t: 'e2e', content } },
    });
  });

  test('carries the sound that the member chose for the room', async () => {
    const { alice, bob } = world;
    const room = await world.channel([bob]);
    await wish(room._id, { audioNotificationValue: 'door' });
    const [heard] = await told(() => world.say(alice, room._id, 'knock'));
    expect(heard?.payload.audioNotificationValue).toBe('door');
  });
});

/** What bob hears of each kind of message, by what he wants. */
const SAID = ['plain', 'hi @bob', 'hi @all'] as const;

describe('who is told', () => {
  test.each([
    ['nothing said', {}, ['plain', 'hi @bob', 'hi @all']],
    ['all', { desktopNotifications: 'all' }, ['plain', 'hi @bob', 'hi @all']],
    ['mentions', { desktopNotifications: 'mentions' }, ['hi @bob', 'hi @all']],
    ['nothing', { desktopNotifications: 'nothing' }, []],
    ['no notifications', { disableNotifications: '1' }, []],
    ['no group mentions', { muteGroupMentions: '1' }, ['plain', 'hi @bob']],
  ])('in a small room, with %s', async (_title, wishes, expected) => {
    const room = await world.channel([world.bob]);
    if (Object.keys(wishes).length > 0) await wish(room._id, wishes);
    const heard = await told(async () => {
      for (const text of SAID) await world.say(world.alice, room._id, text);
    });
    expect(heard.map(({ payload }) => payload.message.msg)).toEqual(expected);
  });

  test.each([
    ['nothing said', {}, ['hi @bob']],
    ['all', { desktopNotifications: 'all' }, ['plain', 'hi @bob', 'hi @all']],
    ['mentions', { desktopNotifications: 'mentions' }, ['hi @bob']],
  ])('in a large room, with %s', async (_title, wishes, expected) => {
    const room = await world.channel([world.bob, world.carol]);
    if (Object.keys(wishes).length > 0) await wish(room._id, wishes);
    await world.withSettings({ Notifications_Max_Room_Members: 2 }, async () => {
      const heard = await told(async () => {
        for (const text of SAID) await world.say(world.alice, room._id, text);
      });
      expect(heard.map(({ payload }) => payload.message.msg)).toEqual(expected);
    });
  });

  test('of a reply: those who follow its thread, and all where it is shown in the room', async () => {
    const { alice, bob } = world;
    const room = await world.channel([bob]);
    const [mine, hers] = [
      await world.say(bob, room._id, 'of bob'),
      await world.say(alice, room._id, 'of alice'),
    ];
    const reply = (tmid: string, msg: string, more = {}) =>
      alice.post('chat.sendMessage', { message: { rid: room._id, msg, tmid, ...more } });
    const heard = await told(async () => {
      await reply(hers._id, 'to nobody');
      await reply(mine._id, 'to bob');
      await reply(hers._id, 'to all', { tshow: true });
    });
    const replies = heard.filter(({ payload }) => payload.tmid);
    expect(replies.map(({ payload }) => [payload.message.msg, payload.tmid])).toEqual([
      ['to bob', mine._id],
      ['to all', hers._id],
    ]);
  });

  test('not whoever is ignored by them, is busy, or switched the workspace off', async () => {
    const { alice, bob } = world;
    const room = await world.channel([bob]);
    const say = (text: string) => world.say(alice, room._id, text);
    await bob.get('chat.ignoreUser', { rid: room._id, userId: alice.uid, ignore: 'true' });
    expect(await told(() => say('ignored'))).toEqual([]);
    await bob.get('chat.ignoreUser', { rid: room._id, userId: alice.uid, ignore: 'false' });
    await world.withSettings({ Troubleshoot_Disable_Notifications: true }, async () => {
      await say('switched off');
    });
    await bob.post('users.setStatus', { status: 'busy' });
    await say('busy');
    await bob.post('users.setStatus', { status: 'online' });
    expect((await told(() => say('again'))).map(({ text }) => text)).toEqual(['alice: again']);
  });

  test('nobody else may listen', async () => {
    const socket = await world.carol.ddp();
    await expect(
      socket.subscribe('stream-notify-user', `${world.bob.uid}/notification`),
    ).rejects.toBeInstanceOf(DdpError);
  });
});
