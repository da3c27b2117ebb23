import { digitsOf, endOfPhone } from './addresses.ts';
import type { Ahead } from './ahead.ts';
import { classOf, HOST, isSpace, SINGLE } from './characters.ts';
import type { Meter } from './options.ts';

/** A link or an image with a text of its own. */
export interface Reference {
  end: number;
  src: string;
}

const SCHEME = /[A-Za-z0-9+-]+:/y;
const NO_TARGET: Reference = { end: -1, src: '' };

/** Targets of `[label](target)` and `<target|label>`, each looked at once. */
export class References {
  readonly #text: string;
  readonly #ahead: Ahead;
  readonly #meter: Meter;
  readonly #targets = new Map<number, Reference>();
  readonly #labelEnds = new Map<number, number>();

  constructor(text: string, ahead: Ahead, meter: Meter) {
    this.#text = text;
    this.#ahead = ahead;
    this.#meter = meter;
  }

  /** What `](target)` at a position leads to. */
  target(at: number): Reference | undefined {
    let found = this.#targets.get(at);
    if (!found) {
      found = this.#findTarget(at + 2);
      this.#targets.set(at, found);
    }
    return found === NO_TARGET ? undefined : found;
  }

  /** The target may hold one pair of round brackets after the other, but none inside another. */
  #findTarget(from: number): Reference {
    let end = from;
    for (; end < this.#text.length; end++) {
      const code = this.#text.charCodeAt(end);
      if (code === 41 || isExcluded(code)) break;
      if (code === 40) {
        const close = this.#ahead.next(')', end);
        if (close >= this.#ahead.wordEnd(end)) return NO_TARGET;
        end = close;
      }
    }
    this.#meter.steps += end - from;
    if (this.#text.charCodeAt(end) !== 41) return NO_TARGET;
    const src = this.#source(from, end);
    return src === undefined ? NO_TARGET : { end: end + 1, src };
  }

  /** `<target|label>` at a position, with the borders of its label. */
  angled(at: number): (Reference & { label: string }) | undefined {
    const bar = this.#ahead.next('|', at);
    if (bar >= this.#ahead.wordEnd(at)) return undefined;
    const end = this.#labelEnd(bar + 1);
    if (end === bar + 1 || this.#text.charCodeAt(end) !== 62) return undefined;
    const from = at + 1;
    if (this.#ahead.next(')', from) < bar || this.#ahead.next('\\', from) < bar) return undefined;
    const src = this.#source(from, bar);
    return src === undefined ? undefined : { end: end + 1, src, label: this.#text.slice(bar + 1, end) };
  }

  /** The image `![caption](target)` at a position. */
  image(at: number): (Reference & { stop: number }) | undefined {
    if (this.#text.charCodeAt(at + 1) !== 91) return undefined;
    const from = at + 2;
    let stop = from;
    while (stop < this.#text.length && isCaption(this.#text.charCodeAt(stop))) stop++;
    this.#meter.steps += stop - from;
    const isBlank = stop > from && this.#text.slice(from, stop).trim() === '';
    if (isBlank || !this.#text.startsWith('](', stop)) return undefined;
    const target = this.target(stop);
    return target && { ...target, stop };
  }

  #labelEnd(from: number): number {
    const known = this.#labelEnds.get(from);
    if (known !== undefined) return known;
    let end = from;
    while (end < this.#text.length && !'<|>\r\n'.includes(this.#text.charAt(end))) end++;
    this.#meter.steps += end - from;
    this.#labelEnds.set(from, end);
    return end;
  }

  /** A phone number becomes a `tel:` address; a word that is no address at all is no target. */
  #source(from: number, end: number): string | undefined {
    if (this.#text.charCodeAt(from) === 43) {
      if (endOfPhone(this.#text, from) === end) return `tel:${digitsOf(this.#text.slice(from, end))}`;
    }
    return this.#isAddress(from, end) ? this.#text.slice(from, end) : undefined;
  }

  /** `scheme:` with something behind it, or a host name. */
  #isAddress(from: number, end: number): boolean {
    SCHEME.lastIndex = from;
    if (SCHEME.test(this.#text) && SCHEME.lastIndex < end) return true;
    if (this.#text.startsWith('localhost', from)) return true;
    let at = from;
    while (at < end && isHost(this.#text.charCodeAt(at))) at++;
    return at > from && at < end - 1 && this.#text.charCodeAt(at) === 46 && this.#ahead.isHostDot(at);
  }
}

const isHost = (code: number): boolean => code === 45 || code === 95 || (classOf(code) & HOST) !== 0;

/** What may stand in the caption of an image: no brackets, no delimiters, no tab. */
const isCaption = (code: number): boolean => code >= 32 && (classOf(code) & SINGLE) === 0;

/** A target ends at whitespace, and holds neither bars nor backslashes. */
const isExcluded = (code: number): boolean => isSpace(code) || code === 124 || code === 92;
