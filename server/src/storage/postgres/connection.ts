import type { CompiledQuery, QueryResult } from 'kysely';
import type {
  Client,
  ClientConfig,
  CustomTypesConfig,
  QueryResult as PgResult,
  Pool,
  QueryArrayResult,
} from 'pg';
import { StorageAway, StorageFailed } from '../errors.ts';
import { bindable, isRead } from '../statements.ts';

/** Texts of queries that a connection keeps prepared. Beyond that they are parsed each time. */
const MOST_PREPARED = 500;

const asNumber = (text: string): number => Number(text);

/** What a column gives by its type's number in `pg_type`: the same values that SQLite gives. */
const PARSERS: ReadonlyMap<number, (text: string) => unknown> = new Map<number, (text: string) => unknown>([
  [16, (text) => Number(text === 't')], // boolean
  [17, (text) => Buffer.from(text.slice(2), 'hex')], // bytea, as \x and its bytes
  [20, asNumber], // bigint
  [21, asNumber], // smallint
  [23, asNumber], // integer
  [700, asNumber], // real
  [701, asNumber], // double precision
  [1700, asNumber], // numeric: what sum() of numbers is
]);

const TYPES: CustomTypesConfig = {
  getTypeParser: ((oid: number) =>
    PARSERS.get(oid) ?? ((text: string) => text)) as CustomTypesConfig['getTypeParser'],
};

export function clientConfig(url: string, session: Readonly<Record<string, string>> = {}): ClientConfig {
  const options = Object.entries(session).map(([name, value]) => `-c ${name}=${value}`);
  return {
    connectionString: url,
    types: TYPES,
    keepAlive: true,
    application_name: 'gantry',
    connectionTimeoutMillis: 10_000,
    ...(options.length > 0 ? { options: options.join(' ') } : {}),
  };
}

/** By connection, or pool of connections: the names of the texts that are prepared on it. */
const preparedOn = new WeakMap<Client | Pool, Map<string, string>>();

/** A text keeps its name, and no other text ever has it. */
function nameOf(client: Client | Pool, text: string): string | undefined {
  let names = preparedOn.get(client);
  if (!names) {
    names = new Map();
    preparedOn.set(client, names);
  }
  const known = names.get(text);
  if (known !== undefined) return known;
  if (names.size >= MOST_PREPARED) return undefined;
  const name = `gantry_${names.size}`;
  names.set(text, name);
  return name;
}

/** Runs one compiled query. */
export async function execute<R>(client: Client | Pool, compiled: CompiledQuery): Promise<QueryResult<R>> {
  const name = nameOf(client, compiled.sql);
  const result: PgResult | QueryArrayResult = await saying(
    client.query({
      text: compiled.sql,
      values: bindable(compiled.parameters),
      ...(name === undefined ? {} : { name }),
    }),
  );
  const rows = result.rows as R[];
  if (isRead(compiled)) return { rows };
  return { rows, numAffectedRows: BigInt(result.rowCount ?? rows.length) };
}

/** What the server says when it goes down or is not up yet, and what sockets say. */
const AWAY = /^(08|57P0[123]|53300|ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|ENOTFOUND|EAI_AGAIN)/;

/** Waits for the driver and says what its error means. */
export async function saying<T>(driver: Promise<T>): Promise<T> {
  try {
    return await driver;
  } catch (error) {
    throw meaningOf(error);
  }
}

/** The error that storages throw for one of the driver: `StorageAway` when the server did not answer, else the same. */
export function meaningOf(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof StorageFailed) return error;
  const { code } = error as { code?: unknown };
  const isAway = typeof code === 'string' ? AWAY.test(code) : LOST.test(error.message);
  return isAway ? new StorageAway('PostgreSQL does not answer', { cause: error }) : error;
}

/** What the driver says without a code. */
const LOST =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Client was closed)/;
