import { commaList } from '../kernel/comma-list.ts';
import type { Settings } from '../kernel/settings.ts';

const WORD = /[\p{L}\p{N}_]+/gu;

/** Covers words of the workspace's list with stars, ignoring case (spec 30 §4.5). */
export function coverBadWords(settings: Settings, text: string): string {
  if (!settings.bool('Message_AllowBadWordsFilter')) return text;
  const allowed = words(settings.text('Message_BadWordsWhitelist'));
  const bad = words(settings.text('Message_BadWordsFilterList'));
  return text.replace(WORD, (word) => {
    const key = word.toLowerCase();
    return bad.has(key) && !allowed.has(key) ? '*'.repeat(word.length) : word;
  });
}

function words(list: string): Set<string> {
  return new Set(commaList(list.toLowerCase()));
}
