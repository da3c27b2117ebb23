import { type Expression, type RawBuilder, sql } from 'kysely';

/** Reads a `doc` column or another column that holds JSON text which this server wrote. */
export const parseDoc = <T>(text: string): T => JSON.parse(text) as T;

/** JSON text for a column. Refuses what has no JSON form instead of storing the word "undefined". */
export function stringify(value: unknown): string {
  const text: string | undefined = JSON.stringify(value);
  if (text === undefined) throw new TypeError('the value has no JSON form');
  return text;
}

/**
 * The text of a top-level member of a JSON column, null when it is absent. `member` is a name from our own code. The one
 * place to teach PostgreSQL's form of it.
 */
export const jsonText = (column: Expression<string>, member: string): RawBuilder<string | null> =>
  sql<string | null>`json_extract(${column}, ${sql.lit(`$.${member}`)})`;

/** As `jsonText`, for a member below others, by names that a caller gave. */
export const jsonTextAt = (
  column: Expression<string>,
  path: readonly string[],
): RawBuilder<string | null> => {
  // A name that would have to be escaped is none that we have stored.
  const isPlain = path.every((name) => /^[^"\\]+$/.test(name));
  const steps = path.map((name) => `."${name}"`).join('');
  return isPlain ? sql<string | null>`json_extract(${column}, ${`$${steps}`})` : sql<string | null>`null`;
};

/** The items of a JSON array of texts as rows `item.value`, for a `from`. The one place to teach PostgreSQL's form of it. */
export const jsonItems = (column: Expression<string | null>): RawBuilder<unknown> =>
  sql`json_each(${column}) as item`;
