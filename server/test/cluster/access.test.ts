import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { openCluster, type TestCluster } from '../support/cluster.ts';
import type { DdpClient } from '../support/ddp-client.ts';
import { PATIENCE } from '../support/patience.ts';
import { logIn, type Person, type TestServer } from '../support/server.ts';

/** Whoever loses something by a request to one node has lost it on the other. */

let cluster: TestCluster;
let one: TestServer;
let two: TestServer;
let owner: Person;
let people = 0;

beforeAll(async () => {
  cluster = await openCluster(2);
  [one, two] = cluster.nodes as [TestServer, TestServer];
  owner = await one.person('owner');
});
afterAll(() => cluster.close());

interface Member {
  /** With one login on both nodes. */
  onOne: Person;
  onTwo: Person;
  /** A connection to the second node that reads the room. */
  socket: DdpClient;
  rid: string;
}

async function member(): Promise<Member> {
  const username = `member-${++people}`;
  const onOne = await one.person(username);
  const onTwo = await logIn(two.url, username, onOne.password);
  const { body } = await owner.post('groups.create', { name: `room-${people}`, members: [username] });
  const rid = body.group._id;
  const socket = await onTwo.ddp();
  await socket.subscribe('stream-room-messages', rid, false);
  await socket.subscribe('stream-notify-room', `${rid}/user-activity`);
  await socket.subscribe('stream-notify-user', `${onOne.uid}/subscriptions-changed`);
  await socket.subscribe('stream-notify-user', `${onOne.uid}/rooms-changed`);
  await owner.post('chat.sendMessage', { message: { rid, msg: 'before' } });
  await vi.waitFor(() => expect(socket.events('room-messages', rid)).toHaveLength(1), PATIENCE);
  return { onOne, onTwo, socket, rid };
}

/** Something is said in the room, and heard by who said it on the second node. */
async function afterSomethingWasSaid(rid: string, by: Person = owner): Promise<void> {
  const witness = await (await logIn(two.url, by.username, by.password)).ddp();
  await witness.subscribe('stream-room-messages', rid, false);
  await by.post('chat.sendMessage', { message: { rid, msg: 'after' } });
  await witness.event('room-messages', rid, ([message]) => message?.msg === 'after');
}

const isRefused = (person: Person) =>
  vi.waitFor(async () => expect((await person.get('me')).status).toBe(401), PATIENCE);

describe('a socket of the second node is closed, and the login refused there, when on the first', () => {
  test.each<[string, (who: Member) => Promise<unknown>]>([
    ['all other logins are ended', ({ onOne }) => onOne.post('users.logoutOtherClients')],
    ['the password is changed', ({ onOne }) => changePassword(onOne)],
    [
      'an administrator logs the person out',
      ({ onOne }) => one.admin.post('users.logout', { userId: onOne.uid }),
    ],
    [
      'the account is switched off',
      ({ onOne }) => one.admin.post('users.setActiveStatus', { userId: onOne.uid, activeStatus: false }),
    ],
    ['the account is deleted', ({ onOne }) => one.admin.post('users.delete', { userId: onOne.uid })],
  ])('%s', async (_name, end) => {
    const who = await member();
    expect(await end(who)).toMatchObject({ status: 200 });
    await who.socket.closed;
    await isRefused(who.onTwo);
    await afterSomethingWasSaid(who.rid);
    expect(who.socket.events('room-messages', who.rid).map(([message]) => message?.msg)).not.toContain(
      'after',
    );
  });
});

const changePassword = (person: Person) =>
  one.admin.post('users.update', { userId: person.uid, data: { password: 'another-password' } });

test('a login that is ended on the node where it was used is refused on the other', async () => {
  const { onOne } = await member();
  const elsewhere = await withTokenOf(onOne, two);
  expect((await elsewhere()).status).toBe(200);
  expect((await onOne.post('logout')).status).toBe(200);
  await vi.waitFor(async () => expect((await elsewhere()).status).toBe(401), PATIENCE);
});

function withTokenOf({ uid, token }: Person, node: TestServer) {
  const headers = { 'x-user-id': uid, 'x-auth-token': token };
  return () => node.anonymous.get('me', undefined, headers);
}

describe('nothing of a room reaches a socket of the second node after, on the first,', () => {
  test.each<[string, (who: Member) => Promise<unknown>]>([
    ['a kick', ({ onOne, rid }) => owner.post('groups.kick', { roomId: rid, userId: onOne.uid })],
    ['leaving', ({ onOne, rid }) => onOne.post('groups.leave', { roomId: rid })],
    ['the end of the room', ({ rid }) => owner.post('groups.delete', { roomId: rid })],
  ])('%s', async (name, end) => {
    const who = await member();
    expect(await end(who)).toMatchObject({ status: 200 });
    const [action] = await who.socket.event(
      'notify-user',
      `${who.onOne.uid}/subscriptions-changed`,
      ([change]) => (change as unknown) === 'removed',
    );
    expect(action).toBe('removed');
    const heard = who.socket.frames.length;
    if (!name.includes('end')) await afterSomethingWasSaid(who.rid);
    await who.socket.barrier();
    const later = JSON.stringify(who.socket.frames.slice(heard));
    expect(later).not.toContain('after');
    expect(later).not.toContain('stream-room-messages');
  });
});

describe('what an administrator decides on the first node is in force on the second:', () => {
  test('a setting', async () => {
    const { onTwo, rid } = await member();
    const pin = async () => {
      const { body } = await onTwo.post('chat.sendMessage', { message: { rid, msg: 'pin me' } });
      return (await onTwo.post('chat.pinMessage', { messageId: body.message._id })).body.error;
    };
    await one.admin.post('permissions.update', { permissions: [{ _id: 'pin-message', roles: ['user'] }] });
    await vi.waitFor(async () => expect(await pin()).toBeUndefined(), PATIENCE);
    await one.admin.post('settings/Message_AllowPinning', { value: false });
    await vi.waitFor(async () => expect(await pin()).toContain('error-action-not-allowed'), PATIENCE);
    await one.admin.post('settings/Message_AllowPinning', { value: true });
    await vi.waitFor(async () => expect(await pin()).toBeUndefined(), PATIENCE);
  });

  test('a permission, also for what is open already', async () => {
    const reader = await two.person('reader');
    const channel = (await owner.post('channels.create', { name: 'open' })).body.channel._id;
    await one.admin.post('channels.join', { roomId: channel });
    const socket = await reader.ddp();
    await socket.subscribe('stream-room-messages', channel, false);
    await owner.post('chat.sendMessage', { message: { rid: channel, msg: 'before' } });
    await socket.event('room-messages', channel);
    await one.admin.post('permissions.update', {
      permissions: [
        { _id: 'view-c-room', roles: ['admin'] },
        { _id: 'preview-c-room', roles: ['admin'] },
      ],
    });
    await vi.waitFor(
      async () =>
        expect((await reader.get('channels.history', { roomId: channel })).body.success).not.toBe(true),
      PATIENCE,
    );
    await afterSomethingWasSaid(channel, one.admin);
    await vi.waitFor(async () => {
      await expect(socket.subscribe('stream-room-messages', channel, false)).rejects.toThrow();
    }, PATIENCE);
    expect(socket.events('room-messages', channel).map(([message]) => message?.msg)).toEqual(['before']);
  });

  test('a role', async () => {
    const helper = await two.person('helper');
    const socket = await helper.ddp();
    const isAdmin = async () => (await helper.get('rooms.adminRooms')).status === 200;
    const readsLog = () => socket.subscribe('stream-stdout', 'stdout');
    expect(await isAdmin()).toBe(false);
    await expect(readsLog()).rejects.toThrow();
    await one.admin.post('roles.addUserToRole', { roleName: 'admin', username: 'helper' });
    await vi.waitFor(async () => expect(await isAdmin()).toBe(true), PATIENCE);
    await vi.waitFor(readsLog, PATIENCE);
    await one.admin.post('roles.removeUserFromRole', { roleName: 'admin', username: 'helper' });
    await vi.waitFor(async () => expect(await isAdmin()).toBe(false), PATIENCE);
    await vi.waitFor(() => expect(readsLog()).rejects.toThrow(), PATIENCE);
  });
});
