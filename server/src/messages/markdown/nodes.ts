/**
 * The tree of a message's text, as clients know it from the field `md` (spec 30 §4.6). A node has `type` first and no member that
 * is undefined: the tree is stored and sent as JSON.
 */
export interface Plain {
  type: 'PLAIN_TEXT';
  value: string;
}

export type Emoji = { type: 'EMOJI'; value: Plain; shortCode: string } | { type: 'EMOJI'; unicode: string };

export interface Timestamp {
  type: 'TIMESTAMP';
  value: { timestamp: string; format: string };
  /** What clients show that know no timestamps. */
  fallback: Plain;
}

export type Inline =
  | Plain
  | Emoji
  | Timestamp
  | { type: 'BOLD' | 'ITALIC' | 'STRIKE' | 'SPOILER'; value: Inline[] }
  | { type: 'INLINE_CODE' | 'MENTION_USER' | 'MENTION_CHANNEL'; value: Plain }
  | { type: 'INLINE_KATEX'; value: string }
  | { type: 'COLOR'; value: { r: number; g: number; b: number; a: number } }
  | { type: 'LINK'; value: { src: Plain; label: Inline[] } }
  | { type: 'IMAGE'; value: { src: Plain; label: Plain } };

export interface Paragraph {
  type: 'PARAGRAPH';
  value: Inline[];
}

export type Block =
  | Paragraph
  | { type: 'HEADING'; level: number; value: Plain[] }
  | { type: 'CODE'; language: string; value: { type: 'CODE_LINE'; value: Plain }[] }
  | { type: 'QUOTE' | 'SPOILER_BLOCK'; value: Paragraph[] }
  | { type: 'UNORDERED_LIST'; value: { type: 'LIST_ITEM'; value: Inline[] }[] }
  | { type: 'ORDERED_LIST'; value: { type: 'LIST_ITEM'; value: Inline[]; number: number }[] }
  | { type: 'TASKS'; value: { type: 'TASK'; status: boolean; value: Inline[] }[] }
  | { type: 'KATEX'; value: string }
  | { type: 'LINE_BREAK' };

/** Blocks, or nothing but one to three emoji. */
export type Root = Block[] | [{ type: 'BIG_EMOJI'; value: Emoji[] }];

export const plain = (value: string): Plain => ({ type: 'PLAIN_TEXT', value });

export const link = (src: string, label: Inline[]): Inline => ({
  type: 'LINK',
  value: { src: plain(src), label },
});
