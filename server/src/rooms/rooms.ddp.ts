import { findUserById, findUserByUsername } from '../accounts/find-users.ts';
import type { User } from '../accounts/user.ts';
import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail } from '../kernel/errors.ts';
import { type DdpMethod, userMethod } from '../realtime/declarations.ts';
import {
  objectParam,
  optionalBoolean,
  optionalObject,
  optionalText,
  textListParam,
  textParam,
} from '../realtime/params.ts';
import { canAccessRoom } from './access.ts';
import { archiveRoom, unarchiveRoom } from './archive.ts';
import { createRoom } from './create-room.ts';
import { eraseRoom } from './delete-room.ts';
import { openDirectRoom } from './direct.ts';
import { requiredRoom } from './find-room.ts';
import { roomFindingMethods } from './find-rooms.ddp.ts';
import { getRoom } from './get-room.ts';
import { groupKeyMethods } from './group-keys.ddp.ts';
import { inviteByUsername } from './invite.ts';
import { joinRoom } from './join.ts';
import { kickFromRoom } from './kick.ts';
import { leaveRoom } from './leave.ts';
import { memberSettingsMethods } from './member-settings.ddp.ts';
import { findMembership } from './members.ts';
import { presentRoom } from './present-room.ts';
import { readRoom, unreadFrom } from './read.ts';
import { giveRoomRole, type RoomRole, takeRoomRole } from './room-roles.ts';
import { parseRoomSettings } from './room-settings-params.ts';
import { saveRoomSettings } from './save-room-settings.ts';
import { hideRoom, openRoom, setFavorite } from './visibility.ts';

/** The rooms' DDP methods (spec 40 §10.1, §10.2): each is a door to an operation that REST uses too. */

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
    const { room, isNew } = await openDirectRoom(ctx, caller, {
      usernames: textListParam(params.filter((name) => name !== null)),
    });
    return { rid: room.id, _id: room.id, t: 'd', usernames: room.details.usernames, inserted: isNew };
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
    const room = await requiredRoom(ctx, textParam(rid), 'removeUserFromRoom');
    const user = await findUserByUsername(ctx, textParam(username));
    if (!user) fail('error-user-not-in-room', 'User is not in this room', { method: 'removeUserFromRoom' });
    await kickFromRoom(ctx, caller, room, user);
    return true;
  }),
];

async function ownAccount(ctx: Context, caller: Caller, method: string): Promise<User> {
  return (await findUserById(ctx, caller.uid)) ?? fail('error-invalid-user', 'Invalid user', { method });
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
    const room = await getRoom(ctx, textParam(params[0]));
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
    const room = await getRoom(ctx, textParam(params[0]));
    const membership = room && (await findMembership(ctx, room.id, caller.uid));
    if (!membership) return 0;
    await openRoom(ctx, caller, room.id);
    return 1;
  }),
  userMethod('hideRoom', async (ctx, { caller, params }) => {
    const room = await getRoom(ctx, textParam(params[0]));
    const membership = room && (await findMembership(ctx, room.id, caller.uid));
    if (!membership) return 0;
    await hideRoom(ctx, caller, room.id);
    return 1;
  }),
  userMethod('toggleFavorite', async (ctx, { caller, params }) => {
    const rid = textParam(params[0]);
    const membership = await findMembership(ctx, rid, caller.uid);
    if (!membership) {
      fail('error-invalid-subscription', 'You must be part of a room to favorite it', {
        method: 'toggleFavorite',
      });
    }
    const favorite = optionalBoolean(params[1]) ?? !membership.favorite;
    await setFavorite(ctx, caller, rid, favorite);
    return 1;
  }),
];

const changing: DdpMethod[] = [
  userMethod('saveRoomSettings', async (ctx, { caller, params }) => {
    const rid = textParam(params[0]);
    // Both forms are in use: an object of settings, or one setting and its value.
    const wanted = typeof params[1] === 'string' ? { [params[1]]: params[2] } : objectParam(params[1]);
    await saveRoomSettings(ctx, caller, rid, parseRoomSettings(wanted));
    return { result: true, rid };
  }),
  userMethod('archiveRoom', async (ctx, { caller, params }) => {
    await archiveRoom(ctx, caller, await requiredRoom(ctx, textParam(params[0]), 'archiveRoom'));
  }),
  userMethod('unarchiveRoom', async (ctx, { caller, params }) => {
    await unarchiveRoom(ctx, caller, await requiredRoom(ctx, textParam(params[0]), 'unarchiveRoom'));
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
    const room = await requiredRoom(ctx, textParam(params[0]), name);
    const user = await findUserById(ctx, textParam(params[1]));
    if (!user) fail('error-invalid-user', 'Invalid user', { method: name });
    await change(ctx, caller, room, user, role);
    return true;
  });
}

export const roomMethods: DdpMethod[] = [
  ...roomFindingMethods,
  ...coming,
  ...own,
  ...changing,
  ...memberSettingsMethods,
  ...groupKeyMethods,
];
