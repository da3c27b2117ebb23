// `@rocket.chat/sdk` 0.2.9: the driver (asteroid, ddp.js 0.5) and the `api` module that bots and Hubot are built on.
import { createRequire } from 'node:module';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Person, startServer, type TestServer } from '../support/server.ts';
import { type Inbox, openInbox } from './inbox.ts';

type Sdk = typeof import('@rocket.chat/sdk');

interface Message {
  _id: string;
  rid: string;
  msg: string;
  t?: string;
  ts: { $date: number };
  u: { _id: string; username: string };
  bot?: { i: string };
  reactions?: Record<string, { usernames: string[] }>;
}

interface Heard {
  message: Message;
  meta: { roomType: string; roomParticipant: boolean; roomName?: string };
}

interface Frame {
  collection: string;
  fields: { eventName: string; args: unknown[] };
}

interface Bot extends Sdk {
  person: Person;
  frames: Inbox<Frame>;
}

const require = createRequire(import.meta.url);

/**
 * The driver and asteroid keep their connection, login and caches in their modules, so two bots in one process need two
 * copies. The `api` module reads its address from the environment when it is loaded.
 */
function loadSdk(url: string): Sdk {
  for (const file of Object.keys(require.cache)) {
    if (/node_modules\/(@rocket\.chat\/sdk|asteroid|ddp\.js)\//.test(file)) delete require.cache[file];
  }
  process.env.ROCKETCHAT_URL = url;
  try {
    return require('@rocket.chat/sdk') as Sdk;
  } finally {
    delete process.env.ROCKETCHAT_URL;
  }
}

/** What `driver.disconnect()` leaves open: the socket, and the wish to open it again. */
interface DdpInternals {
  _autoreconnect: boolean;
  _socket: { close(): void };
}
const internals = (bot: Sdk): DdpInternals => bot.driver.asteroid.ddp as unknown as DdpInternals;

let server: TestServer;
const bots: Bot[] = [];

beforeEach(async () => {
  server = await startServer();
});

afterEach(async () => {
  for (const bot of bots.splice(0)) {
    internals(bot)._autoreconnect = false;
    internals(bot)._socket.close();
  }
  await server.close();
});

const silent = (): void => undefined;

async function startBot(person: Person): Promise<Bot> {
  const sdk = loadSdk(server.url);
  sdk.driver.useLog({ debug: silent, info: silent, warning: silent, warn: silent, error: silent });
  const asteroid = await sdk.driver.connect({ host: `127.0.0.1:${server.port}`, useSsl: false });
  const frames = openInbox<Frame>();
  asteroid.ddp.on('changed', (frame: Frame) => frames.push(frame));
  const bot: Bot = { ...sdk, person, frames };
  bots.push(bot);
  return bot;
}

/** A bot that is logged in over DDP and REST. */
async function loggedIn(username: string): Promise<Bot> {
  const bot = await startBot(await server.person(username));
  const credentials = { username, password: bot.person.password };
  await bot.driver.login(credentials);
  await bot.api.login(credentials);
  return bot;
}

async function createChannel(bot: Bot, name: string, members: string[] = []): Promise<string> {
  const { channel } = await bot.api.post('channels.create', { name, members });
  return channel._id;
}

async function listen(bot: Bot): Promise<Inbox<Heard>> {
  const heard = openInbox<Heard>();
  await bot.driver.subscribeToMessages();
  bot.driver.reactToMessages((_error: Error | null, message: Message, meta: Heard['meta']) => {
    heard.push({ message, meta });
  });
  return heard;
}

const says = (text: string) => (heard: Heard) => heard.message.msg === text;
const event = (eventName: string, matches: (args: unknown[]) => boolean) => (frame: Frame) =>
  frame.fields.eventName === eventName && matches(frame.fields.args);
const messageIn = (rid: string, text: string) => event(rid, ([message]) => (message as Message).msg === text);

describe('the driver', () => {
  test('logs in with a plain password and answers with the user id', async () => {
    const bot = await startBot(await server.person('alice'));

    const uid = await bot.driver.login({ username: 'alice', password: bot.person.password });

    expect(uid).toBe(bot.person.uid);
  });

  test('reports a wrong password with error 403', async () => {
    const bot = await startBot(await server.person('alice'));

    await expect(bot.driver.login({ username: 'alice', password: 'wrong' })).rejects.toMatchObject({
      error: 403,
    });
  });

  test('joins a room by name, sends to it and hears itself and the others', async () => {
    const alice = await loggedIn('alice');
    const bot = await loggedIn('bob');
    const rid = await createChannel(alice, 'lobby');
    const heard = await listen(bot);

    await bot.driver.joinRoom('lobby');
    const sent = (await bot.driver.sendToRoom('hello from the bot', 'lobby')) as unknown as Message;
    await alice.driver.sendToRoomId('welcome', rid);

    expect(sent).toMatchObject({
      rid,
      msg: 'hello from the bot',
      bot: { i: 'js.SDK' },
      u: { username: 'bob' },
    });
    expect(await heard.first(says('hello from the bot'))).toMatchObject({
      message: { _id: sent._id, ts: { $date: expect.any(Number) } },
      meta: { roomType: 'c', roomParticipant: true, roomName: 'lobby' },
    });
    expect(await heard.first(says('welcome'))).toMatchObject({
      message: { rid, u: { _id: alice.person.uid, username: 'alice' } },
    });
  });

  test('hears public channels that it has not joined, marked as such', async () => {
    const alice = await loggedIn('alice');
    const bot = await loggedIn('bob');
    const rid = await createChannel(alice, 'lobby');
    const heard = await listen(bot);

    await alice.driver.sendToRoomId('anyone there?', rid);

    expect((await heard.first(says('anyone there?'))).meta).toMatchObject({
      roomType: 'c',
      roomParticipant: false,
    });
  });

  test('opens a direct room with a person and hears the answer there', async () => {
    const alice = await loggedIn('alice');
    const bot = await loggedIn('bob');
    const heard = await listen(bot);

    const sent = (await bot.driver.sendDirectToUser('psst', 'alice')) as unknown as Message;
    await alice.driver.sendToRoomId('yes?', sent.rid);

    const answer = await heard.first(says('yes?'));
    expect(answer).toMatchObject({
      message: { rid: sent.rid },
      meta: { roomType: 'd', roomParticipant: true },
    });
    expect(answer.meta).not.toHaveProperty('roomName');
  });

  test('reacts to a message and edits one', async () => {
    const alice = await loggedIn('alice');
    const bot = await loggedIn('bob');
    const rid = await createChannel(alice, 'lobby', ['bob']);
    const heard = await listen(bot);
    const sent = (await bot.driver.sendToRoomId('first version', rid)) as unknown as Message;

    await bot.driver.setReaction(':thumbsup:', sent._id);
    await bot.driver.editMessage({ _id: sent._id, rid, msg: 'second version' });

    const reacted = await heard.first(({ message }) => message.reactions !== undefined);
    expect(reacted.message).toMatchObject({
      _id: sent._id,
      reactions: { ':thumbsup:': { usernames: ['bob'] } },
    });
    expect((await heard.first(says('second version'))).message).toMatchObject({
      _id: sent._id,
      editedAt: { $date: expect.any(Number) },
    });
  });

  test('finds room ids by name and names by id', async () => {
    const alice = await loggedIn('alice');
    const rid = await createChannel(alice, 'lobby');

    expect(await alice.driver.getRoomId('lobby')).toBe(rid);
    expect(await alice.driver.getRoomName(rid)).toBe('lobby');
  });

  test('reports an unknown method as error 404', async () => {
    const alice = await loggedIn('alice');

    // Below the driver, whose own calls leave the second promise to reject unheard.
    const { result, updated } = alice.driver.asteroid.apply('noSuchMethod', []);

    await Promise.all([
      expect(result).rejects.toMatchObject({ error: 404, reason: "Method 'noSuchMethod' not found" }),
      expect(updated).rejects.toBeUndefined(),
    ]);
  });

  test('resumes its login after a lost connection and hears messages again', async () => {
    const alice = await loggedIn('alice');
    const bot = await loggedIn('bob');
    const rid = await createChannel(alice, 'lobby', ['bob']);
    const heard = await listen(bot);

    const reconnected = new Promise((resolve) => bot.driver.events.once('reconnected', resolve));
    internals(bot)._socket.close();
    await reconnected;
    expect(await bot.driver.asteroid.resumeLoginPromise).toBe(bot.person.uid);
    await alice.driver.sendToRoomId('welcome back', rid);

    expect((await heard.first(says('welcome back'))).meta).toMatchObject({ roomParticipant: true });
  });
});

describe('the api module', () => {
  test('logs in, reads, writes and logs out', async () => {
    const alice = await loggedIn('alice');
    const rid = await createChannel(alice, 'lobby');

    const me = await alice.api.get('me');
    const posted = await alice.api.post('chat.postMessage', { roomId: rid, text: 'by REST' });
    const info = await alice.api.get('users.info', { username: 'alice' });
    await alice.api.logout();

    expect(me).toMatchObject({ _id: alice.person.uid, username: 'alice', success: true });
    expect(posted).toMatchObject({
      success: true,
      message: { rid, msg: 'by REST', u: { username: 'alice' } },
    });
    expect(info.user).toMatchObject({ _id: alice.person.uid });
    expect(alice.api.loggedIn()).toBe(false);
  });

  test('lists user names, which asks for `fields`', async () => {
    const alice = await loggedIn('alice');
    await server.person('bob');

    expect(await alice.api.users.allNames()).toEqual(expect.arrayContaining(['alice', 'bob']));
  });

  test('lists who is there, which asks for a raw `query`, where the operator allows those', async () => {
    await server.close();
    server = await startServer({ allowUnsafeQueryAndFields: true });
    const alice = await loggedIn('alice');
    await server.person('bob');

    expect(await alice.api.users.onlineNames()).toEqual(expect.arrayContaining(['alice']));
    expect(await alice.api.users.onlineNames()).not.toContain('bob');
    expect(await alice.api.users.onlineIds()).toContain(alice.person.uid);
    expect(await alice.api.users.allIDs()).toHaveLength(5);
    const online = (await alice.api.users.online()) as { username: string }[];
    const shown = online.find(({ username }) => username === 'alice');
    expect(shown).toEqual({
      ...{ _id: alice.person.uid, name: 'alice', username: 'alice', status: 'online', type: 'user' },
    });
  });
});

describe('leaving a channel', () => {
  test('is seen by those who stay and is the last thing the leaver hears of it', async () => {
    const alice = await loggedIn('alice');
    const bob = await loggedIn('bob');
    const rid = await createChannel(alice, 'lobby', ['bob']);
    const other = await createChannel(alice, 'elsewhere', ['bob']);
    await alice.driver.subscribe('stream-room-messages', rid);
    await alice.driver.subscribe('stream-notify-user', `${alice.person.uid}/rooms-changed`);
    await bob.driver.subscribe('stream-room-messages', rid);
    await bob.driver.subscribe('stream-room-messages', other);
    await bob.driver.subscribe('stream-notify-user', `${bob.person.uid}/subscriptions-changed`);
    await bob.driver.subscribe('stream-notify-user', `${bob.person.uid}/rooms-changed`);
    await alice.driver.sendToRoomId('hi bob', rid);
    await bob.driver.sendToRoomId('hi alice', rid);
    await bob.frames.first(messageIn(rid, 'hi bob'));
    await alice.frames.first(messageIn(rid, 'hi alice'));

    const left = await bob.api.post('channels.leave', { roomId: rid });

    expect(left).toMatchObject({ success: true, channel: { _id: rid, usersCount: 1 } });
    const notice = await alice.frames.first(event(rid, ([message]) => (message as Message).t === 'ul'));
    expect(notice.fields.args[0]).toMatchObject({
      rid,
      t: 'ul',
      msg: 'bob',
      u: { _id: bob.person.uid, username: 'bob' },
    });
    await alice.frames.first(
      event(
        `${alice.person.uid}/rooms-changed`,
        ([action, room]) =>
          action === 'updated' && (room as { _id: string; usersCount: number }).usersCount === 1,
      ),
    );
    const removed = await bob.frames.first(
      event(`${bob.person.uid}/subscriptions-changed`, ([action]) => action === 'removed'),
    );
    expect(removed.fields.args[1]).toMatchObject({ rid, u: { _id: bob.person.uid } });

    // What alice says next must not reach bob; what she says afterwards in the other room does, and closes the wait.
    await alice.driver.sendToRoomId('is he gone?', rid);
    await alice.frames.first(messageIn(rid, 'is he gone?'));
    await alice.driver.sendToRoomId('he is', other);
    await bob.frames.first(messageIn(other, 'he is'));
    expect(bob.frames.after(removed).filter((frame) => JSON.stringify(frame).includes(rid))).toEqual([]);
  });
});
