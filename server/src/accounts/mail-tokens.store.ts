import type { Db, Tx } from '../storage/database.ts';
import type { Schema } from '../storage/schema.ts';

export type MailTokenRow = Schema['mail_tokens'];

export async function insertMailToken(tx: Tx, row: MailTokenRow): Promise<void> {
  await tx.insertInto('mail_tokens').values(row).execute();
}

export function findMailTokenRow(db: Db, hash: string): Promise<MailTokenRow | undefined> {
  return db.selectFrom('mail_tokens').selectAll().where('hash', '=', hash).executeTakeFirst();
}

/** When the user was last sent one of this purpose, in ms. */
export async function lastMailToken(db: Db, uid: string, purpose: string): Promise<number | undefined> {
  const row = await db
    .selectFrom('mail_tokens')
    .select('created_at')
    .where('uid', '=', uid)
    .where('purpose', '=', purpose)
    .orderBy('created_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.created_at;
}

/** Removes the user's tokens of one purpose, all or those for one address. */
export async function deleteMailTokens(
  tx: Tx,
  uid: string,
  which: { purpose: string; address?: string },
): Promise<void> {
  let query = tx.deleteFrom('mail_tokens').where('uid', '=', uid).where('purpose', '=', which.purpose);
  if (which.address !== undefined) query = query.where('address', '=', which.address);
  await query.execute();
}

export async function deleteMailTokensBefore(tx: Tx, before: number): Promise<void> {
  await tx.deleteFrom('mail_tokens').where('created_at', '<', before).execute();
}
