import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  coded,
  EJSON_DATE,
  INVALID_PARAMS,
  ISO,
  NO_CHANNEL,
  type RoomWorld,
  startRoomWorld,
  withPermission,
} from '../../test/support/rooms.ts';

let world: RoomWorld;

beforeAll(async () => {
  world = await startRoomWorld();
});
afterAll(() => world.close());

const refusal = (code: string, reason: string) => coded(code, reason, { method: 'joinRoom' });

describe('channels.join', () => {
  test('the answer is the room as it is afterwards', async () => {
    const { alice, bob, channel } = world;
    const room = await channel();
    const { status, body } = await bob.post('channels.join', { roomId: room._id });
    expect(status).toBe(200);
    expect(body).toEqual({
      channel: {
        _id: room._id,
        name: room.name,
        fname: room.name,
        t: 'c',
        msgs: room.msgs + 1,
        usersCount: room.usersCount + 1,
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

  test('the new subscription is open and alerts, without a last-seen time', async () => {
    const { bob, channel, subscription } = world;
    const room = await channel([], { customFields: { team: 'red' } });
    await bob.post('channels.join', { roomName: room.name });
    expect(await subscription(bob, room._id)).toEqual({
      _id: expect.any(String),
      rid: room._id,
      t: 'c',
      u: { _id: bob.uid, username: 'bob', name: 'bob' },
      name: room.name,
      fname: room.name,
      ts: ISO,
      open: true,
      alert: true,
      unread: 1,
      userMentions: 1,
      groupMentions: 0,
      customFields: { team: 'red' },
      _updatedAt: ISO,
    });
  });

  test('it posts `uj` at the time of joining and leaves lm, lastMessage and other subscriptions alone', async () => {
    const { alice, bob, channel, messages, room: info, say, subscription } = world;
    const room = await channel();
    await say(alice, room._id, 'hello');
    const [before, own] = [await info(room._id), await subscription(alice, room._id)];
    await bob.post('channels.join', { roomId: room._id });
    const after = await info(room._id);
    const joined = (await subscription(bob, room._id))?.ts;
    expect((await messages(room._id)).at(-1)).toEqual({
      _id: expect.any(String),
      t: 'uj',
      rid: room._id,
      ts: joined,
      msg: 'bob',
      u: { _id: bob.uid, username: 'bob', name: 'bob' },
      groupable: false,
      _updatedAt: joined,
    });
    expect([after.lm, after.lastMessage]).toEqual([before.lm, before.lastMessage]);
    expect(await subscription(alice, room._id)).toEqual(own);
  });

  test('joining again changes nothing and succeeds', async () => {
    const { bob, channel, subscription } = world;
    const room = await channel();
    const first = await bob.post('channels.join', { roomId: room._id });
    const before = await subscription(bob, room._id);
    const second = await bob.post('channels.join', { roomId: room._id });
    expect(second).toMatchObject({ status: 200, body: first.body });
    expect(await subscription(bob, room._id)).toEqual(before);
  });

  test('the same user joining several times at once becomes a member once', async () => {
    const { bob, channel, types, room: info } = world;
    for (let round = 0; round < 5; round++) {
      const room = await channel();
      const answers = await Promise.all([1, 2, 3].map(() => bob.post('channels.join', { roomId: room._id })));
      expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200]);
      expect(await types(room._id)).toEqual(['uj']);
      expect(await info(room._id)).toMatchObject({ usersCount: 2, msgs: 1 });
    }
  });

  test('notification values and highlights come from the joiner’s preferences', async () => {
    const { bob, channel, subscription } = world;
    const data = { desktopNotifications: 'nothing', pushNotifications: 'mentions', highlights: ['deploy'] };
    expect(await bob.post('users.setPreferences', { data })).toMatchObject({ status: 200 });
    const room = await channel();
    await bob.post('channels.join', { roomId: room._id });
    const joined = await subscription(bob, room._id);
    expect(joined).toMatchObject({
      desktopNotifications: 'nothing',
      desktopPrefOrigin: 'user',
      mobilePushNotifications: 'mentions',
      mobilePrefOrigin: 'user',
    });
    expect(joined).not.toHaveProperty('emailNotifications');
    expect(joined).not.toHaveProperty('userHighlights');
    const back = { desktopNotifications: 'default', pushNotifications: 'default', highlights: [] };
    await bob.post('users.setPreferences', { data: back });
  });

  test('read-only and broadcast channels can be joined by anybody', async () => {
    const { bob, channel } = world;
    const readOnly = await channel([], { readOnly: true });
    const broadcast = await channel([], { extraData: { broadcast: true } });
    for (const room of [readOnly, broadcast]) {
      expect(await bob.post('channels.join', { roomId: room._id })).toMatchObject({ status: 200 });
    }
  });

  test('preview-c-room is not needed to join', async () => {
    const room = await world.channel();
    await withPermission(world, 'preview-c-room', ['admin'], async () => {
      expect(await world.bob.post('channels.join', { roomId: room._id })).toMatchObject({ status: 200 });
    });
  });

  test.each([
    ['nothing', {}],
    ['both ways to name the room', { roomId: 'GENERAL', roomName: 'general' }],
    ['an unknown member', { roomId: 'GENERAL', user: 'x' }],
    ['a list as join code', { roomId: 'GENERAL', joinCode: ['x', 'y'] }],
  ])('%s is refused as parameters', async (_what, body) => {
    const answer = await world.bob.post('channels.join', body);
    expect([answer.status, answer.body]).toEqual([400, INVALID_PARAMS]);
  });

  test('unknown rooms, groups and direct rooms are not found', async () => {
    const { alice, bob, group } = world;
    const secret = await group([bob]);
    const direct = await alice.post('im.create', { username: 'bob' });
    for (const roomId of ['nowhere', '', secret._id, direct.body.room._id]) {
      expect((await bob.post('channels.join', { roomId })).body).toEqual(NO_CHANNEL);
    }
  });

  test('an archived channel cannot be joined', async () => {
    const { alice, bob, channel } = world;
    const room = await channel();
    await alice.post('channels.archive', { roomId: room._id });
    const { status, body } = await bob.post('channels.join', { roomId: room._id });
    expect([status, body]).toEqual([
      400,
      coded('error-room-archived', `The channel, ${room.name}, is archived`),
    ]);
  });

  test('who may not see public channels may not join one', async () => {
    const guest = await world.server.person('guest-join', { roles: ['guest'] });
    const room = await world.channel();
    const { status, body } = await guest.post('channels.join', { roomId: room._id });
    expect([status, body]).toEqual([400, refusal('error-not-allowed', 'Not allowed')]);
  });

  test('a public channel of a private team is open to the team’s members only', async () => {
    const { alice, bob, carol, group, newName } = world;
    const main = await group([bob]);
    const team = (await alice.post('groups.convertToTeam', { roomId: main._id })).body.team;
    const extraData = { teamId: team._id };
    const created = await alice.post('channels.create', { name: newName(), extraData });
    const roomId = created.body.channel._id;
    expect((await carol.post('channels.join', { roomId })).body).toEqual(
      refusal('error-not-allowed', 'Not allowed'),
    );
    expect(await bob.post('channels.join', { roomId })).toMatchObject({ status: 200 });
  });

  test('a join code is asked of whoever may not join without one', async () => {
    const { admin, alice, bob, channel } = world;
    const { _id: roomId } = await channel();
    await alice.post('channels.setJoinCode', { roomId, joinCode: 'sesame' });
    const without = await bob.post('channels.join', { roomId });
    expect(without.body).toEqual(refusal('error-code-required', 'Code required'));
    const wrong = await bob.post('channels.join', { roomId, joinCode: 'Sesame' });
    expect(wrong.body).toEqual(refusal('error-code-invalid', 'Invalid code'));
    expect((await bob.post('channels.join', { roomId, joinCode: '' })).body.errorType).toBe(
      'error-code-required',
    );
    const right = await bob.post('channels.join', { roomId, joinCode: 'sesame' });
    expect(right).toMatchObject({ status: 200, body: { channel: { joinCodeRequired: true } } });
    expect(JSON.stringify(right.body)).not.toContain('sesame');
    expect(await admin.post('channels.join', { roomId })).toMatchObject({ status: 200 });
  });

  test('the join code is asked before anything is said about the own membership', async () => {
    const { alice, bob, channel } = world;
    const { _id: roomId } = await channel([bob]);
    await alice.post('channels.setJoinCode', { roomId, joinCode: 'sesame' });
    expect((await bob.post('channels.join', { roomId })).body.errorType).toBe('error-code-required');
    expect(await bob.post('channels.join', { roomId, joinCode: 'sesame' })).toMatchObject({ status: 200 });
  });

  test('a banned user is refused and stays banned', async () => {
    const { ban, bob, channel, room: info } = world;
    const room = await channel([bob]);
    await ban(room._id, bob);
    const { status, body } = await bob.post('channels.join', { roomId: room._id });
    expect([status, body]).toEqual([400, coded('error-user-is-banned', 'User is banned from this room')]);
    expect(await info(room._id)).toMatchObject({ usersCount: 1, msgs: 0 });
  });

  test('joining with a pending invitation accepts it', async () => {
    const { bob, channel, server, subscription, types, room: info } = world;
    const room = await channel([bob]);
    await server.server.ctx.write(async (tx) => {
      await tx
        .updateTable('subscriptions')
        .set({ status: 'INVITED' })
        .where('rid', '=', room._id)
        .where('uid', '=', bob.uid)
        .execute();
      await tx.updateTable('rooms').set({ users_count: 1 }).where('id', '=', room._id).execute();
    });
    expect(await subscription(bob, room._id)).toMatchObject({ status: 'INVITED' });
    expect(await bob.post('channels.join', { roomId: room._id })).toMatchObject({ status: 200 });
    expect(await subscription(bob, room._id)).not.toHaveProperty('status');
    expect(await types(room._id)).toEqual(['uj']);
    expect(await info(room._id)).toMatchObject({ usersCount: 2, msgs: 1 });
  });

  test('joining the main room of a team makes a member of the team', async () => {
    const { alice, bob, channel, messages, server } = world;
    const room = await channel();
    const { team } = (await alice.post('channels.convertToTeam', { channelId: room._id })).body;
    await bob.post('channels.join', { roomId: room._id });
    expect((await messages(room._id)).at(-1)).toMatchObject({ t: 'ujt', msg: 'bob', u: { username: 'bob' } });
    const row = await server.server.ctx.db
      .selectFrom('team_members')
      .selectAll()
      .where('team_id', '=', team._id)
      .where('uid', '=', bob.uid)
      .executeTakeFirstOrThrow();
    expect([row.roles, JSON.parse(row.created_by)._id]).toEqual(['[]', bob.uid]);
  });
});

describe('the other doors', () => {
  test('rooms.join answers the room, and refuses direct rooms', async () => {
    const { alice, bob, channel } = world;
    const room = await channel();
    const joined = await bob.post('rooms.join', { roomId: room._id });
    expect(joined).toMatchObject({
      status: 200,
      body: { room: { _id: room._id, usersCount: 2 }, success: true },
    });
    const direct = await alice.post('im.create', { username: 'bob' });
    const { body } = await bob.post('rooms.join', { roomId: direct.body.room._id });
    expect(body).toEqual(refusal('error-not-allowed', 'Not allowed'));
  });

  test('rooms.join refuses a group the caller is not in, as the access rule does', async () => {
    const { bob, group } = world;
    const { _id: roomId } = await group();
    expect((await bob.post('rooms.join', { roomId })).body).toEqual(
      refusal('error-not-allowed', 'Not allowed'),
    );
  });

  test('the DDP method joinRoom answers true, also for a member, and the coded errors', async () => {
    const { alice, bob, channel } = world;
    const room = await channel();
    const socket = await bob.ddp();
    expect(await socket.call('joinRoom', room._id)).toBe(true);
    expect(await socket.call('joinRoom', room._id)).toBe(true);
    const guarded = await channel();
    await alice.post('channels.setJoinCode', { roomId: guarded._id, joinCode: 'sesame' });
    await expect(socket.call('joinRoom', guarded._id, 'x')).rejects.toMatchObject({
      error: 'error-code-invalid',
      reason: 'Invalid code',
      details: { method: 'joinRoom' },
    });
    expect(await socket.call('joinRoom', guarded._id, 'sesame')).toBe(true);
    await expect(socket.call('joinRoom', 'nowhere')).rejects.toMatchObject({ error: 'error-invalid-room' });
  });
});

describe('what sockets see of a join', () => {
  test('the joiner gets subscription and room, the members the changed room and `uj`', async () => {
    const { alice, bob, channel, listen } = world;
    const room = await channel();
    const [member, joiner] = [await listen(alice), await listen(bob)];
    await member.socket.subscribe('stream-room-messages', room._id);
    await bob.post('channels.join', { roomId: room._id });

    const subscriptions = await joiner.subscriptions(room._id);
    expect(subscriptions).toEqual([
      [
        'inserted',
        {
          _id: expect.any(String),
          rid: room._id,
          t: 'c',
          u: { _id: bob.uid, username: 'bob', name: 'bob' },
          name: room.name,
          fname: room.name,
          ts: EJSON_DATE,
          open: true,
          alert: true,
          unread: 1,
          userMentions: 1,
          groupMentions: 0,
          customFields: {},
          _updatedAt: EJSON_DATE,
        },
      ],
    ]);
    const seen = await joiner.rooms(room._id);
    expect(seen[0]).toEqual(['inserted', expect.objectContaining({ _id: room._id, usersCount: 2, msgs: 1 })]);
    const updates = await member.rooms(room._id);
    expect(updates.at(-1)).toEqual(['updated', expect.objectContaining({ usersCount: 2, msgs: 1 })]);
    expect(await member.subscriptions(room._id)).toEqual([]);
    expect(member.socket.events('room-messages', room._id)).toMatchObject([[{ t: 'uj', msg: 'bob' }]]);
  });
});
