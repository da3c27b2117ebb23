import type { Config } from '../config/config.ts';
import { fail } from '../kernel/errors.ts';
import type { Filter, Scalar } from '../kernel/filter.ts';
import { parseFilter } from '../rest/query-filter.ts';
import type { MessageFilter, TimeBound } from './message-pages.store.ts';

/** A list of ids may be so long; as in the plain parameters `mentionIds` and `starredIds`. */
const MAX_IDS = 500;

type Condition = Exclude<Filter, { parts: unknown }>;

/**
 * What old clients ask for by a raw `query` where those are honoured: some messages by their ids, those of a time, the replies
 * of a thread, pinned ones, those that mention somebody or that somebody starred (spec 41 §2.5, §6). An index stands behind
 * each of these. Everything else is refused: whoever asked for the messages of one author would take all for an answer.
 *
 * @throws error-invalid-query, with a line for each member and operator that is not known (spec 00 §11.3)
 */
export function rawMessageFilter(
  config: Pick<Config, 'allowUnsafeQueryAndFields'>,
  raw: string | undefined,
): MessageFilter {
  const filter = parseFilter(config, raw);
  if (!filter) return {};
  const refused = new Set<string>();
  const result: MessageFilter = {};
  const times: TimeBound[] = [];
  for (const condition of conditionsOf(filter, refused)) {
    const bound = timeBound(condition);
    if (bound) {
      times.push(bound);
      continue;
    }
    const one = conditionOf(condition);
    const [member] = Object.keys(one ?? {});
    if (!one || member === undefined) refused.add(refusalOf(condition));
    // Two lists of one kind would have to hold together.
    else if (member in result) refused.add(`Invalid operation: $and`);
    else Object.assign(result, one);
  }
  if (refused.size > 0) fail('error-invalid-query', [...refused].join('\n'));
  return times.length > 0 ? { ...result, times } : result;
}

export const RAW_FILTER_DIFFERS =
  'A raw `query`, where it is switched on, takes `_id`, `tmid`, `pinned`, `mentions._id` and `starred._id` with a value or ' +
  '`$in`, and `ts` and `_updatedAt` with bounds; anything else is refused with `error-invalid-query`.';

/** All conditions that must hold together. */
function conditionsOf(filter: Filter, refused: Set<string>): Condition[] {
  if (!('parts' in filter)) return [filter];
  if (filter.kind === 'or' && filter.parts.length > 1) {
    refused.add('Invalid operation: $or');
    return [];
  }
  return filter.parts.flatMap((part) => conditionsOf(part, refused));
}

const PATHS = ['_id', 'tmid', 'pinned', 'mentions._id', 'starred._id', 'ts', '_updatedAt'];

const refusalOf = (condition: Condition): string =>
  PATHS.includes(condition.path)
    ? `Invalid operation: $${condition.kind === 'compare' ? condition.op : condition.kind}`
    : `Invalid attribute: ${condition.path}`;

function timeBound(condition: Condition): TimeBound | undefined {
  const { path } = condition;
  if (condition.kind !== 'compare' || (path !== 'ts' && path !== '_updatedAt')) return undefined;
  const { op } = condition;
  const at = moment(condition.value);
  return op === 'ne' || at === undefined ? undefined : { field: path, op, at };
}

/** Dates, also as clients write them without saying that they are some. */
function moment(value: Scalar): number | undefined {
  const ms = value instanceof Date || typeof value === 'string' ? new Date(value).getTime() : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms;
}

function conditionOf(condition: Condition): MessageFilter | undefined {
  const { path } = condition;
  if (condition.kind === 'compare' && condition.op === 'eq') {
    const { value } = condition;
    if (path === 'pinned') return value === true ? { pinned: true } : undefined;
    if (path === 'tmid') return typeof value === 'string' ? { tmid: value } : undefined;
    return ofIds(path, [value]);
  }
  return condition.kind === 'in' ? ofIds(path, condition.values) : undefined;
}

function ofIds(path: string, values: readonly Scalar[]): MessageFilter | undefined {
  const ids = values.filter((value) => typeof value === 'string');
  if (ids.length < values.length || ids.length > MAX_IDS) return undefined;
  if (path === '_id') return { ids };
  if (path === 'mentions._id') return { mentionIds: ids };
  return path === 'starred._id' ? { starredIds: ids } : undefined;
}
