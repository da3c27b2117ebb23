import { array as ENGLISH } from 'badwords-list';
import { commaList } from '../kernel/comma-list.ts';
import type { Settings } from '../kernel/settings.ts';

const WORD_CHARACTER = '[\\p{L}\\p{N}_]';
const WORD_CHARACTERS = new RegExp(WORD_CHARACTER, 'gu');

/** Covers bad words with stars, ignoring case (spec 30 §4.5): the usual English ones, and those of the workspace. */
export function coverBadWords(settings: Settings, text: string): string {
  if (!settings.bool('Message_AllowBadWordsFilter')) return text;
  const words = listOf(settings, 'Message_BadWordsFilterList');
  const allowed = new Set(listOf(settings, 'Message_BadWordsWhitelist'));
  const bad = [...new Set([...ENGLISH, ...words])].filter((word) => !allowed.has(word));
  return text.replace(anyOf(bad), (found) => found.replace(WORD_CHARACTERS, '*'));
}

const listOf = (settings: Settings, id: string): string[] => commaList(settings.text(id).toLowerCase());

/** Only whole words; some hold signs, as in `b!tch`. */
const anyOf = (words: readonly string[]): RegExp =>
  new RegExp(
    `(?<!${WORD_CHARACTER})(?:${words.map((word) => word.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')).join('|')})(?!${WORD_CHARACTER})`,
    'giu',
  );
