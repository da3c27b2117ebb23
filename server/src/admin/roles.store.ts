import type { Db, Tx } from '../storage/database.ts';
import { parseDoc, stringify } from '../storage/json.ts';
import { insertTombstones, tombstonesSince } from '../storage/tombstones.ts';
import { BUILT_IN_ROLES, type RoleScope } from './role-table.ts';

/** SQL of roles. The table holds custom roles and changed built-in ones; the others live in `role-table.ts`. */

export interface Role {
  readonly _id: string;
  readonly name: string;
  readonly scope: RoleScope;
  readonly description: string;
  readonly protected: boolean;
  readonly mandatory2fa: boolean;
  /** ms; 0 for a built-in role that nobody changed. */
  readonly updatedAt: number;
}

export interface RemovedRole {
  readonly role: Omit<Role, 'updatedAt'>;
  /** ms */
  readonly deletedAt: number;
}

/** Built-in roles first, then custom ones by name. Bounded by the roles that exist; every client reads them all. */
export async function allRoles(db: Db): Promise<Role[]> {
  const rows = await db
    .selectFrom('roles')
    .select(['id', 'name', 'scope', 'description', 'protected', 'mandatory2fa', 'updated_at'])
    .orderBy('name')
    .execute();
  const stored = new Map(
    rows.map((row): [string, Role] => [
      row.id,
      {
        _id: row.id,
        name: row.name,
        scope: row.scope === 'Subscriptions' ? 'Subscriptions' : 'Users',
        description: row.description,
        protected: row.protected === 1,
        mandatory2fa: row.mandatory2fa === 1,
        updatedAt: row.updated_at,
      },
    ]),
  );
  const builtIn = BUILT_IN_ROLES.map(({ id, scope, description }): Role => {
    const changed = stored.get(id);
    stored.delete(id);
    return (
      changed ?? { _id: id, name: id, scope, description, protected: true, mandatory2fa: false, updatedAt: 0 }
    );
  });
  return [...builtIn, ...stored.values()];
}

export async function saveRole(tx: Tx, role: Role): Promise<void> {
  const row = {
    name: role.name,
    scope: role.scope,
    description: role.description,
    protected: role.protected ? 1 : 0,
    mandatory2fa: role.mandatory2fa ? 1 : 0,
    updated_at: role.updatedAt,
  };
  await tx
    .insertInto('roles')
    .values({ id: role._id, ...row })
    .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
    .execute();
}

/** Removes the role and leaves a tombstone for `roles.sync`. */
export async function deleteRole(tx: Tx, { role, deletedAt }: RemovedRole): Promise<void> {
  await tx.deleteFrom('roles').where('id', '=', role._id).execute();
  await insertTombstones(tx, 'role', [{ id: role._id, doc: stringify(role) }], deletedAt);
}

export async function rolesRemovedSince(db: Db, since: number): Promise<RemovedRole[]> {
  const rows = await tombstonesSince(db, 'role', since);
  return rows.map(({ doc, deletedAt }) => ({ role: parseDoc<RemovedRole['role']>(doc), deletedAt }));
}

/** Whether anybody holds the role, in the workspace or in a room. */
export async function isRoleHeld(db: Db, role: string): Promise<boolean> {
  const global = await db
    .selectFrom('user_roles')
    .select('uid')
    .where('role', '=', role)
    .limit(1)
    .executeTakeFirst();
  if (global) return true;
  const room = await db
    .selectFrom('room_roles')
    .select('uid')
    .where('role', '=', role)
    .limit(1)
    .executeTakeFirst();
  return room !== undefined;
}

/** Ids of the users who hold a room role, in one room or in any, by username. */
export async function roomRoleHolders(
  db: Db,
  role: string,
  rid: string | undefined,
  page: { offset: number; count: number },
): Promise<{ uids: string[]; total: number }> {
  let holders = db
    .selectFrom('room_roles')
    .innerJoin('users', 'users.id', 'room_roles.uid')
    .where('role', '=', role);
  if (rid !== undefined) holders = holders.where('room_roles.rid', '=', rid);
  const rows = await holders
    .select(['users.id', 'users.username_key'])
    .distinct()
    .orderBy('users.username_key')
    .limit(page.count)
    .offset(page.offset)
    .execute();
  const counted = await holders
    .select((select) => select.fn.count<number>('users.id').distinct().as('total'))
    .executeTakeFirstOrThrow();
  return { uids: rows.map((row) => row.id), total: Number(counted.total) };
}

export interface RoleHolder {
  _id: string;
  username: string;
  role: string;
}

/** Who holds which of these global roles, by username; at most `limit` assignments. */
export async function globalRoleHolders(
  db: Db,
  roles: readonly string[],
  limit: number,
): Promise<RoleHolder[]> {
  if (roles.length === 0) return [];
  const rows = await db
    .selectFrom('user_roles')
    .innerJoin('users', 'users.id', 'user_roles.uid')
    .select(['users.id', 'users.username', 'user_roles.role'])
    .where('user_roles.role', 'in', roles)
    .where('users.username', 'is not', null)
    .orderBy('users.username_key')
    .limit(limit)
    .execute();
  return rows.map((row) => ({ _id: row.id, username: row.username ?? '', role: row.role }));
}
