import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  coded,
  INVALID_PARAMS,
  ISO,
  type RoomWorld,
  startRoomWorld,
  withPermission,
} from '../../test/support/rooms.ts';
import type { Person } from '../../test/support/server.ts';
import { callerFor, loadUser } from '../accounts/find-users.ts';
import type { User } from '../accounts/user.ts';
import { createDirectRoom } from './direct.ts';

let world: RoomWorld;
let people = 0;

beforeAll(async () => {
  world = await startRoomWorld();
});
afterAll(() => world.close());

const refusal = (code: string, reason: string) => coded(code, reason, { method: 'createDirectMessage' });
const INVALID_USER = refusal('error-invalid-user', 'Invalid user');
const newcomer = () => world.server.person(`person-${++people}`, { name: `Person ${people}` });
const account = async ({ uid }: Person): Promise<User> => {
  const user = await loadUser(world.server.server.ctx.db, uid);
  if (!user) throw new Error(`there is no user ${uid}`);
  return user;
};
const idOf = (...persons: Person[]) =>
  persons
    .map((person) => person.uid)
    .sort()
    .join('');

test('a caller who was renamed a moment ago is still one person', async () => {
  const [old, other] = [await newcomer(), await newcomer()];
  const { ctx } = world.server.server;
  const stale = { ...callerFor(await account(old), { ip: '', userAgent: '' }), username: 'former-name' };
  const room = await createDirectRoom(ctx, stale, { usernames: [old.username, other.username] });
  expect(room).toMatchObject({ id: idOf(old, other), memberCount: 2 });
});

describe.each(['im.create', 'dm.create'])('%s', (path) => {
  test('the answer has exactly the documented members; the id is made of both', async () => {
    const { alice } = world;
    const other = await newcomer();
    const { status, body } = await alice.post(path, { username: other.username.toUpperCase() });
    const _id = idOf(alice, other);
    expect(status).toBe(200);
    expect(body).toEqual({
      room: { _id, rid: _id, t: 'd', usernames: ['alice', other.username] },
      success: true,
    });
    const { body: info } = await other.get('rooms.info', { roomId: _id });
    expect(info.room).toEqual({
      _id,
      t: 'd',
      usernames: ['alice', other.username],
      usersCount: 2,
      msgs: 0,
      ts: ISO,
      uids: [alice.uid, other.uid].sort(),
      default: false,
      ro: false,
      sysMes: true,
      _updatedAt: ISO,
    });
  });
});

describe('two people', () => {
  test('each sees the other’s name; the room opens for the creator, for the other with the first message', async () => {
    const { alice, listen, say, subscription } = world;
    const other = await newcomer();
    const [creator, partner] = [await listen(alice), await listen(other)];
    const rid = (await alice.post('im.create', { username: other.username })).body.room._id;
    const own = await subscription(alice, rid);
    expect(own).toEqual({
      _id: expect.any(String),
      rid,
      t: 'd',
      u: { _id: alice.uid, username: 'alice', name: 'alice' },
      name: other.username,
      fname: `Person ${people}`,
      ts: ISO,
      open: true,
      alert: false,
      unread: 0,
      userMentions: 0,
      groupMentions: 0,
      _updatedAt: ISO,
    });
    expect(await subscription(other, rid)).toMatchObject({
      name: 'alice',
      fname: 'alice',
      open: false,
      alert: false,
    });
    expect(await creator.subscriptions(rid)).toMatchObject([['inserted', { open: true }]]);
    expect(await creator.rooms(rid)).toMatchObject([['inserted', { _id: rid, t: 'd', usersCount: 2 }]]);
    expect(await partner.subscriptions(rid)).toMatchObject([['inserted', { open: false, name: 'alice' }]]);
    expect(await partner.rooms(rid)).toMatchObject([['inserted', { _id: rid }]]);
    await say(alice, rid, 'hello');
    expect(await subscription(other, rid)).toMatchObject({ open: true, alert: true, unread: 1 });
    expect(await partner.subscriptions(rid)).toMatchObject([
      ['inserted', {}],
      ['updated', { open: true, unread: 1 }],
    ]);
  });

  test('the same two find the same room, and creating it again shows a hidden one', async () => {
    const { alice, subscription, messages } = world;
    const other = await newcomer();
    const first = await alice.post('im.create', { username: other.username });
    const rid = first.body.room._id;
    await alice.post('rooms.hide', { roomId: rid });
    const again = await alice.post('im.create', { username: other.username });
    expect(again.body).toEqual(first.body);
    expect(await subscription(alice, rid)).toMatchObject({ open: true });
    const back = await other.post('im.create', { username: 'alice' });
    expect(back.body.room._id).toBe(rid);
    expect(await subscription(other, rid)).toMatchObject({ open: true });
    expect(await messages(rid)).toEqual([]);
  });

  test('created by both at the same moment it is one room', async () => {
    const { alice, room } = world;
    const other = await newcomer();
    const answers = await Promise.all([
      alice.post('im.create', { username: other.username }),
      other.post('im.create', { username: 'alice' }),
      alice.post('im.create', { username: other.username }),
    ]);
    const rids = answers.map((answer) => answer.body.room?._id);
    expect(new Set(rids)).toEqual(new Set([idOf(alice, other)]));
    expect(await room(rids[0])).toMatchObject({ usersCount: 2 });
  });

  test('nobody can leave, join or be added', async () => {
    const { alice, bob, carol } = world;
    const rid = (await alice.post('im.create', { username: 'bob' })).body.room._id;
    const left = await bob.post('rooms.leave', { roomId: rid });
    expect(left.body).toEqual(coded('error-not-allowed', 'Not allowed', { method: 'leaveRoom' }));
    const joined = await carol.post('rooms.join', { roomId: rid });
    expect(joined.body).toEqual(coded('error-not-allowed', 'Not allowed', { method: 'joinRoom' }));
    expect((await carol.get('rooms.info', { roomId: rid })).body).toMatchObject({ error: 'not-allowed' });
  });
});

describe('more or fewer people', () => {
  test('a group is open for all; names are those of the others; order does not matter', async () => {
    const { alice, bob, carol, room, subscription } = world;
    const { body } = await alice.post('im.create', { usernames: 'carol , bob' });
    const rid = body.room._id;
    expect(body.room.usernames).toEqual(['alice', 'bob', 'carol']);
    expect(await room(rid)).toMatchObject({ usersCount: 3, uids: [alice.uid, bob.uid, carol.uid].sort() });
    expect(await subscription(bob, rid)).toMatchObject({
      open: true,
      name: 'alice, carol',
      fname: 'alice, carol',
    });
    const again = await carol.post('im.create', { usernames: 'bob,alice,carol' });
    expect(again.body.room._id).toBe(rid);
    const two = await alice.post('im.create', { usernames: 'bob' });
    expect(two.body.room._id).toBe(idOf(alice, bob));
  });

  test('a room with oneself, unless the workspace forbids it', async () => {
    const { alice, subscription, room, withSettings } = world;
    const { body } = await alice.post('im.create', { username: 'alice' });
    expect(body.room.usernames).toEqual(['alice']);
    expect(await room(body.room._id)).toMatchObject({ usersCount: 1, uids: [alice.uid] });
    expect(await subscription(alice, body.room._id)).toMatchObject({ name: 'alice', open: true });
    await withSettings({ Message_AllowDirectMessagesToYourself: false }, async () => {
      expect((await alice.post('im.create', { username: 'Alice' })).body).toEqual(INVALID_USER);
    });
  });

  test('encrypted from the start where the workspace says so', async () => {
    const { alice, room, withSettings } = world;
    const first = await newcomer();
    const before = (await alice.post('im.create', { username: first.username })).body.room._id;
    await withSettings({ E2E_Enabled_Default_DirectRooms: true }, async () => {
      const { body } = await alice.post('im.create', { username: (await newcomer()).username });
      expect(await room(body.room._id)).not.toHaveProperty('encrypted');
    });
    await withSettings({ E2E_Enable: true, E2E_Enabled_Default_DirectRooms: true }, async () => {
      const { body } = await alice.post('im.create', { username: (await newcomer()).username });
      expect(await room(body.room._id)).toMatchObject({ encrypted: true });
      await alice.post('im.create', { username: first.username });
      expect(await room(before)).not.toHaveProperty('encrypted');
    });
  });

  test('excludeSelf makes a room of the others, open for all when an administrator does it', async () => {
    const { admin, alice, subscription } = world;
    const [one, two, three, four] = [await newcomer(), await newcomer(), await newcomer(), await newcomer()];
    const first = await alice.post('im.create', {
      usernames: `${one.username},${two.username}`,
      excludeSelf: true,
    });
    const rid = first.body.room._id;
    expect(rid).toBe(idOf(one, two));
    expect(await subscription(alice, rid)).toBeNull();
    expect(await subscription(one, rid)).toMatchObject({ open: false });
    const second = await admin.post('im.create', {
      usernames: `${three.username},${four.username}`,
      excludeSelf: true,
    });
    expect(await subscription(three, second.body.room._id)).toMatchObject({ open: true });
  });
});

describe('the refusals', () => {
  test('bad parameters', async () => {
    const { alice } = world;
    for (const body of [{}, { username: 'a', usernames: 'b' }, { userId: 'x' }, { usernames: { a: 1 } }]) {
      expect((await alice.post('im.create', body)).body).toEqual(INVALID_PARAMS);
    }
  });

  test('come in their documented order', async () => {
    const { alice, withSettings } = world;
    const create = async (body: object) => (await alice.post('im.create', body)).body;
    expect(await create({ username: 'alice', excludeSelf: true })).toEqual(INVALID_USER);
    const nine = Array.from({ length: 8 }, (_, n) => `nobody-${n}`).join(',');
    const tooMany = 'You cannot add more than 8 users, including yourself to a direct message';
    expect(await create({ usernames: nine })).toEqual(
      refusal('error-direct-message-max-user-exceeded', tooMany),
    );
    await withSettings({ DirectMesssage_maxUsers: 2 }, async () => {
      const text = 'You cannot add more than 2 users, including yourself to a direct message';
      expect(await create({ usernames: 'bob,carol' })).toEqual(
        refusal('error-direct-message-max-user-exceeded', text),
      );
      expect(await create({ usernames: 'bob,alice' })).toMatchObject({ success: true });
    });
    expect(await create({ usernames: 'bob,nobody' })).toEqual(INVALID_USER);
    for (const nobody of [{ username: '' }, { usernames: '' }, { usernames: ' , ' }]) {
      expect(await create(nobody)).toEqual(INVALID_USER);
    }
    expect(await create({ username: 'bob', excludeSelf: true })).toEqual(INVALID_USER);
  });

  test('without create-d an existing room is found, with view-d-room; no new one is made', async () => {
    const { alice } = world;
    const [known, stranger] = [await newcomer(), await newcomer()];
    const { body } = await alice.post('im.create', { username: known.username });
    await withPermission(world, 'create-d', ['admin'], async () => {
      expect((await alice.post('im.create', { username: known.username })).body).toEqual(body);
      const refused = refusal('error-not-allowed', 'Not allowed');
      expect((await alice.post('im.create', { username: stranger.username })).body).toEqual(refused);
      await withPermission(world, 'view-d-room', ['admin'], async () => {
        expect((await alice.post('im.create', { username: known.username })).body).toEqual(refused);
      });
    });
  });
});

test('the DDP method createDirectMessage answers the room; bots read rid', async () => {
  const { alice, bob } = world;
  const socket = await alice.ddp();
  const rid = idOf(alice, bob);
  expect(await socket.call('createDirectMessage', 'bob')).toMatchObject({
    rid,
    t: 'd',
    usernames: ['alice', 'bob'],
  });
  const dora = await world.server.person('dora');
  const direct = { rid: idOf(alice, dora), _id: idOf(alice, dora), t: 'd', usernames: ['alice', 'dora'] };
  expect(await socket.call('createDirectMessage', 'dora')).toEqual({ ...direct, inserted: true });
  expect(await socket.call('createDirectMessage', 'dora')).toEqual({ ...direct, inserted: false });
  const group = await socket.call('createDirectMessage', 'bob', 'carol');
  expect(group.usernames).toEqual(['alice', 'bob', 'carol']);
  await expect(socket.call('createDirectMessage', 'nobody')).rejects.toMatchObject({
    error: 'error-invalid-user',
    details: { method: 'createDirectMessage' },
  });
});
