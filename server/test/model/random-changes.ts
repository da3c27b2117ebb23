import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { randomFrom } from '../support/random.ts';
import type { Answer, Person, TestServer } from '../support/server.ts';
import { type ModelClient, OnlineClient, ReturningClient } from './clients.ts';

const WAVES = 25;
const AT_ONCE = 6;

function seedsOf(range: string): number[] {
  const [first = 1, last = first] = range.split('-').map(Number);
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

interface Chance {
  random(): number;
  pick<T>(from: readonly T[]): T;
  people: readonly Person[];
  admin: Person;
  rids: readonly string[];
  /** Ids with their rooms, the newest last. */
  sent: { rid: string; msgId: string }[];
}

async function say(chance: Chance, person: Person, rid: string): Promise<Answer> {
  const { pick, sent, random } = chance;
  const thread = sent.filter((message) => message.rid === rid);
  const tmid = random() < 0.4 && thread.length > 0 ? pick(thread).msgId : undefined;
  const msg = pick(['hello', '@all', 'hi @bob', 'and @carol?', 'steam']);
  const more = tmid ? { tmid, ...(random() < 0.3 ? { tshow: true } : {}) } : {};
  const answer = await person.post('chat.sendMessage', { message: { rid, msg, ...more } });
  if (answer.status === 200) sent.push({ rid, msgId: answer.body.message._id });
  return answer;
}

function randomChange(chance: Chance): Promise<Answer> {
  const { pick, random, people, admin, rids, sent } = chance;
  const person = random() < 0.1 ? admin : pick(people);
  const rid = pick(rids);
  const userId = pick(people).uid;
  const { rid: roomId, msgId } = sent.length > 0 ? pick(sent.slice(-12)) : { rid, msgId: 'none' };
  const role = pick(['Owner', 'Moderator', 'Leader']);
  const changes: [weight: number, run: () => Promise<Answer>][] = [
    [10, () => say(chance, person, rid)],
    [3, () => person.post('chat.update', { roomId, msgId, text: `edited ${random()}` })],
    [2, () => person.post('chat.delete', { roomId, msgId })],
    [3, () => person.post('chat.react', { messageId: msgId, emoji: pick([':tada:', ':+1:']) })],
    [2, () => person.post(pick(['chat.starMessage', 'chat.unStarMessage']), { messageId: msgId })],
    [2, () => person.post(pick(['chat.pinMessage', 'chat.unPinMessage']), { messageId: msgId })],
    [1, () => person.post(pick(['chat.followMessage', 'chat.unfollowMessage']), { mid: msgId })],
    [3, () => person.post('subscriptions.read', { rid, readThreads: random() < 0.5 })],
    [1, () => person.post('subscriptions.unread', { roomId: rid })],
    [2, () => person.post('rooms.leave', { roomId: rid })],
    [3, () => person.post('rooms.join', { roomId: rid })],
    [2, () => person.post('channels.invite', { roomId: rid, userId })],
    [1, () => person.post('channels.kick', { roomId: rid, userId })],
    [2, () => person.post(`channels.${pick(['add', 'remove'])}${role}`, { roomId: rid, userId })],
    [1, () => person.post('rooms.saveRoomSettings', { rid, roomTopic: `topic ${random()}` })],
    [1, () => person.post('rooms.saveRoomSettings', { rid, readOnly: random() < 0.3 })],
    [1, () => person.post('rooms.favorite', { roomId: rid, favorite: random() < 0.5 })],
    [1, () => person.post('rooms.hide', { roomId: rid })],
    [0.5, () => person.post('users.setStatus', { status: pick(['online', 'busy', 'away']), message: 'x' })],
    [0.3, () => admin.post('users.update', { userId, data: { name: `Name ${Math.floor(random() * 9)}` } })],
  ];
  let left = random() * changes.reduce((sum, [weight]) => sum + weight, 0);
  for (const [weight, run] of changes) {
    left -= weight;
    if (left <= 0) return run();
  }
  return say(chance, person, rid);
}

/**
 * Several people change the same rooms and messages at the same time, at random. When it is quiet again, every client
 * knows what a fresh start would fetch. `MODEL_SEEDS=1000-1200` tries other and more sequences than `usually`.
 */
export function everyClientIsInStepAfterRandomChanges(
  start: () => Promise<TestServer>,
  usually: string,
): void {
  let server: TestServer;

  beforeAll(async () => {
    server = await start();
  });
  afterAll(() => server.close());

  describe.each(seedsOf(process.env.MODEL_SEEDS ?? usually))('with the seed %i', (seed) => {
    test('every client is in step when it is quiet again', async () => {
      const random = randomFrom(seed);
      const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
      const { admin } = server;
      const names = ['alice', 'bob', 'carol', 'dave'].map((name) => (seed === 1 ? name : `${name}-${seed}`));
      const people = await Promise.all(names.map((name) => server.person(name)));
      const [owner] = people as [Person];
      const rids = await Promise.all(
        ['one', 'two'].map(async (name) => {
          const body = { name: `${name}-${seed}`, members: names };
          return (await owner.post('channels.create', body)).body.channel._id as string;
        }),
      );
      const watched = people.map(({ uid }) => uid);
      const online = await Promise.all(people.map((person) => OnlineClient.start(person, watched)));
      const clients: ModelClient[] = [...online, await ReturningClient.start(owner)];
      for (const client of clients) for (const rid of rids) await client.open(rid);

      const chance: Chance = { random, pick, people, admin, rids, sent: [] };
      for (let wave = 0; wave < WAVES; wave++) {
        const answers = await Promise.all(Array.from({ length: AT_ONCE }, () => randomChange(chance)));
        expect(answers.filter(({ status }) => status >= 500).map(({ body }) => body)).toEqual([]);
        // What is looked at in between must not hide what the next wave would have uncovered: not after every one.
        if (wave % 8 === 7) for (const client of clients) await client.expectInStep();
      }
      for (const client of clients) await client.expectInStep();
    }, 60_000);
  });
}
