import type { ExpressionBuilder } from 'kysely';
import { isAuthor } from '../storage/author-index.ts';
import type { Db, Tx } from '../storage/database.ts';
import type { Schema } from '../storage/schema.ts';
import { messageDoc, reviveMessage, type WireMessage } from './message.ts';
import { forgetWordsOfAuthor } from './search/message-words.store.ts';

/** SQL that concerns every message of one author; used when an account is deleted. */

/** How many messages the author has in which rooms. `visible` leaves out what no counter counts: hidden copies, deleted ones. */
export async function countByRoom(db: Db, uid: string): Promise<{ rid: string; visible: number }[]> {
  const rows = await db
    .selectFrom('messages')
    .select((eb) => ['rid', eb.fn.countAll<number>().filterWhere(counted).as('visible')])
    .where(isAuthor(uid))
    .groupBy('rid')
    .execute();
  return rows.map((row) => ({ rid: row.rid, visible: Number(row.visible) }));
}

/** What the counters of rooms and threads count. */
const counted = (eb: ExpressionBuilder<Schema, 'messages'>) =>
  eb.and([
    eb('messages.hidden', '=', 0),
    eb.or([eb('messages.t', 'is', null), eb('messages.t', '<>', 'rm')]),
  ]);

/** How many replies the author has in which threads of other people. */
export async function countByThread(
  db: Db,
  uid: string,
): Promise<{ rid: string; tmid: string; count: number }[]> {
  const rows = await db
    .selectFrom('messages')
    .innerJoin('messages as parent', 'parent.id', 'messages.tmid')
    .select((eb) => ['parent.rid', 'parent.id', eb.fn.countAll<number>().as('n')])
    .where(isAuthor(uid))
    .where(counted)
    .where('parent.uid', '<>', uid)
    .groupBy(['parent.rid', 'parent.id'])
    .execute();
  return rows.map(({ rid, id, n }) => ({ rid, tmid: id, count: Number(n) }));
}

/** The threads that hang on messages of the author. */
export const threadsOf = (db: Db, uid: string): Promise<{ rid: string; tmid: string }[]> =>
  db
    .selectFrom('messages')
    .select(['rid', 'id as tmid'])
    .where(isAuthor(uid))
    .where('tcount', 'is not', null)
    .execute();

/** Deletes all of the author's messages, and leaves tombstones. */
export async function deleteMessagesBy(tx: Tx, uid: string, at: number): Promise<void> {
  await forgetWordsOfAuthor(tx, uid);
  const own = tx.selectFrom('messages').where(isAuthor(uid));
  await tx
    .insertInto('tombstones')
    .columns(['kind', 'id', 'scope', 'deleted_at', 'doc'])
    .expression(
      own
        .where('hidden', '=', 0)
        .select((eb) => [
          eb.val<'message'>('message').as('kind'),
          'id',
          'rid as scope',
          eb.val(at).as('deleted_at'),
          eb.val('{}').as('doc'),
        ]),
    )
    .execute();
  await tx.deleteFrom('message_mentions').where('mid', 'in', own.select('id')).execute();
  await tx.deleteFrom('message_stars').where('mid', 'in', own.select('id')).execute();
  await tx.deleteFrom('thread_followers').where('mid', 'in', own.select('id')).execute();
  await tx.deleteFrom('read_receipts').where('message_id', 'in', own.select('id')).execute();
  await tx
    .updateTable('discussions')
    .set({ root_message_id: null })
    .where('root_message_id', 'in', own.select('id'))
    .execute();
  await tx.deleteFrom('thread_reads').where('tmid', 'in', own.select('id')).execute();
  await tx.deleteFrom('pending_message_files').where('message_id', 'in', own.select('id')).execute();
  await tx.deleteFrom('messages').where(isAuthor(uid)).execute();
}

/** The next messages of an author, or those of one system type; for walks that move them to somebody else. */
export async function pageOfAuthor(
  db: Db,
  uid: string,
  { type, limit }: { type: string | undefined; limit: number },
): Promise<WireMessage[]> {
  let query = db.selectFrom('messages').select('doc').where(isAuthor(uid));
  if (type !== undefined) query = query.where('t', '=', type);
  const rows = await query.limit(limit).execute();
  return rows.map((row) => reviveMessage(row.doc));
}

/** Stores a message under another author. */
export async function moveToAuthor(tx: Tx, message: WireMessage): Promise<void> {
  await tx
    .updateTable('messages')
    .set({ uid: message.u._id, updated_at: message._updatedAt.getTime(), doc: messageDoc(message) })
    .where('id', '=', message._id)
    .execute();
}
