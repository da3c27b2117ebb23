import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkInvariants } from '../../test/support/check-invariants.ts';
import type { Frame } from '../../test/support/ddp-client.ts';
import { randomFrom } from '../../test/support/random.ts';
import { type Listener, type RoomWorld, startRoomWorld } from '../../test/support/rooms.ts';
import type { Person } from '../../test/support/server.ts';

/**
 * Several people do random things in a handful of rooms at the same time. Whatever the answers are, the database must
 * keep its invariants, and a client that applied every event must know what a fresh fetch says.
 */

let world: RoomWorld;
let dave: Person;

beforeAll(async () => {
  world = await startRoomWorld();
  dave = await world.server.person('dave');
});
afterAll(() => world.close());

const WAVES = 30;
const AT_ONCE = 8;

/** What a client knows: its subscriptions and rooms by id. */
interface ClientState {
  subscriptions: Map<string, Frame>;
  rooms: Map<string, Frame>;
}

describe.each([11, 22, 33])('random operations with the seed %i', (seed) => {
  test('keep the invariants, and a watching client in step', async () => {
    const { admin, alice, bob, carol, listen } = world;
    const random = randomFrom(seed);
    const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
    const people = [alice, bob, carol, dave];
    // A fresh watcher each time: nobody else's sockets keep their rooms in memory.
    const watcher = await world.server.person(`watcher-${seed}`);
    const everybody = [...people, watcher];
    const rids = (
      await Promise.all([1, 2, 3].flatMap(() => [world.channel(everybody), world.group(everybody)]))
    ).map((room) => room._id);
    const listener = await listen(watcher);
    const state = await fetchState(watcher);
    const framesBefore = listener.socket.frames.length;

    const operation = () => randomOperation({ random, pick, people: everybody, admin, rids });
    for (let wave = 0; wave < WAVES; wave++) {
      const answers = await Promise.all(Array.from({ length: AT_ONCE }, operation));
      const broken = answers.filter(({ status }) => status >= 500);
      expect(broken.map(({ body }) => body)).toEqual([]);
      // Not at the same time: an operation under way shows the name that its caller had when it began.
      if (wave % 5 === 0) await rename(admin, pick(everybody), `Name ${wave}`);
    }
    await checkInvariants(world.server);
    await expectAnOwnerEverywhere();
    await expectInStep(watcher, listener, framesBefore, state);
  }, 60_000);
});

interface Chance {
  random(): number;
  pick<T>(from: readonly T[]): T;
  people: readonly Person[];
  admin: Person;
  rids: string[];
}

function randomOperation({ random, pick, people, admin, rids }: Chance) {
  const person = random() < 0.15 ? admin : pick(people);
  const userId = pick(people).uid;
  const roomId = pick(rids);
  const family = pick(['channels', 'groups']);
  const role = pick(['Owner', 'Moderator', 'Leader']);
  const post = (path: string, body: object) => person.post(path, body);
  const operations: [weight: number, run: () => ReturnType<Person['post']>][] = [
    [4, () => post('rooms.join', { roomId })],
    [4, () => post('rooms.leave', { roomId })],
    [3, () => post(`${family}.kick`, { roomId, userId })],
    [4, () => post(`${family}.invite`, { roomId, userId })],
    [4, () => post(`${family}.add${role}`, { roomId, userId })],
    [3, () => post(`${family}.remove${role}`, { roomId, userId })],
    [2, () => post('rooms.saveRoomSettings', { rid: roomId, roomName: `r-${Math.floor(random() * 20)}` })],
    [2, () => post('rooms.saveRoomSettings', { rid: roomId, roomTopic: `topic ${random()}` })],
    [1, () => post('rooms.saveRoomSettings', { rid: roomId, roomType: pick(['c', 'p']) })],
    [1, () => post('rooms.saveRoomSettings', { rid: roomId, roomCustomFields: { n: random() } })],
    [1, () => post('rooms.changeArchivationState', { rid: roomId, action: 'archive' })],
    [2, () => admin.post('rooms.changeArchivationState', { rid: roomId })],
    [
      6,
      () =>
        post('chat.sendMessage', {
          message: { rid: roomId, msg: pick(['hello', '@all', 'hi @bob', '@alice?']) },
        }),
    ],
    [3, () => post('subscriptions.read', { rid: roomId })],
    [1, () => post('subscriptions.unread', { roomId })],
    [1, () => post('rooms.favorite', { roomId, favorite: random() < 0.5 })],
    [2, () => post('rooms.hide', { roomId })],
    [1, () => post('rooms.open', { roomId })],
    [
      0.3,
      () => post(`${family}.convertToTeam`, { [family === 'channels' ? 'channelId' : 'roomId']: roomId }),
    ],
    [0.3, () => post('rooms.delete', { roomId })],
    [1, () => post('im.create', { username: pick(people).username })],
    [1, () => create(post, family, rids)],
  ];
  let left = random() * operations.reduce((sum, [weight]) => sum + weight, 0);
  for (const [weight, run] of operations) {
    left -= weight;
    if (left <= 0) return run();
  }
  return post('rooms.open', { roomId });
}

async function rename(admin: Person, { uid }: Person, name: string): Promise<void> {
  expect(await admin.post('users.update', { userId: uid, data: { name } })).toMatchObject({ status: 200 });
}

async function create(
  post: (path: string, body: object) => ReturnType<Person['post']>,
  family: string,
  rids: string[],
) {
  const answer = await post(`${family}.create`, { name: world.newName(), members: ['alice', 'bob'] });
  const room = answer.body.channel ?? answer.body.group;
  if (room) rids.push(room._id);
  return answer;
}

/** Nothing that people do to each other leaves a room without an owner. */
async function expectAnOwnerEverywhere(): Promise<void> {
  const { db } = world.server.server.ctx;
  const ownerless = await db
    .selectFrom('rooms')
    .select(['id', 'name'])
    .where('t', 'in', ['c', 'p'])
    .where('id', '!=', 'GENERAL')
    .where('id', 'not in', (eb) => eb.selectFrom('room_roles').select('rid').where('role', '=', 'owner'))
    .execute();
  expect(ownerless).toEqual([]);
}

async function fetchState(person: Person): Promise<ClientState> {
  const [subscriptions, rooms] = [await person.get('subscriptions.get'), await person.get('rooms.get')];
  return { subscriptions: byId(subscriptions.body.update), rooms: byId(rooms.body.update) };
}

const byId = (documents: readonly Frame[]) =>
  new Map(documents.map((document) => [document._id as string, document]));

/** Applies the events as clients do: upsert by id; a room goes with its subscription. */
function applyEvents(frames: readonly Frame[], uid: string, { subscriptions, rooms }: ClientState): void {
  for (const { msg, collection, fields } of frames) {
    if (msg !== 'changed' || collection !== 'stream-notify-user') continue;
    const [action, raw] = fields.args as [string, Frame];
    const document = restDates(raw) as Frame;
    if (fields.eventName === `${uid}/subscriptions-changed`) {
      if (action === 'removed') {
        subscriptions.delete(document._id);
        rooms.delete(document.rid);
      } else subscriptions.set(document._id, document);
    }
    if (fields.eventName === `${uid}/rooms-changed`) {
      if (action === 'removed') rooms.delete(document._id);
      else rooms.set(document._id, document);
    }
  }
}

/**
 * Documents that a message changed for everybody are read and sent after the event that told so; they are waited for by
 * asking again, a bounded number of times.
 */
async function expectInStep(
  person: Person,
  { socket }: Listener,
  from: number,
  state: ClientState,
): Promise<void> {
  const fresh = comparable(await fetchState(person));
  let known = comparable(state);
  let applied = from;
  for (let round = 0; round < 50; round++) {
    await socket.barrier();
    applyEvents(socket.frames.slice(applied), person.uid, state);
    applied = socket.frames.length;
    known = comparable(state);
    if (JSON.stringify(known) === JSON.stringify(fresh)) break;
  }
  expect(known).toEqual(fresh);
}

/**
 * Without `_updatedAt`: an ordinary message changes that of every subscription, but is told only to members who were not
 * alerted yet.
 */
function comparable({ subscriptions, rooms }: ClientState) {
  const plain = (documents: Map<string, Frame>) =>
    [...documents.values()]
      .map(({ _updatedAt, ...document }) => sortedMembers(document) as Frame)
      .sort((a, b) => String(a._id).localeCompare(String(b._id)));
  return { subscriptions: plain(subscriptions), rooms: plain(rooms) };
}

function sortedMembers(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortedMembers);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sortedMembers(inner)]));
}

function restDates(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(restDates);
  if (typeof value !== 'object' || value === null) return value;
  const { $date } = value as { $date?: number };
  if ($date !== undefined) return new Date($date).toISOString();
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, restDates(inner)]));
}
