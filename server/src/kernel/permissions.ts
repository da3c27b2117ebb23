import type { Caller } from './caller.ts';

/**
 * Which roles have which permission, kept in memory (spec 22, "Permission evaluation"). Room roles count only where the
 * check names a room: pass the roles of the caller's subscription as `roomRoles`.
 */
export interface Permissions {
  has(caller: Pick<Caller, 'roles'>, permission: string, roomRoles?: readonly string[]): boolean;
  hasAny(
    caller: Pick<Caller, 'roles'>,
    permissions: readonly string[],
    roomRoles?: readonly string[],
  ): boolean;
  rolesOf(permission: string): readonly string[];
}

export const ANONYMOUS: Pick<Caller, 'roles'> = { roles: ['anonymous'] };

/** A read-only view on a live table `permission id -> role ids`. */
export function permissionsOver(table: ReadonlyMap<string, ReadonlySet<string>>): Permissions {
  const has: Permissions['has'] = (caller, permission, roomRoles) => {
    const allowed = table.get(permission);
    if (!allowed) return false;
    return caller.roles.some((role) => allowed.has(role)) || !!roomRoles?.some((role) => allowed.has(role));
  };
  return {
    has,
    hasAny: (caller, permissions, roomRoles) => permissions.some((p) => has(caller, p, roomRoles)),
    rolesOf: (permission) => [...(table.get(permission) ?? [])],
  };
}
