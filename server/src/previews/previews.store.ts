import type { Db, Tx } from '../storage/database.ts';
import { parseDoc, stringify } from '../storage/json.ts';
import type { Preview } from './preview.ts';

/** SQL of the previews that are kept, by exact address. */

export async function keptPreviews(
  db: Db,
  urls: readonly string[],
  fetchedSince: number,
): Promise<Map<string, Preview>> {
  if (urls.length === 0) return new Map();
  const rows = await db
    .selectFrom('link_previews')
    .select(['url', 'doc'])
    .where('url', 'in', urls)
    .where('fetched_at', '>=', fetchedSince)
    .execute();
  return new Map(rows.map((row) => [row.url, parseDoc<Preview>(row.doc)]));
}

export async function keepPreview(tx: Tx, url: string, preview: Preview, fetchedAt: number): Promise<void> {
  const row = { fetched_at: fetchedAt, doc: stringify(preview) };
  await tx
    .insertInto('link_previews')
    .values({ url, ...row })
    .onConflict((conflict) => conflict.column('url').doUpdateSet(row))
    .execute();
}

export async function forgetPreviewsBefore(tx: Tx, fetchedBefore: number): Promise<void> {
  await tx.deleteFrom('link_previews').where('fetched_at', '<', fetchedBefore).execute();
}
