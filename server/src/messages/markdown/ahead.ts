import { classOf, HOST, isBlank, isEol, isSpace, MAILBOX, SINGLE } from './characters.ts';

const AT = 64;
const HASH = 35;
const LESS = 60;
const DOT = 46;
const UNDERSCORE = 95;
const LOCALHOST = 'localhost';
/** What every host name has: a dot with something behind it, or this word. */
const HOST_SIGN = /\.[^ \t\r\n]|localhost/;

/**
 * What lies ahead of a position, in tables made from right to left when first asked for. Many positions of a text may ask the same
 * question ("where does this word end?"); walking there from each of them would make the parser quadratic.
 */
export class Ahead {
  readonly #text: string;
  readonly #tables = new Map<string, Int32Array>();

  /** Most texts have neither an address of a page nor one of a mailbox, and then need no tables to look for them. */
  readonly mayHoldHosts: boolean;
  readonly mayHoldMailboxes: boolean;

  constructor(text: string) {
    this.#text = text;
    this.mayHoldHosts = HOST_SIGN.test(text);
    this.mayHoldMailboxes = text.includes('@');
  }

  /** The next place of a needle at or after a position, or the length of the text. */
  next(needle: string, from: number): number {
    return this.#at(needle, from, (at, later) => (this.#text.startsWith(needle, at) ? at : later));
  }

  /** The end of the run without blanks that a position is in. */
  wordEnd(from: number): number {
    return this.#at('word end', from, (at, later) => {
      const code = this.#text.charCodeAt(at);
      return isBlank(code) || isEol(code) ? at : later;
    });
  }

  /** The end of the run of one and the same character that a position is in. */
  sameEnd(from: number): number {
    const { length } = this.#text;
    return this.#at('same', from, (at, later) =>
      at + 1 < length && this.#text.charCodeAt(at) === this.#text.charCodeAt(at + 1) ? later : at + 1,
    );
  }

  /** The next character beyond ASCII. */
  beyondAscii(from: number): number {
    return this.#at('beyond', from, (at, later) => (this.#text.charCodeAt(at) >= 128 ? at : later));
  }

  /** The next dot inside a host name, the next `localhost`, or what no host has before it: whitespace, `@ #`, brackets, delimiters, `<`. */
  hostStop(from: number): number {
    return this.#at('host', from, (at, later) => (this.#isHostStop(at) ? at : later));
  }

  #isHostStop(at: number): boolean {
    const code = this.#text.charCodeAt(at);
    if (code === DOT) return this.isHostDot(at);
    if (code === AT || code === HASH || code === LESS || isSpace(code)) return true;
    if (code < 128 && (classOf(code) & (SINGLE | HOST)) === SINGLE && code !== UNDERSCORE) return true;
    return code === 108 && this.#text.startsWith(LOCALHOST, at);
  }

  /** A dot between characters of host names. */
  isHostDot(at: number): boolean {
    const before = this.#text.charCodeAt(at - 1);
    const after = this.#text.charCodeAt(at + 1);
    if (at === 0 || isSpace(before) || (classOf(before) & HOST) === 0) return false;
    if (after === 45 || after === UNDERSCORE)
      return at + 2 < this.#text.length && !isSpace(this.#text.charCodeAt(at + 2));
    return at + 1 < this.#text.length && (classOf(after) & HOST) !== 0 && !isSpace(after);
  }

  /** The end of the run of mailbox characters (words joined by single dots) that a position is in. */
  mailboxEnd(from: number): number {
    return this.#at(
      'mailbox',
      from,
      (at, later) => {
        if (!this.#isMailbox(at)) return at;
        if (this.#isMailbox(at + 1)) return later;
        return this.#text.charCodeAt(at + 1) === DOT && this.#isMailbox(at + 2) ? later : at + 1;
      },
      (at) => this.#text.charCodeAt(at) === DOT && this.#isMailbox(at + 1),
    );
  }

  #isMailbox(at: number): boolean {
    const code = this.#text.charCodeAt(at);
    return at < this.#text.length && (classOf(code) & MAILBOX) !== 0 && !isSpace(code);
  }

  /** `isSkipped`: positions that pass on what was found behind them. */
  #at(
    name: string,
    from: number,
    find: (at: number, later: number) => number,
    isSkipped?: (at: number) => boolean,
  ): number {
    const { length } = this.#text;
    let table = this.#tables.get(name);
    if (!table) {
      table = new Int32Array(length + 1).fill(length);
      for (let at = length - 1; at >= 0; at--) {
        const later = table[at + 1] ?? length;
        table[at] = isSkipped?.(at) ? later : find(at, later);
      }
      this.#tables.set(name, table);
    }
    return table[Math.min(from, length)] ?? length;
  }
}
