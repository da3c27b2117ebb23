import type { Tx } from './database.ts';

/**
 * Deletes marks of deletions before `before` (ms). Clients that were away longer fetch everything anew; they may rely on
 * 30 days (spec 41 §14.10).
 */
export async function deleteTombstonesBefore(tx: Tx, before: number): Promise<void> {
  await tx.deleteFrom('tombstones').where('deleted_at', '<', before).execute();
}
