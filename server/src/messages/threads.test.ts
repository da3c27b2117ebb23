import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Frame } from '../../test/support/ddp-client.ts';
import { coded, type RoomWorld, startRoomWorld, type TestRoom } from '../../test/support/rooms.ts';
import type { Person } from '../../test/support/server.ts';

let world: RoomWorld;
let alice: Person;
let bob: Person;
let carol: Person;
let room: TestRoom;

beforeAll(async () => {
  world = await startRoomWorld();
  ({ alice, bob, carol } = world);
  room = await world.group([bob, carol]);
});
afterAll(() => world.close());

async function reply(person: Person, tmid: string, msg: string, more: object = {}): Promise<Frame> {
  const sent = await person.post('chat.sendMessage', { message: { rid: room._id, msg, tmid, ...more } });
  expect(sent).toMatchObject({ status: 200 });
  return sent.body.message;
}
const read = async (id: string) => (await alice.get('chat.getMessage', { msgId: id })).body.message;
/** Every way over REST to read threads of a room. */
const readings = (person: Person, rid?: string, tmid?: string) => {
  const updatedSince = new Date(0).toISOString();
  return [
    person.get('chat.getThreadsList', { rid }),
    person.get('chat.syncThreadsList', { rid, updatedSince }),
    person.get('chat.getThreadMessages', { tmid }),
    person.get('chat.syncThreadMessages', { tmid, updatedSince }),
    person.post('chat.readThread', { tmid }),
  ];
};
const readAll = async () => {
  for (const person of [alice, bob, carol])
    await person.post('subscriptions.read', { rid: room._id, readThreads: true });
};

describe('a reply', () => {
  test('counts in its parent, and its author and everybody who wrote or is mentioned follows', async () => {
    const socket = await alice.ddp();
    await socket.subscribe('stream-room-messages', room._id);
    const parent = await world.say(alice, room._id, 'a thread');
    const first = await reply(bob, parent._id, 'one');
    expect(await read(parent._id)).toMatchObject({ tcount: 1, tlm: first.ts, replies: [alice.uid, bob.uid] });
    const second = await reply(bob, parent._id, 'two @carol');
    expect(await read(parent._id)).toMatchObject({ tcount: 2, tlm: second.ts });
    expect((await read(parent._id)).replies.sort()).toEqual([alice.uid, bob.uid, carol.uid].sort());
    await socket.barrier();
    const parents = socket
      .events('room-messages', room._id)
      .filter(([message]) => message?._id === parent._id);
    expect(parents.map(([message]) => message?.tcount)).toEqual([undefined, 1, 2]);
  });

  test('counts also when it came before what it replies to', async () => {
    const tmid = 'said-later';
    await reply(carol, tmid, 'an answer');
    await reply(alice, tmid, 'of myself', { _id: 'its-own-answer' });
    const parent = await alice.post('chat.sendMessage', { message: { _id: tmid, rid: room._id, msg: 'q' } });
    expect(parent.status).toBe(200);
    const last = await reply(bob, tmid, 'another answer');
    expect(await read(tmid)).toMatchObject({ tcount: 3, tlm: last.ts });
    expect((await read(tmid)).replies.sort()).toEqual([alice.uid, bob.uid, carol.uid].sort());
  });

  test('counts also when it says to reply to itself', async () => {
    await reply(carol, 'itself', 'a circle', { _id: 'itself' });
    await reply(bob, 'itself', 'from outside');
    expect(await read('itself')).toMatchObject({ tcount: 2 });
  });

  test('is unread for the followers as a thread, not as a message', async () => {
    const parent = await world.say(alice, room._id, 'a thread');
    await readAll();
    const hears = await world.listen(alice);
    const { msgs, lastMessage } = await world.room(room._id);
    await reply(bob, parent._id, 'one @carol');
    expect(await world.subscription(alice, room._id)).toMatchObject({
      alert: true,
      unread: 0,
      tunread: [parent._id],
    });
    expect(await world.subscription(carol, room._id)).toMatchObject({
      alert: true,
      unread: 0,
      userMentions: 0,
      tunread: [parent._id],
      tunreadUser: [parent._id],
    });
    const own = await world.subscription(bob, room._id);
    expect(own).toMatchObject({ alert: false, lr: expect.any(String) });
    expect(own?.tunread).toBeUndefined();
    expect(await world.room(room._id)).toMatchObject({
      msgs: msgs + 1,
      lastMessage: { _id: lastMessage._id },
    });
    expect((await hears.subscriptions(room._id)).at(-1)?.[1]).toMatchObject({
      tunread: [parent._id],
      alert: true,
    });
  });

  test('to a reply goes to its thread, and into the thread’s room', async () => {
    const parent = await world.say(alice, room._id, 'a thread');
    const first = await reply(bob, parent._id, 'one');
    const second = await reply(bob, first._id, 'two', { rid: 'GENERAL' });
    expect(second).toMatchObject({ tmid: parent._id, rid: room._id });
    expect((await read(parent._id)).tcount).toBe(2);
  });

  test('also shown in the room is its last message', async () => {
    const parent = await world.say(alice, room._id, 'a thread');
    const shown = await reply(bob, parent._id, 'for all', { tshow: true });
    expect(shown.tshow).toBe(true);
    expect((await world.room(room._id)).lastMessage._id).toBe(shown._id);
  });

  test('to an unknown message is kept as it is', async () => {
    const lost = await reply(bob, 'unknown-parent', 'x');
    expect(lost.tmid).toBe('unknown-parent');
  });

  test('that is deleted counts no more; an empty thread is unread for nobody', async () => {
    const parent = await world.say(alice, room._id, 'a thread');
    await readAll();
    const [one, two] = [await reply(bob, parent._id, 'one'), await reply(bob, parent._id, 'two')];
    await bob.post('chat.delete', { roomId: room._id, msgId: one._id });
    expect((await read(parent._id)).tcount).toBe(1);
    expect(await world.subscription(alice, room._id)).toMatchObject({ tunread: [parent._id] });
    await bob.post('chat.delete', { roomId: room._id, msgId: two._id });
    expect((await read(parent._id)).tcount).toBe(0);
    expect((await world.subscription(alice, room._id))?.tunread).toBeUndefined();
  });

  test('many at the same moment all count', async () => {
    const parent = await world.say(alice, room._id, 'a thread');
    await Promise.all(Array.from({ length: 10 }, (_, i) => reply(i % 2 ? bob : carol, parent._id, `r${i}`)));
    expect((await read(parent._id)).tcount).toBe(10);
  });
});

describe('reading threads', () => {
  test('chat.getThreadMessages: replies only, oldest first, around one of them', async () => {
    const parent = await world.say(alice, room._id, 'a thread');
    const replies = [];
    for (let i = 0; i < 6; i++) replies.push(await reply(bob, parent._id, `r${i}`));
    const get = async (query: object) =>
      (await carol.get('chat.getThreadMessages', { tmid: parent._id, ...query })).body;
    const page = await get({ count: 2, offset: 1 });
    expect(page).toMatchObject({ count: 2, offset: 1, total: 6, success: true });
    expect(page.messages.map((message: Frame) => message.msg)).toEqual(['r1', 'r2']);
    const around = await get({ count: 2, aroundId: replies[4]?._id });
    expect(around.messages.map((message: Frame) => message.msg)).toEqual(['r3', 'r4']);
    expect(around.offset).toBe(3);
    expect(await get({ aroundId: parent._id, count: 1 })).toMatchObject({ offset: 0 });
    const other = await world.say(alice, room._id, 'x');
    expect(await get({ aroundId: other._id })).toEqual(
      coded('error-invalid-message', 'The provided "aroundId" does not belong to the thread'),
    );
  });

  test('whoever takes the id of a parent that is gone reads none of its replies', async () => {
    const outside = await world.server.person('dave');
    await reply(bob, 'taken-id', 'a secret reply');
    const room2 = await outside.post('groups.create', { name: world.newName() });
    const rid = room2.body.group._id;
    await outside.post('chat.sendMessage', { message: { _id: 'taken-id', rid, msg: 'mine now' } });
    const { body } = await outside.get('chat.getThreadMessages', { tmid: 'taken-id' });
    expect(body).toMatchObject({ messages: [], total: 0 });
    const sync = await outside.get('chat.syncThreadMessages', {
      tmid: 'taken-id',
      updatedSince: new Date(0).toISOString(),
    });
    expect(sync.body.messages).toEqual({ update: [], remove: [] });
  });

  test('chat.getThreadsList: latest reply first; those followed, those unread, those with a text', async () => {
    const other = await world.group([bob]);
    const say = (msg: string) => world.say(alice, other._id, msg);
    const [one, two] = [await say('First "topic"'), await say('second')];
    await say('no thread');
    const answer = (person: Person, tmid: string) =>
      person.post('chat.sendMessage', { message: { rid: other._id, msg: 'r', tmid } });
    await answer(bob, one._id);
    await answer(alice, two._id);
    const list = async (query: object, person = bob) => {
      const { body } = await person.get('chat.getThreadsList', { rid: other._id, ...query });
      expect(body.count).toBe(body.threads.length);
      return { ids: body.threads.map((message: Frame) => message._id), total: body.total };
    };
    expect(await list({})).toEqual({ ids: [two._id, one._id], total: 2 });
    expect(await list({ count: 1 })).toEqual({ ids: [two._id], total: 2 });
    expect(await list({ type: 'following' })).toEqual({ ids: [one._id], total: 1 });
    await bob.post('chat.followMessage', { mid: two._id });
    await bob.post('chat.unfollowMessage', { mid: one._id });
    expect(await list({ type: 'following' })).toEqual({ ids: [two._id], total: 1 });
    expect(await list({ type: 'following', text: 'SEC', count: 1 })).toEqual({ ids: [two._id], total: 1 });
    expect(await list({ type: 'following', text: 'first' })).toEqual({ ids: [], total: 0 });
    expect(await list({ type: 'unread' }, alice)).toEqual({ ids: [one._id], total: 1 });
    expect(await list({ type: 'unread' })).toEqual({ ids: [], total: 0 });
    expect(await list({ text: 'FIRST "to' })).toEqual({ ids: [one._id], total: 1 });
    expect(await list({ text: 'alice' })).toEqual({ ids: [], total: 0 });
    expect((await carol.get('chat.getThreadsList', { rid: other._id })).body).toEqual(
      coded('error-not-allowed', 'Not Allowed'),
    );
  });

  test('chat.syncThreadMessages and chat.syncThreadsList: what changed since', async () => {
    const parent = await world.say(alice, room._id, 'a thread');
    const [one, two] = [await reply(bob, parent._id, 'one'), await reply(bob, parent._id, 'two')];
    const since = two._updatedAt;
    await bob.post('chat.update', { roomId: room._id, msgId: one._id, text: 'one again' });
    await bob.post('chat.delete', { roomId: room._id, msgId: two._id });
    const thread = await alice.get('chat.syncThreadMessages', { tmid: parent._id, updatedSince: since });
    expect(thread.body.messages.update.map((message: Frame) => message.msg)).toEqual(['one again']);
    expect(thread.body.messages.remove).toEqual([{ _id: two._id, _deletedAt: expect.any(String) }]);
    const list = await alice.get('chat.syncThreadsList', { rid: room._id, updatedSince: since });
    expect(list.body.threads.update.map((message: Frame) => message._id)).toEqual([parent._id]);
    const bad = await alice.get('chat.syncThreadsList', { rid: room._id, updatedSince: 'x' });
    expect(bad.body).toMatchObject({ errorType: 'error-updatedSince-param-invalid' });
  });

  test('chat.readThread takes one thread out of what is unread; the alert goes with the last', async () => {
    const threads = [await world.say(alice, room._id, 'one'), await world.say(alice, room._id, 'two')];
    await readAll();
    for (const thread of threads) await reply(bob, thread._id, 'r');
    await alice.post('chat.readThread', { tmid: threads[0]?._id });
    expect(await world.subscription(alice, room._id)).toMatchObject({
      tunread: [threads[1]?._id],
      alert: true,
    });
    await alice.post('chat.readThread', { tmid: threads[1]?._id });
    const now = await world.subscription(alice, room._id);
    expect(now?.alert).toBe(false);
    expect(now?.tunread).toBeUndefined();
    expect((await alice.post('chat.readThread', { tmid: 'unknown' })).body).toEqual(
      coded('error-invalid-message', 'Invalid Message'),
    );
  });

  test('DDP getThreadMessages gives the parent first and marks the thread as read', async () => {
    const parent = await world.say(alice, room._id, 'a thread');
    await readAll();
    await reply(bob, parent._id, 'one');
    await reply(bob, parent._id, 'two');
    const socket = await alice.ddp();
    const messages = await socket.call('getThreadMessages', { tmid: parent._id });
    expect(messages.map((message: Frame) => message.msg)).toEqual(['a thread', 'two', 'one']);
    expect((await world.subscription(alice, room._id))?.tunread).toBeUndefined();
    expect(await socket.call('getThreadMessages', { tmid: 'unknown' })).toEqual([]);
    await expect(socket.call('getThreadMessages', { tmid: parent._id, limit: 101 })).rejects.toMatchObject({
      error: 'error-not-allowed',
    });
  });

  test('threads can be switched off', async () => {
    await world.withSettings({ Threads_enabled: false }, async () => {
      for (const call of readings(alice, room._id, 'x'))
        expect((await call).body).toEqual(coded('error-not-allowed', 'Threads Disabled'));
      for (const method of ['followMessage', 'unfollowMessage'])
        expect((await alice.post(`chat.${method}`, { mid: 'x' })).body).toEqual(
          coded('error-not-allowed', 'not-allowed', { method }),
        );
    });
  });

  test('threads of other rooms are refused, and requests that name none', async () => {
    const group = await world.group();
    const parent = await world.say(alice, group._id, 'between us');
    for (const call of readings(bob, group._id, parent._id))
      expect((await call).body).toEqual(coded('error-not-allowed', 'Not Allowed'));
    for (const method of ['followMessage', 'unfollowMessage'])
      expect((await bob.post(`chat.${method}`, { mid: parent._id })).body).toEqual(
        coded('error-not-allowed', 'not-allowed', { method }),
      );
    for (const call of [...readings(bob), bob.post('chat.followMessage', { mid: '' })])
      expect(await call).toMatchObject({ status: 400, body: { errorType: 'error-invalid-params' } });
    for (const call of readings(bob, group._id, 'unknown').slice(2))
      expect((await call).body).toEqual(coded('error-invalid-message', 'Invalid Message'));
    for (const [path, key] of [
      ['chat.syncThreadsList', 'rid'],
      ['chat.syncThreadMessages', 'tmid'],
    ] as const) {
      const query = { [key]: 'x', updatedSince: 'yesterday' };
      expect((await bob.get(path, query)).body).toEqual(
        coded('error-updatedSince-param-invalid', 'The "updatedSince" query parameter must be a valid date.'),
      );
    }
  });
});

describe('following', () => {
  test('a message, before and after it has replies', async () => {
    const parent = await world.say(alice, room._id, 'a thread');
    expect((await carol.post('chat.followMessage', { mid: parent._id })).body).toEqual({ success: true });
    expect((await read(parent._id)).replies).toEqual([carol.uid]);
    const first = await reply(bob, parent._id, 'one');
    expect((await read(parent._id)).replies.sort()).toEqual([alice.uid, bob.uid, carol.uid].sort());
    expect((await world.subscription(carol, room._id))?.tunread).toContain(parent._id);
    // A reply stands for its thread.
    await carol.post('chat.unfollowMessage', { mid: first._id });
    expect((await read(parent._id)).replies).not.toContain(carol.uid);
    expect((await world.subscription(carol, room._id))?.tunread ?? []).not.toContain(parent._id);
    expect((await carol.post('chat.followMessage', { mid: 'unknown' })).body).toEqual(
      coded('error-invalid-message', 'Invalid message', { method: 'followMessage' }),
    );
    expect((await carol.post('chat.followMessage', {})).body).toMatchObject({
      errorType: 'error-invalid-params',
    });
  });
});
