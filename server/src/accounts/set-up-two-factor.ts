import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail } from '../kernel/errors.ts';
import type { Emit } from '../kernel/events.ts';
import type { Tx } from '../storage/database.ts';
import { parseDoc } from '../storage/json.ts';
import { changeUser } from './change-user.ts';
import { takeAttempt } from './code-attempts.ts';
import { loadUser, type UserParams } from './find-users.ts';
import { resetSecret } from './reset-secret.ts';
import { endOtherSessions } from './sessions.ts';
import { newBackupCodes, newTotpSecret, spendTotpCode, stepOfCode, totpUrl } from './totp.ts';
import { findFactors, saveFactors } from './two-factor.store.ts';
import type { User } from './user.ts';

/** Setting up and giving up second factors (spec 20, "TOTP over REST" and `users.2fa.*`). */

/**
 * Hands out a secret for an authenticator app; it counts once a code of it was shown (`confirmTotp`). Throws
 * `error-invalid-user` while an address is unverified, `error-2fa-already-enabled`.
 */
export async function offerTotp(ctx: Context, caller: Caller): Promise<{ secret: string; url: string }> {
  const secret = newTotpSecret();
  await ctx.write(async (tx) => {
    const user = await ownUser(tx, caller);
    refuseUnverified(user);
    if (user.factors?.totp) {
      fail('error-2fa-already-enabled', 'Two-factor authentication is already enabled');
    }
    await saveFactors(tx, caller.uid, { totp_new_secret: secret });
  });
  return { secret, url: totpUrl(caller.username ?? caller.uid, secret) };
}

/** Switches TOTP on with a code of the offered secret; ends the other sessions. Throws `invalid-totp`. */
export async function confirmTotp(ctx: Context, caller: Caller, code: string): Promise<string[]> {
  const { codes, hashes } = newBackupCodes();
  const confirmed = await ctx.write(async (tx, emit) => {
    const user = await ownUser(tx, caller);
    if (!(await takeAttempt(ctx, tx, caller.uid))) return false;
    const { totp_new_secret: secret } = await findFactors(tx, caller.uid);
    const step = secret === null ? undefined : stepOfCode(ctx, secret, code);
    if (step === undefined) return false;
    await saveFactors(tx, caller.uid, {
      totp_secret: secret,
      totp_new_secret: null,
      totp_last_step: step,
      backup_hashes: hashes,
      attempts: 0,
    });
    await changeFactors(ctx, tx, emit, user, { totp: true });
    await endOtherSessions(tx, emit, caller.uid, caller.tokenHash, 'factor-changed');
    return true;
  });
  if (!confirmed) fail('invalid-totp', 'Invalid TOTP');
  return codes;
}

/** Switches TOTP off; false when it was off or the code is wrong. */
export function giveUpTotp(ctx: Context, caller: Caller, code: string): Promise<boolean> {
  return ctx.write(async (tx, emit) => {
    const user = await ownUser(tx, caller);
    if (!user.factors?.totp || (await spendTotpCode(ctx, tx, caller.uid, code)) !== 'right') return false;
    await removeTotp(ctx, tx, emit, user);
    return true;
  });
}

/** Makes new backup codes in the place of all old ones. Throws `invalid-totp`. */
export async function renewBackupCodes(ctx: Context, caller: Caller, code: string): Promise<string[]> {
  const { codes, hashes } = newBackupCodes();
  const renewed = await ctx.write(async (tx) => {
    const user = await ownUser(tx, caller);
    if (!user.factors?.totp || (await spendTotpCode(ctx, tx, caller.uid, code)) !== 'right') return false;
    await saveFactors(tx, caller.uid, { backup_hashes: hashes });
    return true;
  });
  if (!renewed) fail('invalid-totp', 'Invalid TOTP');
  return codes;
}

/** How many backup codes are left. Throws `invalid-totp` where TOTP is off. */
export async function countBackupCodes(ctx: Context, caller: Caller): Promise<number> {
  const user = await ownUser(ctx.db, caller);
  if (!user.factors?.totp) fail('invalid-totp', 'Invalid TOTP');
  return parseDoc<string[]>((await findFactors(ctx.db, caller.uid)).backup_hashes).length;
}

/** Switches codes by e-mail on; ends the other sessions. Throws `error-invalid-user` while an address is unverified. */
export async function enableEmailFactor(ctx: Context, caller: Caller): Promise<void> {
  await ctx.write(async (tx, emit) => {
    const user = await ownUser(tx, caller);
    if (user.emails.length === 0) refuseFactor();
    refuseUnverified(user);
    await changeFactors(ctx, tx, emit, user, { email: true });
    await endOtherSessions(tx, emit, caller.uid, caller.tokenHash, 'factor-changed');
  });
}

export async function disableEmailFactor(ctx: Context, caller: Caller): Promise<void> {
  await ctx.write(async (tx, emit) => {
    const user = await ownUser(tx, caller);
    await saveFactors(tx, caller.uid, { email_code: null });
    await changeFactors(ctx, tx, emit, user, { email: undefined });
  });
}

/**
 * Takes TOTP from somebody who lost it, ends all sessions and tells by mail (spec 21, `users.resetTOTP`). Throws
 * `error-not-allowed` for others without `edit-other-user-totp`, `error-two-factor-not-enabled`, the errors of naming a
 * user.
 */
export async function resetTotp(ctx: Context, caller: Caller, who: UserParams): Promise<void> {
  const details = { method: 'resetTOTP' };
  if (!ctx.settings.bool('Accounts_TwoFactorAuthentication_Enabled')) {
    fail('error-two-factor-not-enabled', 'Two factor authentication is not enabled', details);
  }
  await resetSecret(ctx, caller, who, {
    ...details,
    permission: 'edit-other-user-totp',
    audited: 'user.secondFactorReset',
    subject: 'TOTP reset',
    name: 'Your two-factor authentication by TOTP',
    remove: ({ tx, emit }, user) => removeTotp(ctx, tx, emit, user),
  });
}

async function removeTotp(ctx: Context, tx: Tx, emit: Emit, user: User): Promise<void> {
  await saveFactors(tx, user._id, { totp_secret: null, totp_new_secret: null, backup_hashes: '[]' });
  await changeFactors(ctx, tx, emit, user, { totp: undefined });
}

async function changeFactors(
  ctx: Context,
  tx: Tx,
  emit: Emit,
  user: User,
  change: NonNullable<User['factors']>,
): Promise<void> {
  const { totp, email } = { ...user.factors, ...change };
  const factors = { ...(totp ? { totp } : {}), ...(email ? { email } : {}) };
  await changeUser(ctx, tx, emit, { uid: user._id, set: { factors: totp || email ? factors : undefined } });
}

async function ownUser(db: Parameters<typeof loadUser>[0], caller: Caller): Promise<User> {
  return (await loadUser(db, caller.uid)) ?? fail('error-invalid-user', 'Invalid user');
}

function refuseUnverified({ emails }: User): void {
  if (emails.some(({ verified }) => !verified)) refuseFactor();
}

const refuseFactor = (): never =>
  fail('error-invalid-user', 'You need to verify your emails before setting up 2FA');
