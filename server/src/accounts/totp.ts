import { Secret, TOTP } from 'otpauth';
import type { Context } from '../context.ts';
import { newId, secretsEqual, sha256hex } from '../kernel/ids.ts';
import type { Tx } from '../storage/database.ts';
import { parseDoc, stringify } from '../storage/json.ts';
import { type Outcome, takeAttempt } from './code-attempts.ts';
import { findFactors, saveFactors } from './two-factor.store.ts';

/** Codes of an authenticator app: SHA-1, six digits, thirty seconds (spec 20, "Second factor"). */

const PERIOD_MS = 30_000;
const BACKUP_CODES = 12;
const BACKUP_LENGTH = 8;
const MOST_STEPS = 10;

export const newTotpSecret = (): string => new Secret({ size: 20 }).base32;

/** What an authenticator app reads from a QR code. */
export const totpUrl = (username: string, secret: string): string =>
  `otpauth://totp/Rocket.Chat:${encodeURIComponent(username)}?secret=${secret}`;

/** The time step that the code belongs to; undefined for a code of no step around now. */
export function stepOfCode(ctx: Context, secret: string, code: string): number | undefined {
  if (!/^\d{6}$/.test(code)) return undefined;
  const now = ctx.clock.now();
  const around = ctx.settings.int('Accounts_TwoFactorAuthentication_MaxDelta');
  const window = Math.min(Math.max(0, Math.trunc(around)), MOST_STEPS);
  const delta = new TOTP({ secret: readSecret(secret) }).validate({ token: code, timestamp: now, window });
  return delta === null ? undefined : Math.floor(now / PERIOD_MS) + delta;
}

/** Codes for the day when the phone is lost: what to show, and what to store. */
export function newBackupCodes(): { codes: string[]; hashes: string } {
  const codes = Array.from({ length: BACKUP_CODES }, () => newId().slice(0, BACKUP_LENGTH));
  return { codes, hashes: stringify(codes.map(sha256hex)) };
}

/** Checks a code of the app, or a backup code, and makes it useless: neither is accepted twice. */
export async function spendTotpCode(ctx: Context, tx: Tx, uid: string, code: string): Promise<Outcome> {
  if (!(await takeAttempt(ctx, tx, uid))) return 'too-many';
  const { totp_secret: secret, totp_last_step: last, backup_hashes } = await findFactors(tx, uid);
  if (secret === null) return 'wrong';
  if (code.length === BACKUP_LENGTH) {
    const hashes = parseDoc<string[]>(backup_hashes);
    const given = sha256hex(code);
    const left = hashes.filter((hash) => !secretsEqual(hash, given));
    if (left.length === hashes.length) return 'wrong';
    await saveFactors(tx, uid, { backup_hashes: stringify(left), attempts: 0 });
    return 'right';
  }
  const step = stepOfCode(ctx, secret, code.replace(/\s/g, ''));
  if (step === undefined || step <= last) return 'wrong';
  await saveFactors(tx, uid, { totp_last_step: step, attempts: 0 });
  return 'right';
}

/** Imported data may hold a secret that is none: no code fits it. */
function readSecret(base32: string): Secret {
  try {
    return Secret.fromBase32(base32);
  } catch {
    return new Secret({ size: 20 });
  }
}
