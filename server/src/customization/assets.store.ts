import type { Db, Tx } from '../storage/database.ts';

/** SQL of assets: which file stands in the place of ours. */

export async function assetFileId(db: Db, name: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('custom_assets')
    .select('file_id')
    .where('name', '=', name)
    .executeTakeFirst();
  return row?.file_id;
}

export async function saveAssetFile(tx: Tx, name: string, fileId: string): Promise<void> {
  const row = { file_id: fileId };
  await tx
    .insertInto('custom_assets')
    .values({ name, ...row })
    .onConflict((conflict) => conflict.column('name').doUpdateSet(row))
    .execute();
}

export async function deleteAssetFile(tx: Tx, name: string): Promise<void> {
  await tx.deleteFrom('custom_assets').where('name', '=', name).execute();
}
