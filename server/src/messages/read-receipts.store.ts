import type { Db, Tx } from '../storage/database.ts';
import { containsPattern, isLike } from '../storage/like.ts';
import { reviveMessage, type WireMessage } from './message.ts';

/** SQL of read receipts. */

/** In `read_marks`: up to where everybody has read. */
const EVERYBODY = '';

/** Up to where everybody has read. */
export async function readMark(db: Db, rid: string): Promise<number | undefined> {
  const row = await db
    .selectFrom('read_marks')
    .select('until')
    .where('rid', '=', rid)
    .where('uid', '=', EVERYBODY)
    .executeTakeFirst();
  return row?.until;
}

/** Of every member who has one. */
export async function readMarksOfMembers(db: Db, rid: string): Promise<Map<string, number>> {
  const rows = await db
    .selectFrom('read_marks')
    .select(['uid', 'until'])
    .where('rid', '=', rid)
    .where('uid', '!=', EVERYBODY)
    .execute();
  return new Map(rows.map(({ uid, until }) => [uid, until]));
}

export async function setReadMark(tx: Tx, rid: string, until: number, uid = EVERYBODY): Promise<void> {
  await tx
    .insertInto('read_marks')
    .values({ rid, uid, until })
    .onConflict((conflict) => conflict.columns(['rid', 'uid']).doUpdateSet({ until }))
    .execute();
}

/**
 * Visible messages up to a time that not everybody had read so far, the oldest first; and some that only say the same words.
 */
export async function unreadMessagesUpTo(
  tx: Tx,
  rid: string,
  { after, until, limit }: { after: number; until: number; limit: number },
): Promise<WireMessage[]> {
  const rows = await tx
    .selectFrom('messages')
    .select('doc')
    .where('rid', '=', rid)
    .where('ts', '>', after)
    .where('ts', '<=', until)
    .where('hidden', '=', 0)
    .where((eb) => isLike(eb.ref('doc'), containsPattern('"unread":true')))
    .orderBy('ts')
    .limit(limit)
    .execute();
  return rows.map((row) => reviveMessage(row.doc));
}

/** Gives one reader a receipt for each visible message of a stretch. */
export async function insertReceipts(
  tx: Tx,
  { rid, uid, after, until }: { rid: string; uid: string; after: number; until: number },
): Promise<void> {
  await tx
    .insertInto('read_receipts')
    .columns(['message_id', 'uid', 'rid', 'ts'])
    .expression((eb) =>
      eb
        .selectFrom('messages')
        .select((inner) => ['id', inner.val(uid).as('uid'), 'rid', inner.val(until).as('ts')])
        .where('rid', '=', rid)
        .where('ts', '>', after)
        .where('ts', '<=', until)
        .where('hidden', '=', 0),
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
