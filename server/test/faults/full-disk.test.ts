import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { checkInvariants } from '../support/check-invariants.ts';
import type { DdpClient } from '../support/ddp-client.ts';
import { type Answer, logIn, type Person, startServer, type TestServer } from '../support/server.ts';
import { expectStillServing } from './support/proof.ts';

/** The database may not grow any more, as on a full disk: whoever writes is told, and nothing is stored by halves. */

const FULL = { success: false, error: 'The server is out of disk space; nothing was stored' };

const dataDir = mkdtempSync(join(tmpdir(), 'gantry-full-disk-'));
let server: TestServer;
let alice: Person;
let bob: Person;
let rid: string;
let rooms = 0;

beforeAll(async () => {
  server = await startServer({ memory: false, dataDir });
  alice = await server.person('alice', { joinDefaultChannels: true });
  bob = await server.person('bob', { joinDefaultChannels: true });
});
beforeEach(async () => {
  rooms += 1;
  rid = (await alice.post('channels.create', { name: `room-${rooms}`, members: ['bob'] })).body.channel._id;
});
afterEach(async () => {
  await checkInvariants(server);
  await limitPages(1_000_000_000);
  await expectStillServing(server);
});
afterAll(async () => {
  await server.close();
  rmSync(dataDir, { recursive: true });
});

async function limitPages(limit: number): Promise<void> {
  await server.server.storage.transaction(async (tx) => {
    await sql`pragma max_page_count = ${sql.lit(limit)}`.execute(tx);
  });
}

/** From now on the database can take so many pages of 4 KB more. */
async function limitGrowth(pages: number): Promise<void> {
  const count = await server.server.storage.transaction(async (tx) => {
    const { rows } = await sql<{ page_count: number }>`pragma page_count`.execute(tx);
    return rows[0]?.page_count ?? 0;
  });
  await limitPages(count + pages);
}

const send = (msg: string) => alice.post('chat.sendMessage', { message: { rid, msg } });

/** True when it was done, false when it was refused as documented; anything else fails the test. */
function isDone({ status, body }: Answer): boolean {
  if (status === 200) return true;
  expect({ status, body }).toEqual({ status: 503, body: FULL });
  return false;
}

/** Sends until not even the shortest message finds room. Returns the texts that were acknowledged. */
async function fillUp(): Promise<string[]> {
  const stored: string[] = [];
  for (const length of [4000, 500, 1]) {
    for (let refused = 0; refused < 5; ) {
      const msg = `${stored.length} ${'x'.repeat(length)}`;
      if (isDone(await send(msg))) stored.push(msg);
      else refused += 1;
    }
  }
  return stored;
}

const textsIn = async (): Promise<string[]> => {
  const { body } = await alice.get('channels.messages', { roomId: rid, count: 0 });
  return body.messages.filter(({ t }: { t?: string }) => !t).map(({ msg }: { msg: string }) => msg);
};

const toldTo = (socket: DdpClient): string[] =>
  socket
    .events('room-messages', rid)
    .filter(([message]) => !message?.t)
    .map(([message]) => message?.msg);

test('the messages that are acknowledged are stored and told, the refused ones are neither', async () => {
  const socket = await bob.ddp();
  await socket.subscribe('stream-room-messages', rid);
  await limitGrowth(20);
  const stored = await fillUp();
  expect(stored.length).toBeGreaterThan(5);
  await socket.barrier();
  expect(toldTo(socket)).toEqual(stored);
  expect((await textsIn()).reverse()).toEqual(stored);
  const { channel } = (await alice.get('channels.info', { roomId: rid })).body;
  expect(channel.lastMessage.msg).toBe(stored.at(-1));

  await limitPages(1_000_000_000);
  expect((await send('room again')).status).toBe(200);
  expect(
    (await socket.event('room-messages', rid, ([message]) => message?.msg === 'room again')).length,
  ).toBe(1);
});

test('a method is refused with the same words', async () => {
  const socket = await alice.ddp();
  await limitGrowth(2);
  await fillUp();
  const method = socket.call('sendMessage', { rid, msg: 'x'.repeat(4000) });
  await expect(method).rejects.toMatchObject({ error: 'error-unavailable', reason: FULL.error });
});

test('joins and leaves happen or do not happen, whatever was refused', async () => {
  const people: Person[] = [];
  for (let n = 0; n < 20; n++) people.push(await server.person(`person-${n}`));
  const newcomers = people.slice(10);
  const leavers = people.slice(0, 10);
  for (const person of leavers) await person.post('channels.join', { roomId: rid });
  await limitGrowth(2);
  await fillUp();

  const expected = new Set([alice.uid, bob.uid, ...leavers.map(({ uid }) => uid)]);
  let refused = 0;
  const moves = [
    ...leavers.map((person) => ['leave', person] as const),
    ...newcomers.map((person) => ['join', person] as const),
  ];
  await Promise.all(
    moves.map(async ([verb, person]) => {
      if (!isDone(await person.post(`channels.${verb}`, { roomId: rid }))) refused += 1;
      else if (verb === 'leave') expected.delete(person.uid);
      else expected.add(person.uid);
    }),
  );
  expect(refused).toBeGreaterThan(0);
  const { body } = await alice.get('channels.members', { roomId: rid, count: 0 });
  expect(new Set(body.members.map(({ _id }: { _id: string }) => _id))).toEqual(expected);
  expect((await alice.get('channels.info', { roomId: rid })).body.channel.usersCount).toBe(expected.size);
});

test('what could not be created does not exist and can be created once there is room', async () => {
  const room = { name: `large-${rooms}`, members: ['bob'], extraData: { topic: 'x'.repeat(1000) } };
  const person = { username: 'carol', name: 'Carol', email: 'carol@example.com', password: 'a password' };
  await limitGrowth(2);
  await fillUp();
  const created = isDone(await alice.post('channels.create', room));
  expect((await alice.get('channels.info', { roomName: room.name })).status).toBe(created ? 200 : 400);
  const isThere = isDone(await server.admin.post('users.create', person));
  expect((await alice.get('users.info', { username: 'carol' })).status).toBe(isThere ? 200 : 400);
  const isSet = isDone(
    await alice.post('channels.setDescription', { roomId: rid, description: 'x'.repeat(9000) }),
  );
  const { description } = (await alice.get('channels.info', { roomId: rid })).body.channel;
  expect(description === undefined).toBe(!isSet);
  expect([created, isThere, isSet]).toContain(false);

  await limitPages(1_000_000_000);
  if (!created) expect((await alice.post('channels.create', room)).status).toBe(200);
  if (!isThere) expect((await server.admin.post('users.create', person)).status).toBe(200);
});

test('a login that cannot be stored is refused, and those who are logged in can read', async () => {
  await limitGrowth(2);
  await fillUp();
  let refused: Answer | undefined;
  for (let n = 0; n < 200 && !refused; n++) {
    const answer = await server.anonymous.post('login', { user: 'bob', password: bob.password });
    if (answer.status !== 200) refused = answer;
  }
  expect(refused && { status: refused.status, body: refused.body }).toEqual({ status: 503, body: FULL });
  expect((await bob.get('channels.history', { roomId: rid })).status).toBe(200);
  expect((await bob.get('me')).status).toBe(200);
});

test('after a restart the database is whole and has what was acknowledged', async () => {
  await limitGrowth(10);
  const stored = await fillUp();
  await server.close();
  server = await startServer({ memory: false, dataDir });
  alice = await logIn(server.url, 'alice', alice.password);
  expect((await textsIn()).reverse()).toEqual(stored);
  const integrity = await sql<{ integrity_check: string }>`pragma integrity_check`.execute(
    server.server.ctx.db,
  );
  expect(integrity.rows).toEqual([{ integrity_check: 'ok' }]);
});
