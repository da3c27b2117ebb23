import type { Context } from '../context.ts';
import { commaList } from '../kernel/comma-list.ts';
import type { Settings } from '../kernel/settings.ts';
import type { Block, Inline } from './markdown/nodes.ts';
import { type MarkdownOptions, parseMarkdown, type Root } from './markdown/parse.ts';
import { hasNoMarkup, plainTree } from './markdown/plain.ts';

/**
 * The tree of a text, the `md` of its message (spec 30 §4.6); undefined for an empty text. A message that cannot be parsed is sent
 * without: clients then parse the text themselves.
 */
export function textTree(ctx: Pick<Context, 'settings' | 'log'>, text: string): Root | undefined {
  if (text === '') return undefined;
  if (hasNoMarkup(text)) return plainTree(text);
  try {
    return parseMarkdown(text, optionsOf(ctx.settings));
  } catch (error) {
    ctx.log.error({ err: error, length: text.length }, 'a message could not be parsed');
    return undefined;
  }
}

function optionsOf(settings: Settings): MarkdownOptions {
  const options: MarkdownOptions = {
    colors: settings.bool('HexColorPreview_Enabled'),
    emoticons: true,
    customDomains: commaList(settings.text('Message_CustomDomain_AutoLink')),
  };
  if (settings.bool('Katex_Enabled')) {
    options.katex = {
      dollarSyntax: settings.bool('Katex_Dollar_Syntax'),
      parenthesisSyntax: settings.bool('Katex_Parenthesis_Syntax'),
    };
  }
  return options;
}

/** Where the links of a tree lead, in order; a link without a scheme leads to `https`. */
export function linksOf(tree: Root): string[] {
  const found: string[] = [];
  for (const block of tree) collect(block, found);
  return found;
}

/** Whatever holds other nodes does so in `value`. */
function collect(node: Block | Inline | object, found: string[]): void {
  if ('type' in node && node.type === 'LINK') {
    const src = (node as Extract<Inline, { type: 'LINK' }>).value.src.value;
    found.push(src.startsWith('//') ? `https:${src}` : src);
    return;
  }
  if ('value' in node && Array.isArray(node.value))
    for (const inner of node.value) collect(inner as object, found);
}
