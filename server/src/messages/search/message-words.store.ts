import { isAuthor } from '../../storage/author-index.ts';
import type { Db, Tx } from '../../storage/database.ts';
import { prepared } from '../../storage/prepared.ts';
import { addWords, type IndexedWords, removeWords, rowsWithWords } from '../../storage/word-index.ts';
import { foldText, indexedWords, roomWord } from './words.ts';

/**
 * SQL that keeps the index of words in step with the messages, in the transaction that changes them. Messages are taken up by
 * the hundred: adding one by one would cost a send a tenth of its time. Those that are not in yet, the newest, are searched one by one
 * (docs/decisions/0021-message-search.md).
 */

/** A multiple of these messages brings those before it into the index. */
export const INDEX_BATCH = 512;
/** PostgreSQL leaves out numbers, that multiple among them: then the next multiple of these does it. */
const LOOK_EVERY = 32;
const PAGE = 500;

const upToQuery = prepared<object, { up_to: number }>(
  (db) => db.selectFrom('indexed_messages').select('up_to'),
  'own-table',
);

/** The number up to which messages are in the index. */
export async function indexedUpTo(db: Db): Promise<number> {
  const [row] = (await upToQuery(db, {})).rows;
  if (!row) throw new Error('the index of words does not say how far it is');
  return Number(row.up_to);
}

interface StoredText {
  seq: number;
  rid: string;
  doc: string;
}

function wordsOf({ seq, rid, doc }: StoredText): IndexedWords {
  const { msg } = JSON.parse(doc) as { msg?: unknown };
  const words = typeof msg === 'string' ? indexedWords(foldText(msg)) : '';
  return { seq, words: `${roomWord(rid)} ${words}` };
}

/** Takes up the next messages; returns how many there were. */
export async function indexNext(tx: Tx, limit: number): Promise<number> {
  const upTo = await indexedUpTo(tx);
  const rows = await tx
    .selectFrom('messages')
    .select(['seq', 'rid', 'doc', 'hidden'])
    .where('seq', '>', upTo)
    .orderBy('seq')
    .limit(limit)
    .execute();
  const last = rows.at(-1);
  if (!last) return 0;
  await addWords(tx, rows.filter((row) => row.hidden === 0).map(wordsOf));
  await tx.updateTable('indexed_messages').set({ up_to: last.seq }).execute();
  return rows.length;
}

/** To be called after a message was stored. */
export async function indexWhenDue(tx: Tx, seq: number): Promise<void> {
  if (seq % LOOK_EVERY !== 0) return;
  const batchOf = (number: number) => Math.floor(number / INDEX_BATCH);
  if (batchOf(seq) > batchOf(await indexedUpTo(tx))) await indexNext(tx, 2 * INDEX_BATCH);
}

/** What the index holds of a message; undefined while it is not in. To be asked before the message changes. */
export async function wordsOfMessage(tx: Tx, id: string): Promise<IndexedWords | undefined> {
  const row = await tx
    .selectFrom('messages')
    .select(['seq', 'rid', 'doc'])
    .where('id', '=', id)
    .where('hidden', '=', 0)
    .executeTakeFirst();
  return row && row.seq <= (await indexedUpTo(tx)) ? wordsOf(row) : undefined;
}

/** After a message changed: `before` is what the index held of it. */
export async function reindexMessage(
  tx: Tx,
  before: IndexedWords,
  changed: Omit<StoredText, 'seq'>,
): Promise<void> {
  const after = wordsOf({ ...changed, seq: before.seq });
  if (after.words === before.words) return;
  await removeWords(tx, [before]);
  await addWords(tx, [after]);
}

/** Before messages are removed or hidden; some hundred of them at most. */
export async function forgetWords(tx: Tx, ids: readonly string[]): Promise<void> {
  const rows = await tx
    .selectFrom('messages')
    .select(['seq', 'rid', 'doc'])
    .where('id', 'in', ids)
    .where('hidden', '=', 0)
    .where('seq', '<=', await indexedUpTo(tx))
    .execute();
  if (rows.length > 0) await removeWords(tx, rows.map(wordsOf));
}

/** Before all of the messages of a room are removed. */
export async function forgetWordsOfRoom(tx: Tx, rid: string): Promise<void> {
  const word = roomWord(rid);
  for (let beyond = 0; ; ) {
    const seqs = await rowsWithWords(tx, { word }, { order: 'oldest-first', beyond, limit: PAGE });
    if (seqs.length === 0) return;
    const rows = await tx
      .selectFrom('messages')
      .select(['seq', 'rid', 'doc'])
      .where('seq', 'in', seqs)
      .where('rid', '=', rid)
      .execute();
    await removeWords(tx, rows.map(wordsOf));
    beyond = seqs.at(-1) ?? beyond;
  }
}

/** Before all of the messages of an author are removed. */
export async function forgetWordsOfAuthor(tx: Tx, uid: string): Promise<void> {
  const upTo = await indexedUpTo(tx);
  for (let beyond = 0; ; ) {
    const rows = await tx
      .selectFrom('messages')
      .select(['seq', 'rid', 'doc', 'hidden'])
      .where(isAuthor(uid))
      .where('seq', '>', beyond)
      .where('seq', '<=', upTo)
      .orderBy('seq')
      .limit(PAGE)
      .execute();
    const last = rows.at(-1);
    if (!last) return;
    await removeWords(tx, rows.filter((row) => row.hidden === 0).map(wordsOf));
    beyond = last.seq;
  }
}
