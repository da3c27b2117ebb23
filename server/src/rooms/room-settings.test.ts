import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  coded,
  INVALID_PARAMS,
  NO_CHANNEL,
  NO_GROUP,
  plain,
  type RoomWorld,
  startRoomWorld,
  withPermission,
} from '../../test/support/rooms.ts';

let world: RoomWorld;

beforeAll(async () => {
  world = await startRoomWorld();
});
afterAll(() => world.close());

const refusal = (reason: string, action: string) =>
  coded('error-action-not-allowed', reason, { method: 'saveRoomSettings', action });
const MAY_NOT_EDIT = refusal('Editing room is not allowed', 'Editing_room');

const FAMILIES = [
  { prefix: 'channels', key: 'channel', t: 'c', noun: 'channel' },
  { prefix: 'groups', key: 'group', t: 'p', noun: 'private group' },
] as const;

describe.each(FAMILIES)('$prefix', ({ prefix, key, t, noun }) => {
  const make: RoomWorld['channel'] = (...of) => (t === 'c' ? world.channel(...of) : world.group(...of));

  test('every setter refuses unknown rooms, archived ones and callers who may not edit', async () => {
    const { alice, bob } = world;
    const room = await make([bob]);
    const bodies = {
      rename: { name: 'x' },
      setTopic: { topic: 'x' },
      setDescription: { description: 'x' },
      setPurpose: { purpose: 'x' },
      setAnnouncement: { announcement: 'x' },
      setReadOnly: { readOnly: true },
      setType: { type: t === 'c' ? 'p' : 'c' },
      setCustomFields: { customFields: { a: 1 } },
      ...(t === 'c' ? { setJoinCode: { joinCode: 'x' }, setDefault: { default: true } } : {}),
      ...(t === 'p' ? { setEncrypted: { encrypted: true } } : {}),
    };
    for (const [path, body] of Object.entries(bodies)) {
      const post = async (of: object) => (await bob.post(`${prefix}.${path}`, { ...of, ...body })).body;
      expect([path, await post({ roomId: 'nowhere' })]).toEqual([path, t === 'c' ? NO_CHANNEL : NO_GROUP]);
      expect([path, await post({ roomId: room._id })]).toEqual([path, MAY_NOT_EDIT]);
      expect([path, await post({})]).toEqual([path, INVALID_PARAMS]);
      expect([path, await post({ roomId: room._id, roomName: room.name })]).toEqual([path, INVALID_PARAMS]);
      const bare = await bob.post(`${prefix}.${path}`, { roomId: room._id });
      expect([path, bare.body]).toEqual([path, INVALID_PARAMS]);
    }
    await alice.post(`${prefix}.archive`, { roomId: room._id });
    for (const [path, body] of Object.entries(bodies)) {
      const answer = await alice.post(`${prefix}.${path}`, { roomId: room._id, ...body });
      const text =
        t === 'c' ? `The channel, ${room.name}, is archived` : `The private group, ${room.name}, is archived`;
      expect([path, answer.body]).toEqual([path, coded('error-room-archived', text)]);
    }
  });

  describe('rename', () => {
    test('changes the room and every subscription, alerts them and posts `r`', async () => {
      const { alice, bob, messages, newName, subscription } = world;
      const room = await make([bob]);
      const name = newName();
      const { status, body } = await alice.post(`${prefix}.rename`, { roomName: room.name, name });
      expect(status).toBe(200);
      expect(body).toEqual({
        [key]: { ...room, name, fname: name, msgs: 1, _updatedAt: expect.any(String) },
        success: true,
      });
      expect(await subscription(bob, room._id)).toMatchObject({ name, fname: name, alert: true });
      expect(await subscription(alice, room._id)).toMatchObject({ name, fname: name, alert: true });
      expect(await messages(room._id)).toMatchObject([{ t: 'r', msg: name, u: { username: 'alice' } }]);
    });

    test('is seen by the members on their sockets and by delta synchronization', async () => {
      const { alice, bob, listen, newName, subscription } = world;
      const room = await make([bob]);
      const since = (await subscription(bob, room._id))?._updatedAt;
      const member = await listen(bob);
      const name = newName();
      await alice.post(`${prefix}.rename`, { roomId: room._id, name });
      expect((await member.rooms(room._id)).at(-1)).toMatchObject(['updated', { name, fname: name }]);
      expect((await member.subscriptions(room._id)).at(-1)).toMatchObject([
        'updated',
        { name, fname: name, alert: true },
      ]);
      const { body } = await bob.get('subscriptions.get', { updatedSince: since });
      expect(body.update).toContainEqual(expect.objectContaining({ rid: room._id, name }));
    });

    test('the refusals of names are those of creating, and more', async () => {
      const { alice, newName } = world;
      const room = await make();
      const rename = async (name: string) =>
        (await alice.post(`${prefix}.rename`, { roomId: room._id, name })).body;
      expect(await rename(' ')).toEqual(plain('The bodyParam "name" is required'));
      const details = (channel_name: string) => ({ function: 'RocketChat.getValidRoomName', channel_name });
      expect(await rename('a b')).toEqual(
        coded('error-invalid-room-name', 'a b is not a valid room name.', details('a b')),
      );
      expect(await rename('general')).toEqual(
        coded('error-duplicate-channel-name', "A channel with name 'general' exists", details('general')),
      );
      const old = await make();
      await alice.post(`${prefix}.archive`, { roomId: old._id });
      expect(await rename(old.name)).toEqual(
        coded(
          'error-archived-duplicate-name',
          `There's an archived channel with name ${old.name}`,
          details(old.name),
        ),
      );
      expect(await rename('BOB')).toEqual(
        coded('error-duplicate-handle', "A room, team or user with name 'BOB' already exists"),
      );
      expect(await rename('All')).toEqual(
        coded('error-blocked-username', "All is blocked and can't be used!", {
          method: 'checkUsernameAvailability',
          field: 'All',
        }),
      );
      const main = await make();
      const convert = t === 'c' ? { channelId: main._id } : { roomId: main._id };
      await alice.post(`${prefix}.convertToTeam`, convert);
      // The team took the name that its main room had; renaming the room renames the team.
      const renamed = newName();
      await alice.post(`${prefix}.rename`, { roomId: main._id, name: renamed });
      const team = await world.server.server.ctx.db
        .selectFrom('teams')
        .select('name')
        .where('room_id', '=', main._id)
        .executeTakeFirstOrThrow();
      expect(team.name).toBe(renamed);
      expect((await rename(renamed.toUpperCase())).errorType).toBe('error-duplicate-handle');
    });

    test('to the present name is refused for channels and does nothing for groups', async () => {
      const { alice, room: info } = world;
      const room = await make();
      const before = await info(room._id);
      const { status, body } = await alice.post(`${prefix}.rename`, { roomId: room._id, name: room.name });
      const same = plain('The channel name is the same as what it would be renamed to.');
      expect([status, body]).toEqual(t === 'c' ? [400, same] : [200, { group: before, success: true }]);
      expect(await info(room._id)).toEqual(before);
    });

    test('of two rooms renamed to one name at the same moment one gets it', async () => {
      const { alice, newName } = world;
      for (let round = 0; round < 3; round++) {
        const rooms = [await make(), await make()];
        const name = newName();
        const answers = await Promise.all(
          rooms.map((room) => alice.post(`${prefix}.rename`, { roomId: room._id, name })),
        );
        expect(answers.map((answer) => answer.status).sort()).toEqual([200, 400]);
        const refused = answers.find((answer) => answer.status === 400);
        expect(refused?.body.errorType).toBe('error-duplicate-channel-name');
      }
    });
  });

  test.each([
    ['setTopic', 'topic', 'topic', 'room_changed_topic', 'topic'],
    ['setDescription', 'description', 'description', 'room_changed_description', 'description'],
    ['setPurpose', 'purpose', 'description', 'room_changed_description', 'purpose (description)'],
    ['setAnnouncement', 'announcement', 'announcement', 'room_changed_announcement', undefined],
  ])('%s stores the text, posts it and answers it', async (path, param, field, type, same) => {
    const { alice, bob, listen, messages, room: info } = world;
    const room = await make([bob]);
    const member = await listen(bob);
    const set = (text: string) => alice.post(`${prefix}.${path}`, { roomId: room._id, [param]: text });
    expect(await set('Über *alles*')).toMatchObject({
      status: 200,
      body: { [param]: 'Über *alles*', success: true },
    });
    expect(await info(room._id)).toMatchObject({ [field]: 'Über *alles*', msgs: 1 });
    expect(await messages(room._id)).toMatchObject([
      { t: type, msg: 'Über *alles*', u: { username: 'alice' } },
    ]);
    expect((await member.rooms(room._id)).at(-1)).toMatchObject(['updated', { [field]: 'Über *alles*' }]);
    expect(await member.subscriptions(room._id)).toEqual([]);

    const again = await set('Über *alles*');
    const refused = plain(`The channel ${same} is the same as what it would be changed to.`);
    const silent = { [param]: 'Über *alles*', success: true };
    expect(again.body).toEqual(t === 'c' && same ? refused : silent);
    expect(await info(room._id)).toMatchObject({ msgs: 1 });

    expect((await set('')).body).toEqual({ [param]: '', success: true });
    expect(await info(room._id)).toMatchObject({ [field]: '', msgs: 2 });
    expect((await messages(room._id)).at(-1)).toMatchObject({ t: type, msg: '' });
  });

  test('an empty text for a room that has none changes nothing', async () => {
    const { alice, messages } = world;
    const room = await make();
    await alice.post(`${prefix}.setTopic`, { roomId: room._id, topic: '' });
    expect(await messages(room._id)).toEqual([]);
  });

  test('setReadOnly switches posting off and on; the same value is refused', async () => {
    const { alice, bob, messages } = world;
    const room = await make([bob]);
    const set = (readOnly: boolean) => alice.post(`${prefix}.setReadOnly`, { roomId: room._id, readOnly });
    const same = plain(`The ${noun} read only setting is the same as what it would be changed to.`);
    expect((await set(false)).body).toEqual(same);
    expect((await set(true)).body).toMatchObject({ [key]: { ro: true, msgs: 1 }, success: true });
    const sent = await bob.post('chat.sendMessage', { message: { rid: room._id, msg: 'hi' } });
    expect(sent.body.success).toBe(false);
    expect((await set(false)).body).toMatchObject({ [key]: { ro: false, msgs: 2 } });
    expect(await messages(room._id)).toMatchObject([
      { t: 'room-set-read-only', msg: '' },
      { t: 'room-removed-read-only', msg: '' },
    ]);
  });

  test('a broadcast room stays read-only', async () => {
    const { alice } = world;
    const room = await make([], { extraData: { broadcast: true } });
    const reason = 'Editing readOnly/reactWhenReadOnly are not allowed for broadcast rooms';
    const { body } = await alice.post('rooms.saveRoomSettings', { rid: room._id, reactWhenReadOnly: true });
    expect(body).toMatchObject({ success: false, error: `${reason} [error-action-not-allowed]` });
  });

  test('setType moves the room and its subscriptions to the other family', async () => {
    const { alice, bob, listen, messages, subscription } = world;
    const room = await make([bob]);
    const member = await listen(bob);
    const to = t === 'c' ? 'p' : 'c';
    const { status, body } = await alice.post(`${prefix}.setType`, { roomId: room._id, type: to });
    expect([status, body[key]]).toMatchObject([200, { _id: room._id, t: to, msgs: 1 }]);
    expect(await subscription(bob, room._id)).toMatchObject({ t: to });
    expect(await messages(room._id)).toMatchObject([
      { t: 'room_changed_privacy', msg: to === 'p' ? 'private' : 'public' },
    ]);
    expect((await member.subscriptions(room._id)).at(-1)).toMatchObject(['updated', { t: to }]);
    expect((await member.rooms(room._id)).at(-1)).toMatchObject(['updated', { t: to }]);
    const list = await bob.get(to === 'p' ? 'groups.list' : 'channels.list.joined', { count: 0 });
    expect(list.body[to === 'p' ? 'groups' : 'channels'].map((r: { _id: string }) => r._id)).toContain(
      room._id,
    );
  });

  test('setType refuses a blank, the same and an unknown type, and callers without create-…', async () => {
    const { alice } = world;
    const room = await make();
    const to = t === 'c' ? 'p' : 'c';
    const set = async (type: string) =>
      (await alice.post(`${prefix}.setType`, { roomId: room._id, type })).body;
    expect(await set(' ')).toEqual(plain('The bodyParam "type" is required'));
    expect(await set(t)).toEqual(plain(`The ${noun} type is the same as what it would be changed to.`));
    expect(await set('d')).toMatchObject({ success: false, errorType: 'error-invalid-room-type' });
    await withPermission(world, `create-${to}`, ['admin'], async () => {
      const words = to === 'c' ? 'private group to a public channel' : 'public channel to a private room';
      expect(await set(to)).toEqual(refusal(`Changing a ${words} is not allowed`, 'Change_Room_Type'));
    });
  });

  test('setType of a room in a team asks the team instead', async () => {
    const { alice, bob, channel, newName } = world;
    const main = await channel([bob]);
    const { team } = (await alice.post('channels.convertToTeam', { channelId: main._id })).body;
    const created = await alice.post(`${prefix}.create`, {
      name: newName(),
      members: ['bob'],
      extraData: { teamId: team._id },
    });
    const roomId = created.body[key]._id;
    await alice.post(`${prefix}.addOwner`, { roomId, userId: bob.uid });
    const to = t === 'c' ? 'p' : 'c';
    const words =
      to === 'c' ? "team's private group to a public channel" : "team's public channel to a private room";
    const refused = await bob.post(`${prefix}.setType`, { roomId, type: to });
    expect(refused.body).toEqual(refusal(`Changing a ${words} is not allowed`, 'Change_Room_Type'));
    await withPermission(world, `create-${to}`, ['admin'], async () => {
      expect(await alice.post(`${prefix}.setType`, { roomId, type: to })).toMatchObject({ status: 200 });
    });
  });

  test('setCustomFields replaces them on the room and the subscriptions, without a message', async () => {
    const { alice, bob, listen, messages, subscription } = world;
    const room = await make([bob], { customFields: { a: 1 } });
    const since = (await subscription(bob, room._id))?._updatedAt;
    const member = await listen(bob);
    const { body } = await alice.post(`${prefix}.setCustomFields`, {
      roomId: room._id,
      customFields: { b: [2] },
    });
    expect(body[key].customFields).toEqual({ b: [2] });
    expect(await subscription(bob, room._id)).toMatchObject({ customFields: { b: [2] } });
    expect((await member.subscriptions(room._id)).at(-1)).toMatchObject([
      'updated',
      { customFields: { b: [2] } },
    ]);
    expect(await messages(room._id)).toEqual([]);
    const delta = await bob.get('subscriptions.get', { updatedSince: since });
    expect(delta.body.update).toContainEqual(expect.objectContaining({ rid: room._id }));
    const list = await alice.post(`${prefix}.setCustomFields`, { roomId: room._id, customFields: [1, 2] });
    expect([list.status, list.body]).toEqual([400, INVALID_PARAMS]);
  });

  test('moderators may edit, administrators what they can see', async () => {
    const { admin, alice, bob } = world;
    const room = await make([bob]);
    await alice.post(`${prefix}.addModerator`, { roomId: room._id, userId: bob.uid });
    const set = (person: typeof bob, topic: string) =>
      person.post(`${prefix}.setTopic`, { roomId: room._id, topic });
    expect(await set(bob, 'from bob')).toMatchObject({ status: 200 });
    expect(await set(admin, 'from root')).toMatchObject({ status: t === 'c' ? 200 : 400 });
  });
});

describe('channels only', () => {
  test('setJoinCode stores a code that is never shown', async () => {
    const { alice, bob, channel } = world;
    const room = await channel();
    const blank = await alice.post('channels.setJoinCode', { roomId: room._id, joinCode: ' ' });
    expect(blank.body).toEqual(plain('The bodyParam "joinCode" is required'));
    const { body } = await alice.post('channels.setJoinCode', { roomId: room._id, joinCode: 'sesame' });
    expect(body.channel).toMatchObject({ joinCodeRequired: true, msgs: 0 });
    const info = await bob.get('rooms.info', { roomId: room._id });
    expect(info.body.room).toMatchObject({ joinCodeRequired: true });
    expect(JSON.stringify([body, info.body])).not.toMatch(/sesame|joinCode"/);
    await alice.post('rooms.saveRoomSettings', { rid: room._id, joinCode: '' });
    expect(await world.room(room._id)).toMatchObject({ joinCodeRequired: false });
    expect(await bob.post('channels.join', { roomId: room._id })).toMatchObject({ status: 200 });
  });

  test('setDefault is for room administrators; its two error types are swapped', async () => {
    const { admin, alice, bob, channel } = world;
    const room = await channel();
    const set = (person: typeof bob, value: unknown) =>
      person.post('channels.setDefault', { roomId: room._id, default: value });
    const same = plain(
      'The channel default setting is the same as what it would be changed to.',
      'error-channels-setdefault-missing-default-param',
    );
    expect((await set(alice, 'no')).body).toEqual(same);
    const refused = refusal('Viewing room administration is not allowed', 'Viewing_room_administration');
    expect((await set(alice, true)).body).toEqual(refused);
    for (const [value, expected] of [
      ['TRUE', true],
      [false, false],
      [1, true],
      ['0', false],
      ['1', true],
      ['false', false],
      [true, true],
    ] as const) {
      expect((await set(admin, value)).body).toMatchObject({ channel: { default: expected }, success: true });
    }
    // Becoming private ends it.
    const typed = await alice.post('channels.setType', { roomId: room._id, type: 'p' });
    expect(typed.body.channel).toMatchObject({ t: 'p', default: false });
  });
});

describe('groups only', () => {
  test('setEncrypted needs E2E_Enable and the permission', async () => {
    const { alice, bob, group, messages, withSettings } = world;
    const room = await group([bob]);
    await alice.post('groups.addModerator', { roomId: room._id, userId: bob.uid });
    const set = (person: typeof bob, encrypted: boolean) =>
      person.post('groups.setEncrypted', { roomId: room._id, encrypted });
    const off = 'Only groups or direct channels can enable encryption';
    expect((await set(alice, true)).body).toEqual(refusal(off, 'Change_Room_Encrypted'));
    await withSettings({ E2E_Enable: true }, async () => {
      const missing = 'You do not have permission to toggle E2E encryption';
      expect((await set(bob, true)).body).toEqual(refusal(missing, 'Change_Room_Encrypted'));
      expect((await set(alice, true)).body).toMatchObject({ group: { encrypted: true }, success: true });
      expect((await set(alice, true)).body).toMatchObject({ group: { encrypted: true, msgs: 2 } });
      expect((await set(alice, false)).body).toMatchObject({ group: { encrypted: false, msgs: 3 } });
    });
    expect((await messages(room._id)).slice(1)).toMatchObject([
      { t: 'room_e2e_enabled', msg: 'alice' },
      { t: 'room_e2e_disabled', msg: 'alice' },
    ]);
  });
});
