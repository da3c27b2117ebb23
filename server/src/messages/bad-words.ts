import { array as ENGLISH } from 'badwords-list';
import { commaList } from '../kernel/comma-list.ts';
import type { Settings } from '../kernel/settings.ts';

const WORD_CHARACTER = '[\\p{L}\\p{N}_]';
const WORD_CHARACTERS = new RegExp(WORD_CHARACTER, 'gu');

/** Covers bad words with stars, ignoring case (spec 30 §4.5): the usual English ones, and those of the workspace. */
export function coverBadWords(settings: Settings, text: string): string {
  if (!settings.bool('Message_AllowBadWordsFilter')) return text;
  return text.replace(badWords(settings), (found) => found.replace(WORD_CHARACTERS, '*'));
}

/** The expression of each workspace, and the lists that it was made of: some hundred words are not put together for every message. */
const made = new WeakMap<Settings, { added: string; allowed: string; pattern: RegExp }>();

function badWords(settings: Settings): RegExp {
  const added = settings.text('Message_BadWordsFilterList');
  const allowed = settings.text('Message_BadWordsWhitelist');
  const known = made.get(settings);
  if (known?.added === added && known.allowed === allowed) return known.pattern;
  const harmless = new Set(listed(allowed));
  const bad = [...new Set([...ENGLISH, ...listed(added)])].filter((word) => !harmless.has(word));
  const pattern = anyOf(bad);
  made.set(settings, { added, allowed, pattern });
  return pattern;
}

const listed = (text: string): string[] => commaList(text.toLowerCase());

/** Only whole words; some hold signs, as in `b!tch`. */
const anyOf = (words: readonly string[]): RegExp =>
  new RegExp(
    `(?<!${WORD_CHARACTER})(?:${words.map((word) => word.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')).join('|')})(?!${WORD_CHARACTER})`,
    'giu',
  );
