import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { hashToken, newToken } from '../kernel/ids.ts';
import type { Tx } from '../storage/database.ts';
import { type Client, callerFor, loadUser } from './find-users.ts';
import {
  deleteOAuthTokens,
  deleteOAuthTokensExpiredBy,
  findOAuthToken,
  insertOAuthTokens,
  type OAuthTokenRow,
  takeOAuthToken,
} from './oauth-tokens.store.ts';
import { tokenExpiry } from './sessions.ts';
import { findToken } from './tokens.store.ts';
import type { User } from './user.ts';

/**
 * What other programs use in the place of a login token (spec 23, "OAuth2 server"). A code is good once and for minutes, an
 * access token for an hour, a refresh token once and for two weeks. Only hashes are stored. They end with all sessions of
 * their user.
 */

const CODE_MS = 5 * 60_000;
export const ACCESS_MS = 60 * 60_000;
const REFRESH_MS = 14 * 24 * 60 * 60_000;

export interface Grant {
  clientId: string;
  uid: string;
}

/** A code for the program, to be told to it by the redirection to `redirectUri` alone. */
export async function grantCode(
  ctx: Context,
  tx: Tx,
  { clientId, uid, redirectUri }: Grant & { redirectUri: string },
): Promise<string> {
  const code = newToken();
  const row = tokenRow(ctx, code, 'code', { clientId, uid }, CODE_MS);
  await insertOAuthTokens(tx, [{ ...row, redirect_uri: redirectUri }]);
  return code;
}

/** Takes a code or a refresh token for new tokens; undefined when it is not good for this program. */
export async function exchange(
  ctx: Context,
  given: { kind: 'code' | 'refresh'; token: string; clientId: string; redirectUri?: string | undefined },
): Promise<{ access: string; refresh: string } | undefined> {
  return ctx.write(async (tx) => {
    // Taken also when the rest is wrong: whoever has it and not the rest has stolen it.
    const row = await takeOAuthToken(tx, hashToken(given.token));
    if (!row || row.kind !== given.kind || row.client_id !== given.clientId) return undefined;
    if (row.expires_at <= ctx.clock.now()) return undefined;
    if (given.kind === 'code' && row.redirect_uri !== given.redirectUri) return undefined;
    if (!(await loadUser(tx, row.uid))?.active) return undefined;
    const grant = { clientId: row.client_id, uid: row.uid };
    const [access, refresh] = [newToken(), newToken()];
    await insertOAuthTokens(tx, [
      tokenRow(ctx, access, 'access', grant, ACCESS_MS),
      tokenRow(ctx, refresh, 'refresh', grant, REFRESH_MS),
    ]);
    return { access, refresh };
  });
}

/** Who makes a call with an access token; null when it is not good. */
export async function bearerCaller(ctx: Context, token: string, client: Client): Promise<Caller | null> {
  const user = await bearerUser(ctx, token);
  return user ? callerFor(user, client) : null;
}

export async function bearerUser(ctx: Context, token: string): Promise<User | undefined> {
  const row = await findOAuthToken(ctx.db, hashToken(token));
  if (row?.kind !== 'access' || row.expires_at <= ctx.clock.now()) return undefined;
  const user = await loadUser(ctx.db, row.uid);
  return user?.active ? user : undefined;
}

/** Whose login token this is, for doors that are not told the user's id. */
export async function userOfLoginToken(ctx: Context, token: string): Promise<User | undefined> {
  const row = await findToken(ctx.db, hashToken(token));
  if (!row || tokenExpiry(ctx.settings, row) <= ctx.clock.now()) return undefined;
  const user = await loadUser(ctx.db, row.uid);
  return user?.active ? user : undefined;
}

export const endOAuthTokensOfClient = (tx: Tx, clientId: string): Promise<void> =>
  deleteOAuthTokens(tx, { clientId });

export const removeExpiredOAuthTokens = (ctx: Context): Promise<void> =>
  ctx.write((tx) => deleteOAuthTokensExpiredBy(tx, ctx.clock.now()));

const tokenRow = (
  ctx: Context,
  token: string,
  kind: string,
  { clientId, uid }: Grant,
  lifetime: number,
): OAuthTokenRow => ({
  hash: hashToken(token),
  kind,
  client_id: clientId,
  uid,
  redirect_uri: null,
  expires_at: ctx.clock.now() + lifetime,
});
