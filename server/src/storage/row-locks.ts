import type { SelectQueryBuilder } from 'kysely';
import type { Db } from './database.ts';
import { isOnPostgres } from './dialect-functions.ts';

/**
 * Makes a query lock the rows that it reads until the transaction ends, so that what is known of them stays true. One
 * transaction writes at a time, on either database; on PostgreSQL the clause also keeps other programs away. Read with it
 * inside `ctx.write` only.
 */
export function lockingRows<S, T extends keyof S, O>(
  db: Db,
  query: SelectQueryBuilder<S, T, O>,
): SelectQueryBuilder<S, T, O> {
  return isOnPostgres(db) ? query.forUpdate() : query;
}
