import type { Db, Tx } from '../storage/database.ts';
import { containsPattern, isLike } from '../storage/like.ts';
import { reviveMessage, type WireMessage } from './message.ts';

/** SQL of read receipts. */

/** In `read_marks`: up to where everybody has read. */
const EVERYBODY = '';

/** What is read as one: what a room shows, or the replies that only one of its threads shows. */
export interface Flow {
  rid: string;
  tmid?: string;
}

function messagesOf(tx: Tx, { rid, tmid }: Flow) {
  const visible = tx.selectFrom('messages').where('hidden', '=', 0);
  return tmid === undefined
    ? visible.where('rid', '=', rid).where((eb) => eb.or([eb('tmid', 'is', null), eb('tshow', '=', 1)]))
    : // An expression instead of the column keeps planners from walking through the room.
      visible
        .where('tmid', '=', tmid)
        .where('tshow', '=', 0)
        .where((eb) => eb(eb.fn.coalesce('rid', eb.val('')), '=', rid));
}

/** Up to where everybody has read. */
export async function readMark(db: Db, { rid, tmid }: Flow): Promise<number | undefined> {
  if (tmid !== undefined) return (await readsOfThread(db, tmid, EVERYBODY)).get(EVERYBODY)?.seen;
  const row = await db
    .selectFrom('read_marks')
    .select('until')
    .where('rid', '=', rid)
    .where('uid', '=', EVERYBODY)
    .executeTakeFirst();
  return row?.until;
}

/** Of every member who has one, in the room. */
export async function readMarksOfMembers(db: Db, rid: string): Promise<Map<string, number>> {
  const rows = await db
    .selectFrom('read_marks')
    .select(['uid', 'until'])
    .where('rid', '=', rid)
    .where('uid', '!=', EVERYBODY)
    .execute();
  return new Map(rows.map(({ uid, until }) => [uid, until]));
}

export async function setReadMark(
  tx: Tx,
  { rid, tmid }: Flow,
  until: number,
  uid = EVERYBODY,
): Promise<void> {
  if (tmid !== undefined) {
    await setThreadReads(tx, { rid, uid, tmids: [tmid], seen: until });
    return;
  }
  await tx
    .insertInto('read_marks')
    .values({ rid, uid, until })
    .onConflict((conflict) => conflict.columns(['rid', 'uid']).doUpdateSet({ until }))
    .execute();
}

/** Notes that somebody has read threads up to a moment; those that are not of the room are left out. */
export async function setThreadReads(
  tx: Tx,
  { rid, uid, tmids, seen }: { rid: string; uid: string; tmids: readonly string[]; seen: number },
): Promise<void> {
  await tx
    .insertInto('thread_reads')
    .columns(['tmid', 'uid', 'rid', 'seen', 'stored'])
    .expression((eb) =>
      eb
        .selectFrom('messages')
        .select((inner) => [
          'id',
          inner.val(uid).as('uid'),
          'rid',
          inner.val(seen).as('seen'),
          inner.val(0).as('stored'),
        ])
        .where('id', 'in', [...tmids])
        .where('rid', '=', rid),
    )
    .onConflict((conflict) =>
      conflict.columns(['tmid', 'uid']).doUpdateSet({ seen }).where('thread_reads.seen', '<', seen),
    )
    .execute();
}

/** Of every reader of a thread, or of one: up to where they have read, and have receipts. */
export async function readsOfThread(
  db: Db,
  tmid: string,
  uid?: string,
): Promise<Map<string, { seen: number; stored: number }>> {
  let query = db.selectFrom('thread_reads').select(['uid', 'seen', 'stored']).where('tmid', '=', tmid);
  if (uid !== undefined) query = query.where('uid', '=', uid);
  const rows = await query.execute();
  return new Map(rows.map(({ uid: reader, seen, stored }) => [reader, { seen, stored }]));
}

/** Those of a thread who have read more of it than they have receipts for, without the mark of everybody. */
export async function readersWithoutReceipts(
  tx: Tx,
  tmid: string,
): Promise<{ uid: string; seen: number; stored: number }[]> {
  return tx
    .selectFrom('thread_reads')
    .select(['uid', 'seen', 'stored'])
    .where('tmid', '=', tmid)
    .where('uid', '!=', EVERYBODY)
    .whereRef('seen', '>', 'stored')
    .execute();
}

export async function setReceiptsStored(tx: Tx, tmid: string, uid: string, stored: number): Promise<void> {
  await tx
    .updateTable('thread_reads')
    .set({ stored })
    .where('tmid', '=', tmid)
    .where('uid', '=', uid)
    .execute();
}

/**
 * Visible messages up to a time that not everybody had read so far, the oldest first; and some that only say the same words.
 */
export async function unreadMessagesUpTo(
  tx: Tx,
  flow: Flow,
  { after, until, limit }: { after: number; until: number; limit: number },
): Promise<WireMessage[]> {
  const rows = await messagesOf(tx, flow)
    .select('doc')
    .where('ts', '>', after)
    .where('ts', '<=', until)
    .where((eb) => isLike(eb.ref('doc'), containsPattern('"unread":true')))
    .orderBy('ts')
    .limit(limit)
    .execute();
  return rows.map((row) => reviveMessage(row.doc));
}

/** Gives one reader a receipt for each visible message of a stretch. */
export async function insertReceipts(
  tx: Tx,
  flow: Flow,
  { uid, after, until }: { uid: string; after: number; until: number },
): Promise<void> {
  await tx
    .insertInto('read_receipts')
    .columns(['message_id', 'uid', 'rid', 'ts'])
    .expression(
      messagesOf(tx, flow)
        .select((eb) => ['id', eb.val(uid).as('uid'), 'rid', eb.val(until).as('ts')])
        .where('ts', '>', after)
        .where('ts', '<=', until),
    )
    .onConflict((conflict) => conflict.columns(['message_id', 'uid']).doNothing())
    .execute();
}

/** A page of the receipts of a message with the names of the readers, the first reader first. */
export function receiptsOf(db: Db, messageId: string, { offset, count }: { offset: number; count: number }) {
  return db
    .selectFrom('read_receipts as r')
    .innerJoin('users as u', 'u.id', 'r.uid')
    .select(['r.uid', 'r.rid', 'r.ts', 'u.username', 'u.name'])
    .where('r.message_id', '=', messageId)
    .orderBy('r.ts')
    .orderBy('u.username')
    .limit(count)
    .offset(offset)
    .execute();
}
