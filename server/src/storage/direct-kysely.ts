import {
  type CompiledQuery,
  type ConnectionProvider,
  type DatabaseConnection,
  type DatabaseIntrospector,
  DefaultQueryExecutor,
  type Dialect,
  type DialectAdapter,
  type Driver,
  Kysely,
  type KyselyProps,
  type QueryCompiler,
  type QueryResult,
  Transaction,
} from 'kysely';
import type { Db, Tx } from './database.ts';
import type { RememberedRows } from './remembered-rows.ts';

/** Runs one compiled query. What stands behind it decides on which connection and whether it has to wait. */
export type Execute = <R>(compiled: CompiledQuery) => Promise<QueryResult<R>>;

/** How a database wants its SQL. */
export interface SqlForm {
  adapter: DialectAdapter;
  compiler: QueryCompiler;
  introspector(db: Kysely<unknown>): DatabaseIntrospector;
}

/** Makes Kyselys whose queries go where they are told, without a driver of Kysely's. */
export interface DirectKysely {
  /** For reads outside a transaction. */
  readerOver(execute: Execute): Db;
  /** For one transaction, which is begun and ended by the storage and not by Kysely. */
  transactionOver(execute: Execute, rows: RememberedRows): Tx;
}

export function directKysely(form: SqlForm): DirectKysely {
  const dialect: Dialect = {
    createAdapter: () => form.adapter,
    createDriver: () => DRIVER,
    createQueryCompiler: () => form.compiler,
    createIntrospector: (db) => form.introspector(db),
  };
  const props = (execute: Execute, rows?: RememberedRows): KyselyProps => {
    const executor = new DirectExecutor(form, execute, rows);
    return { config: { dialect }, dialect, driver: DRIVER, executor };
  };
  return {
    readerOver: (execute) => new Kysely(props(execute)),
    transactionOver: (execute, rows) => new Transaction(props(execute, rows)),
  };
}

/**
 * Kysely's own executor acquires and releases a connection around every query, at the price of several promises. Ours
 * are always there: SQLite runs a query synchronously, and a PostgreSQL connection puts its queries into a line.
 */
class DirectExecutor extends DefaultQueryExecutor {
  readonly #execute: Execute;
  /** Only inside transactions. */
  readonly rows: RememberedRows | undefined;

  constructor(form: SqlForm, execute: Execute, rows: RememberedRows | undefined) {
    super(form.compiler, form.adapter, connectionProvider(execute));
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
