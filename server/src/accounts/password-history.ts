import type { Context } from '../context.ts';
import { fail } from '../kernel/errors.ts';
import { newId } from '../kernel/ids.ts';
import type { Tx } from '../storage/database.ts';
import { deleteOlderPasswords, findOldPasswords, insertOldPassword } from './old-passwords.store.ts';
import { isDigestRight, type PasswordDigest } from './passwords.ts';

/** Passwords that somebody had before (spec 20, "Password policy"); kept only while the workspace looks at them. */

const SETTING = 'Accounts_Password_History_';
/** Each is compared by bcrypt. */
const MOST = 24;

const isKept = (ctx: Context): boolean => ctx.settings.bool(`${SETTING}Enabled`);
const amount = (ctx: Context): number => Math.min(Math.max(0, ctx.settings.int(`${SETTING}Amount`)), MOST);

/** Throws `error-password-in-history` for one of the user's last passwords. */
export async function refuseOldPassword(ctx: Context, uid: string, digest: PasswordDigest): Promise<void> {
  if (!isKept(ctx)) return;
  for (const hash of await findOldPasswords(ctx.db, uid, amount(ctx))) {
    if (await isDigestRight(ctx, digest, hash)) {
      fail('error-password-in-history', 'Entered password has been previously used');
    }
  }
}

/** Remembers a password that is about to be replaced. */
export async function keepOldPassword(ctx: Context, tx: Tx, uid: string, hash: string): Promise<void> {
  if (!isKept(ctx)) return;
  await insertOldPassword(tx, { id: newId(), uid, hash, created_at: ctx.clock.stamp() });
  await deleteOlderPasswords(tx, uid, amount(ctx));
}
