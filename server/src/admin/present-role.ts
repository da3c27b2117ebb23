import type { Context } from '../context.ts';
import type { Role } from './roles.ts';
import { CREATED_AT } from './setting-table.ts';

/** A role as `roles.list` and the stream `roles` show it (spec 22, "Roles"). */
export function presentRole(role: Omit<Role, 'updatedAt'>): Record<string, unknown> {
  return {
    _id: role._id,
    name: role.name,
    scope: role.scope,
    description: role.description,
    protected: role.protected,
    mandatory2fa: role.mandatory2fa,
  };
}

/** The whole document. A built-in role that nobody changed is as old as the workspace. */
export function presentRoleDocument(ctx: Context, role: Role): Record<string, unknown> {
  return { ...presentRole(role), _updatedAt: new Date(role.updatedAt || ctx.settings.int(CREATED_AT)) };
}
