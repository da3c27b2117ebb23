/**
 * Finds an SQLite for this Node: the built-in `node:sqlite` (22.13 and later), else `@photostructure/sqlite`, which has
 * the same API. Only the part of that API that Gantry uses is declared here.
 */
import { createRequire } from 'node:module';
import type { BoundValue } from '../statements.ts';

/** Anything else is refused by our connection before it reaches the driver. */
export type SqliteValue = BoundValue;

export interface SqliteStatement {
  all(...parameters: SqliteValue[]): unknown[];
  run(...parameters: SqliteValue[]): { changes: number | bigint };
  /** Rows as arrays instead of objects. Node 22.16 and later, like `columns`. */
  setReturnArrays?(enabled: boolean): void;
  columns?(): { name: string }[];
}

export interface SqliteDatabase {
  readonly isTransaction?: boolean;
  prepare(sql: string): SqliteStatement;
  exec(sql: string): void;
  function(name: string, options: { deterministic: boolean }, call: (value: unknown) => unknown): void;
  close(): void;
}

export interface SqliteOpenOptions {
  readOnly?: boolean;
  /** How long a statement waits for another process's lock, in ms. It blocks the event loop meanwhile. */
  timeout?: number;
}

interface SqliteModule {
  DatabaseSync: new (path: string, options: SqliteOpenOptions) => SqliteDatabase;
}

const BUILT_IN = 'node:sqlite';
const FALLBACK = '@photostructure/sqlite';

/** What to `require` in a worker thread to get the same SQLite. */
export function sqliteModuleName(): string {
  const require = createRequire(import.meta.url);
  try {
    quietly(() => require(BUILT_IN));
    return BUILT_IN;
  } catch {
    return require.resolve(FALLBACK);
  }
}

/** Opens a database file, or `:memory:`. */
export function openSqlite(path: string, options: SqliteOpenOptions = {}): SqliteDatabase {
  const require = createRequire(import.meta.url);
  const { DatabaseSync } = quietly(() => require(sqliteModuleName()) as SqliteModule);
  return new DatabaseSync(path, options);
}

/** Node announces its SQLite as experimental on first use; that one warning would only worry our users. */
function quietly<T>(load: () => T): T {
  const emitWarning = process.emitWarning;
  process.emitWarning = ((warning: string | Error, ...rest: unknown[]) => {
    if (String(warning).startsWith('SQLite is an experimental feature')) return;
    (emitWarning as (...all: unknown[]) => void).call(process, warning, ...rest);
  }) as typeof process.emitWarning;
  try {
    return load();
  } finally {
    process.emitWarning = emitWarning;
  }
}

/** SQLite's texts for the errors whose meaning we look at, see `../errors.ts`. */
const CODES_BY_TEXT: readonly [start: string, errcode: number][] = [
  ['database is locked', 5],
  ['database table is locked', 6],
  ['out of memory', 7],
  ['interrupted', 9],
  ['disk I/O error', 10],
  ['database or disk is full', 13],
  ['UNIQUE constraint failed', 2067],
];

/** `@photostructure/sqlite` 1.2 gives errors of `run` their code and forgets it for `all`; here they get it back. */
export function withErrorCode(error: unknown): unknown {
  if (!(error instanceof Error) || 'errcode' in error) return error;
  const known = CODES_BY_TEXT.find(([start]) => error.message.startsWith(start));
  return known ? Object.assign(error, { errcode: known[1] }) : error;
}
