import { isDeepStrictEqual } from 'node:util';
import { recordAction } from '../audit/record.ts';
import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail, refuse } from '../kernel/errors.ts';
import type { Emit } from '../kernel/events.ts';
import type { Tx } from '../storage/database.ts';
import './admin.events.ts';
import { findPermission, PERMISSIONS, type PermissionEntry } from './permission-catalogue.ts';
import { savePermission, storedPermission, storedPermissions } from './permissions.store.ts';
import { allRoles } from './roles.store.ts';

export interface PermissionRoles {
  id: string;
  roles: readonly string[];
}

/**
 * `permissions.update`: replaces the role lists. All are stored, or none.
 * @throws (plain) error-edit-permissions-not-allowed, error-invalid-permission, error-invalid-role
 */
export async function updatePermissions(
  ctx: Context,
  caller: Caller,
  changes: readonly PermissionRoles[],
): Promise<void> {
  requireEditPermissions(ctx, caller);
  const entries = changes.map(
    ({ id }) => findPermission(ctx.settings, id) ?? refuse('Invalid permission', 'error-invalid-permission'),
  );
  if (entries.some((entry) => !mayEdit(ctx, caller, entry))) editingNotAllowed();
  await ctx.write(async (tx, emit) => {
    const known = new Set((await allRoles(tx)).map((role) => role._id));
    for (const { id, roles } of changes) {
      if (roles.some((role) => !known.has(role))) refuse('Invalid role', 'error-invalid-role');
      await changeRoles(ctx, tx, emit, { caller, id, roles: [...new Set(roles)] });
    }
  });
}

/**
 * `permissions.addRole`; a permission of one setting brings the permission of its group with it.
 * @throws error-unauthorized (403), error-invalid-permission, error-invalid-role
 */
export async function addRoleToPermission(
  ctx: Context,
  caller: Caller,
  id: string,
  role: string,
): Promise<void> {
  requirePermissions(ctx, caller);
  const details = { method: 'authorization:addPermissionToRole', action: 'Adding_permission' };
  const entry =
    findPermission(ctx.settings, id) ??
    fail('error-invalid-permission', 'Permission does not exist', details);
  if (!mayEdit(ctx, caller, entry)) unauthorizedHere();
  await ctx.write(async (tx, emit) => {
    const known = (await allRoles(tx)).some(({ _id }) => _id === role);
    if (!known) fail('error-invalid-role', 'Role does not exist', details);
    for (const target of [entry.setting?.groupPermissionId, id]) {
      if (target === undefined) continue;
      const roles = await rolesNow(tx, target);
      if (!roles.includes(role)) {
        await changeRoles(ctx, tx, emit, { caller, id: target, roles: [...roles, role] });
      }
    }
  });
}

/**
 * `permissions.removeRole`. Taking away what is not there succeeds and changes nothing.
 * @throws error-unauthorized (403), error-permission-not-found
 */
export async function removeRoleFromPermission(
  ctx: Context,
  caller: Caller,
  id: string,
  role: string,
): Promise<void> {
  requirePermissions(ctx, caller);
  const details = { method: 'authorization:removeRoleFromPermission' };
  const entry =
    findPermission(ctx.settings, id) ?? fail('error-permission-not-found', 'Permission not found', details);
  if (!mayEdit(ctx, caller, entry)) unauthorizedHere();
  await ctx.write((tx, emit) => takeRole(ctx, tx, emit, { caller, id, role }));
}

/** Takes a role that ceases to exist out of every permission. */
export async function forgetRole(
  ctx: Context,
  tx: Tx,
  emit: Emit,
  { caller, role }: { caller: Caller; role: string },
): Promise<void> {
  // Only what was changed names a role that is none of ours. The stored roles, as another change may have committed since.
  for (const { id, roles } of await storedPermissions(tx))
    if (roles.includes(role)) await takeRole(ctx, tx, emit, { caller, id, role });
}

async function takeRole(
  ctx: Context,
  tx: Tx,
  emit: Emit,
  { caller, id, role }: { caller: Caller; id: string; role: string },
): Promise<void> {
  const roles = await rolesNow(tx, id);
  const left = roles.filter((held) => held !== role);
  if (left.length < roles.length) await changeRoles(ctx, tx, emit, { caller, id, roles: left });
}

/** The stored roles and not those in memory: another change may have committed since. */
async function rolesNow(tx: Tx, id: string): Promise<readonly string[]> {
  return (await storedPermission(tx, id)) ?? PERMISSIONS.get(id)?.defaultRoles ?? [];
}

async function changeRoles(
  ctx: Context,
  tx: Tx,
  emit: Emit,
  { caller, id, roles }: { caller: Caller; id: string; roles: readonly string[] },
): Promise<void> {
  const previous = await rolesNow(tx, id);
  const updatedAt = ctx.clock.stamp();
  await savePermission(tx, { id, roles, updatedAt });
  if (!isDeepStrictEqual(previous, roles)) {
    const data = { id, previous, current: roles };
    await recordAction(ctx, tx, caller, { kind: 'permission.changed', subject: id, data });
  }
  emit('permission.changed', { id, roles, updatedAt });
}

/** Refuses whoever may not edit permissions at all; before a malformed list is complained about. */
export function requireEditPermissions(ctx: Context, caller: Caller): void {
  if (!ctx.permissions.has(caller, 'access-permissions')) editingNotAllowed();
}

function editingNotAllowed(): never {
  return refuse('Editing permissions is not allowed', 'error-edit-permissions-not-allowed');
}

function requirePermissions(ctx: Context, caller: Caller): void {
  if (!ctx.permissions.has(caller, 'access-permissions')) unauthorizedHere();
}

/** The permissions that open settings need a permission of their own to be edited. */
function mayEdit(ctx: Context, caller: Caller, entry: PermissionEntry): boolean {
  return !entry.setting || ctx.permissions.has(caller, 'access-setting-permissions');
}

function unauthorizedHere(): never {
  return fail('error-unauthorized', 'User does not have the permissions required for this action');
}
