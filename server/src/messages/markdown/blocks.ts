import { afterEol, endOfLine, isBlank, isDigit, isEol, skipBlanks } from './characters.ts';
import { codeAt, katexAt } from './fences.ts';
import type { InlineBuilder } from './inline.ts';
import { listAt, tasksAt } from './lists.ts';
import { type Block, type Paragraph, plain } from './nodes.ts';
import type { MarkdownOptions, Meter } from './options.ts';

export interface BlockContext {
  text: string;
  options: MarkdownOptions;
  meter: Meter;
  inline: InlineBuilder;
}

export interface Found<T> {
  block: T;
  end: number;
}

/** The block that begins at the start of a line. */
export function blockAt(context: BlockContext, at: number): Found<Block> {
  context.meter.steps++;
  const { text } = context;
  const blank = skipBlanks(text, at);
  if (isEol(text.charCodeAt(blank))) return { block: { type: 'LINE_BREAK' }, end: afterEol(text, blank) };
  return specialBlockAt(context, at) ?? paragraphAt(context, at);
}

function specialBlockAt(context: BlockContext, at: number): Found<Block> | undefined {
  switch (context.text[at]) {
    case '`':
      return codeAt(context, at);
    case '$':
    case '\\':
      return katexAt(context, at);
    case '#':
      return headingAt(context, at);
    case '>':
      return quoteAt(context, at);
    case '|':
      return spoilerAt(context, at);
    case '-':
      return tasksAt(context, at) ?? listAt(context, at);
    case '*':
      return listAt(context, at);
    default:
      return isDigit(context.text.charCodeAt(at)) ? listAt(context, at) : undefined;
  }
}

function paragraphAt(context: BlockContext, at: number): Found<Block> {
  const { nodes, end } = context.inline.paragraph(at);
  return { block: { type: 'PARAGRAPH', value: nodes }, end: afterEol(context.text, end) };
}

function headingAt({ text }: BlockContext, at: number): Found<Block> | undefined {
  let level = 1;
  while (text[at + level] === '#') level++;
  const from = skipBlanks(text, at + level);
  const end = endOfLine(text, from);
  if (level > 4 || from === at + level || end === from) return undefined;
  return { block: { type: 'HEADING', level, value: [plain(text.slice(from, end))] }, end };
}

/** Lines that begin with `>`. A quote of nothing but empty lines is none. */
function quoteAt(context: BlockContext, at: number): Found<Block> | undefined {
  const { text } = context;
  const value: Paragraph[] = [];
  let start = at;
  while (text[start] === '>') {
    const from = skipBlanks(text, start + 1);
    if (from === text.length) break;
    if (isEol(text.charCodeAt(from))) {
      value.push({ type: 'PARAGRAPH', value: [plain('')] });
      start = afterEol(text, from);
      continue;
    }
    const { nodes, end } = context.inline.paragraph(from);
    value.push({ type: 'PARAGRAPH', value: nodes });
    start = afterEol(text, end);
  }
  return value.length > 0 ? { block: { type: 'QUOTE', value }, end: start } : undefined;
}

/** Paragraphs between two lines that begin with `||`, the first of which holds nothing else. */
function spoilerAt(context: BlockContext, at: number): Found<Block> | undefined {
  const { text } = context;
  if (!text.startsWith('||', at) || !isEol(text.charCodeAt(at + 2))) return undefined;
  const from = afterEol(text, at + 2);
  const close = closeOfSpoiler(text, from);
  if (close < 0) return undefined;
  const value: Paragraph[] = [];
  let start = from;
  while (start < close) {
    const { nodes, end } = context.inline.paragraph(start);
    value.push({ type: 'PARAGRAPH', value: nodes });
    start = afterEol(text, end);
  }
  // A formula or a label may reach beyond the line that closes.
  return start === close ? { block: { type: 'SPOILER_BLOCK', value }, end: close + 2 } : undefined;
}

/** Where lines with text are followed by one that begins with `||`; negative where they are not. */
function closeOfSpoiler(text: string, from: number): number {
  let start = from;
  while (start < text.length) {
    if (text.startsWith('||', start)) return start > from ? start : -1;
    const end = endOfLine(text, start);
    if (end === text.length || isBlankLine(text, start, end)) return -1;
    start = afterEol(text, end);
  }
  return -1;
}

function isBlankLine(text: string, from: number, end: number): boolean {
  for (let at = from; at < end; at++) if (!isBlank(text.charCodeAt(at))) return false;
  return true;
}
