import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  coded,
  INVALID_PARAMS,
  ISO,
  type RoomWorld,
  startRoomWorld,
  withPermission,
} from '../../../test/support/rooms.ts';
import type { Person } from '../../../test/support/server.ts';

let world: RoomWorld;

beforeAll(async () => {
  world = await startRoomWorld();
});
afterAll(() => world.close());

const NOT_AUTHORIZED = { success: false, error: '[not_authorized]', errorType: 'not_authorized' };

async function invite(rid: string, { days = 0, maxUses = 0 } = {}) {
  const { status, body } = await world.alice.post('findOrCreateInvite', { rid, days, maxUses });
  expect(status).toBe(200);
  return body as { _id: string; uses: number };
}

const use = async (person: Person, token: string) => {
  const answer = await person.post('useInviteToken', { token });
  return [answer.status, answer.body];
};
const uses = async (id: string): Promise<number | undefined> => {
  const { body } = await world.admin.get('listInvites');
  return body.find(({ _id }: { _id: string }) => _id === id)?.uses;
};
const isValid = async (token: string) =>
  (await world.server.anonymous.post('validateInviteToken', { token })).body;

/** Lets an invite be older than it is. */
const expire = (id: string) =>
  world.server.server.ctx.write((tx) =>
    tx.updateTable('invites').set({ expires_at: 1 }).where('id', '=', id).execute(),
  );

describe('findOrCreateInvite', () => {
  test('makes a link, and gives the same one while it can be used', async () => {
    const { alice, channel } = world;
    const { _id: rid } = await channel();
    const socket = await alice.ddp();
    await socket.subscribe('stream-notify-user', `${alice.uid}/updateInvites`);
    const { body } = await alice.post('findOrCreateInvite', { rid, days: 7, maxUses: 5 });
    expect(body).toEqual({
      _id: expect.stringMatching(/^\w{6}$/),
      inviteToken: body._id,
      ...{ rid, userId: alice.uid, days: 7, maxUses: 5, uses: 0 },
      createdAt: ISO,
      expires: ISO,
      url: expect.stringMatching(new RegExp(`^http://.*/invite/${body._id}$`)),
      _updatedAt: ISO,
      success: true,
    });
    expect(Date.parse(body.expires) - Date.parse(body.createdAt)).toBe(7 * 86_400_000);
    const [told] = await socket.event('notify-user', `${alice.uid}/updateInvites`);
    expect(told).toMatchObject({ invite: { _id: body._id } });
    expect((await invite(rid, { days: 7, maxUses: 5 }))._id).toBe(body._id);
    expect(await invite(rid)).toMatchObject({ expires: null });
    await expire(body._id);
    expect((await invite(rid, { days: 7, maxUses: 5 }))._id).not.toBe(body._id);
  });

  test('links lead over another page where the workspace says so', async () => {
    const { _id: rid } = await world.channel();
    await world.withSettings({ Accounts_Registration_InviteUrlType: 'proxy' }, async () => {
      const { _id, url } = (await invite(rid)) as { _id: string; url?: string };
      expect(url).toMatch(/^https:\/\/go\.rocket\.chat\/invite\?host=/);
      expect(url).toContain(encodeURIComponent(`invite/${_id}`));
    });
  });

  test('the refusals come in their documented order', async () => {
    const { admin, alice, bob, channel } = world;
    const { _id: rid } = await channel([bob]);
    const find = async (person: Person, body: object) =>
      (await person.post('findOrCreateInvite', { days: 1, maxUses: 1, ...body })).body;
    expect(await find(alice, {})).toEqual(INVALID_PARAMS);
    expect(await find(alice, { rid, days: 'many' })).toEqual(INVALID_PARAMS);
    expect(await find(bob, { rid })).toEqual(NOT_AUTHORIZED);
    const noRoom = coded('error-invalid-room', 'The rid field is invalid', {
      method: 'findOrCreateInvite',
      field: 'rid',
    });
    for (const unknown of ['nowhere', rid]) expect(await find(admin, { rid: unknown })).toEqual(noRoom);
    const direct = (await admin.post('im.create', { username: 'bob' })).body.room._id;
    const { errorType } = await find(admin, { rid: direct });
    expect(errorType).toBe('error-room-type-not-allowed');
    expect((await find(alice, { rid, days: 2, maxUses: 2 })).errorType).toBe('invalid-number-of-days');
    expect((await find(alice, { rid, maxUses: 2 })).errorType).toBe('invalid-number-of-uses');
  });
});

describe('useInviteToken', () => {
  test('brings people into the room, once each, as often as was said', async () => {
    const { alice, bob, carol, group, subscription, types } = world;
    const { _id: rid, name } = await group();
    const { _id: token } = await invite(rid, { maxUses: 1 });
    expect(await isValid(token)).toEqual({ valid: true, success: true });
    const room = { rid, name, fname: name, t: 'p' };
    expect(await use(alice, token)).toEqual([200, { room, success: true }]);
    expect(await uses(token)).toBe(0);
    expect(await use(bob, token)).toEqual([200, { room, success: true }]);
    expect(await subscription(bob, rid)).not.toBeNull();
    expect(await types(rid)).toEqual(['uj']);
    expect(await uses(token)).toBe(1);
    expect(await isValid(token)).toEqual({ valid: false, success: true });
    expect((await use(carol, token))[1].errorType).toBe('error-invite-expired');
    expect(await subscription(carol, rid)).toBeNull();
  });

  test('the last use of two at the same moment is for one', async () => {
    const { bob, carol, channel, room } = world;
    const { _id: rid } = await channel();
    const { _id: token } = await invite(rid, { maxUses: 1 });
    const answers = await Promise.all([bob, carol].map((person) => use(person, token)));
    expect(answers.map(([status]) => status).sort()).toEqual([200, 400]);
    expect(await room(rid)).toMatchObject({ usersCount: 2 });
  });

  test('the refusals', async () => {
    const { alice, bob, channel, ban } = world;
    const { _id: rid } = await channel([bob]);
    const { _id: token } = await invite(rid);
    expect((await alice.post('useInviteToken', {})).body).toEqual(INVALID_PARAMS);
    const unknown = coded('error-invalid-token', 'The invite token is invalid.', {
      method: 'useInviteToken',
      field: 'token',
    });
    for (const wrong of ['', 'nonsense']) expect(await use(bob, wrong)).toEqual([400, unknown]);
    expect((await world.server.anonymous.post('useInviteToken', { token })).status).toBe(401);
    await ban(rid, bob);
    expect((await use(bob, token))[1].errorType).toBe('error-user-is-banned');
    expect(await uses(token)).toBe(0);
    await expire(token);
    expect((await use(world.carol, token))[1].errorType).toBe('error-invite-expired');
    await alice.post('channels.delete', { roomId: rid });
    expect(await use(bob, token)).toEqual([400, unknown]);
    expect(await isValid(token)).toEqual({ valid: false, success: true });
  });

  test('whoever has no username yet comes in when they choose one', async () => {
    const { group, server, subscription } = world;
    const { _id: rid } = await group();
    const { _id: token } = await invite(rid, { maxUses: 1 });
    const form = { email: 'newcomer@example.com', pass: 'newcomer-password', name: 'New', secretURL: token };
    const { DdpClient } = await import('../../../test/support/ddp-client.ts');
    const socket = await DdpClient.connect(server.url);
    await world.withSettings({ Accounts_RegistrationForm: 'Secret URL' }, async () => {
      const wrong = socket.call('registerUser', { ...form, secretURL: 'wrong' });
      await expect(wrong).rejects.toMatchObject({ error: 'error-user-registration-secret' });
      await socket.call('registerUser', form);
    });
    const { id, token: session } = await socket.call('login', {
      user: { email: form.email },
      password: form.pass,
    });
    const headers = { 'x-user-id': id, 'x-auth-token': session };
    const { status } = await server.anonymous.post('useInviteToken', { token }, headers);
    expect([status, await uses(token)]).toEqual([200, 0]);
    await socket.call('setUsername', 'newcomer');
    expect(await uses(token)).toBe(1);
    const { body } = await world.alice.get('groups.members', { roomId: rid });
    expect(body.members.map(({ username }: { username: string }) => username)).toContain('newcomer');
    expect(await subscription(world.alice, rid)).not.toBeNull();
    socket.close();
  });
});

describe('listInvites and removeInvite', () => {
  test('answer bare JSON, to those who make links everywhere', async () => {
    const { admin, alice, channel } = world;
    const { _id } = await invite((await channel())._id);
    const all = (await admin.get('listInvites')).body;
    expect(all).toContainEqual(expect.objectContaining({ _id, inviteToken: _id }));
    expect((await alice.get('listInvites')).body).toEqual(NOT_AUTHORIZED);
    expect((await alice.delete(`removeInvite/${_id}`)).body).toEqual(NOT_AUTHORIZED);
    const removed = await admin.delete(`removeInvite/${_id}`);
    expect([removed.status, removed.body]).toEqual([200, true]);
    expect((await admin.delete(`removeInvite/${_id}`)).body).toEqual(
      coded('invalid-invitation-id', 'Invalid Invitation _id', { method: 'removeInvite' }),
    );
    await withPermission(world, 'create-invite-links', ['user'], async () => {
      expect((await alice.get('listInvites')).status).toBe(200);
    });
  });
});
