import type { Db, Tx } from '../storage/database.ts';
import { parseDoc, stringify } from '../storage/json.ts';
import { pageAndTotal } from '../storage/page-and-total.ts';
import type { HistoryEntry } from './history-entry.ts';

/** SQL of what happened when outgoing webhooks ran. */

export async function insertHistory(tx: Tx, entry: HistoryEntry): Promise<void> {
  await tx
    .insertInto('integration_history')
    .values({
      id: entry._id,
      integration_id: entry.integration._id,
      created_at: entry._createdAt.getTime(),
      updated_at: entry._updatedAt.getTime(),
      doc: stringify(entry),
    })
    .execute();
}

/** False when it was cleared meanwhile. */
export async function replaceHistory(tx: Tx, entry: HistoryEntry): Promise<boolean> {
  const changed = await tx
    .updateTable('integration_history')
    .set({ updated_at: entry._updatedAt.getTime(), doc: stringify(entry) })
    .where('id', '=', entry._id)
    .executeTakeFirst();
  return changed.numUpdatedRows > 0n;
}

export async function historyById(db: Db, id: string): Promise<HistoryEntry | undefined> {
  const row = await db
    .selectFrom('integration_history')
    .select('doc')
    .where('id', '=', id)
    .executeTakeFirst();
  return row && reviveHistory(row.doc);
}

export async function historyPage(
  db: Db,
  integrationId: string,
  order: 'asc' | 'desc',
  page: { offset: number; count: number },
): Promise<{ history: HistoryEntry[]; total: number }> {
  const query = db.selectFrom('integration_history').where('integration_id', '=', integrationId);
  const { rows, total } = await pageAndTotal(query, query.select('doc').orderBy('updated_at', order), page);
  return { history: rows.map((row) => reviveHistory(row.doc)), total };
}

export async function deleteHistory(tx: Tx, integrationId: string): Promise<void> {
  await tx.deleteFrom('integration_history').where('integration_id', '=', integrationId).execute();
}

/** Keeps the newest `max`. */
export async function deleteHistoryAbove(tx: Tx, integrationId: string, max: number): Promise<void> {
  const ofIntegration = tx.selectFrom('integration_history').where('integration_id', '=', integrationId);
  const newestTooOld = await ofIntegration
    .select('updated_at')
    .orderBy('updated_at', 'desc')
    .offset(max)
    .limit(1)
    .executeTakeFirst();
  if (!newestTooOld) return;
  await tx
    .deleteFrom('integration_history')
    .where('integration_id', '=', integrationId)
    .where('updated_at', '<=', newestTooOld.updated_at)
    .execute();
}

function reviveHistory(doc: string): HistoryEntry {
  const entry = parseDoc<HistoryEntry>(doc);
  entry._createdAt = new Date(entry._createdAt);
  entry._updatedAt = new Date(entry._updatedAt);
  return entry;
}
