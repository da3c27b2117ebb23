import type { Db, Tx } from '../storage/database.ts';
import type { Schema } from '../storage/schema.ts';

export async function insertOldPassword(tx: Tx, row: Schema['old_passwords']): Promise<void> {
  await tx.insertInto('old_passwords').values(row).execute();
}

/** The latest first. */
export async function findOldPasswords(db: Db, uid: string, limit: number): Promise<string[]> {
  const rows = await db
    .selectFrom('old_passwords')
    .select('hash')
    .where('uid', '=', uid)
    .orderBy('created_at', 'desc')
    .limit(limit)
    .execute();
  return rows.map((row) => row.hash);
}

/** Keeps the latest `kept`. */
export async function deleteOlderPasswords(tx: Tx, uid: string, kept: number): Promise<void> {
  const rows = await tx
    .selectFrom('old_passwords')
    .select('id')
    .where('uid', '=', uid)
    .orderBy('created_at', 'desc')
    .execute();
  const ids = rows.slice(kept).map((row) => row.id);
  if (ids.length > 0) await tx.deleteFrom('old_passwords').where('id', 'in', ids).execute();
}
