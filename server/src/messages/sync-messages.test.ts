import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Frame } from '../../test/support/ddp-client.ts';
import { coded, plain, type RoomWorld, startRoomWorld, type TestRoom } from '../../test/support/rooms.ts';
import type { Person } from '../../test/support/server.ts';

let world: RoomWorld;
let alice: Person;
let carol: Person;
let room: TestRoom;

beforeAll(async () => {
  world = await startRoomWorld();
  ({ alice, carol } = world);
  room = await world.group([world.bob]);
});
afterAll(() => world.close());

const sync = async (query: object, person = alice) =>
  (await person.get('chat.syncMessages', { roomId: room._id, ...query })).body;
const ms = (message: Frame | undefined): number => new Date(message?._updatedAt).getTime();
const texts = (messages: Frame[]) => messages.map((message) => message.msg);

describe('chat.syncMessages', () => {
  test('gives what was changed and deleted since a date, newest first', async () => {
    const old = await world.say(alice, room._id, 'old');
    const gone = await world.say(alice, room._id, 'gone');
    const since = new Date(ms(gone)).toISOString();
    expect((await sync({ lastUpdate: since })).result).toEqual({ updated: [], deleted: [] });
    const fresh = await world.say(alice, room._id, 'fresh');
    await alice.post('chat.react', { messageId: old._id, emoji: 'smile' });
    await alice.post('chat.delete', { roomId: room._id, msgId: gone._id });
    const { result } = await sync({ lastUpdate: since });
    expect(result.updated.map((message: Frame) => message._id)).toEqual([fresh._id, old._id]);
    expect(result.deleted).toEqual([{ _id: gone._id, _deletedAt: expect.any(String) }]);
    expect(result.cursor).toBeUndefined();
    // Documented, but without meaning.
    const more = { offset: 1, sort: '{"ts":1}' };
    expect((await sync({ lastUpdate: since, fromTs: fresh.ts, ...more })).result.updated).toHaveLength(1);
  });

  test('a client that follows the cursor sees every change once', async () => {
    const start = ms(await world.say(alice, room._id, 'start'));
    for (let i = 0; i < 5; i++) await world.say(alice, room._id, `c${i}`);
    const seen: string[] = [];
    let next: string | null = String(start);
    while (next !== null) {
      const { result } = await sync({ next, type: 'UPDATED', count: 2 });
      seen.push(...texts(result.updated));
      expect(result.deleted).toEqual([]);
      next = result.cursor.next;
    }
    expect(seen).toEqual(['c0', 'c1', 'c2', 'c3', 'c4']);
  });

  test('backwards, newest first', async () => {
    const messages = [];
    for (let i = 0; i < 4; i++) messages.push(await world.say(alice, room._id, `b${i}`));
    const { result } = await sync({ previous: String(ms(messages[3])), type: 'UPDATED', count: 2 });
    expect(texts(result.updated)).toEqual(['b2', 'b1']);
    expect(result.cursor).toEqual({ next: String(ms(messages[2])), previous: String(ms(messages[1])) });
  });

  test('deletions have a cursor of their own', async () => {
    const start = ms(await world.say(alice, room._id, 'start'));
    const ids = [];
    for (let i = 0; i < 3; i++) ids.push((await world.say(alice, room._id, `d${i}`))._id);
    for (const msgId of ids) await alice.post('chat.delete', { roomId: room._id, msgId });
    const first = (await sync({ next: String(start), type: 'DELETED', count: 2 })).result;
    expect(first.updated).toEqual([]);
    expect(first.deleted.map((each: Frame) => each._id)).toEqual(ids.slice(0, 2));
    const second = (await sync({ next: first.cursor.next, type: 'DELETED', count: 2 })).result;
    expect(second.deleted.map((each: Frame) => each._id)).toEqual(ids.slice(2));
    expect(second.cursor.next).toBeNull();
    const listed = await alice.get('chat.getDeletedMessages', {
      roomId: room._id,
      since: new Date(start).toISOString(),
    });
    expect(listed.body).toMatchObject({ messages: ids.map((_id) => ({ _id })), count: 3, total: 3 });
  });

  test('deletions of one moment stay together, so that no cursor loses some of them', async () => {
    const other = await world.group([]);
    const start = Date.now();
    const { ctx } = world.server.server;
    await ctx.write(async (tx) => {
      for (const [id, at] of [
        ['a', 1],
        ['b', 2],
        ['c', 2],
        ['d', 2],
        ['e', 3],
      ] as const) {
        const row = {
          kind: 'message' as const,
          id: `moment-${id}`,
          scope: other._id,
          deleted_at: start + at,
          doc: '{}',
        };
        await tx.insertInto('tombstones').values(row).execute();
      }
    });
    const pages: string[][] = [];
    let next: string | null = String(start);
    while (next !== null) {
      const { result } = await sync({ roomId: other._id, next, type: 'DELETED', count: 2 });
      pages.push(result.deleted.map((each: Frame) => each._id.slice(-1)));
      next = result.cursor.next;
    }
    expect(pages).toEqual([['a'], ['b', 'c', 'd', 'e']]);
  });

  test('nothing found: no cursors', async () => {
    const far = String(Date.now() + 1e9);
    expect((await sync({ next: far, type: 'UPDATED' })).result).toEqual({
      updated: [],
      deleted: [],
      cursor: { next: null, previous: null },
    });
  });

  test.each<[string, object, string]>([
    ['no room', { roomId: undefined }, 'error-invalid-params'],
    ['neither date nor type', {}, 'error-param-required'],
    ['a date that is none', { lastUpdate: 'yesterday' }, 'error-lastUpdate-param-invalid'],
    ['a cursor without type', { next: '1' }, 'error-param-required'],
    [
      'a date and a cursor without type',
      { next: '1', lastUpdate: '2024-01-01' },
      'error-type-param-required',
    ],
    ['two cursors', { next: '1', previous: '2', type: 'UPDATED' }, 'error-cursor-conflict'],
    [
      'a cursor and a date',
      { next: '1', type: 'UPDATED', lastUpdate: '2024-01-01' },
      'error-cursor-and-lastUpdate-conflict',
    ],
    ['an unknown type', { next: '1', type: 'NEW' }, 'error-invalid-params'],
    ['a cursor that is no number', { next: 'x', type: 'UPDATED' }, 'error-invalid-params'],
  ])('refused: %s', async (_what, query, errorType) => {
    expect(await sync(query)).toMatchObject({ success: false, errorType });
  });

  test('refused for strangers', async () => {
    expect(await sync({ lastUpdate: '2024-01-01' }, carol)).toEqual(
      coded('error-not-allowed', 'Not allowed', { method: 'messages/get' }),
    );
    const listed = await carol.get('chat.getDeletedMessages', { roomId: room._id, since: '2024-01-01' });
    expect(listed.body).toEqual(coded('error-not-allowed', 'Not allowed'));
    const asked = (query: object) => alice.get('chat.getDeletedMessages', { roomId: room._id, ...query });
    const text = 'The "since" query parameter must be a valid date.';
    expect((await asked({ since: 'yesterday' })).body).toEqual(plain(`[${text}]`, text));
    expect((await asked({})).body.errorType).toBe('error-invalid-params');
  });
});
