import { parse as parsePlain } from 'node:querystring';
import type * as Qs from 'qs';
import { loadLate } from '../kernel/packages/load-late.ts';

/** With the packages behind it, it would be in the way of each start. */
const qs = loadLate<typeof Qs>('qs');

const MAX_PARAMETERS = 1000;
const MAX_DEPTH = 5;

/**
 * Parses a query string by the rules of `qs` (spec 00 §1): `a[]=1&a[]=2` and `a=1&a=2` are arrays, `a[b]=c` is an object.
 * Almost no query has brackets, and without them Node's own parser gives the same several times faster.
 */
export function parseQuery(text: string): Record<string, unknown> {
  if (text === '') return {};
  if (text.includes('[') || text.includes('%5B') || text.includes('%5b')) return parseForm(text);
  const plain: Record<string, unknown> = {};
  const parsed = parsePlain(withoutZeros(text), '&', '=', { maxKeys: MAX_PARAMETERS });
  for (const key of Object.keys(parsed)) {
    // `qs` ignores them too: they would hide what every object inherits.
    if (key !== '' && !(key in Object.prototype)) plain[key] = parsed[key];
  }
  return plain;
}

/** Parses `application/x-www-form-urlencoded` text; members named like inherited ones are ignored. */
export function parseForm(text: string): Record<string, unknown> {
  // Above `arrayLimit` qs makes an object with index keys of a list; no list can be longer than the parameters.
  return qs().parse(withoutZeros(text), {
    depth: MAX_DEPTH,
    parameterLimit: MAX_PARAMETERS,
    arrayLimit: MAX_PARAMETERS,
  });
}

/** U+0000 becomes U+FFFD, see `storableText`; other texts that cannot be stored do not survive the decoding. */
function withoutZeros(text: string): string {
  return text.replaceAll('%00', '%EF%BF%BD').replaceAll('\0', '\ufffd');
}
