import type { Selectable } from 'kysely';
import type { Db, Tx } from '../storage/database.ts';
import { containsPattern, isLike } from '../storage/like.ts';
import { pageAndTotal } from '../storage/page-and-total.ts';
import type { Schema } from '../storage/schema.ts';

/** SQL of custom statuses: a list of some dozens at most. */

export type CustomStatusRow = Selectable<Schema['custom_user_statuses']>;

export const customStatusById = (db: Db, id: string): Promise<CustomStatusRow | undefined> =>
  db.selectFrom('custom_user_statuses').selectAll().where('id', '=', id).executeTakeFirst();

export async function customStatusPage(
  db: Db,
  filter: { id?: string | undefined; name?: string | undefined },
  page: { offset: number; count: number; direction: 'asc' | 'desc' },
): Promise<{ rows: CustomStatusRow[]; total: number }> {
  let matching = db.selectFrom('custom_user_statuses');
  if (filter.id !== undefined) matching = matching.where('id', '=', filter.id);
  if (filter.name) {
    const pattern = containsPattern(filter.name);
    matching = matching.where((eb) => isLike(eb.ref('name'), pattern));
  }
  return pageAndTotal(matching, matching.selectAll().orderBy('name', page.direction), page);
}

/** False when another one has the name already. */
export async function saveCustomStatus(tx: Tx, row: CustomStatusRow): Promise<boolean> {
  const taken = await tx
    .selectFrom('custom_user_statuses')
    .select('id')
    .where('name', '=', row.name)
    .where('id', '<>', row.id)
    .executeTakeFirst();
  if (taken) return false;
  const { id: _id, ...changes } = row;
  await tx
    .insertInto('custom_user_statuses')
    .values(row)
    .onConflict((conflict) => conflict.column('id').doUpdateSet(changes))
    .execute();
  return true;
}

export async function deleteCustomStatus(tx: Tx, id: string): Promise<boolean> {
  const deleted = await tx.deleteFrom('custom_user_statuses').where('id', '=', id).executeTakeFirst();
  return deleted.numDeletedRows > 0n;
}
