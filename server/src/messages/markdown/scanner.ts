import { endOfAddress, endOfMail, endOfPhone, isPhone } from './addresses.ts';
import { Ahead } from './ahead.ts';
import {
  classOf,
  HOST,
  isAlphanumeric,
  isBlank,
  isEol,
  isJoint,
  isName,
  SINGLE,
  skipBlanks,
} from './characters.ts';
import { emoticonAt, endOfShortCode, endOfUnicodeEmoji } from './emoji.ts';
import { Emphasis, type EmphasisKind } from './emphasis.ts';
import type { MarkdownOptions, Meter } from './options.ts';
import {
  BOLD,
  FRESH,
  ITALIC,
  innermost,
  isWithin,
  LABEL,
  PARAGRAPH,
  type Place,
  SINGLED,
  SPOILER,
  STRIKE,
  type State,
  WORD,
} from './places.ts';
import { References } from './references.ts';
import { endOfCode, endOfColor, endOfRoomMention, endOfUserMention, timestampAt } from './small-forms.ts';

const LESS = 60;

/** What stands at a position. `stop`: nothing that belongs to the run. */
export type Kind =
  | 'stop'
  | 'text'
  | 'escape'
  | 'code'
  | 'katex'
  | 'bold'
  | 'italic'
  | 'strike'
  | 'spoiler'
  | 'unfinished'
  | 'link'
  | 'angled'
  | 'image'
  | 'color'
  | 'timestamp'
  | 'user'
  | 'room'
  | 'shortcode'
  | 'emoticon'
  | 'emoji'
  | 'address'
  | 'mail'
  | 'phone';

/**
 * Recognises one piece of running text after the other, without building anything. What a piece is depends on its position, on the
 * place and on the state only, so emphasis whose end is sought in vain costs its length once and not once for each beginning.
 */
export class Scanner {
  readonly text: string;
  readonly options: MarkdownOptions;
  readonly ahead: Ahead;
  readonly references: References;
  readonly emphasis: Emphasis;
  readonly meter: Meter;
  /** Of the last piece: where it ends, and the state behind it. */
  end = 0;
  state: State = FRESH;

  constructor(text: string, options: MarkdownOptions, meter: Meter) {
    this.text = text;
    this.options = options;
    this.meter = meter;
    this.ahead = new Ahead(text);
    this.references = new References(text, this.ahead, meter);
    this.emphasis = new Emphasis(this);
  }

  /** The piece at a position; its end and the state behind it are then in `end` and `state`. */
  next(place: Place, state: State, at: number): Kind {
    this.meter.steps++;
    const { text } = this;
    if (at >= text.length) return 'stop';
    const code = text.charCodeAt(at);
    if (innermost(place) === LABEL) return this.#inLabel(place, code, at);
    if (isEol(code)) return 'stop';
    if (isBlank(code)) return this.#piece('text', skipBlanks(text, at + 1));
    return (
      (state === SINGLED ? this.#behindBracket(place, code, at) : this.#shortOrEmoticon(place, state, at)) ??
      this.#mail(place, at) ??
      this.#glued(code, at) ??
      this.#opened(place, code, at) ??
      (state === FRESH ? this.#address(place, code, at) : undefined) ??
      this.#emoji(place, state, at) ??
      this.#wordOr(place, code, at)
    );
  }

  #piece(kind: Kind, end: number, state: State = FRESH): Kind {
    this.end = end;
    this.state = state;
    return kind;
  }

  /** The piece, unless it is empty. */
  #upTo(kind: Kind, end: number, at: number): Kind | undefined {
    return end > at ? this.#piece(kind, end) : undefined;
  }

  #shortOrEmoticon(place: Place, state: State, at: number): Kind | undefined {
    if (state !== FRESH) return undefined;
    const short = endOfShortCode(this.text, at);
    if (short > at) return this.#piece('shortcode', short);
    const emoticon = this.options.emoticons ? emoticonAt(this.text, at) : undefined;
    if (!emoticon || (emoticon.text.startsWith('*') && this.#opensBold(place, at))) return undefined;
    const end = at + emoticon.text.length;
    return this.#mayFollowEmoticon(place, end) ? this.#piece('emoticon', end) : undefined;
  }

  #opensBold(place: Place, at: number): boolean {
    return !isWithin(place, BOLD) && this.emphasis.find('bold', place, at).end > 0;
  }

  #emoji(place: Place, state: State, at: number): Kind | undefined {
    const isLoose = innermost(place) === STRIKE || innermost(place) === SPOILER;
    if (state !== FRESH && !isLoose) return undefined;
    return this.#upTo('emoji', endOfUnicodeEmoji(this.text, at), at);
  }

  /** An emoticon ends where a blank, the end of its place or another piece begins. */
  #mayFollowEmoticon(place: Place, at: number): boolean {
    const { text } = this;
    const code = text.charCodeAt(at);
    if (at === text.length || isBlank(code) || isEol(code)) return true;
    if (emoticonAt(text, at) || endOfShortCode(text, at) > at || endOfUnicodeEmoji(text, at) > at)
      return true;
    const kind = this.next(place, FRESH, at);
    return kind === 'stop' ? innermost(place) !== SPOILER : kind !== 'text' && kind !== 'escape';
  }

  /** A sigil inside a word is part of the word: `a@b`, `a#b`. Behind the character that follows anything may begin. */
  #glued(code: number, at: number): Kind | undefined {
    const sigil = this.text.charCodeAt(at + 1);
    if ((sigil !== 64 && sigil !== 35) || (classOf(code) & SINGLE) !== 0) return undefined;
    const after = this.text.charCodeAt(at + 2);
    return isName(after) && !isJoint(after) ? this.#piece('text', at + 3) : undefined;
  }

  /** A phone number or the address of a page; such a word without a meaning is text in one piece. */
  #address(place: Place, code: number, at: number): Kind | undefined {
    if (!isRich(place) || (classOf(code) & (SINGLE | HOST)) === SINGLE) return undefined;
    if (code === 43) {
      const end = endOfPhone(this.text, at);
      if (end > at) return this.#piece(isPhone(this.text.slice(at, end)) ? 'phone' : 'text', end);
    }
    if (code === LESS) return this.#plainAddress(at, '|');
    return this.#upTo('address', endOfAddress(this.text, this.ahead, at), at);
  }

  #behindBracket(place: Place, code: number, at: number): Kind | undefined {
    return isRich(place) && (classOf(code) & SINGLE) === 0 ? this.#plainAddress(at, ')') : undefined;
  }

  /** Behind a bracket an address is text, up to what closes the bracket. */
  #plainAddress(at: number, border: string): Kind | undefined {
    const end = endOfAddress(this.text, this.ahead, at, border);
    return end > at ? this.#piece('text', end, WORD) : undefined;
  }

  /** What begins with a character of its own. */
  #opened(place: Place, code: number, at: number): Kind | undefined {
    switch (code) {
      case 33:
        return isRich(place) ? this.#image(at) : undefined;
      case 35:
        return this.#upTo('room', endOfRoomMention(this.text, at), at);
      case 36:
        return this.#allows(place, this.options.katex?.dollarSyntax) ? this.#katex(at, 1) : undefined;
      case 42:
        return this.#emphasised(place, 'bold', BOLD, at);
      case 60:
        return this.#angled(place, at);
      case 64:
        return this.#upTo('user', endOfUserMention(this.text, at), at);
      case 91:
        return this.#link(place, at);
      case 92:
        return this.#backslash(place, at);
      case 95:
        return this.#emphasised(place, 'italic', ITALIC, at);
      case 96:
        return this.#upTo('code', endOfCode(this.text, at), at);
      case 99:
        return this.#allows(place, this.options.colors)
          ? this.#upTo('color', endOfColor(this.text, at), at)
          : undefined;
      case 124:
        return this.#bars(place, at);
      case 126:
        return this.#emphasised(place, 'strike', STRIKE, at);
      default:
        return undefined;
    }
  }

  #allows(place: Place, option: boolean | undefined): boolean {
    return option === true && isRich(place);
  }

  #emphasised(place: Place, kind: EmphasisKind, own: 1 | 2 | 3, at: number): Kind | undefined {
    if (isWithin(place, own)) return innermost(place) === own ? 'stop' : undefined;
    const blank = isRich(place) ? this.#endOfBlankRun(at) : at;
    if (blank > at) return this.#piece('text', blank);
    const { end, isUnfinished } = this.emphasis.find(kind, place, at);
    if (end < 0) return undefined;
    return this.#piece(isUnfinished ? 'unfinished' : kind, end);
  }

  /** Delimiters around nothing but blanks (`* *`) stay text. */
  #endOfBlankRun(at: number): number {
    const { text, ahead } = this;
    const opened = ahead.sameEnd(at);
    if (!isBlank(text.charCodeAt(opened))) return at;
    const closing = skipBlanks(text, opened);
    return text.charCodeAt(closing) === text.charCodeAt(at) ? ahead.sameEnd(closing) : at;
  }

  #bars(place: Place, at: number): Kind | undefined {
    if (this.text.charCodeAt(at + 1) !== 124) return undefined;
    if (innermost(place) === SPOILER) return 'stop';
    if (innermost(place) !== PARAGRAPH) return undefined;
    const { end } = this.emphasis.find('spoiler', place, at);
    return end < 0 ? undefined : this.#piece('spoiler', end);
  }

  /** Either border closes the other one as well. */
  #katex(at: number, open: number): Kind | undefined {
    const { dollarSyntax, parenthesisSyntax } = this.options.katex ?? {};
    const { length } = this.text;
    const dollar = dollarSyntax ? this.ahead.next('$', at + open) : length;
    const bracket = parenthesisSyntax ? this.ahead.next('\\)', at + open) : length;
    const close = Math.min(dollar, bracket);
    return close < length ? this.#piece('katex', close === dollar ? close + 1 : close + 2) : undefined;
  }

  #backslash(place: Place, at: number): Kind | undefined {
    if (!isRich(place)) return undefined;
    const next = this.text.charAt(at + 1);
    if (next === '(' && this.options.katex?.parenthesisSyntax) return this.#katex(at, 2);
    return next !== '' && '*_~`#.'.includes(next) ? this.#piece('escape', at + 2) : undefined;
  }

  #link(place: Place, at: number): Kind | undefined {
    if (isWithin(place, LABEL)) return undefined;
    const label = this.emphasis.labelled(place, at);
    return label ? this.#piece('link', label.end) : undefined;
  }

  #angled(place: Place, at: number): Kind | undefined {
    if (isRich(place) || innermost(place) === STRIKE) {
      const timestamp = timestampAt(this.text, at);
      if (timestamp) return this.#piece('timestamp', timestamp.end);
    }
    const reference = isWithin(place, LABEL) ? undefined : this.references.angled(at);
    return reference ? this.#piece('angled', reference.end) : undefined;
  }

  #image(at: number): Kind | undefined {
    const image = this.references.image(at);
    return image ? this.#piece('image', image.end) : undefined;
  }

  #mail(place: Place, at: number): Kind | undefined {
    if (!isRich(place)) return undefined;
    const from = this.text.startsWith('mailto:', at) ? at + 'mailto:'.length : at;
    return this.#upTo('mail', endOfMail(this.text, this.ahead, from), from);
  }

  /** A word that ends in underscores, or as much plain text as needs no second look. */
  #wordOr(place: Place, code: number, at: number): Kind {
    if (isAlphanumeric(code)) return this.#word(place, at);
    return this.#piece('text', at + 1, (classOf(code) & SINGLE) !== 0 ? SINGLED : WORD);
  }

  #word(place: Place, at: number): Kind {
    const { text } = this;
    const colors = this.#allows(place, this.options.colors);
    let end = at + 1;
    for (; isAlphanumeric(text.charCodeAt(end)); end++) {
      if (colors && text.charCodeAt(end) === 99 && endOfColor(text, end) > end)
        return this.#piece('text', end, WORD);
      const next = text.charCodeAt(end + 1);
      if (next === 64 || next === 35) return this.#piece('text', end, WORD);
    }
    if (text.charCodeAt(end) !== 95 || isWithin(place, ITALIC)) return this.#piece('text', end, WORD);
    return this.#piece('text', text.charCodeAt(end + 1) === 95 ? end + 2 : end + 1);
  }

  /** In the label of a link only emphasis means anything; it ends where its target begins. */
  #inLabel(place: Place, code: number, at: number): Kind {
    if (code === 93 && this.text.charCodeAt(at + 1) === 40) return 'stop';
    return (
      this.#emphasisInLabel(place, code, at) ??
      (isAlphanumeric(code) ? this.#word(place, at) : this.#piece('text', at + 1))
    );
  }

  #emphasisInLabel(place: Place, code: number, at: number): Kind | undefined {
    if (code === 42) return this.#emphasised(place, 'bold', BOLD, at);
    if (code === 95) return this.#emphasised(place, 'italic', ITALIC, at);
    return code === 126 ? this.#emphasised(place, 'strike', STRIKE, at) : undefined;
  }
}

/** Where formulas, colours, images, mail addresses and escapes mean something. */
const isRich = (place: Place): boolean => innermost(place) === PARAGRAPH || innermost(place) === SPOILER;
