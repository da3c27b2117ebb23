import type { Context } from '../context.ts';
import { addressBlock } from '../kernel/client-ip.ts';
import { fail, Refusal } from '../kernel/errors.ts';
import { newId } from '../kernel/ids.ts';
import type { Settings } from '../kernel/settings.ts';
import type { Db, Tx } from '../storage/database.ts';
import './accounts.events.ts';
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

interface Counted {
  by: 'Ip' | 'User';
  origin: { ip: string } | { username: string };
  /** What people know it by. */
  who: string;
  limit: number;
}

const REFUSALS = {
  Ip: ['error-login-blocked-for-ip', 'Login has been temporarily blocked For IP'],
  User: ['error-login-blocked-for-user', 'Login has been temporarily blocked For User'],
} as const;

/** Throws `error-login-blocked-for-ip` or `error-login-blocked-for-user`, also for a right password. */
export async function refuseBlockedLogin(
  ctx: Context,
  ip: string,
  form: LoginForm | undefined,
): Promise<void> {
  for (const counted of countedOrigins(ctx, ip, form)) {
    const failures = await countFailures(ctx, ctx.db, counted, counted.limit);
    const [code, reason] = REFUSALS[counted.by];
    if (failures >= counted.limit) fail(code, reason);
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
  await ctx.write(async (tx, emit) => {
    await recordAttempt(ctx, tx, ip, form, false);
    for (const counted of countedOrigins(ctx, ip, form)) {
      const { by, who, limit } = counted;
      // Once, and not again with each attempt of somebody who is blocked already.
      if ((await countFailures(ctx, tx, counted, limit + 1)) !== limit) continue;
      emit('login.blocked', { who, until: ctx.clock.now() + span(ctx, by), attempts: limit });
    }
  });
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

/** Whose failures count for this login. */
function countedOrigins({ settings }: Context, ip: string, form: LoginForm | undefined): Counted[] {
  if (!settings.bool(`${SETTING}Enabled`)) return [];
  const username = countedName(form);
  const origins: Counted[] = [];
  if (settings.bool(`${SETTING}By_Ip`) && !isWhitelisted(settings, ip)) {
    const limit = settings.int(`${SETTING}Attempts_Until_Block_By_Ip`);
    origins.push({ by: 'Ip', origin: { ip: addressBlock(ip) }, who: ip, limit });
  }
  if (settings.bool(`${SETTING}By_User`) && username) {
    const limit = settings.int(`${SETTING}Attempts_Until_Block_by_User`);
    origins.push({ by: 'User', origin: { username }, who: username, limit });
  }
  return origins.filter(({ limit }) => limit > 0);
}

const countFailures = (ctx: Context, db: Db, { origin, by }: Counted, enough: number): Promise<number> =>
  countRecentFailures(db, origin, ctx.clock.now() - span(ctx, by), enough);

/** How long failures count, in ms; fractions of minutes are allowed. */
const span = (ctx: Context, by: 'Ip' | 'User'): number =>
  ctx.settings.int(`${SETTING}Time_To_Unblock_By_${by}_In_Minutes`) * MINUTE;

function isWhitelisted(settings: Settings, ip: string): boolean {
  const list = settings.text(`${SETTING}Ip_Whitelist`).split(',');
  return list.some((entry) => entry.trim() === ip);
}

/** Logins by e-mail are not counted per user. */
function countedName(form: LoginForm | undefined): string {
  return form && 'who' in form && 'username' in form.who ? usernameKey(form.who.username) : '';
}
