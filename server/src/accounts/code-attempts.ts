import type { Context } from '../context.ts';
import type { Tx } from '../storage/database.ts';
import { findFactors, saveFactors } from './two-factor.store.ts';

/** What became of a code that somebody gave. */
export type Outcome = 'right' | 'wrong' | 'too-many';

/**
 * A code has a million values, so nobody may try many: this many wrong ones of any kind in a row, then none for a while.
 * Only whoever holds the password or a token gets here, so a stranger cannot lock anybody out.
 */
const MOST = 10;
const WINDOW_MS = 5 * 60_000;

/**
 * Counts an attempt before it is looked at, so that many at once do not all see the count of before. False when there were
 * too many. A right code sets `attempts` back to 0 where it is consumed.
 */
export async function takeAttempt(ctx: Context, tx: Tx, uid: string): Promise<boolean> {
  const now = ctx.clock.now();
  const { attempts, attempts_since } = await findFactors(tx, uid);
  const inWindow = now - attempts_since < WINDOW_MS;
  if (inWindow && attempts >= MOST) return false;
  await saveFactors(tx, uid, inWindow ? { attempts: attempts + 1 } : { attempts: 1, attempts_since: now });
  return true;
}
