import { findUserById, findUserByUsername } from '../accounts/find-users.ts';
import type { User } from '../accounts/user.ts';
import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail } from '../kernel/errors.ts';
import { type DdpMethod, userMethod } from '../realtime/declarations.ts';
import {
  optionalBoolean,
  optionalNumber,
  optionalObject,
  optionalText,
  optionalTime,
  textListParam,
  textParam,
} from '../realtime/params.ts';
import { canAccessRoom, mayPreview } from './access.ts';
import { archiveRoom, unarchiveRoom } from './archive.ts';
import { createRoom } from './create-room.ts';
import { eraseRoom } from './delete-room.ts';
import { createDirectRoom, findDirectRoom } from './direct.ts';
import { findRoomById, findRoomByIdOrName } from './find-room.ts';
import { inviteByUsername } from './invite.ts';
import { joinRoom } from './join.ts';
import { kickFromRoom } from './kick.ts';
import { leaveRoom } from './leave.ts';
import { findMembership, mayListMembers, pageOfMembers } from './members.ts';
import { isActiveMember } from './membership.ts';
import { presentRoom } from './present-room.ts';
import { readRoom, unreadFrom } from './read.ts';
import type { Room } from './room.ts';
import { giveRoomRole, type RoomRole, roomRoleHolders, takeRoomRole } from './room-roles.ts';
import { parseRoomSettings } from './room-settings-params.ts';
import { saveRoomSettings } from './save-room-settings.ts';
import { spotlight } from './spotlight.ts';
import { syncRooms, syncSubscriptions } from './sync.ts';
import { hideRoom, openRoom, setFavorite } from './visibility.ts';

/** The rooms' DDP methods (spec 40 §10.1, §10.2): each is a door to an operation that REST uses too. */

const listing: DdpMethod[] = [
  {
    name: 'subscriptions/get',
    auth: 'none',
    async run(ctx, { caller, params }) {
      if (!caller) return [];
      const since = optionalTime(params[0]);
      const delta = await syncSubscriptions(ctx, caller, since);
      return since === undefined ? delta.update : delta;
    },
  },
  {
    name: 'rooms/get',
    auth: 'none',
    async run(ctx, { caller, params }) {
      if (!caller) return [];
      const since = optionalTime(params[0]);
      const delta = await syncRooms(ctx, caller, since);
      return since === undefined ? delta.update : delta;
    },
    partly: 'Anonymous callers get no default channels.',
  },
];

const finding: DdpMethod[] = [
  userMethod('getRoomIdByNameOrId', async (ctx, { caller, params }) => {
    const room = await findRoomByIdOrName(ctx, textParam(params[0]));
    if (!room || !(await canAccessRoom(ctx, caller, room))) {
      fail('error-not-allowed', 'Not allowed', { method: 'getRoomIdByNameOrId' });
    }
    return room.id;
  }),
  userMethod('getRoomNameById', async (ctx, { caller, params }) => {
    const room = await findRoomById(ctx, textParam(params[0]));
    const details = { method: 'getRoomNameById' };
    if (!room) fail('error-room-does-not-exist', 'Room does not exist', details);
    const isMember = isActiveMember(await findMembership(ctx, room.id, caller.uid));
    const isVisible = room.type === 'c' && ctx.permissions.has(caller, 'view-c-room');
    if (!isMember && !isVisible) fail('error-not-allowed', 'Not allowed', details);
    return room.name ?? undefined;
  }),
  userMethod('getRoomByTypeAndName', (ctx, { caller, params }) =>
    roomByTypeAndName(ctx, caller, textParam(params[0]), textParam(params[1])),
  ),
  userMethod(
    'getRoomById',
    async (ctx, { caller, params }) => {
      const room = await findRoomById(ctx, textParam(params[0]));
      if (!room || !(await canAccessRoom(ctx, caller, room))) {
        fail('error-not-allowed', 'Not allowed', { method: 'getRoomById' });
      }
      return presentRoom(room, caller.uid);
    },
    { rateLimit: { calls: 10, windowMs: 60_000 } },
  ),
  userMethod('getRoomRoles', async (ctx, { caller, params }) =>
    roomRoleHolders(ctx, caller, await roomOr(ctx, textParam(params[0]), 'getRoomRoles')),
  ),
  userMethod('getUsersOfRoom', (ctx, { caller, params }) => usersOfRoom(ctx, caller, params)),
];

async function roomByTypeAndName(ctx: Context, caller: Caller, type: string, nameOrId: string) {
  const details = { method: 'getRoomByTypeAndName' };
  const room =
    type === 'd' ? await directRoom(ctx, caller, nameOrId) : await findRoomByIdOrName(ctx, nameOrId);
  if (room?.type !== type) fail('error-invalid-room', 'Invalid room', details);
  if (!(await canAccessRoom(ctx, caller, room))) fail('error-no-permission', 'No permission', details);
  const { lastMessage, ...rest } = presentRoom(room, caller.uid);
  const mayReadLast =
    mayPreview(ctx, caller) || isActiveMember(await findMembership(ctx, room.id, caller.uid));
  return mayReadLast && lastMessage ? { ...rest, lastMessage } : rest;
}

/** A room id first: looking at a direct room must not create one. */
async function directRoom(ctx: Context, caller: Caller, nameOrId: string): Promise<Room | undefined> {
  return (await findRoomById(ctx, nameOrId)) ?? findDirectRoom(ctx, caller, nameOrId);
}

async function usersOfRoom(ctx: Context, caller: Caller, params: readonly unknown[]) {
  const details = { method: 'getUsersOfRoom' };
  const room = await findRoomById(ctx, textParam(params[0]));
  if (!room) fail('error-invalid-room', 'Invalid room', details);
  if (!(await canAccessRoom(ctx, caller, room))) fail('error-not-allowed', 'Not allowed', details);
  if (!(await mayListMembers(ctx, caller, room))) fail('not-authorized', 'Not Authorized', details);
  const page = optionalObject(params[2]) ?? {};
  const limit = optionalNumber(page.limit) ?? 100;
  const found = await pageOfMembers(
    ctx,
    room,
    {
      text: optionalText(params[3]),
      statuses: optionalBoolean(params[1]) ? undefined : ['online', 'away', 'busy'],
    },
    { offset: optionalNumber(page.skip) ?? 0, count: Math.min(limit > 0 ? limit : 1000, 1000) },
  );
  return { total: found.total, records: found.members };
}

const searching: DdpMethod[] = [
  {
    name: 'spotlight',
    auth: 'none',
    rateLimit: { calls: 100, windowMs: 100_000 },
    partly: 'Teams are not suggested as mentions.',
    run(ctx, { caller, params }) {
      const [text, except, type, rid] = params;
      const wanted = optionalObject(type) ?? {};
      return spotlight(ctx, caller, {
        text: textParam(text),
        except: except === undefined || except === null ? [] : textListParam(except),
        users: optionalBoolean(wanted.users) ?? type == null,
        rooms: optionalBoolean(wanted.rooms) ?? type == null,
        rid: optionalText(rid),
      });
    },
  },
];

const coming: DdpMethod[] = [
  userMethod('joinRoom', async (ctx, { caller, params }) => {
    const user = await ownAccount(ctx, caller, 'joinRoom');
    await joinRoom(ctx, caller, user, textParam(params[0]), optionalText(params[1]));
    return true;
  }),
  userMethod('leaveRoom', async (ctx, { caller, params }) => {
    await leaveRoom(ctx, caller, textParam(params[0]));
  }),
  userMethod('createDirectMessage', async (ctx, { caller, params }) => {
    const room = await createDirectRoom(ctx, caller, {
      usernames: textListParam(params.filter((name) => name !== null)),
    });
    return { rid: room.id, _id: room.id, t: 'd', usernames: room.details.usernames, inserted: true };
  }),
  userMethod('createChannel', (ctx, { caller, params }) => create(ctx, caller, 'c', params)),
  userMethod('createPrivateGroup', (ctx, { caller, params }) => create(ctx, caller, 'p', params)),
  userMethod('addUsersToRoom', async (ctx, { caller, params }) => {
    const { rid, users } = optionalObject(params[0]) ?? {};
    await inviteByUsername(ctx, caller, textParam(rid), textListParam(users));
    return true;
  }),
  userMethod('addUserToRoom', async (ctx, { caller, params }) => {
    const { rid, username } = optionalObject(params[0]) ?? {};
    await inviteByUsername(ctx, caller, textParam(rid), [textParam(username)]);
    return true;
  }),
  userMethod('removeUserFromRoom', async (ctx, { caller, params }) => {
    const { rid, username } = optionalObject(params[0]) ?? {};
    const room = await roomOr(ctx, textParam(rid), 'removeUserFromRoom');
    const user = await findUserByUsername(ctx, textParam(username));
    if (!user) fail('error-user-not-in-room', 'User is not in this room', { method: 'removeUserFromRoom' });
    await kickFromRoom(ctx, caller, room, user);
    return true;
  }),
];

async function ownAccount(ctx: Context, caller: Caller, method: string): Promise<User> {
  return (await findUserById(ctx, caller.uid)) ?? fail('error-invalid-user', 'Invalid user', { method });
}

async function roomOr(ctx: Context, rid: string, method: string): Promise<Room> {
  return (await findRoomById(ctx, rid)) ?? fail('error-invalid-room', 'Invalid room', { method });
}

async function create(ctx: Context, caller: Caller, type: 'c' | 'p', params: readonly unknown[]) {
  const [name, members, readOnly, customFields, extraData] = params;
  const room = await createRoom(ctx, caller, {
    type,
    name: textParam(name),
    members: members === undefined || members === null ? [] : textListParam(members),
    readOnly: optionalBoolean(readOnly),
    customFields: optionalObject(customFields),
    extraData: optionalObject(extraData),
  });
  return { ...presentRoom(room, caller.uid), rid: room.id, inserted: true };
}

const own: DdpMethod[] = [
  userMethod('readMessages', async (ctx, { caller, params }) => {
    const room = await findRoomById(ctx, textParam(params[0]));
    const details = { method: 'readMessages' };
    if (!room) fail('error-room-does-not-exist', 'This room does not exist', details);
    if (!(await canAccessRoom(ctx, caller, room))) fail('error-not-allowed', 'Not allowed', details);
    // Looking at a public channel without being in it leaves nothing to mark.
    if (!(await findMembership(ctx, room.id, caller.uid))) return;
    await readRoom(ctx, caller, room.id, optionalBoolean(params[1]));
  }),
  userMethod('unreadMessages', async (ctx, { caller, params }) => {
    const message = optionalObject(params[0]);
    const rid = optionalText(params[1]);
    await unreadFrom(ctx, caller, message ? { messageId: textParam(message._id) } : { rid: textParam(rid) });
  }),
  userMethod('openRoom', async (ctx, { caller, params }) => {
    const room = await findRoomById(ctx, textParam(params[0]));
    const membership = room && (await findMembership(ctx, room.id, caller.uid));
    if (!membership) return 0;
    await openRoom(ctx, caller, room.id);
    return 1;
  }),
  userMethod('hideRoom', async (ctx, { caller, params }) => {
    const room = await findRoomById(ctx, textParam(params[0]));
    const membership = room && (await findMembership(ctx, room.id, caller.uid));
    if (!membership) return 0;
    await hideRoom(ctx, caller, room.id);
    return 1;
  }),
  userMethod('toggleFavorite', async (ctx, { caller, params }) => {
    const room = await roomOr(ctx, textParam(params[0]), 'toggleFavorite');
    const membership = await findMembership(ctx, room.id, caller.uid);
    if (!membership) {
      fail('error-invalid-subscription', 'You must be part of a room to favorite it', {
        method: 'toggleFavorite',
      });
    }
    const favorite = optionalBoolean(params[1]) ?? !membership.favorite;
    await setFavorite(ctx, caller, room.id, favorite);
    return 1;
  }),
];

const changing: DdpMethod[] = [
  userMethod('saveRoomSettings', async (ctx, { caller, params }) => {
    const rid = textParam(params[0]);
    // Both forms are in use: an object of settings, or one setting and its value.
    const wanted =
      typeof params[1] === 'string' ? { [params[1]]: params[2] } : (optionalObject(params[1]) ?? {});
    await saveRoomSettings(ctx, caller, rid, parseRoomSettings(wanted));
    return { result: true, rid };
  }),
  userMethod('archiveRoom', async (ctx, { caller, params }) => {
    await archiveRoom(ctx, caller, await roomOr(ctx, textParam(params[0]), 'archiveRoom'));
  }),
  userMethod('unarchiveRoom', async (ctx, { caller, params }) => {
    await unarchiveRoom(ctx, caller, await roomOr(ctx, textParam(params[0]), 'unarchiveRoom'));
  }),
  userMethod('eraseRoom', async (ctx, { caller, params }) => {
    await eraseRoom(ctx, caller, textParam(params[0]));
  }),
  ...(['owner', 'moderator', 'leader'] as const).flatMap((role) => [
    roleMethod('add', role, giveRoomRole),
    roleMethod('remove', role, takeRoomRole),
  ]),
];

function roleMethod(verb: 'add' | 'remove', role: RoomRole, change: typeof giveRoomRole): DdpMethod {
  const name = `${verb}Room${role[0]?.toUpperCase()}${role.slice(1)}`;
  return userMethod(name, async (ctx, { caller, params }) => {
    const room = await roomOr(ctx, textParam(params[0]), name);
    const user = await findUserById(ctx, textParam(params[1]));
    if (!user) fail('error-invalid-user', 'Invalid user', { method: name });
    await change(ctx, caller, room, user, role);
    return true;
  });
}

export const roomMethods: DdpMethod[] = [
  ...listing,
  ...finding,
  ...searching,
  ...coming,
  ...own,
  ...changing,
];
