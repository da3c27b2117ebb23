// `@rocket.chat/sdk` 1.0.0-alpha.42: REST with fetch, events over DDP. The ancestor of the mobile application's client, and
// what EmbeddedChat is built on.
import { createRequire } from 'node:module';
import type { EmbeddedChatApi } from '@embeddedchat/api';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Person, startServer, type TestServer } from '../support/server.ts';
import { type Inbox, openInbox } from './inbox.ts';

type Rocketchat = EmbeddedChatApi['rcClient'];

/** EmbeddedChat brings this release of the SDK; beside it, the name stands for 0.2.9 (see `sdk-driver.test.ts`). */
const require = createRequire(createRequire(import.meta.url).resolve('@embeddedchat/api'));
const { Rocketchat } = require('@rocket.chat/sdk') as { Rocketchat: new (options: object) => Rocketchat };

interface StreamEvent {
  eventName: string;
  args: unknown[];
}

interface Client {
  rc: Rocketchat;
  person: Person;
  events: Inbox<StreamEvent>;
}

/** The driver's own socket, for breaking it. */
interface Driver {
  ddp: { connection: { terminate(): void }; once(event: string, heard: () => void): void };
}

const silent = (): void => undefined;
const logger = { debug: silent, info: silent, warning: silent, warn: silent, error: silent };

let server: TestServer;
const clients: Rocketchat[] = [];

beforeEach(async () => {
  server = await startServer();
});

afterEach(async () => {
  for (const rc of clients.splice(0)) await rc.disconnect();
  await server.close();
});

function newClient(): Rocketchat {
  const rc = new Rocketchat({ host: server.url, useSsl: false, reopen: 10, logger });
  clients.push(rc);
  return rc;
}

async function loggedIn(username: string): Promise<Client> {
  const person = await server.person(username);
  const rc = newClient();
  await rc.connect({});
  await rc.login({ username, password: person.password });
  const events = openInbox<StreamEvent>();
  const push = ({ fields }: { fields: StreamEvent }): void => events.push(fields);
  for (const stream of ['stream-room-messages', 'stream-notify-room', 'stream-notify-user']) {
    // The published type gives the callback an error first; what is called has only the frame.
    await rc.onStreamData(stream, push as never);
  }
  return { rc, person, events };
}

async function createChannel({ rc }: Client, name: string, members: string[] = []): Promise<string> {
  const { channel } = await rc.post('channels.create', { name, members }, true);
  return channel._id;
}

const event = (eventName: string, matches: (args: unknown[]) => boolean) => (heard: StreamEvent) =>
  heard.eventName === eventName && matches(heard.args);
const messageIn = (rid: string, text: string) =>
  event(rid, ([message]) => (message as { msg: string }).msg === text);

describe('logging in', () => {
  test('goes by REST, then resumes the same login over DDP', async () => {
    const { rc, person } = await loggedIn('alice');

    expect(rc.userId).toBe(person.uid);
    expect(rc.currentLogin).toMatchObject({
      username: 'alice',
      userId: person.uid,
      authToken: expect.any(String),
    });
    expect(((await rc.socket) as unknown as { userId: string }).userId).toBe(person.uid);
  });

  test('with a wrong password is refused with status 401', async () => {
    await server.person('alice');
    const rc = newClient();

    await expect(rc.login({ username: 'alice', password: 'wrong' })).rejects.toMatchObject({
      status: 401,
      data: { status: 'error', error: 'Unauthorized' },
    });
  });

  test('over DDP with an unknown token is refused with the text that makes apps log out', async () => {
    const rc = newClient();
    await rc.connect({});

    await expect(rc.resume({ token: 'nobody-has-this-token' })).rejects.toMatchObject({
      error: 403,
      reason: "You've been logged out by the server. Please log in again.",
    });
  });
});

describe('in a room', () => {
  test('sends by REST and hears everybody over DDP', async () => {
    const alice = await loggedIn('alice');
    const bob = await loggedIn('bob');
    const rid = await createChannel(alice, 'lobby', ['bob']);
    await alice.rc.subscribeRoom(rid);
    await bob.rc.subscribeRoom(rid);

    const sent = await alice.rc.sendMessage('hi bob', rid);
    await bob.events.first(messageIn(rid, 'hi bob'));
    await bob.rc.sendMessage('hi alice', rid);

    expect(sent).toMatchObject({ rid, msg: 'hi bob', u: { _id: alice.person.uid } });
    const heard = await alice.events.first(messageIn(rid, 'hi alice'));
    expect(heard.args[0]).toMatchObject({ rid, ts: { $date: expect.any(Number) }, u: { username: 'bob' } });
  });

  test('joins, reacts, edits and opens a direct room by REST', async () => {
    const alice = await loggedIn('alice');
    const bob = await loggedIn('bob');
    const rid = await createChannel(alice, 'lobby');
    await alice.rc.subscribeRoom(rid);

    const joined = await bob.rc.joinRoom({ rid });
    const sent = await bob.rc.sendMessage('draft', rid);
    const mid = sent._id;
    await bob.rc.setReaction(':wave:', mid);
    await bob.rc.editMessage({ _id: mid, rid, msg: 'final' });
    const direct = await bob.rc.createDirectMessage('alice');

    expect(joined.channel).toMatchObject({ _id: rid, name: 'lobby' });
    const edited = await alice.events.first(messageIn(rid, 'final'));
    expect(edited.args[0]).toMatchObject({ _id: mid, reactions: { ':wave:': { usernames: ['bob'] } } });
    expect(direct).toMatchObject({ t: 'd', usernames: expect.arrayContaining(['alice', 'bob']) });
  });

  test('calls methods over DDP', async () => {
    const alice = await loggedIn('alice');
    const rid = await createChannel(alice, 'lobby');

    expect(await alice.rc.methodCall('getRoomIdByNameOrId', 'lobby')).toBe(rid);
    await expect(alice.rc.methodCall('noSuchMethod')).rejects.toMatchObject({ error: 404 });
  });

  test('gets all streams of the pre-configured sets', async () => {
    const alice = await loggedIn('alice');

    // One refused subscription and these would wait for ever: this client has no ear for `nosub`.
    expect(await alice.rc.subscribeNotifyUser()).toHaveLength(7);
    expect(await alice.rc.subscribeLoggedNotify()).toHaveLength(6);
    expect(await alice.rc.subscribeNotifyAll()).toHaveLength(6);
  });

  test('resumes its login and its streams after a lost connection', async () => {
    const alice = await loggedIn('alice');
    const bob = await loggedIn('bob');
    const rid = await createChannel(alice, 'lobby', ['bob']);
    await bob.rc.subscribeRoom(rid);
    const { ddp } = (await bob.rc.socket) as unknown as Driver;

    // Emitted when the login has been resumed and every subscription is ready again.
    const back = new Promise<void>((resolve) => ddp.once('login', resolve));
    ddp.connection.terminate();
    await back;
    await alice.rc.sendMessage('welcome back', rid);

    await bob.events.first(messageIn(rid, 'welcome back'));
  });
});

describe('leaving a channel', () => {
  test('is seen by those who stay and is the last thing the leaver hears of it', async () => {
    const alice = await loggedIn('alice');
    const bob = await loggedIn('bob');
    const rid = await createChannel(alice, 'lobby', ['bob']);
    const other = await createChannel(alice, 'elsewhere', ['bob']);
    for (const { rc } of [alice, bob]) {
      await rc.subscribeRoom(rid);
      await rc.subscribeRoom(other);
      await rc.subscribeNotifyUser();
    }
    await alice.rc.sendMessage('hi bob', rid);
    await bob.rc.sendMessage('hi alice', rid);
    await bob.events.first(messageIn(rid, 'hi bob'));
    await alice.events.first(messageIn(rid, 'hi alice'));

    await bob.rc.post('channels.leave', { roomId: rid }, true);

    const notice = await alice.events.first(
      event(rid, ([message]) => (message as { t?: string }).t === 'ul'),
    );
    expect(notice.args[0]).toMatchObject({
      rid,
      t: 'ul',
      msg: 'bob',
      u: { _id: bob.person.uid, username: 'bob' },
    });
    await alice.events.first(
      event(
        `${alice.person.uid}/rooms-changed`,
        ([action, room]) => action === 'updated' && (room as { usersCount: number }).usersCount === 1,
      ),
    );
    const removed = await bob.events.first(
      event(`${bob.person.uid}/subscriptions-changed`, ([action]) => action === 'removed'),
    );
    expect(removed.args[1]).toMatchObject({ rid, u: { _id: bob.person.uid } });

    // What alice says next must not reach bob; what she says afterwards in the other room does, and closes the wait.
    await alice.rc.sendMessage('is he gone?', rid);
    await alice.events.first(messageIn(rid, 'is he gone?'));
    await alice.rc.sendMessage('he is', other);
    await bob.events.first(messageIn(other, 'he is'));
    expect(bob.events.after(removed).filter((heard) => JSON.stringify(heard).includes(rid))).toEqual([]);
  });
});
