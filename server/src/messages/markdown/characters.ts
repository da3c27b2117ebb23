/** Classes of UTF-16 code units; a character class is asked for every character of every message, so it is one look into a table. */
export const LETTER = 1;
export const DIGIT = 2;
/** Space and tab. */
export const BLANK = 4;
/** Stands alone in a text: what follows it may be a mention, but no address and no emoji. */
export const SINGLE = 8;
/** May stand beside the dot of a host name. */
export const HOST = 16;
/** May stand in the part of an e-mail address before the `@`. */
export const MAILBOX = 32;

const TABLE = new Uint8Array(128);
function mark(characters: string, bits: number): void {
  for (const character of characters)
    TABLE[character.charCodeAt(0)] = (TABLE[character.charCodeAt(0)] ?? 0) | bits;
}
mark('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ', LETTER | HOST | MAILBOX);
mark('0123456789', DIGIT | HOST | MAILBOX);
mark(' \t', BLANK);
mark('()*[\\]^_`{|}~', SINGLE);
mark('^{}', HOST);
mark("!#$%&'*+-/=?^_`{|}~", MAILBOX);

/** The classes of a code unit; everything beyond ASCII may stand in host names and mailboxes. */
export function classOf(code: number): number {
  return code < 128 ? (TABLE[code] ?? 0) : HOST | MAILBOX;
}

export const isEol = (code: number): boolean => code === 10 || code === 13;
export const isBlank = (code: number): boolean => code === 32 || code === 9;
export const isDigit = (code: number): boolean => code >= 48 && code <= 57;
export const isLetter = (code: number): boolean => (classOf(code) & LETTER) !== 0;
export const isAlphanumeric = (code: number): boolean => (classOf(code) & (LETTER | DIGIT)) !== 0;

const SPACE = /\s/;
/** What JavaScript calls whitespace, ends of lines included; false after the end of the text. */
export const isSpace = (code: number): boolean =>
  code <= 32
    ? code === 32 || (code >= 9 && code <= 13)
    : code >= 128 && SPACE.test(String.fromCharCode(code));

/** Dot, dash and underscore. */
export const isJoint = (code: number): boolean => code === 45 || code === 46 || code === 95;

const NAME = /[\p{L}\p{Nd}]/u;
/** May stand in the name of a person or a room: letters and digits of any script, dot, dash and underscore. */
export const isName = (code: number): boolean =>
  code < 128
    ? isAlphanumeric(code) || isJoint(code)
    : (code < 0xd800 || code > 0xdfff) && NAME.test(String.fromCharCode(code));

/** Where the line that contains `from` ends: at its line break, or at the end of the text. */
export function endOfLine(text: string, from: number): number {
  let at = from;
  while (at < text.length && !isEol(text.charCodeAt(at))) at++;
  return at;
}

/** The position after the line break at `at`; the same position where there is none. */
export function afterEol(text: string, at: number): number {
  if (text.charCodeAt(at) === 13 && text.charCodeAt(at + 1) === 10) return at + 2;
  return isEol(text.charCodeAt(at)) ? at + 1 : at;
}

export function skipBlanks(text: string, from: number): number {
  let at = from;
  while (isBlank(text.charCodeAt(at))) at++;
  return at;
}
