import { isAuthor } from '../storage/author-index.ts';
import type { Db, Tx } from '../storage/database.ts';
import { stringify } from '../storage/json.ts';
import { type Export, type ExportStatus, exportFromRow } from './export.ts';

/** SQL of exports, and of the messages that go into them. */

export async function insertExport(tx: Tx, { id, uid, status, wish, ...times }: Export): Promise<void> {
  await tx
    .insertInto('exports')
    .values({
      ...{ id, uid, kind: wish.kind, status, wish: stringify(wish) },
      ...{ created_at: times.createdAt, updated_at: times.updatedAt },
    })
    .execute();
}

export async function exportById(db: Db, id: string): Promise<Export | undefined> {
  const row = await db.selectFrom('exports').selectAll().where('id', '=', id).executeTakeFirst();
  return row && exportFromRow(row);
}

/** False when it is gone. */
export async function setExportStatus(
  tx: Tx,
  id: string,
  status: ExportStatus,
  at: number,
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('exports')
    .set({ status, updated_at: at })
    .where('id', '=', id)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** What somebody asked for since then, the latest first. */
export async function exportsOf(
  db: Db,
  uid: string,
  kind: Export['wish']['kind'],
  since: number,
): Promise<Export[]> {
  const rows = await db
    .selectFrom('exports')
    .selectAll()
    .where('uid', '=', uid)
    .where('kind', '=', kind)
    .where('created_at', '>', since)
    .orderBy('created_at', 'desc')
    .execute();
  return rows.map(exportFromRow);
}

const UNFINISHED = ['pending', 'exporting'];

/** How many have to be made before one that was asked for at `createdAt`. */
export async function countUnfinishedBefore(db: Db, createdAt: number): Promise<number> {
  const row = await db
    .selectFrom('exports')
    .select((eb) => eb.fn.countAll().as('n'))
    .where('status', 'in', UNFINISHED)
    .where('created_at', '<', createdAt)
    .executeTakeFirstOrThrow();
  return Number(row.n);
}

export async function deleteExports(
  tx: Tx,
  which: { ids: readonly string[] } | { uid: string },
): Promise<void> {
  const rows = tx.deleteFrom('exports');
  await ('uid' in which ? rows.where('uid', '=', which.uid) : rows.where('id', 'in', which.ids)).execute();
}

export async function exportsBefore(db: Db, createdAt: number, limit: number): Promise<string[]> {
  const rows = await db
    .selectFrom('exports')
    .select('id')
    .where('created_at', '<=', createdAt)
    .orderBy('created_at')
    .limit(limit)
    .execute();
  return rows.map((row) => row.id);
}

/** The next messages of a stretch of a room, the oldest first, as they are stored. */
export async function nextOfRoom(
  db: Db,
  { rid, from, to }: { rid: string; from: number; to: number },
  after: { ts: number; id: string } | undefined,
  limit: number,
): Promise<{ id: string; ts: number; t: string | null; doc: string }[]> {
  let query = db
    .selectFrom('messages')
    .select(['id', 'ts', 't', 'doc'])
    .where('rid', '=', rid)
    .where('hidden', '=', 0)
    .where('ts', '>=', after?.ts ?? from)
    .where('ts', '<', to);
  if (after) query = query.where((eb) => eb.or([eb('ts', '>', after.ts), eb('id', '>', after.id)]));
  return query.orderBy('ts').orderBy('id').limit(limit).execute();
}

/** The next messages of an author, in the order in which they were stored. */
export const nextOfAuthor = (
  db: Db,
  uid: string,
  after: number,
  limit: number,
): Promise<{ seq: number; doc: string }[]> =>
  db
    .selectFrom('messages')
    .select(['seq', 'doc'])
    .where(isAuthor(uid, after))
    .where('hidden', '=', 0)
    .where('seq', '>', after)
    .orderBy('seq')
    .limit(limit)
    .execute();
