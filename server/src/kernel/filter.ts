/**
 * A condition on documents that a caller has sent in MongoDB's notation, as far as it is honoured (spec 00 §11.3): parsed by
 * `rest/query-filter.ts`, evaluated in memory by `rest/match-filter.ts` or by the database through `storage/filter-sql.ts`.
 */
export type Filter =
  | { kind: 'and' | 'or'; parts: readonly Filter[] }
  | { kind: 'compare'; path: string; op: 'eq' | 'ne' | 'gt' | 'gte' | 'lt' | 'lte'; value: Scalar }
  | { kind: 'in' | 'nin'; path: string; values: readonly Scalar[] }
  | { kind: 'exists'; path: string; exists: boolean }
  | { kind: 'regex'; path: string; source: string; flags: string };

export type Scalar = string | number | boolean | null | Date;

/** A regular expression as far as it is one for LIKE: literal text, any text (`.*`), one character (`.`), fixed ends. */
export interface TextPattern {
  fromStart: boolean;
  toEnd: boolean;
  parts: readonly ('any' | 'one' | { text: string })[];
}

/** Each makes a match several times as expensive. */
const MAX_GAPS = 2;

/** Undefined for what cannot be said so: groups, classes, repetitions other than `.*` and `.+`. */
export function textPattern(source: string): TextPattern | undefined {
  const fromStart = source.startsWith('^');
  const parts: TextPattern['parts'][number][] = [];
  let toEnd = false;
  let gaps = 0;
  for (let at = fromStart ? 1 : 0; at < source.length; at++) {
    const char = source.charAt(at);
    const next = source.charAt(at + 1);
    if (char === '.' && (next === '*' || next === '+')) {
      if (next === '+') parts.push('one');
      parts.push('any');
      gaps++;
      at++;
    } else if (char === '.') parts.push('one');
    else if (char === '\\' && /[^\w\s]/.test(next)) {
      parts.push({ text: next });
      at++;
    } else if (char === '$' && at === source.length - 1) toEnd = true;
    else if ('\\^$*+?()[]{}|'.includes(char)) return undefined;
    else parts.push({ text: char });
  }
  return gaps > MAX_GAPS ? undefined : { fromStart, toEnd, parts };
}
