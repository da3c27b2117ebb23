import { type Kysely, sql } from 'kysely';
import type { Db, Tx } from './database.ts';

/**
 * Which messages have which words: an inverted index by the number of a message (`messages.seq`). What is a word is decided by
 * whoever writes it: words come folded and separated by spaces, and are compared as they are.
 *
 * The one place to teach PostgreSQL's form of it: a table `(seq, words tsvector)` with a GIN index, written by
 * `array_to_tsvector` and asked by `@@`. Nobody has done that yet.
 */

/** A row of the index. */
export interface IndexedWords {
  seq: number;
  /** Separated by spaces. */
  words: string;
}

/** What a row must have: a word, a word that begins so, or several of these. */
export type WordQuery =
  | { word: string; isPrefix?: boolean }
  | { all: readonly WordQuery[] }
  | { any: readonly WordQuery[] };

/**
 * SQLite: FTS5 that stores nothing but which rows have a word, neither where in the row nor the row itself, which makes it a tenth as
 * large as one that knows phrases. The tokenizer splits at spaces and leaves everything beyond ASCII alone.
 */
export async function createWordIndex(tx: Kysely<unknown>): Promise<void> {
  await sql`create virtual table message_words using fts5(
    words, content = '', detail = none, columnsize = 0, tokenize = 'ascii')`.execute(tx);
}

/** One value, whatever the number of rows: a statement of its own for each number of rows would have to be built and remembered. */
const values = (rows: readonly IndexedWords[]) =>
  sql`json_each(${JSON.stringify(rows.map(({ seq, words }) => [seq, words]))})`;

/** The rows must not be in the index yet. */
export async function addWords(tx: Tx, rows: readonly IndexedWords[]): Promise<void> {
  await sql`insert into message_words (rowid, words)
    select value ->> 0, value ->> 1 from ${values(rows)}`.execute(tx);
}

/** The rows must be in the index with exactly these words. */
export async function removeWords(tx: Tx, rows: readonly IndexedWords[]): Promise<void> {
  await sql`insert into message_words (message_words, rowid, words)
    select 'delete', value ->> 0, value ->> 1 from ${values(rows)}`.execute(tx);
}

/** Where a walk over the index goes on. */
export interface WordPage {
  order: 'newest-first' | 'oldest-first';
  /** Leaves out this number and everything that comes before it in that order. */
  beyond: number;
  limit: number;
}

/** The numbers of the rows that have the words, in order. Costs what it passes on the way, not the whole list. */
export async function rowsWithWords(
  db: Db,
  query: WordQuery,
  { order, beyond, limit }: WordPage,
): Promise<number[]> {
  const bound = order === 'newest-first' ? sql`rowid < ${beyond}` : sql`rowid > ${beyond}`;
  const direction = order === 'newest-first' ? sql`desc` : sql`asc`;
  const { rows } = await sql<{ seq: number }>`select rowid as seq from message_words
    where message_words match ${matchExpression(query)} and ${bound}
    order by rowid ${direction} limit ${limit}`.execute(db);
  return rows.map((row) => row.seq);
}

function matchExpression(query: WordQuery): string {
  if ('word' in query) return `"${query.word.replaceAll('"', '')}"${query.isPrefix ? '*' : ''}`;
  const [parts, operator] = 'all' in query ? [query.all, ' AND '] : [query.any, ' OR '];
  return `(${parts.map(matchExpression).join(operator)})`;
}
