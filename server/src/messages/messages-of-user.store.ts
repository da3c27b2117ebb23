import type { Db, Tx } from '../storage/database.ts';
import { messageDoc, reviveMessage, type WireMessage } from './message.ts';
import { forgetWordsOfAuthor } from './search/message-words.store.ts';

/** SQL that concerns every message of one author; used when an account is deleted. */

/** How many messages the author has in which rooms. `visible` leaves out hidden copies, which no counter counts. */
export async function countByRoom(db: Db, uid: string): Promise<{ rid: string; visible: number }[]> {
  const rows = await db
    .selectFrom('messages')
    .select((eb) => ['rid', eb.fn.countAll<number>().filterWhere('hidden', '=', 0).as('visible')])
    .where('uid', '=', uid)
    .groupBy('rid')
    .execute();
  return rows.map((row) => ({ rid: row.rid, visible: Number(row.visible) }));
}

/** Deletes all of the author's messages, and leaves tombstones. */
export async function deleteMessagesBy(tx: Tx, uid: string, at: number): Promise<void> {
  await forgetWordsOfAuthor(tx, uid);
  const own = tx.selectFrom('messages').where('uid', '=', uid);
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
  await tx.deleteFrom('messages').where('uid', '=', uid).execute();
}

/** The next messages of an author, by id; for walks that rewrite them. */
export async function pageOfAuthor(db: Db, uid: string, limit: number): Promise<WireMessage[]> {
  const rows = await db.selectFrom('messages').select('doc').where('uid', '=', uid).limit(limit).execute();
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
