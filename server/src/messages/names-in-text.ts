import { withoutCode } from './plain-text.ts';

const SERVER = /[0-9a-zA-Z-_.]+/y;
const BEFORE = /[\s>]/;

/**
 * The names after `@` or `#` in a text, in order and without repetition (spec 30 §4.4). `pattern` is the workspace's rule
 * for names. Every character is looked at a bounded number of times, as long as the pattern itself does not backtrack.
 */
export function namesInText(text: string, sigil: '@' | '#', pattern: string): string[] {
  if (!text.includes(sigil)) return [];
  const plain = withoutCode(text);
  const name = nameRule(pattern);
  const names = new Set<string>();
  let at = plain.indexOf(sigil);
  while (at !== -1) {
    const end =
      at === 0 || BEFORE.test(plain.charAt(at - 1)) ? endOfName(plain, at + 1, sigil, name) : at + 1;
    if (end > at + 1) names.add(plain.slice(at + 1, end));
    at = plain.indexOf(sigil, Math.max(end, at + 1));
  }
  return [...names];
}

/** Where the name that starts here ends: `name`, `name@other` and, for people, `name:server`. */
function endOfName(text: string, start: number, sigil: '@' | '#', name: RegExp): number {
  let end = endOf(name, text, start);
  if (end === start) return start;
  if (text.charAt(end) === '@') {
    const other = endOf(name, text, end + 1);
    if (other > end + 1) end = other;
  }
  if (sigil === '@' && text.charAt(end) === ':') {
    const server = endOf(new RegExp(SERVER), text, end + 1);
    if (server > end + 1) end = server;
  }
  return end;
}

function endOf(rule: RegExp, text: string, start: number): number {
  rule.lastIndex = start;
  return rule.test(text) ? rule.lastIndex : start;
}

/** A workspace may have set something that is no regular expression; the documented default serves then. */
function nameRule(pattern: string): RegExp {
  try {
    if (pattern) return new RegExp(pattern, 'y');
  } catch {
    // Falls through to the default.
  }
  return new RegExp(SERVER);
}

/** The name without the punctuation that ended the sentence: `@bob.` means bob, unless somebody is called `bob.`. */
export function withoutPunctuation(name: string): string {
  let end = name.length;
  while (end > 0 && '.-_'.includes(name.charAt(end - 1))) end--;
  return name.slice(0, end);
}
