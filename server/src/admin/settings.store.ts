import type { Db, Tx } from '../storage/database.ts';
import { parseDoc, stringify } from '../storage/json.ts';
import { forgetTombstones, insertTombstones, tombstonesSince } from '../storage/tombstones.ts';
import type { SettingValue } from './setting-definition.ts';

/** SQL of settings. The table holds only settings that were set; defaults live in `setting-table.ts`. */

export interface StoredSetting {
  id: string;
  value: SettingValue;
  /** ms */
  updatedAt: number;
}

/** Bounded by the number of settings that exist. */
export async function storedSettings(db: Db): Promise<StoredSetting[]> {
  const rows = await db.selectFrom('settings').select(['id', 'value', 'updated_at']).execute();
  return rows.map((row) => ({
    id: row.id,
    value: parseDoc<SettingValue>(row.value),
    updatedAt: row.updated_at,
  }));
}

export async function storedSetting(db: Db, id: string): Promise<SettingValue | undefined> {
  const row = await db.selectFrom('settings').select('value').where('id', '=', id).executeTakeFirst();
  return row && parseDoc<SettingValue>(row.value);
}

export async function saveSetting(tx: Tx, { id, value, updatedAt }: StoredSetting): Promise<void> {
  const row = { value: stringify(value), updated_at: updatedAt };
  await tx
    .insertInto('settings')
    .values({ id, ...row })
    .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
    .execute();
}

/** Settings that were not there, or had been removed. */
export async function addSettings(tx: Tx, settings: readonly StoredSetting[]): Promise<void> {
  for (const setting of settings) await saveSetting(tx, setting);
  await forgetTombstones(
    tx,
    'setting',
    settings.map(({ id }) => id),
  );
}

/** Removes settings and remembers that, for clients who ask what changed since a date. */
export async function deleteSettings(
  tx: Tx,
  settings: readonly { id: string; public?: true }[],
  deletedAt: number,
): Promise<void> {
  const ids = settings.map(({ id }) => id);
  await tx.deleteFrom('settings').where('id', 'in', ids).execute();
  const rows = settings.map(({ id, public: isPublic = false }) => ({ id, doc: stringify({ isPublic }) }));
  await insertTombstones(tx, 'setting', rows, deletedAt);
}

export async function settingsRemovedSince(
  db: Db,
  since: number,
): Promise<{ id: string; isPublic: boolean; deletedAt: number }[]> {
  const rows = await tombstonesSince(db, 'setting', since);
  return rows.map(({ id, doc, deletedAt }) => ({
    id,
    isPublic: parseDoc<{ isPublic: boolean }>(doc).isPublic,
    deletedAt,
  }));
}
