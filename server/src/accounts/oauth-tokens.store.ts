import type { Selectable } from 'kysely';
import type { Db, Tx } from '../storage/database.ts';
import type { Schema } from '../storage/schema.ts';

/** SQL of what other programs use in the place of a login token. */

export type OAuthTokenRow = Selectable<Schema['oauth_tokens']>;

export async function insertOAuthTokens(tx: Tx, rows: readonly OAuthTokenRow[]): Promise<void> {
  await tx.insertInto('oauth_tokens').values(rows).execute();
}

export const findOAuthToken = (db: Db, hash: string): Promise<OAuthTokenRow | undefined> =>
  db.selectFrom('oauth_tokens').selectAll().where('hash', '=', hash).executeTakeFirst();

/** Removes it and tells what it was: whoever gets it is the only one who does. */
export const takeOAuthToken = (tx: Tx, hash: string): Promise<OAuthTokenRow | undefined> =>
  tx.deleteFrom('oauth_tokens').where('hash', '=', hash).returningAll().executeTakeFirst();

export async function deleteOAuthTokens(tx: Tx, of: { uid: string } | { clientId: string }): Promise<void> {
  const all = tx.deleteFrom('oauth_tokens');
  await ('uid' in of ? all.where('uid', '=', of.uid) : all.where('client_id', '=', of.clientId)).execute();
}

export async function deleteOAuthTokensExpiredBy(tx: Tx, now: number): Promise<void> {
  await tx.deleteFrom('oauth_tokens').where('expires_at', '<=', now).execute();
}
