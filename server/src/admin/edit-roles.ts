import { recordAction } from '../audit/record.ts';
import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail } from '../kernel/errors.ts';
import { newId } from '../kernel/ids.ts';
import './admin.events.ts';
import { forgetRole } from './change-permissions.ts';
import type { RoleScope } from './role-table.ts';
import { deleteRole as deleteStoredRole, isRoleHeld, saveRole } from './roles.store.ts';
import { findRole, listRoles, type Role } from './roles.ts';

export interface RoleInput {
  name: string;
  scope?: RoleScope | undefined;
  description?: string | undefined;
  mandatory2fa?: boolean | undefined;
}

/** @throws error-action-not-allowed, error-duplicate-role-names-not-allowed */
export async function createRole(ctx: Context, caller: Caller, input: RoleInput): Promise<Role> {
  requireAccess(ctx, caller);
  return ctx.write(async (tx, emit) => {
    refuseTakenName(await listRoles(tx), input.name);
    const role: Role = {
      _id: newId(),
      name: input.name,
      scope: input.scope ?? 'Users',
      description: input.description ?? '',
      protected: false,
      mandatory2fa: input.mandatory2fa ?? false,
      updatedAt: ctx.clock.stamp(),
    };
    await saveRole(tx, role);
    await recordAction(ctx, tx, caller, {
      kind: 'role.created',
      subject: role._id,
      data: { current: describedRole(role) },
    });
    emit('role.changed', { action: 'changed', role });
    return role;
  });
}

/**
 * Of a protected role only the description and `mandatory2fa` change. A role that somebody holds keeps its scope: the
 * assignments of the two scopes live in different places.
 *
 * @throws error-action-not-allowed, error-invalid-roleId, error-duplicate-role-names-not-allowed, error-role-in-use
 */
export async function updateRole(
  ctx: Context,
  caller: Caller,
  roleId: string,
  input: RoleInput,
): Promise<Role> {
  requireAccess(ctx, caller);
  return ctx.write(async (tx, emit) => {
    const roles = await listRoles(tx);
    const before = roles.find((role) => role._id === roleId);
    if (!before) fail('error-invalid-roleId', 'This role does not exist');
    const free = !before.protected;
    if (free && input.name !== before.name) refuseTakenName(roles, input.name);
    const scope = free && input.scope !== undefined ? input.scope : before.scope;
    if (scope !== before.scope && (await isRoleHeld(tx, roleId))) {
      fail('error-role-in-use', "Cannot change the scope of a role because it's in use");
    }
    const role: Role = {
      ...before,
      name: free ? input.name : before.name,
      scope,
      description: input.description ?? before.description,
      mandatory2fa: input.mandatory2fa ?? before.mandatory2fa,
      updatedAt: ctx.clock.stamp(),
    };
    await saveRole(tx, role);
    await recordAction(ctx, tx, caller, {
      kind: 'role.changed',
      subject: roleId,
      data: { previous: describedRole(before), current: describedRole(role) },
    });
    emit('role.changed', { action: 'changed', role });
    return role;
  });
}

/**
 * Removes a custom role that nobody holds, also from the permissions.
 * @throws error-action-not-allowed, error-invalid-roleId, error-role-protected, error-role-in-use
 */
export async function deleteRole(ctx: Context, caller: Caller, idOrName: string): Promise<void> {
  requireAccess(ctx, caller);
  await ctx.write(async (tx, emit) => {
    const found = await findRole(tx, idOrName);
    if (!found) fail('error-invalid-roleId', 'This role does not exist');
    if (found.protected) fail('error-role-protected', 'Cannot delete a protected role');
    if (await isRoleHeld(tx, found._id)) fail('error-role-in-use', "Cannot delete role because it's in use");
    const { updatedAt: _, ...role } = found;
    await deleteStoredRole(tx, { role, deletedAt: ctx.clock.stamp() });
    await recordAction(ctx, tx, caller, {
      kind: 'role.deleted',
      subject: role._id,
      data: { previous: describedRole(found) },
    });
    await forgetRole(ctx, tx, emit, { caller, role: role._id });
    emit('role.changed', { action: 'removed', role: { _id: role._id, name: role.name } });
  });
}

function describedRole({
  name,
  scope,
  description,
  mandatory2fa,
}: Role): Omit<RoleInput, 'scope'> & { scope: RoleScope } {
  return { name, scope, description, mandatory2fa };
}

function requireAccess(ctx: Context, caller: Caller): void {
  if (ctx.permissions.has(caller, 'access-permissions')) return;
  fail('error-action-not-allowed', 'Accessing permissions is not allowed');
}

/** Names and ids share one namespace: calls may name a role by either. */
function refuseTakenName(roles: readonly Role[], name: string): void {
  if (roles.some((role) => role._id === name || role.name === name)) {
    fail('error-duplicate-role-names-not-allowed', 'Role name already exists');
  }
}
