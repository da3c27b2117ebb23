import type { Tx } from '../storage/database.ts';
import type { Schema } from '../storage/schema.ts';

/** SQL of the kinds of devices that people have logged in with. */

/** False when it was there. */
export async function insertKnownDevice(tx: Tx, row: Schema['known_devices']): Promise<boolean> {
  const inserted = await tx
    .insertInto('known_devices')
    .values(row)
    .onConflict((conflict) => conflict.columns(['uid', 'device']).doNothing())
    .executeTakeFirst();
  return (inserted.numInsertedOrUpdatedRows ?? 0n) > 0n;
}

/** The latest first, at most `limit`. */
export async function knownDevicesOf(tx: Tx, uid: string, limit: number): Promise<string[]> {
  const rows = await tx
    .selectFrom('known_devices')
    .select('device')
    .where('uid', '=', uid)
    .orderBy('first_seen', 'desc')
    .orderBy('device')
    .limit(limit)
    .execute();
  return rows.map(({ device }) => device);
}

export async function deleteKnownDevices(tx: Tx, uid: string, devices: readonly string[]): Promise<void> {
  if (devices.length === 0) return;
  await tx.deleteFrom('known_devices').where('uid', '=', uid).where('device', 'in', devices).execute();
}
