import { type Expression, type RawBuilder, sql } from 'kysely';

/**
 * The same value in a form that no index serves: for a condition that most rows fulfil, where an index on it would keep
 * the planner from the one that finds few rows or sorts them. (Without statistics it takes any index to be selective.)
 */
export const unindexed = <T>(column: Expression<T>): RawBuilder<T> => sql<T>`coalesce(${column}, null)`;
