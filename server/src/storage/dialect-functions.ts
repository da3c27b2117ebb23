import {
  type Expression,
  ExpressionWrapper,
  FunctionNode,
  type Kysely,
  type OperationNode,
  PostgresAdapter,
  type RawBuilder,
  sql,
  ValueNode,
} from 'kysely';

/**
 * What SQLite and PostgreSQL write differently. The helpers of `storage/` (`json.ts`, `like.ts`) put these into queries, and
 * the compiler of each dialect (`sqlite/dialect.ts`, `postgres/dialect.ts`) knows its form of every one.
 */
export type DialectFunction =
  /** (JSON text, names of members, one below the other): the text there, null when nothing is there. */
  | 'gantry_json_text'
  /** (JSON text, names): the number of a member, null when it is none. */
  | 'gantry_json_number'
  /** (JSON text, names): 1 or 0 for a member that is true or false, null for any other. */
  | 'gantry_json_flag'
  /** (JSON text): the items of a list as rows of `item.value`, for a `from`. */
  | 'gantry_json_items'
  /** (text, GLOB pattern, LIKE pattern): a match that tells capitals from small letters. */
  | 'gantry_matches_case';

/** A call of one of them. Arguments are expressions, or values that the compiler may write in its own way. */
export function dialectCall<T>(
  name: DialectFunction,
  ...args: (Expression<unknown> | string | readonly string[])[]
): RawBuilder<T> {
  const nodes = args.map((arg) => (isExpression(arg) ? arg.toOperationNode() : ValueNode.create(arg)));
  return sql<T>`${new ExpressionWrapper<never, never, T>(FunctionNode.create(name, nodes))}`;
}

const isExpression = (arg: Expression<unknown> | string | readonly string[]): arg is Expression<unknown> =>
  typeof arg === 'object' && 'toOperationNode' in arg;

/** The value that `dialectCall` was given as an argument. */
export const givenValue = (node: OperationNode | undefined): unknown =>
  node && ValueNode.is(node) ? node.value : undefined;

export const isDialectFunction = (name: string): name is DialectFunction => name.startsWith('gantry_');

/** For the few places that are written twice: tables that only one of the databases has. */
export const isOnPostgres = (db: Pick<Kysely<unknown>, 'getExecutor'>): boolean =>
  db.getExecutor().adapter instanceof PostgresAdapter;
