import type { Db, Tx } from '../../storage/database.ts';
import type { Schema } from '../../storage/schema.ts';

export type PendingLoginRow = Schema['pending_logins'];

export async function insertPendingLogin(tx: Tx, row: PendingLoginRow): Promise<void> {
  await tx.insertInto('pending_logins').values(row).execute();
}

export const findPendingLogin = (db: Db, hash: string): Promise<PendingLoginRow | undefined> =>
  db.selectFrom('pending_logins').selectAll().where('hash', '=', hash).executeTakeFirst();

/** False when it is gone already. */
export async function deletePendingLogin(tx: Tx, hash: string): Promise<boolean> {
  const result = await tx.deleteFrom('pending_logins').where('hash', '=', hash).executeTakeFirst();
  return result.numDeletedRows > 0n;
}

export async function deletePendingLoginsExpiredBy(tx: Tx, now: number): Promise<void> {
  await tx.deleteFrom('pending_logins').where('expires_at', '<=', now).execute();
}
