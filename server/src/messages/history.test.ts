import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Frame } from '../../test/support/ddp-client.ts';
import {
  coded,
  NOT_LOGGED_IN,
  plain,
  type RoomWorld,
  startRoomWorld,
  type TestRoom,
  withPermission,
} from '../../test/support/rooms.ts';
import type { Person } from '../../test/support/server.ts';

let world: RoomWorld;
let alice: Person;
let bob: Person;
let carol: Person;
let room: TestRoom;
/** m1 .. m5, then a thread reply under m1 and one that is also shown in the room. */
let said: Frame[];

beforeAll(async () => {
  world = await startRoomWorld();
  ({ alice, bob, carol } = world);
  room = await world.channel([bob]);
  said = [];
  for (const text of ['m1', 'm2', 'm3', 'm4', 'm5']) said.push(await world.say(alice, room._id, text));
  const tmid = said[0]?._id;
  await alice.post('chat.sendMessage', { message: { rid: room._id, msg: 'reply', tmid } });
  await alice.post('chat.sendMessage', { message: { rid: room._id, msg: 'shown reply', tmid, tshow: true } });
});
afterAll(() => world.close());

const at = (index: number): string => said[index]?.ts;
const texts = (messages: Frame[]) => messages.map((message) => message.msg);

async function history(query: object, person = bob, path = 'channels.history') {
  const { status, body } = await person.get(path, { roomId: room._id, ...query });
  expect(status).toBe(200);
  return body;
}

describe('channels.history', () => {
  test('newest first, without thread replies that are not shown in the room', async () => {
    const { messages, success, ...rest } = await history({});
    expect(texts(messages)).toEqual(['shown reply', 'm5', 'm4', 'm3', 'm2', 'm1']);
    expect({ success, rest }).toEqual({ success: true, rest: {} });
    const all = await history({ showThreadMessages: 'true' });
    expect(texts(all.messages)).toEqual(['shown reply', 'reply', 'm5', 'm4', 'm3', 'm2', 'm1']);
  });

  test.each([
    ['exclusive', {}, ['m3']],
    ['inclusive', { inclusive: 'true' }, ['m4', 'm3', 'm2']],
  ])('bounds are %s', async (_how, more, expected) => {
    const { messages } = await history({ latest: at(3), oldest: at(1), ...more });
    expect(texts(messages)).toEqual(expected);
  });

  test('offset and count', async () => {
    expect(texts((await history({ count: 2, offset: 1 })).messages)).toEqual(['m5', 'm4']);
  });

  test('with unreads it tells what lies before the page', async () => {
    const body = await history({ oldest: at(0), latest: at(4), count: 1, unreads: 'true' });
    expect(texts(body.messages)).toEqual(['m4']);
    expect(body).toMatchObject({ unreadNotLoaded: 2, firstUnread: { msg: 'm2' } });
    expect(await history({ unreads: 'true', count: 1 })).toMatchObject({ unreadNotLoaded: 0 });
  });

  test('hidden system messages are left out: by the workspace, or by the room instead', async () => {
    const other = await world.channel([]);
    await carol.post('channels.join', { roomId: other._id });
    await alice.post('channels.setTopic', { roomId: other._id, topic: 'x' });
    const types = async () =>
      (await alice.get('channels.history', { roomId: other._id })).body.messages.map((m: Frame) => m.t);
    expect(await types()).toEqual(['room_changed_topic', 'uj']);
    await world.withSettings({ Hide_System_Messages: ['uj'] }, async () => {
      expect(await types()).toEqual(['room_changed_topic']);
      await alice.post('rooms.saveRoomSettings', { rid: other._id, systemMessages: ['room_changed_topic'] });
      expect(await types()).toEqual(['uj']);
      // channels.messages shows everything.
      const all = await alice.get('channels.messages', { roomId: other._id });
      expect(all.body.total).toBe(2);
    });
  });

  test('people who are not in the channel need preview-c-room', async () => {
    expect(texts((await history({ count: 1 }, carol)).messages)).toEqual(['shown reply']);
    await withPermission(world, 'preview-c-room', ['admin'], async () => {
      const refused = await carol.get('channels.history', { roomId: room._id });
      expect(refused).toMatchObject({ status: 403, body: plain('unauthorized') });
    });
  });

  test('bad parameters', async () => {
    const get = (query: object) => bob.get('channels.history', { roomId: room._id, ...query });
    expect((await get({ oldest: 'yesterday' })).body).toEqual(coded('error-invalid-date', 'Invalid date'));
    expect((await get({ inclusive: 'abc' })).body).toMatchObject({ errorType: 'error-invalid-params' });
    expect((await bob.get('channels.history')).body).toMatchObject({ errorType: 'error-invalid-params' });
    expect(await world.server.anonymous.get('channels.history', { roomId: room._id })).toMatchObject({
      status: 401,
      body: NOT_LOGGED_IN,
    });
  });
});

describe('groups.history', () => {
  test('shows thread replies and 20 messages by default', async () => {
    const group = await world.group([bob]);
    const first = await world.say(alice, group._id, 'first');
    for (let i = 0; i < 25; i++) {
      await alice.post('chat.sendMessage', { message: { rid: group._id, msg: `r${i}`, tmid: first._id } });
    }
    const { messages } = (await bob.get('groups.history', { roomId: group._id })).body;
    expect(messages).toHaveLength(20);
    expect(messages[0].msg).toBe('r24');
    expect((await carol.get('groups.history', { roomId: group._id })).status).toBe(400);
  });
});

describe('im.history', () => {
  test('finds the room by the other’s name', async () => {
    const { body } = await alice.post('im.create', { username: 'carol' });
    await world.say(alice, body.room._id, 'hello carol');
    const answer = await carol.get('im.history', { roomId: 'alice' });
    expect(texts(answer.body.messages)).toEqual(['hello carol']);
    expect(await bob.get('im.history', { roomId: body.room._id })).toMatchObject({ status: 403 });
  });
});

describe('channels.messages', () => {
  test('everything, sorted and paged, with totals', async () => {
    const body = await history({ count: 2, sort: '{"ts":1}' }, bob, 'channels.messages');
    expect(texts(body.messages)).toEqual(['m1', 'm2']);
    expect(body).toMatchObject({ count: 2, offset: 0, total: 7 });
  });

  test('filters by mentions, stars and pins together', async () => {
    const mine = await world.say(alice, room._id, '@bob look');
    await world.say(alice, room._id, '@bob and this');
    await bob.post('chat.starMessage', { messageId: mine._id });
    const of = async (query: object) => texts((await history(query, bob, 'channels.messages')).messages);
    expect(await of({ mentionIds: bob.uid })).toEqual(['@bob and this', '@bob look']);
    expect(await of({ mentionIds: `${carol.uid},${bob.uid}`, starredIds: bob.uid })).toEqual(['@bob look']);
    expect(await of({ mentionIds: bob.uid, pinned: 'true' })).toEqual([]);
  });

  test('callers with view-joined-room must be members', async () => {
    expect((await carol.get('channels.messages', { roomId: room._id })).status).toBe(200);
    await withPermission(world, 'view-joined-room', ['user'], async () => {
      expect(await carol.get('channels.messages', { roomId: room._id })).toMatchObject({
        status: 403,
        body: plain('unauthorized'),
      });
      expect((await bob.get('channels.messages', { roomId: room._id })).status).toBe(200);
    });
  });

  test('channels.anonymousread is for workspaces that allow it', async () => {
    const read = () => world.server.anonymous.get('channels.anonymousread', { roomId: room._id });
    expect(await read()).toMatchObject({ status: 401 });
    expect((await bob.get('channels.anonymousread', { roomId: room._id })).body).toEqual(
      coded('error-not-allowed', 'Enable "Allow Anonymous Read"', { method: 'channels.anonymousread' }),
    );
    await world.withSettings({ Accounts_AllowAnonymousRead: true }, async () => {
      expect(await read()).toMatchObject({ status: 200, body: { success: true, offset: 0 } });
    });
  });
});

describe('counters', () => {
  test('of a member: what is unread from the last visit on, both ends included', async () => {
    const other = await world.channel([bob]);
    await world.say(bob, other._id, 'one');
    await world.say(alice, other._id, '@bob two');
    const last = await world.say(alice, other._id, 'three');
    const { ls } = (await world.subscription(bob, other._id)) ?? {};
    const { body } = await bob.get('channels.counters', { roomId: other._id });
    expect(body).toEqual({
      joined: true,
      members: 2,
      unreads: 2,
      unreadsFrom: ls,
      msgs: 3,
      latest: last.ts,
      userMentions: 1,
      success: true,
    });
  });

  test('others learn only that they are not in', async () => {
    const { body } = await carol.get('channels.counters', { roomId: room._id });
    expect(body).toEqual({
      joined: false,
      members: null,
      unreads: null,
      unreadsFrom: null,
      msgs: null,
      latest: null,
      userMentions: null,
      success: true,
    });
    expect(await carol.get('channels.counters', { roomId: room._id, userId: bob.uid })).toMatchObject({
      status: 403,
      body: plain('unauthorized'),
    });
    const asAdmin = await world.admin.get('channels.counters', { roomId: room._id, userId: bob.uid });
    expect(asAdmin.body).toMatchObject({ joined: true, members: 2 });
  });

  test('im.counters gives the unread badge', async () => {
    const { body } = await alice.post('im.create', { username: 'bob' });
    await world.say(alice, body.room._id, 'one');
    await world.say(alice, body.room._id, 'two');
    const counters = await bob.get('im.counters', { roomId: body.room._id });
    expect(counters.body).toMatchObject({ joined: true, members: 2, unreads: 2, unreadsFrom: null, msgs: 2 });
    expect(await carol.get('im.counters', { roomId: body.room._id })).toMatchObject({ status: 403 });
  });

  test('count the members whose accounts are active', async () => {
    const { admin, server } = world;
    const leaver = await server.person('leaver');
    const { _id: roomId } = await world.channel([bob, leaver]);
    const direct = (await alice.post('im.create', { username: 'leaver' })).body.room._id;
    await admin.post('users.setActiveStatus', { userId: leaver.uid, activeStatus: false });
    expect((await bob.get('channels.counters', { roomId })).body.members).toBe(2);
    expect((await alice.get('im.counters', { roomId: direct })).body.members).toBe(1);
  });
});

describe('channels.messages', () => {
  const page = async (sort?: object) => {
    const query = { roomId: room._id, count: 3, ...(sort ? { sort: JSON.stringify(sort) } : {}) };
    const { body } = await bob.get('channels.messages', query);
    return texts(body.messages);
  };

  test('sorts by time in either direction', async () => {
    expect(await page({ ts: 1 })).toEqual(['m1', 'm2', 'm3']);
    const newest = await page({ ts: -1 });
    expect(newest).toEqual(await page());
    expect(newest).not.toContain('m1');
  });

  test('a member without an index behind it changes no order', async () => {
    expect(await page({ tcount: -1 })).toEqual(await page());
    expect(await page({ tlm: 1, ts: 1 })).toEqual(['m1', 'm2', 'm3']);
  });
});
