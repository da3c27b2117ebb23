import type { Db, Tx } from '../../storage/database.ts';
import type { Schema } from '../../storage/schema.ts';

export type BegunLoginRow = Schema['begun_logins'];

export async function insertBegunLogin(tx: Tx, row: BegunLoginRow): Promise<void> {
  await tx.insertInto('begun_logins').values(row).execute();
}

export const findBegunLogin = (db: Db, stateHash: string): Promise<BegunLoginRow | undefined> =>
  db.selectFrom('begun_logins').selectAll().where('state_hash', '=', stateHash).executeTakeFirst();

export async function deleteBegunLogin(tx: Tx, stateHash: string): Promise<void> {
  await tx.deleteFrom('begun_logins').where('state_hash', '=', stateHash).execute();
}

export async function deleteBegunLoginsExpiredBy(tx: Tx, now: number): Promise<void> {
  await tx.deleteFrom('begun_logins').where('expires_at', '<=', now).execute();
}
