import type { User } from '../accounts/user.ts';
import { listRoles } from '../admin/roles.ts';
import type { Context, WriteScope } from '../context.ts';
import type { Caller, UserRef } from '../kernel/caller.ts';
import { fail } from '../kernel/errors.ts';
import type { Emit } from '../kernel/events.ts';
import { postSystemMessage } from '../messages/system-message.ts';
import type { Tx } from '../storage/database.ts';
import { canAccessRoom, hasInRoom } from './access.ts';
import { countRoomRole, membershipOf, roleHolders, setRoomRoles } from './membership.store.ts';
import { isActiveMember, type Membership } from './membership.ts';
import { presentRoom } from './present-room.ts';
import { presentSubscription } from './present-subscription.ts';
import type { Room } from './room.ts';
import { lockRoomById, recordActivity } from './rooms.store.ts';
import { setTeamMemberRoles, teamMemberRoles } from './teams.store.ts';
import { callerRef, userRef } from './user-ref.ts';

export type RoomRole = 'owner' | 'moderator' | 'leader';

const LABEL = { owner: 'Owner', moderator: 'Moderator', leader: 'Leader' } as const;
const NOUN = { owner: 'an owner', moderator: 'a moderator', leader: 'a leader' } as const;

/**
 * Gives a member a room role (spec 10 §7).
 *
 * @throws error-not-allowed, error-invalid-user, error-user-not-in-room, error-user-already-<role>
 */
export async function giveRoomRole(
  ctx: Context,
  caller: Caller,
  room: Room,
  target: User,
  role: RoomRole,
): Promise<void> {
  const details = { method: `addRoom${LABEL[role]}` };
  await requireMaySet(ctx, caller, room, target, role, details);
  await ctx.write(async (tx, emit) => {
    const changed = await recordActivity(tx, room.id, ctx.clock.stamp(), { messages: 1, members: 0 });
    if (!changed) fail('error-invalid-room', 'Invalid room', details);
    const membership = await membershipOf(tx, room.id, target._id);
    if (!isActiveMember(membership)) fail('error-user-not-in-room', 'User is not in this room', details);
    if (membership.roles.includes(role))
      fail(`error-user-already-${role}`, `User is already ${NOUN[role]}`, details);
    await changeRoles(
      ctx,
      tx,
      emit,
      changed,
      membership,
      target,
      [...membership.roles, role],
      role,
      callerRef(caller),
    );
  });
}

/**
 * Takes a room role away (spec 10 §7).
 *
 * @throws error-not-allowed, error-invalid-room or error-user-not-in-room for a stranger, error-user-not-<role>, error-remove-last-owner
 */
export async function takeRoomRole(
  ctx: Context,
  caller: Caller,
  room: Room,
  target: User,
  role: RoomRole,
): Promise<void> {
  const details = { method: `removeRoom${LABEL[role]}` };
  await requireMaySet(ctx, caller, room, target, role, details);
  await ctx.write(async (tx, emit) => {
    const changed = await recordActivity(tx, room.id, ctx.clock.stamp(), { messages: 1, members: 0 });
    if (!changed) fail('error-invalid-room', 'Invalid room', details);
    const membership = await membershipOf(tx, room.id, target._id);
    if (!isActiveMember(membership)) {
      if (role === 'leader') fail('error-user-not-in-room', 'User is not in this room', details);
      fail('error-invalid-room', 'Invalid room', details);
    }
    if (!membership.roles.includes(role))
      fail(`error-user-not-${role}`, `User is not ${NOUN[role]}`, details);
    if (role === 'owner' && (await countRoomRole(tx, room.id, 'owner')) === 1) {
      const reason = 'This is the last owner. Please set a new owner before removing this one.';
      fail('error-remove-last-owner', reason, details);
    }
    const left = membership.roles.filter((held) => held !== role);
    await changeRoles(ctx, tx, emit, changed, membership, target, left, role, callerRef(caller));
  });
}

async function requireMaySet(
  ctx: Context,
  caller: Caller,
  room: Room,
  target: User,
  role: RoomRole,
  details: { method: string },
): Promise<void> {
  if (!(await hasInRoom(ctx, caller, `set-${role}`, room.id)))
    fail('error-not-allowed', 'Not allowed', details);
  if (!target.username) fail('error-invalid-user', 'Invalid user', details);
}

async function changeRoles(
  ctx: Context,
  tx: Tx,
  emit: Emit,
  room: Room,
  membership: Membership,
  target: User,
  roles: string[],
  role: string,
  actor: UserRef,
): Promise<void> {
  const at = ctx.clock.stamp();
  const added = roles.includes(role);
  const user = userRef(target);
  await setRoomRoles(tx, room.id, target._id, roles, at);
  await keepTeamRolesInStep(tx, room, target._id, role, added, at);
  const t = added ? 'subscription-role-added' : 'subscription-role-removed';
  await postSystemMessage(ctx, tx, emit, room, { t, msg: user.username, user: actor, extra: { role } });
  emit('membership.changed', {
    action: 'updated',
    rid: room.id,
    uid: target._id,
    subscription: presentSubscription({ ...membership, roles, updatedAt: at }, room, user),
  });
  emit('roomRole.changed', {
    type: added ? 'added' : 'removed',
    role,
    rid: room.id,
    isPublic: room.type === 'c',
    user,
  });
  emit('room.changed', { action: 'updated', rid: room.id, room: presentRoom(room) });
}

/** In the main room of a team the team membership has the same role (spec 10 §7). */
export async function keepTeamRolesInStep(
  tx: Tx,
  room: Room,
  uid: string,
  role: string,
  added: boolean,
  at: number,
) {
  if (!room.teamMain || room.teamId === null) return;
  const inTeam = await teamMemberRoles(tx, room.teamId, uid);
  if (!inTeam) return;
  const roles = added ? [...new Set([...inTeam, role])] : inTeam.filter((held) => held !== role);
  await setTeamMemberRoles(tx, room.teamId, uid, roles, at);
}

/** A role given by the role administration (`roles.addUserToRole`): no message, no room permission asked. */
export async function addRoomRole(
  ctx: Context,
  tx: Tx,
  emit: Emit,
  rid: string,
  user: User,
  role: string,
): Promise<void> {
  await setRoleQuietly(ctx, tx, emit, rid, user, role, true);
}

/** The reverse of `addRoomRole`. @throws error-invalid-user when the user is not in the room, error-user-not-in-role */
export async function removeRoomRole(
  ctx: Context,
  tx: Tx,
  emit: Emit,
  rid: string,
  user: User,
  role: string,
): Promise<void> {
  await setRoleQuietly(ctx, tx, emit, rid, user, role, false);
}

async function setRoleQuietly(
  ctx: Context,
  tx: Tx,
  emit: Emit,
  rid: string,
  user: User,
  role: string,
  add: boolean,
) {
  const room = await lockRoomById(tx, rid);
  const membership = await membershipOf(tx, rid, user._id);
  if (!room || !isActiveMember(membership)) fail('error-invalid-user', 'User is not part of given room');
  if (add && membership.roles.includes(role)) fail('error-user-already-in-role', 'User already in role');
  if (!add && !membership.roles.includes(role)) fail('error-user-not-in-role', 'User is not in this role');
  const roles = add ? [...membership.roles, role] : membership.roles.filter((held) => held !== role);
  await keepTeamRolesInStep(tx, room, user._id, role, add, ctx.clock.stamp());
  await setRolesInRoom(ctx, { tx, emit }, room, membership, userRef(user), roles);
}

/** Makes these the roles of a member, without a message; their client and, role by role, whoever may know are told. */
export async function setRolesInRoom(
  ctx: Context,
  { tx, emit }: WriteScope,
  room: Room,
  membership: Membership,
  user: UserRef,
  roles: string[],
): Promise<void> {
  const at = ctx.clock.stamp();
  const rid = room.id;
  await setRoomRoles(tx, rid, user._id, roles, at);
  const subscription = presentSubscription({ ...membership, roles, updatedAt: at }, room, user);
  emit('membership.changed', { action: 'updated', rid, uid: user._id, subscription });
  const isPublic = room.type === 'c';
  for (const role of roles.filter((held) => !membership.roles.includes(held)))
    emit('roomRole.changed', { type: 'added', role, rid, isPublic, user });
  for (const role of membership.roles.filter((held) => !roles.includes(held)))
    emit('roomRole.changed', { type: 'removed', role, rid, isPublic, user });
}

export interface RoomRoleHolder {
  _id: string;
  rid: string;
  u: UserRef;
  roles: string[];
}

/**
 * Who holds which room role (spec 10 §7 `channels.roles`). Only holders of a role with a description are shown.
 * @throws error-invalid-user without access to the room
 */
export async function roomRoleHolders(
  ctx: Context,
  caller: Caller | null,
  room: Room,
): Promise<RoomRoleHolder[]> {
  if (!(await canAccessRoom(ctx, caller, room)))
    fail('error-invalid-user', 'Invalid user', { method: 'getRoomRoles' });
  const realNames = ctx.settings.bool('UI_Use_Real_Name');
  const [holders, roles] = await Promise.all([roleHolders(ctx.db, room.id), listRoles(ctx.db)]);
  const described = new Set(roles.filter((role) => role.description !== '').map((role) => role._id));
  return holders
    .filter((holder) => holder.roles.some((role) => described.has(role)))
    .map((holder) => ({
      _id: holder.id,
      rid: holder.rid,
      u: {
        _id: holder.uid,
        username: holder.username ?? '',
        ...(realNames && holder.name ? { name: holder.name } : {}),
      },
      roles: holder.roles,
    }));
}

/** The moderators as `u` members. */
export async function roomModerators(ctx: Context, room: Room): Promise<UserRef[]> {
  const holders = await roleHolders(ctx.db, room.id);
  return holders
    .filter((holder) => holder.roles.includes('moderator'))
    .map((holder) => userRef({ _id: holder.uid, username: holder.username, name: holder.name }));
}
