import type { CompiledQuery, QueryResult } from 'kysely';
import { bindable, isRead } from '../statements.ts';
import { type SqliteDatabase, type SqliteStatement, type SqliteValue, withErrorCode } from './driver.ts';

const CACHED_STATEMENTS = 500;

interface Prepared {
  statement: SqliteStatement;
  /** Names of the columns when rows come as arrays. */
  columns: string[] | undefined;
}

/** One SQLite connection that runs Kysely's compiled queries, with a bounded cache of prepared statements. */
export class SqliteConnection {
  readonly database: SqliteDatabase;
  /** By SQL text, the least recently used first. */
  readonly #statements = new Map<string, Prepared>();

  constructor(database: SqliteDatabase) {
    this.database = database;
  }

  /** Runs the query at once; SQLite never waits here but for another process. */
  execute<R>(compiled: CompiledQuery): QueryResult<R> {
    const parameters = bindable(compiled.parameters);
    const hasRows = returnsRows(compiled);
    const prepared = this.#prepare(compiled.sql, hasRows);
    try {
      if (!hasRows)
        return { rows: [], numAffectedRows: BigInt(prepared.statement.run(...parameters).changes) };
      const rows = allRows(prepared, parameters) as R[];
      return isRead(compiled) ? { rows } : { rows, numAffectedRows: BigInt(rows.length) };
    } catch (error) {
      // A statement that failed half-way could keep its read snapshot open; a new one is cheap.
      this.#statements.delete(compiled.sql);
      throw withErrorCode(error);
    }
  }

  /** Runs a statement without parameters and rows, such as BEGIN. */
  run(sql: string): void {
    this.#prepare(sql, false).statement.run();
  }

  /** Another number as soon as another connection, also of another process, has committed something. */
  dataVersion(): unknown {
    const [row] = allRows(this.#prepare('PRAGMA data_version', true), []) as { data_version: unknown }[];
    return row?.data_version;
  }

  close(): void {
    this.#statements.clear();
    this.database.close();
  }

  #prepare(sql: string, hasRows: boolean): Prepared {
    let prepared = this.#statements.get(sql);
    const isFull = this.#statements.size >= CACHED_STATEMENTS;
    // The order matters only once something has to go.
    if (prepared && !isFull) return prepared;
    if (prepared) {
      this.#statements.delete(sql);
    } else {
      prepared = prepare(this.database, sql, hasRows);
      const oldest = isFull ? this.#statements.keys().next().value : undefined;
      if (oldest !== undefined) this.#statements.delete(oldest);
    }
    this.#statements.set(sql, prepared);
    return prepared;
  }
}

function prepare(database: SqliteDatabase, sql: string, hasRows: boolean): Prepared {
  const statement = database.prepare(sql);
  if (!hasRows || !statement.setReturnArrays || !statement.columns) return { statement, columns: undefined };
  statement.setReturnArrays(true);
  return { statement, columns: statement.columns().map((column) => column.name) };
}

/** The drivers' own row objects have no prototype and are twice as slow to make and read as these. */
function allRows({ statement, columns }: Prepared, parameters: SqliteValue[]): unknown[] {
  const rows = statement.all(...parameters);
  if (!columns) return rows;
  for (const [index, values] of (rows as SqliteValue[][]).entries()) {
    const row: Record<string, SqliteValue> = {};
    for (let column = 0; column < columns.length; column += 1)
      row[columns[column] as string] = values[column] as SqliteValue;
    rows[index] = row;
  }
  return rows;
}

function returnsRows(compiled: CompiledQuery): boolean {
  const { query, sql } = compiled;
  switch (query.kind) {
    case 'InsertQueryNode':
    case 'UpdateQueryNode':
    case 'DeleteQueryNode':
    case 'MergeQueryNode':
      return query.returning !== undefined;
    case 'RawNode':
      return isRead(compiled) || /^\s*with\b|\breturning\b/i.test(sql);
    default:
      return isRead(compiled);
  }
}
