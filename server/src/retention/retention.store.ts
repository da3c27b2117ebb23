import type { Db, Tx } from '../storage/database.ts';

/** SQL of the retention policy: which rooms have something too old, and the last pass over them. */

const ONLY = 'last';

export interface Pass {
  /** JSON of the policy it followed. */
  policy: string;
  /** ms */
  passedAt: number;
}

export async function lastPass(db: Db): Promise<Pass | undefined> {
  const row = await db
    .selectFrom('retention_passes')
    .select(['policy', 'passed_at'])
    .where('id', '=', ONLY)
    .executeTakeFirst();
  return row && { policy: row.policy, passedAt: row.passed_at };
}

export async function savePass(tx: Tx, { policy, passedAt }: Pass): Promise<void> {
  const facts = { policy, passed_at: passedAt };
  await tx
    .insertInto('retention_passes')
    .values({ id: ONLY, ...facts })
    .onConflict((conflict) => conflict.column('id').doUpdateSet(facts))
    .execute();
}

export interface DueRoom {
  rid: string;
  /** What was said up to then has been dealt with. */
  upTo: number;
}

/** Those in which something may be too old, the longest waiting first. */
export async function dueRooms(db: Db, now: number, limit: number): Promise<DueRoom[]> {
  const rows = await db
    .selectFrom('rooms')
    .select(['id', 'retention_up_to'])
    .where('retention_at', '<=', now)
    .orderBy('retention_at')
    .limit(limit)
    .execute();
  return rows.map((row) => ({ rid: row.id, upTo: row.retention_up_to }));
}

/** `at`: when to look at the room again; null: never by the rule that it has now. */
export async function setDue(tx: Tx, { rid, upTo }: DueRoom, at: number | null): Promise<void> {
  await tx
    .updateTable('rooms')
    .set({ retention_at: at, retention_up_to: upTo })
    .where('id', '=', rid)
    .execute();
}

/** A message that was spared is spared no longer. */
export async function lookAgainFrom(tx: Tx, rid: string, ts: number): Promise<void> {
  await tx
    .updateTable('rooms')
    .set({ retention_at: 0, retention_up_to: ts - 1 })
    .where('id', '=', rid)
    .where('retention_up_to', '>=', ts)
    .execute();
}

/** Makes every room of the next `limit` due. Returns the last of them; undefined when there were no more. */
export async function makeAllDue(tx: Tx, after: string, limit: number): Promise<string | undefined> {
  const rooms = await tx
    .selectFrom('rooms')
    .select('id')
    .where('id', '>', after)
    .orderBy('id')
    .limit(limit)
    .execute();
  const last = rooms.at(-1)?.id;
  if (last === undefined) return undefined;
  await tx
    .updateTable('rooms')
    .set({ retention_at: 0, retention_up_to: 0 })
    .where('id', '>', after)
    .where('id', '<=', last)
    .execute();
  return last;
}

/** When the first message after `ts` was sent. */
export async function nextMessageAt(db: Db, rid: string, ts: number): Promise<number | undefined> {
  const row = await db
    .selectFrom('messages')
    .select('ts')
    .where('rid', '=', rid)
    .where('ts', '>', ts)
    .orderBy('ts')
    .limit(1)
    .executeTakeFirst();
  return row?.ts;
}
