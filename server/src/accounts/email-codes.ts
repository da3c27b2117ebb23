import { randomInt } from 'node:crypto';
import type { Context } from '../context.ts';
import { queueMail } from '../mail/send-mail.ts';
import type { SecondFactorsRow } from '../storage/schema.ts';
import { type Outcome, takeAttempt } from './code-attempts.ts';
import { hashDigest, isDigestRight } from './passwords.ts';
import { findFactors, saveFactors } from './two-factor.store.ts';
import type { User } from './user.ts';

/** Codes by e-mail (spec 20, "E-mail code"): six digits, stored as bcrypt, for one use. */

const SETTING = 'Accounts_TwoFactorAuthentication_';
/** Anybody may ask for a code to be mailed to somebody. */
const PAUSE_MS = 60_000;

/** Whether a mail went out, and until when (ms) the code that was mailed before is good if none did. */
export type MailedCode = { generated: true } | { generated: false; expires: number };

/** Mails a code to the user's verified addresses, unless one that is still good was mailed before. */
export const ensureEmailCode = (ctx: Context, user: User): Promise<MailedCode> =>
  mailCode(ctx, user, ({ email_code_expires }) => email_code_expires > ctx.clock.now());

/** Mails another code, which takes the place of the one before; at most one a minute. */
export const resendEmailCode = (ctx: Context, user: User): Promise<MailedCode> =>
  mailCode(ctx, user, ({ email_code_made }) => ctx.clock.now() - email_code_made < PAUSE_MS);

async function mailCode(
  ctx: Context,
  user: User,
  isGoodEnough: (pending: SecondFactorsRow) => boolean,
): Promise<MailedCode> {
  const digits = String(randomInt(1_000_000)).padStart(6, '0');
  const hash = await hashDigest(ctx, digits);
  return ctx.write(async (tx, emit) => {
    const pending = await findFactors(tx, user._id);
    if (pending.email_code !== null && isGoodEnough(pending)) {
      return { generated: false, expires: pending.email_code_expires };
    }
    const now = ctx.clock.now();
    await saveFactors(tx, user._id, {
      email_code: hash,
      email_code_attempts: 0,
      email_code_made: now,
      email_code_expires: now + ctx.settings.int(`${SETTING}By_Email_Code_Expiration`) * 1000,
    });
    const shown = `${digits.slice(0, 3)}-${digits.slice(3)}`;
    const html = `<p>Your authentication code is <b>${shown}</b></p><p>If you did not ask for it, change your password.</p>`;
    for (const { address, verified } of user.emails) {
      if (verified) await queueMail(ctx, { tx, emit }, { to: address, subject: 'Authentication code', html });
    }
    return { generated: true };
  });
}

/** The code that was mailed before, while its time is not over. */
export async function pendingEmailCode(ctx: Context, uid: string): Promise<MailedCode | undefined> {
  const { email_code, email_code_expires: expires } = await findFactors(ctx.db, uid);
  return email_code !== null && expires > ctx.clock.now() ? { generated: false, expires } : undefined;
}

/** Checks a mailed code; a right one cannot be used again. After too many wrong ones not even the right one is taken. */
export async function spendEmailCode(ctx: Context, uid: string, code: string): Promise<Outcome> {
  const most = ctx.settings.int(`${SETTING}Max_Invalid_Email_Code_Attempts`);
  const pending = await ctx.write(async (tx) => {
    if (!(await takeAttempt(ctx, tx, uid))) return 'too-many';
    const { email_code: hash, ...factors } = await findFactors(tx, uid);
    if (hash === null || factors.email_code_expires <= ctx.clock.now()) return 'wrong';
    if (factors.email_code_attempts >= most) return 'too-many';
    const attempts = factors.email_code_attempts + 1;
    await saveFactors(tx, uid, { email_code_attempts: attempts });
    return { hash, attempts };
  });
  if (typeof pending === 'string') return pending;
  // Comparing takes long, so it is done outside of the transaction.
  if (!(await isDigestRight(ctx, code.replace(/\D/g, ''), pending.hash))) {
    return pending.attempts >= most ? 'too-many' : 'wrong';
  }
  return ctx.write(async (tx) => {
    const { email_code } = await findFactors(tx, uid);
    if (email_code !== pending.hash) return 'wrong';
    await saveFactors(tx, uid, { email_code: null, attempts: 0 });
    return 'right';
  });
}
