import { type RawBuilder, type SqlBool, sql } from 'kysely';
import type { Db, Tx } from '../storage/database.ts';
import { jsonItems, jsonText } from '../storage/json.ts';
import { countRows } from '../storage/page-and-total.ts';
import type { UserRow } from '../storage/schema.ts';
import type { Email, LinkedIdentity } from './user.ts';

/** SQL for single users and small sets of them; pages and searches are in `user-lists.store.ts`. */

export function findUserRow(db: Db, uid: string): Promise<UserRow | undefined> {
  return db.selectFrom('users').selectAll().where('id', '=', uid).executeTakeFirst();
}

export function findUserRowByUsernameKey(db: Db, key: string): Promise<UserRow | undefined> {
  return db.selectFrom('users').selectAll().where('username_key', '=', key).executeTakeFirst();
}

export function findUserRowByEmailKey(db: Db, key: string): Promise<UserRow | undefined> {
  return db
    .selectFrom('users')
    .innerJoin('user_emails', 'user_emails.uid', 'users.id')
    .selectAll('users')
    .where('user_emails.address_key', '=', key)
    .executeTakeFirst();
}

export function findUserRowByIdentity(
  db: Db,
  { service, id }: { service: string; id: string },
): Promise<UserRow | undefined> {
  return db
    .selectFrom('users')
    .innerJoin('external_identities', 'external_identities.uid', 'users.id')
    .selectAll('users')
    .where('external_identities.service', '=', service)
    .where('external_identities.service_uid', '=', id)
    .executeTakeFirst();
}

/** By a member of the document that hardly anybody has; the ids of an import are a list in it. */
export function findUserRowByDoc(
  db: Db,
  by: { importId: string } | { freeSwitchExtension: string },
): Promise<UserRow | undefined> {
  const users = db.selectFrom('users').selectAll('users');
  if ('freeSwitchExtension' in by) {
    return users
      .where((eb) => eb(jsonText(eb.ref('doc'), 'freeSwitchExtension'), '=', by.freeSwitchExtension))
      .limit(1)
      .executeTakeFirst();
  }
  return users
    .where((eb) => {
      const ids = jsonText(eb.ref('users.doc'), 'importIds') as RawBuilder<string>;
      return sql<SqlBool>`exists (select 1 from ${jsonItems(ids)} where item.value = ${by.importId})`;
    })
    .limit(1)
    .executeTakeFirst();
}

/** Statements take at most some thousand parameters; 500 keeps every prepared text small. */
const CHUNK = 500;

export async function findUserRows(
  db: Db,
  by: { ids: readonly string[] } | { usernameKeys: readonly string[] },
): Promise<UserRow[]> {
  const [column, values] =
    'ids' in by ? (['id', by.ids] as const) : (['username_key', by.usernameKeys] as const);
  const rows: UserRow[] = [];
  for (let start = 0; start < values.length; start += CHUNK) {
    const chunk = values.slice(start, start + CHUNK);
    rows.push(...(await db.selectFrom('users').selectAll().where(column, 'in', chunk).execute()));
  }
  return rows;
}

/** The addresses of these users, in order, by user id. */
export async function findEmails(db: Db, uids: readonly string[]): Promise<Map<string, Email[]>> {
  const found = new Map<string, Email[]>(uids.map((uid) => [uid, []]));
  for (let start = 0; start < uids.length; start += CHUNK) {
    const rows = await db
      .selectFrom('user_emails')
      .select(['uid', 'address', 'verified'])
      .where('uid', 'in', uids.slice(start, start + CHUNK))
      .orderBy('uid')
      .orderBy('position')
      .execute();
    for (const row of rows) found.get(row.uid)?.push({ address: row.address, verified: row.verified === 1 });
  }
  return found;
}

/** Users in the order of their ids, at most `limit`. */
export function firstUserRows(
  db: Db,
  { activeOnly, limit }: { activeOnly: boolean; limit: number },
): Promise<UserRow[]> {
  const users = db.selectFrom('users').selectAll().orderBy('id').limit(limit);
  return (activeOnly ? users.where('active', '=', 1) : users).execute();
}

export async function isUsernameKeyTaken(db: Db, key: string, exceptUid?: string): Promise<boolean> {
  const row = await db.selectFrom('users').select('id').where('username_key', '=', key).executeTakeFirst();
  return row !== undefined && row.id !== exceptUid;
}

export async function isEmailKeyTaken(db: Db, key: string, exceptUid?: string): Promise<boolean> {
  const row = await db
    .selectFrom('user_emails')
    .select('uid')
    .where('address_key', '=', key)
    .executeTakeFirst();
  return row !== undefined && row.uid !== exceptUid;
}

export async function insertUserRow(tx: Tx, row: UserRow): Promise<void> {
  await tx.insertInto('users').values(row).execute();
}

export async function updateUserRow(tx: Tx, uid: string, patch: Partial<UserRow>): Promise<void> {
  await tx.updateTable('users').set(patch).where('id', '=', uid).execute();
}

/** Removes the user with everything that proves who they are but login tokens. These and rooms are their owners' business. */
export async function deleteUserRow(tx: Tx, uid: string): Promise<void> {
  await tx.deleteFrom('user_emails').where('uid', '=', uid).execute();
  await tx.deleteFrom('user_roles').where('uid', '=', uid).execute();
  await tx.deleteFrom('external_identities').where('uid', '=', uid).execute();
  await tx.deleteFrom('second_factors').where('uid', '=', uid).execute();
  await tx.deleteFrom('e2e_keys').where('uid', '=', uid).execute();
  await tx.deleteFrom('mail_tokens').where('uid', '=', uid).execute();
  await tx.deleteFrom('pending_logins').where('uid', '=', uid).execute();
  await tx.deleteFrom('old_passwords').where('uid', '=', uid).execute();
  await tx.deleteFrom('known_devices').where('uid', '=', uid).execute();
  await tx.deleteFrom('node_presence').where('uid', '=', uid).execute();
  await tx.deleteFrom('users').where('id', '=', uid).execute();
}

export async function replaceEmails(
  tx: Tx,
  uid: string,
  emails: readonly (Email & { key: string })[],
): Promise<void> {
  await tx.deleteFrom('user_emails').where('uid', '=', uid).execute();
  if (emails.length === 0) return;
  await tx
    .insertInto('user_emails')
    .values(
      emails.map(({ key, address, verified }, position) => ({
        address_key: key,
        uid,
        address,
        verified: verified ? 1 : 0,
        position,
      })),
    )
    .execute();
}

/** Rewrites the index of `users.roles`. */
export async function replaceRoles(tx: Tx, uid: string, roles: readonly string[]): Promise<void> {
  await tx.deleteFrom('user_roles').where('uid', '=', uid).execute();
  if (roles.length === 0) return;
  await tx
    .insertInto('user_roles')
    .values(roles.map((role) => ({ uid, role })))
    .execute();
}

/** Rewrites the index of the identities in `users.doc`. */
export async function replaceIdentities(
  tx: Tx,
  uid: string,
  identities: readonly LinkedIdentity[],
): Promise<void> {
  await tx.deleteFrom('external_identities').where('uid', '=', uid).execute();
  if (identities.length === 0) return;
  await tx
    .insertInto('external_identities')
    .values(identities.map(({ service, id }) => ({ service, service_uid: id, uid })))
    .execute();
}

export async function countUsersWithRole(
  db: Db,
  role: string,
  filter: { active?: boolean; type?: string } = {},
): Promise<number> {
  let query = db
    .selectFrom('user_roles')
    .innerJoin('users', 'users.id', 'user_roles.uid')
    .where('user_roles.role', '=', role);
  if (filter.active !== undefined) query = query.where('users.active', '=', filter.active ? 1 : 0);
  if (filter.type !== undefined) query = query.where('users.type', '=', filter.type);
  return countRows(query);
}

/** One page of the role's users, by username. */
export function pageOfUsersWithRole(
  db: Db,
  role: string,
  page: { offset: number; count: number },
): Promise<UserRow[]> {
  return db
    .selectFrom('user_roles')
    .innerJoin('users', 'users.id', 'user_roles.uid')
    .selectAll('users')
    .where('user_roles.role', '=', role)
    .orderBy('users.username_key')
    .offset(page.offset)
    .limit(page.count)
    .execute();
}

export function oldestPerson(db: Db): Promise<{ id: string } | undefined> {
  return db
    .selectFrom('users')
    .select('id')
    .where('type', '=', 'user')
    .where('active', '=', 1)
    .orderBy('created_at')
    .limit(1)
    .executeTakeFirst();
}

/** Active users with the role whose last login lies before `before` (ms), by id, beyond `after`. */
export function idleUsersWithRole(
  db: Db,
  role: string,
  { before, after, limit }: { before: number; after: string; limit: number },
): Promise<UserRow[]> {
  return db
    .selectFrom('user_roles')
    .innerJoin('users', 'users.id', 'user_roles.uid')
    .selectAll('users')
    .where('user_roles.role', '=', role)
    .where('users.active', '=', 1)
    .where('users.last_login', '<', before)
    .where('users.id', '>', after)
    .orderBy('users.id')
    .limit(limit)
    .execute();
}

/** The next users by id, as whom other systems know them among it. */
export async function nextUsersWithDocs(
  db: Db,
  after: string,
  limit: number,
): Promise<Pick<UserRow, 'id' | 'username' | 'name' | 'doc'>[]> {
  return db
    .selectFrom('users')
    .select(['id', 'username', 'name', 'doc'])
    .where('id', '>', after)
    .orderBy('id')
    .limit(limit)
    .execute();
}

/** Which of these addresses (as keys) belong to somebody. */
export async function takenEmailKeys(db: Db, keys: readonly string[]): Promise<string[]> {
  const taken: string[] = [];
  for (let start = 0; start < keys.length; start += CHUNK) {
    const some = keys.slice(start, start + CHUNK);
    const rows = await db
      .selectFrom('user_emails')
      .select('address_key')
      .where('address_key', 'in', some)
      .execute();
    taken.push(...rows.map((row) => row.address_key));
  }
  return taken;
}

/** The next users by id whose imported picture is yet to be fetched. */
export const nextPendingAvatars = (db: Db, after: string, limit: number): Promise<UserRow[]> =>
  db
    .selectFrom('users')
    .selectAll()
    .where('pending_avatar', 'is not', null)
    .where('id', '>', after)
    .orderBy('id')
    .limit(limit)
    .execute();

export const countPendingAvatars = (db: Db): Promise<number> =>
  countRows(db.selectFrom('users').where('pending_avatar', 'is not', null));
