import { sql } from 'kysely';
import { afterEach, expect, test } from 'vitest';
import { type Db, openStorage } from '../../src/storage/database.ts';
import { silent } from '../../src/storage/testing/temporary.ts';
import { checkInvariants } from '../support/check-invariants.ts';
import { logIn, type Person } from '../support/server.ts';
import { respondJson, startReceiver } from '../support/web-receiver.ts';
import { dataDirectory } from './support/data-directory.ts';
import { ServerProcess } from './support/server-process.ts';

/**
 * `kill -9` in the middle of everything: what was acknowledged is there afterwards, and nothing is there by halves.
 * `npm run durability` kills a hundred times.
 */

const USERS = 6;
const ROUNDS = Number(process.env.CRASH_ROUNDS ?? 3);

let running: ServerProcess | undefined;
afterEach(() => running?.kill());

/** What the server acknowledged, over all rounds. */
interface Acknowledged {
  /** Ids of messages in GENERAL. */
  messages: Set<string>;
  /** By username: whether the person is in `burst`; `unknown` when an answer was still due at the end. */
  inside: Map<string, boolean | 'unknown'>;
  /** By username: how many walks into and out of `burst`. */
  walks: Map<string, number>;
}

test(
  'a killed server loses no acknowledged send, leave or join',
  async () => {
    const dataDir = dataDirectory();
    const acknowledged: Acknowledged = { messages: new Set(), inside: new Map(), walks: new Map() };
    const tokens: Person[] = [];
    for (let round = 1; round <= ROUNDS; round++) {
      running = await ServerProcess.start(dataDir);
      const people = await peopleOf(running, round);
      // A person keeps a limited number of logins; the oldest go.
      await expectStillLoggedIn(running, tokens.slice(-20 * USERS));
      tokens.push(...people);
      await burst(running, people, acknowledged, round);
      await expectKept(dataDir, acknowledged, round);
    }
    expect(acknowledged.messages.size).toBeGreaterThan(100);
    running = await ServerProcess.start(dataDir);
    const [person] = await peopleOf(running, ROUNDS + 1);
    const message = { rid: 'GENERAL', msg: 'still here' };
    expect((await person?.post('chat.sendMessage', { message }))?.status).toBe(200);
  },
  60_000 + ROUNDS * 10_000,
);

test('what a killed server owed to a receiver is delivered after the next start, under the same id', async () => {
  const dataDir = dataDirectory();
  const web = await startReceiver();
  const start = () => ServerProcess.start(dataDir, { GANTRY_OUTBOUND_ALLOW: '127.0.0.1' });
  try {
    // It hangs, so the first call has begun when the server dies, and the second has at most.
    web.answer('/owed', () => {});
    running = await start();
    let root = await logIn(running.url, 'root', 'root-password');
    const created = await root.post('integrations.create', {
      ...{ type: 'webhook-outgoing', username: 'rocket.cat', channel: '#general', name: 'owed' },
      ...{ scriptEnabled: false, enabled: true, event: 'sendMessage', urls: [`${web.url}/owed`] },
    });
    expect(created.status).toBe(200);
    const say = (msg: string) => root.post('chat.sendMessage', { message: { rid: 'GENERAL', msg } });
    expect((await say('one')).status).toBe(200);
    await web.until('/owed', 1);
    expect((await say('two')).status).toBe(200);
    await running.kill();

    const before = web.received('/owed').length;
    web.answer('/owed', respondJson({ text: 'at last' }));
    running = await start();
    await web.until('/owed', before + 2);
    const called = web
      .received('/owed')
      .map(({ body, headers }) => [body.text, headers['x-gantry-delivery']]);
    expect(new Set(called.slice(before).map(([text]) => text))).toEqual(new Set(['one', 'two']));
    expect(new Set(called.map(String)).size).toBe(2);
    // What is answered is posted once for each.
    root = await logIn(running.url, 'root', 'root-password');
    await expect
      .poll(async () => {
        const { body } = await root.get('channels.messages', { roomId: 'GENERAL', count: '50' });
        return body.messages.filter(({ msg }: { msg: string }) => msg === 'at last').length;
      })
      .toBe(2);
  } finally {
    web.close();
  }
}, 60_000);

async function peopleOf({ url }: ServerProcess, round: number): Promise<Person[]> {
  const root = await logIn(url, 'root', 'root-password');
  if (round === 1) await root.post('channels.create', { name: 'burst' });
  const people: Person[] = [];
  for (let n = 0; n < USERS; n++) {
    const [username, password] = [`user-${n}`, `password of ${n}`];
    if (round === 1) {
      const created = await root.post('users.create', {
        ...{ username, password, name: username, email: `${username}@example.com` },
        ...{ joinDefaultChannels: true, verified: true },
      });
      expect(created.status).toBe(200);
    }
    people.push(await logIn(url, username, password));
  }
  return people;
}

/** Logins are acknowledged writes, too. */
async function expectStillLoggedIn({ url }: ServerProcess, people: readonly Person[]): Promise<void> {
  for (const { uid, token } of people) {
    const headers = { 'x-user-id': uid, 'x-auth-token': token };
    expect((await fetch(`${url}/api/v1/me`, { headers })).status).toBe(200);
  }
}

/** Everybody sends without end and walks in and out of `burst`; the server is killed at some moment. */
async function burst(
  server: ServerProcess,
  people: readonly Person[],
  { messages, inside, walks }: Acknowledged,
  round: number,
): Promise<void> {
  const killAfter = messages.size + 100 + Math.floor(Math.random() * 200);
  let killed: Promise<void> | undefined;
  const send = async (person: Person, lane: number) => {
    for (let n = 0; ; n++) {
      const _id = `${person.username}-${round}-${lane}-${n}`;
      const answer = await person.post('chat.sendMessage', {
        message: { _id, rid: 'GENERAL', msg: `number ${n}` },
      });
      expect(answer.status).toBe(200);
      messages.add(_id);
      if (messages.size >= killAfter) killed ??= server.kill();
    }
  };
  const walk = async (person: Person, steps: number) => {
    let isIn = await isMember(person);
    for (let step = 0; step < steps; step++) {
      inside.set(person.username, 'unknown');
      const { status } = await person.post(`channels.${isIn ? 'leave' : 'join'}`, { roomName: 'burst' });
      expect(status).toBe(200);
      isIn = !isIn;
      inside.set(person.username, isIn);
      walks.set(person.username, (walks.get(person.username) ?? 0) + 1);
    }
  };
  const lanes = people.flatMap((person, index) => [
    send(person, 1),
    send(person, 2),
    // Some come to rest before the end, so that where they are is known.
    walk(person, index % 2 === 0 ? 3 + index : Number.POSITIVE_INFINITY),
  ]);
  for (const ended of await Promise.allSettled(lanes)) {
    // The others end when their connection is cut; anything else is a wrong answer.
    if (ended.status === 'rejected' && !(ended.reason instanceof TypeError)) throw ended.reason;
  }
  await killed;
}

async function isMember(person: Person): Promise<boolean> {
  const { body } = await person.get('rooms.isMember', { roomName: 'burst', userId: person.uid });
  return body.isMember;
}

/** Reads the database as the killed server left it. */
async function expectKept(
  dataDir: string,
  { messages, inside, walks }: Acknowledged,
  round: number,
): Promise<void> {
  const storage = await openStorage({ memory: false, dataDir, log: silent });
  try {
    const { db } = storage;
    const { rows } = await sql<{ integrity_check: string }>`pragma integrity_check`.execute(db);
    expect(rows).toEqual([{ integrity_check: 'ok' }]);
    await checkInvariants({ server: { ctx: { db } } });
    const kept = new Set((await db.selectFrom('messages').select('id').execute()).map(({ id }) => id));
    expect([...messages].filter((id) => !kept.has(id))).toEqual([]);
    const members = await membersOf(db, 'burst');
    const known = [...inside].filter(([, isIn]) => isIn !== 'unknown');
    expect(known.length).toBeGreaterThan(0);
    expect(known.map(([username]) => [username, members.has(username)])).toEqual(known);
    // Each walk left its system message; of those that were not answered each round has one at most.
    const told = await walksIn(db, 'burst');
    for (const [username, count] of walks) {
      const { joined, left } = told.get(username) ?? { joined: 0, left: 0 };
      expect([username, joined - left]).toEqual([username, members.has(username) ? 1 : 0]);
      expect(joined + left).toBeGreaterThanOrEqual(count);
      expect(joined + left).toBeLessThanOrEqual(count + round);
    }
  } finally {
    await storage.close();
  }
}

async function membersOf(db: Db, room: string): Promise<Set<string>> {
  const rows = await db
    .selectFrom('subscriptions as s')
    .innerJoin('rooms as r', 'r.id', 's.rid')
    .innerJoin('users as u', 'u.id', 's.uid')
    .select('u.username')
    .where('r.name', '=', room)
    .execute();
  return new Set(rows.map(({ username }) => username ?? ''));
}

async function walksIn(db: Db, room: string): Promise<Map<string, { joined: number; left: number }>> {
  const rows = await db
    .selectFrom('messages as m')
    .innerJoin('rooms as r', 'r.id', 'm.rid')
    .innerJoin('users as u', 'u.id', 'm.uid')
    .select(['u.username', 'm.t'])
    .where('r.name', '=', room)
    .where('m.t', 'in', ['uj', 'ul'])
    .execute();
  const walks = new Map<string, { joined: number; left: number }>();
  for (const { username, t } of rows) {
    const walk = walks.get(username ?? '') ?? { joined: 0, left: 0 };
    if (t === 'uj') walk.joined += 1;
    else walk.left += 1;
    walks.set(username ?? '', walk);
  }
  return walks;
}
