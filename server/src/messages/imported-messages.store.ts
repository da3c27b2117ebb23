import type { Db, Tx } from '../storage/database.ts';
import { parseDoc, stringify } from '../storage/json.ts';
import { countRows } from '../storage/page-and-total.ts';
import { type PendingFile, reviveMessage, type WireMessage } from './message.ts';

/** SQL of messages from other systems, some hundred at a time. */

/** Those among these ids that are stored, hidden ones too. */
export async function storedByIds(
  db: Db,
  ids: readonly string[],
): Promise<Map<string, { message: WireMessage; hidden: boolean }>> {
  const rows = await db
    .selectFrom('messages')
    .select(['id', 'doc', 'hidden'])
    .where('id', 'in', ids)
    .execute();
  return new Map(rows.map((row) => [row.id, { message: reviveMessage(row.doc), hidden: row.hidden === 1 }]));
}

/** Messages that come again after they were deleted are no deleted ones any more. */
export async function forgetTombstones(tx: Tx, ids: readonly string[]): Promise<void> {
  await tx.deleteFrom('tombstones').where('kind', '=', 'message').where('id', 'in', ids).execute();
}

export async function insertPendingFile(
  tx: Tx,
  messageId: string,
  rid: string,
  file: PendingFile,
): Promise<void> {
  const doc = stringify(file);
  await tx
    .insertInto('pending_message_files')
    .values({ message_id: messageId, rid, doc })
    // The address of an earlier export has expired.
    .onConflict((conflict) => conflict.column('message_id').doUpdateSet({ doc }))
    .execute();
}

export async function deletePendingFile(tx: Tx, messageId: string): Promise<void> {
  await tx.deleteFrom('pending_message_files').where('message_id', '=', messageId).execute();
}

/** The next ones by message. */
export async function nextPendingFiles(
  db: Db,
  after: string,
  limit: number,
): Promise<{ messageId: string; file: PendingFile }[]> {
  const rows = await db
    .selectFrom('pending_message_files')
    .select(['message_id', 'doc'])
    .where('message_id', '>', after)
    .orderBy('message_id')
    .limit(limit)
    .execute();
  return rows.map((row) => ({ messageId: row.message_id, file: parseDoc<PendingFile>(row.doc) }));
}

export const countPendingFiles = (db: Db): Promise<number> =>
  countRows(db.selectFrom('pending_message_files'));
