import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  coded,
  INVALID_PARAMS,
  ISO,
  NO_CHANNEL,
  NOT_LOGGED_IN,
  plain,
  type RoomWorld,
  startRoomWorld,
} from '../../test/support/rooms.ts';
import type { Caller } from '../../test/support/server.ts';
import { allRoomEndpoints } from './room-endpoints.rest.ts';

/** Only their declarations are looked at. */
const endpoints = allRoomEndpoints({ of: () => Promise.reject(new Error('not for this test')) });

let world: RoomWorld;

beforeAll(async () => {
  world = await startRoomWorld();
});
afterAll(() => world.close());

const call = (caller: Caller, method: string, path: string, parameters: Record<string, unknown>) => {
  if (method === 'DELETE') return caller.delete(path, parameters);
  return method === 'GET' ? caller.get(path, parameters) : caller.post(path, parameters);
};

describe('every endpoint of rooms', () => {
  const forUsers = endpoints.filter(({ auth }) => auth === 'user');
  test.each(forUsers.map(({ method, path }) => [method, path] as const))(
    '%s %s is refused without credentials before anything else',
    async (method, path) => {
      const answer = await call(world.server.anonymous, method, path, { nonsense: true });
      expect([answer.status, answer.body]).toEqual([401, NOT_LOGGED_IN]);
    },
  );

  const withParameters = endpoints.filter(({ query, body }) => query !== undefined || body !== undefined);
  test.each(withParameters.map(({ method, path }) => [method, path] as const))(
    '%s %s refuses parameters it does not know',
    async (method, path) => {
      const answer = await call(world.admin, method, path, { roomId: 'GENERAL', nonsense: 'true' });
      expect([answer.status, answer.body]).toEqual([400, INVALID_PARAMS]);
    },
  );

  test.each(
    endpoints.filter(({ path }) => path.startsWith('channels.')).map(({ method, path }) => [method, path]),
  )('%s %s with an operator instead of a text is refused', async (method, path) => {
    const { admin } = world;
    const answer =
      method === 'GET'
        ? await admin.get(path, { 'roomId[$ne]': 'x' })
        : await admin.post(String(path), { roomId: { $ne: 'x' } });
    expect([answer.status, answer.body]).toEqual([400, INVALID_PARAMS]);
  });
});

describe('rooms.info', () => {
  test('a plain channel created through the API has exactly these members', async () => {
    const { alice, bob, channel } = world;
    const room = await channel();
    const { body } = await bob.get('rooms.info', { roomId: room._id });
    expect(body).toEqual({
      room: {
        _id: room._id,
        name: room.name,
        fname: room.name,
        t: 'c',
        msgs: 0,
        usersCount: 1,
        u: { _id: alice.uid, username: 'alice', name: 'alice' },
        customFields: {},
        ts: ISO,
        ro: false,
        sysMes: true,
        default: false,
        _updatedAt: ISO,
      },
      success: true,
    });
  });

  test('works for every type, archived rooms included, by id or by name', async () => {
    const { alice, group } = world;
    const secret = await group();
    await alice.post('groups.archive', { roomId: secret._id });
    const { body } = await alice.get('rooms.info', { roomName: secret.name });
    expect(body.room).toMatchObject({ _id: secret._id, t: 'p', archived: true });
    const direct = (await alice.post('im.create', { username: 'bob' })).body.room;
    expect((await alice.get('rooms.info', { roomId: direct._id })).body.room).toMatchObject({ t: 'd' });
  });

  test('a room of a team comes with the team and the main room', async () => {
    const { alice, channel, newName } = world;
    const main = await channel();
    const { team } = (await alice.post('channels.convertToTeam', { channelId: main._id })).body;
    const created = await alice.post('channels.create', { name: newName(), extraData: { teamId: team._id } });
    const { body } = await alice.get('rooms.info', { roomId: created.body.channel._id });
    expect(body.team).toEqual({ _id: team._id, name: main.name, roomId: main._id, type: 0 });
    expect(body.parent).toEqual({ _id: main._id, name: main.name, fname: main.name, t: 'c' });
    const own = await alice.get('rooms.info', { roomId: main._id });
    expect(own.body).toMatchObject({ team: { _id: team._id } });
    expect(own.body).not.toHaveProperty('parent');
  });

  test('the refusals', async () => {
    const { bob, group } = world;
    const secret = await group();
    const info = async (query: Record<string, string>) => (await bob.get('rooms.info', query)).body;
    expect(await info({})).toEqual(INVALID_PARAMS);
    expect(await info({ roomId: 'nowhere' })).toEqual(NO_CHANNEL);
    expect(await info({ roomId: secret._id })).toEqual(plain('not-allowed', 'Not Allowed'));
  });
});

describe('rooms.leave and rooms.join', () => {
  test('both take any type but direct rooms, and refuse archived ones', async () => {
    const { alice, bob, channel, group, room: info } = world;
    const [open, secret] = [await channel([bob]), await group([bob])];
    for (const room of [open, secret]) {
      expect((await bob.post('rooms.leave', { roomName: room.name })).body).toEqual({ success: true });
      expect(await info(room._id)).toMatchObject({ usersCount: 1, msgs: 1 });
    }
    const back = await bob.post('rooms.join', { roomName: open.name });
    expect(back.body).toMatchObject({ room: { _id: open._id, usersCount: 2, msgs: 2 }, success: true });
    await alice.post('channels.archive', { roomId: open._id });
    const archived = coded('error-room-archived', `The channel, ${open.name}, is archived`);
    for (const path of ['rooms.leave', 'rooms.join']) {
      expect((await bob.post(path, { roomId: open._id })).body).toEqual(archived);
      expect((await bob.post(path, { roomId: 'nowhere' })).body).toEqual(NO_CHANNEL);
      expect((await bob.post(path, {})).body).toEqual(INVALID_PARAMS);
    }
  });

  test('the refusals of leaving', async () => {
    const { alice, bob, group } = world;
    const secret = await group();
    const refusal = (code: string, reason: string) => coded(code, reason, { method: 'leaveRoom' });
    const stranger = await bob.post('rooms.leave', { roomId: secret._id });
    expect(stranger.body).toEqual(refusal('error-user-not-in-room', 'You are not in this room'));
    const last = await alice.post('rooms.leave', { roomId: secret._id });
    const reason = 'You are the last owner. Please set new owner before leaving the room.';
    expect(last.body).toEqual(refusal('error-you-are-last-owner', reason));
  });
});

describe('rooms.nameExists and rooms.isMember', () => {
  test('nameExists compares exactly, over all rooms', async () => {
    const { bob, group } = world;
    const secret = await group();
    const exists = async (roomName: string) => (await bob.get('rooms.nameExists', { roomName })).body;
    expect(await exists('general')).toEqual({ exists: true, success: true });
    expect(await exists('General')).toEqual({ exists: false, success: true });
    expect(await exists(secret.name)).toEqual({ exists: true, success: true });
    expect((await bob.get('rooms.nameExists')).body).toEqual(INVALID_PARAMS);
  });

  test('isMember says whether the user is in the room', async () => {
    const { alice, ban, bob, carol, channel, group } = world;
    const [room, secret] = [await channel([bob]), await group([bob])];
    const isMember = async (query: Record<string, string>) => (await alice.get('rooms.isMember', query)).body;
    expect(await isMember({ roomId: room._id, userId: bob.uid })).toEqual({ isMember: true, success: true });
    expect(await isMember({ roomName: room.name, username: 'carol' })).toEqual({
      isMember: false,
      success: true,
    });
    expect(await isMember({ roomId: secret._id, username: 'BOB' })).toEqual({
      isMember: true,
      success: true,
    });
    expect(await isMember({ roomId: 'nowhere', username: 'nobody' })).toEqual(NO_CHANNEL);
    expect(await isMember({ roomId: room._id, username: 'nobody' })).toEqual(plain('error-user-not-found'));
    expect(await isMember({ roomId: room._id })).toEqual(INVALID_PARAMS);
    expect(await isMember({ roomId: room._id, userId: bob.uid, username: 'bob' })).toEqual(INVALID_PARAMS);
    const foreign = await carol.get('rooms.isMember', { roomId: secret._id, username: 'bob' });
    expect([foreign.status, foreign.body]).toEqual([403, plain('unauthorized')]);
    await ban(room._id, bob);
    expect(await isMember({ roomId: room._id, userId: bob.uid })).toEqual({ isMember: false, success: true });
  });
});

describe('rooms.invite', () => {
  const invited = async (room: { _id: string }) => {
    await world.server.server.ctx.write(async (tx) => {
      const own = tx.updateTable('subscriptions').set({ status: 'INVITED' });
      await own.where('rid', '=', room._id).where('uid', '=', world.bob.uid).execute();
      await tx.updateTable('rooms').set({ users_count: 1 }).where('id', '=', room._id).execute();
    });
    return room._id;
  };
  const answer = async (roomId: string, action: string) =>
    (await world.bob.post('rooms.invite', { roomId, action })).body;

  test('an accepted invitation makes a member, a rejected or left one goes', async () => {
    const { bob, channel, group, room: info, subscription, types } = world;
    const [wanted, unwanted, left] = [
      await invited(await group([bob])),
      await invited(await group([bob])),
      await invited(await channel([bob])),
    ];
    expect(await answer(wanted, 'accept')).toEqual({ success: true });
    expect(await subscription(bob, wanted)).not.toHaveProperty('status');
    expect([await types(wanted), (await info(wanted)).usersCount]).toEqual([['uj'], 2]);
    expect(await answer(unwanted, 'reject')).toEqual({ success: true });
    expect((await bob.post('channels.leave', { roomId: left })).body).toMatchObject({
      channel: { usersCount: 1, msgs: 1 },
    });
    for (const rid of [unwanted, left]) {
      expect(await subscription(bob, rid)).toBeNull();
      expect([await types(rid), (await info(rid)).usersCount]).toEqual([['uir'], 1]);
    }
  });

  test('without an invitation there is nothing to answer', async () => {
    const { bob, channel } = world;
    const none = plain('Failed to handle invite: There is no invitation to this room');
    for (const roomId of ['nowhere', (await channel([bob]))._id]) {
      expect(await answer(roomId, 'accept')).toEqual(none);
      expect(await answer(roomId, 'reject')).toEqual(none);
    }
    expect(await answer('nowhere', 'think')).toEqual(INVALID_PARAMS);
  });
});

test('a user who is only banned or invited has no access to a group', async () => {
  const { ban, bob, group, server } = world;
  const [banned, invited] = [await group([bob]), await group([bob])];
  await ban(banned._id, bob);
  await server.server.ctx.write(async (tx) => {
    const own = tx.updateTable('subscriptions').set({ status: 'INVITED' });
    await own.where('rid', '=', invited._id).where('uid', '=', bob.uid).execute();
    await tx.updateTable('rooms').set({ users_count: 1 }).where('id', '=', invited._id).execute();
  });
  for (const room of [banned, invited]) {
    expect((await bob.get('rooms.info', { roomId: room._id })).body).toEqual(
      plain('not-allowed', 'Not Allowed'),
    );
  }
});
