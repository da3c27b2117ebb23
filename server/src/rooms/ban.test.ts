import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  INVALID_PARAMS,
  plain,
  type RoomWorld,
  startRoomWorld,
  withPermission,
} from '../../test/support/rooms.ts';
import type { Person } from '../../test/support/server.ts';

let world: RoomWorld;
beforeAll(async () => {
  world = await startRoomWorld();
});
afterAll(() => world.close());

const ban = async (person: Person, body: object) => (await person.post('rooms.banUser', body)).body;
const unban = async (person: Person, body: object) => (await person.post('rooms.unbanUser', body)).body;

test('whoever is banned is out, stays out, and may come back when unbanned', async () => {
  const { alice, bob, channel, room: info, messages, subscription } = world;
  const { _id: roomId } = await channel([bob]);
  await alice.post('channels.addModerator', { roomId, userId: bob.uid });
  const socket = await bob.ddp();
  await socket.subscribe('stream-notify-user', `${bob.uid}/subscriptions-changed`);
  expect(await ban(alice, { roomId, userId: bob.uid })).toEqual({ success: true });
  await socket.event('notify-user', `${bob.uid}/subscriptions-changed`, ([action, subscription]) =>
    Boolean((action as unknown) === 'removed' && subscription?.rid === roomId),
  );
  expect((await info(roomId)).usersCount).toBe(1);
  expect((await messages(roomId)).at(-1)).toMatchObject({
    t: 'user-banned',
    msg: 'bob',
    u: { _id: alice.uid, username: 'alice' },
  });
  const roles = (await alice.get('channels.roles', { roomId })).body.roles;
  expect(roles.map(({ u }: { u: { username: string } }) => u.username)).toEqual(['alice']);
  expect((await bob.post('channels.join', { roomId })).body.errorType).toBe('error-user-is-banned');
  expect((await alice.post('channels.invite', { roomId, userId: bob.uid })).status).toBe(400);
  const listed = await alice.get('rooms.bannedUsers', { roomId });
  expect(listed.body).toEqual({
    bannedUsers: [{ _id: bob.uid, username: 'bob', name: 'bob' }],
    count: 1,
    offset: 0,
    total: 1,
    success: true,
  });

  expect(await unban(alice, { roomId, username: 'bob' })).toEqual({ success: true });
  expect((await messages(roomId)).at(-1)).toMatchObject({ t: 'user-unbanned', msg: 'bob' });
  expect(await subscription(bob, roomId)).toBeNull();
  expect((await alice.get('rooms.bannedUsers', { roomId })).body.total).toBe(0);
  expect((await bob.post('channels.join', { roomId })).status).toBe(200);
  expect((await info(roomId)).usersCount).toBe(2);
});

test('the refusals in their documented order, and they change nothing', async () => {
  const { admin, alice, bob, carol, channel, group, room: info } = world;
  const { _id: roomId } = await channel([bob]);
  const secret = await group();
  const direct = (await alice.post('im.create', { username: 'bob' })).body.room._id;
  const before = await info(roomId);
  expect(await ban(alice, { roomId })).toEqual(INVALID_PARAMS);
  expect(await ban(bob, { roomId, userId: 'nobody' })).toEqual(plain('Not allowed'));
  expect(await ban(admin, { roomId: 'nowhere', userId: bob.uid })).toEqual(plain('Not allowed'));
  expect(await ban(admin, { roomId: direct, userId: bob.uid })).toEqual(plain('Not allowed'));
  expect(await ban(admin, { roomId: secret._id, userId: bob.uid })).toEqual(
    plain('The required "roomId" or "roomName" param provided does not match any group'),
  );
  expect(await ban(alice, { roomId, userId: 'nobody' })).toEqual(plain('User not found'));
  expect(await ban(alice, { roomId, userId: carol.uid })).toEqual(plain('User is not in this room'));
  expect(await ban(alice, { roomId, userId: alice.uid })).toEqual(
    plain('You are the last owner. Please set new owner before banning the user.'),
  );
  expect(await unban(alice, { roomId, userId: bob.uid })).toEqual(plain('User is not banned from this room'));
  expect((await carol.get('rooms.bannedUsers', { roomId: secret._id })).status).toBe(401);
  expect(await info(roomId)).toEqual(before);
  await ban(alice, { roomId, userId: bob.uid });
  expect(await ban(alice, { roomId, userId: bob.uid })).toEqual(
    plain('User is already banned from this room'),
  );
});

test('who was banned first is listed first, whatever is renamed afterwards', async () => {
  const { admin, alice, bob, carol, channel, newName } = world;
  const { _id: roomId } = await channel([bob, carol]);
  for (const { uid: userId } of [carol, bob]) await ban(alice, { roomId, userId });
  const listed = async (page = {}) =>
    (await alice.get('rooms.bannedUsers', { roomId, ...page })).body.bannedUsers.map(
      ({ username }: { username: string }) => username,
    );
  expect(await listed()).toEqual(['carol', 'bob']);
  await admin.post('users.update', { userId: carol.uid, data: { name: 'Carol' } });
  await alice.post('channels.rename', { roomId, name: newName() });
  expect([await listed(), await listed({ offset: 1 })]).toEqual([['carol', 'bob'], ['bob']]);
});

test('whoever is banned is told nothing more of the room, not even that it is deleted', async () => {
  const { alice, bob, group, listen, newName } = world;
  const { _id: roomId } = await group([bob]);
  const translated = { roomId, field: 'autoTranslate', value: true };
  await world.withSettings({ AutoTranslate_Enabled: true }, () =>
    withPermission(world, 'auto-translate', ['user'], async () => {
      expect((await bob.post('autotranslate.saveSettings', translated)).status).toBe(200);
    }),
  );
  await ban(alice, { roomId, userId: bob.uid });
  const banned = await listen(bob);
  await alice.post('groups.rename', { roomId, name: newName() });
  await world.withSettings({ E2E_Enable: true }, async () => {
    expect((await alice.post('groups.setEncrypted', { roomId, encrypted: true })).status).toBe(200);
  });
  await alice.post('groups.delete', { roomId });
  expect([await banned.subscriptions(roomId), await banned.rooms(roomId)]).toEqual([[], []]);
});
