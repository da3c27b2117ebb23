import type { Config } from '../config/config.ts';
import { fail } from '../kernel/errors.ts';
import type { Settings } from '../kernel/settings.ts';
import { type PageDefaults, pageOf, parseSort } from '../rest/list-params.ts';
import { applyFields, parseFields } from '../rest/projection.ts';
import { type MessageSort, SORT_FIELDS, type SortField } from './message-pages.store.ts';
import type { ListPage } from './room-messages.ts';

/** An index stands behind these; anything else would sort all messages of a room for one page. */
const TIMES: readonly SortField[] = ['ts', '_updatedAt'];

/**
 * `offset`, `count` and `sort` of a list of messages. Members that are not `sortable` change no order.
 * @throws error-invalid-sort
 */
export function listPage(
  settings: Settings,
  query: { offset?: number; count?: number; sort?: string },
  defaults?: PageDefaults,
  sortable: readonly SortField[] = TIMES,
): ListPage {
  const sort: MessageSort = (parseSort(query.sort) ?? []).flatMap(([path, direction]) => {
    const field = sortable.find((known) => known === path);
    return field ? [[field, direction] as const] : [];
  });
  return { ...pageOf(settings, query, defaults), ...(sort.length > 0 ? { sort } : {}) };
}

/** The same for lists of threads, which are few enough to be sorted by anything. */
export const threadPage = (settings: Settings, query: Parameters<typeof listPage>[1]): ListPage =>
  listPage(settings, query, undefined, SORT_FIELDS);

/**
 * An answer whose list `name` shows of each message what `fields` chooses, where the operator honours that (spec 00 §11.3).
 * @throws error-invalid-fields
 */
export async function withFields<
  Name extends string,
  Answer extends Readonly<Record<Name, readonly object[]>>,
>(
  config: Pick<Config, 'allowUnsafeQueryAndFields'>,
  raw: string | undefined,
  name: Name,
  answer: () => Promise<Answer>,
): Promise<Answer | (Omit<Answer, Name> & Record<Name, object[]>)> {
  const fields = parseFields(config, raw);
  const whole = await answer();
  return fields ? { ...whole, [name]: whole[name].map((message) => applyFields(message, fields)) } : whole;
}

/** A date text in ms. @throws the code with the reason */
export function dateParam(text: string, code: string, reason: string): number {
  const ms = new Date(text).getTime();
  return Number.isNaN(ms) ? fail(code, reason) : ms;
}
