// `@rocket.chat/api-client`: the typed REST client of the 8.x web application. The calls below are checked against the
// published endpoint types by the compiler as well as against the server.
import { createHash } from 'node:crypto';
import { RestClient } from '@rocket.chat/api-client';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Person, startServer, type TestServer } from '../support/server.ts';

let server: TestServer;

beforeEach(async () => {
  server = await startServer();
});

afterEach(async () => {
  await server.close();
});

function clientOf(person: Person): RestClient {
  return new RestClient({
    baseUrl: server.url,
    credentials: { 'X-User-Id': person.uid, 'X-Auth-Token': person.token },
  });
}

/** The client rejects with the `Response` itself. */
async function refusal(call: Promise<unknown>): Promise<{ status: number; body: unknown }> {
  const response = await call.then(
    () => expect.fail('the call was not refused'),
    (reason: unknown) => reason as Response,
  );
  return { status: response.status, body: await response.json() };
}

describe('logging in', () => {
  test('gives credentials that the client can use', async () => {
    const alice = await server.person('alice');
    const client = new RestClient({ baseUrl: server.url });

    // `login` is in the published types only through the packages of the web application.
    const response = await client.send('v1/login', 'POST', {
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ user: 'alice', password: alice.password }),
    });
    const { status, data } = (await response.json()) as {
      status: string;
      data: { userId: string; authToken: string; me: { username: string } };
    };
    client.setCredentials({ 'X-User-Id': data.userId, 'X-Auth-Token': data.authToken });

    expect(status).toBe('success');
    expect(data).toMatchObject({ userId: alice.uid, me: { username: 'alice' } });
    expect(await client.get('/v1/me')).toMatchObject({ _id: alice.uid, username: 'alice', success: true });
  });

  test('is needed: a call without credentials is refused with 401 and a JSON body', async () => {
    const client = new RestClient({ baseUrl: server.url });

    expect(await refusal(client.get('/v1/me'))).toMatchObject({
      status: 401,
      body: { status: 'error', message: 'You must be logged in to do this.' },
    });
  });
});

describe('a second factor', () => {
  const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

  beforeEach(async () => {
    await server.close();
    // In test mode nobody is asked, and otherwise nobody whose account is new.
    server = await startServer({ testMode: false });
    await server.admin.post('settings/Accounts_TwoFactorAuthentication_RememberFor', { value: 0 });
  });

  test('is asked for with its method, again after a wrong code, and then the call goes through', async () => {
    const alice = await server.person('alice');
    const client = clientOf(alice);
    const asked: object[] = [];
    client.handleTwoFactorChallenge(async (challenge) => {
      asked.push(challenge);
      return challenge.invalidAttempt ? sha256(alice.password) : 'wrong';
    });

    const { token } = await client.post('/v1/users.generatePersonalAccessToken', {
      tokenName: 'bot',
      bypassTwoFactor: false,
    });

    expect(asked).toMatchObject([
      { method: 'password', invalidAttempt: false },
      { method: 'password', invalidAttempt: true },
    ]);
    client.setCredentials({ 'X-User-Id': alice.uid, 'X-Auth-Token': token });
    expect(await client.get('/v1/me')).toMatchObject({ _id: alice.uid });
  });

  test('that nobody can give refuses the call with 400 and what is asked for', async () => {
    const client = clientOf(await server.person('alice'));
    const call = client.post('/v1/users.generatePersonalAccessToken', {
      tokenName: 'bot',
      bypassTwoFactor: false,
    });

    expect(await refusal(call)).toMatchObject({
      status: 400,
      body: {
        success: false,
        errorType: 'totp-required',
        details: { method: 'password', codeGenerated: false, availableMethods: [] },
      },
    });
  });
});

describe('reading', () => {
  test('sends an array as `ids[]`', async () => {
    const alice = await server.person('alice');
    const bob = await server.person('bob');
    const carol = await server.person('carol');
    // Only people who are not offline are listed.
    for (const person of [alice, bob, carol]) await person.post('users.setStatus', { status: 'busy' });

    const { users } = await clientOf(alice).get('/v1/users.presence', { ids: [alice.uid, bob.uid] });

    expect(users.map(({ _id }) => _id).sort()).toEqual([alice.uid, bob.uid].sort());
  });

  test('gives dates as ISO strings', async () => {
    const client = clientOf(await server.person('alice'));
    const { channel } = await client.post('/v1/channels.create', { name: 'lobby' });

    const { room } = await client.get('/v1/rooms.info', { roomId: channel._id });

    expect(room?.ts).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  test('gives what changed since, and what went, as the web application synchronizes', async () => {
    const alice = await server.person('alice');
    const client = clientOf(alice);
    const { channel } = await client.post('/v1/channels.create', { name: 'lobby' });
    const { group } = await client.post('/v1/groups.create', { name: 'short' });
    const first = await client.get('/v1/subscriptions.get', {});
    const updatedSince =
      first.update
        .map(({ _updatedAt }) => String(_updatedAt))
        .sort()
        .at(-1) ?? '';
    expect(await client.get('/v1/subscriptions.get', { updatedSince })).toMatchObject({
      update: [],
      remove: [],
    });

    await alice.post('rooms.favorite', { roomId: channel._id, favorite: true });
    await alice.post('groups.delete', { roomId: group._id });
    const { update, remove } = await client.get('/v1/subscriptions.get', { updatedSince });
    const rooms = await client.get('/v1/rooms.get', { updatedSince });

    expect(update).toMatchObject([{ rid: channel._id, f: true }]);
    const gone = first.update.find(({ rid }) => rid === group._id)?._id;
    expect(remove).toEqual([{ _id: gone, _deletedAt: expect.stringMatching(/Z$/) }]);
    expect(rooms.remove).toEqual([{ _id: group._id, _deletedAt: expect.stringMatching(/Z$/) }]);
  });

  test('of what does not exist is refused with 400, an errorType and a text', async () => {
    const client = clientOf(await server.person('alice'));

    expect(await refusal(client.get('/v1/channels.info', { roomName: 'nowhere' }))).toEqual({
      status: 400,
      body: {
        success: false,
        error:
          'The required "roomId" or "roomName" param provided does not match any channel [error-room-not-found]',
        errorType: 'error-room-not-found',
      },
    });
  });
});

describe('writing', () => {
  test('sends, edits, reacts to and deletes a message', async () => {
    const client = clientOf(await server.person('alice'));
    const { channel } = await client.post('/v1/channels.create', { name: 'lobby' });

    const sent = await client.post('/v1/chat.sendMessage', { message: { rid: channel._id, msg: 'hello' } });
    const mid = sent.message._id;
    const edited = await client.post('/v1/chat.update', {
      roomId: channel._id,
      msgId: mid,
      text: 'hello all',
    });
    await client.post('/v1/chat.react', { messageId: mid, emoji: ':wave:' });
    const { messages } = await client.get('/v1/channels.messages', { roomId: channel._id });
    await client.post('/v1/chat.delete', { roomId: channel._id, msgId: mid });
    const rest = await client.get('/v1/channels.messages', { roomId: channel._id });

    expect(sent.message).toMatchObject({ rid: channel._id, msg: 'hello', u: { username: 'alice' } });
    expect(edited.message).toMatchObject({ _id: mid, msg: 'hello all', editedBy: { username: 'alice' } });
    expect(messages.find(({ _id }) => _id === mid)).toMatchObject({
      msg: 'hello all',
      reactions: { ':wave:': { usernames: ['alice'] } },
    });
    expect(rest.messages.some(({ _id }) => _id === mid)).toBe(false);
  });
});

describe('leaving a channel', () => {
  test('answers with the room, tells the room, and cannot be done twice', async () => {
    const bob = await server.person('bob');
    const alice = await server.person('alice');
    const hers = clientOf(alice);
    const his = clientOf(bob);
    const { channel } = await hers.post('/v1/channels.create', { name: 'lobby', members: ['bob'] });
    const rid = channel._id;
    await hers.post('/v1/chat.sendMessage', { message: { rid, msg: 'hi bob' } });
    await his.post('/v1/chat.sendMessage', { message: { rid, msg: 'hi alice' } });
    const before = await hers.get('/v1/channels.info', { roomId: rid });

    const left = await his.post('/v1/channels.leave', { roomId: rid });

    expect(left.channel).toMatchObject({
      _id: rid,
      name: 'lobby',
      usersCount: 1,
      msgs: before.channel.msgs + 1,
      usernames: ['alice'],
    });
    const { members } = await hers.get('/v1/channels.members', { roomId: rid });
    expect(members.map(({ username }) => username)).toEqual(['alice']);
    const { messages } = await hers.get('/v1/channels.messages', { roomId: rid });
    expect(messages[0]).toMatchObject({ t: 'ul', msg: 'bob', u: { _id: bob.uid, username: 'bob' } });
    const { update } = await his.get('/v1/subscriptions.get', { updatedSince: new Date(0).toISOString() });
    expect(update.map((subscription) => subscription.rid)).not.toContain(rid);
    expect(await refusal(his.post('/v1/channels.leave', { roomId: rid }))).toEqual({
      status: 400,
      body: {
        success: false,
        error: 'You are not in this room [error-user-not-in-room]',
        errorType: 'error-user-not-in-room',
        details: { method: 'leaveRoom' },
      },
    });
  });
});
