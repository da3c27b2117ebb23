import type { Db, Tx } from '../storage/database.ts';

export interface LoginAttempt {
  id: string;
  /** ms */
  at: number;
  ip: string;
  /** Lower case; '' for logins without one (by e-mail, by token). */
  username: string;
  succeeded: boolean;
}

export async function insertLoginAttempt(tx: Tx, attempt: LoginAttempt): Promise<void> {
  await tx
    .insertInto('login_attempts')
    .values({ ...attempt, succeeded: attempt.succeeded ? 1 : 0 })
    .execute();
}

type Origin = { ip: string } | { username: string };

/**
 * Failures of an address or a username after `since` (ms) and after its last success, counted up to `enough`.
 */
export async function countRecentFailures(
  db: Db,
  origin: Origin,
  since: number,
  enough: number,
): Promise<number> {
  const [column, value] =
    'ip' in origin ? (['ip', origin.ip] as const) : (['username', origin.username] as const);
  const success = await db
    .selectFrom('login_attempts')
    .select((eb) => eb.fn.max('at').as('at'))
    .where(column, '=', value)
    .where('succeeded', '=', 1)
    .where('at', '>', since)
    .executeTakeFirst();
  const failures = await db
    .selectFrom('login_attempts')
    .select('id')
    .where(column, '=', value)
    .where('succeeded', '=', 0)
    .where('at', '>', success?.at ?? since)
    .limit(enough)
    .execute();
  return failures.length;
}

export async function deleteLoginAttemptsBefore(tx: Tx, before: number): Promise<void> {
  await tx.deleteFrom('login_attempts').where('at', '<', before).execute();
}
