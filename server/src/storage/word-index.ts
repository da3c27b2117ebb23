import { type Kysely, sql } from 'kysely';
import type { Db, Tx } from './database.ts';
import { isOnPostgres } from './dialect-functions.ts';

/**
 * Which messages have which words: an inverted index by the number of a message (`messages.seq`). What is a word is decided by
 * whoever writes it: words come folded and separated by spaces, and are compared as they are.
 * SQLite: FTS5 that stores nothing but which rows have a word, neither where in the row nor the row itself, which makes it a tenth as
 * large as one that knows phrases. The tokenizer splits at spaces and leaves everything beyond ASCII alone.
 *
 * PostgreSQL: a `tsvector` without places and a GIN index. Nothing of its dictionaries is used, so both find the same.
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

export async function createWordIndex(tx: Kysely<unknown>): Promise<void> {
  if (isOnPostgres(tx)) {
    await sql`create table message_words (seq bigint primary key, words tsvector not null)`.execute(tx);
    await sql`create index message_words_words on message_words using gin (words)`.execute(tx);
    return;
  }
  await sql`create virtual table message_words using fts5(
    words, content = '', detail = none, columnsize = 0, tokenize = 'ascii')`.execute(tx);
}

/** One value, whatever the number of rows: a statement of its own for each number of rows would have to be built and remembered. */
const values = (rows: readonly IndexedWords[]) =>
  sql`json_each(${JSON.stringify(rows.map(({ seq, words }) => [seq, words]))})`;

/** The rows must not be in the index yet. */
export async function addWords(tx: Tx, rows: readonly IndexedWords[]): Promise<void> {
  if (isOnPostgres(tx)) {
    const lists = JSON.stringify(rows.map(({ seq, words }) => [seq, lexemes(words)]));
    await sql`insert into message_words (seq, words)
      select (item ->> 0)::bigint, array_to_tsvector(array(select jsonb_array_elements_text(item -> 1)))
      from jsonb_array_elements(${lists}::jsonb) as item`.execute(tx);
    return;
  }
  await sql`insert into message_words (rowid, words)
    select value ->> 0, value ->> 1 from ${values(rows)}`.execute(tx);
}

/** The rows must be in the index with exactly these words. */
export async function removeWords(tx: Tx, rows: readonly IndexedWords[]): Promise<void> {
  if (isOnPostgres(tx)) {
    const numbers = JSON.stringify(rows.map(({ seq }) => seq));
    await sql`delete from message_words
      where seq in (select jsonb_array_elements_text(${numbers}::jsonb)::bigint)`.execute(tx);
    return;
  }
  await sql`insert into message_words (message_words, rowid, words)
    select 'delete', value ->> 0, value ->> 1 from ${values(rows)}`.execute(tx);
}

/** Leaves the index empty. */
export async function clearWords(tx: Tx): Promise<void> {
  if (isOnPostgres(tx)) await sql`delete from message_words`.execute(tx);
  else await sql`insert into message_words (message_words) values ('delete-all')`.execute(tx);
}

/** Where a walk over the index goes on. */
export interface WordPage {
  order: 'newest-first' | 'oldest-first';
  /** Leaves out this number and everything that comes before it in that order. */
  beyond: number;
  limit: number;
}

/** The numbers of the rows that have the words, in order. On SQLite it costs what it passes on the way, not the whole list. */
export async function rowsWithWords(
  db: Db,
  query: WordQuery,
  { order, beyond, limit }: WordPage,
): Promise<number[]> {
  const [seq, fits] = isOnPostgres(db)
    ? [sql.ref('seq'), sql`words @@ ${tsQuery(query)}::tsquery`]
    : [sql.ref('rowid'), sql`message_words match ${matchExpression(query)}`];
  const bound = order === 'newest-first' ? sql`${seq} < ${beyond}` : sql`${seq} > ${beyond}`;
  const direction = order === 'newest-first' ? sql`desc` : sql`asc`;
  const { rows } = await sql<{ seq: number }>`select ${seq} as seq from message_words
    where ${fits} and ${bound} order by ${seq} ${direction} limit ${limit}`.execute(db);
  return rows.map((row) => row.seq);
}

function matchExpression(query: WordQuery): string {
  if ('word' in query) return `"${query.word.replaceAll('"', '')}"${query.isPrefix ? '*' : ''}`;
  const [parts, operator] = 'all' in query ? [query.all, ' AND '] : [query.any, ' OR '];
  return `(${parts.map(matchExpression).join(operator)})`;
}

/** A `tsvector` takes no longer ones (2,046 bytes); whoever asks looks at what is found anyway. */
const LONGEST_LEXEME = 500;

const lexeme = (word: string): string => [...word].slice(0, LONGEST_LEXEME).join('');

const lexemes = (words: string): string[] => [
  ...new Set(
    words
      .split(' ')
      .filter((word) => word !== '')
      .map(lexeme),
  ),
];

function tsQuery(query: WordQuery): string {
  if ('word' in query) {
    const text = lexeme(query.word).replaceAll('\\', '\\\\').replaceAll("'", "''");
    return `'${text}'${query.isPrefix ? ':*' : ''}`;
  }
  const [parts, operator] = 'all' in query ? [query.all, ' & '] : [query.any, ' | '];
  return `(${parts.map(tsQuery).join(operator)})`;
}
