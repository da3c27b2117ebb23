import type { Context } from '../../context.ts';
import { fail } from '../../kernel/errors.ts';
import { hashToken, newToken } from '../../kernel/ids.ts';
import type { Tx } from '../../storage/database.ts';
import { parseDoc, stringify } from '../../storage/json.ts';
import type { ExternalIdentity } from './external-identity.ts';
import {
  deletePendingCredential,
  deletePendingCredentialsExpiredBy,
  findPendingCredential,
  savePendingCredential,
} from './pending-credentials.store.ts';

/**
 * Who somebody is, between the page of a service and the login of the client that opened it (spec 20, "Browser flow"). The
 * client chose the token, which went through the service; the secret was told to the browser that came back, and to nobody
 * else: so whoever lures somebody else to the page of a service learns nothing by it. Both are stored as hashes, for one use.
 */

/** Long enough to type a code of a second factor that has to be mailed first. */
const LIFETIME_MS = 5 * 60_000;

/** What nobody waits for any more (code of `Accounts.LoginCancelledError`): clients say nothing about it. */
const CANCELLED = 0x8acdc2f;

interface Credential {
  token: string;
  secret: string;
}

/** Keeps an identity for the client that knows the token. Returns the secret. */
export async function keepCredential(
  ctx: Context,
  token: string,
  identity: ExternalIdentity,
): Promise<string> {
  const secret = newToken();
  await ctx.write((tx) => storeCredential(ctx, tx, { token, secret }, identity));
  return secret;
}

/** The same with a secret that the client has already, inside a transaction. */
export const storeCredential = (
  ctx: Context,
  tx: Tx,
  { token, secret }: Credential,
  identity: ExternalIdentity,
): Promise<void> =>
  savePendingCredential(tx, {
    token_hash: hashToken(token),
    secret_hash: hashToken(secret),
    expires_at: ctx.clock.now() + LIFETIME_MS,
    doc: stringify(identity),
  });

/** Throws where there is none for these two, or it is too old. */
export async function findCredential(ctx: Context, { token, secret }: Credential): Promise<ExternalIdentity> {
  const row = await findPendingCredential(ctx.db, hashToken(token));
  const good = row && row.secret_hash === hashToken(secret) && row.expires_at > ctx.clock.now();
  return good ? parseDoc<ExternalIdentity>(row.doc) : noMatch();
}

/** Uses it up; whoever comes second is refused. */
export async function spendCredential(tx: Tx, { token, secret }: Credential): Promise<void> {
  const spent = await deletePendingCredential(tx, {
    token_hash: hashToken(token),
    secret_hash: hashToken(secret),
  });
  if (!spent) noMatch();
}

const noMatch = (): never => fail(CANCELLED, 'No matching login attempt found');

/** One run of the periodic clean-up. */
export const removeExpiredCredentials = (ctx: Context): Promise<void> =>
  ctx.write((tx) => deletePendingCredentialsExpiredBy(tx, ctx.clock.now()));
