import type { Db, Tx } from '../storage/database.ts';
import { containsPattern, isLike } from '../storage/like.ts';
import { pageAndTotal } from '../storage/page-and-total.ts';
import { reviveMessage, type WireMessage } from './message.ts';

/** SQL of discussions: which room belongs to which announcement in its parent. */

export interface Discussion {
  rid: string;
  parent_rid: string;
  /** The `discussion-created` message in the parent room. */
  announcement_id: string;
  /** The message it was started from. */
  root_message_id: string | null;
}

export async function insertDiscussion(tx: Tx, discussion: Discussion): Promise<void> {
  await tx.insertInto('discussions').values(discussion).execute();
}

export const discussionFrom = (db: Db, messageId: string): Promise<Discussion | undefined> =>
  db.selectFrom('discussions').selectAll().where('root_message_id', '=', messageId).executeTakeFirst();

export const discussionOf = (db: Db, rid: string): Promise<Discussion | undefined> =>
  db.selectFrom('discussions').selectAll().where('rid', '=', rid).executeTakeFirst();

export async function deleteDiscussionRow(tx: Tx, rid: string): Promise<void> {
  await tx.deleteFrom('discussions').where('rid', '=', rid).execute();
}

/** A page of the announcements of a room's discussions in the order of their time, and how many there are. */
export async function announcementsPage(
  db: Db,
  rid: string,
  { text, order }: { text: string; order: 'asc' | 'desc' },
  page: { offset: number; count: number },
): Promise<{ messages: WireMessage[]; total: number }> {
  let announced = db
    .selectFrom('discussions')
    .innerJoin('messages', 'messages.id', 'discussions.announcement_id')
    .where('discussions.parent_rid', '=', rid)
    .where('messages.hidden', '=', 0);
  if (text !== '') {
    const pattern = containsPattern(text);
    // The title is the room's display name, too: no need to look into documents.
    announced = announced
      .innerJoin('rooms', 'rooms.id', 'discussions.rid')
      .where((eb) => isLike(eb.ref('rooms.fname'), pattern)) as typeof announced;
  }
  const { rows, total } = await pageAndTotal(
    announced,
    announced.select('messages.doc').orderBy('messages.ts', order),
    page,
  );
  return { messages: rows.map((row) => reviveMessage(row.doc)), total };
}
