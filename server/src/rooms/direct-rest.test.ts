import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  coded,
  INVALID_PARAMS,
  ISO,
  NO_CHANNEL,
  plain,
  type RoomWorld,
  startRoomWorld,
} from '../../test/support/rooms.ts';

let world: RoomWorld;
let rid: string;

beforeAll(async () => {
  world = await startRoomWorld();
  rid = (await world.alice.post('im.create', { username: 'bob' })).body.room._id;
});
afterAll(() => world.close());

const FORBIDDEN = { success: false, error: 'unauthorized' };
const INVALID_CHANNEL = plain('[invalid-channel]', 'invalid-channel');

describe.each(['im', 'dm'])('%s', (prefix) => {
  const path = (name: string) => `${prefix}.${name}`;

  test('list: own rooms, hidden ones among them', async () => {
    const { alice, carol } = world;
    await alice.post(path('close'), { roomId: rid });
    const { body } = await alice.get(path('list'));
    expect(body).toMatchObject({ count: 1, offset: 0, total: 1, success: true });
    expect(body.ims).toEqual([expect.objectContaining({ _id: rid, t: 'd', usernames: ['alice', 'bob'] })]);
    expect((await carol.get(path('list'))).body).toMatchObject({ ims: [], total: 0 });
    await alice.post(path('open'), { roomId: rid });
  });

  test('list.everyone is for administrators', async () => {
    const { admin, bob } = world;
    expect((await admin.get(path('list.everyone'))).body.ims).toEqual([
      expect.objectContaining({ _id: rid }),
    ]);
    expect((await bob.get(path('list.everyone'))).status).toBe(403);
  });

  test('members: active people, filtered and sorted', async () => {
    const { alice, bob, carol } = world;
    const { body } = await alice.get(path('members'), { roomId: rid, sort: '{"username":-1}' });
    expect(body).toMatchObject({ count: 2, offset: 0, total: 2, success: true });
    expect(body.members[0]).toMatchObject({
      _id: bob.uid,
      username: 'bob',
      name: 'bob',
      subscription: { _id: expect.any(String), ts: ISO },
    });
    const found = await alice.get(path('members'), { username: 'bob', filter: 'ALI' });
    expect(found.body.members.map(({ username }: { username: string }) => username)).toEqual(['alice']);
    const page = await alice.get(path('members'), {
      roomId: rid,
      sort: '{"username":1}',
      count: 1,
      offset: 1,
    });
    expect([page.body.count, page.body.total, page.body.members[0].username]).toEqual([1, 2, 'bob']);
    expect((await carol.get(path('members'), { roomId: rid })).body).toEqual(FORBIDDEN);
    expect((await alice.get(path('members'), { roomId: 'nowhere' })).body).toEqual(INVALID_CHANNEL);
    expect((await alice.get(path('members'))).body).toEqual(INVALID_PARAMS);
  });

  test('files: none yet', async () => {
    const { alice, carol } = world;
    expect((await alice.get(path('files'), { roomId: rid })).body).toMatchObject({ files: [], total: 0 });
    expect((await carol.get(path('files'), { roomId: rid })).body).toEqual(FORBIDDEN);
  });

  test('close hides, open shows again', async () => {
    const { alice, carol, channel, subscription } = world;
    const close = async (body: object) => (await alice.post(path('close'), body)).body;
    expect(await close({ roomId: rid, userId: alice.uid })).toEqual({ success: true });
    expect((await subscription(alice, rid))?.open).toBe(false);
    expect(await close({ roomId: rid })).toEqual(
      plain('The direct message room, is already closed to the sender'),
    );
    expect((await alice.post(path('open'), { roomId: rid })).body).toEqual({ success: true });
    expect((await subscription(alice, rid))?.open).toBe(true);
    expect(await close({ roomId: 'nowhere' })).toEqual(plain('The user is not subscribed to the room'));
    expect(await close({ roomId: (await channel())._id })).toEqual(INVALID_CHANNEL);
    expect((await carol.post(path('close'), { roomId: rid })).body).toEqual(FORBIDDEN);
    expect((await carol.post(path('open'), { roomId: rid })).body).toEqual(FORBIDDEN);
    expect((await alice.post(path('open'), { roomId: 'nowhere' })).body).toEqual(FORBIDDEN);
  });

  test('setTopic needs the right to edit rooms', async () => {
    const { admin, alice, carol, room } = world;
    const set = async (person: typeof alice, topic?: string) =>
      (await person.post(path('setTopic'), { roomId: rid, ...(topic === undefined ? {} : { topic }) })).body;
    expect(await set(carol, 'x')).toEqual(FORBIDDEN);
    expect(await set(alice, 'x')).toMatchObject({
      success: false,
      errorType: 'error-action-not-allowed',
      error: 'Editing room is not allowed [error-action-not-allowed]',
    });
    expect(await set(alice)).toMatchObject({ errorType: 'error-action-not-allowed' });
    const { room: own } = (await admin.post(path('create'), { username: 'alice' })).body;
    const answer = await admin.post(path('setTopic'), { roomId: own._id, topic: `${prefix} topic` });
    expect(answer.body).toEqual({ topic: `${prefix} topic`, success: true });
    expect((await room(own._id)).topic).toBe(`${prefix} topic`);
    expect((await admin.post(path('delete'), { roomId: own._id })).body).toEqual({ success: true });
  });

  test('leave: nobody leaves a direct room', async () => {
    const { alice, channel } = world;
    const leave = async (body: object) => (await alice.post(path('leave'), body)).body;
    expect(await leave({})).toEqual(INVALID_PARAMS);
    expect(await leave({ roomId: rid, roomName: 'x' })).toEqual(INVALID_PARAMS);
    expect(await leave({ roomId: 'nowhere' })).toEqual(NO_CHANNEL);
    expect(await leave({ roomId: (await channel())._id })).toEqual(INVALID_CHANNEL);
    expect(await leave({ roomId: rid })).toEqual(
      coded('error-not-allowed', 'Not allowed', { method: 'leaveRoom' }),
    );
  });

  test('delete: only who may, and then it is gone', async () => {
    const { admin, alice, carol } = world;
    const details = { method: 'eraseRoom' };
    expect((await carol.post(path('delete'), { roomId: rid })).body).toEqual(
      coded('error-not-allowed', 'Not allowed'),
    );
    expect((await alice.post(path('delete'), { roomId: rid })).body).toEqual(
      coded('error-not-allowed', 'Not allowed', details),
    );
    const other = (await carol.post(path('create'), { username: 'alice' })).body.room._id;
    expect((await admin.post(path('delete'), { roomId: other })).body).toEqual({ success: true });
    expect((await alice.post(path('open'), { roomId: other })).body).toEqual(FORBIDDEN);
  });
});
