import type { Selectable } from 'kysely';
import type { Db, Tx } from '../../storage/database.ts';
import type { Schema } from '../../storage/schema.ts';

export type PendingCredentialRow = Selectable<Schema['pending_credentials']>;

/** A later one with the same token takes the place of the first. */
export async function savePendingCredential(tx: Tx, row: PendingCredentialRow): Promise<void> {
  await tx.deleteFrom('pending_credentials').where('token_hash', '=', row.token_hash).execute();
  await tx.insertInto('pending_credentials').values(row).execute();
}

export const findPendingCredential = (db: Db, tokenHash: string): Promise<PendingCredentialRow | undefined> =>
  db.selectFrom('pending_credentials').selectAll().where('token_hash', '=', tokenHash).executeTakeFirst();

/** False when it is gone already, or another has taken its place. */
export async function deletePendingCredential(
  tx: Tx,
  { token_hash, secret_hash }: Pick<PendingCredentialRow, 'token_hash' | 'secret_hash'>,
): Promise<boolean> {
  const result = await tx
    .deleteFrom('pending_credentials')
    .where('token_hash', '=', token_hash)
    .where('secret_hash', '=', secret_hash)
    .executeTakeFirst();
  return result.numDeletedRows > 0n;
}

export async function deletePendingCredentialsExpiredBy(tx: Tx, now: number): Promise<void> {
  await tx.deleteFrom('pending_credentials').where('expires_at', '<=', now).execute();
}
