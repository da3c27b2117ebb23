import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { coded, INVALID_PARAMS, type RoomWorld, startRoomWorld } from '../../test/support/rooms.ts';

let world: RoomWorld;

beforeAll(async () => {
  world = await startRoomWorld();
});
afterAll(() => world.close());

const refusal = (reason: string, action: string) =>
  coded('error-action-not-allowed', reason, { method: 'saveRoomSettings', action });
const MAY_NOT_EDIT = refusal('Editing room is not allowed', 'Editing_room');

describe('rooms.saveRoomSettings', () => {
  test('changes several things at once, with a message for each', async () => {
    const { alice, bob, channel, messages, newName, room: info } = world;
    const room = await channel([bob]);
    const name = newName();
    const { status, body } = await alice.post('rooms.saveRoomSettings', {
      rid: room._id,
      roomName: name,
      roomTopic: 'topic',
      roomAnnouncement: 'announcement',
      roomDescription: 'description',
      roomCustomFields: { a: 1 },
      readOnly: true,
      reactWhenReadOnly: true,
      systemMessages: ['uj', 'ul'],
    });
    expect([status, body]).toEqual([200, { rid: room._id, success: true }]);
    expect(await info(room._id)).toMatchObject({
      name,
      topic: 'topic',
      announcement: 'announcement',
      description: 'description',
      customFields: { a: 1 },
      ro: true,
      reactWhenReadOnly: true,
      sysMes: ['uj', 'ul'],
      msgs: 6,
    });
    expect((await messages(room._id)).map((message) => [message.t, message.msg])).toEqual([
      ['r', name],
      ['room_changed_topic', 'topic'],
      ['room_changed_announcement', 'announcement'],
      ['room_changed_description', 'description'],
      ['room-set-read-only', ''],
      ['room-allowed-reacting', ''],
    ]);
    await alice.post('rooms.saveRoomSettings', {
      rid: room._id,
      reactWhenReadOnly: false,
      systemMessages: [],
    });
    expect(await info(room._id)).not.toHaveProperty('sysMes');
    expect((await messages(room._id)).at(-1)).toMatchObject({ t: 'room-disallowed-reacting' });
  });

  test('nothing is changed when one of the changes is refused', async () => {
    const { alice, channel, room: info } = world;
    const room = await channel();
    const before = await info(room._id);
    for (const bad of [
      { roomName: 'general' },
      { default: true },
      { systemMessages: ['nonsense'] },
      { encrypted: true },
    ]) {
      const { status } = await alice.post('rooms.saveRoomSettings', {
        rid: room._id,
        roomTopic: 'x',
        ...bad,
      });
      expect(status).toBe(400);
    }
    expect(await info(room._id)).toEqual(before);
  });

  test('unchanged values do nothing and tell nobody', async () => {
    const { alice, bob, channel, listen, room: info } = world;
    const room = await channel([bob], { extraData: { topic: 'T' } });
    const before = await info(room._id);
    const member = await listen(bob);
    const same = {
      roomName: room.name,
      roomTopic: 'T',
      roomType: 'c',
      readOnly: false,
      joinCode: '',
      roomCustomFields: {},
    };
    expect(await alice.post('rooms.saveRoomSettings', { rid: room._id, ...same })).toMatchObject({
      status: 200,
    });
    expect(await info(room._id)).toEqual(before);
    expect(await member.rooms(room._id)).toEqual([]);
  });

  test('the refusals carry their documented actions', async () => {
    const { alice, bob, channel } = world;
    const room = await channel([bob]);
    const save = async (person: typeof bob, settings: object) =>
      (await person.post('rooms.saveRoomSettings', { rid: room._id, ...settings })).body;
    const unknown = await alice.post('rooms.saveRoomSettings', { rid: 'nowhere', roomTopic: 'x' });
    expect(unknown.body).toMatchObject({
      errorType: 'error-invalid-room',
      error: 'Invalid room [error-invalid-room]',
    });
    expect(await save(bob, { roomTopic: 'x' })).toEqual(MAY_NOT_EDIT);
    const administration = refusal(
      'Viewing room administration is not allowed',
      'Viewing_room_administration',
    );
    expect(await save(alice, { featured: true })).toEqual(administration);
    expect(await save(alice, { default: true })).toEqual(administration);
    const option = await save(alice, { systemMessages: ['uj', 'nonsense'] });
    expect(option).toMatchObject({ error: 'Invalid option [invalid-room]', errorType: 'invalid-room' });
    expect(await save(alice, { retention: 1 })).toEqual(INVALID_PARAMS);
    expect(await save(alice, { favorite: true })).toEqual(INVALID_PARAMS);
  });

  test('featured, default and favourite are set and removed by administrators', async () => {
    const { admin, channel, room: info } = world;
    const room = await channel();
    const save = (settings: object) => admin.post('rooms.saveRoomSettings', { rid: room._id, ...settings });
    await save({ featured: true, default: true, favorite: { favorite: true, defaultValue: true } });
    expect(await info(room._id)).toMatchObject({ featured: true, default: true, favorite: true });
    await save({ featured: false, default: false, favorite: { favorite: true, defaultValue: false } });
    const after = await info(room._id);
    expect(after).toMatchObject({ default: false, msgs: 0 });
    expect(after).not.toHaveProperty('featured');
    expect(after).not.toHaveProperty('favorite');
  });

  test('what the room decides about its old messages, by those who may', async () => {
    const { admin, alice, bob, channel, listen, room: info } = world;
    const room = await channel([bob]);
    const member = await listen(bob);
    const save = async (settings: object, person = admin) =>
      (await person.post('rooms.saveRoomSettings', { rid: room._id, ...settings })).body;
    const own = { retentionMaxAge: 7, retentionExcludePinned: true, retentionFilesOnly: false };
    const all = {
      retentionEnabled: true,
      retentionOverrideGlobal: true,
      retentionIgnoreThreads: true,
      ...own,
    };
    const saved = { rid: room._id, success: true };
    const denied = refusal('Editing room retention policy is not allowed', 'Editing_room');
    expect(await save({ ...all, roomTopic: 'x' }, alice)).toEqual(denied);
    expect(await info(room._id)).not.toHaveProperty('retention');
    expect(await save(all)).toEqual(saved);
    const retention = {
      ...{ enabled: true, overrideGlobal: true, maxAge: 7, excludePinned: true },
      ...{ filesOnly: false, ignoreThreads: true },
    };
    expect(await info(room._id)).toMatchObject({ retention, msgs: 0 });
    expect((await member.rooms(room._id)).at(-1)?.[1]).toMatchObject({ retention });
    // Unchanged values need no permission; the rest does not count without an own rule.
    expect(await save({ ...all, roomTopic: 'x' }, alice)).toEqual(saved);
    expect(await save({ retentionOverrideGlobal: false, retentionMaxAge: 99 })).toEqual(saved);
    expect((await info(room._id)).retention).toEqual({ ...retention, overrideGlobal: false });
    const socket = await admin.ddp();
    expect(await socket.call('saveRoomSettings', room._id, 'retentionEnabled', false)).toEqual({
      ...{ result: true, rid: room._id },
    });
    expect((await info(room._id)).retention).toMatchObject({ enabled: false, maxAge: 7 });
    expect(await save({ retentionMaxAge: 0 })).toMatchObject({ errorType: 'error-invalid-settings' });
    expect(await save({ retentionMaxAge: 'long' })).toEqual(INVALID_PARAMS);
    expect(await save({ sidepanel: { items: ['channels'] } })).toEqual(saved);
  });

  test('the members of a direct room decide about its encryption and nothing else', async () => {
    const { alice, bob, carol, withSettings } = world;
    const rid = (await alice.post('im.create', { username: 'bob' })).body.room._id;
    const save = async (person: typeof bob, settings: object) =>
      (await person.post('rooms.saveRoomSettings', { rid, ...settings })).body;
    expect(await save(alice, { roomTopic: 'x' })).toEqual(MAY_NOT_EDIT);
    await withSettings({ E2E_Enable: true }, async () => {
      expect(await save(carol, { encrypted: true })).toEqual(MAY_NOT_EDIT);
      expect(await save(bob, { encrypted: true, roomTopic: 'x' })).toEqual({ rid, success: true });
      const { body } = await alice.get('rooms.info', { roomId: rid });
      expect(body.room).toMatchObject({ encrypted: true });
      expect(body.room).not.toHaveProperty('topic');
      expect(await save(alice, { encrypted: false })).toEqual({ rid, success: true });
    });
  });

  test('a room of a private team cannot become a default room', async () => {
    const { admin, alice, group, newName } = world;
    const main = await group();
    const { team } = (await alice.post('groups.convertToTeam', { roomId: main._id })).body;
    const created = await alice.post('channels.create', { name: newName(), extraData: { teamId: team._id } });
    const rid = created.body.channel._id;
    await alice.post('channels.invite', { roomId: rid, userId: admin.uid });
    const { body } = await admin.post('rooms.saveRoomSettings', { rid, default: true });
    const reason = 'Viewing room administration is not allowed';
    expect(body).toEqual(refusal(reason, 'Viewing_room_administration'));
  });

  test('featured and favorite are shown by rooms.info only, not in room lists and streams', async () => {
    const { admin, bob, channel, listen } = world;
    const room = await channel([bob]);
    const member = await listen(bob);
    const favorite = { favorite: true, defaultValue: true };
    await admin.post('rooms.saveRoomSettings', { rid: room._id, featured: true, favorite });
    const [, sent] = (await member.rooms(room._id)).at(-1) ?? [];
    const { body } = await bob.get('rooms.get');
    const listed = body.update.find((candidate: { _id: string }) => candidate._id === room._id);
    for (const document of [sent, listed]) {
      expect(document).not.toHaveProperty('featured');
      expect(document).not.toHaveProperty('favorite');
    }
  });

  test('a main room may change the case of its own name', async () => {
    const { alice, channel, server } = world;
    const room = await channel();
    await alice.post('channels.convertToTeam', { channelId: room._id });
    const name = room.name.toUpperCase();
    expect(await alice.post('channels.rename', { roomId: room._id, name })).toMatchObject({ status: 200 });
    const teams = server.server.ctx.db.selectFrom('teams').select('name').where('room_id', '=', room._id);
    expect(await teams.executeTakeFirstOrThrow()).toEqual({ name });
  });

  test('renaming and retyping a main room renames and retypes the team', async () => {
    const { alice, channel, newName, server } = world;
    const room = await channel();
    await alice.post('channels.convertToTeam', { channelId: room._id });
    const name = newName();
    await alice.post('rooms.saveRoomSettings', { rid: room._id, roomName: name, roomType: 'p' });
    const team = await server.server.ctx.db
      .selectFrom('teams')
      .selectAll()
      .where('room_id', '=', room._id)
      .executeTakeFirstOrThrow();
    expect(team).toMatchObject({ name, name_key: name, type: 1 });
  });

  test('the DDP method takes an object or one key and its value', async () => {
    const { alice, bob, channel, room: info } = world;
    const room = await channel([bob]);
    const [owner, member] = [await alice.ddp(), await bob.ddp()];
    const saved = { result: true, rid: room._id };
    expect(await owner.call('saveRoomSettings', room._id, { roomTopic: 'a', readOnly: true })).toEqual(saved);
    expect(await owner.call('saveRoomSettings', room._id, 'roomTopic', 'b')).toEqual(saved);
    expect(await info(room._id)).toMatchObject({ topic: 'b', ro: true });
    await expect(owner.call('saveRoomSettings', room._id, { nonsense: 1 })).rejects.toMatchObject({
      error: 'error-invalid-settings',
    });
    await expect(owner.call('saveRoomSettings', room._id, 'readOnly', 'yes')).rejects.toMatchObject({
      error: 400,
    });
    await expect(member.call('saveRoomSettings', room._id, 'roomTopic', 'c')).rejects.toMatchObject({
      error: 'error-action-not-allowed',
      reason: 'Editing room is not allowed',
    });
  });
});
