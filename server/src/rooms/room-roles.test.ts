import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  coded,
  INVALID_PARAMS,
  NO_CHANNEL,
  NO_GROUP,
  NO_USER,
  NO_USER_PARAM,
  plain,
  type RoomWorld,
  startRoomWorld,
} from '../../test/support/rooms.ts';
import type { Person } from '../../test/support/server.ts';

let world: RoomWorld;

beforeAll(async () => {
  world = await startRoomWorld();
});
afterAll(() => world.close());

const ROLES = ['owner', 'moderator', 'leader'] as const;
const article = { owner: 'an owner', moderator: 'a moderator', leader: 'a leader' };
const label = (role: string) => `${role[0]?.toUpperCase()}${role.slice(1)}`;

const cases = (['channels', 'groups'] as const).flatMap((prefix) => ROLES.map((role) => ({ prefix, role })));
const make = (prefix: string, members: Person[]) =>
  prefix === 'channels' ? world.channel(members) : world.group(members);

describe.each(cases)('$prefix: the role $role', ({ prefix, role }) => {
  const add = `${prefix}.add${label(role)}`;
  const remove = `${prefix}.remove${label(role)}`;
  const refusal = (verb: 'add' | 'remove', code: string, reason: string) =>
    coded(code, reason, { method: `${verb}Room${label(role)}` });

  test('it is given and taken with a message each', async () => {
    const { alice, bob, messages, room: info, subscription } = world;
    const room = await make(prefix, [bob]);
    const body = { roomId: room._id, userId: bob.uid };
    expect(await alice.post(add, body)).toMatchObject({ status: 200, body: { success: true } });
    expect(await subscription(bob, room._id)).toMatchObject({ roles: [role] });
    const message = { msg: 'bob', role, u: { _id: alice.uid, username: 'alice', name: 'alice' } };
    expect(await messages(room._id)).toMatchObject([{ t: 'subscription-role-added', ...message }]);
    expect(await info(room._id)).toMatchObject({ msgs: 1 });

    expect((await alice.post(remove, { roomName: room.name, username: 'bob' })).body).toEqual({
      success: true,
    });
    expect(await subscription(bob, room._id)).not.toHaveProperty('roles');
    expect((await messages(room._id)).at(-1)).toMatchObject({ t: 'subscription-role-removed', ...message });
    expect(await info(room._id)).toMatchObject({ msgs: 2 });
  });

  test('target, members and everybody logged in hear of it', async () => {
    const { alice, bob, listen } = world;
    const room = await make(prefix, [bob]);
    const [target, owner] = [await listen(bob), await listen(alice)];
    await owner.socket.subscribe('stream-room-messages', room._id);
    await alice.post(add, { roomId: room._id, userId: bob.uid });
    await alice.post(remove, { roomId: room._id, userId: bob.uid });
    const changes = await target.subscriptions(room._id);
    expect(changes.map(([action, document]) => [action, document.roles])).toEqual([
      ['updated', [role]],
      ['updated', undefined],
    ]);
    expect(await owner.subscriptions(room._id)).toEqual([]);
    const shared = { _id: role, scope: room._id, u: { _id: bob.uid, username: 'bob', name: 'bob' } };
    expect(await owner.roles(room._id)).toEqual([
      { type: 'added', ...shared },
      { type: 'removed', ...shared },
    ]);
    expect(owner.socket.events('room-messages', room._id).map(([message]) => message?.t)).toEqual([
      'subscription-role-added',
      'subscription-role-removed',
    ]);
    expect((await owner.rooms(room._id)).at(-1)).toMatchObject(['updated', { msgs: 2 }]);
  });

  test('the refusals of giving come in their documented order and change nothing', async () => {
    const { admin, alice, bob, carol, room: info } = world;
    const room = await make(prefix, [bob]);
    const before = await info(room._id);
    const post = async (person: Person, body: object) => (await person.post(add, body)).body;
    const notFound = prefix === 'channels' ? NO_CHANNEL : NO_GROUP;
    expect(await post(bob, {})).toEqual(INVALID_PARAMS);
    expect(await post(bob, { roomId: 'nowhere' })).toEqual(notFound);
    expect(await post(bob, { roomId: room._id })).toEqual(NO_USER_PARAM);
    expect(await post(bob, { roomId: room._id, userId: 'nobody' })).toEqual(NO_USER);
    const notAllowed = refusal('add', 'error-not-allowed', 'Not allowed');
    expect(await post(bob, { roomId: room._id, userId: carol.uid })).toEqual(notAllowed);
    expect(await post(alice, { roomId: room._id, userId: carol.uid })).toEqual(
      refusal('add', 'error-user-not-in-room', 'User is not in this room'),
    );
    expect(await info(room._id)).toEqual(before);
    await post(alice, { roomId: room._id, userId: bob.uid });
    expect(await post(alice, { roomId: room._id, userId: bob.uid })).toEqual(
      refusal('add', `error-user-already-${role}`, `User is already ${article[role]}`),
    );
    // Administrators have the permission everywhere, but see no groups.
    const byAdmin = await post(admin, { roomId: room._id, userId: carol.uid });
    const notInRoom = refusal('add', 'error-user-not-in-room', 'User is not in this room');
    expect(byAdmin).toEqual(prefix === 'channels' ? notInRoom : NO_GROUP);
  });

  test('the refusals of taking come in their documented order', async () => {
    const { alice, bob, carol } = world;
    const room = await make(prefix, [bob]);
    const post = async (person: Person, body: object) => (await person.post(remove, body)).body;
    expect(await post(bob, { roomId: room._id })).toEqual(NO_USER_PARAM);
    expect(await post(bob, { roomId: room._id, userId: alice.uid })).toEqual(
      refusal('remove', 'error-not-allowed', 'Not allowed'),
    );
    expect(await post(alice, { roomId: room._id, userId: carol.uid })).toEqual(
      role === 'leader'
        ? refusal('remove', 'error-user-not-in-room', 'User is not in this room')
        : refusal('remove', 'error-invalid-room', 'Invalid room'),
    );
    expect(await post(alice, { roomId: room._id, userId: bob.uid })).toEqual(
      refusal('remove', `error-user-not-${role}`, `User is not ${article[role]}`),
    );
  });

  test('in an archived room roles stay as they are', async () => {
    const { alice, bob } = world;
    const room = await make(prefix, [bob]);
    await alice.post(`${prefix}.archive`, { roomId: room._id });
    for (const path of [add, remove]) {
      const { body } = await alice.post(path, { roomId: room._id, userId: bob.uid });
      expect(body.errorType).toBe('error-room-archived');
    }
  });

  test('nobody but a member can hold it: a banned one is refused', async () => {
    const { alice, ban, bob } = world;
    const room = await make(prefix, [bob]);
    await ban(room._id, bob);
    const { body } = await alice.post(add, { roomId: room._id, userId: bob.uid });
    expect(body.errorType).toBe('error-user-not-in-room');
  });
});

test('the last owner stays owner, also when taken by themself or by an administrator', async () => {
  const { admin, alice, bob, channel, subscription } = world;
  const room = await channel([bob]);
  const reason = 'This is the last owner. Please set a new owner before removing this one.';
  const lastOwner = coded('error-remove-last-owner', reason, { method: 'removeRoomOwner' });
  for (const person of [alice, admin]) {
    const { body } = await person.post('channels.removeOwner', { roomId: room._id, userId: alice.uid });
    expect(body).toEqual(lastOwner);
  }
  expect(await subscription(alice, room._id)).toMatchObject({ roles: ['owner'] });
  await alice.post('channels.addOwner', { roomId: room._id, userId: bob.uid });
  const { body } = await bob.post('channels.removeOwner', { roomId: room._id, userId: alice.uid });
  expect(body).toEqual({ success: true });
});

test('two owners who take the role from each other at the same moment leave one owner', async () => {
  const { alice, bob, channel } = world;
  for (let round = 0; round < 5; round++) {
    const room = await channel([bob]);
    await alice.post('channels.addOwner', { roomId: room._id, userId: bob.uid });
    await Promise.all([
      alice.post('channels.removeOwner', { roomId: room._id, userId: bob.uid }),
      bob.post('channels.removeOwner', { roomId: room._id, userId: alice.uid }),
    ]);
    const { body } = await world.carol.get('channels.roles', { roomId: room._id });
    expect(body.roles).toHaveLength(1);
  }
});

test('leaving, losing the role and being kicked at the same moment leave an owner', async () => {
  const { admin, alice, bob, carol, channel } = world;
  for (let round = 0; round < 5; round++) {
    const room = await channel([bob, carol]);
    const roomId = room._id;
    for (const { uid } of [bob, carol]) await alice.post('channels.addOwner', { roomId, userId: uid });
    await Promise.all([
      alice.post('channels.leave', { roomId }),
      admin.post('channels.removeOwner', { roomId, userId: bob.uid }),
      admin.post('channels.kick', { roomId, userId: carol.uid }),
      admin.post('channels.removeOwner', { roomId, userId: alice.uid }),
    ]);
    const { body } = await admin.get('channels.roles', { roomId });
    expect(body.roles.length).toBeGreaterThan(0);
  }
});

test('one role given to one member twice at once is given once', async () => {
  const { alice, bob, channel, types } = world;
  const room = await channel([bob]);
  const body = { roomId: room._id, userId: bob.uid };
  const answers = await Promise.all([1, 2, 3].map(() => alice.post('channels.addModerator', body)));
  expect(answers.map((answer) => answer.status).sort()).toEqual([200, 400, 400]);
  expect(await types(room._id)).toEqual(['subscription-role-added']);
});

test('a member may have several roles; several leaders are allowed', async () => {
  const { alice, bob, carol, channel, subscription } = world;
  const room = await channel([bob, carol]);
  for (const path of ['addModerator', 'addLeader', 'addOwner']) {
    await alice.post(`channels.${path}`, { roomId: room._id, userId: bob.uid });
  }
  await alice.post('channels.addLeader', { roomId: room._id, userId: carol.uid });
  expect(await subscription(bob, room._id)).toMatchObject({ roles: ['moderator', 'leader', 'owner'] });
  await alice.post('channels.removeLeader', { roomId: room._id, userId: bob.uid });
  expect(await subscription(bob, room._id)).toMatchObject({ roles: ['moderator', 'owner'] });
  expect(await subscription(carol, room._id)).toMatchObject({ roles: ['leader'] });
});

test('in the main room of a team the team membership has the same roles', async () => {
  const { alice, bob, channel, server } = world;
  const room = await channel([bob]);
  await alice.post('channels.addModerator', { roomId: room._id, userId: bob.uid });
  const { team } = (await alice.post('channels.convertToTeam', { channelId: room._id })).body;
  const inTeam = async () => {
    const rows = server.server.ctx.db.selectFrom('team_members').select('roles');
    const row = await rows
      .where('team_id', '=', team._id)
      .where('uid', '=', bob.uid)
      .executeTakeFirstOrThrow();
    return JSON.parse(row.roles);
  };
  expect(await inTeam()).toEqual(['moderator']);
  await alice.post('channels.addOwner', { roomId: room._id, userId: bob.uid });
  expect(await inTeam()).toEqual(['moderator', 'owner']);
  await alice.post('channels.removeModerator', { roomId: room._id, userId: bob.uid });
  expect(await inTeam()).toEqual(['owner']);
});

test('roles of a private group are told to its members only', async () => {
  const { alice, bob, carol, group, listen } = world;
  const room = await group([bob]);
  const [member, stranger] = [await listen(alice), await listen(carol)];
  await alice.post('groups.addModerator', { roomId: room._id, userId: bob.uid });
  expect(await member.roles(room._id)).toMatchObject([{ type: 'added', _id: 'moderator', scope: room._id }]);
  expect(await stranger.roles(room._id)).toEqual([]);
});

test('without UI_DisplayRoles nobody is told by roles-change', async () => {
  const { alice, bob, channel, listen, withSettings } = world;
  const room = await channel([bob]);
  const owner = await listen(alice);
  await withSettings({ UI_DisplayRoles: false }, async () => {
    await alice.post('channels.addLeader', { roomId: room._id, userId: bob.uid });
  });
  expect(await owner.roles(room._id)).toEqual([]);
});

describe.each(['channels', 'groups'] as const)('%s.roles and %s.moderators', (prefix) => {
  test('who holds which role is listed by username', async () => {
    const { alice, bob, carol, withSettings } = world;
    const room = await make(prefix, [carol, bob]);
    const roomId = room._id;
    await alice.post(`${prefix}.addModerator`, { roomId, userId: carol.uid });
    await alice.post(`${prefix}.addLeader`, { roomId, userId: carol.uid });
    const { status, body } = await alice.get(`${prefix}.roles`, { roomId });
    expect(status).toBe(200);
    expect(body).toEqual({
      roles: [
        { _id: expect.any(String), rid: roomId, u: { _id: alice.uid, username: 'alice' }, roles: ['owner'] },
        {
          _id: expect.any(String),
          rid: roomId,
          u: { _id: carol.uid, username: 'carol' },
          roles: ['moderator', 'leader'],
        },
      ],
      success: true,
    });
    const moderators = await alice.get(`${prefix}.moderators`, { roomName: room.name });
    expect(moderators.body).toEqual({
      moderators: [{ _id: carol.uid, username: 'carol', name: 'carol' }],
      success: true,
    });
    await withSettings({ UI_Use_Real_Name: true }, async () => {
      const named = await alice.get(`${prefix}.roles`, { roomId });
      expect(named.body.roles[0].u).toEqual({ _id: alice.uid, username: 'alice', name: 'alice' });
    });
  });

  test('archived rooms are refused', async () => {
    const { alice } = world;
    const room = await make(prefix, []);
    await alice.post(`${prefix}.archive`, { roomId: room._id });
    for (const path of ['roles', 'moderators']) {
      const { body } = await alice.get(`${prefix}.${path}`, { roomId: room._id });
      expect(body.errorType).toBe('error-room-archived');
    }
  });

  test('without access nothing is listed', async () => {
    const guest = await world.server.person(`guest-${prefix}`, { roles: ['guest'] });
    const room = await make(prefix, []);
    const roles = await guest.get(`${prefix}.roles`, { roomId: room._id });
    const moderators = await guest.get(`${prefix}.moderators`, { roomId: room._id });
    if (prefix === 'groups') {
      expect([roles.body, moderators.body]).toEqual([NO_GROUP, NO_GROUP]);
    } else {
      expect(roles.body).toEqual(coded('error-invalid-user', 'Invalid user', { method: 'getRoomRoles' }));
      expect([moderators.status, moderators.body]).toEqual([403, plain('unauthorized')]);
    }
  });

  test.each(['roles', 'moderators'])('%s without or with two names of the room is refused', async (path) => {
    for (const query of [{}, { roomId: 'GENERAL', roomName: 'general' }]) {
      const { status, body } = await world.alice.get(`${prefix}.${path}`, query);
      expect([status, body]).toEqual([400, INVALID_PARAMS]);
    }
  });
});

test('a custom room role without a description is not listed', async () => {
  const { admin, alice, bob, carol, channel } = world;
  const room = await channel([bob, carol]);
  const roleOf = async (name: string, description: string) => {
    const { body } = await admin.post('roles.create', { name, scope: 'Subscriptions', description });
    return body.role._id as string;
  };
  const [described, bare] = [await roleOf('scribe', 'Takes notes'), await roleOf('mute-witness', '')];
  const give = (roleId: string, username: string) =>
    admin.post('roles.addUserToRole', { roleId, username, roomId: room._id });
  expect(await give(described, 'bob')).toMatchObject({ status: 200 });
  expect(await give(bare, 'carol')).toMatchObject({ status: 200 });
  const { body } = await alice.get('channels.roles', { roomId: room._id });
  const listed = body.roles.map((entry: { u: { username: string } }) => entry.u.username);
  expect(listed).toEqual(['alice', 'bob']);
});

describe('the DDP methods', () => {
  test.each(ROLES)('addRoom… and removeRoom… for %s answer true', async (role) => {
    const { alice, bob, channel, subscription } = world;
    const room = await channel([bob]);
    const socket = await alice.ddp();
    expect(await socket.call(`addRoom${label(role)}`, room._id, bob.uid)).toBe(true);
    expect(await subscription(bob, room._id)).toMatchObject({ roles: [role] });
    await expect(socket.call(`addRoom${label(role)}`, room._id, bob.uid)).rejects.toMatchObject({
      error: `error-user-already-${role}`,
      details: { method: `addRoom${label(role)}` },
    });
    expect(await socket.call(`removeRoom${label(role)}`, room._id, bob.uid)).toBe(true);
    await expect(socket.call(`removeRoom${label(role)}`, 'nowhere', bob.uid)).rejects.toMatchObject({
      error: 'error-invalid-room',
    });
  });

  test('getRoomRoles lists as channels.roles', async () => {
    const { alice, channel } = world;
    const room = await channel();
    const socket = await alice.ddp();
    expect(await socket.call('getRoomRoles', room._id)).toEqual([
      { _id: expect.any(String), rid: room._id, u: { _id: alice.uid, username: 'alice' }, roles: ['owner'] },
    ]);
  });
});
