import {
  type CompiledQuery,
  type ConnectionProvider,
  type DatabaseConnection,
  DefaultQueryExecutor,
  type Dialect,
  type Driver,
  Kysely,
  type KyselyProps,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  Transaction,
} from 'kysely';
import type { Db, Tx } from '../database.ts';
import type { RememberedRows } from '../remembered-rows.ts';

/** Runs one compiled query. What stands behind it decides on which connection and whether it has to wait. */
export type Execute = <R>(compiled: CompiledQuery) => Promise<QueryResult<R>>;

/** A Kysely for reads outside a transaction. */
export const readerOver = (execute: Execute): Db => new Kysely(props(execute));

/** A Kysely for one transaction, which is begun and ended by the storage and not by Kysely. */
export const transactionOver = (execute: Execute, rows: RememberedRows): Tx =>
  new Transaction(props(execute, rows));

function props(execute: Execute, rows?: RememberedRows): KyselyProps {
  const executor = new DirectExecutor(execute, rows);
  return { config: { dialect: DIALECT }, dialect: DIALECT, driver: DRIVER, executor };
}

/**
 * Kysely's own executor acquires and releases a connection around every query, at the price of several promises. Ours
 * are always there: SQLite runs a query synchronously, so two of them can never meet on a connection.
 */
class DirectExecutor extends DefaultQueryExecutor {
  readonly #execute: Execute;
  /** Only inside transactions. */
  readonly rows: RememberedRows | undefined;

  constructor(execute: Execute, rows: RememberedRows | undefined) {
    super(COMPILER, ADAPTER, connectionProvider(execute));
    this.#execute = execute;
    this.rows = rows;
  }

  override executeQuery<R>(compiled: CompiledQuery): Promise<QueryResult<R>> {
    return this.#execute(compiled);
  }
}

function connectionProvider(executeQuery: Execute): ConnectionProvider {
  const connection: DatabaseConnection = {
    executeQuery,
    streamQuery() {
      // An open cursor would hold the connection's snapshot: other reads on it would miss later commits.
      throw new Error('streaming is not supported; read page by page');
    },
  };
  return { provideConnection: (consumer) => consumer(connection) };
}

const ADAPTER = new SqliteAdapter();
const COMPILER = new SqliteQueryCompiler();

const useStorage = (): never => {
  throw new Error('transactions are begun with storage.transaction or ctx.write');
};

const DRIVER: Driver = {
  init: async () => {},
  acquireConnection: async () => useStorage(),
  beginTransaction: async () => useStorage(),
  commitTransaction: async () => useStorage(),
  rollbackTransaction: async () => useStorage(),
  releaseConnection: async () => {},
  destroy: async () => {},
};

const DIALECT: Dialect = {
  createAdapter: () => ADAPTER,
  createDriver: () => DRIVER,
  createQueryCompiler: () => COMPILER,
  createIntrospector: (db) => new SqliteIntrospector(db),
};
