import { findUserByUsername, findUsers } from '../accounts/find-users.ts';
import type { User } from '../accounts/user.ts';
import {
  addGlobalRole,
  countUsersInRole,
  listUsersInRole,
  removeGlobalRole,
} from '../accounts/user-roles.ts';
import { recordAction } from '../audit/record.ts';
import type { Context } from '../context.ts';
import type { Caller, UserRef } from '../kernel/caller.ts';
import { fail } from '../kernel/errors.ts';
import { addRoomRole, removeRoomRole } from '../rooms/room-roles.ts';
import './admin.events.ts';
import { globalRoleHolders, roomRoleHolders } from './roles.store.ts';
import { findRole, listRoles, type Role } from './roles.ts';

export interface RoleAssignment {
  username: string;
  /** Id or name. */
  role: string;
  /** The room, for a role of scope `Subscriptions`. */
  rid?: string | undefined;
}

/** No workspace has more people with a described role than a client can hold. */
const MAX_PUBLIC_HOLDERS = 20_000;

/**
 * `roles.addUserToRole`. Returns the role.
 * @throws error-invalid-user, error-role-not-found, error-user-already-in-role, error-action-not-allowed
 */
export async function addUserToRole(ctx: Context, caller: Caller, input: RoleAssignment): Promise<Role> {
  const user = await findUserByUsername(ctx, input.username);
  if (!user) {
    fail('error-invalid-user', 'The required "userId" or "username" param provided does not match any users');
  }
  const role = await findRole(ctx.db, input.role);
  if (!role) fail('error-role-not-found', 'Role not found');
  if (role.scope === 'Users' && user.roles.includes(role._id)) {
    fail('error-user-already-in-role', 'User already in role');
  }
  if (!ctx.permissions.has(caller, 'access-permissions')) {
    fail('error-action-not-allowed', 'Accessing permissions is not allowed');
  }
  if (role._id === 'admin' && !ctx.permissions.has(caller, 'assign-admin-role')) {
    fail('error-action-not-allowed', 'Assigning admin is not allowed');
  }
  await ctx.write(async (tx, emit) => {
    // Nobody had it so far, so it may have been deleted since.
    if (!(await findRole(tx, role._id))) fail('error-role-not-found', 'Role not found');
    await recordAction(ctx, tx, caller, { kind: 'role.given', ...assigned(role, user, input) });
    if (role.scope === 'Subscriptions') {
      await addRoomRole(ctx, tx, emit, roomOf(input), user, role._id);
      return;
    }
    if (!(await addGlobalRole(tx, emit, ctx, user._id, role._id))) {
      fail('error-user-already-in-role', 'User already in role');
    }
    emit('globalRole.changed', { type: 'added', role: role._id, user: refOf(user) });
  });
  return role;
}

/**
 * `roles.removeUserFromRole`. Returns the role.
 * @throws error-not-allowed, error-invalid-user, error-invalid-roleId, error-user-not-in-role, error-admin-required
 */
export async function removeUserFromRole(ctx: Context, caller: Caller, input: RoleAssignment): Promise<Role> {
  if (!ctx.permissions.has(caller, 'access-permissions')) {
    fail('error-not-allowed', 'Accessing permissions is not allowed');
  }
  const user = await findUserByUsername(ctx, input.username);
  if (!user) fail('error-invalid-user', 'There is no user with this username');
  const role = await findRole(ctx.db, input.role);
  if (!role) fail('error-invalid-roleId', 'This role does not exist');
  await ctx.write(async (tx, emit) => {
    await recordAction(ctx, tx, caller, { kind: 'role.taken', ...assigned(role, user, input) });
    if (role.scope === 'Subscriptions') {
      await removeRoomRole(ctx, tx, emit, roomOf(input), user, role._id);
      return;
    }
    if (!(await removeGlobalRole(tx, emit, ctx, user._id, role._id))) {
      fail('error-user-not-in-role', 'User is not in this role');
    }
    // After the removal: whoever is refused here was an admin, and the transaction takes it back.
    if (role._id === 'admin' && (await countUsersInRole(tx, 'admin')) === 0) {
      fail('error-admin-required', 'You need to have at least one admin');
    }
    emit('globalRole.changed', { type: 'removed', role: role._id, user: refOf(user) });
  });
  return role;
}

/**
 * `roles.getUsersInRole`, by username. For a room role: who has it in the room, or in any room.
 * @throws error-not-allowed, error-invalid-roleId
 */
export async function usersInRole(
  ctx: Context,
  caller: Caller,
  input: { role: string; rid?: string | undefined; offset: number; count: number },
): Promise<{ users: User[]; total: number }> {
  const needed = ['access-permissions', ...(input.rid === undefined ? [] : ['view-other-user-channels'])];
  if (!needed.every((permission) => ctx.permissions.has(caller, permission)))
    fail('error-not-allowed', 'Not allowed');
  const role = await findRole(ctx.db, input.role);
  if (!role) fail('error-invalid-roleId');
  if (role.scope === 'Subscriptions') {
    const { uids, total } = await roomRoleHolders(ctx.db, role._id, input.rid, input);
    const users = new Map((await findUsers(ctx, { ids: uids })).map((user) => [user._id, user]));
    return { users: uids.flatMap((uid) => users.get(uid) ?? []), total };
  }
  const [users, total] = await Promise.all([
    listUsersInRole(ctx.db, role._id, { offset: input.offset, count: input.count }),
    countUsersInRole(ctx.db, role._id),
  ]);
  return { users, total };
}

/** Users with a global role that has a description, each with only those roles (`roles.getUsersInPublicRoles`). */
export async function usersInPublicRoles(
  ctx: Context,
): Promise<{ _id: string; username: string; roles: string[] }[]> {
  const described = (await listRoles(ctx.db)).filter(
    (role) => role.scope === 'Users' && role.description !== '',
  );
  const holders = await globalRoleHolders(
    ctx.db,
    described.map((role) => role._id),
    MAX_PUBLIC_HOLDERS,
  );
  const users = new Map<string, { _id: string; username: string; roles: string[] }>();
  for (const { _id, username, role } of holders) {
    const known = users.get(_id);
    if (known) known.roles.push(role);
    else users.set(_id, { _id, username, roles: [role] });
  }
  return [...users.values()];
}

function assigned(
  role: Role,
  user: User,
  { rid }: RoleAssignment,
): { subject: string; data: Record<string, unknown> } {
  const { _id, username } = user;
  const room = role.scope === 'Subscriptions' && rid !== undefined ? { roomId: rid } : {};
  return { subject: _id, data: { role: role._id, user: { _id, username }, ...room } };
}

function roomOf({ rid }: RoleAssignment): string {
  return rid ?? fail('error-invalid-room', 'A room role needs the parameter "roomId"');
}

function refOf({ _id, username = '', name }: User): UserRef {
  return { _id, username, ...(name ? { name } : {}) };
}
