import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { coded, INVALID_PARAMS, plain, type RoomWorld, startRoomWorld } from '../../test/support/rooms.ts';
import type { Person } from '../../test/support/server.ts';

let world: RoomWorld;

beforeAll(async () => {
  world = await startRoomWorld();
});
afterAll(() => world.close());

interface Doc {
  _id: string;
  rid?: string;
  _updatedAt: string;
}

const get = async (person: Person, path: string, since?: string) =>
  (await person.get(path, since === undefined ? {} : { updatedSince: since })).body as {
    update: Doc[];
    remove: { _id: string; _deletedAt: string }[];
  };

/** The newest stamp of a list: what a client passes next time. */
const newest = (documents: readonly Doc[]) =>
  documents
    .map((document) => document._updatedAt)
    .sort()
    .at(-1) ?? new Date(0).toISOString();

test('an invitation shows which room it is for, but not what is said there', async () => {
  const { alice, carol, group, say, server } = world;
  const room = await group([carol]);
  await say(alice, room._id, 'between members');
  await server.server.ctx.write(async (tx) => {
    const invitation = tx.updateTable('subscriptions').set({ status: 'INVITED' }).where('rid', '=', room._id);
    await invitation.where('uid', '=', carol.uid).execute();
    await tx.updateTable('rooms').set({ users_count: 1 }).where('id', '=', room._id).execute();
  });
  const shown = (await get(carol, 'rooms.get')).update.find(({ _id }) => _id === room._id);
  expect(shown).toMatchObject({ name: room.name });
  expect(shown).not.toHaveProperty('lastMessage');
  expect((await get(alice, 'rooms.get')).update.find(({ _id }) => _id === room._id)).toHaveProperty(
    'lastMessage',
  );
});

test('where real names are shown, rooms show their last messages under those of now', async () => {
  const { admin, alice, bob, carol, channel, say, withSettings } = world;
  const { _id: roomId, name: roomName } = await channel([bob, carol]);
  const message = await say(carol, roomId, 'for @bob');
  await bob.post('chat.react', { messageId: message._id, emoji: 'tada' });
  const { body } = await alice.post('im.create', { username: 'carol' });
  await say(carol, body.room._id, 'to you');
  const rename = (name: string) => admin.post('users.update', { userId: carol.uid, data: { name } });
  const answers = async (): Promise<Doc[]> => {
    const socket = await alice.ddp();
    const [rooms, joined, ims] = [
      (await get(alice, 'rooms.get')).update,
      (await alice.get('channels.list.joined', { count: 0 })).body.channels,
      (await alice.get('im.list')).body.ims,
    ];
    const of = (list: Doc[], id: string) => list.find(({ _id }) => _id === id) as Doc;
    return [
      ...[of(rooms, roomId), of(joined, roomId)],
      (await alice.get('channels.info', { roomId })).body.channel,
      (await alice.get('rooms.info', { roomName })).body.room,
      await socket.call('getRoomById', roomId),
      await socket.call('getRoomByTypeAndName', 'c', roomName),
      of(await socket.call('rooms/get'), roomId),
      ...[of(rooms, body.room._id), of(ims, body.room._id)],
    ];
  };
  await rename('Carolina');
  await withSettings({ UI_Use_Real_Name: true }, async () => {
    const shown = await answers();
    const last = {
      u: { username: 'carol', name: 'Carolina' },
      mentions: [{ username: 'bob', name: 'bob' }],
      reactions: { ':tada:': { usernames: ['bob'], names: ['bob'] } },
    };
    expect(shown.slice(0, 7)).toMatchObject(Array(7).fill({ lastMessage: last }));
    expect(shown.slice(7)).toMatchObject(Array(2).fill({ lastMessage: { u: last.u } }));
  });
  expect((await answers())[0]).toMatchObject({
    lastMessage: { u: { name: 'carol' }, reactions: { ':tada:': { usernames: ['bob'] } } },
  });
  await rename('carol');
});

describe('subscriptions.get', () => {
  test('without a date: every own subscription, hidden ones too, nothing removed', async () => {
    const { bob, channel } = world;
    const [shown, hidden] = [await channel([bob]), await channel([bob])];
    const own = await channel();
    await bob.post('channels.close', { roomId: hidden._id });
    const { update, remove } = await get(bob, 'subscriptions.get');
    const rids = update.map((subscription) => subscription.rid);
    expect(rids).toEqual(expect.arrayContaining([shown._id, hidden._id]));
    expect(rids).not.toContain(own._id);
    expect(remove).toEqual([]);
    const one = (await bob.get('subscriptions.getOne', { roomId: shown._id })).body.subscription;
    expect(update.find((subscription) => subscription.rid === shown._id)).toEqual(one);
  });

  test('with a date: what changed after it, and what is gone', async () => {
    const { alice, bob, channel, say } = world;
    const [kept, quiet, left] = [await channel([bob]), await channel([bob]), await channel([bob])];
    const before = await get(bob, 'subscriptions.get');
    const since = newest(before.update);
    expect(await get(bob, 'subscriptions.get', since)).toMatchObject({ update: [], remove: [] });
    await say(alice, kept._id, 'an ordinary message changes the subscription without writing its row');
    await bob.post('channels.leave', { roomId: left._id });
    const joined = await channel();
    await bob.post('channels.join', { roomId: joined._id });
    const delta = await get(bob, 'subscriptions.get', since);
    expect(delta.update.map((subscription) => subscription.rid).sort()).toEqual(
      [kept._id, joined._id].sort(),
    );
    const gone = before.update.find((subscription) => subscription.rid === left._id);
    expect(delta.remove.map((removed) => removed._id)).toEqual([gone?._id]);
    expect(Date.parse(delta.remove[0]?._deletedAt ?? '')).toBeGreaterThan(Date.parse(since));
    expect(JSON.stringify(delta)).not.toContain(quiet._id);
    // From the newest stamp on nothing is told twice.
    const next = [...delta.update, { _id: '', _updatedAt: delta.remove[0]?._deletedAt ?? '' }];
    expect(await get(bob, 'subscriptions.get', newest(next))).toMatchObject({ update: [], remove: [] });
  });

  test('old state and deltas make the same as fetching everything', async () => {
    const { alice, bob, carol, channel, say } = world;
    const rooms = await Promise.all([1, 2, 3, 4].map(() => channel([bob, carol])));
    const [a, b, c, d] = rooms.map((room) => room._id) as [string, string, string, string];
    const known = new Map(
      (await get(bob, 'subscriptions.get')).update.map((document) => [document._id, document]),
    );
    let since = newest([...known.values()]);
    const steps: (() => Promise<unknown>)[] = [
      () => say(alice, a, 'hi @bob'),
      () => bob.post('rooms.favorite', { roomId: a, favorite: true }),
      () => alice.post('channels.rename', { roomId: b, name: world.newName() }),
      () => bob.post('channels.leave', { roomId: c }),
      () => alice.post('channels.kick', { roomId: d, userId: bob.uid }),
      () => alice.post('channels.invite', { roomId: d, userId: bob.uid }),
      () => alice.post('channels.archive', { roomId: a }),
      () => alice.post('channels.setType', { roomId: b, type: 'p' }),
      () => alice.post('groups.addModerator', { roomId: b, userId: bob.uid }),
      () => alice.post('groups.convertToTeam', { roomId: b }),
      () => alice.post('channels.delete', { roomId: d }),
      () => bob.post('users.updateOwnBasicInfo', { data: { name: 'Robert' } }),
    ];
    for (const step of steps) {
      await step();
      const delta = await get(bob, 'subscriptions.get', since);
      for (const document of delta.update) known.set(document._id, document);
      for (const { _id } of delta.remove) known.delete(_id);
      const stamps = delta.remove.map(({ _id, _deletedAt }) => ({ _id, _updatedAt: _deletedAt }));
      since = newest([...delta.update, ...stamps, { _id: '', _updatedAt: since }]);
    }
    const fresh = await get(bob, 'subscriptions.get');
    expect(sorted([...known.values()])).toEqual(sorted(fresh.update));
  });

  test('an unreadable date is refused with the text of the contract', async () => {
    const { status, body } = await world.bob.get('subscriptions.get', { updatedSince: 'yesterday' });
    const text = 'The "lastUpdate" query parameter must be a valid date.';
    expect([status, body]).toEqual([400, coded('error-roomId-param-invalid', text)]);
    expect((await world.bob.get('subscriptions.get', { since: 'x' })).body).toEqual(INVALID_PARAMS);
  });
});

describe('subscriptions.getOne', () => {
  test('null for strangers and unknown rooms, refused without a room', async () => {
    const { bob, channel } = world;
    const room = await channel();
    for (const roomId of [room._id, 'nowhere']) {
      expect((await bob.get('subscriptions.getOne', { roomId })).body).toEqual({
        subscription: null,
        success: true,
      });
    }
    for (const query of [{}, { roomId: '' }]) {
      expect((await bob.get('subscriptions.getOne', query)).body).toEqual(
        plain("The 'roomId' param is required"),
      );
    }
  });
});

describe('rooms.get', () => {
  test('without a date: every own room; with one: those changed since and those deleted', async () => {
    const { alice, bob, channel, say } = world;
    const [changed, quiet, deleted, foreign] = [
      await channel([bob]),
      await channel([bob]),
      await channel([bob]),
      await channel(),
    ];
    const before = await get(bob, 'rooms.get');
    expect(before.update.map((room) => room._id)).toEqual(
      expect.arrayContaining([changed._id, quiet._id, deleted._id]),
    );
    expect(before.update.map((room) => room._id)).not.toContain(foreign._id);
    expect(before.remove).toEqual([]);
    const since = newest(before.update);
    expect(await get(bob, 'rooms.get', since)).toMatchObject({ update: [], remove: [] });
    const sent = await say(alice, changed._id, 'hello');
    await say(alice, foreign._id, 'not for bob');
    await alice.post('channels.delete', { roomId: deleted._id });
    await alice.post('channels.delete', { roomId: foreign._id });
    const delta = await get(bob, 'rooms.get', since);
    expect(delta.update).toMatchObject([{ _id: changed._id, lm: sent.ts, lastMessage: { _id: sent._id } }]);
    expect(delta.remove).toEqual([{ _id: deleted._id, _deletedAt: expect.any(String) }]);
  });

  test('a room joined meanwhile is in the delta', async () => {
    const { bob, channel } = world;
    const old = await channel();
    const since = newest((await get(bob, 'rooms.get')).update);
    await bob.post('channels.join', { roomId: old._id });
    expect((await get(bob, 'rooms.get', since)).update.map((room) => room._id)).toContain(old._id);
  });

  test('an unreadable date is refused', async () => {
    const { status, body } = await world.bob.get('rooms.get', { updatedSince: 'x' });
    const text = 'The "updatedSince" query parameter must be a valid date.';
    expect([status, body]).toEqual([400, coded('error-updatedSince-param-invalid', text)]);
  });
});

describe('the DDP methods subscriptions/get and rooms/get', () => {
  test('answer lists without a date, deltas with one', async () => {
    const { alice, bob, channel, say } = world;
    const room = await channel([bob]);
    const socket = await bob.ddp();
    for (const method of ['subscriptions/get', 'rooms/get']) {
      const all = await socket.call(method);
      expect(all.some((document: Doc) => (document.rid ?? document._id) === room._id)).toBe(true);
      const everything = await socket.call(method, { $date: 0 });
      expect(everything.update).toHaveLength(all.length);
    }
    const now = Math.max(
      ...(await socket.call('rooms/get')).map((r: { _updatedAt: { $date: number } }) => r._updatedAt.$date),
    );
    await say(alice, room._id, 'hello');
    const delta = await socket.call('rooms/get', { $date: now });
    expect(delta.update.map((document: Doc) => document._id)).toEqual([room._id]);
    await expect(socket.call('rooms/get', 17)).rejects.toMatchObject({ error: 400 });
  });
});

const sorted = (documents: readonly Doc[]) => [...documents].sort((a, b) => a._id.localeCompare(b._id));
