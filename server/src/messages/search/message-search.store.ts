import type { Db } from '../../storage/database.ts';
import { rowsWithWords, type WordPage, type WordQuery } from '../../storage/word-index.ts';
import { indexedUpTo } from './message-words.store.ts';
import { roomWord } from './words.ts';

/** SQL that finds the messages which a search has to look at, in the order in which they were stored. */

export interface Found {
  seq: number;
  rid: string;
  doc: string;
}

export interface Places {
  rids: readonly string[];
  order: WordPage['order'];
}

const BATCH = 250;
/** Numbers, not rows: how much of the messages that are not indexed is passed in one step. */
const STRETCH = 1000;

/** Not asked for their room: planners take that as an invitation to walk through all of the room's history. */
const visible = (db: Db) =>
  db
    .selectFrom('messages')
    .select(['seq', 'rid', 'doc'])
    .where('hidden', '=', 0)
    .where((eb) => eb.or([eb('t', 'is', null), eb('t', '!=', 'rm')]));

/**
 * Messages of the rooms that may have the words; without words all of them. Those that are not in the index yet come one and
 * all: nobody has looked at their words.
 */
export async function* searchedMessages(
  db: Db,
  { rids, order }: Places,
  words: WordQuery | undefined,
): AsyncGenerator<Found[]> {
  const upTo = await indexedUpTo(db);
  const rooms = { any: rids.map((rid) => ({ word: roomWord(rid) })) };
  const query = words ? { all: [rooms, words] } : rooms;
  if (order === 'newest-first') yield* unindexed(db, { rids, order }, upTo);
  yield* indexed(db, { rids, order }, query, upTo);
  if (order === 'oldest-first') yield* unindexed(db, { rids, order }, upTo);
}

async function* indexed(
  db: Db,
  { rids, order }: Places,
  query: WordQuery,
  upTo: number,
): AsyncGenerator<Found[]> {
  let beyond = order === 'newest-first' ? upTo + 1 : 0;
  for (;;) {
    const all = await rowsWithWords(db, query, { order, beyond, limit: BATCH });
    // Meanwhile more may have been indexed; those are looked at otherwise.
    const seqs = all.filter((seq) => seq <= upTo);
    beyond = seqs.at(-1) ?? beyond;
    if (seqs.length > 0) yield chosen(await visible(db).where('seq', 'in', seqs).execute(), { rids, order });
    if (seqs.length < BATCH) return;
  }
}

async function* unindexed(db: Db, { rids, order }: Places, upTo: number): AsyncGenerator<Found[]> {
  const { last } = await db
    .selectFrom('messages')
    .select((eb) => eb.fn.max('seq').as('last'))
    .executeTakeFirstOrThrow();
  const starts: number[] = [];
  for (let start = upTo; start < (last ?? 0); start += STRETCH) starts.push(start);
  if (order === 'newest-first') starts.reverse();
  for (const start of starts) {
    const rows = await visible(db)
      .where('seq', '>', start)
      .where('seq', '<=', start + STRETCH)
      .execute();
    yield chosen(rows, { rids, order });
  }
}

/** What a user starred in the rooms, or what is pinned there, or both. */
export async function* markedMessages(
  db: Db,
  { rids, order }: Places,
  { starredBy, pinned }: { starredBy: string | undefined; pinned: boolean },
): AsyncGenerator<Found[]> {
  const newestFirst = order === 'newest-first';
  let query = visible(db)
    .orderBy('seq', newestFirst ? 'desc' : 'asc')
    .limit(BATCH);
  if (pinned) query = query.where('pinned', '=', 1);
  if (starredBy === undefined) query = query.where('rid', 'in', [...rids]);
  else {
    query = query.where('id', 'in', (eb) =>
      eb
        .selectFrom('message_stars')
        .select('mid')
        .where('uid', '=', starredBy)
        .where('rid', 'in', [...rids]),
    );
  }
  let beyond: number | undefined;
  for (;;) {
    const page = beyond === undefined ? query : query.where('seq', newestFirst ? '<' : '>', beyond);
    const rows = await page.execute();
    yield rows;
    if (rows.length < BATCH) return;
    beyond = rows.at(-1)?.seq;
  }
}

/** Those of the rooms, in order. */
function chosen(rows: Found[], { rids, order }: Places): Found[] {
  const direction = order === 'newest-first' ? -1 : 1;
  return rows.filter(({ rid }) => rids.includes(rid)).sort((one, other) => direction * (one.seq - other.seq));
}
