import type { Db, Tx } from '../storage/database.ts';
import type { SecondFactorsRow } from '../storage/schema.ts';

/** The only place that reads secrets and codes of second factors. */

const NOTHING: Omit<SecondFactorsRow, 'uid'> = {
  totp_secret: null,
  totp_new_secret: null,
  totp_last_step: 0,
  backup_hashes: '[]',
  email_code: null,
  email_code_attempts: 0,
  email_code_made: 0,
  email_code_expires: 0,
  attempts: 0,
  attempts_since: 0,
};

/** A user who never set one up has the row of one who has nothing. */
export async function findFactors(db: Db, uid: string): Promise<SecondFactorsRow> {
  const row = await db.selectFrom('second_factors').selectAll().where('uid', '=', uid).executeTakeFirst();
  return row ?? { uid, ...NOTHING };
}

export async function saveFactors(
  tx: Tx,
  uid: string,
  patch: Partial<Omit<SecondFactorsRow, 'uid'>>,
): Promise<void> {
  await tx
    .insertInto('second_factors')
    .values({ uid, ...NOTHING, ...patch })
    .onConflict((conflict) => conflict.column('uid').doUpdateSet(patch))
    .execute();
}

export async function deleteFactors(tx: Tx, uid: string): Promise<void> {
  await tx.deleteFrom('second_factors').where('uid', '=', uid).execute();
}
