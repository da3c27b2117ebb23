import type { Selectable } from 'kysely';
import type { Db, Tx } from '../storage/database.ts';
import { containsPattern, isLike } from '../storage/like.ts';
import { pageAndTotal } from '../storage/page-and-total.ts';
import type { Schema } from '../storage/schema.ts';

/** SQL of custom sounds: a list of some dozens at most. */

export type SoundRow = Selectable<Schema['custom_sounds']>;

export const soundById = (db: Db, id: string): Promise<SoundRow | undefined> =>
  db.selectFrom('custom_sounds').selectAll().where('id', '=', id).executeTakeFirst();

export async function soundPage(
  db: Db,
  name: string | undefined,
  page: { offset: number; count: number; column: 'name' | 'id'; direction: 'asc' | 'desc' },
): Promise<{ rows: SoundRow[]; total: number }> {
  let found = db.selectFrom('custom_sounds');
  if (name) found = found.where((eb) => isLike(eb.ref('name'), containsPattern(name)));
  return pageAndTotal(found, found.selectAll().orderBy(page.column, page.direction), page);
}

/** False when another sound has the name already. */
export async function saveSoundRow(tx: Tx, row: SoundRow): Promise<boolean> {
  const taken = await tx
    .selectFrom('custom_sounds')
    .select('id')
    .where('name', '=', row.name)
    .where('id', '<>', row.id)
    .executeTakeFirst();
  if (taken) return false;
  const { id: _id, ...changes } = row;
  await tx
    .insertInto('custom_sounds')
    .values(row)
    .onConflict((conflict) => conflict.column('id').doUpdateSet(changes))
    .execute();
  return true;
}

export async function deleteSoundRow(tx: Tx, id: string): Promise<void> {
  await tx.deleteFrom('custom_sounds').where('id', '=', id).execute();
}
