const REPLACEMENT = '\ufffd';

/**
 * The text without what no database keeps as it is: U+0000 (SQLite's drivers cut a text off there, PostgreSQL refuses
 * it) and half surrogate pairs, which UTF-8 cannot carry. The doors apply it to everything that comes in, so that the
 * columns of a row, its document and what its writer is told agree.
 */
export function storableText(text: string): string {
  const whole = text.includes('\0') ? text.replaceAll('\0', REPLACEMENT) : text;
  // In Unicode mode a pair is one character, so this finds only halves.
  return whole.replace(/\p{Surrogate}/gu, REPLACEMENT);
}

/** Whether JSON text, which is itself well-formed, may hold such texts: only by these escapes. */
export const mayHoldUnstorable = (json: string): boolean => /\\u(?:0000|d[89a-f])/i.test(json);

/** A reviver for `JSON.parse`. */
export const reviveStorable = (_key: string, value: unknown): unknown =>
  typeof value === 'string' ? storableText(value) : value;
