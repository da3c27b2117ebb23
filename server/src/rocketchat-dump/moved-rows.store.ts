import type { Db, Tx } from '../storage/database.ts';
import type { Schema } from '../storage/schema.ts';

/** SQL that only a workspace that moves here needs: over whole tables, which nobody else uses yet. */

/** How many members each room has. */
export async function countAllMembers(tx: Tx): Promise<void> {
  await tx
    .updateTable('rooms')
    .set((eb) => ({
      users_count: eb
        .selectFrom('subscriptions')
        .whereRef('subscriptions.rid', '=', 'rooms.id')
        .where('subscriptions.status', 'is', null)
        .select((select) => select.fn.countAll<number>().as('n')),
    }))
    .execute();
}

/** How many messages each room has; what is left of a deleted one does not count. */
export async function countAllMessages(tx: Tx): Promise<void> {
  await tx
    .updateTable('rooms')
    .set((eb) => ({
      msgs: eb
        .selectFrom('messages')
        .whereRef('messages.rid', '=', 'rooms.id')
        .where('messages.hidden', '=', 0)
        .where((row) => row.or([row('messages.t', 'is', null), row('messages.t', '<>', 'rm')]))
        .select((select) => select.fn.countAll<number>().as('n')),
    }))
    .execute();
}

/** The next threads that have replies, by id. */
export async function nextThreads(db: Db, after: string, limit: number): Promise<string[]> {
  const rows = await db
    .selectFrom('messages')
    .select('tmid')
    .distinct()
    .where('tmid', '>', after)
    .orderBy('tmid')
    .limit(limit)
    .execute();
  return rows.flatMap(({ tmid }) => tmid ?? []);
}

/** Which of these messages are there; at most some hundred. */
export async function messagesThere(db: Db, ids: readonly string[]): Promise<string[]> {
  const rows = await db.selectFrom('messages').select('id').where('id', 'in', ids).execute();
  return rows.map(({ id }) => id);
}

export async function setParentRoom(tx: Tx, rid: string, prid: string): Promise<void> {
  await tx.updateTable('rooms').set({ prid }).where('id', '=', rid).execute();
}

/** Who is in the main room of which team, since when (ms). */
export const membersOfMainRooms = (db: Db): Promise<{ team: string; uid: string; ts: number }[]> =>
  db
    .selectFrom('teams')
    .innerJoin('subscriptions', 'subscriptions.rid', 'teams.room_id')
    .where('subscriptions.status', 'is', null)
    .select(['teams.id as team', 'subscriptions.uid', 'subscriptions.ts'])
    .execute();

/** One that is there already stays. */
export async function insertTombstone(tx: Tx, row: Schema['tombstones']): Promise<void> {
  await tx
    .insertInto('tombstones')
    .values(row)
    .onConflict((conflict) => conflict.columns(['kind', 'id', 'scope']).doNothing())
    .execute();
}

/** Whether there are people or messages. */
export async function isInUse(db: Db): Promise<boolean> {
  const user = await db.selectFrom('users').select('id').limit(1).executeTakeFirst();
  const message = await db.selectFrom('messages').select('id').limit(1).executeTakeFirst();
  return user !== undefined || message !== undefined;
}
