import type { CompiledQuery, QueryResult } from 'kysely';
import type {
  Client,
  ClientConfig,
  CustomTypesConfig,
  QueryResult as PgResult,
  PoolClient,
  QueryArrayResult,
} from 'pg';
import { bindable, isRead } from '../statements.ts';

/** Texts of queries that a connection keeps prepared. Beyond that they are parsed each time. */
const MOST_PREPARED = 500;

const asNumber = (text: string): number => Number(text);

/** What a column gives by its type's number in `pg_type`: the same values that SQLite gives. */
const PARSERS: ReadonlyMap<number, (text: string) => unknown> = new Map<number, (text: string) => unknown>([
  [17, (text) => Buffer.from(text.slice(2), 'hex')], // bytea, as \x and its bytes
  [16, (text) => Number(text === 't')], // boolean
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

const prepared = new Map<string, string>();

/** The same text has the same name on every connection, and a new name never an old text. */
function nameOf(text: string): string | undefined {
  const known = prepared.get(text);
  if (known !== undefined) return known;
  if (prepared.size >= MOST_PREPARED) return undefined;
  const name = `gantry_${prepared.size}`;
  prepared.set(text, name);
  return name;
}

/** Runs one compiled query. */
export async function execute<R>(
  client: Client | PoolClient,
  compiled: CompiledQuery,
): Promise<QueryResult<R>> {
  const name = nameOf(compiled.sql);
  const result: PgResult | QueryArrayResult = await client.query({
    text: compiled.sql,
    values: bindable(compiled.parameters),
    ...(name === undefined ? {} : { name }),
  });
  const rows = result.rows as R[];
  if (isRead(compiled)) return { rows };
  return { rows, numAffectedRows: BigInt(result.rowCount ?? rows.length) };
}
