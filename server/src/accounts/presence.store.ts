import type { Db, Tx } from '../storage/database.ts';
import type { UserRow } from '../storage/schema.ts';
import type { PresenceStatus } from './user.ts';

/** Stores the same presence for several users with one statement. */
export async function storePresence(
  tx: Tx,
  uids: readonly string[],
  presence: { status: PresenceStatus; connection: PresenceStatus; stamp: number },
): Promise<void> {
  await tx
    .updateTable('users')
    .set({ status: presence.status, status_connection: presence.connection, updated_at: presence.stamp })
    .where('id', 'in', uids)
    .execute();
}

/** At start nobody is connected. Bots that are shown as online without a connection stay so. */
export async function storeEverybodyOffline(tx: Tx, exceptUid: string, stamp: number): Promise<void> {
  await tx
    .updateTable('users')
    .set({ status: 'offline', status_connection: 'offline', updated_at: stamp })
    .where('id', '<>', exceptUid)
    .where((eb) => eb.or([eb('status', '<>', 'offline'), eb('status_connection', '<>', 'offline')]))
    .execute();
}

/** Users whose row mentions a timed status. A scan, for the start only. */
export function rowsWithTimedStatus(db: Db): Promise<Pick<UserRow, 'id' | 'doc'>[]> {
  return db.selectFrom('users').select(['id', 'doc']).where('doc', 'like', '%"statusExpiresAt"%').execute();
}

/** Those of the users who are connected and do not want to be left alone. */
export async function reachableUsers(db: Db, uids: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (let start = 0; start < uids.length; start += 500) {
    const rows = await db
      .selectFrom('users')
      .select('id')
      .where('id', 'in', uids.slice(start, start + 500))
      .where('status', '<>', 'busy')
      .where('status_connection', '<>', 'offline')
      .where('active', '=', 1)
      .execute();
    found.push(...rows.map((row) => row.id));
  }
  return found;
}
