import { type RawBuilder, sql } from 'kysely';
import type { Db } from './database.ts';
import type { Schema } from './schema.ts';

/** Something that must hold in the tables whatever happened before. Each feature declares those of its own tables. */
export interface ConsistencyRule {
  /** What a row that breaks it is, for example `membership of a room that is gone`. */
  broken: string;
  /** Finds the rows that break it; `what` names one so that a person finds it. */
  query: RawBuilder<{ what: string }>;
}

export interface Finding {
  broken: string;
  /** Up to `MOST_EXAMPLES` of the rows. */
  examples: string[];
  /** There are more than the examples. */
  more: boolean;
}

const MOST_EXAMPLES = 20;

/** Which rules are broken, and where. Reads every row of the tables: meant for tests and administrators. */
export async function findInconsistencies(db: Db, rules: readonly ConsistencyRule[]): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { broken, query } of rules) {
    const { rows } = await sql<{
      what: string;
    }>`select what from (${query}) as broken limit ${MOST_EXAMPLES + 1}`.execute(db);
    if (rows.length === 0) continue;
    const examples = rows.slice(0, MOST_EXAMPLES).map(({ what }) => what);
    findings.push({ broken, examples, more: rows.length > MOST_EXAMPLES });
  }
  return findings;
}

type Column<T extends keyof Schema> = keyof Schema[T] & string;

/** Every value of a column (null aside) is the key of a row of another table. `where`: only these rows. */
export function reference<T extends keyof Schema, U extends keyof Schema>(
  table: T,
  column: Column<T>,
  target: U,
  options: { key?: Column<U>; where?: RawBuilder<boolean> } = {},
): ConsistencyRule {
  const { key = 'id', where = sql<boolean>`1 = 1` } = options;
  const value = sql.ref(`${table}.${column}`);
  return {
    broken: `${table}.${column} without its ${target}`,
    query: sql`select ${value} as what from ${sql.table(table)}
      where ${value} is not null and ${where}
      and not exists (select 1 from ${sql.table(target)} as target where ${sql.ref(`target.${key}`)} = ${value})`,
  };
}
