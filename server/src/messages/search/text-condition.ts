import type { WordQuery } from '../../storage/word-index.ts';
import { foldText, isRun, pairsOf } from './words.ts';

/** A condition on the text of messages. */
export interface TextCondition {
  /** Whether a message that says this is meant. */
  matches(text: string): boolean;
  /** What every message that is meant has in the index; `any` message may be meant where the index cannot tell. */
  candidates: WordQuery | 'any' | 'none';
  /** How often a message says each part of what is looked for, and how long it is; absent where nothing can be counted. */
  count?(text: string): Occurrences;
}

export interface Occurrences {
  /** Of each part, always in the same order. */
  parts: number[];
  words: number;
}

const NOTHING: TextCondition = { matches: () => false, candidates: 'none' };

/** More than anybody types, and what a search may cost. */
const MAX_PARTS = 32;

/** A word, a beginning of one (`dep*`), or several words in a row. */
interface Part {
  /** As a folded text contains it: with the spaces around it that must be there. */
  needle: string;
  candidates: WordQuery;
}

/**
 * The words of a search (spec 30 §7 `chat.search`): any of the words, but all of the `"phrases"`, and none of the `-words`. A word
 * that ends in `*` is the beginning of one. With exclusions alone, or without a word, nothing is found.
 */
export function wordCondition(text: string): TextCondition {
  const any: Part[] = [];
  const all: Part[] = [];
  const none: Part[] = [];
  for (const [, minus, phrase, word = ''] of text.matchAll(/(-?)(?:"([^"]*)"|([^\s"]+))/g)) {
    const part = partOf(phrase ?? word);
    const list = minus ? none : phrase === undefined ? any : all;
    if (part && list.length < MAX_PARTS) list.push(part);
  }
  if (any.length + all.length === 0) return NOTHING;
  return {
    candidates: all.length > 0 ? { all: all.map(candidatesOf) } : { any: any.map(candidatesOf) },
    matches(message) {
      const folded = foldText(message);
      const says = ({ needle }: Part) => folded.includes(needle);
      return (all.length > 0 ? all.every(says) : any.some(says)) && !none.some(says);
    },
    count(message) {
      const folded = foldText(message);
      const parts = [...all, ...any].map(({ needle }) => occurrences(folded, needle));
      return { parts, words: folded.split(' ').length - 2 };
    },
  };
}

function occurrences(folded: string, needle: string): number {
  let count = 0;
  for (let at = folded.indexOf(needle); at >= 0; at = folded.indexOf(needle, at + 1)) count += 1;
  return count;
}

const candidatesOf = (part: Part): WordQuery => part.candidates;

function partOf(text: string): Part | undefined {
  const words = foldText(text).trim();
  if (words === '') return undefined;
  const list = words.split(' ');
  const isPrefix = text.endsWith('*');
  const before = isRun(list[0] ?? '') ? '' : ' ';
  const after = isPrefix || isRun(list.at(-1) ?? '') ? '' : ' ';
  const queries = list
    .slice(0, MAX_PARTS)
    .map((word, index) => queryOf(word, isPrefix && index === list.length - 1));
  return { needle: `${before}${words}${after}`, candidates: { all: queries } };
}

function queryOf(word: string, isPrefix: boolean): WordQuery {
  if (!isRun(word)) return { word, isPrefix };
  const pairs = pairsOf(word).slice(0, MAX_PARTS);
  return pairs.length === 0 ? { word, isPrefix: true } : { all: pairs.map((pair) => ({ word: pair })) };
}
