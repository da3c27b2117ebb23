import type { Db, Tx } from '../storage/database.ts';
import type { LoginTokenRow } from '../storage/schema.ts';

/** Of a token that no device has logged in with. */
export const NO_DEVICE = { session_id: null, ip: null, device_name: null, os_name: null, device: null };

/** Of a token that belongs to no session at an identity provider. */
export const NO_SIGN_ON = { sign_on_key: null, sign_on: null };

export async function insertToken(tx: Tx, row: LoginTokenRow): Promise<void> {
  await tx.insertInto('login_tokens').values(row).execute();
}

export function findToken(db: Db, hash: string): Promise<LoginTokenRow | undefined> {
  return db.selectFrom('login_tokens').selectAll().where('hash', '=', hash).executeTakeFirst();
}

export interface TokenHolder {
  uid: string;
  username: string | null;
  name: string | null;
  /** JSON array. */
  roles: string;
  kind: string;
  created_at: number;
  bypass_two_factor: number;
}

/** Token and holder in one query: every REST call of a user who is not cached pays for it. */
export function findTokenHolder(db: Db, hash: string, uid: string): Promise<TokenHolder | undefined> {
  return db
    .selectFrom('login_tokens as t')
    .innerJoin('users as u', 'u.id', 't.uid')
    .select(['t.uid', 'u.username', 'u.name', 'u.roles', 't.kind', 't.created_at', 't.bypass_two_factor'])
    .where('t.hash', '=', hash)
    .where('t.uid', '=', uid)
    .where('u.active', '=', 1)
    .executeTakeFirst();
}

export function findPersonalTokens(db: Db, uid: string): Promise<LoginTokenRow[]> {
  return db
    .selectFrom('login_tokens')
    .selectAll()
    .where('uid', '=', uid)
    .where('kind', '=', 'personal')
    .orderBy('created_at')
    .execute();
}

export function findPersonalToken(db: Db, uid: string, name: string): Promise<LoginTokenRow | undefined> {
  return db
    .selectFrom('login_tokens')
    .selectAll()
    .where('uid', '=', uid)
    .where('kind', '=', 'personal')
    .where('name', '=', name)
    .executeTakeFirst();
}

/** Sessions that were opened by whom an identity provider calls so: as many as one person may have. */
export function findTokensBySignOn(
  db: Db,
  key: string,
): Promise<Pick<LoginTokenRow, 'hash' | 'uid' | 'sign_on'>[]> {
  return db
    .selectFrom('login_tokens')
    .select(['hash', 'uid', 'sign_on'])
    .where('sign_on_key', '=', key)
    .execute();
}

/** Removes one token of the user; false when it was not there. */
export async function deleteToken(tx: Tx, uid: string, hash: string): Promise<boolean> {
  const result = await tx
    .deleteFrom('login_tokens')
    .where('hash', '=', hash)
    .where('uid', '=', uid)
    .executeTakeFirst();
  return result.numDeletedRows > 0n;
}

/** Removes the user's tokens, all or all sessions, but `except`; returns the hashes of those removed. */
export async function deleteTokensOf(
  tx: Tx,
  uid: string,
  which: { kind?: 'session'; except?: string | undefined },
): Promise<string[]> {
  let query = tx.deleteFrom('login_tokens').where('uid', '=', uid);
  if (which.kind !== undefined) query = query.where('kind', '=', which.kind);
  if (which.except !== undefined) query = query.where('hash', '<>', which.except);
  const rows = await query.returning('hash').execute();
  return rows.map((row) => row.hash);
}

/** Keeps the user's total at `max` by removing the oldest sessions; returns their hashes. */
export async function deleteSessionsAbove(tx: Tx, uid: string, max: number): Promise<string[]> {
  const tokens = await tx
    .selectFrom('login_tokens')
    .select(['hash', 'kind'])
    .where('uid', '=', uid)
    .orderBy('created_at')
    .orderBy('hash')
    .execute();
  const hashes = tokens
    .filter((token) => token.kind === 'session')
    .slice(0, Math.max(0, tokens.length - max))
    .map((token) => token.hash);
  if (hashes.length > 0) await tx.deleteFrom('login_tokens').where('hash', 'in', hashes).execute();
  return hashes;
}

/** Removes up to `limit` sessions created at `last` (ms) or earlier. */
export async function deleteSessionsCreatedUntil(
  tx: Tx,
  last: number,
  limit: number,
): Promise<{ hash: string; uid: string }[]> {
  const expired = await tx
    .selectFrom('login_tokens')
    .select(['hash', 'uid'])
    .where('kind', '=', 'session')
    .where('created_at', '<=', last)
    .limit(limit)
    .execute();
  if (expired.length > 0) {
    const hashes = expired.map((row) => row.hash);
    await tx.deleteFrom('login_tokens').where('hash', 'in', hashes).execute();
  }
  return expired;
}

/** Notes on the token that its holder passed a second factor, until `until` (ms), from this client. */
export async function rememberSecondFactor(
  tx: Tx,
  hash: string,
  { until, client }: { until: number; client: string },
): Promise<void> {
  await tx
    .updateTable('login_tokens')
    .set({ two_factor_until: until, two_factor_client: client })
    .where('hash', '=', hash)
    .execute();
}
