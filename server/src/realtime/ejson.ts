/**
 * EJSON: JSON with dates, binary and the numbers JSON lacks (spec 40 §2.7). Encoding copies only those objects that hold
 * such a value, so that the usual document goes to `JSON.stringify` untouched. Decoding is lenient: a wrapper that makes
 * no sense stays the object it is. Regular expressions are never built: their source comes from the client, and nothing
 * we serve takes one.
 */
import { mayHoldUnstorable, reviveStorable } from '../kernel/storable-text.ts';

/** Deeper input is refused: everything behind the decoder may then recurse without a limit of its own. */
export const MAX_DEPTH = 100;

/** The text is not JSON, or is nested deeper than `MAX_DEPTH`. */
export class EjsonError extends Error {}

/** The EJSON text of a value. Undefined members are left out; an undefined value gives `null`. */
export function encode(value: unknown): string {
  return JSON.stringify(toWire(value)) ?? 'null';
}

/** Parses EJSON text. Throws `EjsonError`. */
export function decode(text: string): unknown {
  let parsed: unknown;
  try {
    parsed = mayHoldUnstorable(text) ? JSON.parse(text, reviveStorable) : JSON.parse(text);
  } catch {
    throw new EjsonError('not JSON');
  }
  return revive(parsed, 0);
}

type Bag = Record<string, unknown>;

function toWire(value: unknown): unknown {
  if (typeof value === 'number') return Number.isFinite(value) ? value : { $InfNaN: notFinite(value) };
  if (typeof value === 'bigint') return Number(value);
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Date) {
    const time = value.getTime();
    // Clients calculate with `$date`: an invalid date is no date rather than a wrapper around null.
    return Number.isNaN(time) ? null : { $date: time };
  }
  if (Array.isArray(value)) return wireArray(value);
  if (value instanceof Uint8Array) return { $binary: Buffer.from(value).toString('base64') };
  return wireObject(value as Bag);
}

function notFinite(value: number): -1 | 0 | 1 {
  if (Number.isNaN(value)) return 0;
  return value > 0 ? 1 : -1;
}

function wireArray(list: readonly unknown[]): readonly unknown[] {
  let copy: unknown[] | undefined;
  for (let index = 0; index < list.length; index++) {
    const wired = toWire(list[index]);
    if (wired === list[index]) continue;
    copy ??= list.slice();
    copy[index] = wired;
  }
  return copy ?? list;
}

function wireObject(bag: Bag): unknown {
  const keys = Object.keys(bag);
  let copy: Bag | undefined;
  for (const key of keys) {
    const wired = toWire(bag[key]);
    if (wired === bag[key]) continue;
    copy ??= { ...bag };
    setOwn(copy, key, wired);
  }
  return looksLikeWrapper(bag, keys) ? { $escape: copy ?? bag } : (copy ?? bag);
}

/** An own member even where its name is `__proto__`. */
function setOwn(bag: Bag, key: string, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(bag, key, { value, enumerable: true, configurable: true, writable: true });
  } else {
    bag[key] = value;
  }
}

const SINGLE = new Set(['$date', '$binary', '$InfNaN', '$escape']);

function looksLikeWrapper(bag: Bag, keys: readonly string[]): boolean {
  const [first] = keys;
  if (first === undefined || keys.length > 2 || first.charCodeAt(0) !== 36 /* $ */) return false;
  if (keys.length === 1) return SINGLE.has(first);
  return ('$type' in bag && '$value' in bag) || ('$regexp' in bag && '$flags' in bag);
}

function revive(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= MAX_DEPTH) throw new EjsonError('nested too deeply');
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) value[index] = revive(value[index], depth + 1);
    return value;
  }
  const bag = value as Bag;
  const keys = Object.keys(bag);
  if (keys.length === 1 && keys[0]?.charCodeAt(0) === 36) {
    if (keys[0] === '$escape' && isBag(bag.$escape))
      return reviveMembers(bag.$escape, Object.keys(bag.$escape), depth + 1);
    const special = unwrap(keys[0], bag);
    if (special !== undefined) return special;
  }
  return reviveMembers(bag, keys, depth);
}

function reviveMembers(bag: Bag, keys: readonly string[], depth: number): Bag {
  for (const key of keys) {
    // Never wanted by anybody, and dangerous to code that merges objects.
    if (key === '__proto__') delete bag[key];
    else bag[key] = revive(bag[key], depth + 1);
  }
  return bag;
}

const isBag = (value: unknown): value is Bag =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The value of a one-member wrapper; undefined when it is none. */
function unwrap(key: string, bag: Bag): unknown {
  const inner = bag[key];
  if (key === '$date' && (typeof inner === 'number' || typeof inner === 'string')) {
    const date = new Date(inner);
    return Number.isNaN(date.getTime()) ? undefined : date;
  }
  if (key === '$binary' && typeof inner === 'string') return new Uint8Array(Buffer.from(inner, 'base64'));
  if (key === '$InfNaN' && typeof inner === 'number') {
    return inner === 0 ? Number.NaN : inner * Number.POSITIVE_INFINITY;
  }
  return undefined;
}
