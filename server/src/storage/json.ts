import { type Expression, type RawBuilder, sql } from 'kysely';
import { dialectCall } from './dialect-functions.ts';

/** Reads a `doc` column or another column that holds JSON text which this server wrote. */
export const parseDoc = <T>(text: string): T => JSON.parse(text) as T;

/** JSON text for a column. Refuses what has no JSON form instead of storing the word "undefined". */
export function stringify(value: unknown): string {
  const text: string | undefined = JSON.stringify(value);
  if (text === undefined) throw new TypeError('the value has no JSON form');
  return text;
}

/** The text of a top-level member of a JSON column, null when it is absent. `member` is a name from our own code. */
export const jsonText = (column: Expression<string>, member: string): RawBuilder<string | null> =>
  dialectCall('gantry_json_text', column, [member]);

/** A top-level member is `true`: 1, it is `false`: 0, else null. */
export const jsonFlag = (column: Expression<string>, member: string): RawBuilder<number | null> =>
  dialectCall('gantry_json_flag', column, [member]);

/** What a member of a JSON document may hold. A time is its text. */
export type JsonKind = 'text' | 'number' | 'time' | 'flag';

/** A member below others, by names that a caller may have given; null where it is absent or of another kind. */
export function jsonAt(
  kind: JsonKind,
  column: Expression<string>,
  path: readonly string[],
): RawBuilder<unknown> {
  // A name that would have to be escaped is none that we have stored.
  if (!path.every((name) => /^[^"\\]+$/.test(name))) return sql`null`;
  return dialectCall(FUNCTION_OF[kind], column, path);
}

const FUNCTION_OF = {
  text: 'gantry_json_text',
  time: 'gantry_json_text',
  number: 'gantry_json_number',
  flag: 'gantry_json_flag',
} as const;

/** The items of a JSON array of texts as rows `item.value`, for a `from`. */
export const jsonItems = (column: Expression<string | null>): RawBuilder<unknown> =>
  dialectCall('gantry_json_items', column);
