import type { Context } from '../context.ts';
import type { Db } from '../storage/database.ts';
import { allRoles, type RemovedRole, type Role, rolesRemovedSince } from './roles.store.ts';
import { CREATED_AT } from './setting-table.ts';

export type { Role } from './roles.store.ts';

/** All roles, built-in ones first. Also for use inside a transaction. */
export const listRoles = (db: Db): Promise<Role[]> => allRoles(db);

/** The role with this id, else the one with this name (custom roles have both); undefined when there is none. */
export async function findRole(db: Db, idOrName: string): Promise<Role | undefined> {
  const roles = await allRoles(db);
  return roles.find((role) => role._id === idOrName) ?? roles.find((role) => role.name === idOrName);
}

/** What changed after `since` (ms): `roles.sync`. */
export async function syncRoles(
  ctx: Context,
  since: number,
): Promise<{ changed: Role[]; removed: RemovedRole[] }> {
  const [roles, removed] = await Promise.all([allRoles(ctx.db), rolesRemovedSince(ctx.db, since)]);
  const createdAt = ctx.settings.int(CREATED_AT);
  return { changed: roles.filter((role) => (role.updatedAt || createdAt) > since), removed };
}
