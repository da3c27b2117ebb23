import { fail } from '../kernel/errors.ts';
import type { Settings } from '../kernel/settings.ts';

/** What `count` becomes when a caller may have everything: above any table, and a LIMIT that both databases take. */
export const UNLIMITED = 2 ** 31 - 1;

export interface Page {
  offset: number;
  /** How many items at most; `UNLIMITED` for all. */
  count: number;
}

export interface PageQuery {
  offset?: number | undefined;
  count?: number | undefined;
}

/** What an endpoint may set differently from the workspace settings. */
export interface PageDefaults {
  count?: number;
  upperLimit?: number;
}

const MAX_OFFSET = 2 ** 31 - 1;

/** `offset` and `count` as the settings allow them (spec 00 §11.1). Never throws; nonsense counts as not given. */
export function pageOf(settings: Settings, query: PageQuery, defaults: PageDefaults = {}): Page {
  const fallback = defaults.count ?? positive(settings.int('API_Default_Count'), 50);
  const upper = defaults.upperLimit ?? positive(settings.int('API_Upper_Count_Limit'), 100);
  const offset = Math.trunc(query.offset ?? 0);
  return {
    offset: offset > 0 ? Math.min(offset, MAX_OFFSET) : 0,
    count: countOf(query.count, fallback, upper, settings.bool('API_Allow_Infinite_Count')),
  };
}

function countOf(given: number | undefined, fallback: number, upper: number, mayBeInfinite: boolean): number {
  const count = Math.trunc(given ?? fallback);
  if (count === 0) return mayBeInfinite ? UNLIMITED : fallback;
  return count > 0 ? Math.min(count, upper) : fallback;
}

function positive(number: number, otherwise: number): number {
  return number > 0 ? number : otherwise;
}

/** The usual members of a list answer beside the items (spec 00 §11.1). */
export function pageMembers(page: Page, items: readonly unknown[], total: number) {
  return { count: items.length, offset: page.offset, total };
}

export type SortEntry = readonly [path: string, direction: 1 | -1];

const MAX_SORT_LENGTH = 2000;
const MAX_SORT_KEYS = 16;
const SORT_PATH = /^[\w-]+(\.[\w-]+)*$/;

/** The `sort` parameter in its order; undefined when not given. Throws `error-invalid-sort` (spec 00 §11.2). */
export function parseSort(raw: string | undefined): SortEntry[] | undefined {
  if (raw === undefined || raw === '') return undefined;
  const parsed = raw.length <= MAX_SORT_LENGTH ? parseObject(raw) : undefined;
  const entries = Object.entries(parsed ?? {});
  const isValid =
    parsed !== undefined &&
    entries.length <= MAX_SORT_KEYS &&
    entries.every(([path, direction]) => SORT_PATH.test(path) && (direction === 1 || direction === -1));
  if (!isValid) {
    fail('error-invalid-sort', `Invalid sort parameter provided: "${raw}"`, {
      helperMethod: 'parseJsonQuery',
    });
  }
  return entries as [string, 1 | -1][];
}

export interface OrderBy<Column> {
  column: Column;
  direction: 'asc' | 'desc';
}

/**
 * The `sort` parameter as columns. Paths without a column are left out, as sorting by a member that no document has
 * changes nothing; when none is left, `fallback` decides. Throws `error-invalid-sort`.
 */
export function orderBy<Column>(
  raw: string | undefined,
  columns: Readonly<Record<string, Column>>,
  fallback: readonly OrderBy<Column>[],
): readonly OrderBy<Column>[] {
  const order: OrderBy<Column>[] = [];
  for (const [path, direction] of parseSort(raw) ?? []) {
    const column = Object.hasOwn(columns, path) ? columns[path] : undefined;
    if (column !== undefined) order.push({ column, direction: direction === 1 ? 'asc' : 'desc' });
  }
  return order.length > 0 ? order : fallback;
}

/** The JSON object in `raw`, or undefined when it is something else. */
export function parseObject(raw: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(raw);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
