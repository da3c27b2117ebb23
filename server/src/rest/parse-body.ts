import { fail } from '../kernel/errors.ts';
import { mayHoldUnstorable, storableText } from '../kernel/storable-text.ts';
import { parseForm } from './parse-query.ts';

/** How a body is read. Everything that is neither JSON nor a form counts as no body (spec 00 §1). */
export type BodyKind = 'json' | 'form' | 'none';

/** Deeper values overflow the stack of recursive code behind us, while no client nests more than some ten levels. */
const MAX_DEPTH = 100;

/** Texts that can name a key of the prototype chain, plainly or by escaped letters; only such pay for a slower parse. */
const SUSPICIOUS = /__proto__|constructor|\\u00[5-7]/i;

export function bodyKindOf(contentType: string | undefined): BodyKind {
  if (!contentType) return 'none';
  const end = contentType.indexOf(';');
  const mediaType = (end < 0 ? contentType : contentType.slice(0, end)).trim().toLowerCase();
  if (mediaType === 'application/json' || mediaType.endsWith('+json')) return 'json';
  return mediaType === 'application/x-www-form-urlencoded' ? 'form' : 'none';
}

/** Parses a request body. Malformed JSON is `{}`, so that validation names what is missing (spec 00 §1). */
export function parseBody(kind: BodyKind, bytes: Buffer): unknown {
  if (kind === 'none' || bytes.length === 0) return {};
  const text = bytes.toString('utf8');
  if (kind === 'form') return parseForm(text);
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

/** Parses JSON text of a client. @throws SyntaxError, error-invalid-params */
export function parseJson(given: string): unknown {
  // Some clients send a byte order mark.
  const text = given.charCodeAt(0) === 0xfeff ? given.slice(1) : given;
  if (text.length > 2 * MAX_DEPTH && nestsDeeperThan(text, MAX_DEPTH)) {
    fail('error-invalid-params', `The request body is nested deeper than ${MAX_DEPTH} levels`);
  }
  return SUSPICIOUS.test(text) || mayHoldUnstorable(text) ? JSON.parse(text, cleaned) : JSON.parse(text);
}

/**
 * `JSON.parse` makes own members of these names; a later copy by assignment would turn them into a prototype. A
 * member that is merely called `constructor` is harmless and may be somebody's custom field.
 */
function cleaned(key: string, value: unknown): unknown {
  if (key === '__proto__') return undefined;
  if (typeof value === 'string') return storableText(value);
  if (
    key === 'constructor' &&
    typeof value === 'object' &&
    value !== null &&
    Object.hasOwn(value, 'prototype')
  ) {
    return undefined;
  }
  return value;
}

function nestsDeeperThan(text: string, limit: number): boolean {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i);
    if (inString) {
      if (char === 0x5c) i++;
      else if (char === 0x22) inString = false;
    } else if (char === 0x22) {
      inString = true;
    } else if (char === 0x7b || char === 0x5b) {
      if (++depth > limit) return true;
    } else if (char === 0x7d || char === 0x5d) {
      depth--;
    }
  }
  return false;
}
