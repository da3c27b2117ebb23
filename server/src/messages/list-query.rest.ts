import { fail } from '../kernel/errors.ts';
import type { Settings } from '../kernel/settings.ts';
import { type PageDefaults, pageOf, parseSort } from '../rest/list-params.ts';
import { type MessageSort, SORT_FIELDS } from './message-pages.store.ts';
import type { ListPage } from './room-messages.ts';

/** `offset`, `count` and `sort` of a list of messages. Members without a column change no order. @throws error-invalid-sort */
export function listPage(
  settings: Settings,
  query: { offset?: number; count?: number; sort?: string },
  defaults?: PageDefaults,
): ListPage {
  const sort: MessageSort = (parseSort(query.sort) ?? []).flatMap(([path, direction]) => {
    const field = SORT_FIELDS.find((known) => known === path);
    return field ? [[field, direction] as const] : [];
  });
  return { ...pageOf(settings, query, defaults), ...(sort.length > 0 ? { sort } : {}) };
}

/** A date text in ms. @throws the code with the reason */
export function dateParam(text: string, code: string, reason: string): number {
  const ms = new Date(text).getTime();
  return Number.isNaN(ms) ? fail(code, reason) : ms;
}
