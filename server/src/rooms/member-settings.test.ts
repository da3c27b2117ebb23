import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { coded, INVALID_PARAMS, plain, type RoomWorld, startRoomWorld } from '../../test/support/rooms.ts';

let world: RoomWorld;
beforeAll(async () => {
  world = await startRoomWorld();
});
afterAll(() => world.close());

describe('rooms.saveDraft', () => {
  const save = async (body: object) => (await world.bob.post('rooms.saveDraft', body)).body;

  test('a draft per room and per thread, until its text is empty', async () => {
    const { bob, channel, listen, subscription } = world;
    const { _id: rid } = await channel([bob]);
    const listener = await listen(bob);
    expect(await save({ rid, draft: 'Dear all' })).toEqual({ success: true });
    await save({ rid, draft: 'In a thread', tmid: 'thread-1' });
    expect(await save({ rid, draft: 'In another', tmid: 'thread-2' })).toEqual({ success: true });
    const threadDrafts = { 'thread-1': 'In a thread', 'thread-2': 'In another' };
    expect(await subscription(bob, rid)).toMatchObject({ draft: 'Dear all', threadDrafts });
    expect((await listener.subscriptions(rid)).at(-1)).toMatchObject([
      'updated',
      { draft: 'Dear all', threadDrafts },
    ]);
    await save({ rid, draft: '' });
    await save({ rid, draft: '', tmid: 'thread-1' });
    expect(await subscription(bob, rid)).toMatchObject({ threadDrafts: { 'thread-2': 'In another' } });
    await save({ rid, draft: '', tmid: 'thread-2' });
    const after = await subscription(bob, rid);
    for (const gone of ['draft', 'threadDrafts']) expect(after).not.toHaveProperty(gone);
  });

  test('of many threads the newest drafts are kept', async () => {
    const { bob, channel, subscription } = world;
    const { _id: rid } = await channel([bob]);
    for (let n = 1; n <= 21; n++) await save({ rid, draft: 'text', tmid: `thread-${n}` });
    const kept = Object.keys((await subscription(bob, rid))?.threadDrafts);
    expect([kept.length, kept[0], kept.at(-1)]).toEqual([20, 'thread-2', 'thread-21']);
  });

  test('the refusals', async () => {
    const { carol, channel } = world;
    const { _id: rid } = await channel();
    const draft = 'x'.repeat(5001);
    expect(await save({ rid, draft })).toEqual(plain('error-message-size-exceeded'));
    const foreign = coded('error-invalid-subscription', 'Invalid subscription');
    expect((await carol.post('rooms.saveDraft', { rid, draft: 'x' })).body).toEqual(foreign);
    expect(await save({ rid: 'nowhere', draft: '' })).toEqual(foreign);
    for (const body of [{ rid }, { draft: 'x' }, { rid, draft: 'x', more: 1 }])
      expect(await save(body)).toEqual(INVALID_PARAMS);
  });
});

describe('rooms.saveNotification', () => {
  const save = async (roomId: string, notifications: object) =>
    (await world.bob.post('rooms.saveNotification', { roomId, notifications })).body;

  test('values are kept with their origin, and `default` gives way to the preference', async () => {
    const { bob, channel, subscription, listen } = world;
    const { _id } = await channel([bob]);
    const listener = await listen(bob);
    const settings = {
      desktopNotifications: 'mentions',
      mobilePushNotifications: 'all',
      unreadAlert: 'nothing',
      disableNotifications: '1',
      hideUnreadStatus: '1',
      muteGroupMentions: '0',
      audioNotificationValue: 'door',
    };
    expect(await save(_id, settings)).toEqual({ success: true });
    expect(await subscription(bob, _id)).toMatchObject({
      desktopNotifications: 'mentions',
      desktopPrefOrigin: 'subscription',
      mobilePushNotifications: 'all',
      mobilePrefOrigin: 'subscription',
      unreadAlert: 'nothing',
      disableNotifications: true,
      hideUnreadStatus: true,
      muteGroupMentions: false,
      audioNotificationValue: 'door',
    });
    await listener.socket.barrier();
    expect(listener.socket.events('notify-user', `${bob.uid}/subscriptions-changed`).at(-1)).toMatchObject([
      'updated',
      { rid: _id, desktopNotifications: 'mentions' },
    ]);

    await bob.post('users.setPreferences', { data: { desktopNotifications: 'nothing' } });
    const back = {
      desktopNotifications: 'default',
      mobilePushNotifications: 'default',
      unreadAlert: 'default',
    };
    await save(_id, { ...back, hideUnreadStatus: '0', audioNotificationValue: 'default' });
    const after = await subscription(bob, _id);
    expect(after).toMatchObject({ desktopNotifications: 'nothing', desktopPrefOrigin: 'user' });
    for (const gone of ['mobilePushNotifications', 'mobilePrefOrigin', 'unreadAlert', 'hideUnreadStatus'])
      expect(after).not.toHaveProperty(gone);
    expect(after).not.toHaveProperty('audioNotificationValue');
  });

  test('what is refused changes nothing', async () => {
    const { alice, bob, channel, subscription } = world;
    const { _id } = await channel([bob]);
    const other = await channel();
    const before = await subscription(bob, _id);
    const details = { method: 'saveNotificationSettings' };
    const field = coded('error-invalid-settings', 'Invalid settings field', details);
    expect(await save(_id, { unreadAlert: 'all', audioNotifications: 'all' })).toEqual(field);
    expect(await save(_id, { emailNotifications: 'sometimes' })).toEqual(
      coded('error-invalid-settings', 'Invalid settings value', details),
    );
    expect(await save(other._id, { unreadAlert: 'all' })).toEqual(
      coded('error-invalid-subscription', 'Invalid subscription', details),
    );
    expect(await save(_id, {})).toEqual(INVALID_PARAMS);
    expect((await alice.post('rooms.saveNotification', {})).body).toEqual(INVALID_PARAMS);
    expect(await subscription(bob, _id)).toEqual(before);
  });

  test('the DDP methods do the same', async () => {
    const { bob, channel, subscription } = world;
    const { _id } = await channel([bob]);
    const socket = await bob.ddp();
    expect(await socket.call('saveNotificationSettings', _id, 'desktopNotifications', 'all')).toBe(true);
    expect(await socket.call('saveAudioNotificationValue', _id, 'bell')).toBe(true);
    expect(await subscription(bob, _id)).toMatchObject({
      desktopNotifications: 'all',
      audioNotificationValue: 'bell',
    });
    await expect(socket.call('saveNotificationSettings', _id, 'nonsense', 'all')).rejects.toMatchObject({
      error: 'error-invalid-settings',
    });
  });
});

describe('chat.ignoreUser', () => {
  test('the list of ignored people follows, also by DDP', async () => {
    const { alice, bob, channel, subscription } = world;
    const { _id: rid } = await channel([bob]);
    const ignore = (value: string) => bob.get('chat.ignoreUser', { rid, userId: alice.uid, ignore: value });
    expect((await ignore('true')).body).toEqual({ success: true });
    expect((await subscription(bob, rid))?.ignored).toEqual([alice.uid]);
    await ignore('1');
    expect((await subscription(bob, rid))?.ignored).toEqual([alice.uid]);
    await ignore('false');
    expect((await subscription(bob, rid))?.ignored).toEqual([]);
    const socket = await bob.ddp();
    expect(await socket.call('ignoreUser', { rid, userId: alice.uid })).toBe(true);
    expect((await subscription(bob, rid))?.ignored).toEqual([alice.uid]);
  });

  test('the refusals', async () => {
    const { bob, carol, channel } = world;
    const { _id: rid } = await channel([bob]);
    const ignore = async (query: Record<string, string>) => (await bob.get('chat.ignoreUser', query)).body;
    expect(await ignore({ userId: 'x' })).toEqual(
      coded('error-room-id-param-not-provided', 'The required "rid" param is missing.'),
    );
    expect(await ignore({ rid, userId: ' ' })).toEqual(
      coded('error-user-id-param-not-provided', 'The required "userId" param is missing.'),
    );
    const stranger = coded('error-invalid-subscription', 'Invalid subscription', { method: 'ignoreUser' });
    expect(await ignore({ rid, userId: carol.uid })).toEqual(stranger);
    expect(await ignore({ rid: 'nowhere', userId: carol.uid })).toEqual(stranger);
  });
});

describe('im.blockUser', () => {
  test('while a block lasts neither can write, and only who set it ends it', async () => {
    const { alice, bob, subscription } = world;
    const rid = (await alice.post('im.create', { username: 'bob' })).body.room._id;
    const say = async (person: typeof alice) =>
      (await person.post('chat.sendMessage', { message: { rid, msg: 'hi' } })).body;
    expect((await alice.post('im.blockUser', { roomId: rid, block: true })).body).toEqual({ success: true });
    expect([(await subscription(alice, rid))?.blocker, (await subscription(bob, rid))?.blocked]).toEqual([
      true,
      true,
    ]);
    expect(await say(alice)).toEqual(plain('room_is_blocked'));
    expect(await say(bob)).toEqual(plain('room_is_blocked'));
    await bob.post('im.blockUser', { roomId: rid, block: false });
    expect(await say(bob)).toEqual(plain('room_is_blocked'));
    await alice.post('im.blockUser', { roomId: rid, block: false });
    expect(await say(bob)).toMatchObject({ success: true });
    const socket = await alice.ddp();
    expect(await socket.call('blockUser', { rid, blocked: bob.uid })).toBe(true);
    expect(await say(bob)).toEqual(plain('room_is_blocked'));
    expect(await socket.call('unblockUser', { rid, blocked: bob.uid })).toBe(true);
    expect(await say(bob)).toMatchObject({ success: true });
  });

  test('it needs a direct room of two, of which the caller is one', async () => {
    const { alice, bob, carol, channel } = world;
    const invalid = coded('error-invalid-room', 'Invalid room', { method: 'blockUser' });
    const alone = (await alice.post('im.create', { username: 'alice' })).body.room._id;
    const three = (await alice.post('im.create', { usernames: 'bob, carol' })).body.room._id;
    const two = (await alice.post('im.create', { username: 'bob' })).body.room._id;
    for (const roomId of [alone, three])
      expect((await alice.post('im.blockUser', { roomId, block: true })).body).toEqual(invalid);
    expect((await carol.post('im.blockUser', { roomId: two, block: true })).body).toEqual(invalid);
    const { _id } = await channel([bob]);
    expect((await alice.post('im.blockUser', { roomId: _id, block: true })).body).toEqual(
      plain('[invalid-channel]', 'invalid-channel'),
    );
    const socket = await carol.ddp();
    await expect(socket.call('blockUser', { rid: two, blocked: bob.uid })).rejects.toMatchObject({
      error: 'error-invalid-room',
    });
  });
});
