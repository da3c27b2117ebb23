import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { PATIENCE } from '../../test/support/patience.ts';
import { type Person, startServer, type TestServer } from '../../test/support/server.ts';

let server: TestServer;
let alice: Person;
let bob: Person;
let carol: Person;
let names = 0;

beforeAll(async () => {
  server = await startServer();
  [alice, bob, carol] = await Promise.all([
    server.person('alice'),
    server.person('bob'),
    server.person('carol'),
  ]);
});
afterAll(() => server.close());

/** A channel of alice, who owns it, with these members. */
async function channel(...members: Person[]) {
  const name = `room-${++names}`;
  const created = await alice.post('channels.create', {
    name,
    members: members.map((member) => member.username),
  });
  expect(created.status).toBe(200);
  return created.body.channel as { _id: string; name: string; msgs: number; usersCount: number };
}

const coded = (code: string, reason: string, details?: object) => ({
  success: false,
  error: `${reason} [${code}]`,
  errorType: code,
  ...(details ? { details } : {}),
});

const leaveRefusal = (code: string, reason: string) => coded(code, reason, { method: 'leaveRoom' });

describe('channels.leave', () => {
  test('the answer is the room as it is afterwards, with the usernames of who is left in join order', async () => {
    const room = await channel(carol, bob);
    const { status, body } = await carol.post('channels.leave', { roomId: room._id });
    expect(status).toBe(200);
    expect(body).toEqual({
      channel: {
        _id: room._id,
        name: room.name,
        fname: room.name,
        t: 'c',
        msgs: room.msgs + 1,
        usersCount: room.usersCount - 1,
        u: { _id: alice.uid, username: 'alice', name: 'alice' },
        customFields: {},
        ts: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        ro: false,
        sysMes: true,
        default: false,
        _updatedAt: expect.any(String),
        usernames: ['alice', 'bob'],
      },
      success: true,
    });
  });

  test('it posts an `ul` message that changes neither lm nor lastMessage nor anybody’s unread state', async () => {
    const room = await channel(bob, carol);
    await alice.post('chat.sendMessage', { message: { rid: room._id, msg: 'hello' } });
    const before = await carol.get('subscriptions.getOne', { roomId: room._id });
    const info = await alice.get('rooms.info', { roomId: room._id });
    await bob.post('channels.leave', { roomId: room._id });

    const history = await alice.get('channels.history', { roomId: room._id });
    expect(history.body.messages[0]).toMatchObject({
      t: 'ul',
      msg: 'bob',
      rid: room._id,
      u: { _id: bob.uid, username: 'bob', name: 'bob' },
      groupable: false,
    });
    const after = await alice.get('rooms.info', { roomId: room._id });
    expect(after.body.room.lm).toBe(info.body.room.lm);
    expect(after.body.room.lastMessage).toEqual(info.body.room.lastMessage);
    expect((await carol.get('subscriptions.getOne', { roomId: room._id })).body).toEqual(before.body);
  });

  test('it deletes the subscription and tells delta synchronization so', async () => {
    const room = await channel(bob);
    const { body: before } = await bob.get('subscriptions.getOne', { roomId: room._id });
    const since = new Date(Date.parse(before.subscription._updatedAt)).toISOString();
    await bob.post('channels.leave', { roomId: room._id });

    expect((await bob.get('subscriptions.getOne', { roomId: room._id })).body.subscription).toBeNull();
    const delta = await bob.get('subscriptions.get', { updatedSince: since });
    expect(delta.body.remove).toContainEqual({
      _id: before.subscription._id,
      _deletedAt: expect.any(String),
    });
    const members = await alice.get('channels.members', { roomId: room._id });
    expect(members.body.members.map((member: { username: string }) => member.username)).toEqual(['alice']);
  });

  test('a room role goes with the membership and does not come back on rejoining', async () => {
    const room = await channel(bob);
    await alice.post('channels.addModerator', { roomId: room._id, userId: bob.uid });
    await bob.post('channels.leave', { roomId: room._id });
    await bob.post('channels.join', { roomId: room._id });
    const { body } = await bob.get('subscriptions.getOne', { roomId: room._id });
    expect(body.subscription.roles).toBeUndefined();
    const history = await alice.get('channels.history', { roomId: room._id });
    const types = history.body.messages.map((message: { t?: string }) => message.t);
    expect(types).toEqual(['uj', 'ul', 'subscription-role-added']);
  });

  test('`roomName` names the room as well as `roomId`', async () => {
    const room = await channel(bob);
    const { status, body } = await bob.post('channels.leave', { roomName: room.name });
    expect([status, body.channel._id]).toEqual([200, room._id]);
  });

  test.each([
    ['nothing', {}],
    ['both', { roomId: 'GENERAL', roomName: 'general' }],
    ['an unknown member', { roomId: 'GENERAL', query: 'x' }],
    ['a list', { roomId: ['GENERAL', 'x'] }],
    ['an object', { roomId: { $ne: '' } }],
  ])('%s as parameters is refused', async (_what, parameters) => {
    const { status, body } = await bob.post('channels.leave', parameters);
    expect([status, body.success, body.errorType]).toEqual([400, false, 'error-invalid-params']);
  });

  test('without credentials it is refused before anything else', async () => {
    const { status, body } = await server.anonymous.post('channels.leave', {});
    const text = 'You must be logged in to do this.';
    expect([status, body]).toEqual([401, { success: false, status: 'error', error: text, message: text }]);
  });

  test.each([
    ['an unknown id', { roomId: 'nowhere' }],
    ['an empty id', { roomId: '' }],
    ['an unknown name', { roomName: 'no such room' }],
    ['a name in another case', { roomName: 'GENERAL' }],
    ['a name with a leading #', { roomName: '#general' }],
    ['SQL', { roomName: "general' or '1'='1" }],
  ])('%s is not found', async (_what, parameters) => {
    const { status, body } = await bob.post('channels.leave', parameters);
    const reason = 'The required "roomId" or "roomName" param provided does not match any channel';
    expect([status, body]).toEqual([400, coded('error-room-not-found', reason)]);
  });

  test('a private group is no channel', async () => {
    const { body } = await alice.post('groups.create', { name: `room-${++names}` });
    const left = await alice.post('channels.leave', { roomId: body.group._id });
    expect(left.body.errorType).toBe('error-room-not-found');
  });

  test('an archived channel cannot be left', async () => {
    const room = await channel(bob);
    await alice.post('channels.archive', { roomId: room._id });
    const { status, body } = await bob.post('channels.leave', { roomId: room._id });
    expect([status, body]).toEqual([
      400,
      coded('error-room-archived', `The channel, ${room.name}, is archived`),
    ]);
    expect((await bob.get('subscriptions.getOne', { roomId: room._id })).body.subscription).not.toBeNull();
  });

  test('a pure guest may not leave by itself', async () => {
    const guest = await server.person(`guest-${++names}`, { roles: ['guest'] });
    const room = await channel(guest);
    const { status, body } = await guest.post('channels.leave', { roomId: room._id });
    expect([status, body]).toEqual([400, leaveRefusal('error-not-allowed', 'Not allowed')]);
  });

  test('leaving twice is refused the second time', async () => {
    const room = await channel(bob);
    await bob.post('channels.leave', { roomId: room._id });
    const { status, body } = await bob.post('channels.leave', { roomId: room._id });
    expect([status, body]).toEqual([400, leaveRefusal('error-user-not-in-room', 'You are not in this room')]);
  });

  test('leaving as the last owner is refused and changes nothing, also alone and as an administrator', async () => {
    const refusal = leaveRefusal(
      'error-you-are-last-owner',
      'You are the last owner. Please set new owner before leaving the room.',
    );
    const room = await channel(bob);
    const before = await alice.get('channels.info', { roomId: room._id });
    expect((await alice.post('channels.leave', { roomId: room._id })).body).toEqual(refusal);
    expect((await alice.get('channels.info', { roomId: room._id })).body).toEqual(before.body);

    const { body } = await server.admin.post('channels.create', { name: `room-${++names}` });
    expect((await server.admin.post('channels.leave', { roomId: body.channel._id })).body).toEqual(refusal);
  });

  test('a room without any owner can be left by everyone', async () => {
    const name = `room-${++names}`;
    const { body } = await alice.post('channels.create', { name, members: ['bob'], excludeSelf: true });
    const left = await bob.post('channels.leave', { roomId: body.channel._id });
    expect([left.status, left.body.channel.usersCount, left.body.channel.usernames]).toEqual([200, 0, []]);
  });

  test('of two owners who leave at the same moment exactly one succeeds', async () => {
    for (let round = 0; round < 5; round++) {
      const room = await channel(bob);
      await alice.post('channels.addOwner', { roomId: room._id, userId: bob.uid });
      const answers = await Promise.all(
        [alice, bob].map((owner) => owner.post('channels.leave', { roomId: room._id })),
      );
      const refused = answers.filter((answer) => answer.status === 400);
      expect(refused.map((answer) => answer.body.errorType)).toEqual(['error-you-are-last-owner']);
      const { body } = await carol.get('channels.info', { roomId: room._id });
      expect(body.channel.usersCount).toBe(1);
    }
  });

  test('leaving while being kicked removes the member once', async () => {
    for (let round = 0; round < 5; round++) {
      const room = await channel(bob);
      const answers = await Promise.all([
        bob.post('channels.leave', { roomId: room._id }),
        alice.post('channels.kick', { roomId: room._id, userId: bob.uid }),
      ]);
      expect(answers.map((answer) => answer.status).sort()).toEqual([200, 400]);
      const { body } = await carol.get('channels.info', { roomId: room._id });
      expect([body.channel.usersCount, body.channel.msgs]).toEqual([1, 1]);
    }
  });

  test('leaving the main room of a team ends the team membership with an `ult` message', async () => {
    const room = await channel(bob);
    expect((await alice.post('channels.convertToTeam', { channelId: room._id })).status).toBe(200);
    expect((await bob.post('channels.leave', { roomId: room._id })).status).toBe(200);
    const history = await alice.get('channels.history', { roomId: room._id });
    expect(history.body.messages[0]).toMatchObject({ t: 'ult', msg: 'bob' });
    const members = await server.server.ctx.db.selectFrom('team_members').select('uid').execute();
    expect(members.map((member) => member.uid)).toEqual([alice.uid]);
  });

  test('a ban is not erased by leaving', async () => {
    const room = await channel(bob);
    expect((await alice.post('rooms.banUser', { roomId: room._id, userId: bob.uid })).status).toBe(200);
    const { body } = await bob.post('channels.leave', { roomId: room._id });
    expect(body.errorType).toBe('error-user-not-in-room');
    const joined = await bob.post('channels.join', { roomId: room._id });
    expect(joined.body).toEqual(coded('error-user-is-banned', 'User is banned from this room'));
  });

  test('a muted user who comes back is still muted', async () => {
    const room = await channel(bob);
    await alice.post('rooms.muteUser', { roomId: room._id, userId: bob.uid });
    await bob.post('channels.leave', { roomId: room._id });
    await bob.post('channels.join', { roomId: room._id });
    const { body } = await bob.post('chat.sendMessage', { message: { rid: room._id, msg: 'hi' } });
    expect(body).toMatchObject({ success: false, error: 'You_have_been_muted' });
  });
});

describe('what goes with the membership', () => {
  test('nothing of it comes back on rejoining: favourite, role, last-seen time, id', async () => {
    const room = await channel(bob);
    await bob.post('rooms.favorite', { roomId: room._id, favorite: true });
    await bob.post('subscriptions.read', { rid: room._id });
    const before = (await bob.get('subscriptions.getOne', { roomId: room._id })).body.subscription;
    expect(before).toMatchObject({ f: true, ls: expect.any(String) });
    await bob.post('channels.leave', { roomId: room._id });
    await bob.post('channels.join', { roomId: room._id });
    const after = (await bob.get('subscriptions.getOne', { roomId: room._id })).body.subscription;
    expect(after).not.toHaveProperty('f');
    expect(after).not.toHaveProperty('ls');
    expect(after._id).not.toBe(before._id);
  });

  test('the leaver no longer waits for the key of an encrypted room', async () => {
    const room = await channel(bob, carol);
    const { ctx } = server.server;
    const waiting = [bob, carol].map(({ uid }) => ({ userId: uid, ts: '2026-01-01T00:00:00.000Z' }));
    const row = await ctx.db
      .selectFrom('rooms')
      .select('doc')
      .where('id', '=', room._id)
      .executeTakeFirstOrThrow();
    const doc = JSON.stringify({ ...JSON.parse(row.doc), encrypted: true, usersWaitingForE2EKeys: waiting });
    await ctx.write((tx) => tx.updateTable('rooms').set({ doc }).where('id', '=', room._id).execute());
    const { body } = await bob.post('channels.leave', { roomId: room._id });
    expect(body.channel.usersWaitingForE2EKeys).toEqual([waiting[1]]);
  });

  test('lost roles are told to everybody logged in, without a message in the room', async () => {
    const room = await channel(bob);
    await alice.post('channels.addModerator', { roomId: room._id, userId: bob.uid });
    const socket = await carol.ddp();
    await socket.subscribe('stream-notify-logged', 'roles-change');
    await bob.post('channels.leave', { roomId: room._id });
    const [change] = await socket.event(
      'notify-logged',
      'roles-change',
      ([told]) => told?.scope === room._id,
    );
    const u = { _id: bob.uid, username: 'bob', name: 'bob' };
    expect(change).toEqual({ type: 'removed', _id: 'moderator', scope: room._id, u });
    const history = await alice.get('channels.history', { roomId: room._id });
    const types = history.body.messages.map((message: { t?: string }) => message.t);
    expect(types).toEqual(['ul', 'subscription-role-added']);
  });

  test('an account that was deleted meanwhile cannot leave', async () => {
    const person = await server.person(`person-${++names}`);
    const room = await channel(person);
    await server.admin.post('users.delete', { userId: person.uid });
    expect(await person.post('channels.leave', { roomId: room._id })).toMatchObject({ status: 401 });
    expect((await alice.get('channels.info', { roomId: room._id })).body.channel).toMatchObject({
      usersCount: 1,
      msgs: 0,
    });
  });
});

describe('the other doors to the same operation', () => {
  test('groups.leave answers success only and hides groups from strangers', async () => {
    const { body } = await alice.post('groups.create', { name: `room-${++names}`, members: ['bob'] });
    const rid = body.group._id;
    expect((await bob.post('groups.leave', { roomId: rid })).body).toEqual({ success: true });
    const again = await bob.post('groups.leave', { roomId: rid });
    const reason = 'The required "roomId" or "roomName" param provided does not match any group';
    expect(again.body).toEqual(coded('error-room-not-found', reason));
  });

  test('rooms.leave works for channels and refuses direct rooms', async () => {
    const room = await channel(bob);
    expect((await bob.post('rooms.leave', { roomId: room._id })).body).toEqual({ success: true });
    const direct = await alice.post('im.create', { username: 'bob' });
    const { body } = await alice.post('rooms.leave', { roomId: direct.body.room._id });
    expect(body).toEqual(leaveRefusal('error-not-allowed', 'Not allowed'));
  });

  test('the DDP method leaveRoom answers without a result, or with the coded error', async () => {
    const room = await channel(bob);
    const socket = await bob.ddp();
    expect(await socket.call('leaveRoom', room._id)).toBeUndefined();
    await expect(socket.call('leaveRoom', room._id)).rejects.toMatchObject({
      error: 'error-user-not-in-room',
      reason: 'You are not in this room',
      details: { method: 'leaveRoom' },
    });
    await expect(socket.call('leaveRoom', 'nowhere')).rejects.toMatchObject({ error: 'error-invalid-room' });
  });
});

describe('what sockets see of a leave', () => {
  test('members and the leaver get `ul`; afterwards nothing of the room reaches the leaver', async () => {
    const room = await channel(bob);
    const [watching, leaving] = await Promise.all([alice.ddp(), bob.ddp()]);
    for (const [socket, person] of [
      [watching, alice],
      [leaving, bob],
    ] as const) {
      await socket.subscribe('stream-room-messages', room._id);
      await socket.subscribe('stream-notify-user', `${person.uid}/subscriptions-changed`);
      await socket.subscribe('stream-notify-user', `${person.uid}/rooms-changed`);
      await socket.subscribe('stream-notify-room', `${room._id}/user-activity`);
    }
    await bob.post('channels.leave', { roomId: room._id });
    await alice.post('chat.sendMessage', { message: { rid: room._id, msg: 'is bob gone?' } });
    await watching.call('stream-notify-room', `${room._id}/user-activity`, 'alice', ['user-typing'], {});

    await watching.event('room-messages', room._id, ([message]) => message?.msg === 'is bob gone?');
    const [[, updated] = []] = watching.events('notify-user', `${alice.uid}/rooms-changed`);
    expect(updated).toMatchObject({ _id: room._id, usersCount: 1, msgs: 1 });
    expect(watching.events('room-messages', room._id)[0]?.[0]).toMatchObject({ t: 'ul', msg: 'bob' });

    await leaving.barrier();
    expect(leaving.events('room-messages', room._id).map(([message]) => message?.t)).toEqual(['ul']);
    const own = leaving.events('notify-user', `${bob.uid}/subscriptions-changed`);
    expect(own.at(-1)).toEqual([
      'removed',
      expect.objectContaining({ rid: room._id, t: 'c', u: expect.objectContaining({ _id: bob.uid }) }),
    ]);
    const removal = leaving.frames.findIndex((frame) => frame.fields?.args?.[0] === 'removed');
    expect(
      leaving.frames.slice(removal + 1).filter((frame) => JSON.stringify(frame).includes(room._id)),
    ).toEqual([]);
  });

  test('who leaves a private team stops hearing its channels, also those never joined', async () => {
    const main = await alice.post('groups.create', { name: `room-${++names}`, members: ['bob'] });
    const rid = main.body.group._id;
    const { body: converted } = await alice.post('groups.convertToTeam', { roomId: rid });
    const { body: created } = await alice.post('channels.create', {
      name: `room-${++names}`,
      extraData: { teamId: converted.team._id },
    });
    const socket = await bob.ddp();
    await socket.subscribe('stream-room-messages', created.channel._id);
    const { realtime } = server.server;
    const before = realtime.stats().subscriptions;
    await bob.post('groups.leave', { roomId: rid });
    await vi.waitFor(() => expect(realtime.stats().subscriptions).toBe(before - 1), PATIENCE);
    await alice.post('chat.sendMessage', { message: { rid: created.channel._id, msg: 'only for the team' } });
    await socket.barrier();
    expect(socket.events('room-messages', created.channel._id)).toEqual([]);
  });

  test('other members’ subscriptions do not change', async () => {
    const room = await channel(bob, carol);
    const socket = await carol.ddp();
    await socket.subscribe('stream-notify-user', `${carol.uid}/subscriptions-changed`);
    await socket.subscribe('stream-notify-user', `${carol.uid}/rooms-changed`);
    await bob.post('channels.leave', { roomId: room._id });
    await socket.event(
      'notify-user',
      `${carol.uid}/rooms-changed`,
      ([, changed]) => changed?.usersCount === 2,
    );
    await socket.barrier();
    expect(socket.events('notify-user', `${carol.uid}/subscriptions-changed`)).toEqual([]);
  });
});
