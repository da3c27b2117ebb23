import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail } from '../kernel/errors.ts';
import { resendEmailCode } from './email-codes.ts';
import { findUserById, loadUserByEmail, loadUserByUsername } from './find-users.ts';
import { activeFactors } from './two-factor.ts';
import type { User } from './user.ts';

/**
 * Mails a code to somebody who is about to log in (`users.2fa.sendEmailCode`); to the caller himself when he is logged in.
 * Whether there is such a user, and whether a mail goes out, is told to nobody. Throws `error-parameter-required`.
 */
export async function requestEmailCode(
  ctx: Context,
  caller: Caller | null,
  emailOrUsername: string | undefined,
): Promise<void> {
  if (!caller && !emailOrUsername?.trim()) fail('error-parameter-required', 'emailOrUsername is required');
  const user = caller ? await findUserById(ctx, caller.uid) : await findNamed(ctx, emailOrUsername ?? '');
  if (!user || !activeFactors(ctx, user).includes('email')) return;
  // Not awaited: making the code takes long enough to tell by the time that there is somebody.
  resendEmailCode(ctx, user).catch((err) => ctx.log.error({ err }, 'a code was not mailed'));
}

async function findNamed(ctx: Context, name: string): Promise<User | undefined> {
  return (await loadUserByUsername(ctx.db, name)) ?? loadUserByEmail(ctx.db, name);
}
