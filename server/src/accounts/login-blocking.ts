import type { Context } from '../context.ts';
import { addressBlock } from '../kernel/client-ip.ts';
import { fail, Refusal } from '../kernel/errors.ts';
import { newId } from '../kernel/ids.ts';
import type { Tx } from '../storage/database.ts';
import {
  countRecentFailures,
  deleteLoginAttemptsBefore,
  insertLoginAttempt,
} from './login-attempts.store.ts';
import type { LoginForm } from './login-options.ts';
import { usernameKey } from './user.ts';

/** Slows down guessing of passwords (spec 20, "Failed-login blocking"). Attempts are counted by address and by username. */

const SETTING = 'Block_Multiple_Failed_Logins_';
const MINUTE = 60_000;

/** Throws `error-login-blocked-for-ip` or `error-login-blocked-for-user`, also for a right password. */
export async function refuseBlockedLogin(
  ctx: Context,
  ip: string,
  form: LoginForm | undefined,
): Promise<void> {
  const { settings } = ctx;
  if (!settings.bool(`${SETTING}Enabled`)) return;
  if (
    settings.bool(`${SETTING}By_Ip`) &&
    !isWhitelisted(ctx, ip) &&
    (await isBlocked(ctx, { ip: addressBlock(ip) }, 'Ip'))
  ) {
    fail('error-login-blocked-for-ip', 'Login has been temporarily blocked For IP');
  }
  const username = countedName(form);
  if (settings.bool(`${SETTING}By_User`) && username && (await isBlocked(ctx, { username }, 'User'))) {
    fail('error-login-blocked-for-user', 'Login has been temporarily blocked For User');
  }
}

/** Remembers a refused login. A missing second factor is no failure, and a block of the user does not prolong itself. */
export async function recordFailedLogin(
  ctx: Context,
  ip: string,
  form: LoginForm | undefined,
  refusal: unknown,
): Promise<void> {
  const code = refusal instanceof Refusal ? refusal.code : undefined;
  if (code === undefined || code === 'totp-required' || code === 'error-login-blocked-for-user') return;
  await ctx.write((tx) => recordAttempt(ctx, tx, ip, form, false));
}

export async function recordAttempt(
  ctx: Context,
  tx: Tx,
  ip: string,
  form: LoginForm | undefined,
  succeeded: boolean,
): Promise<void> {
  await insertLoginAttempt(tx, {
    id: newId(),
    at: ctx.clock.stamp(),
    // One IPv6 client has more addresses than anybody can block.
    ip: addressBlock(ip),
    username: countedName(form),
    succeeded,
  });
}

/** One run of the periodic clean-up: attempts that no block looks at any more. */
export async function removeOldLoginAttempts(ctx: Context): Promise<void> {
  const kept = Math.max(span(ctx, 'Ip'), span(ctx, 'User'), 24 * 60 * MINUTE);
  await ctx.write((tx) => deleteLoginAttemptsBefore(tx, ctx.clock.now() - kept));
}

async function isBlocked(
  ctx: Context,
  origin: { ip: string } | { username: string },
  by: 'Ip' | 'User',
): Promise<boolean> {
  const limit = ctx.settings.int(`${SETTING}Attempts_Until_Block_${by === 'Ip' ? 'By_Ip' : 'by_User'}`);
  if (limit <= 0) return false;
  const since = ctx.clock.now() - span(ctx, by);
  return (await countRecentFailures(ctx.db, origin, since, limit)) >= limit;
}

/** How long failures count, in ms; fractions of minutes are allowed. */
const span = (ctx: Context, by: 'Ip' | 'User'): number =>
  ctx.settings.int(`${SETTING}Time_To_Unblock_By_${by}_In_Minutes`) * MINUTE;

function isWhitelisted(ctx: Context, ip: string): boolean {
  const list = ctx.settings.text(`${SETTING}Ip_Whitelist`).split(',');
  return list.some((entry) => entry.trim() === ip);
}

/** Logins by e-mail are not counted per user. */
function countedName(form: LoginForm | undefined): string {
  return form && 'who' in form && 'username' in form.who ? usernameKey(form.who.username) : '';
}
