import { createHash } from 'node:crypto';
import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail } from '../kernel/errors.ts';
import { type Outcome, takeAttempt } from './code-attempts.ts';
import { findCredentials } from './credentials.store.ts';
import { ensureEmailCode, type MailedCode, pendingEmailCode, spendEmailCode } from './email-codes.ts';
import { type Client, loadUser } from './find-users.ts';
import { isDigest, isDigestRight } from './passwords.ts';
import { findToken, rememberSecondFactor } from './tokens.store.ts';
import { spendTotpCode } from './totp.ts';
import { saveFactors } from './two-factor.store.ts';
import { isOAuthUser, type User } from './user.ts';

/**
 * - `remembered`: a factor passed a while ago by the same token and client is enough;
 * - `always`: it is asked for each time;
 * - `required`: as `remembered`, but also in test mode and when the password fallback is switched off.
 */
export type SecondFactorMode = 'remembered' | 'always' | 'required';

export interface SecondFactorCode {
  /** Empty where the client only names the method that it wants to be asked for. */
  code: string;
  /** `totp`, `email` or `password`; empty where the client could not say. */
  method: string;
}

export type Factor = 'totp' | 'email';

const SETTING = 'Accounts_TwoFactorAuthentication_';

/**
 * Asks the caller for a second factor before a sensitive action (spec 20, "Second factor"). Throws `totp-required`,
 * `totp-invalid`, `totp-max-attempts`, `totp-user-not-found`.
 */
export async function checkSecondFactor(
  ctx: Context,
  caller: Caller,
  given: SecondFactorCode | undefined,
  mode: SecondFactorMode,
): Promise<void> {
  const { settings } = ctx;
  if (isOff(ctx, mode) || caller.bypassTwoFactor) return;
  const user = await loadUser(ctx.db, caller.uid);
  if (!user) fail('totp-user-not-found', 'TOTP User not found');
  if (mode !== 'always' && (await isRemembered(ctx, caller, user))) return;
  const fallback = mode === 'required' || settings.bool(`${SETTING}Enforce_Password_Fallback`);
  const passed = await demandFactor(ctx, user, given, fallback && user.hasPassword ? 'password' : undefined);
  if (passed && mode !== 'always') await remember(ctx, caller);
}

/**
 * The second factor of a login, for users who have one: a password is none here. True when one was asked for and given.
 * Throws as `checkSecondFactor`.
 */
export async function checkLoginFactor(
  ctx: Context,
  user: User,
  given: SecondFactorCode | undefined,
): Promise<boolean> {
  return !isOff(ctx, 'remembered') && demandFactor(ctx, user, given, undefined);
}

/** Which factor a login of the user asks for; undefined when it asks for none. */
export const factorOfLogin = (ctx: Context, user: User): Factor | undefined =>
  isOff(ctx, 'remembered') ? undefined : activeFactors(ctx, user)[0];

/** The factors that a user can be asked for, the preferred one first. */
export function activeFactors({ settings }: Context, user: User): Factor[] {
  const { factors, emails } = user;
  // Their service may ask for a second factor itself.
  const byEmail =
    !isOAuthUser(user) || settings.bool('Accounts_twoFactorAuthentication_email_available_for_OAuth_users');
  const totp = factors?.totp && settings.bool(`${SETTING}By_TOTP_Enabled`);
  const email =
    factors?.email &&
    byEmail &&
    settings.bool(`${SETTING}By_Email_Enabled`) &&
    emails.some(({ verified }) => verified);
  return [...(totp ? (['totp'] as const) : []), ...(email ? (['email'] as const) : [])];
}

function isOff({ config, settings }: Context, mode: SecondFactorMode): boolean {
  return (config.testMode && mode !== 'required') || !settings.bool(`${SETTING}Enabled`);
}

async function demandFactor(
  ctx: Context,
  user: User,
  given: SecondFactorCode | undefined,
  fallback: 'password' | undefined,
): Promise<boolean> {
  const factors = activeFactors(ctx, user);
  const method = factors.find((factor) => factor === given?.method) ?? factors[0] ?? fallback;
  if (!method) return false;
  // A password is no try at the code of another factor: whoever sent it along has not been asked yet.
  const code = given?.method === 'password' && method !== 'password' ? '' : (given?.code ?? '');
  if (code === '') {
    const mailed = method === 'email' ? await ensureEmailCode(ctx, user) : undefined;
    fail('totp-required', 'TOTP Required', demandDetails(user, method, factors, mailed));
  }

  let outcome = await spendCode(ctx, user._id, method, code);
  // The second step of a login over DDP cannot name its method: the code may be one that was mailed on demand.
  if (outcome === 'wrong' && given?.method === '' && method === 'totp' && factors.includes('email')) {
    outcome = await spendEmailCode(ctx, user._id, code);
  }
  if (outcome === 'right') return true;
  const pending = method === 'email' ? await pendingEmailCode(ctx, user._id) : undefined;
  const details = demandDetails(user, method, factors, pending);
  if (outcome === 'wrong') fail('totp-invalid', 'TOTP Invalid', details);
  return fail('totp-max-attempts', 'TOTP Maximun Failed Attempts Reached', details);
}

/** The members that clients need to ask their user for the code. */
function demandDetails(
  user: User,
  method: Factor | 'password',
  availableMethods: readonly Factor[],
  mailed?: MailedCode,
): Record<string, unknown> {
  if (method !== 'email') return { method, codeGenerated: false, availableMethods };
  return {
    method,
    codeGenerated: mailed?.generated ?? false,
    ...(mailed && !mailed.generated ? { codeExpires: new Date(mailed.expires) } : {}),
    emailOrUsername: user.username ?? user.emails[0]?.address,
    availableMethods,
  };
}

function spendCode(ctx: Context, uid: string, method: Factor | 'password', code: string): Promise<Outcome> {
  if (method === 'totp') return ctx.write((tx) => spendTotpCode(ctx, tx, uid, code));
  if (method === 'email') return spendEmailCode(ctx, uid, code);
  return checkPassword(ctx, uid, code.toLowerCase());
}

async function checkPassword(ctx: Context, uid: string, digest: string): Promise<Outcome> {
  if (!(await ctx.write((tx) => takeAttempt(ctx, tx, uid)))) return 'too-many';
  const account = await findCredentials(ctx.db, { id: uid });
  if (!isDigest(digest) || !(await isDigestRight(ctx, digest, account?.password_hash))) return 'wrong';
  await ctx.write((tx) => saveFactors(tx, uid, { attempts: 0 }));
  return 'right';
}

async function isRemembered(ctx: Context, caller: Caller, user: User): Promise<boolean> {
  const now = ctx.clock.now();
  if (now - user.createdAt < rememberFor(ctx)) return true;
  if (caller.tokenHash === undefined) return false;
  const token = await findToken(ctx.db, caller.tokenHash);
  return (token?.two_factor_until ?? 0) > now && token?.two_factor_client === fingerprint(caller);
}

async function remember(ctx: Context, caller: Caller): Promise<void> {
  const hash = caller.tokenHash;
  const mark = passedFactorMark(ctx, caller);
  if (hash !== undefined && mark) await ctx.write((tx) => rememberSecondFactor(tx, hash, mark));
}

/** What a token carries after its holder passed a second factor; undefined where that is not remembered. */
export function passedFactorMark(
  ctx: Context,
  client: Client,
): { until: number; client: string } | undefined {
  const duration = rememberFor(ctx);
  if (duration <= 0) return undefined;
  return { until: ctx.clock.now() + duration, client: fingerprint(client) };
}

/** ms */
const rememberFor = (ctx: Context): number => ctx.settings.int(`${SETTING}RememberFor`) * 1000;

// MD5 is part of the stored format and only tells clients apart; nothing secret depends on it.
const fingerprint = ({ userAgent, ip }: Client): string =>
  createHash('md5')
    .update(JSON.stringify({ userAgent, clientAddress: ip }))
    .digest('hex');

/** The code of a REST request. */
export function secondFactorFromHeaders(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): SecondFactorCode | undefined {
  const code = headers['x-2fa-code'];
  const method = headers['x-2fa-method'];
  if (typeof code !== 'string' && typeof method !== 'string') return undefined;
  return {
    code: typeof code === 'string' ? code : '',
    method: typeof method === 'string' ? method : '',
  };
}
