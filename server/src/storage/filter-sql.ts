import { type Expression, type RawBuilder, type SqlBool, sql } from 'kysely';
import { type Filter, type Scalar, textPattern } from '../kernel/filter.ts';
import { matchesPattern } from './like.ts';

/**
 * A caller's filter as a condition of SQL, over columns that a store names: nothing of the filter becomes SQL text, values
 * are bound. By MongoDB's rules, as `rest/match-filter.ts`: a member that a document does not have equals null, values of
 * another type match nothing, and a list matches when one of its items does.
 */

type Condition = RawBuilder<SqlBool>;

/** Where a member of the wire document is stored. */
export interface FilterColumn {
  kind: 'text' | 'number' | 'time' | 'flag';
  /** The member, or for a list one of its items, fulfils the condition. */
  some(condition: (value: Expression<unknown>) => Condition): Condition;
}

/** A column of one value. */
export const filterColumn = (kind: FilterColumn['kind'], value: Expression<unknown>): FilterColumn => ({
  kind,
  some: (condition) => condition(value),
});

/** `columnOf` gives undefined for a member that nothing is known of: no document has it. */
export function filterSql(
  filter: Filter,
  columnOf: (path: string) => FilterColumn | undefined,
): RawBuilder<SqlBool> {
  if ('parts' in filter) {
    const parts = filter.parts.map((part) => filterSql(part, columnOf));
    if (parts.length === 0) return filter.kind === 'and' ? always : never;
    return sql<SqlBool>`(${sql.join(parts, filter.kind === 'and' ? sql` and ` : sql` or `)})`;
  }
  const column = columnOf(filter.path) ?? filterColumn('text', sql`null`);
  switch (filter.kind) {
    case 'exists':
      return filter.exists ? isThere(column) : not(isThere(column));
    case 'in':
      return isAnyOf(column, filter.values);
    case 'nin':
      return not(isAnyOf(column, filter.values));
    case 'regex':
      return matchesRegex(column, filter);
    case 'compare': {
      if (filter.op === 'eq') return isAnyOf(column, [filter.value]);
      if (filter.op === 'ne') return not(isAnyOf(column, [filter.value]));
      const bound = boundValue(column, filter.value);
      const operator = sql.raw(ORDER[filter.op]);
      return bound === undefined || column.kind === 'flag'
        ? never
        : column.some((value) => sql<SqlBool>`${value} ${operator} ${bound}`);
    }
  }
}

const ORDER = { gt: '>', gte: '>=', lt: '<', lte: '<=' } as const;

const always = sql<SqlBool>`1 = 1`;
const never = sql<SqlBool>`1 = 0`;
/** Where the condition is unknown because the member is missing, it does not hold. */
const not = (condition: Condition): Condition => sql<SqlBool>`(${condition}) is not true`;
const isThere = (column: FilterColumn): Condition =>
  column.some((value) => sql<SqlBool>`${value} is not null`);

function isAnyOf(column: FilterColumn, values: readonly Scalar[]): Condition {
  const bound = values.flatMap((value) => boundValue(column, value) ?? []);
  const parts: Condition[] = [];
  if (values.includes(null)) parts.push(not(isThere(column)));
  if (bound.length > 0) parts.push(column.some((value) => sql<SqlBool>`${value} in (${sql.join(bound)})`));
  return parts.length === 0 ? never : sql<SqlBool>`(${sql.join(parts, sql` or `)})`;
}

/** Undefined for a value of another type than the column holds. */
function boundValue({ kind }: FilterColumn, value: Scalar): string | number | undefined {
  switch (kind) {
    case 'text':
      return typeof value === 'string' ? value : undefined;
    case 'number':
      return typeof value === 'number' ? value : undefined;
    case 'flag':
      return typeof value === 'boolean' ? Number(value) : undefined;
    case 'time':
      return value instanceof Date ? value.getTime() : undefined;
  }
}

function matchesRegex(column: FilterColumn, { source, flags }: { source: string; flags: string }): Condition {
  const pattern = column.kind === 'text' ? textPattern(source) : undefined;
  if (!pattern) return never;
  return column.some((value) =>
    matchesPattern(value as Expression<string | null>, pattern, { ignoreCase: flags === 'i' }),
  );
}
