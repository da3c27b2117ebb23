import type { Occurrences } from './text-condition.ts';

/** How much one more occurrence adds, and how much longer texts count less: the usual values of BM25. */
const SATURATION = 1.2;
const LENGTH = 0.75;

/**
 * How well each of the messages that were found fits what is looked for (Okapi BM25): rare parts count for more than common
 * ones, and long texts for less. Rare is what few of these messages say; those that were not found do not matter.
 */
export function scoresOf(found: readonly Occurrences[]): number[] {
  const usual = found.reduce((sum, { words }) => sum + words, 0) / found.length || 1;
  const rarity = (found[0]?.parts ?? []).map((_, part) => {
    const saying = found.filter(({ parts }) => (parts[part] ?? 0) > 0).length;
    return Math.log(1 + (found.length - saying + 0.5) / (saying + 0.5));
  });
  return found.map(({ parts, words }) => {
    const damping = SATURATION * (1 - LENGTH + (LENGTH * words) / usual);
    return parts.reduce(
      (score, count, part) => score + ((rarity[part] ?? 0) * count * (SATURATION + 1)) / (count + damping),
      0,
    );
  });
}
