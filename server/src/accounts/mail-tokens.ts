import type { Context } from '../context.ts';
import { hashToken, newToken } from '../kernel/ids.ts';
import type { Db, Tx } from '../storage/database.ts';
import {
  deleteMailTokens,
  deleteMailTokensBefore,
  findMailTokenRow,
  insertMailToken,
  type MailTokenRow,
} from './mail-tokens.store.ts';

/** Links in mails (spec 20, "Password reset and e-mail verification"): good for three days and one use, stored as hashes. */

export type MailPurpose = 'reset' | 'verify';

const LIFETIME_MS = 3 * 24 * 60 * 60_000;

/** Makes the token of a link; one that was sent to the same address before ceases to be good. */
export async function issueMailToken(
  ctx: Context,
  tx: Tx,
  { uid, purpose, address }: { uid: string; purpose: MailPurpose; address: string },
): Promise<string> {
  const token = newToken();
  await deleteMailTokens(tx, uid, { purpose, address });
  await insertMailToken(tx, { hash: hashToken(token), uid, purpose, address, created_at: ctx.clock.now() });
  return token;
}

/** Whom and what a token was made for; undefined when it is unknown, used or too old. */
export async function findMailToken(
  ctx: Context,
  db: Db,
  token: string,
  purpose: MailPurpose,
): Promise<MailTokenRow | undefined> {
  const row = await findMailTokenRow(db, hashToken(token));
  if (!row || row.purpose !== purpose) return undefined;
  return ctx.clock.now() - row.created_at < LIFETIME_MS ? row : undefined;
}

/** One run of the periodic clean-up. */
export const removeOldMailTokens = (ctx: Context): Promise<void> =>
  ctx.write((tx) => deleteMailTokensBefore(tx, ctx.clock.now() - LIFETIME_MS));
