import type { Ahead } from './ahead.ts';
import { isAlphanumeric, isDigit, isLetter, isSpace } from './characters.ts';

const DOT = 46;
const DASH = 45;
const UNDERSCORE = 95;
const LESS = 60;

/** Punctuation that ends a sentence rather than an address. */
const TRAILING = new Set([...'.,!":;\'()*~%='].map((character) => character.charCodeAt(0)));

const USER_INFO = /[a-zA-Z][a-zA-Z0-9+.-]*:\/\/[\w#$&+.?-]+(?::[\w#$&+.?-]+)?@/y;

/**
 * The end of something that has the form of a web address: a word with a dot between letters, or `localhost`, up to the next
 * blank (or `border`) but for the punctuation at its end. Returns `from` where there is none. Whether it leads anywhere is another question.
 */
export function endOfAddress(text: string, ahead: Ahead, from: number, border?: string): number {
  if (!ahead.mayHoldHosts) return from;
  const host = afterUserInfo(text, from);
  // A leading bracket or dot does not count.
  const first = text.charCodeAt(host);
  const stop = ahead.hostStop(first === LESS || first === DOT ? host + 1 : host);
  const least = afterHostStop(text, stop);
  if (least === undefined || hasOddScheme(ahead, from, stop)) return from;
  let end = ahead.wordEnd(least);
  if (border) end = Math.min(end, ahead.next(border, least));
  while (end > least && TRAILING.has(text.charCodeAt(end - 1))) end--;
  return end;
}

/** A scheme has neither letters beyond ASCII nor underscores. */
function hasOddScheme(ahead: Ahead, from: number, stop: number): boolean {
  const colon = ahead.next('://', from);
  return colon < stop && Math.min(ahead.beyondAscii(from), ahead.next('_', from)) < colon;
}

/** What an address has at least: all up to the character after the dot, or `localhost`. */
function afterHostStop(text: string, stop: number): number | undefined {
  if (text.charCodeAt(stop) === DOT) return stop + 2;
  return text.startsWith('localhost', stop) ? stop + 'localhost'.length : undefined;
}

/** The position after `scheme://user:password@`, else `from`. */
function afterUserInfo(text: string, from: number): number {
  if (!isLetter(text.charCodeAt(from))) return from;
  USER_INFO.lastIndex = from;
  return USER_INFO.test(text) ? USER_INFO.lastIndex : from;
}

const PHONE = /\+(?:\(\d+\)-\d+|(?:\(\d+\))?\d+(?:-\d+)?)/y;
/** Fewer digits are a number, but nobody's phone. */
const MIN_PHONE_DIGITS = 5;

/** The end of a phone number (`+49-123456`, `+(49)123456`); `from` where there is none. */
export function endOfPhone(text: string, from: number): number {
  PHONE.lastIndex = from;
  return PHONE.test(text) ? PHONE.lastIndex : from;
}

/** The digits of a phone number as it stands in a text. */
export const digitsOf = (phone: string): string => phone.replace(/\D/g, '');

export const isPhone = (phone: string): boolean => digitsOf(phone).length >= MIN_PHONE_DIGITS;

/** The end of the e-mail address that begins here; `from` where there is none. Its host has a dot. */
export function endOfMail(text: string, ahead: Ahead, from: number): number {
  if (!ahead.mayHoldMailboxes) return from;
  const first = text.charCodeAt(from);
  if ((first < 128 && !isAlphanumeric(first)) || isSpace(first)) return from;
  const at = ahead.mailboxEnd(from);
  if (text.charCodeAt(at) !== 64) return from;
  const end = endOfMailHost(text, at + 1);
  return ahead.next('.', at) < end ? end : from;
}

/** Words joined by single dots, dashes and underscores. */
function endOfMailHost(text: string, from: number): number {
  let at = from;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    const joins = at > from && (code === DOT || code === DASH || code === UNDERSCORE);
    if (!isMailHost(code) && !(joins && at + 1 < text.length && isMailHost(text.charCodeAt(at + 1)))) break;
    at++;
  }
  return at;
}

const isMailHost = (code: number): boolean => (code < 128 ? isLetter(code) || isDigit(code) : !isSpace(code));
