import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Answer, type Person, startServer, type TestServer } from '../support/server.ts';

/** Device management (spec 20, "Sessions"). */

let server: TestServer;
let alice: Person;
let bob: Person;

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:121.0) Gecko/20100101 Firefox/121.0';

beforeAll(async () => {
  server = await startServer();
  alice = await server.person('alice');
  bob = await server.person('bob');
});
afterAll(() => server.close());

/** Logs in once more, with Firefox. */
async function anotherLogin(person: Person): Promise<{ token: string; sessionId: string }> {
  const form = { user: person.username, password: person.password };
  const { body } = await server.anonymous.post('login', form, { 'user-agent': FIREFOX });
  const { sessions } = (await person.get('sessions/list', { filter: 'firefox' })).body;
  return { token: body.data.authToken, sessionId: sessions[0].sessionId };
}

const works = async ({ uid }: Person, token: string) =>
  (await server.anonymous.get('me', {}, { 'x-user-id': uid, 'x-auth-token': token })).status === 200;

test('everybody sees the own sessions, which device they are on, and which one asks', async () => {
  const { sessionId } = await anotherLogin(alice);
  const { status, body } = await alice.get('sessions/list');
  expect(status).toBe(200);
  expect(body).toMatchObject({ count: 2, offset: 0, total: 2, success: true });
  const [newest, first] = body.sessions;
  expect(newest).toEqual({
    _id: sessionId,
    sessionId,
    userId: alice.uid,
    current: false,
    loginAt: expect.any(String),
    ip: '127.0.0.1',
    host: expect.any(String),
    device: {
      ...{ type: 'browser', name: 'Firefox', longVersion: '121.0', version: '121.0' },
      os: { name: 'Linux', version: '' },
    },
  });
  expect(first.current).toBe(true);
  const { body: info } = await alice.get('sessions/info', { sessionId });
  const { loginAt } = newest;
  const [year, month, day] = loginAt.slice(0, 10).split('-').map(Number);
  expect(info).toEqual({
    ...{ ...newest, type: 'session', year, month, day },
    ...{ createdAt: loginAt, _updatedAt: loginAt, success: true },
  });
});

test('a session is ended by its owner: its token and its sockets are gone, the others stay', async () => {
  const { token, sessionId } = await anotherLogin(bob);
  expect(await works(bob, token)).toBe(true);
  const ended = await bob.post('sessions/logout.me', { sessionId });
  expect(ended).toMatchObject({ status: 200, body: { sessionId, success: true } });
  expect(await works(bob, token)).toBe(false);
  expect(await works(bob, bob.token)).toBe(true);
  const again = await bob.post('sessions/logout.me', { sessionId });
  expect(again).toMatchObject({ status: 404, body: { success: false, error: 'Session not found' } });
});

test('administrators see and end the sessions of all, and that is written down', async () => {
  const { token, sessionId } = await anotherLogin(bob);
  const list = await server.admin.get('sessions/list.all', { filter: 'bob', sort: '{"loginAt":-1}' });
  expect(list.body.sessions).toMatchObject([
    { sessionId, userId: bob.uid, _user: { username: 'bob', name: 'bob' } },
    { userId: bob.uid },
  ]);
  const info = await server.admin.get('sessions/info.admin', { sessionId });
  expect(info.body).toMatchObject({ sessionId, device: { name: 'Firefox' }, _user: { username: 'bob' } });
  expect((await server.admin.post('sessions/logout', { sessionId })).body).toEqual({
    sessionId,
    success: true,
  });
  expect(await works(bob, token)).toBe(false);
  const { events } = (await server.admin.get('audit.actions', { count: 1 })).body;
  expect(events[0]).toMatchObject({ t: 'user.loggedOut' });
  expect(events[0].data).toContainEqual({ key: 'sessionId', value: sessionId });
});

test.each(['loginAt', 'device.name', 'device.os.name', '_user.username', '_user.name'])(
  'sessions are sorted by %s, both ways',
  async (key) => {
    const valuesBy = async (direction: 1 | -1): Promise<string[]> => {
      const query = { sort: JSON.stringify({ [key]: direction }), count: 100 };
      const { body } = await server.admin.get('sessions/list.all', query);
      expect(body.success).toBe(true);
      // biome-ignore lint/suspicious/noExplicitAny: walks down the path of the key
      return body.sessions.map((session: any) => key.split('.').reduce((part, name) => part[name], session));
    };
    const upwards = await valuesBy(1);
    expect(new Set(upwards).size).toBeGreaterThan(1);
    expect(upwards).toEqual([...upwards].sort());
    expect(await valuesBy(-1)).toEqual([...upwards].reverse());
  },
);

test('personal access tokens are no sessions', async () => {
  const before = (await alice.get('sessions/list')).body.total;
  await alice.post('users.generatePersonalAccessToken', { tokenName: 'bot' });
  expect((await alice.get('sessions/list')).body.total).toBe(before);
});

const FORBIDDEN = {
  status: 403,
  body: { error: 'User does not have the permissions required for this action [error-unauthorized]' },
};
const bobsSession = async () => (await bob.get('sessions/list')).body.sessions[0].sessionId;

test.each<[string, () => Promise<Answer>, object]>([
  ['no login', () => server.anonymous.get('sessions/list'), { status: 401 }],
  [
    'another key to sort by',
    () => alice.get('sessions/list', { sort: '{"ip":1}' }),
    { status: 400, body: { success: false, error: 'error-invalid-sort-keys' } },
  ],
  ['all sessions without permission', () => alice.get('sessions/list.all'), FORBIDDEN],
  ['any session without permission', () => alice.get('sessions/info.admin', { sessionId: 'x' }), FORBIDDEN],
  [
    'ending any session without permission',
    () => alice.post('sessions/logout', { sessionId: 'x' }),
    FORBIDDEN,
  ],
  [
    "somebody else's session",
    async () => alice.get('sessions/info', { sessionId: await bobsSession() }),
    { status: 404 },
  ],
  [
    "ending somebody else's session",
    async () => alice.post('sessions/logout.me', { sessionId: await bobsSession() }),
    { status: 404 },
  ],
  [
    'an unknown session',
    () => server.admin.get('sessions/info.admin', { sessionId: 'x' }),
    { status: 404, body: { error: 'Session not found' } },
  ],
  [
    'ending an unknown session',
    () => server.admin.post('sessions/logout', { sessionId: 'x' }),
    { status: 404 },
  ],
  [
    'no session named',
    () => alice.post('sessions/logout.me', {}),
    { status: 400, body: { errorType: 'error-invalid-params' } },
  ],
])('refused: %s', async (_, call, expected) => {
  expect(await call()).toMatchObject(expected);
});
