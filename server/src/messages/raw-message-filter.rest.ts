import type { Config } from '../config/config.ts';
import { parseFilter } from '../rest/query-filter.ts';
import type { MessageFilter } from './message-pages.store.ts';

/**
 * What old clients ask for by a raw `query` where those are honoured: the messages of a thread, pinned ones, those that
 * mention somebody or that somebody starred (spec 41 §2.5, §6). Other conditions count for nothing.
 *
 * @throws error-invalid-query
 */
export function rawMessageFilter(
  config: Pick<Config, 'allowUnsafeQueryAndFields'>,
  raw: string | undefined,
): MessageFilter {
  const filter = parseFilter(config, raw);
  const parts = filter?.kind === 'and' ? filter.parts : [];
  return Object.assign({}, ...parts.map(conditionOf));
}

export const RAW_FILTER_DIFFERS =
  'Of a raw `query`, where it is switched on, only the conditions on `tmid`, `pinned`, `mentions._id` and `starred._id` count.';

type Filter = NonNullable<ReturnType<typeof parseFilter>>;

function conditionOf(part: Filter): MessageFilter {
  if (part.kind === 'compare' && part.op === 'eq') {
    if (part.path === 'pinned' && part.value === true) return { pinned: true };
    if (part.path === 'tmid' && typeof part.value === 'string') return { tmid: part.value };
    return ofPeople(part.path, [part.value]);
  }
  return part.kind === 'in' ? ofPeople(part.path, part.values) : {};
}

function ofPeople(path: string, values: readonly unknown[]): MessageFilter {
  const ids = values.filter((value) => typeof value === 'string');
  if (ids.length === 0) return {};
  if (path === 'mentions._id') return { mentionIds: ids };
  return path === 'starred._id' ? { starredIds: ids } : {};
}
