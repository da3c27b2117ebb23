import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { removeExpiredSessions } from '../../src/accounts/sessions.ts';
import { hashToken, newToken } from '../../src/kernel/ids.ts';
import type { LoginTokenRow } from '../../src/storage/schema.ts';
import { DdpClient } from '../support/ddp-client.ts';
import { logIn, type Person, startServer, type TestServer } from '../support/server.ts';
import { expectStillServing } from './support/proof.ts';

/** Credentials that are none, or are none any more: 401 at every endpoint, and sockets that end. */

let server: TestServer;
let alice: Person;
let people = 0;

beforeAll(async () => {
  server = await startServer({ settingOverrides: { Accounts_AllowDeleteOwnAccount: 'true' } });
  alice = await server.person('alice');
});
afterAll(async () => {
  await expectStillServing(server);
  await server.close();
});

const DAY = 24 * 60 * 60 * 1000;

const NOT_LOGGED_IN = {
  status: 401,
  body: {
    success: false,
    error: 'You must be logged in to do this.',
    status: 'error',
    message: 'You must be logged in to do this.',
  },
};

/** Asks at endpoints of several kinds; all must agree. */
async function answersTo(uid: string | undefined, token: string | undefined) {
  const headers = {
    ...(uid === undefined ? {} : { 'x-user-id': uid }),
    ...(token === undefined ? {} : { 'x-auth-token': token }),
  };
  const message = { rid: 'GENERAL', msg: 'x' };
  const answers = [
    await server.anonymous.get('me', {}, headers),
    await server.anonymous.post('chat.sendMessage', { message }, headers),
    await server.anonymous.post('method.call/rooms:get', { message: '{}' }, headers),
  ];
  return answers.map(({ status, body }) => ({ status, body }));
}

async function expectRefused(uid: string | undefined, token: string | undefined): Promise<void> {
  expect(await answersTo(uid, token)).toEqual([NOT_LOGGED_IN, NOT_LOGGED_IN, NOT_LOGGED_IN]);
}

async function someone(): Promise<Person> {
  people += 1;
  return server.person(`person-${people}`, { joinDefaultChannels: true });
}

/** A token row as an older login left it. */
async function oldToken(uid: string, ageMs: number, more: Partial<LoginTokenRow> = {}): Promise<string> {
  const { ctx } = server.server;
  const token = newToken();
  const row: LoginTokenRow = {
    hash: hashToken(token),
    uid,
    kind: 'session',
    created_at: ctx.clock.now() - ageMs,
    name: null,
    last_part: null,
    bypass_two_factor: 0,
    two_factor_until: null,
    two_factor_client: null,
    ...{ session_id: null, ip: null, device_name: null, os_name: null, device: null },
    ...{ sign_on_key: null, sign_on: null },
    ...more,
  };
  await ctx.write(async (tx) => {
    await tx.insertInto('login_tokens').values(row).execute();
  });
  return token;
}

describe('no endpoint takes', () => {
  test.each<[string, (person: Person, other: Person) => [string | undefined, string | undefined]]>([
    ['nothing at all', () => [undefined, undefined]],
    ['an id without a token', ({ uid }) => [uid, undefined]],
    ['a token without an id', ({ token }) => [undefined, token]],
    ['empty headers', () => ['', '']],
    ["another user's token", ({ uid }, other) => [uid, other.token]],
    ['a token for an unknown user', ({ token }) => ['nobody', token]],
    ['the name instead of the id', ({ username, token }) => [username, token]],
    ['a token that was never given', ({ uid }) => [uid, newToken()]],
    ['the hash that is stored', ({ uid, token }) => [uid, hashToken(token)]],
    ['half of a token', ({ uid, token }) => [uid, token.slice(0, 20)]],
    ['a token with something behind it', ({ uid, token }) => [uid, `${token}x`]],
    ['a token in another case', ({ uid, token }) => [uid, token.toUpperCase()]],
    ['two ids', ({ uid, token }, other) => [`${uid}, ${other.uid}`, token]],
    ['10 KB of token', ({ uid }) => [uid, 'x'.repeat(10_000)]],
    ['SQL', () => ["' OR '1'='1", "' OR '1'='1"]],
  ])('%s', async (_what, credentials) => {
    await expectRefused(...credentials(alice, server.admin));
    expect((await alice.get('me')).status).toBe(200);
  });
});

test('a token ends with the configured lifetime', async () => {
  const { uid } = await someone();
  const [fresh, old] = [await oldToken(uid, 89 * DAY), await oldToken(uid, 91 * DAY)];
  expect((await server.anonymous.get('me', {}, { 'x-user-id': uid, 'x-auth-token': fresh })).status).toBe(
    200,
  );
  await expectRefused(uid, old);
  const personal = await oldToken(uid, 900 * DAY, { kind: 'personal', name: 'bot' });
  expect((await server.anonymous.get('me', {}, { 'x-user-id': uid, 'x-auth-token': personal })).status).toBe(
    200,
  );
});

test('a shorter lifetime ends older sessions at once, those in use too', async () => {
  const { uid, token } = await someone();
  const old = await oldToken(uid, 2 * DAY);
  const headers = { 'x-user-id': uid, 'x-auth-token': old };
  expect((await server.anonymous.get('me', {}, headers)).status).toBe(200);
  await server.admin.post('settings/Accounts_LoginExpiration', { value: 1 });
  await expectRefused(uid, old);
  expect((await server.anonymous.get('me', {}, { ...headers, 'x-auth-token': token })).status).toBe(200);
  await server.admin.post('settings/Accounts_LoginExpiration', { value: 90 });
});

/** Each ends the session of `person`, in its own way. */
const ENDINGS: [string, (person: Person) => Promise<{ status: number }>][] = [
  ['a logout', (person) => person.post('logout')],
  [
    'an administrator logging the person out',
    ({ uid }) => server.admin.post('users.logout', { userId: uid }),
  ],
  [
    'a logout of the other clients',
    async ({ username, password }) =>
      (await logIn(server.url, username, password)).post('users.logoutOtherClients'),
  ],
  [
    'a deactivation',
    ({ uid }) => server.admin.post('users.setActiveStatus', { userId: uid, activeStatus: false }),
  ],
  ['a deletion', ({ uid }) => server.admin.post('users.delete', { userId: uid })],
  [
    'a new password given by an administrator',
    ({ uid }) =>
      server.admin.post('users.update', { userId: uid, data: { password: 'an entirely new one' } }),
  ],
  [
    'its expiry',
    async ({ token }) => {
      const { ctx } = server.server;
      await ctx.write(async (tx) => {
        const created_at = ctx.clock.now() - 91 * DAY;
        await tx
          .updateTable('login_tokens')
          .set({ created_at })
          .where('hash', '=', hashToken(token))
          .execute();
      });
      await removeExpiredSessions(ctx);
      return { status: 200 };
    },
  ],
];

describe.each(ENDINGS)('after %s', (_what, end) => {
  test('the token is refused, also for a new socket', async () => {
    const person = await someone();
    expect((await person.get('me')).status).toBe(200);
    expect((await end(person)).status).toBe(200);
    await expectRefused(person.uid, person.token);
    const socket = await DdpClient.connect(server.url);
    await expect(socket.call('login', { resume: person.token })).rejects.toMatchObject({ error: 403 });
    const message = { rid: 'GENERAL', msg: 'x' };
    await expect(socket.call('sendMessage', message)).rejects.toMatchObject({ error: 'error-invalid-user' });
    socket.close();
  });

  test('the open sockets are closed and hear nothing of what follows', async () => {
    const person = await someone();
    const sockets = [await person.ddp(), await person.ddp()];
    for (const socket of sockets) {
      await socket.subscribe('stream-room-messages', 'GENERAL');
      await socket.subscribe('stream-notify-user', `${person.uid}/subscriptions-changed`);
      await socket.subscribe('stream-notify-logged', 'user-status');
    }
    expect((await end(person)).status).toBe(200);
    const msg = `a secret of ${person.username}`;
    expect((await server.admin.post('chat.sendMessage', { message: { rid: 'GENERAL', msg } })).status).toBe(
      200,
    );
    for (const socket of sockets) {
      expect(await socket.closed).toEqual({ code: 1000, reason: 'Logged out' });
      expect(socket.frames.filter((frame) => JSON.stringify(frame).includes(msg))).toEqual([]);
    }
  });
});

test('a call that a socket sends together with the end of its session is not served as that user', async () => {
  const person = await someone();
  const socket = await person.ddp();
  const ended = server.admin.post('users.logout', { userId: person.uid });
  const calls = 500;
  for (let n = 0; n < calls; n++) {
    socket.send({
      msg: 'method',
      id: `${n}`,
      method: 'sendMessage',
      params: [{ rid: 'GENERAL', msg: `late ${n}` }],
    });
  }
  await ended;
  const marker = { message: { rid: 'GENERAL', msg: 'after the logout' } };
  const { body } = await server.admin.post('chat.sendMessage', marker);
  await socket.closed;
  const { body: later } = await server.admin.get('channels.messages', { roomId: 'GENERAL', count: 0 });
  const after = later.messages.filter(
    ({ ts, u }: { ts: string; u: { _id: string } }) => u._id === person.uid && ts > body.message.ts,
  );
  // The one that was being served when the session ended may still get through.
  expect(after.length).toBeLessThanOrEqual(1);
});

test('an account that others own again after a deletion does not get its sessions back', async () => {
  const person = await someone();
  await server.admin.post('users.delete', { userId: person.uid });
  const again = await server.person(person.username);
  await expectRefused(person.uid, person.token);
  await expectRefused(again.uid, person.token);
});

test('a reactivated person has to log in again', async () => {
  const person = await someone();
  const set = (activeStatus: boolean) =>
    server.admin.post('users.setActiveStatus', { userId: person.uid, activeStatus });
  expect((await set(false)).status).toBe(200);
  await expect(logIn(server.url, person.username, person.password)).rejects.toThrow('could not log in');
  expect((await set(true)).status).toBe(200);
  await expectRefused(person.uid, person.token);
  expect((await (await logIn(server.url, person.username, person.password)).get('me')).status).toBe(200);
});
