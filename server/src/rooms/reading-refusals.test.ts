import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  coded,
  INVALID_PARAMS,
  NO_CHANNEL,
  NO_GROUP,
  NO_PERMISSION,
  plain,
  type RoomWorld,
  startRoomWorld,
  type TestRoom,
} from '../../test/support/rooms.ts';
import type { Person } from '../../test/support/server.ts';

/** Each failure of what reads a room (spec 10 §7 and §10, spec 11 §3 and §4), endpoint by endpoint. */

let world: RoomWorld;
let guest: Person;
const rooms = {} as Record<'channel' | 'group' | 'archivedChannel' | 'archivedGroup', TestRoom> & {
  direct: string;
};

beforeAll(async () => {
  world = await startRoomWorld();
  const { alice, channel, group, server } = world;
  guest = await server.person('guest', { roles: ['guest'] });
  Object.assign(rooms, {
    channel: await channel(),
    group: await group(),
    archivedChannel: await channel(),
    archivedGroup: await group(),
    direct: (await alice.post('im.create', { username: 'bob' })).body.room._id,
  });
  await alice.post('channels.archive', { roomId: rooms.archivedChannel._id });
  await alice.post('groups.archive', { roomId: rooms.archivedGroup._id });
});
afterAll(() => world.close());

type Outcome = readonly [status: number, body: unknown];
const FORBIDDEN: Outcome = [403, plain('unauthorized')];
const ANSWERED: Outcome = [200, expect.objectContaining({ success: true })];
const MISSING_PERMISSION: Outcome = [403, NO_PERMISSION];
const refused = (body: unknown): Outcome => [400, body];

const get = async (person: Person, path: string, query: Record<string, unknown> = {}) => {
  const { status, body } = await person.get(path, query);
  return [status, body];
};

/** What a guest gets who is not in the channel, and whether archived rooms are shown: [channels, groups]. */
const FAMILY: readonly [string, Outcome, readonly [boolean, boolean]][] = [
  ['info', FORBIDDEN, [true, true]],
  ['members', FORBIDDEN, [true, false]],
  ['roles', refused(coded('error-invalid-user', 'Invalid user', { method: 'getRoomRoles' })), [false, false]],
  ['moderators', FORBIDDEN, [false, false]],
  ['history', FORBIDDEN, [true, true]],
  ['messages', MISSING_PERMISSION, [true, false]],
  ['counters', ANSWERED, [false, false]],
  ['files', FORBIDDEN, [true, true]],
  ['getIntegrations', MISSING_PERMISSION, [true, true]],
];

describe.each(FAMILY)('%s', (name, withoutAccess, [channelsArchived, groupsArchived]) => {
  test('of channels', async () => {
    const { _id } = rooms.channel;
    const asked = name === 'getIntegrations' ? world.admin : world.alice;
    const path = `channels.${name}`;
    expect(await get(guest, path, { roomId: _id })).toEqual(withoutAccess);
    expect(await get(asked, path, { roomId: 'nowhere' })).toEqual(refused(NO_CHANNEL));
    expect(await get(asked, path, { roomId: '' })).toEqual(refused(NO_CHANNEL));
    expect(await get(asked, path, { roomId: rooms.group._id })).toEqual(refused(NO_CHANNEL));
    expect(await get(asked, path)).toEqual(refused(INVALID_PARAMS));
    expect(await get(asked, path, { roomId: _id, roomName: 'x' })).toEqual(refused(INVALID_PARAMS));
    expect(await get(asked, path, { roomId: _id, more: 1 })).toEqual(refused(INVALID_PARAMS));
    const reason = `The channel, ${rooms.archivedChannel.name}, is archived`;
    expect(await get(asked, path, { roomId: rooms.archivedChannel._id })).toEqual(
      channelsArchived ? ANSWERED : refused(coded('error-room-archived', reason)),
    );
  });

  test('of groups', async () => {
    const { alice, bob } = world;
    const { _id } = rooms.group;
    const path = `groups.${name}`;
    const needsPermission = name === 'getIntegrations';
    const stranger = needsPermission ? world.admin : bob;
    expect(await get(stranger, path, { roomId: _id })).toEqual(refused(NO_GROUP));
    expect(await get(stranger, path, { roomId: 'nowhere' })).toEqual(refused(NO_GROUP));
    expect(await get(stranger, path)).toEqual(refused(INVALID_PARAMS));
    expect(await get(stranger, path, { roomId: _id, roomName: 'x' })).toEqual(refused(INVALID_PARAMS));
    if (needsPermission) return;
    expect(await get(alice, path, { roomId: rooms.channel._id })).toEqual(refused(NO_GROUP));
    const reason = `The private group, ${rooms.archivedGroup.name}, is archived`;
    expect(await get(alice, path, { roomId: rooms.archivedGroup._id })).toEqual(
      groupsArchived ? ANSWERED : refused(coded('error-room-archived', reason)),
    );
  });
});

const BLANK = refused(
  coded('error-roomid-param-not-provided', 'The parameter "roomId" or "roomName" is required'),
);
const NOT_ALLOWED = refused(plain('not-allowed', 'Not Allowed'));
const NO_ROOM: Outcome = [
  404,
  plain('The required "roomId" or "roomName" param provided does not match any room'),
];

/** Path, more parameters, and what an unknown room, a blank one and a group of others get. */
const ANY_ROOM: readonly [string, object, Outcome, Outcome, Outcome][] = [
  ['rooms.info', {}, refused(NO_CHANNEL), BLANK, NOT_ALLOWED],
  ['rooms.getDiscussions', {}, refused(NO_CHANNEL), BLANK, NOT_ALLOWED],
  ['rooms.isMember', { username: 'bob' }, refused(NO_CHANNEL), BLANK, FORBIDDEN],
  ['rooms.membersOrderedByRole', {}, NO_ROOM, NO_ROOM, NO_ROOM],
  ['rooms.images', {}, FORBIDDEN, FORBIDDEN, FORBIDDEN],
  ['channels.images', {}, FORBIDDEN, FORBIDDEN, FORBIDDEN],
  [
    'channels.getAllUserMentionsByChannel',
    {},
    ...Array<Outcome>(3).fill(
      refused(coded('error-invalid-room', 'Invalid room', { method: 'getUserMentionsByChannel' })),
    ),
  ] as [string, object, Outcome, Outcome, Outcome],
];

test.each(ANY_ROOM)('%s', async (path, more, unknown, blank, foreign) => {
  const { bob } = world;
  expect(await get(bob, path, { ...more, roomId: 'nowhere' })).toEqual(unknown);
  expect(await get(bob, path, { ...more, roomId: '' })).toEqual(blank);
  expect(await get(bob, path, { ...more, roomId: rooms.group._id })).toEqual(foreign);
  expect(await get(bob, path, { ...more, roomId: rooms.channel._id })).toEqual(ANSWERED);
  expect(await get(bob, path, more as Record<string, unknown>)).toEqual(refused(INVALID_PARAMS));
});

const NO_DIRECT_ROOM = refused(plain('[invalid-channel]', 'invalid-channel'));

test.each(['history', 'messages', 'members', 'files', 'counters'])('im.%s and dm.%s', async (name) => {
  const { alice, carol } = world;
  for (const path of [`im.${name}`, `dm.${name}`]) {
    expect(await get(alice, path, { roomId: rooms.direct })).toEqual(ANSWERED);
    expect(await get(carol, path, { roomId: rooms.direct })).toEqual(FORBIDDEN);
    for (const roomId of ['nowhere', rooms.channel._id])
      expect(await get(alice, path, { roomId })).toEqual(NO_DIRECT_ROOM);
    expect(await get(alice, path)).toEqual(refused(INVALID_PARAMS));
    expect(await get(alice, path, { roomId: rooms.direct, more: 1 })).toEqual(refused(INVALID_PARAMS));
  }
});

test('im.messages.others', async () => {
  const { admin, alice } = world;
  const path = 'im.messages.others';
  expect(await get(alice, path, { roomId: rooms.direct })).toEqual(MISSING_PERMISSION);
  expect(await get(admin, path, { roomId: rooms.direct })).toEqual(
    refused(coded('error-endpoint-disabled', 'This endpoint is disabled', { route: `/api/v1/${path}` })),
  );
  await world.withSettings({ API_Enable_Direct_Message_History_EndPoint: true }, async () => {
    const blank = refused(coded('error-roomid-param-not-provided', 'The parameter "roomId" is required'));
    expect(await get(admin, path)).toEqual(blank);
    expect(await get(admin, path, { roomId: '' })).toEqual(blank);
    for (const roomId of ['nowhere', rooms.channel._id]) {
      const reason = `No direct message room found by the id of: ${roomId}`;
      expect(await get(admin, path, { roomId })).toEqual(refused(coded('error-room-not-found', reason)));
    }
    expect(await get(admin, path, { roomId: rooms.direct })).toEqual(ANSWERED);
  });
});

test('counters of somebody else, and with whom a direct room is not shared', async () => {
  const { admin, alice, bob, carol } = world;
  for (const [path, roomId] of [
    ['channels.counters', rooms.channel._id],
    ['groups.counters', rooms.group._id],
    ['im.counters', rooms.direct],
  ] as const)
    expect(await get(alice, path, { roomId, userId: bob.uid })).toEqual(FORBIDDEN);
  expect(await get(admin, 'im.counters', { roomId: rooms.direct, userId: bob.uid })).toEqual(ANSWERED);
  expect(await get(admin, 'im.counters', { roomId: rooms.direct, userId: carol.uid })).toEqual(FORBIDDEN);
});

test('channels.anonymousread of a channel in a private team', async () => {
  const { alice, bob } = world;
  const { team } = (await alice.post('teams.create', { name: 'readers', type: 1 })).body;
  const extraData = { teamId: team._id };
  const { channel } = (await alice.post('channels.create', { name: 'readers-only', extraData })).body;
  const path = 'channels.anonymousread';
  await world.withSettings({ Accounts_AllowAnonymousRead: true }, async () => {
    expect(await get(bob, path, { roomId: channel._id })).toEqual([404, plain('Room not found')]);
    expect(await get(alice, path, { roomId: channel._id })).toEqual(ANSWERED);
    expect(await get(bob, path, { roomId: rooms.group._id })).toEqual(refused(NO_CHANNEL));
    expect(await get(bob, path)).toEqual(refused(INVALID_PARAMS));
  });
});
