import type { Root } from './nodes.ts';

/**
 * Words and the punctuation between them, beginning with a letter: no block, address, mention, emoticon or emphasis can be made of these.
 * A full stop only at the end of a word, since within it may be an address; an equals sign only before a digit, since `=D` is a smile.
 */
const NO_MARKUP =
  /^[A-Za-z\u00c0-\u024f\u0400-\u04ff](?:[A-Za-z0-9\u00c0-\u024f\u0400-\u04ff ,?!'"]|\.(?= |$)|=(?=\d))*$/;

/** The tree of a text without any markup. */
export const plainTree = (text: string): Root => [
  { type: 'PARAGRAPH', value: [{ type: 'PLAIN_TEXT', value: text }] },
];

/** True for most texts that can only mean what they say, which spares them the parser; false proves nothing. */
export const hasNoMarkup = (text: string): boolean => NO_MARKUP.test(text);
