import { isBlank, isEol } from './characters.ts';
import { emoticonAt, endOfShortCode, endOfUnicodeEmoji } from './emoji.ts';
import { type Emoji, plain } from './nodes.ts';
import type { MarkdownOptions } from './options.ts';

const MAX_EMOJI = 3;

/** The emoji of a text that is nothing but one to three of them; undefined for any other text. */
export function bigEmoji(text: string, options: MarkdownOptions): Emoji[] | undefined {
  const emoji: Emoji[] = [];
  let at = skipSpace(text, 0);
  while (at < text.length) {
    if (emoji.length === MAX_EMOJI) return undefined;
    const next = emojiAt(text, at, options);
    if (!next) return undefined;
    emoji.push(next.node);
    at = skipSpace(text, next.end);
  }
  return emoji.length > 0 ? emoji : undefined;
}

function emojiAt(
  text: string,
  at: number,
  options: MarkdownOptions,
): { node: Emoji; end: number } | undefined {
  const shortEnd = endOfShortCode(text, at);
  if (shortEnd > at) {
    const shortCode = text.slice(at + 1, shortEnd - 1);
    return { node: { type: 'EMOJI', value: plain(shortCode), shortCode }, end: shortEnd };
  }
  const emoticon = options.emoticons ? emoticonAt(text, at) : undefined;
  if (emoticon) {
    const node: Emoji = { type: 'EMOJI', value: plain(emoticon.text), shortCode: emoticon.shortCode };
    return { node, end: at + emoticon.text.length };
  }
  const end = endOfUnicodeEmoji(text, at);
  return end > at ? { node: { type: 'EMOJI', unicode: text.slice(at, end) }, end } : undefined;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (isBlank(text.charCodeAt(at)) || isEol(text.charCodeAt(at))) at++;
  return at;
}
