import type { Context } from '../context.ts';
import { allPermissions, type PermissionEntry } from './permission-catalogue.ts';
import { permissionsRemovedSince, storedPermissions } from './permissions.store.ts';
import { CREATED_AT } from './setting-table.ts';

/** A permission with its roles as they are now. */
export interface Permission {
  entry: PermissionEntry;
  roles: readonly string[];
  /** ms */
  updatedAt: number;
}

/** All permissions, or those changed after `since` (ms). */
export async function listPermissions(ctx: Context, since?: number): Promise<Permission[]> {
  const createdAt = ctx.settings.int(CREATED_AT);
  const stamps = new Map((await storedPermissions(ctx.db)).map(({ id, updatedAt }) => [id, updatedAt]));
  return allPermissions(ctx.settings)
    .map((entry) => ({
      entry,
      roles: ctx.permissions.rolesOf(entry.id),
      updatedAt: stamps.get(entry.id) ?? createdAt,
    }))
    .filter(({ updatedAt }) => since === undefined || updatedAt > since);
}

/** The permissions that ceased to exist after `since` (ms): those of settings of login services that were removed. */
export async function listRemovedPermissions(
  ctx: Context,
  since: number | undefined,
): Promise<{ _id: string; _deletedAt: Date }[]> {
  if (since === undefined) return [];
  const removed = await permissionsRemovedSince(ctx.db, since);
  return removed.map(({ id, deletedAt }) => ({ _id: id, _deletedAt: new Date(deletedAt) }));
}
