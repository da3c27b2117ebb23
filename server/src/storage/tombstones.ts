import type { Db, Tx } from './database.ts';
import type { Schema } from './schema.ts';

type Kind = Schema['tombstones']['kind'];

/** Marks of deletions that belong to no room and to nobody. One that is there already is renewed. */
export async function insertTombstones(
  tx: Tx,
  kind: Kind,
  removed: readonly { id: string; doc: string }[],
  deletedAt: number,
): Promise<void> {
  if (removed.length === 0) return;
  await tx
    .insertInto('tombstones')
    .values(removed.map(({ id, doc }) => ({ kind, id, scope: '', deleted_at: deletedAt, doc })))
    .onConflict((conflict) =>
      conflict.columns(['kind', 'id', 'scope']).doUpdateSet((row) => ({
        deleted_at: row.ref('excluded.deleted_at'),
        doc: row.ref('excluded.doc'),
      })),
    )
    .execute();
}

/** What came back is not deleted any more. */
export async function forgetTombstones(tx: Tx, kind: Kind, ids: readonly string[]): Promise<void> {
  await tx
    .deleteFrom('tombstones')
    .where('kind', '=', kind)
    .where('id', 'in', ids)
    .where('scope', '=', '')
    .execute();
}

/** The marks of deletions that belong to no room and to nobody, oldest first. */
export async function tombstonesSince(
  db: Db,
  kind: Kind,
  since: number,
): Promise<{ id: string; doc: string; deletedAt: number }[]> {
  const rows = await db
    .selectFrom('tombstones')
    .select(['id', 'doc', 'deleted_at'])
    .where('kind', '=', kind)
    .where('scope', '=', '')
    .where('deleted_at', '>', since)
    .orderBy('deleted_at')
    .execute();
  return rows.map((row) => ({ id: row.id, doc: row.doc, deletedAt: row.deleted_at }));
}
