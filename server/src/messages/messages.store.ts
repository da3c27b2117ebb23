import type { Db, Tx } from '../storage/database.ts';
import { prepared } from '../storage/prepared.ts';
import { lockingRows } from '../storage/row-locks.ts';
import type { MessageRow } from '../storage/schema.ts';
import { messageDoc, reviveMessage, type WireMessage } from './message.ts';
import {
  forgetWords,
  forgetWordsOfRoom,
  indexWhenDue,
  reindexMessage,
  wordsOfMessage,
} from './search/message-words.store.ts';

/** SQL of single messages; pages and lists are in `message-pages.store.ts`. */

const insertQuery = prepared<Omit<MessageRow, 'seq'>, { seq: number }>(
  (db, parameter) =>
    db
      .insertInto('messages')
      .values({
        id: parameter('id'),
        rid: parameter('rid'),
        ts: parameter('ts'),
        uid: parameter('uid'),
        hidden: parameter('hidden'),
        t: parameter('t'),
        tmid: parameter('tmid'),
        tshow: parameter('tshow'),
        pinned: parameter('pinned'),
        tcount: parameter('tcount'),
        tlm: parameter('tlm'),
        updated_at: parameter('updated_at'),
        doc: parameter('doc'),
      })
      .onConflict((conflict) => conflict.column('id').doNothing())
      .returning('seq'),
  'own-table',
);

/**
 * Inserts a message with its mention index. False when the id exists already; nothing is stored then. `doc` is the
 * document of the message, where the caller needs it too.
 */
export async function insertMessage(
  tx: Tx,
  message: WireMessage,
  { doc = messageDoc(message), hidden = false }: { doc?: string; hidden?: boolean } = {},
): Promise<boolean> {
  const key = { id: message._id, rid: message.rid, ts: message.ts.getTime(), uid: message.u._id };
  const row = Object.assign(changingColumns(message, doc), key, { hidden: Number(hidden) });
  const [inserted] = (await insertQuery(tx, row)).rows;
  if (!inserted) return false;
  if (!hidden) await insertMentions(tx, message);
  await indexWhenDue(tx, inserted.seq);
  return true;
}

function changingColumns(message: WireMessage, doc = messageDoc(message)) {
  return {
    t: message.t ?? null,
    tmid: message.tmid ?? null,
    tshow: Number(message.tshow === true),
    pinned: Number(message.pinned === true),
    tcount: message.tcount ?? null,
    tlm: message.tlm?.getTime() ?? null,
    updated_at: message._updatedAt.getTime(),
    doc,
  };
}

/** Mentions by id: of users, of teams, and the words `all` and `here`. */
async function insertMentions(tx: Tx, { _id, rid, ts, mentions }: WireMessage): Promise<void> {
  if (!mentions || mentions.length === 0) return;
  const ids = [...new Set(mentions.map((mention) => mention._id))];
  for (let start = 0; start < ids.length; start += 200) {
    const rows = ids.slice(start, start + 200).map((uid) => ({ uid, rid, ts: ts.getTime(), mid: _id }));
    await tx.insertInto('message_mentions').values(rows).execute();
  }
}

/** The message, unless it is hidden. */
export async function messageById(db: Db, id: string): Promise<WireMessage | undefined> {
  const row = await db
    .selectFrom('messages')
    .select('doc')
    .where('id', '=', id)
    .where('hidden', '=', 0)
    .executeTakeFirst();
  return row && reviveMessage(row.doc);
}

/** Also hidden messages: for "does this id exist already". */
export async function storedMessageById(db: Db, id: string) {
  const row = await db
    .selectFrom('messages')
    .select(['doc', 'hidden'])
    .where('id', '=', id)
    .executeTakeFirst();
  return row && { message: reviveMessage(row.doc), hidden: row.hidden === 1 };
}

/** The visible ones among these ids, in no particular order. */
export async function messagesByIds(db: Db, ids: readonly string[]): Promise<WireMessage[]> {
  const found: WireMessage[] = [];
  for (let start = 0; start < ids.length; start += 500) {
    const rows = await db
      .selectFrom('messages')
      .select('doc')
      .where('id', 'in', ids.slice(start, start + 500))
      .where('hidden', '=', 0)
      .execute();
    for (const row of rows) found.push(reviveMessage(row.doc));
  }
  return found;
}

const lockQuery = prepared<{ id: string }, { doc: string }>((db, parameter) =>
  lockingRows(
    db,
    db.selectFrom('messages').select('doc').where('id', '=', parameter('id')).where('hidden', '=', 0),
  ),
);

/** Reads a visible message for a change. */
export async function lockMessage(tx: Tx, id: string): Promise<WireMessage | undefined> {
  const [row] = (await lockQuery(tx, { id })).rows;
  return row && reviveMessage(row.doc);
}

/** Writes a changed message back; `text` says that its text or its mentions may be others now. */
export async function replaceMessage(tx: Tx, message: WireMessage, changed?: 'text'): Promise<void> {
  const words = changed && (await wordsOfMessage(tx, message._id));
  const columns = changingColumns(message);
  await tx.updateTable('messages').set(columns).where('id', '=', message._id).execute();
  if (!changed) return;
  if (words) await reindexMessage(tx, words, { rid: message.rid, doc: columns.doc });
  await tx.deleteFrom('message_mentions').where('mid', '=', message._id).execute();
  await insertMentions(tx, message);
}

export async function setStar(tx: Tx, message: WireMessage, uid: string, starred: boolean): Promise<void> {
  const { rid, _id: mid } = message;
  if (starred) {
    await tx
      .insertInto('message_stars')
      .values({ uid, rid, mid })
      .onConflict((conflict) => conflict.columns(['uid', 'rid', 'mid']).doNothing())
      .execute();
  } else {
    await tx
      .deleteFrom('message_stars')
      .where('uid', '=', uid)
      .where('rid', '=', rid)
      .where('mid', '=', mid)
      .execute();
  }
}

/** Whom the message names now as followers of its thread, and did not before, or the other way round. */
export async function indexFollowers(tx: Tx, before: WireMessage, after: WireMessage): Promise<void> {
  const { rid, _id: mid } = after;
  const [had, has] = [new Set(before.replies), new Set(after.replies)];
  const added = [...has].filter((uid) => !had.has(uid)).map((uid) => ({ uid, rid, mid }));
  const gone = [...had].filter((uid) => !has.has(uid));
  for (let start = 0; start < added.length; start += 500) {
    await tx
      .insertInto('thread_followers')
      .values(added.slice(start, start + 500))
      .onConflict((conflict) => conflict.columns(['uid', 'rid', 'mid']).doNothing())
      .execute();
  }
  if (gone.length > 0) {
    await tx.deleteFrom('thread_followers').where('mid', '=', mid).where('uid', 'in', gone).execute();
  }
}

/** Keeps the document but shows it to nobody any more; delta synchronization reports it as deleted. */
export async function hideMessage(tx: Tx, message: WireMessage, at: number): Promise<void> {
  await forgetWords(tx, [message._id]);
  const doc = messageDoc({ ...message, _hidden: true, _updatedAt: new Date(at) });
  await tx
    .updateTable('messages')
    .set({ hidden: 1, updated_at: at, doc })
    .where('id', '=', message._id)
    .execute();
  await leaveTombstones(tx, [message], at);
}

/** Removes some hundred messages at most, with what hangs on them. */
export async function removeMessages(tx: Tx, messages: readonly WireMessage[], at: number): Promise<void> {
  const ids = messages.map(({ _id }) => _id);
  await forgetWords(tx, ids);
  await tx.deleteFrom('messages').where('id', 'in', ids).execute();
  await tx.deleteFrom('message_mentions').where('mid', 'in', ids).execute();
  await tx.deleteFrom('message_stars').where('mid', 'in', ids).execute();
  await tx.deleteFrom('thread_followers').where('mid', 'in', ids).execute();
  await tx.deleteFrom('read_receipts').where('message_id', 'in', ids).execute();
  // The discussion that was started from one of them stays.
  await tx
    .updateTable('discussions')
    .set({ root_message_id: null })
    .where('root_message_id', 'in', ids)
    .execute();
  await tx.deleteFrom('thread_reads').where('tmid', 'in', ids).execute();
  await tx.deleteFrom('pending_message_files').where('message_id', 'in', ids).execute();
  await leaveTombstones(tx, messages, at);
}

/** What clients need to forget a deleted message (spec 30 §7 `chat.syncMessages`, §5 `chat.syncThreadMessages`). */
export interface DeletedMessage {
  rid: string;
  tmid?: string;
  tcount?: number;
}

async function leaveTombstones(tx: Tx, messages: readonly WireMessage[], at: number): Promise<void> {
  const rows = messages.map(({ _id, rid, tmid, tcount }) => {
    const deleted: DeletedMessage = {
      rid,
      ...(tmid ? { tmid } : {}),
      ...(tcount === undefined ? {} : { tcount }),
    };
    return {
      kind: 'message' as const,
      id: _id,
      scope: rid,
      deleted_at: at,
      doc: JSON.stringify(deleted),
    };
  });
  await tx
    .insertInto('tombstones')
    .values(rows)
    .onConflict((conflict) =>
      conflict
        .columns(['kind', 'id', 'scope'])
        .doUpdateSet((eb) => ({ deleted_at: at, doc: eb.ref('excluded.doc') })),
    )
    .execute();
}

/** Everything of a room that is deleted: nobody synchronizes it any more, so no tombstones. */
export async function deleteAllOfRoom(tx: Tx, rid: string): Promise<void> {
  await forgetWordsOfRoom(tx, rid);
  const ids = tx.selectFrom('messages').select('id').where('rid', '=', rid);
  await tx.deleteFrom('message_mentions').where('mid', 'in', ids).execute();
  await tx.deleteFrom('message_stars').where('mid', 'in', ids).execute();
  await tx.deleteFrom('thread_followers').where('mid', 'in', ids).execute();
  await tx.deleteFrom('read_receipts').where('rid', '=', rid).execute();
  await tx.deleteFrom('pending_message_files').where('rid', '=', rid).execute();
  await tx.deleteFrom('read_marks').where('rid', '=', rid).execute();
  await tx.deleteFrom('thread_reads').where('rid', '=', rid).execute();
  await tx.deleteFrom('tombstones').where('kind', '=', 'message').where('scope', '=', rid).execute();
  await tx.deleteFrom('messages').where('rid', '=', rid).execute();
}
