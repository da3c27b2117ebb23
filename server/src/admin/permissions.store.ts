import type { Db, Tx } from '../storage/database.ts';
import { parseDoc, stringify } from '../storage/json.ts';
import { forgetTombstones, insertTombstones, tombstonesSince } from '../storage/tombstones.ts';

/** SQL of permissions. The table holds only permissions whose roles were changed; defaults: `permission-table.ts`. */

export interface StoredPermission {
  id: string;
  roles: readonly string[];
  /** ms */
  updatedAt: number;
}

/** Bounded by the number of permissions that exist. */
export async function storedPermissions(db: Db): Promise<StoredPermission[]> {
  const rows = await db.selectFrom('permissions').select(['id', 'roles', 'updated_at']).execute();
  return rows.map((row) => ({ id: row.id, roles: parseDoc<string[]>(row.roles), updatedAt: row.updated_at }));
}

export async function storedPermission(db: Db, id: string): Promise<readonly string[] | undefined> {
  const row = await db.selectFrom('permissions').select('roles').where('id', '=', id).executeTakeFirst();
  return row && parseDoc<string[]>(row.roles);
}

export async function savePermission(tx: Tx, { id, roles, updatedAt }: StoredPermission): Promise<void> {
  const row = { roles: stringify(roles), updated_at: updatedAt };
  await tx
    .insertInto('permissions')
    .values({ id, ...row })
    .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
    .execute();
}

/** Permissions that were not there, or had been removed. */
export async function addPermissions(tx: Tx, permissions: readonly StoredPermission[]): Promise<void> {
  for (const permission of permissions) await savePermission(tx, permission);
  await forgetTombstones(
    tx,
    'permission',
    permissions.map(({ id }) => id),
  );
}

/** Removes permissions and remembers that, for clients who ask what changed since a date. */
export async function deletePermissions(tx: Tx, ids: readonly string[], deletedAt: number): Promise<void> {
  await tx.deleteFrom('permissions').where('id', 'in', ids).execute();
  const rows = ids.map((id) => ({ id, doc: '{}' }));
  await insertTombstones(tx, 'permission', rows, deletedAt);
}

export const permissionsRemovedSince = (
  db: Db,
  since: number,
): Promise<{ id: string; deletedAt: number }[]> => tombstonesSince(db, 'permission', since);
