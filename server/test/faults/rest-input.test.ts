import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Endpoint } from '../../src/rest/endpoint.ts';
import { type Person, startServer, type TestServer } from '../support/server.ts';
import { hostileInputs, type Known, queryText } from './support/hostile-inputs.ts';
import {
  HOSTILE_BODIES,
  HOSTILE_QUERIES,
  HOSTILE_QUERY_VALUES,
  HOSTILE_TEXTS,
  HOSTILE_VALUES,
} from './support/hostile-values.ts';
import { expectStillServing } from './support/proof.ts';
import { type RawAnswer, RawHttp, type RawRequest } from './support/raw-http.ts';

/** Every declared endpoint gets every kind of wrong input. New endpoints are covered by being declared. */

let server: TestServer;
let http: RawHttp;

beforeAll(async () => {
  // With the parameters that are off by default: they are the ones that reach deepest.
  server = await startServer({
    allowUnsafeQueryAndFields: true,
    settingOverrides: { Block_Multiple_Failed_Logins_Enabled: 'false' },
  });
  http = new RawHttp(server.port);
});
afterAll(async () => {
  http.close();
  await server.close();
});

const JSON_TYPE = { 'content-type': 'application/json' };

interface Attempt extends RawRequest {
  what: string;
}

test("no input makes an administrator's call fail with a server error", async () => {
  const faults: string[] = [];
  const answered = new Set<string>();
  for (const endpoint of server.server.doors.endpoints) {
    const name = `${endpoint.method} ${endpoint.path}`;
    let caller = await disposableAdmin();
    const known = await freshWorld(caller, endpoint);
    await inParallel(attemptsFor(endpoint, known), async (attempt) => {
      const headers = { ...credentialsOf(caller), ...attempt.headers };
      const answer = await http.send({ ...attempt, headers });
      if (answer.status === 200) answered.add(name);
      // The call before was a logout, or the like.
      if (answer.status === 401 && headers['x-auth-token'] === caller.token) caller = await disposableAdmin();
      const fault = faultIn(endpoint, answer);
      if (fault) faults.push(`${attempt.method} ${attempt.path.slice(0, 120)} ${attempt.what}: ${fault}`);
    });
    if (!answered.has(name)) console.log('never', name);
  }
  expect(faults).toEqual([]);
  await expectStillServing(server);
}, 90_000);

test('without a token every input gets the one 401, or the documented answer of a public endpoint', async () => {
  const faults: string[] = [];
  for (const endpoint of server.server.doors.endpoints) {
    const known = await freshWorld(server.admin, endpoint);
    const attempts = endpoint.auth === 'none' ? attemptsFor(endpoint, known) : wholeInputsFor(endpoint);
    await inParallel(attempts, async (attempt) => {
      const answer = await http.send(attempt);
      const fault =
        endpoint.auth === 'none'
          ? faultIn(endpoint, answer)
          : answer.status === 401 && answer.text === NOT_LOGGED_IN
            ? undefined
            : `${answer.status} ${answer.text}`;
      if (fault) faults.push(`${attempt.method} ${attempt.path.slice(0, 120)} ${attempt.what}: ${fault}`);
    });
  }
  expect(faults).toEqual([]);
  await expectStillServing(server);
}, 90_000);

const NOT_LOGGED_IN = JSON.stringify({
  success: false,
  error: 'You must be logged in to do this.',
  status: 'error',
  message: 'You must be logged in to do this.',
});

function* attemptsFor(endpoint: Endpoint, known: Known): Generator<Attempt> {
  yield* wholeInputsFor(endpoint);
  const { method } = endpoint;
  const path = pathOf(endpoint);
  if (endpoint.query) {
    for (const { what, input } of hostileInputs(endpoint, endpoint.query, known, HOSTILE_QUERY_VALUES)) {
      yield { method, path: `${path}?${queryText(input)}`, what };
    }
  }
  if (endpoint.body) {
    for (const { what, input } of hostileInputs(endpoint, endpoint.body, known, HOSTILE_VALUES)) {
      const body = JSON.stringify(input);
      yield { method, path, headers: JSON_TYPE, body, what: `${what} in ${body.slice(0, 200)}` };
    }
  }
}

function* wholeInputsFor(endpoint: Endpoint): Generator<Attempt> {
  const { method } = endpoint;
  const path = pathOf(endpoint);
  for (const query of HOSTILE_QUERIES) yield { method, path: `${path}?${query}`, what: 'query string' };
  if (endpoint.path.includes(':')) {
    for (const text of HOSTILE_TEXTS) {
      const segment = encodeURIComponent(text.toWellFormed?.() ?? text);
      yield { method, path: pathOf(endpoint, segment), what: 'path parameter' };
    }
  }
  if (method === 'GET') return;
  for (const body of HOSTILE_BODIES) {
    yield { method, path, headers: JSON_TYPE, body, what: `body ${body?.slice(0, 50)}` };
  }
}

function pathOf({ path }: Endpoint, parameter = 'Site_Name'): string {
  return (path.startsWith('/') ? path : `/api/v1/${path}`).replace(/:\w+/, parameter);
}

/** Why an answer is not one that the documentation knows; undefined when it is. */
function faultIn({ path }: Endpoint, { status, headers, text }: RawAnswer): string | undefined {
  const shown = `${status} ${text.slice(0, 600)}`;
  if (status >= 500 || status < 200) return shown;
  if (headers['content-type'] !== 'application/json') return `${headers['content-type']} ${shown}`;
  const body = JSON.parse(text) as Record<string, unknown>;
  if (path === 'login' || path === 'logout') {
    const expected = status === 200 ? 'success' : 'error';
    if (body.status === expected) return undefined;
  }
  if (status === 200) return body.success === true ? undefined : shown;
  if ((path === 'settings/:_id' || path === 'chat.getMessage') && text === '{"success":false}') return undefined;
  return body.success === false && typeof body.error === 'string' ? undefined : shown;
}

let worlds = 0;

/** New things for each endpoint, because most endpoints change or remove what they are given. */
async function freshWorld(owner: Person, { path }: Endpoint): Promise<Known> {
  worlds += 1;
  const name = `victim-${worlds}`;
  const victim = await server.person(name);
  const made = async (what: string, input: object) => {
    const { status, body } = await owner.post(what, input);
    if (status !== 200) throw new Error(`${what}: ${JSON.stringify(body)}`);
    return body;
  };
  const isGroup = path.startsWith('groups.');
  const isDirect = /^(im|dm)\./.test(path);
  const room = isDirect
    ? (await made('im.create', { username: name })).room
    : isGroup
      ? (await made('groups.create', { name: `room-${worlds}`, members: [name] })).group
      : (await made('channels.create', { name: `room-${worlds}`, members: [name] })).channel;
  const { message } = await made('chat.sendMessage', { message: { rid: room._id, msg: name } });
  const { role } = await made('roles.create', { name: `role-${worlds}` });
  return {
    _id: room._id,
    roomId: room._id,
    rid: room._id,
    channelId: room._id,
    roomName: room.name,
    channelName: room.name,
    'channels.create name': `new-channel-${worlds}`,
    userId: victim.uid,
    username: name,
    usernames: name,
    user: name,
    role: role._id,
    roleId: role._id,
    'roles.create name': `new-role-${worlds}`,
    name: `new-name-${worlds}`,
    pass: 'some password',
    password: 'some password',
    email: `new-${worlds}@example.com`,
    tokenName: 'token',
    msgId: message._id,
    messageId: message._id,
    mid: message._id,
    tmid: message._id,
    firstUnreadMessage: { _id: message._id },
    emoji: ':smile:',
    text: 'some text',
    since: EARLIER,
    updatedSince: EARLIER,
    lastUpdate: EARLIER,
    status: 'busy',
    type: isGroup ? 'c' : 'p',
    value: 'Ours',
    permissionId: 'mention-all',
    permissions: [{ _id: 'mention-all', roles: [role._id] }],
    settings: [{ _id: 'Site_Name', value: 'Ours' }],
    selector: '{"term":"vic"}',
    message: path === 'chat.sendMessage' ? { rid: room._id, msg: 'text' } : 'text',
    'users.create username': `new-user-${worlds}`,
    'users.register username': `new-user-${worlds}`,
  };
}

const EARLIER = '2024-01-01T00:00:00.000Z';

/** Some endpoints end the caller's session or change its account. */
async function disposableAdmin(): Promise<Person> {
  worlds += 1;
  return server.person(`admin-${worlds}`, { roles: ['admin'] });
}

function credentialsOf({ uid, token }: Person): Record<string, string> {
  return { 'x-user-id': uid, 'x-auth-token': token };
}

async function inParallel<T>(items: Iterable<T>, work: (item: T) => Promise<void>): Promise<void> {
  const iterator = items[Symbol.iterator]();
  const worker = async () => {
    for (let next = iterator.next(); !next.done; next = iterator.next()) await work(next.value);
  };
  await Promise.all(Array.from({ length: 8 }, worker));
}
