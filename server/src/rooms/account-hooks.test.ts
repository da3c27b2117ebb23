import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkInvariants } from '../../test/support/check-invariants.ts';
import { type RoomWorld, startRoomWorld, type TestRoom } from '../../test/support/rooms.ts';
import type { Person, PersonOptions } from '../../test/support/server.ts';

let world: RoomWorld;
let people = 0;

beforeAll(async () => {
  world = await startRoomWorld();
});
afterAll(() => world.close());

const newcomer = (options?: PersonOptions) => world.server.person(`person-${++people}`, options);

async function roomOf(owner: Person, prefix: 'channels' | 'groups', members: readonly Person[] = []) {
  const body = { name: world.newName(), members: members.map((member) => member.username) };
  const created = await owner.post(`${prefix}.create`, body);
  return (created.body.channel ?? created.body.group) as TestRoom;
}

const remove = (person: Person, confirmRelinquish = false) =>
  world.admin.post('users.delete', { userId: person.uid, confirmRelinquish });
const setActive = (person: Person, activeStatus: boolean, confirmRelinquish = false) =>
  world.admin.post('users.setActiveStatus', { userId: person.uid, activeStatus, confirmRelinquish });

const exists = async (rid: string) => {
  const rows = world.server.server.ctx.db.selectFrom('rooms').select('id').where('id', '=', rid);
  return (await rows.executeTakeFirst()) !== undefined;
};

describe.each([
  ['users.delete', remove],
  ['users.setActiveStatus', (person: Person, confirm?: boolean) => setActive(person, false, confirm)],
] as const)('%s and the rooms of the person', (_path, end) => {
  test('is refused without confirmation while somebody is last owner, naming the rooms', async () => {
    const { bob, carol } = world;
    const person = await newcomer();
    const [handedOver, removed, shared, kept] = [
      await roomOf(person, 'channels', [carol, bob]),
      await roomOf(person, 'groups'),
      await roomOf(person, 'groups', [bob]),
      await roomOf(person, 'channels'),
    ];
    await person.post('groups.addOwner', { roomId: shared._id, userId: bob.uid });
    const { status, body } = await end(person);
    expect(status).toBe(400);
    expect(body).toMatchObject({
      success: false,
      errorType: 'user-last-owner',
      details: { shouldBeRemoved: [removed.name], shouldChangeOwner: [handedOver.name] },
    });
    expect(await person.get('me')).toMatchObject({ status: 200 });
    expect(await exists(kept._id)).toBe(true);

    expect(await end(person, true)).toMatchObject({ status: 200 });
    expect(await exists(removed._id)).toBe(false);
    expect(await exists(kept._id)).toBe(true);
    const { body: roles } = await bob.get('channels.roles', { roomId: handedOver._id });
    // carol was named first, so she is the longest member.
    const owners = roles.roles.map((entry: { u: { username: string } }) => entry.u.username);
    expect(owners).toContain('carol');
  });

  test('the heir hears of the role', async () => {
    const { bob, listen } = world;
    const person = await newcomer();
    const room = await roomOf(person, 'channels', [bob]);
    const heir = await listen(bob);
    await end(person, true);
    expect(await heir.subscriptions(room._id)).toMatchObject([['updated', { roles: ['owner'] }]]);
    expect(await heir.roles(room._id)).toContainEqual(
      expect.objectContaining({
        type: 'added',
        _id: 'owner',
        u: expect.objectContaining({ username: 'bob' }),
      }),
    );
  });

  test('an inactive member is no heir', async () => {
    const [person, gone] = [await newcomer(), await newcomer()];
    const room = await roomOf(person, 'groups', [gone]);
    await setActive(gone, false, true);
    const { body } = await end(person);
    expect(body.details).toEqual({ shouldBeRemoved: [room.name], shouldChangeOwner: [] });
    await end(person, true);
    expect(await exists(room._id)).toBe(false);
  });

  test('the main room of a team that nobody inherits ends the team; its other rooms go on', async () => {
    const { bob, server, subscription } = world;
    const person = await newcomer();
    const main = await roomOf(person, 'groups');
    const { team } = (await person.post('groups.convertToTeam', { roomId: main._id })).body;
    const created = await person.post('channels.create', {
      name: world.newName(),
      members: ['bob'],
      extraData: { teamId: team._id },
    });
    const rid = created.body.channel._id;
    expect(await end(person, true)).toMatchObject({ status: 200 });
    expect(await exists(main._id)).toBe(false);
    const teams = server.server.ctx.db.selectFrom('teams').select('id').where('id', '=', team._id);
    expect(await teams.executeTakeFirst()).toBeUndefined();
    expect(await subscription(bob, rid)).not.toHaveProperty('teamId');
    expect((await bob.get('rooms.info', { roomId: rid })).body.room).not.toHaveProperty('teamId');
  });
});

describe('a deleted person', () => {
  test('leaves rooms without a message, with counters and lists in order', async () => {
    const { alice, bob, channel, listen, room: info, messages } = world;
    const person = await newcomer();
    const room = await channel([bob, person]);
    await alice.post('channels.addModerator', { roomId: room._id, userId: person.uid });
    const member = await listen(bob);
    expect(await remove(person)).toMatchObject({ status: 200 });
    expect(await info(room._id)).toMatchObject({ usersCount: 2, msgs: 1 });
    expect((await messages(room._id)).map((message) => message.t)).toEqual(['subscription-role-added']);
    expect((await member.rooms(room._id)).at(-1)).toMatchObject(['updated', { usersCount: 2 }]);
  });

  test('takes messages along, so that the room shows an older last message', async () => {
    const { alice, channel, room: info, say, messages } = world;
    const person = await newcomer();
    const room = await channel([person]);
    const kept = await say(alice, room._id, 'first');
    await say(person, room._id, 'second');
    await remove(person);
    expect((await messages(room._id)).map((message) => message.msg)).toEqual(['first']);
    const shown = await info(room._id);
    expect(shown).toMatchObject({ msgs: 1, usersCount: 1, lm: kept.ts, lastMessage: { _id: kept._id } });
  });

  test('leaves threads, discussions and counters of others in order', async () => {
    const { alice, bob, channel, room: info, say, server } = world;
    const person = await newcomer();
    const room = await channel([bob, person]);
    const parent = await say(alice, room._id, 'a thread');
    const reply = (who: typeof person, msg: string) =>
      who.post('chat.sendMessage', { message: { rid: room._id, tmid: parent._id, msg } });
    await reply(person, 'one');
    await reply(person, 'two');
    await reply(bob, 'three');
    // What is left of a deleted message is counted no more.
    const own = await say(person, room._id, 'with replies');
    await bob.post('chat.sendMessage', { message: { rid: room._id, tmid: own._id, msg: 'reply' } });
    await person.post('chat.delete', { roomId: room._id, msgId: own._id });
    const started = await person.post('rooms.createDiscussion', { prid: room._id, t_name: 'Beside' });
    const { _id: discussion } = started.body.discussion;
    await alice.post('rooms.join', { roomId: discussion });
    await person.post('rooms.leave', { roomId: discussion });
    expect((await remove(person, true)).status).toBe(200);

    expect((await alice.get('chat.getMessage', { msgId: parent._id })).body.message.tcount).toBe(1);
    const listed = (await alice.get('chat.getDiscussions', { roomId: room._id })).body.messages;
    expect(listed).toMatchObject([{ drid: discussion, u: { username: 'rocket.cat' } }]);
    expect((await info(room._id)).usersCount).toBe(2);
    await checkInvariants(server);
  });

  test('leaves no unread thread, no name in a list and no wait for a key behind', async () => {
    const { alice, bob, carol, channel, say, server, subscription } = world;
    const person = await newcomer();
    const { _id: rid } = await channel([bob, carol, person]);
    const thread = await say(person, rid, 'a thread');
    // A word in it makes carol look, who follows nothing.
    await carol.post('users.setPreferences', { data: { highlights: ['steam'] } });
    for (const who of [alice, bob])
      await who.post('chat.sendMessage', { message: { rid, tmid: thread._id, msg: 'steam' } });
    for (const who of [alice, carol]) expect((await subscription(who, rid))?.tunread).toEqual([thread._id]);
    const idea = await say(person, rid, 'an idea');
    const started = await alice.post('rooms.createDiscussion', {
      prid: rid,
      pmid: idea._id,
      t_name: 'On it',
    });
    expect(started.status).toBe(200);
    for (const { username } of [bob, person]) await alice.post('rooms.muteUser', { roomId: rid, username });
    const { ctx } = server.server;
    const details = async () => {
      const rooms = ctx.db.selectFrom('rooms').select('doc').where('id', '=', rid);
      return JSON.parse((await rooms.executeTakeFirstOrThrow()).doc);
    };
    const waiting = [bob, person].map(({ uid }) => ({ userId: uid, ts: '2026-01-01T00:00:00.000Z' }));
    const doc = JSON.stringify({ ...(await details()), usersWaitingForE2EKeys: waiting });
    await ctx.write((tx) => tx.updateTable('rooms').set({ doc }).where('id', '=', rid).execute());

    expect((await remove(person)).status).toBe(200);
    expect(await details()).toMatchObject({ muted: ['bob'], usersWaitingForE2EKeys: [waiting[0]] });
    for (const who of [alice, carol]) expect(await subscription(who, rid)).not.toHaveProperty('tunread');
    expect(await exists(started.body.discussion._id)).toBe(true);
    await checkInvariants(server);
  });

  test.each(['Unlink', 'Keep'])('with the erasure type %s the messages stay', async (Message_ErasureType) => {
    const { channel, room: info, say, messages, withSettings } = world;
    const person = await newcomer();
    const room = await channel([person]);
    await say(person, room._id, 'kept');
    await withSettings({ Message_ErasureType }, async () => {
      expect(await remove(person)).toMatchObject({ status: 200 });
    });
    const [message] = await messages(room._id);
    const author = Message_ErasureType === 'Unlink' ? 'rocket.cat' : person.username;
    expect([message?.msg, message?.u.username]).toEqual(['kept', author]);
    expect(await info(room._id)).toMatchObject({ msgs: 1, usersCount: 1 });
  });

  test('takes rooms of two along; a direct room of several keeps the others', async () => {
    const { alice, bob, listen, room: info } = world;
    const person = await newcomer();
    const two = (await alice.post('im.create', { username: person.username })).body.room._id;
    const three = (await alice.post('im.create', { usernames: `bob,${person.username}` })).body.room._id;
    const partner = await listen(alice);
    await remove(person);
    expect(await exists(two)).toBe(false);
    expect(await partner.subscriptions(two)).toMatchObject([['removed', { rid: two }]]);
    expect(await partner.rooms(two)).toEqual([['removed', { _id: two }]]);
    expect(await info(three)).toMatchObject({
      usersCount: 2,
      usernames: ['alice', 'bob'],
      uids: [alice.uid, bob.uid].sort(),
    });
  });

  test('leaves a team with its main room', async () => {
    const { alice, channel, server } = world;
    const person = await newcomer();
    const room = await channel([person]);
    const { team } = (await alice.post('channels.convertToTeam', { channelId: room._id })).body;
    await remove(person);
    const rows = await server.server.ctx.db
      .selectFrom('team_members')
      .select('uid')
      .where('team_id', '=', team._id)
      .execute();
    expect(rows).toEqual([{ uid: alice.uid }]);
  });
});

describe('a deactivated person', () => {
  test('stays a member; direct rooms of two are read-only and archived for the other until both are active', async () => {
    const { alice, channel, listen, room: info, subscription } = world;
    const [person, third] = [await newcomer(), await newcomer()];
    const room = await channel([person]);
    const rid = (await alice.post('im.create', { username: person.username })).body.room._id;
    const both = (await person.post('im.create', { username: third.username })).body.room._id;
    const partner = await listen(alice);
    expect(await setActive(person, false)).toMatchObject({ status: 200 });
    expect(await info(room._id)).toMatchObject({ usersCount: 2, ro: false });
    expect(await info(rid)).toMatchObject({ ro: true });
    expect(await subscription(alice, rid)).toMatchObject({ archived: true });
    expect((await partner.rooms(rid)).at(-1)).toMatchObject(['updated', { ro: true }]);
    expect((await partner.subscriptions(rid)).at(-1)).toMatchObject(['updated', { archived: true }]);

    await setActive(third, false);
    await setActive(person, true);
    expect(await info(rid)).toMatchObject({ ro: false });
    expect(await subscription(alice, rid)).not.toHaveProperty('archived');
    const { db } = world.server.server.ctx;
    const ro = async () =>
      (await db.selectFrom('rooms').select('ro').where('id', '=', both).executeTakeFirstOrThrow()).ro;
    expect(await ro()).toBe(1);
    await setActive(third, true);
    expect(await ro()).toBe(0);
  });
});

describe('a renamed person', () => {
  const rename = (person: Person, data: object) =>
    world.admin.post('users.update', { userId: person.uid, data });

  test('has the new names in own subscriptions, on sockets and in delta synchronization', async () => {
    const { channel, listen, subscription } = world;
    const person = await newcomer();
    const room = await channel([person]);
    const since = (await subscription(person, room._id))?._updatedAt;
    const own = await listen(person);
    const username = `renamed-${people}`;
    expect(await rename(person, { username, name: 'Re Named' })).toMatchObject({ status: 200 });
    const u = { _id: person.uid, username, name: 'Re Named' };
    expect(await subscription(person, room._id)).toMatchObject({ u });
    expect((await own.subscriptions(room._id)).at(-1)).toMatchObject(['updated', { u }]);
    const { body } = await person.get('subscriptions.get', { updatedSince: since });
    expect(body.update).toContainEqual(expect.objectContaining({ rid: room._id, u }));
  });

  test('has the new name in direct rooms of others and in mute lists', async () => {
    const { alice, bob, channel, listen, room: info, subscription } = world;
    const person = await newcomer();
    const room = await channel([person, bob]);
    for (const { uid: userId } of [person, bob])
      await alice.post('rooms.muteUser', { roomId: room._id, userId });
    const two = (await alice.post('im.create', { username: person.username })).body.room._id;
    const three = (await alice.post('im.create', { usernames: `bob,${person.username}` })).body.room._id;
    const partner = await listen(alice);
    const username = `renamed-${people}`;
    await rename(person, { username, name: 'Re Named' });
    expect(await subscription(alice, two)).toMatchObject({ name: username, fname: 'Re Named' });
    // In groups the usernames are joined without a blank, as the contract has it.
    expect(await subscription(alice, three)).toMatchObject({
      name: `bob,${username}`,
      fname: 'bob, Re Named',
    });
    expect((await partner.subscriptions(two)).at(-1)).toMatchObject(['updated', { name: username }]);
    expect((await info(two)).usernames).toContain(username);
    expect((await partner.rooms(two)).at(-1)).toMatchObject([
      'updated',
      { usernames: expect.arrayContaining([username]) },
    ]);
    expect((await info(room._id)).muted).toEqual([username, 'bob']);
  });

  test('is still muted after coming back, and nobody else who takes the old name', async () => {
    const { admin, alice, channel, listen, room: info } = world;
    const person = await newcomer();
    const { _id: roomId } = await channel([person]);
    const closed = await channel([person]);
    await alice.post('channels.setReadOnly', { roomId: closed._id, readOnly: true });
    await alice.post('rooms.muteUser', { roomId, userId: person.uid });
    await alice.post('rooms.unmuteUser', { roomId: closed._id, userId: person.uid });
    for (const room of [roomId, closed._id]) await person.post('channels.leave', { roomId: room });
    const member = await listen(alice);
    const username = `renamed-${people}`;
    await rename(person, { username });
    expect((await member.rooms(roomId)).at(-1)).toMatchObject(['updated', { muted: [username] }]);
    const say = (who: Person, rid: string) => who.post('chat.postMessage', { roomId: rid, text: 'hi' });
    expect((await say(person, roomId)).body).toMatchObject({ error: 'You_have_been_muted' });
    expect((await info(closed._id)).unmuted).toEqual([username]);
    expect((await say(person, closed._id)).status).toBe(200);

    const namesake = await newcomer();
    await rename(namesake, { username: person.username });
    expect((await say(namesake, roomId)).status).toBe(200);
    await person.post('channels.leave', { roomId });
    await admin.post('users.delete', { userId: person.uid });
    expect((await info(roomId)).muted).toEqual([]);
  });
});

test('users.info lists the rooms of a person with their roles', async () => {
  const { admin, channel, bob } = world;
  const person = await newcomer();
  const [own, joined] = [await roomOf(person, 'channels'), await channel([person, bob])];
  const { body } = await admin.get('users.info', {
    userId: person.uid,
    fields: '{"userRooms":1}',
    includeUserRooms: 'true',
  });
  expect(body.user.rooms).toEqual([
    { rid: own._id, name: own.name, t: 'c', roles: ['owner'], unread: 0 },
    { rid: joined._id, name: joined.name, t: 'c', unread: 0 },
  ]);
});
