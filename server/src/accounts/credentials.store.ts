import type { Db, Tx } from '../storage/database.ts';

/** The only place that reads password hashes. */
export interface Credentials {
  id: string;
  active: number;
  /** bcrypt of the digest; null for accounts without a password. */
  password_hash: string | null;
}

export function findCredentials(
  db: Db,
  key: { id: string } | { usernameKey: string } | { emailKey: string },
): Promise<Credentials | undefined> {
  const users = db.selectFrom('users').select(['users.id', 'users.active', 'users.password_hash']);
  if ('id' in key) return users.where('users.id', '=', key.id).executeTakeFirst();
  if ('usernameKey' in key) return users.where('users.username_key', '=', key.usernameKey).executeTakeFirst();
  return users
    .innerJoin('user_emails', 'user_emails.uid', 'users.id')
    .where('user_emails.address_key', '=', key.emailKey)
    .executeTakeFirst();
}

/** Sets `lastLogin` (ms). It is told to nobody, so that a login costs no fan-out. */
export async function changeLastLogin(tx: Tx, uid: string, now: number, stamp: number): Promise<void> {
  await tx.updateTable('users').set({ last_login: now, updated_at: stamp }).where('id', '=', uid).execute();
}
