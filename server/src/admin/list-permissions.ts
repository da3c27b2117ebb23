import type { Context } from '../context.ts';
import { PERMISSIONS, type PermissionEntry } from './permission-catalogue.ts';
import { storedPermissions } from './permissions.store.ts';
import { CREATED_AT } from './setting-table.ts';

/** A permission with its roles as they are now. */
export interface Permission {
  entry: PermissionEntry;
  roles: readonly string[];
  /** ms */
  updatedAt: number;
}

/** All permissions, or those changed after `since` (ms). No permission ever ceases to exist, so nothing is removed. */
export async function listPermissions(ctx: Context, since?: number): Promise<Permission[]> {
  const createdAt = ctx.settings.int(CREATED_AT);
  const stamps = new Map((await storedPermissions(ctx.db)).map(({ id, updatedAt }) => [id, updatedAt]));
  return [...PERMISSIONS.values()]
    .map((entry) => ({
      entry,
      roles: ctx.permissions.rolesOf(entry.id),
      updatedAt: stamps.get(entry.id) ?? createdAt,
    }))
    .filter(({ updatedAt }) => since === undefined || updatedAt > since);
}
