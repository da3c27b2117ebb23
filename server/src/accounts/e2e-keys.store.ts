import type { Selectable } from 'kysely';
import type { Db, Tx } from '../storage/database.ts';
import type { Schema } from '../storage/schema.ts';

/** SQL of the keys of people; the server only keeps them. */

export type E2EKeysRow = Selectable<Schema['e2e_keys']>;

export const findE2EKeys = (db: Db, uid: string): Promise<E2EKeysRow | undefined> =>
  db.selectFrom('e2e_keys').selectAll().where('uid', '=', uid).executeTakeFirst();

export async function findPublicKeys(db: Db, uids: readonly string[]): Promise<Map<string, string>> {
  if (uids.length === 0) return new Map();
  const rows = await db
    .selectFrom('e2e_keys')
    .select(['uid', 'public_key'])
    .where('uid', 'in', uids)
    .execute();
  return new Map(rows.map(({ uid, public_key }) => [uid, public_key]));
}

export async function saveE2EKeys(tx: Tx, row: E2EKeysRow): Promise<void> {
  const { uid: _uid, ...keys } = row;
  await tx
    .insertInto('e2e_keys')
    .values(row)
    .onConflict((conflict) => conflict.column('uid').doUpdateSet(keys))
    .execute();
}

export async function deleteE2EKeys(tx: Tx, uid: string): Promise<void> {
  await tx.deleteFrom('e2e_keys').where('uid', '=', uid).execute();
}
