import { createHash } from 'node:crypto';
import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail } from '../kernel/errors.ts';
import { findCredentials } from './credentials.store.ts';
import { loadUser } from './find-users.ts';
import { isDigest, isDigestRight } from './passwords.ts';
import { findToken, rememberSecondFactor } from './tokens.store.ts';

/**
 * - `remembered`: a factor passed a while ago by the same token and client is enough;
 * - `always`: it is asked for each time;
 * - `required`: as `remembered`, but also in test mode and when the password fallback is switched off.
 */
export type SecondFactorMode = 'remembered' | 'always' | 'required';

export interface SecondFactorCode {
  code: string;
  method: string;
}

const SETTING = 'Accounts_TwoFactorAuthentication_';

/**
 * Asks the caller for a second factor before a sensitive action (spec 20, "Second factor"). Of the documented methods
 * only `password` exists in this version, so no account has `totp` or `email` available.
 * Throws `totp-required`, `totp-invalid`, `totp-user-not-found`.
 */
export async function checkSecondFactor(
  ctx: Context,
  caller: Caller,
  given: SecondFactorCode | undefined,
  mode: SecondFactorMode,
): Promise<void> {
  const { settings, config } = ctx;
  if (config.testMode && mode !== 'required') return;
  if (!settings.bool(`${SETTING}Enabled`)) return;
  if (caller.bypassTwoFactor) return;
  if (mode !== 'always' && (await isRemembered(ctx, caller))) return;
  if (mode !== 'required' && !settings.bool(`${SETTING}Enforce_Password_Fallback`)) return;

  const account = await findCredentials(ctx.db, { id: caller.uid });
  if (!account) fail('totp-user-not-found', 'TOTP User not found');
  if (account.password_hash === null) return;

  const details = { method: 'password', codeGenerated: false, availableMethods: [] };
  if (!given?.code) fail('totp-required', 'TOTP Required', details);
  const digest = given.code.toLowerCase();
  const right = isDigest(digest) && (await isDigestRight(ctx, digest, account.password_hash));
  if (!right) fail('totp-invalid', 'TOTP Invalid', details);
  if (mode !== 'always') await remember(ctx, caller);
}

async function isRemembered(ctx: Context, caller: Caller): Promise<boolean> {
  const now = ctx.clock.now();
  const user = await loadUser(ctx.db, caller.uid);
  if (user && now - user.createdAt < rememberFor(ctx)) return true;
  if (caller.tokenHash === undefined) return false;
  const token = await findToken(ctx.db, caller.tokenHash);
  return (token?.two_factor_until ?? 0) > now && token?.two_factor_client === fingerprint(caller);
}

async function remember(ctx: Context, caller: Caller): Promise<void> {
  const hash = caller.tokenHash;
  const duration = rememberFor(ctx);
  if (hash === undefined || duration <= 0) return;
  const until = ctx.clock.now() + duration;
  await ctx.write((tx) => rememberSecondFactor(tx, hash, until, fingerprint(caller)));
}

/** ms */
const rememberFor = (ctx: Context): number => ctx.settings.int(`${SETTING}RememberFor`) * 1000;

// MD5 is part of the stored format and only tells clients apart; nothing secret depends on it.
const fingerprint = ({ userAgent, ip }: Caller): string =>
  createHash('md5')
    .update(JSON.stringify({ userAgent, clientAddress: ip }))
    .digest('hex');

/** The code of a REST request; the method may be left out, as only one can be asked for. */
export function secondFactorFromHeaders(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): SecondFactorCode | undefined {
  const code = headers['x-2fa-code'];
  const method = headers['x-2fa-method'];
  return typeof code === 'string' ? { code, method: typeof method === 'string' ? method : '' } : undefined;
}
