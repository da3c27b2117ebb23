import type { BlockContext, Found } from './blocks.ts';
import { afterEol, skipBlanks } from './characters.ts';
import type { Block, Inline } from './nodes.ts';

/** Lines that begin with `- [ ]` or `- [x]`. */
export function tasksAt(context: BlockContext, at: number): Found<Block> | undefined {
  const { text } = context;
  const value: { type: 'TASK'; status: boolean; value: Inline[] }[] = [];
  let start = at;
  for (;;) {
    const status = text.startsWith('- [x]', start);
    if (!status && !text.startsWith('- [ ]', start)) break;
    const item = itemAt(context, start + 5);
    if (!item) break;
    value.push({ type: 'TASK', status, value: item.nodes });
    start = item.end;
  }
  return value.length > 0 ? { block: { type: 'TASKS', value }, end: start } : undefined;
}

/** Lines that begin with the same marker: dash, star, or number and dot. */
export function listAt(context: BlockContext, at: number): Found<Block> | undefined {
  const marker = context.text[at];
  return marker === '-' || marker === '*' ? unorderedAt(context, at, marker) : orderedAt(context, at);
}

function unorderedAt(context: BlockContext, at: number, marker: string): Found<Block> | undefined {
  const value: { type: 'LIST_ITEM'; value: Inline[] }[] = [];
  let start = at;
  while (context.text[start] === marker) {
    const item = itemAt(context, start + 1);
    // A star that closes nothing in the item closes the one that would be its marker: bold text, and no item.
    if (!item || (marker === '*' && item.hasLoneStar)) break;
    value.push({ type: 'LIST_ITEM', value: item.nodes });
    start = item.end;
  }
  return value.length > 0 ? { block: { type: 'UNORDERED_LIST', value }, end: start } : undefined;
}

const NUMBER = /\d+\./y;

function orderedAt(context: BlockContext, at: number): Found<Block> | undefined {
  const value: { type: 'LIST_ITEM'; value: Inline[]; number: number }[] = [];
  let start = at;
  for (;;) {
    NUMBER.lastIndex = start;
    if (!NUMBER.test(context.text)) break;
    const dot = NUMBER.lastIndex;
    const item = itemAt(context, dot);
    if (!item) break;
    const number = Number.parseInt(context.text.slice(start, dot - 1), 10);
    value.push({ type: 'LIST_ITEM', value: item.nodes, number });
    start = item.end;
  }
  return value.length > 0 ? { block: { type: 'ORDERED_LIST', value }, end: start } : undefined;
}

interface Item {
  nodes: Inline[];
  end: number;
  hasLoneStar: boolean;
}

/** The text of an item: after at least one blank, to the end of the line. */
function itemAt({ text, inline }: BlockContext, marker: number): Item | undefined {
  const from = skipBlanks(text, marker);
  if (from === marker) return undefined;
  const { nodes, end, hasLoneStar } = inline.paragraph(from);
  return nodes.length > 0 ? { nodes, end: afterEol(text, end), hasLoneStar } : undefined;
}
