import { bigEmoji } from './big-emoji.ts';
import { type BlockContext, blockAt } from './blocks.ts';
import { InlineBuilder } from './inline.ts';
import type { Block, Root } from './nodes.ts';
import type { MarkdownOptions, Meter } from './options.ts';
import { Scanner } from './scanner.ts';

export type { Root } from './nodes.ts';
export type { MarkdownOptions } from './options.ts';

/**
 * The tree of a text, the same that `@rocket.chat/message-parser` makes (differences: docs/markdown.md), in time linear in the length
 * of the text, whatever the text is.
 *
 * How: the text is read from left to right, line by line (`blocks.ts`), and within a line piece by piece (`scanner.ts`). Nothing is
 * tried twice: what begins at a position is remembered (`emphasis.ts`, `references.ts`), and questions about what lies ahead are
 * answered from tables (`ahead.ts`). Nodes are built once it is certain what they are (`inline.ts`).
 */
export function parseMarkdown(
  text: string,
  options: MarkdownOptions = {},
  meter: Meter = { steps: 0 },
): Root {
  const emoji = bigEmoji(text, options);
  if (emoji) return [{ type: 'BIG_EMOJI', value: emoji }];
  const context: BlockContext = {
    text,
    options,
    meter,
    inline: new InlineBuilder(new Scanner(text, options, meter)),
  };
  const blocks: Block[] = [];
  let at = 0;
  while (at < text.length) {
    const { block, end } = blockAt(context, at);
    blocks.push(block);
    at = end;
  }
  return blocks;
}
