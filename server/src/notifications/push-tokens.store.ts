import type { Selectable } from 'kysely';
import type { Db, Tx } from '../storage/database.ts';
import type { Schema } from '../storage/schema.ts';

/** SQL of push tokens. */

export type PushToken = Selectable<Schema['push_tokens']>;

export const pushTokenById = (db: Db, id: string): Promise<PushToken | undefined> =>
  db.selectFrom('push_tokens').selectAll().where('id', '=', id).executeTakeFirst();

export const pushTokenByValue = (db: Db, value: string): Promise<PushToken | undefined> =>
  db.selectFrom('push_tokens').selectAll().where('value', '=', value).executeTakeFirst();

export async function pushTokensOfUsers(db: Db, uids: readonly string[]): Promise<PushToken[]> {
  const found: PushToken[] = [];
  for (let start = 0; start < uids.length; start += 500) {
    const some = uids.slice(start, start + 500);
    found.push(...(await db.selectFrom('push_tokens').selectAll().where('uid', 'in', some).execute()));
  }
  return found;
}

export const hasPushTokens = async (db: Db): Promise<boolean> =>
  (await db.selectFrom('push_tokens').select('id').limit(1).executeTakeFirst()) !== undefined;

/** Stores the token in place of one with the same id or value. */
export async function savePushToken(tx: Tx, token: PushToken): Promise<void> {
  await tx
    .deleteFrom('push_tokens')
    .where((eb) => eb.or([eb('id', '=', token.id), eb('value', '=', token.value)]))
    .execute();
  await tx.insertInto('push_tokens').values(token).execute();
}

export async function deletePushToken(tx: Tx, uid: string, value: string): Promise<boolean> {
  const deleted = await tx
    .deleteFrom('push_tokens')
    .where('value', '=', value)
    .where('uid', '=', uid)
    .executeTakeFirst();
  return deleted.numDeletedRows > 0n;
}

/** One that the gateway does not know (any more). */
export async function deletePushTokenById(tx: Tx, id: string): Promise<void> {
  await tx.deleteFrom('push_tokens').where('id', '=', id).execute();
}

/** Those that were registered with these login tokens, which are gone now. */
export async function deletePushTokensOfLogins(tx: Tx, hashes: readonly string[]): Promise<void> {
  for (let start = 0; start < hashes.length; start += 500) {
    await tx
      .deleteFrom('push_tokens')
      .where('login_hash', 'in', hashes.slice(start, start + 500))
      .execute();
  }
}

export async function deletePushTokensOfUser(tx: Tx, uid: string): Promise<void> {
  await tx.deleteFrom('push_tokens').where('uid', '=', uid).execute();
}

/** Keeps the newest `max` of a user. */
export async function deletePushTokensAbove(tx: Tx, uid: string, max: number): Promise<void> {
  const kept = tx
    .selectFrom('push_tokens')
    .select('id')
    .where('uid', '=', uid)
    .orderBy('updated_at', 'desc')
    .limit(max);
  await tx.deleteFrom('push_tokens').where('uid', '=', uid).where('id', 'not in', kept).execute();
}
