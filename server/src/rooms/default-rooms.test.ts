import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RoomWorld, startRoomWorld } from '../../test/support/rooms.ts';

let world: RoomWorld;

beforeAll(async () => {
  world = await startRoomWorld();
});
afterAll(() => world.close());

describe('a fresh workspace', () => {
  test('has the channel general with the id GENERAL, a default one', async () => {
    const { admin } = world;
    const { body } = await admin.get('channels.info', { roomName: 'general' });
    expect(body.channel).toMatchObject({
      _id: 'GENERAL',
      t: 'c',
      name: 'general',
      fname: 'general',
      default: true,
    });
  });
});

describe('new people', () => {
  test('join the default channels and groups, with `uj` each', async () => {
    const { admin, bob, channel, group, messages, server, subscription } = world;
    const [open, hidden, plain] = [await channel(), await group(), await channel()];
    await admin.post('rooms.saveRoomSettings', {
      rid: open._id,
      default: true,
      favorite: { favorite: true, defaultValue: true },
    });
    // Administrators do not see the group; the flag is what counts here.
    await server.server.ctx.write((tx) =>
      tx.updateTable('rooms').set({ is_default: 1 }).where('id', '=', hidden._id).execute(),
    );
    const dora = await server.person('dora', { joinDefaultChannels: true });
    expect(await subscription(dora, 'GENERAL')).toMatchObject({
      open: true,
      alert: true,
      unread: 1,
      userMentions: 1,
    });
    expect(await subscription(dora, open._id)).toMatchObject({ f: true });
    expect(await subscription(dora, hidden._id)).toMatchObject({ t: 'p' });
    expect(await subscription(dora, hidden._id)).not.toHaveProperty('f');
    expect(await subscription(dora, plain._id)).toBeNull();
    for (const rid of ['GENERAL', open._id, hidden._id]) {
      const joined = (await messages(rid)).filter((message) => message.msg === 'dora');
      expect(joined).toMatchObject([{ t: 'uj', u: { _id: dora.uid, username: 'dora' } }]);
    }
    expect(await subscription(bob, 'GENERAL')).toBeNull();
  });

  test('do not join archived default channels, nor any when the admin says so', async () => {
    const { admin, alice, channel, server, subscription } = world;
    const room = await channel();
    await admin.post('channels.setDefault', { roomId: room._id, default: true });
    await alice.post('channels.archive', { roomId: room._id });
    const [emil, frida] = [
      await server.person('emil', { joinDefaultChannels: true }),
      await server.person('frida', { joinDefaultChannels: false }),
    ];
    expect(await subscription(emil, room._id)).toBeNull();
    expect(await subscription(frida, 'GENERAL')).toBeNull();
  });

  test('who registered joins when the username is chosen', async () => {
    const { server } = world;
    const registration = {
      username: 'gustav',
      name: 'Gustav',
      email: 'gustav@example.com',
      pass: 'gustav-password',
    };
    expect(await server.anonymous.post('users.register', registration)).toMatchObject({ status: 200 });
    const rows = await server.server.ctx.db
      .selectFrom('subscriptions')
      .innerJoin('users', 'users.id', 'subscriptions.uid')
      .select('rid')
      .where('users.username', '=', 'gustav')
      .execute();
    expect(rows.map((row) => row.rid)).toContain('GENERAL');
  });
});

test('a deleted general does not come back on the next start', async () => {
  const { ensureGeneralChannel } = await import('./default-rooms.ts');
  const { admin, server } = world;
  expect(await admin.post('channels.delete', { roomId: 'GENERAL' })).toMatchObject({ status: 200 });
  await ensureGeneralChannel(server.server.ctx);
  expect((await admin.get('channels.info', { roomId: 'GENERAL' })).body.errorType).toBe(
    'error-room-not-found',
  );
});
