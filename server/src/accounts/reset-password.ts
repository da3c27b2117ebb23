import type { Context } from '../context.ts';
import { fail } from '../kernel/errors.ts';
import { mailPasswordChanged } from './account-mails.ts';
import { changeUser } from './change-user.ts';
import { type Client, loadUser } from './find-users.ts';
import { deleteMailTokens } from './mail-tokens.store.ts';
import { findMailToken } from './mail-tokens.ts';
import { type LoggedIn, openLogin, refuseUnfitUser } from './open-login.ts';
import { refuseOldPassword } from './password-history.ts';
import { enforcePasswordPolicy } from './password-policy.ts';
import { digestOf, hashDigest, type PasswordDigest } from './passwords.ts';
import { endOtherSessions } from './sessions.ts';
import { checkLoginFactor, passedFactorMark, type SecondFactorCode } from './two-factor.ts';
import { withVerified } from './verify-email.ts';

/** A password as a client gives it: in clear, or its digest. */
export type NewPassword = { clear: string } | { digest: PasswordDigest };

const expired = (): never => fail(403, 'Token expired');

/**
 * Sets a password by the link of a mail, which also proves the address, ends all other sessions and logs in (DDP
 * `resetPassword`). Somebody with a second factor has to give it: who reads a mailbox must not get past it. The policy can
 * be checked only when the password comes in clear.
 */
export async function resetPassword(
  ctx: Context,
  input: { token: string; password: NewPassword; factor: SecondFactorCode | undefined },
  client: Client,
): Promise<LoggedIn> {
  const { token, password, factor } = input;
  const found = await findMailToken(ctx, ctx.db, token, 'reset');
  const user = (found && (await loadUser(ctx.db, found.uid))) ?? expired();
  if ('clear' in password) enforcePasswordPolicy(ctx, password.clear);
  const digest = 'clear' in password ? digestOf(password.clear) : password.digest;
  await refuseOldPassword(ctx, user._id, digest);
  refuseUnfitUser(user);
  const mark = (await checkLoginFactor(ctx, user, factor)) ? passedFactorMark(ctx, client) : undefined;
  const passwordHash = await hashDigest(ctx, digest);

  return ctx.write(async (tx, emit) => {
    // Used meanwhile, or the address was given up.
    const { uid, address } = (await findMailToken(ctx, tx, token, 'reset')) ?? expired();
    const now = (await loadUser(tx, uid)) ?? expired();
    refuseUnfitUser(now);
    const set = {
      ...(withVerified(now, address) ?? expired()),
      requirePasswordChange: undefined,
      requirePasswordChangeReason: undefined,
    };
    const changed = await changeUser(ctx, tx, emit, { uid, set, passwordHash });
    await deleteMailTokens(tx, uid, { purpose: 'reset' });
    await endOtherSessions(tx, emit, uid, undefined, 'password-changed');
    await mailPasswordChanged(ctx, { tx, emit }, changed);
    return openLogin(ctx, tx, emit, changed, client, { type: 'password', passedFactor: mark });
  });
}
