import type { BlockContext, Found } from './blocks.ts';
import { afterEol, endOfLine, isEol } from './characters.ts';
import { type Block, plain } from './nodes.ts';

const FENCE = '```';
const LANGUAGE = /^[A-Za-z0-9 _-]*$/;

/** Lines between two lines that begin with three backticks. */
export function codeAt({ text, meter }: BlockContext, at: number): Found<Block> | undefined {
  if (!text.startsWith(FENCE, at)) return undefined;
  const opened = endOfLine(text, at + FENCE.length);
  const language = text.slice(at + FENCE.length, opened);
  if (!isEol(text.charCodeAt(opened)) || !LANGUAGE.test(language)) return undefined;
  const from = afterEol(text, opened);
  const close = text.indexOf(FENCE, from);
  meter.steps += (close === -1 ? text.length : close) - at;
  if (close <= from || !isEol(text.charCodeAt(close - 1))) return undefined;
  const lines = text.slice(from, close).split(/\r\n|\r|\n/);
  lines.pop();
  // An empty first line counts as part of the fence.
  if (lines[0] === '') lines.shift();
  if (lines.length === 0) return undefined;
  const value = lines.map((line) => ({ type: 'CODE_LINE' as const, value: plain(line) }));
  return { block: { type: 'CODE', language: language || 'none', value }, end: close + FENCE.length };
}

/** A formula on lines of its own: `$$…$$`, `\[…\]`. */
export function katexAt({ text, options, inline }: BlockContext, at: number): Found<Block> | undefined {
  const { dollarSyntax, parenthesisSyntax } = options.katex ?? {};
  const opens =
    (dollarSyntax && text.startsWith('$$', at)) || (parenthesisSyntax && text.startsWith('\\[', at));
  if (!opens) return undefined;
  // Either border closes the other one as well.
  const ends = [dollarSyntax ? '$$' : '\\]', parenthesisSyntax ? '\\]' : '$$'];
  const end = Math.min(...ends.map((border) => inline.ahead.next(border, at + 2)));
  if (end >= text.length) return undefined;
  return { block: { type: 'KATEX', value: text.slice(at + 2, end) }, end: end + 2 };
}
