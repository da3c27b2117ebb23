import { afterAll, beforeAll, expect, test } from 'vitest';
import { uploadFile } from '../../test/support/files.ts';
import { EJSON_DATE, type RoomWorld, startRoomWorld } from '../../test/support/rooms.ts';
import { OldMessages } from './prune-old.ts';

let world: RoomWorld;

beforeAll(async () => {
  world = await startRoomWorld();
});
afterAll(() => world.close());

const DAY = 24 * 60 * 60_000;
const POLICY = {
  RetentionPolicy_Enabled: true,
  RetentionPolicy_AppliesToChannels: true,
  RetentionPolicy_TTL_Channels: 5 * DAY,
};
const app = () => world.server.server;
const afterDays = (days: number, chore = app().oldMessages) => chore.prune(Date.now() + days * DAY);
const texts = async (rid: string) =>
  (await world.messages(rid)).filter(({ t, msg }) => !t && msg).map(({ msg }) => msg);
const ownRule = (rid: string, more: object = {}) =>
  world.admin.post('rooms.saveRoomSettings', {
    ...{ rid, retentionEnabled: true, retentionOverrideGlobal: true, retentionMaxAge: 2, ...more },
  });
const lookedAt = () =>
  app()
    .ctx.db.selectFrom('rooms')
    .select(['id', 'retention_at', 'retention_up_to'])
    .execute()
    .then((rows) => new Map(rows.map((row) => [row.id, row])));

test('messages that are too old go, and everybody in the room learns which', async () => {
  const { alice, bob, channel, group, say, listen, room } = world;
  const [{ _id: open }, { _id: closed }] = [await channel([bob]), await group()];
  const listener = await listen(bob);
  await listener.socket.subscribe('stream-notify-room', `${open}/deleteMessageBulk`);
  const old = await say(alice, open, 'old');
  await say(alice, closed, 'of another kind');
  await world.withSettings({ ...POLICY, RetentionPolicy_DoNotPruneThreads: false }, async () => {
    await afterDays(4.9);
    expect(await texts(open)).toEqual(['old']);
    await afterDays(5.1);
  });
  expect([await texts(open), await texts(closed)]).toEqual([[], ['of another kind']]);
  expect(await room(open)).toMatchObject({ msgs: 0 });
  expect(await room(open)).not.toHaveProperty('lastMessage');
  const [bulk] = await listener.socket.event('notify-room', `${open}/deleteMessageBulk`, () => true);
  expect(bulk).toEqual({
    ...{ rid: open, excludePinned: false, ignoreDiscussion: true, users: [] },
    ts: { $gte: EJSON_DATE, $lte: EJSON_DATE },
  });
  const sync = { roomId: open, lastUpdate: '1970-01-01T00:00:00Z' };
  expect((await bob.get('chat.syncMessages', sync)).body.result.deleted).toMatchObject([{ _id: old._id }]);
});

test('what the workspace spares stays, and clients are told exactly what went', async () => {
  const { alice, channel, say } = world;
  const { _id: rid } = await channel();
  const socket = await alice.ddp();
  await socket.subscribe('stream-notify-room', `${rid}/deleteMessageBulk`);
  const pinned = await say(alice, rid, 'pinned');
  await alice.post('chat.pinMessage', { messageId: pinned._id });
  const parent = await say(alice, rid, 'parent');
  await alice.post('chat.sendMessage', { message: { rid, tmid: parent._id, msg: 'reply' } });
  const { discussion } = (await alice.post('rooms.createDiscussion', { prid: rid, t_name: 'Beside' })).body;
  await say(alice, discussion._id, 'in the discussion');
  const plain = await say(alice, rid, 'plain');
  await world.withSettings({ ...POLICY, RetentionPolicy_DoNotPrunePinned: true }, async () => {
    await afterDays(6);
    expect(await texts(rid)).toEqual(['pinned', 'parent', 'reply']);
    expect(await texts(discussion._id)).toEqual(['in the discussion']);
    const [bulk] = await socket.event('notify-room', `${rid}/deleteMessageBulk`, () => true);
    expect(bulk).toMatchObject({ excludePinned: true, ids: expect.arrayContaining([plain._id]) });
    expect(bulk?.ids).not.toContain(parent._id);
    // Without its pin it is as old as the others.
    await alice.post('chat.unPinMessage', { messageId: pinned._id });
    await afterDays(6);
    expect(await texts(rid)).toEqual(['parent', 'reply']);
    await world.withSettings(
      { RetentionPolicy_DoNotPruneThreads: false, RetentionPolicy_DoNotPruneDiscussion: false },
      () => afterDays(6),
    );
  });
  expect(await texts(rid)).toEqual([]);
  expect((await alice.get('rooms.info', { roomId: discussion._id })).status).toBe(400);
});

test('a room goes by its own rule, also from the moment in which it gets one', async () => {
  const { alice, bob, say, channel } = world;
  const rid = (await alice.post('im.create', { username: 'bob' })).body.room._id;
  const { _id: spared } = await channel();
  await say(bob, rid, 'two days old');
  await say(alice, spared, 'of a room that takes no part');
  await world.admin.post('rooms.saveRoomSettings', { rid: spared, retentionEnabled: false });
  await world.withSettings(POLICY, async () => {
    await afterDays(3);
    expect(await texts(rid)).toEqual(['two days old']);
    expect((await lookedAt()).get(rid)?.retention_at).toBeNull();
    expect(await ownRule(rid)).toMatchObject({ status: 200 });
    await afterDays(3);
    expect(await texts(rid)).toEqual([]);
    await afterDays(6);
  });
  expect(await texts(spared)).toHaveLength(1);
});

test('only the files of old messages go where nothing more is wanted', async () => {
  const { server, alice, channel, say } = world;
  const { _id: rid } = await channel();
  await say(alice, rid, 'plain');
  const file = await uploadFile(server, alice, rid, { name: 'a.txt', type: 'text/plain', bytes: 'hello' });
  await alice.post(`rooms.mediaConfirm/${rid}/${file._id}`, { msg: 'look' });
  await ownRule(rid, { retentionFilesOnly: true });
  await world.withSettings({ RetentionPolicy_Enabled: true }, () => afterDays(3));
  expect(await texts(rid)).toEqual(['plain', 'look']);
  const [, shown] = (await world.messages(rid)).filter(({ t }) => !t);
  expect(shown?.attachments).toEqual([
    { ...{ type: 'removed-file', color: '#FD745E' }, text: expect.any(String) },
  ]);
});

test('a pass looks only at rooms in which something is due, from where the last one ended', async () => {
  const { alice, channel, say } = world;
  const { _id: rid } = await channel();
  const { ts } = await say(alice, rid, 'first');
  await world.withSettings(POLICY, async () => {
    await afterDays(1);
    expect((await lookedAt()).get(rid)).toMatchObject({ retention_at: Date.parse(ts) + 5 * DAY });
    const now = Date.now() + 6 * DAY;
    await app().oldMessages.prune(now);
    // Nothing is left, and nothing said from now on is due earlier.
    const { retention_at, retention_up_to } = (await lookedAt()).get(rid) ?? {};
    expect([retention_at, retention_up_to]).toEqual([now + 5 * DAY, now - 5 * DAY - 60_000]);
    await world.withSettings({ RetentionPolicy_TTL_Channels: 9 * DAY }, () => afterDays(6));
    // The policy is another: every room was looked at.
    expect((await lookedAt()).get(rid)?.retention_at).toBeGreaterThan(now + 5 * DAY);
  });
});

test('a pass comes by its time, and is made up for after a stop', async () => {
  const { alice, channel, say } = world;
  const { ctx } = app();
  const { _id: rid } = await channel();
  await say(alice, rid, 'old');
  const lastPassWas = (at: number) =>
    ctx.write((tx) => tx.updateTable('retention_passes').set({ passed_at: at }).execute());
  await world.withSettings({ ...POLICY, RetentionPolicy_TTL_Channels: 1 }, async () => {
    await lastPassWas(Date.now() + DAY);
    await app().oldMessages.pruneIfDue();
    expect(await texts(rid)).toEqual(['old']);
    await lastPassWas(Date.now() - DAY);
    const stopped = new OldMessages(ctx);
    await stopped.close();
    await stopped.pruneIfDue();
    await stopped.prune(Date.now());
    expect(await texts(rid)).toEqual(['old']);
    await app().oldMessages.pruneIfDue();
  });
  expect(await texts(rid)).toEqual([]);
});
