import type { Context } from '../context.ts';
import type { Emit } from '../kernel/events.ts';
import type { Db, Tx } from '../storage/database.ts';
import { changeUser } from './change-user.ts';
import { loadUser, withEmails } from './find-users.ts';
import type { User } from './user.ts';
import { countUsersWithRole, pageOfUsersWithRole } from './users.store.ts';

/** Global roles of people. Who may give them, and the last-admin rules, are the callers' business (spec 22, "Roles"). */

/** False when the user does not exist or has the role already. */
export async function addGlobalRole(
  tx: Tx,
  emit: Emit,
  ctx: Context,
  uid: string,
  role: string,
): Promise<boolean> {
  const user = await loadUser(tx, uid);
  if (!user || user.roles.includes(role)) return false;
  await changeUser(ctx, tx, emit, { uid, set: { roles: [...user.roles, role] } });
  return true;
}

/** False when the user does not exist or does not have the role. */
export async function removeGlobalRole(
  tx: Tx,
  emit: Emit,
  ctx: Context,
  uid: string,
  role: string,
): Promise<boolean> {
  const user = await loadUser(tx, uid);
  if (!user?.roles.includes(role)) return false;
  await changeUser(ctx, tx, emit, { uid, set: { roles: user.roles.filter((entry) => entry !== role) } });
  return true;
}

/** One page of the people who have a global role, by username. */
export async function listUsersInRole(
  db: Db,
  role: string,
  page: { offset: number; count: number },
): Promise<User[]> {
  return withEmails(db, await pageOfUsersWithRole(db, role, page));
}

/** How many people have a global role; with `active`, only those who are (not) active. */
export function countUsersInRole(db: Db, role: string, filter: { active?: boolean } = {}): Promise<number> {
  return countUsersWithRole(db, role, filter);
}
