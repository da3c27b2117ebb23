import type { Db, Tx } from '../storage/database.ts';
import { containsPattern, isLike } from '../storage/like.ts';
import { pageAndTotal } from '../storage/page-and-total.ts';
import { lockingRows } from '../storage/row-locks.ts';
import type { StoreName } from './blobs/blob-store.ts';
import { type FileKind, fileFromRow, fileRow, type StoredFile, THUMB } from './file.ts';

/** SQL of files. Rows come back as `StoredFile` entities. */

export async function insertFile(tx: Tx, file: StoredFile): Promise<void> {
  await tx.insertInto('files').values(fileRow(file)).execute();
}

export async function updateFile(tx: Tx, file: StoredFile): Promise<void> {
  const { id, ...columns } = fileRow(file);
  await tx.updateTable('files').set(columns).where('id', '=', id).execute();
}

export async function fileById(db: Db, id: string): Promise<StoredFile | undefined> {
  const row = await db.selectFrom('files').selectAll().where('id', '=', id).executeTakeFirst();
  return row && fileFromRow(row);
}

/** The file as it stays until the transaction ends. */
export async function lockFile(tx: Tx, id: string): Promise<StoredFile | undefined> {
  const query = tx.selectFrom('files').selectAll().where('id', '=', id);
  const row = await lockingRows(tx, query).executeTakeFirst();
  return row && fileFromRow(row);
}

export async function thumbOf(db: Db, originalId: string): Promise<StoredFile | undefined> {
  const row = await db
    .selectFrom('files')
    .selectAll()
    .where('original_id', '=', originalId)
    .executeTakeFirst();
  return row && fileFromRow(row);
}

/** Whose file it is, for kinds of which everybody has one at most. */
export async function fileOf(
  db: Db,
  kind: FileKind,
  owner: { uid: string } | { rid: string },
): Promise<StoredFile | undefined> {
  const query = db.selectFrom('files').selectAll().where('kind', '=', kind);
  const row = await ('uid' in owner
    ? query.where('uid', '=', owner.uid).where('rid', 'is', null)
    : query.where('rid', '=', owner.rid)
  ).executeTakeFirst();
  return row && fileFromRow(row);
}

/** Which files an operation means. Thumbnails go the way of what they show. */
export type FileSelection =
  | { ids: readonly string[] }
  | { messageIds: readonly string[] }
  | { rid: string; kind?: FileKind }
  | { uid: string; kind: FileKind }
  | { unsentOf: string };

function selected(db: Db, selection: FileSelection) {
  const query = db.selectFrom('files').select('id');
  if ('ids' in selection) return query.where('id', 'in', selection.ids);
  if ('messageIds' in selection) return query.where('message_id', 'in', selection.messageIds);
  if ('rid' in selection) {
    const inRoom = query.where('rid', '=', selection.rid);
    return selection.kind ? inRoom.where('kind', '=', selection.kind) : inRoom;
  }
  if ('unsentOf' in selection)
    return query.where('uid', '=', selection.unsentOf).where('expires_at', 'is not', null);
  return query.where('uid', '=', selection.uid).where('kind', '=', selection.kind);
}

/** Deletes the rows and writes down that their bytes have to go. Returns the ids of the files that were there. */
export async function deleteFiles(tx: Tx, selection: FileSelection, at: number): Promise<string[]> {
  const ids = selected(tx, selection);
  const gone = await tx
    .deleteFrom('files')
    .where((eb) => eb.or([eb('id', 'in', ids), eb('original_id', 'in', ids)]))
    .returning(['id', 'store', 'blob_key'])
    .execute();
  for (let start = 0; start < gone.length; start += 200) {
    const doomed = gone.slice(start, start + 200);
    await tx
      .insertInto('doomed_blobs')
      .values(doomed.map(({ store, blob_key }) => ({ store, blob_key, due_at: at })))
      .execute();
  }
  return gone.map((row) => row.id);
}

/** Keeps files, but shows them to nobody any more. */
export async function hideFiles(tx: Tx, selection: FileSelection, at: number): Promise<void> {
  const ids = selected(tx, selection);
  await tx
    .updateTable('files')
    .set({ hidden: 1, updated_at: at })
    .where((eb) => eb.or([eb('id', 'in', ids), eb('original_id', 'in', ids)]))
    .execute();
}

/** Uploads that were never sent and whose time is over. */
export async function expiredFiles(db: Db, now: number, limit: number): Promise<string[]> {
  const rows = await db
    .selectFrom('files')
    .select('id')
    .where('expires_at', '<=', now)
    .where('original_id', 'is', null)
    .limit(limit)
    .execute();
  return rows.map((row) => row.id);
}

/** Whose sent files, or those of which stretch of a room (`from` belongs to it, `to` does not; ms). */
export type SentFiles = { uid: string } | { rid: string; from: number; to: number };

/** The next sent files after the given one, the oldest first; no thumbnails, nothing hidden. */
export async function nextSentFiles(
  db: Db,
  wanted: SentFiles,
  after: Pick<StoredFile, 'id' | 'uploadedAt'> | undefined,
  limit: number,
): Promise<StoredFile[]> {
  let query = db
    .selectFrom('files')
    .innerJoin('messages', 'messages.id', 'files.message_id')
    .selectAll('files')
    .where('files.kind', '=', 'upload')
    .where('files.hidden', '=', 0)
    .where('files.type_group', '!=', THUMB);
  query =
    'uid' in wanted
      ? query.where('files.uid', '=', wanted.uid)
      : query
          .where('files.rid', '=', wanted.rid)
          .where('messages.ts', '>=', wanted.from)
          .where('messages.ts', '<', wanted.to);
  if (after) {
    const { uploadedAt, id } = after;
    query = query
      .where('files.uploaded_at', '>=', uploadedAt)
      .where((eb) => eb.or([eb('files.uploaded_at', '>', uploadedAt), eb('files.id', '>', id)]));
  }
  const rows = await query.orderBy('files.uploaded_at').orderBy('files.id').limit(limit).execute();
  return rows.map(fileFromRow);
}

export interface Blob {
  store: StoreName;
  key: string;
}

/** Written down before the bytes are stored: a crash leaves nothing that nobody knows of. */
export async function doomBlob(tx: Tx, { store, key }: Blob, dueAt: number): Promise<void> {
  await tx.insertInto('doomed_blobs').values({ store, blob_key: key, due_at: dueAt }).execute();
}

/** The blob belongs to a file from now on. False when it was swept away meanwhile. */
export async function spareBlob(tx: Tx, key: string): Promise<boolean> {
  const { numDeletedRows } = await tx
    .deleteFrom('doomed_blobs')
    .where('blob_key', '=', key)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}

export async function dueBlobs(
  db: Db,
  now: number,
  limit: number,
): Promise<(Blob & { missingSince: number | null })[]> {
  const rows = await db
    .selectFrom('doomed_blobs')
    .select(['store', 'blob_key', 'missing_since'])
    .where('due_at', '<=', now)
    .orderBy('due_at')
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    ...{ store: row.store as StoreName, key: row.blob_key },
    missingSince: row.missing_since,
  }));
}

export async function forgetBlobs(tx: Tx, keys: readonly string[]): Promise<void> {
  if (keys.length > 0) await tx.deleteFrom('doomed_blobs').where('blob_key', 'in', keys).execute();
}

/** The next attempt to remove it is made then. `missingSince`: when it was first looked for in vain. */
export async function postponeBlob(
  tx: Tx,
  key: string,
  { dueAt, missingSince }: { dueAt: number; missingSince: number | null },
): Promise<void> {
  await tx
    .updateTable('doomed_blobs')
    .set({ due_at: dueAt, missing_since: missingSince })
    .where('blob_key', '=', key)
    .execute();
}

export interface RoomFilesFilter {
  name?: string | undefined;
  typeGroup?: string | undefined;
  /** Without uploads that were not sent yet. */
  onlyConfirmed?: boolean | undefined;
  /** Only those that were uploaded by then. */
  until?: number | undefined;
}

/** The `sort` keys of file lists. */
export const FILE_SORT = {
  name: 'name',
  type: 'type',
  typeGroup: 'type_group',
  size: 'size',
  uploadedAt: 'uploaded_at',
  _updatedAt: 'updated_at',
  _id: 'id',
} as const;

export interface FileOrder {
  column: (typeof FILE_SORT)[keyof typeof FILE_SORT];
  direction: 'asc' | 'desc';
}

/** A page of what was uploaded to a room; never thumbnails, avatars or what is hidden. */
export async function roomFilesPage(
  db: Db,
  rid: string,
  { name, typeGroup, onlyConfirmed, until }: RoomFilesFilter,
  order: readonly FileOrder[],
  { offset, count }: { offset: number; count: number },
): Promise<{ files: StoredFile[]; total: number }> {
  let query = db
    .selectFrom('files')
    .where('rid', '=', rid)
    .where('kind', '=', 'upload')
    .where('hidden', '=', 0)
    .where('type_group', '!=', THUMB);
  if (name) query = query.where((eb) => isLike(eb.ref('name'), containsPattern(name)));
  if (typeGroup) query = query.where('type_group', '=', typeGroup);
  if (onlyConfirmed) query = query.where('expires_at', 'is', null);
  if (until !== undefined) query = query.where('uploaded_at', '<=', until);
  let sorted = query.selectAll();
  for (const { column, direction } of order) sorted = sorted.orderBy(column, direction);
  const { rows, total } = await pageAndTotal(query, sorted.orderBy('id'), { offset, count });
  return { files: rows.map(fileFromRow), total };
}
