import { escapeHtml } from '../kernel/escape-html.ts';
import { replaceCode } from '../messages/plain-text.ts';
import { decodeEntities } from '../previews/html-entities.ts';

/**
 * What must come through a translation as it is: code, links, mentions and emoji (spec 31 §5). A service gets the text line
 * by line, since it would join lines, as HTML with a numbered element in the place of each such piece; without the marks at
 * the beginning of lines that make lists, quotes and headings.
 */

export interface Line {
  /** What is sent; undefined where there is nothing to translate. */
  html: string | undefined;
  /** The whole line from the service's answer. An answer that has lost a piece counts as none: the line as it was. */
  restored(answer: string): string;
  original: string;
}

/** Around the number of a piece; characters that have no meaning of their own. */
const OPEN = '\ue000';
const CLOSE = '\ue001';
const PIECE = new RegExp(`${OPEN}(\\d+)${CLOSE}`, 'g');

const UNTRANSLATED = new RegExp(
  [
    // The address of a link with a label, and any other.
    String.raw`\]\([^()\s${OPEN}]+\)`,
    String.raw`https?://[^\s${OPEN}]+`,
    String.raw`(?<![\p{L}\p{N}_])[@#][\p{L}\p{N}_-]+(?:[.:@][\p{L}\p{N}_-]+)*`,
    String.raw`:[\w+-]{1,64}:`,
    String.raw`\p{Extended_Pictographic}[\p{Extended_Pictographic}\p{Emoji_Modifier}\u200d\ufe0f]*`,
  ].join('|'),
  'giu',
);

const LINE_START = /^\s*(?:(?:>|[-*+]|\d{1,9}[.)]|#{1,6})\s+)?/;
const ELEMENT = /<i\b[^<>]{0,200}>\s*(\d{1,6})\s*<\/i>/i;

export function linesOf(text: string): Line[] {
  // Nobody writes these two; a text that has them cannot be told from its own marks.
  if (text.includes(OPEN) || text.includes(CLOSE)) return [untouched(text)];
  const pieces: string[] = [];
  const keep = (piece: string) => `${OPEN}${pieces.push(piece) - 1}${CLOSE}`;
  const marked = replaceCode(text, keep).replace(UNTRANSLATED, keep);
  return marked.split('\n').map((line) => lineOf(line, pieces));
}

const untouched = (original: string): Line => ({ html: undefined, original, restored: () => original });

function lineOf(marked: string, pieces: readonly string[]): Line {
  const original = marked.replace(PIECE, (_, n) => pieces[Number(n)] ?? '');
  const [start = ''] = LINE_START.exec(marked) ?? [];
  const body = marked.slice(start.length).trimEnd();
  if (!/\p{L}/u.test(body)) return untouched(original);
  const expected = [...body.matchAll(PIECE)].map(([, n]) => Number(n));
  return {
    html: escapeHtml(body).replace(PIECE, '<i class="notranslate" translate="no">$1</i>'),
    original,
    restored(answer) {
      // Odd ones are the numbers of pieces.
      const parts = answer.split(ELEMENT);
      const found = parts.filter((_, index) => index % 2 === 1).map(Number);
      const isWhole = found.length === expected.length && expected.every((n) => found.includes(n));
      if (!isWhole) return original;
      const texts = parts.map((part, index) => (index % 2 === 1 ? pieces[Number(part)] : decoded(part)));
      return start + texts.join('').trim();
    },
  };
}

const decoded = (html: string): string =>
  decodeEntities(html)
    .replaceAll('\0', '')
    .replace(/[\r\n]+/g, ' ');
