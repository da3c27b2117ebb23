import type { WireMessage } from '../message.ts';

/** What a search text asks for (spec 30 §7 `chat.search`). All of it holds together. */
export interface SearchQuery {
  /** What is left when the operators are taken out: the text to be found, empty where only the rest matters. */
  text: string;
  /** Everything else that a message can be asked without knowing anything but itself. */
  conditions: ((message: WireMessage) => boolean)[];
  /** Only what the searcher starred, only what is pinned: there are few of these, so the search begins at them. */
  starred: boolean;
  pinned: boolean;
  /** Names of rooms, lower case. */
  rooms: string[];
  /** Absent where the text does not say. */
  order: 'newest-first' | 'oldest-first' | 'best-first' | undefined;
}

export interface Searcher {
  uid: string;
  /** Hours: the days of `before:` and `after:` are those of the searcher. */
  utcOffset: number;
}

const NAME = '[\\p{L}\\p{N}._-]+';
const DATE = '(\\d{1,2})[/.-](\\d{1,2})[/.-](\\d{4})';
/** By how their names begin. */
const ORDERS: Readonly<Record<string, SearchQuery['order']>> = {
  asc: 'oldest-first',
  des: 'newest-first',
  rel: 'best-first',
};
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** The operators are taken out one after the other, in the documented order; the rest is the text. */
export function parseSearch(source: string, searcher: Searcher): SearchQuery {
  const operators = new Operators(source);
  const conditions: SearchQuery['conditions'] = [];
  const from = operators.values('from', NAME);
  if (from.length > 0) conditions.push(sentBy(from, searcher));
  const mentioned = operators.values('mention', NAME).map(nameMatcher);
  if (mentioned.length > 0) conditions.push(({ mentions }) => mentionsAny(mentions, mentioned));
  const starred = operators.has('has:star');
  if (operators.has('has:(?:url|link)')) conditions.push(({ urls }) => (urls?.length ?? 0) > 0);
  const pinned = operators.has('(?:is:pinned|has:pin)');
  if (operators.has('has:(?:location|map)')) conditions.push(({ location }) => Boolean(location));
  for (const label of operators.values('label', '\\S+'))
    conditions.push(({ labels }) => [labels].flat().some((own) => contains(own, label)));
  for (const [operator, member] of [
    ['file-desc', 'description'],
    ['file-title', 'title'],
  ] as const)
    for (const part of operators.values(operator, '\\S+'))
      conditions.push(({ attachments }) => (attachments ?? []).some((file) => contains(file[member], part)));
  conditions.push(...timeConditions(operators, searcher));
  const [order] = operators.values('(?:order|sort)', '(?:asc|desc)(?:end(?:ing)?)?|relevance').slice(-1);
  const rooms = operators.values('in', '#?[\\p{L}\\p{N}._-]+');
  return {
    text: operators.rest,
    conditions,
    starred,
    pinned,
    rooms: rooms.map((name) => name.replace('#', '').toLowerCase()),
    order: order === undefined ? undefined : ORDERS[order.slice(0, 3).toLowerCase()],
  };
}

class Operators {
  #rest: string;

  constructor(source: string) {
    this.#rest = source;
  }

  get rest(): string {
    return this.#rest.trim();
  }

  /** Takes every `name:value` out and returns the values. */
  values(name: string, value: string): string[] {
    return this.take(`${name}:(${value})`).map(([, found = '']) => found);
  }

  has(operator: string): boolean {
    return this.take(operator).length > 0;
  }

  take(operator: string): RegExpExecArray[] {
    const pattern = new RegExp(`(?<!\\S)${operator}(?!\\S)`, 'giu');
    const found = [...this.#rest.matchAll(pattern)];
    if (found.length > 0) this.#rest = this.#rest.replace(pattern, ' ');
    return found;
  }
}

/** Names are regular expressions of names' characters, of which only the dot means something. */
function nameMatcher(name: string): (username: unknown) => boolean {
  const pattern = new RegExp(name, 'iu');
  return (username) => typeof username === 'string' && pattern.test(username);
}

function sentBy(names: readonly string[], { uid }: Searcher): (message: WireMessage) => boolean {
  const self = names.some((name) => name.toLowerCase() === 'me');
  const others = names.filter((name) => name.toLowerCase() !== 'me').map(nameMatcher);
  return ({ u }) => (self && u._id === uid) || others.some((matches) => matches(u.username));
}

const mentionsAny = (mentions: WireMessage['mentions'], wanted: readonly ((name: unknown) => boolean)[]) =>
  (mentions ?? []).some(({ username }) => wanted.some((matches) => matches(username)));

const contains = (text: unknown, part: string): boolean =>
  typeof text === 'string' && text.toLowerCase().includes(part.toLowerCase());

function timeConditions(operators: Operators, { utcOffset }: Searcher): SearchQuery['conditions'] {
  const midnights = (name: string) =>
    operators
      .take(`${name}:${DATE}`)
      .map(
        ([, day, month, year]) =>
          Date.UTC(Number(year), Number(month) - 1, Number(day)) - utcOffset * HOUR_MS,
      );
  return [
    ...midnights('before').map(
      (day) =>
        ({ ts }: WireMessage) =>
          ts.getTime() < day,
    ),
    ...midnights('after').map(
      (day) =>
        ({ ts }: WireMessage) =>
          ts.getTime() >= day + DAY_MS,
    ),
    ...midnights('on').map(
      (day) =>
        ({ ts }: WireMessage) =>
          ts.getTime() >= day && ts.getTime() < day + DAY_MS,
    ),
  ];
}
