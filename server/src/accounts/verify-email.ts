import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { refuse } from '../kernel/errors.ts';
import type { Db } from '../storage/database.ts';
import { mailVerification, refuseWithoutMail } from './account-mails.ts';
import { changeUser, type UserChanges } from './change-user.ts';
import { type Client, loadUser, loadUserByEmail } from './find-users.ts';
import { deleteMailTokens } from './mail-tokens.store.ts';
import { findMailToken } from './mail-tokens.ts';
import { type LoggedIn, openLogin, refuseUnfitUser } from './open-login.ts';
import { activeFactors } from './two-factor.ts';
import { emailKey, type User } from './user.ts';

/** Proving addresses (spec 20, "Password reset and e-mail verification"). */

/**
 * Mails the link that confirms an address (`users.sendConfirmationEmail`); false when nobody has the address. Throws
 * `error-email-send-failed` where the workspace cannot send mails.
 */
export async function sendConfirmationMail(ctx: Context, email: string): Promise<boolean> {
  return ctx.write(async (tx, emit) => {
    const user = await loadUserByEmail(tx, email);
    const entry = user?.emails.find(({ address }) => emailKey(address) === emailKey(email));
    if (!user || !entry) return false;
    refuseWithoutMail(ctx, { method: 'sendConfirmationEmail' });
    if (!entry.verified) await mailVerification(ctx, { tx, emit }, user, entry.address);
    return true;
  });
}

const expired = (): never => refuse('Verify email link expired');

/** Confirms the address that the link was mailed to. Throws for a link that is unknown, used or too old. */
export async function verifyEmail(ctx: Context, token: string): Promise<void> {
  await ctx.write(async (tx, emit) => {
    const { user, address } = await findVerification(ctx, tx, token);
    const set = withVerified(user, address) ?? expired();
    await changeUser(ctx, tx, emit, { uid: user._id, set });
    await deleteMailTokens(tx, user._id, { purpose: 'verify', address });
  });
}

/**
 * The same, and logs in (DDP `verifyEmail`); undefined for whoever has a second factor: who reads a mailbox must not get
 * past it.
 */
export async function verifyEmailAndLogIn(
  ctx: Context,
  token: string,
  client: Client,
): Promise<LoggedIn | undefined> {
  const { user } = await findVerification(ctx, ctx.db, token);
  // Before the address counts: a newcomer's own factor is a code to this very address.
  const guarded = activeFactors(ctx, user).length > 0;
  await verifyEmail(ctx, token);
  if (guarded) return undefined;
  return ctx.write(async (tx, emit) => {
    const now = (await loadUser(tx, user._id)) ?? expired();
    refuseUnfitUser(now);
    return openLogin(ctx, tx, emit, now, client, { type: 'password', passedFactor: undefined });
  });
}

/** Whoever has proven an address is anonymous no longer (DDP `afterVerifyEmail`). */
export async function leaveAnonymity(ctx: Context, caller: Caller): Promise<void> {
  await ctx.write(async (tx, emit) => {
    const user = await loadUser(tx, caller.uid);
    if (user?.emails.some(({ verified }) => verified)) {
      await changeUser(ctx, tx, emit, { uid: user._id, set: { roles: withoutAnonymity(user) } });
    }
  });
}

/** What changes when an address is proven; undefined when the user does not have it any more. */
export function withVerified(user: User, address: string): UserChanges | undefined {
  const key = emailKey(address);
  if (!user.emails.some((entry) => emailKey(entry.address) === key)) return undefined;
  const emails = user.emails.map((entry) =>
    emailKey(entry.address) === key ? { ...entry, verified: true } : entry,
  );
  return { emails, roles: withoutAnonymity(user) };
}

const withoutAnonymity = ({ roles }: User): string[] =>
  roles.includes('anonymous')
    ? [...new Set(roles.map((role) => (role === 'anonymous' ? 'user' : role)))]
    : [...roles];

async function findVerification(
  ctx: Context,
  db: Db,
  token: string,
): Promise<{ user: User; address: string }> {
  const row = await findMailToken(ctx, db, token, 'verify');
  const user = row && (await loadUser(db, row.uid));
  return user ? { user, address: row.address } : expired();
}
