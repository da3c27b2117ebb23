import { expect, test } from 'vitest';
import { type AccountsServer, type Session, startAccounts } from '../support/accounts-server.ts';

const status = async (server: AccountsServer, who: Session, of = who) =>
  (await server.call(who, 'GET', `users.getStatus?userId=${of.uid}`)).body;

test('connections decide the status: online wins, then away, then offline', async () => {
  const server = await startAccounts();
  const alice = await server.person('alice');
  const { presence } = server;
  const now = async () => {
    await presence.settled();
    return (await status(server, alice)).status;
  };
  presence.connected(alice.uid, 'phone');
  presence.connected(alice.uid, 'desktop');
  expect(await now()).toBe('online');
  presence.setConnectionStatus('phone', 'away');
  expect(await now()).toBe('online');
  presence.setConnectionStatus('desktop', 'away');
  expect(await now()).toBe('away');
  presence.setConnectionStatus('phone', 'online');
  expect(await now()).toBe('online');
  presence.disconnected('phone');
  expect(await now()).toBe('away');
  presence.disconnected('desktop');
  expect(await now()).toBe('offline');
  expect(server.eventsNamed('user.status').map((event) => event.status)).toEqual([
    'online',
    'away',
    'online',
    'away',
    'offline',
  ]);
});

test('who comes and goes at once costs no event', async () => {
  const server = await startAccounts();
  const alice = await server.person('alice');
  server.published.length = 0;
  server.presence.connected(alice.uid, 'a');
  server.presence.disconnected('a');
  server.presence.disconnected('unknown');
  await server.presence.settled();
  expect(server.published).toEqual([]);
});

test('a wish for another status holds while connected, invisible included', async () => {
  const server = await startAccounts();
  const alice = await server.person('alice');
  const bob = await server.person('bob');
  server.presence.connected(alice.uid, 'a');
  await server.presence.settled();
  await server.method(alice, 'UserPresence:setDefaultStatus', 'offline');
  expect(await status(server, alice)).toMatchObject({ status: 'offline', connectionStatus: 'online' });
  expect(await status(server, bob, alice)).not.toHaveProperty('connectionStatus');
  await server.method(alice, 'UserPresence:setDefaultStatus', 'busy');
  server.presence.setConnectionStatus('a', 'away');
  await server.presence.settled();
  expect((await status(server, bob, alice)).status).toBe('busy');
  server.presence.disconnected('a');
  await server.presence.settled();
  expect((await status(server, bob, alice)).status).toBe('offline');
});

test('a status set over REST shows at once, over DDP when connected', async () => {
  const server = await startAccounts();
  const alice = await server.person('alice');
  const set = (body: object) => server.call(alice, 'POST', 'users.setStatus', body);
  expect(await set({ status: 'busy', message: '  meeting  ' })).toEqual({
    status: 200,
    body: { success: true },
  });
  expect(await status(server, alice)).toEqual({
    _id: alice.uid,
    status: 'busy',
    message: 'meeting',
    connectionStatus: 'offline',
    statusSource: 'manual',
    success: true,
  });
  expect(server.eventsNamed('user.status')).toEqual([
    {
      uid: alice.uid,
      username: 'alice',
      name: 'alice',
      status: 'busy',
      statusText: 'meeting',
      roles: ['user'],
      statusSource: 'manual',
      statusExpiresAt: undefined,
    },
  ]);
  await server.method(alice, 'setUserStatus', 'away', 'lunch');
  expect(await status(server, alice)).toMatchObject({ status: 'offline', message: 'lunch' });
  await set({ message: '' });
  expect((await status(server, alice)).message).toBe('');
});

test('a status is refused when nothing is given, unknown, switched off or for somebody else', async () => {
  const server = await startAccounts();
  const alice = await server.person('alice');
  const set = async (body: object, who = alice) => {
    const answer = await server.call(who, 'POST', 'users.setStatus', body);
    return [answer.status, answer.body.error];
  };
  expect((await set({}))[0]).toBe(400);
  expect(await set({ status: 'sleepy' })).toEqual([
    400,
    'Valid status types include online, away, offline, and busy. [error-invalid-status]',
  ]);
  expect(await set({ status: 'busy', username: 'root' })).toEqual([403, 'unauthorized']);
  expect(await set({ status: 'busy', username: 'alice' }, server.admin)).toEqual([200, undefined]);
  await server.set('Accounts_AllowInvisibleStatusOption', false);
  expect(await set({ status: 'offline' })).toEqual([
    400,
    'Invisible status is disabled [error-status-not-allowed]',
  ]);
  await server.set('Accounts_AllowUserStatusMessageChange', false);
  expect(await set({ message: 'x' })).toEqual([400, 'Change status is not allowed [error-not-allowed]']);
});

test('a timed status returns to what it was', async () => {
  const server = await startAccounts();
  const alice = await server.person('alice');
  server.presence.connected(alice.uid, 'a');
  await server.presence.settled();
  const set = (body: object) => server.call(alice, 'POST', 'users.setStatus', body);
  await set({ message: 'here' });
  expect((await set({ status: 'busy', expiresAt: '2020-01-01T00:00:00.000Z' })).body.errorType).toBe(
    'error-invalid-date',
  );
  await set({ status: 'busy', message: 'call', expiresAt: '2026-01-01T01:00:00.000Z' });
  await server.presence.endTimedStatuses();
  expect(await status(server, alice)).toMatchObject({
    status: 'busy',
    message: 'call',
    statusExpiresAt: '2026-01-01T01:00:00.000Z',
  });
  server.wait(60 * 60_000);
  await server.presence.endTimedStatuses();
  const after = await status(server, alice);
  expect(after).toMatchObject({ status: 'online', message: 'here' });
  expect(after).not.toHaveProperty('statusExpiresAt');
});

test('presence is listed in full, by ids, and as changes since a time', async () => {
  const server = await startAccounts();
  const alice = await server.person('alice');
  const bob = await server.person('bob');
  server.wait(1000);
  const before = new Date(server.ctx.clock.now()).toISOString();
  server.wait(1000);
  for (const { uid } of [alice, bob]) server.presence.connected(uid, uid);
  await server.presence.settled();
  const list = async (query: string) => {
    const { body } = await server.call(alice, 'GET', `users.presence${query}`);
    return { full: body.full, names: body.users.map((user: { username: string }) => user.username).sort() };
  };
  expect(await list('')).toEqual({ full: true, names: ['alice', 'bob', 'rocket.cat'] });
  expect(await list(`?ids=${bob.uid},nobody`)).toEqual({ full: false, names: ['bob'] });
  expect(await list(`?ids[]=${alice.uid}&ids[]=${bob.uid}`)).toEqual({
    full: false,
    names: ['alice', 'bob'],
  });
  expect(await list(`?from=${before}`)).toEqual({ full: false, names: ['bob'] });
  const { body } = await server.call(alice, 'GET', `users.presence?ids=${bob.uid}`);
  expect(body.users).toEqual([{ _id: bob.uid, username: 'bob', name: 'bob', status: 'online' }]);
  await server.set('Presence_broadcast_disabled', true);
  expect(await list('')).toEqual({ full: true, names: [] });
});
