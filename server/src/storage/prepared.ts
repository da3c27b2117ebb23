import type { Compilable, CompiledQuery, DialectAdapter, QueryResult } from 'kysely';
import type { Db } from './database.ts';
import type { KeyedRow, OneRowQuery, Reach } from './remembered-rows.ts';

/** Stands in a query for a value that is given when it runs. */
class Parameter {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

interface Prepared<R> {
  query: CompiledQuery<R>;
  /** In the order of the SQL text: values that never change, and where the others go. */
  parameters: readonly unknown[];
}

/**
 * A query whose SQL text is built once for each dialect instead of at every call: for the few that run with every message,
 * where building the text costs more than SQLite takes to run it. Anything that decides the text (which columns are set)
 * must not depend on the parameters: prepare one query for each form.
 *
 *     const roomQuery = prepared<{ id: string }, RoomRow>((db, parameter) =>
 *       db.selectFrom('rooms').selectAll().where('id', '=', parameter('id')));
 *     const { rows } = await roomQuery(db, { id });
 *
 * `leaves` is for writes of one row that is remembered (`remembered-rows.ts`); `reach` lets writes wait for the commit
 * (`late-writes.ts`).
 */
export function prepared<P extends object, R>(
  build: (db: Db, parameter: <K extends keyof P & string>(name: K) => P[K]) => Compilable<R>,
  reach?: Reach,
): (db: Db, values: P, leaves?: KeyedRow) => Promise<QueryResult<R>> {
  const byDialect = new WeakMap<DialectAdapter, Prepared<R>>();

  function prepare(db: Db): Prepared<R> {
    // The builder only hands the marker on to the compiled query, whatever type the column has.
    const parameter = <K extends keyof P & string>(name: K) => new Parameter(name) as unknown as P[K];
    const query = build(db, parameter).compile();
    const made = { query, parameters: query.parameters };
    byDialect.set(db.getExecutor().adapter, made);
    return made;
  }

  return (db, values, leaves) => {
    const { query, parameters } = byDialect.get(db.getExecutor().adapter) ?? prepare(db);
    const bound = parameters.map((value) =>
      value instanceof Parameter ? values[value.name as keyof P] : value,
    );
    // Member by member: this runs some ten times for each message, and a spread costs as much as the smallest query.
    const { query: node, queryId, sql } = query;
    const run: OneRowQuery = { query: node, queryId, sql, parameters: bound, leaves, reach };
    return db.executeQuery<R>(run);
  };
}
