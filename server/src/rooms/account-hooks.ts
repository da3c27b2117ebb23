import { isDeepStrictEqual } from 'node:util';
import type { Erasure } from '../accounts/accounts.events.ts';
import { loadUser } from '../accounts/find-users.ts';
import type { RoomHooks, RoomOfUser } from '../accounts/room-hooks.ts';
import type { User } from '../accounts/user.ts';
import type { Context } from '../context.ts';
import { removeFilesOfUser } from '../files/remove-files.ts';
import { fail } from '../kernel/errors.ts';
import type { Emit } from '../kernel/events.ts';
import { eraseMessagesOfUser } from '../messages/erase-messages-of-user.ts';
import { lastUserMessage } from '../messages/find-message.ts';
import { messageDoc } from '../messages/message.ts';
import type { Tx } from '../storage/database.ts';
import { withPreferences } from './add-to-room.ts';
import { joinDefaultRooms } from './default-rooms.ts';
import { removeRoom } from './delete-room.ts';
import { directNames } from './direct.ts';
import { forgetGroupKeys, waitForGroupKeys } from './group-keys.ts';
import { deleteInvitesOfUser } from './invites/invites.store.ts';
import { isValidInvite } from './invites/invites.ts';
import { joinMappedRooms } from './join-mapped-rooms.ts';
import { longestActiveMember, memberIds } from './member-lists.store.ts';
import {
  countRoomRole,
  membershipOf,
  membershipsOfUser,
  removeMembership,
  setRoomRoles,
  updateMembership,
} from './membership.store.ts';
import { isActiveMember, type Membership, unreadState } from './membership.ts';
import { presentRoom } from './present-room.ts';
import { presentSubscription } from './present-subscription.ts';
import { type Room, type RoomDetails, roomLabel } from './room.ts';
import { keepTeamRolesInStep } from './room-roles.ts';
import { recordActivity, roomById, roomsByIds, roomsListingSpeaker, updateRoom } from './rooms.store.ts';
import { removeTeamMember, teamByName } from './teams.store.ts';
import { userRef } from './user-ref.ts';

/** What rooms do when a person's account changes (spec 21, "Ownership rules", `users.delete`, `users.setActiveStatus`). */
export const roomHooks: RoomHooks = {
  joinDefaultChannels: joinDefaultRooms,
  joinMappedRooms,
  relinquishRooms,
  userRemoved,
  userRenamed,
  preferencesChanged,
  userDeactivated: (ctx, tx, emit, user) => setDirectRoomsWritable(ctx, tx, emit, user, false),
  userActivated: (ctx, tx, emit, user) => setDirectRoomsWritable(ctx, tx, emit, user, true),
  waitForGroupKeys: (ctx, tx, emit, uid) => waitForGroupKeys(ctx, { tx, emit }, uid),
  forgetGroupKeys: (ctx, tx, emit, user) => forgetGroupKeys(ctx, { tx, emit }, userRef(user)),
  isTeamName: async (_ctx, db, name) => (await teamByName(db, name)) !== undefined,
  isInvite: isValidInvite,
  roomsOf,
};

interface OwnRoom {
  membership: Membership;
  room: Room;
}

async function ownRooms(tx: Tx | Context['db'], uid: string): Promise<OwnRoom[]> {
  const memberships = await membershipsOfUser(tx, uid);
  const rooms = new Map(
    (
      await roomsByIds(
        tx,
        memberships.map((own) => own.rid),
      )
    ).map((room) => [room.id, room]),
  );
  return memberships.flatMap((membership) => {
    const room = rooms.get(membership.rid);
    return room ? [{ membership, room }] : [];
  });
}

async function relinquishRooms(
  ctx: Context,
  tx: Tx,
  emit: Emit,
  uid: string,
  { confirmRelinquish }: { confirmRelinquish: boolean },
): Promise<void> {
  const toRemove: Room[] = [];
  const toHandOver: { room: Room; heir: Membership }[] = [];
  for (const { membership, room } of await ownRooms(tx, uid)) {
    if (room.type === 'd' || !isActiveMember(membership)) continue;
    const isSoleOwner =
      membership.roles.includes('owner') && (await countRoomRole(tx, room.id, 'owner')) === 1;
    const heir = await longestActiveMember(tx, room.id, uid);
    if (isSoleOwner && heir) toHandOver.push({ room, heir });
    else if (!heir && room.type !== 'c') toRemove.push(room);
  }
  if (!confirmRelinquish && toRemove.length + toHandOver.length > 0) {
    fail('user-last-owner', '', {
      shouldBeRemoved: toRemove.map(roomLabel),
      shouldChangeOwner: toHandOver.map(({ room }) => roomLabel(room)),
    });
  }
  for (const { room, heir } of toHandOver) await makeOwner(ctx, tx, emit, room, heir);
  for (const room of toRemove) await removeRoom(ctx, tx, emit, room);
}

async function makeOwner(ctx: Context, tx: Tx, emit: Emit, room: Room, heir: Membership): Promise<void> {
  const at = ctx.clock.stamp();
  const roles = [...new Set([...heir.roles, 'owner'])];
  await setRoomRoles(tx, room.id, heir.uid, roles, at);
  await keepTeamRolesInStep(tx, room, heir.uid, 'owner', true, at);
  const user = await loadUser(tx, heir.uid);
  if (!user) return;
  const subscription = presentSubscription({ ...heir, roles, updatedAt: at }, room, userRef(user));
  emit('membership.changed', { action: 'updated', rid: room.id, uid: heir.uid, subscription });
  emit('roomRole.changed', {
    type: 'added',
    role: 'owner',
    rid: room.id,
    isPublic: room.type === 'c',
    user: userRef(user),
  });
}

async function userRemoved(ctx: Context, tx: Tx, emit: Emit, user: User, erasure: Erasure): Promise<void> {
  await deleteInvitesOfUser(tx, user._id);
  await removeFilesOfUser(ctx, { tx, emit }, user._id, erasure);
  for (const { rid, visible } of await eraseMessagesOfUser(ctx, { tx, emit }, user._id, erasure)) {
    await recordActivity(tx, rid, ctx.clock.stamp(), { messages: -visible, members: 0 });
    await showNewestMessage(ctx, tx, rid);
  }
  for (const { membership, room } of await ownRooms(tx, user._id)) {
    if (room.type === 'd' && (room.details.uids?.length ?? 0) <= 2) {
      await removeRoom(ctx, tx, emit, room);
      continue;
    }
    const members = isActiveMember(membership) ? -1 : 0;
    const changed = await recordActivity(tx, room.id, ctx.clock.stamp(), { messages: 0, members });
    await removeMembership(tx, membership, ctx.clock.stamp());
    if (changed) await forgetPerson(ctx, tx, changed, user);
    if (room.teamMain && room.teamId !== null) await removeTeamMember(tx, room.teamId, user._id);
    const subscription = presentSubscription(membership, room, userRef(user));
    emit('membership.changed', { action: 'removed', rid: room.id, uid: user._id, subscription });
    if (changed) emit('room.changed', { action: 'updated', rid: room.id, room: presentRoom(changed) });
  }
  for (const room of user.username ? await roomsListingSpeaker(tx, user.username) : []) {
    await forgetPerson(ctx, tx, room, user);
    emit('room.changed', { action: 'updated', rid: room.id, room: presentRoom(room) });
  }
}

/** A room goes on without the person: whoever gets the name later is another one. */
async function forgetPerson(ctx: Context, tx: Tx, room: Room, gone: User): Promise<void> {
  const { uids, usernames, muted, unmuted, usersWaitingForE2EKeys: waiting } = room.details;
  const named = [usernames, muted, unmuted].some((names) => names?.includes(gone.username ?? ''));
  const known = uids?.includes(gone._id) || waiting?.some(({ userId }) => userId === gone._id);
  if (!named && !known) return;
  const others = (names: string[]) => names.filter((name) => name !== gone.username);
  room.details = {
    ...room.details,
    ...(uids && { uids: uids.filter((uid) => uid !== gone._id) }),
    ...(usernames && { usernames: others(usernames) }),
    ...(muted && { muted: others(muted) }),
    ...(unmuted && { unmuted: others(unmuted) }),
    ...(waiting && { usersWaitingForE2EKeys: waiting.filter(({ userId }) => userId !== gone._id) }),
  };
  room.updatedAt = ctx.clock.stamp();
  await updateRoom(tx, room.id, room.updatedAt, { details: room.details });
}

/** The room list must not go on showing a message that is gone. */
async function showNewestMessage(ctx: Context, tx: Tx, rid: string): Promise<void> {
  const newest = await lastUserMessage(tx, rid);
  await updateRoom(tx, rid, ctx.clock.stamp(), {
    lastMessage: newest && ctx.settings.bool('Store_Last_Message') ? messageDoc(newest) : null,
    lastMessageAt: newest?.ts.getTime() ?? null,
  });
}

/** Subscriptions show the user's present names by themselves, but must count as changed; direct rooms and mute lists hold copies. */
async function userRenamed(
  ctx: Context,
  tx: Tx,
  emit: Emit,
  user: User,
  old: Pick<User, 'username' | 'name'>,
): Promise<void> {
  const swap = (names: string[]) =>
    names.map((name) => (name === old.username ? (user.username ?? name) : name));
  for (const { membership, room } of await ownRooms(tx, user._id)) {
    await touchMembership(ctx, tx, emit, room, membership, user);
    const { usernames } = room.details;
    if (usernames) await changeDetails(ctx, tx, emit, room, { usernames: swap(usernames) });
    if (room.type === 'd') await renameInDirectRoom(ctx, tx, emit, room, user);
  }
  if (!old.username || old.username === user.username) return;
  // Who was muted stays it after coming back, whatever they are called by then (spec 10 §2.1).
  for (const room of await roomsListingSpeaker(tx, old.username)) {
    const { muted, unmuted } = room.details;
    const changed = { ...(muted && { muted: swap(muted) }), ...(unmuted && { unmuted: swap(unmuted) }) };
    await changeDetails(ctx, tx, emit, room, changed);
  }
}

async function changeDetails(
  ctx: Context,
  tx: Tx,
  emit: Emit,
  room: Room,
  change: Partial<RoomDetails>,
): Promise<void> {
  const updatedAt = ctx.clock.stamp();
  const details = { ...room.details, ...change };
  await updateRoom(tx, room.id, updatedAt, { details });
  emit('room.changed', {
    action: 'updated',
    rid: room.id,
    room: presentRoom({ ...room, details, updatedAt }),
  });
}

async function touchMembership(
  ctx: Context,
  tx: Tx,
  emit: Emit,
  room: Room,
  membership: Membership,
  user: User,
  details = membership.details,
): Promise<void> {
  const at = ctx.clock.stamp();
  await updateMembership(tx, membership.id, at, { details });
  if (membership.status === 'BANNED') return;
  const subscription = presentSubscription({ ...membership, details, updatedAt: at }, room, userRef(user));
  emit('membership.changed', { action: 'updated', rid: room.id, uid: user._id, subscription });
}

async function renameInDirectRoom(
  ctx: Context,
  tx: Tx,
  emit: Emit,
  room: Room,
  renamed: User,
): Promise<void> {
  const members: User[] = [];
  for (const uid of await memberIds(tx, room.id)) {
    const member = uid === renamed._id ? renamed : await loadUser(tx, uid);
    if (member) members.push(member);
  }
  for (const member of members) {
    if (member._id === renamed._id && members.length > 1) continue;
    const membership = await membershipOf(tx, room.id, member._id);
    if (!membership) continue;
    const names = directNames(member, members);
    // Without a blank after the comma, as the contract has it for renamed groups (spec 11 §1.2).
    const name = members.length > 2 ? names.name?.replaceAll(', ', ',') : names.name;
    const details = { ...membership.details, ...names, name };
    await touchMembership(ctx, tx, emit, room, membership, member, details);
  }
}

async function preferencesChanged(ctx: Context, tx: Tx, emit: Emit, user: User): Promise<void> {
  for (const { membership, room } of await ownRooms(tx, user._id)) {
    const details = withPreferences(membership.details, user);
    if (isDeepStrictEqual(details, membership.details)) continue;
    const at = ctx.clock.stamp();
    await updateMembership(tx, membership.id, at, { details });
    if (!isActiveMember(membership)) continue;
    const subscription = presentSubscription({ ...membership, details, updatedAt: at }, room, userRef(user));
    emit('membership.changed', { action: 'updated', rid: room.id, uid: user._id, subscription });
  }
}

/** Direct rooms of two are read-only, and archived for the other one, while one of them is deactivated. */
async function setDirectRoomsWritable(
  ctx: Context,
  tx: Tx,
  emit: Emit,
  user: User,
  writable: boolean,
): Promise<void> {
  for (const { room } of await ownRooms(tx, user._id)) {
    if (room.type !== 'd' || room.details.uids?.length !== 2 || room.readOnly === !writable) continue;
    const otherId = room.details.uids.find((uid) => uid !== user._id);
    const other = otherId === undefined ? undefined : await loadUser(tx, otherId);
    if (writable && !other?.active) continue;
    await updateRoom(tx, room.id, ctx.clock.stamp(), { readOnly: !writable });
    const changed = await roomById(tx, room.id);
    const membership = other && (await membershipOf(tx, room.id, other._id));
    if (changed && membership) {
      const { archived: _before, ...details } = membership.details;
      const shown = writable ? details : { ...details, archived: true as const };
      await touchMembership(ctx, tx, emit, changed, membership, other, shown);
    }
    if (changed) emit('room.changed', { action: 'updated', rid: room.id, room: presentRoom(changed) });
  }
}

async function roomsOf(ctx: Context, uid: string): Promise<RoomOfUser[]> {
  const own = (await ownRooms(ctx.db, uid)).filter(({ membership }) => isActiveMember(membership));
  const shown = own.map(({ membership, room }) => ({
    rid: room.id,
    name: membership.details.name ?? room.name ?? undefined,
    t: room.type,
    ...(membership.roles.length > 0 ? { roles: membership.roles } : {}),
    unread: unreadState(membership, room).unread,
  }));
  return shown.sort((a, b) => a.t.localeCompare(b.t) || (a.name ?? '').localeCompare(b.name ?? ''));
}
