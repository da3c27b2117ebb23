import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Frame } from '../../../test/support/ddp-client.ts';
import { type RoomWorld, startRoomWorld, type TestRoom } from '../../../test/support/rooms.ts';
import type { Person } from '../../../test/support/server.ts';
import { recordActivity } from '../../rooms/rooms.store.ts';
import { clearWords, removeWords, rowsWithWords } from '../../storage/word-index.ts';
import { reviveMessage } from '../message.ts';
import { insertMessage } from '../messages.store.ts';
import { indexMessages } from './index-messages.ts';
import { INDEX_BATCH, indexedUpTo } from './message-words.store.ts';

let world: RoomWorld;
let alice: Person;
let bob: Person;
let room: TestRoom;

beforeAll(async () => {
  world = await startRoomWorld();
  ({ alice, bob } = world);
  await world.admin.post('permissions.update', {
    permissions: [{ _id: 'api-bypass-rate-limit', roles: ['admin', 'bot', 'app', 'user'] }],
  });
  room = await world.channel([bob]);
});
afterAll(() => world.close());

const ctx = () => world.server.server.ctx;

async function search(person: Person, searchText: string, more: Record<string, string> = {}) {
  const answer = await person.get('chat.search', { roomId: room._id, searchText, ...more });
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  return (answer.body.messages as { msg: string }[]).map(({ msg }) => msg);
}

/** What the index says of a word. */
async function indexed(word: string): Promise<number[]> {
  return rowsWithWords(ctx().db, { word }, { order: 'oldest-first', beyond: 0, limit: 100 });
}

describe('refusals', () => {
  test('who is not logged in', async () => {
    const { status } = await world.server.anonymous.get('chat.search', { roomId: room._id, searchText: 'a' });
    expect(status).toBe(401);
  });

  test.each([[{ searchText: 'a' }], [{ roomId: 'r' }], [{ roomId: 'r', searchText: 'a', other: '1' }]])(
    'parameters %j',
    async (query) => {
      const { status, body } = await alice.get('chat.search', query as unknown as Record<string, string>);
      expect([status, body.errorType]).toEqual([400, 'error-invalid-params']);
    },
  );

  test('rooms that are unknown, and rooms of others', async () => {
    const group = await world.group();
    await world.say(alice, group._id, 'a secret');
    for (const roomId of ['unknown', group._id]) {
      const { status, body } = await bob.get('chat.search', { roomId, searchText: 'secret' });
      expect([status, body]).toEqual([400, { success: false }]);
      const socket = await bob.ddp();
      expect(await socket.call('messageSearch', 'secret', roomId)).toBe(false);
    }
    const socket = await bob.ddp();
    expect(await socket.call('messageSearch', 'secret')).toEqual({ message: { docs: [] } });
  });

  test('expressions that are none, or too costly', async () => {
    for (const searchText of ['/(/', '/a(?=b)/', '/(a)\\1/', '/a/x', `/${'[ab]{300}'.repeat(5)}/`]) {
      const { status, body } = await bob.get('chat.search', { roomId: room._id, searchText });
      expect([searchText, status, body.errorType]).toEqual([
        searchText,
        400,
        'error-invalid-regular-expression',
      ]);
    }
  });

  test('people who were banned since', async () => {
    const group = await world.group([bob]);
    await world.say(alice, group._id, 'whispered');
    const socket = await bob.ddp();
    expect(await socket.call('messageSearch', 'whispered')).toMatchObject({ message: { docs: [{}] } });
    await world.ban(group._id, bob);
    expect(await socket.call('messageSearch', 'whispered')).toEqual({ message: { docs: [] } });
  });
});

/** Each of these must say the same of messages that are in the index and of those that are not yet. */
describe.each(['not indexed', 'indexed'])('messages that are %s', (state) => {
  beforeEach(async () => {
    if (state === 'indexed') await indexMessages(ctx());
  });
  let sent: Record<'meeting' | 'cake' | 'release' | 'plain', { _id: string }>;

  beforeAll(async () => {
    room = await world.channel([bob]);
    const say = (person: Person, msg: string) => world.say(person, room._id, msg);
    sent = {
      meeting: await say(alice, 'The meeting is in the small room, @bob'),
      cake: await say(bob, 'Crème brûlée for the small party https://cakes.example.com'),
      release: await say(alice, 'Release 2.0 is out: 明日の会議で'),
      plain: await say(bob, 'a room, not small'),
    } as typeof sent;
    await bob.post('chat.starMessage', { messageId: sent.meeting._id });
    await alice.post('chat.pinMessage', { messageId: sent.cake._id });
  });

  const texts = { meeting: 'The meeting', cake: 'Crème', release: 'Release', plain: 'a room' } as const;
  const ALL = ['plain', 'release', 'cake', 'meeting'] as const;

  test.each<[string, readonly (keyof typeof texts)[]]>([
    ['meeting', ['meeting']],
    ['MEETING nothing', ['meeting']],
    ['small', ['plain', 'cake', 'meeting']],
    ['"small room"', ['meeting']],
    ['small -room', ['cake']],
    ['creme', ['cake']],
    ['brul*', ['cake']],
    ['brul', []],
    ['会議', ['release']],
    ['議', ['release']],
    ['"release 2.0"', ['release']],
    ['from:bob small', ['plain', 'cake']],
    ['from:b.b small', ['plain', 'cake']],
    ['from:me from:alice from:nobody small', ['plain', 'cake', 'meeting']],
    ['FROM:alice', ['release', 'meeting']],
    ['mention:bob', ['meeting']],
    ['has:star', ['meeting']],
    ['has:star room', ['meeting']],
    ['has:star cake', []],
    ['has:url', ['cake']],
    ['has:link small', ['cake']],
    ['is:pinned', ['cake']],
    ['has:pin has:star', []],
    ['has:location', []],
    ['has:map', []],
    ['on:01/01/2001 small', []],
    ['after:01-01-2001 before:31.12.2999 small', ['plain', 'cake', 'meeting']],
    ['before:01/01/2001', []],
    ['after:01/01/2999', []],
    ['small order:asc', ['meeting', 'cake', 'plain']],
    ['small sort:ascending', ['meeting', 'cake', 'plain']],
    ['small sort:desc', ['plain', 'cake', 'meeting']],
    ['small order:relevance', ['plain', 'meeting', 'cake']],
    ['small sort:RELEVANCE meeting', ['meeting', 'plain', 'cake']],
    ['"small room" order:relevance', ['meeting']],
    ['/small/ order:relevance', ['plain', 'cake', 'meeting']],
    ['has:url order:relevance', ['cake']],
    ['/^the.*room/i', ['meeting']],
    ['/^the.*room/', []],
    ['/small/', ['plain', 'cake', 'meeting']],
    ['from:bob /small/', ['plain', 'cake']],
    ['', []],
    ['   ', []],
    ['!!!', []],
    ['-small', []],
  ])('%j', async (searchText, expected) => {
    const found = await search(bob, searchText);
    const people = found.filter((msg) => Object.values(texts).some((start) => msg.startsWith(start)));
    expect(people.map((msg) => ALL.find((name) => msg.startsWith(texts[name])))).toEqual(expected);
  });

  test('operators alone find everything, system messages too', async () => {
    const found = await search(bob, 'sort:asc');
    expect(found.filter((msg) => msg !== '').length).toBeGreaterThanOrEqual(4);
    expect(found[0]).toBe('The meeting is in the small room, @bob');
  });

  test('answers as every list of messages does: whole, with the own star only, in pages', async () => {
    const { body } = await bob.get('chat.search', { roomId: room._id, searchText: 'meeting' });
    const { body: one } = await bob.get('chat.getMessage', { msgId: sent.meeting._id });
    expect(body).toEqual({ messages: [one.message], success: true });
    expect(one.message.starred).toEqual([{ _id: bob.uid }]);
    const { body: others } = await alice.get('chat.search', { roomId: room._id, searchText: 'meeting' });
    expect(others.messages[0].starred).toEqual([]);
    expect(await search(bob, 'small', { count: '1', offset: '1' })).toEqual([
      'Crème brûlée for the small party https://cakes.example.com',
    ]);
    expect(await search(bob, 'small', { offset: '9' })).toEqual([]);
    expect(await search(bob, 'small', { count: '0' })).toHaveLength(3);
  });

  test('where everything is an expression, what is none is looked for as it is', async () => {
    await world.withSettings({ Message_AlwaysSearchRegExp: true }, async () => {
      expect(await search(bob, 'SM.LL P')).toHaveLength(1);
      expect(await search(bob, '2.0 (')).toEqual([]);
      expect(await search(bob, 'room, @')).toHaveLength(1);
    });
  });

  test('over DDP: the same, also in all own rooms, and in those that are named', async () => {
    const socket = await bob.ddp();
    const found = async (method: string, ...params: unknown[]) => {
      const { message } = (await socket.call(method, ...params)) as { message: { docs: { _id: string }[] } };
      return message.docs.map(({ _id }) => _id);
    };
    expect(await found('messageSearch', 'meeting', room._id)).toEqual([sent.meeting._id]);
    expect(await found('messageSearch', 'small', room._id, 1, 2)).toEqual([sent.meeting._id]);
    expect(await found('messageSearch', 'small', null, null)).toContain(sent.cake._id);
    expect(await found('rocketchatSearch.search', 'cakes', { rid: room._id }, { limit: 1 })).toEqual([
      sent.cake._id,
    ]);
    const small = `small in:${room.name}`;
    expect(await found('rocketchatSearch.search', `${small} order:desc`)).toEqual([
      sent.plain._id,
      sent.cake._id,
      sent.meeting._id,
    ]);
    expect(await socket.call('rocketchatSearch.getProvider')).toMatchObject({
      key: 'defaultProvider',
      supportsSuggestions: false,
      settings: { GlobalSearchEnabled: false, PageSize: 20 },
    });
    // Where no room is given those come first that say it in the fewest words.
    expect(await found('rocketchatSearch.search', small)).toEqual([
      sent.plain._id,
      sent.meeting._id,
      sent.cake._id,
    ]);
    expect(await found('messageSearch', small, null, 1, 1)).toEqual([sent.meeting._id]);
    expect(await found('messageSearch', 'small in:elsewhere')).toEqual([]);
    expect(await found('messageSearch', 'small in:elsewhere', room._id)).toEqual([]);
  });
});

test('what is ranked says how well it fits: rare words, said often, in short messages', async () => {
  const place = await world.channel([bob]);
  const texts = [
    'report',
    'the report on the report',
    'the report of the year about everything',
    'report zebra',
  ];
  for (const text of texts) await world.say(alice, place._id, text);
  const searchText = 'report zebra order:relevance';
  const { messages } = (await bob.get('chat.search', { roomId: place._id, searchText })).body;
  expect(messages.map(({ msg }: Frame) => msg)).toEqual([
    'report zebra',
    'report',
    'the report on the report',
    'the report of the year about everything',
  ]);
  const scores = messages.map(({ score }: Frame) => score);
  expect(scores).toEqual([...scores].sort((one, other) => other - one));
  const next = { roomId: place._id, searchText, count: 2, offset: 1 };
  expect((await bob.get('chat.search', next)).body.messages).toEqual(messages.slice(1, 3));
  const byTime = (await bob.get('chat.search', { roomId: place._id, searchText: 'zebra' })).body.messages;
  expect(byTime[0].score).toBeUndefined();
});

describe('the days of an operator', () => {
  test('are those of the searcher, and end at midnight', async () => {
    room = await world.channel([bob]);
    for (const [id, ts] of [
      ['eve', '2020-03-01T23:30:00.000Z'],
      ['noon', '2020-03-02T12:00:00.000Z'],
      ['late', '2020-03-03T00:00:00.000Z'],
    ] as const) {
      const { _id } = await world.say(alice, room._id, `dated ${id}`);
      await ctx().write(async (tx) => {
        const { doc } = await tx
          .selectFrom('messages')
          .select('doc')
          .where('id', '=', _id)
          .executeTakeFirstOrThrow();
        const aged = JSON.stringify({ ...JSON.parse(doc), ts });
        await tx
          .updateTable('messages')
          .set({ ts: Date.parse(ts), doc: aged })
          .where('id', '=', _id)
          .execute();
      });
    }
    expect(await search(bob, 'dated on:02/03/2020')).toEqual(['dated noon']);
    expect(await search(bob, 'dated before:2/3/2020')).toEqual(['dated eve']);
    expect(await search(bob, 'dated after:2/3/2020')).toEqual(['dated late']);
    await bob.post('users.setPreferences', { data: { utcOffset: 1 } });
    const socket = await bob.ddp();
    await socket.call('userSetUtcOffset', 1);
    expect(await search(bob, 'dated on:02-03-2020')).toEqual(['dated noon', 'dated eve']);
    await socket.call('userSetUtcOffset', 0);
  });
});

describe('the index', () => {
  beforeAll(async () => {
    room = await world.channel([bob]);
  });

  test('takes up every 512 messages with the last of them, and is searched with what is newer', async () => {
    const first = await indexedUpTo(ctx().db);
    const { doc } = await ctx().db.selectFrom('messages').select('doc').executeTakeFirstOrThrow();
    for (let index = 0; index < INDEX_BATCH + 10; index += 1) {
      const message = {
        ...reviveMessage(doc),
        _id: `filling-${index}`,
        rid: room._id,
        u: { _id: bob.uid, username: 'bob' },
      };
      await ctx().write((tx) =>
        insertMessage(tx, { ...message, ts: new Date(ctx().clock.stamp()), msg: `filling ${index}` }),
      );
    }
    await ctx().write((tx) =>
      recordActivity(tx, room._id, ctx().clock.stamp(), { messages: INDEX_BATCH + 10, members: 0 }),
    );
    const upTo = await indexedUpTo(ctx().db);
    expect(upTo).toBeGreaterThan(first);
    const { newest } = await ctx()
      .db.selectFrom('messages')
      .select((eb) => eb.fn.max('seq').as('newest'))
      .executeTakeFirstOrThrow();
    expect(newest - upTo).toBeLessThan(INDEX_BATCH);
    for (const [order, sequence] of [
      ['desc', [521, 520, 519]],
      ['asc', [0, 1, 2]],
    ] as const)
      expect(await search(bob, `filling sort:${order}`, { count: '3' })).toEqual(
        sequence.map((index) => `filling ${index}`),
      );
    expect(await search(bob, 'filling', { offset: '500', count: '100' })).toHaveLength(22);
  });

  test('follows an edit, a removal and a deletion at once', async () => {
    const { _id } = await world.say(bob, room._id, 'firstword stays');
    await indexMessages(ctx());
    const [seq] = await indexed('firstword');
    expect(seq).toBeGreaterThan(0);
    await bob.post('chat.update', { roomId: room._id, msgId: _id, text: 'secondword stays' });
    expect([await indexed('firstword'), await indexed('secondword')]).toEqual([[], [seq]]);
    expect(await search(bob, 'firstword')).toEqual([]);
    expect(await search(bob, 'secondword')).toEqual(['secondword stays']);
    await bob.post('chat.delete', { roomId: room._id, msgId: _id });
    expect([await indexed('secondword'), await indexed('stays')]).toEqual([[], []]);
    expect(await search(bob, 'secondword')).toEqual([]);
  });

  test.each([
    [{ Message_KeepHistory: true }],
    [{ Message_ShowDeletedStatus: true }],
    [{ Message_KeepHistory: true, Message_ShowDeletedStatus: true }],
  ])('keeps nothing of what is deleted with %j', async (settings) => {
    const { _id } = await world.say(bob, room._id, 'hiddenword');
    await indexMessages(ctx());
    await world.withSettings(settings, async () => {
      await bob.post('chat.delete', { roomId: room._id, msgId: _id });
      await indexMessages(ctx());
      expect(await indexed('hiddenword')).toEqual([]);
      expect(await search(bob, 'hiddenword')).toEqual([]);
    });
  });

  test('keeps nothing of a change that was taken back', async () => {
    const { _id } = await world.say(bob, room._id, 'lastingword');
    await indexMessages(ctx());
    const [seq] = await indexed('lastingword');
    const failing = ctx().write(async (tx) => {
      await removeWords(tx, [{ seq: Number(seq), words: 'lastingword' }]);
      throw new Error('taken back');
    });
    await expect(failing).rejects.toThrow('taken back');
    expect(await indexed('lastingword')).toEqual([seq]);
    expect(await search(bob, 'lastingword')).toHaveLength(1);
    expect(_id).toBeTruthy();
  });

  test('forgets rooms and people that are deleted, and nothing else', async () => {
    const doomed = await world.channel([bob]);
    const dora = await world.server.person('dora');
    await dora.post('channels.join', { roomId: room._id });
    await world.say(bob, doomed._id, 'sharedword doomed');
    await world.say(dora, room._id, 'sharedword dora');
    await world.say(bob, room._id, 'sharedword kept');
    await indexMessages(ctx());
    expect(await indexed('sharedword')).toHaveLength(3);
    await alice.post('channels.delete', { roomId: doomed._id });
    expect(await indexed('sharedword')).toHaveLength(2);
    const deleted = await world.admin.post('users.delete', { userId: dora.uid, confirmRelinquish: true });
    expect(deleted.body).toMatchObject({ success: true });
    expect(await indexed('sharedword')).toHaveLength(1);
    expect(await search(bob, 'sharedword')).toEqual(['sharedword kept']);
  });

  test('may be made anew at any time', async () => {
    await ctx().write(async (tx) => {
      await clearWords(tx);
      await tx.updateTable('indexed_messages').set({ up_to: 0 }).execute();
    });
    const before = await search(bob, 'filling', { count: '100' });
    await indexMessages(ctx());
    expect(await search(bob, 'filling', { count: '100' })).toEqual(before);
    expect(before).toHaveLength(100);
  });
});

test('a search that takes too long answers with what it has', async () => {
  const { limits } = ctx().config;
  const patience = limits.searchMs;
  await indexMessages(ctx());
  await world.say(bob, room._id, 'filling the newest, which is looked at first');
  Object.assign(limits, { searchMs: 0 });
  try {
    expect(await search(bob, 'filling')).toEqual(['filling the newest, which is looked at first']);
  } finally {
    Object.assign(limits, { searchMs: patience });
  }
});
