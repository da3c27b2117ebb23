// `@rocket.chat/ddp-client`: the client of the 8.x web application and the livechat widget.
import { createHash } from 'node:crypto';
import { DDPSDK } from '@rocket.chat/ddp-client';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { type Person, startServer, type TestServer } from '../support/server.ts';
import { type Inbox, openInbox } from './inbox.ts';

interface Heard {
  stream: string;
  args: unknown[];
}

/** `stream` without its table of event types, for keys that are put together here. */
interface AnyStream {
  stream(
    name: string,
    key: [string],
    heard: (...args: unknown[]) => void,
  ): { ready(): Promise<void>; stop(): void };
}

interface Client {
  sdk: DDPSDK;
  person: Person;
  heard: Inbox<Heard>;
}

let server: TestServer;
const open: DDPSDK[] = [];

beforeEach(async () => {
  // The client uses the browser's WebSocket, which Node has only from 22 on.
  vi.stubGlobal('WebSocket', WebSocket);
  server = await startServer();
});

afterEach(async () => {
  for (const sdk of open.splice(0)) {
    sdk.connection.close();
    sdk.timeoutControl.stop();
  }
  await server.close();
  vi.unstubAllGlobals();
});

async function connect(): Promise<DDPSDK> {
  const sdk = await DDPSDK.createAndConnect(server.url);
  open.push(sdk);
  return sdk;
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

async function loggedIn(username: string): Promise<Client> {
  const person = await server.person(username);
  const sdk = await connect();
  await sdk.account.loginWithPassword(username, sha256(person.password));
  return { sdk, person, heard: openInbox() };
}

/** Follows one event of a stream; resolves when the server has said `ready`. */
async function follow({ sdk, heard }: Client, stream: string, key: string): Promise<() => void> {
  const subscription = (sdk as unknown as AnyStream).stream(stream, [key], (...args) => {
    heard.push({ stream: `${stream}/${key}`, args });
  });
  await subscription.ready();
  return subscription.stop;
}

async function createChannel({ sdk }: Client, name: string, members: string[] = []): Promise<string> {
  const { channel } = await sdk.rest.post('/v1/channels.create', { name, members });
  return channel._id;
}

const on = (stream: string, matches: (...args: never[]) => boolean) => (heard: Heard) =>
  heard.stream === stream && matches(...(heard.args as never[]));
const messageIn = (rid: string, text: string) =>
  on(`room-messages/${rid}`, (message: { msg: string }) => message.msg === text);

describe('logging in', () => {
  test('with the digest of the password gives id, token, expiry and, from the users collection, the username', async () => {
    const { sdk, person } = await loggedIn('alice');

    expect(sdk.account.uid).toBe(person.uid);
    expect(sdk.account.user).toMatchObject({ id: person.uid, username: 'alice', token: expect.any(String) });
    expect(sdk.account.user?.tokenExpires?.getTime()).toBeGreaterThan(Date.now());
  });

  test('with a REST token resumes that login', async () => {
    const person = await server.person('alice');
    const sdk = await connect();

    const result = await sdk.account.loginWithToken(person.token);

    expect(result).toMatchObject({ id: person.uid, token: person.token });
    expect(sdk.account.uid).toBe(person.uid);
  });

  test('with a wrong password is refused with error 403', async () => {
    await server.person('alice');
    const sdk = await connect();

    await expect(sdk.account.loginWithPassword('alice', sha256('wrong'))).rejects.toMatchObject({
      error: 403,
    });
    expect(sdk.account.uid).toBeUndefined();
  });

  test('out drops the user and the token', async () => {
    const { sdk, person } = await loggedIn('alice');
    const token = sdk.account.user?.token ?? '';

    await sdk.account.logout();

    expect(sdk.account.uid).toBeUndefined();
    const answer = await fetch(`${server.url}/api/v1/me`, {
      headers: { 'X-Auth-Token': token, 'X-User-Id': person.uid },
    });
    expect(answer.status).toBe(401);
  });

  test('lends its credentials to the REST client', async () => {
    const { sdk, person } = await loggedIn('alice');

    expect(await sdk.rest.get('/v1/me')).toMatchObject({ _id: person.uid, username: 'alice', success: true });
  });
});

describe('calls', () => {
  test('send a message and get the stored document with dates as $date', async () => {
    const alice = await loggedIn('alice');
    const rid = await createChannel(alice, 'lobby');

    const message = await alice.sdk.call('sendMessage', { _id: 'chosen-by-the-client', rid, msg: 'hello' });

    expect(message).toMatchObject({
      _id: 'chosen-by-the-client',
      rid,
      msg: 'hello',
      ts: { $date: expect.any(Number) },
      u: { _id: alice.person.uid, username: 'alice' },
    });
  });

  test('reject with the error of the method', async () => {
    const { sdk } = await loggedIn('alice');

    await expect(sdk.call('noSuchMethod')).rejects.toMatchObject({
      error: 404,
      reason: "Method 'noSuchMethod' not found",
    });
  });
});

describe('streams', () => {
  test('deliver what is said, to the author too, until they are stopped', async () => {
    const alice = await loggedIn('alice');
    const bob = await loggedIn('bob');
    const rid = await createChannel(alice, 'lobby', ['bob']);
    const other = await createChannel(alice, 'elsewhere', ['bob']);
    await follow(alice, 'room-messages', rid);
    const stop = await follow(bob, 'room-messages', rid);
    await follow(bob, 'room-messages', other);

    await alice.sdk.call('sendMessage', { rid, msg: 'hello' });
    await alice.heard.first(messageIn(rid, 'hello'));
    await bob.heard.first(messageIn(rid, 'hello'));
    stop();
    // A call from the same socket: when it is answered, the `unsub` before it has been handled.
    await bob.sdk.call('getRoomIdByNameOrId', 'lobby');
    await alice.sdk.call('sendMessage', { rid, msg: 'still there?' });
    await alice.sdk.call('sendMessage', { rid: other, msg: 'over here' });

    await bob.heard.first(messageIn(other, 'over here'));
    expect(bob.heard.received.some(messageIn(rid, 'still there?'))).toBe(false);
  });

  test('of another user are refused', async () => {
    const alice = await loggedIn('alice');
    const bob = await server.person('bob');

    const subscription = alice.sdk.stream('notify-user', `${bob.uid}/subscriptions-changed`, () => undefined);

    await expect(subscription.ready()).rejects.toMatchObject({ error: 'not-allowed' });
  });

  test('carry typing from one member to the other, not back to the typist', async () => {
    const alice = await loggedIn('alice');
    const bob = await loggedIn('bob');
    const rid = await createChannel(alice, 'lobby', ['bob']);
    await follow(alice, 'notify-room', `${rid}/user-activity`);
    await follow(bob, 'notify-room', `${rid}/user-activity`);

    await bob.sdk.call('stream-notify-room', `${rid}/user-activity`, 'bob', ['user-typing'], {});
    await alice.sdk.call('stream-notify-room', `${rid}/user-activity`, 'alice', [], {});

    const typing = await alice.heard.first(({ args }) => args[0] === 'bob');
    expect(typing.args[1]).toEqual(['user-typing']);
    await bob.heard.first(({ args }) => args[0] === 'alice');
    expect(bob.heard.received.some(({ args }) => args[0] === 'bob')).toBe(false);
  });

  test('come back after a reconnect, which sends login and all subscriptions in one burst', async () => {
    const alice = await loggedIn('alice');
    const bob = await loggedIn('bob');
    const rid = await createChannel(alice, 'lobby', ['bob']);
    await follow(bob, 'room-messages', rid);
    await follow(bob, 'notify-user', `${bob.person.uid}/rooms-changed`);

    bob.sdk.connection.close();
    await bob.sdk.connection.connect();
    // Answered after the login and the subscriptions, which the client sent first on this connection.
    await bob.sdk.call('getRoomIdByNameOrId', 'lobby');
    await alice.sdk.call('sendMessage', { rid, msg: 'welcome back' });

    await bob.heard.first(messageIn(rid, 'welcome back'));
    await bob.heard.first(
      on(
        `notify-user/${bob.person.uid}/rooms-changed`,
        (_action: string, room: { lastMessage?: { msg: string } }) =>
          room.lastMessage?.msg === 'welcome back',
      ),
    );
  });
});

describe('leaving a channel', () => {
  test('is seen by those who stay and is the last thing the leaver hears of it', async () => {
    const alice = await loggedIn('alice');
    const bob = await loggedIn('bob');
    const rid = await createChannel(alice, 'lobby', ['bob']);
    const other = await createChannel(alice, 'elsewhere', ['bob']);
    await follow(alice, 'room-messages', rid);
    await follow(alice, 'notify-user', `${alice.person.uid}/rooms-changed`);
    await follow(bob, 'room-messages', rid);
    await follow(bob, 'room-messages', other);
    await follow(bob, 'notify-user', `${bob.person.uid}/subscriptions-changed`);
    await follow(bob, 'notify-user', `${bob.person.uid}/rooms-changed`);
    await alice.sdk.call('sendMessage', { rid, msg: 'hi bob' });
    await bob.sdk.call('sendMessage', { rid, msg: 'hi alice' });
    await bob.heard.first(messageIn(rid, 'hi bob'));
    await alice.heard.first(messageIn(rid, 'hi alice'));

    const { channel } = await bob.sdk.rest.post('/v1/channels.leave', { roomId: rid });

    expect(channel).toMatchObject({ _id: rid, usersCount: 1 });
    const notice = await alice.heard.first(
      on(`room-messages/${rid}`, (message: { t?: string }) => message.t === 'ul'),
    );
    expect(notice.args[0]).toMatchObject({
      rid,
      t: 'ul',
      msg: 'bob',
      u: { _id: bob.person.uid, username: 'bob' },
    });
    await alice.heard.first(
      on(
        `notify-user/${alice.person.uid}/rooms-changed`,
        (action: string, room: { _id: string; usersCount: number }) =>
          action === 'updated' && room._id === rid && room.usersCount === 1,
      ),
    );
    const removed = await bob.heard.first(
      on(`notify-user/${bob.person.uid}/subscriptions-changed`, (action: string) => action === 'removed'),
    );
    expect(removed.args[1]).toMatchObject({ rid, t: 'c', u: { _id: bob.person.uid } });

    // What alice says next must not reach bob; what she says afterwards in the other room does, and closes the wait.
    await alice.sdk.call('sendMessage', { rid, msg: 'is he gone?' });
    await alice.heard.first(messageIn(rid, 'is he gone?'));
    await alice.sdk.call('sendMessage', { rid: other, msg: 'he is' });
    await bob.heard.first(messageIn(other, 'he is'));
    expect(bob.heard.after(removed).filter((heard) => JSON.stringify(heard).includes(rid))).toEqual([]);
  });
});
