import { type SelectQueryBuilder, SqliteAdapter } from 'kysely';
import type { Db } from './database.ts';

/**
 * Makes a query lock the rows that it reads until the transaction ends, so that what is known of them stays true. SQLite
 * has no such clause and needs none: it lets one transaction write at a time. Read with it inside `ctx.write` only.
 */
export function lockingRows<S, T extends keyof S, O>(
  db: Db,
  query: SelectQueryBuilder<S, T, O>,
): SelectQueryBuilder<S, T, O> {
  return db.getExecutor().adapter instanceof SqliteAdapter ? query : query.forUpdate();
}
