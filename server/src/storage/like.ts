import { type Expression, type RawBuilder, type SqlBool, sql } from 'kysely';
import type { TextPattern } from '../kernel/filter.ts';
import { dialectCall } from './dialect-functions.ts';

/** Escapes what LIKE treats specially, so that a user's `%` finds a percent sign. */
const escapeLike = (text: string): string => text.replace(/[\\%_]/g, '\\$&');

/** LIKE pattern for "contains this text"; give it to `isLike`, which adds the escape clause. */
export const containsPattern = (text: string): string => `%${escapeLike(text)}%`;

/** LIKE pattern for "starts with this text"; give it to `isLike`. */
export const startsWithPattern = (text: string): string => `${escapeLike(text)}%`;

/** SQLite fails on a pattern of more than 50,000 bytes; lower case may take half as much again. */
const MAX_PATTERN_BYTES = 32_000;

/** Nobody has names that long, and a failure is no answer to a search. */
const matchesNothing = sql<SqlBool>`1 = 0`;

const isTooLong = (pattern: string): boolean => Buffer.byteLength(pattern) > MAX_PATTERN_BYTES;

/**
 * Does the text match the pattern, ignoring case in every script? For example
 * `.where((eb) => isLike(eb.ref('name'), containsPattern(term)))`.
 */
export const isLike = (text: Expression<string | null>, pattern: string): RawBuilder<SqlBool> =>
  isTooLong(pattern) ? matchesNothing : sql<SqlBool>`lower(${text}) like lower(${pattern}) escape '\\'`;

/**
 * As `isLike`, for a column that holds lower case (`users.search_key`, `username_key`, `address_key`): several times
 * faster, because nothing is converted per row.
 */
export const isLikeInLowerCase = (text: Expression<string | null>, pattern: string): RawBuilder<SqlBool> =>
  isTooLong(pattern) ? matchesNothing : sql<SqlBool>`${text} like ${pattern.toLowerCase()} escape '\\'`;

const written = (
  { fromStart, toEnd, parts }: TextPattern,
  { any, one, text }: { any: string; one: string; text: (literal: string) => string },
): string => {
  const inner = parts.map((part) => (part === 'any' ? any : part === 'one' ? one : text(part.text)));
  return `${fromStart ? '' : any}${inner.join('')}${toEnd ? '' : any}`;
};

/** Does the text match the pattern? */
export function matchesPattern(
  text: Expression<string | null>,
  pattern: TextPattern,
  { ignoreCase }: { ignoreCase: boolean },
): RawBuilder<SqlBool> {
  const like = written(pattern, { any: '%', one: '_', text: escapeLike });
  if (ignoreCase) return isLike(text, like);
  const glob = written(pattern, { any: '*', one: '?', text: (literal) => literal.replace(/[*?[]/g, '[$&]') });
  return dialectCall('gantry_matches_case', text, glob, like);
}
