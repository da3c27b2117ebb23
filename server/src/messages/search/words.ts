/**
 * What counts as the same word. Both the index and the texts that are searched are made of this, so a text that the index finds
 * can be checked against it and the other way round.
 *
 * Case, accents and forms of letters (`ﬁ`, full width) make no difference. Scripts that put no spaces between words have none that
 * could be told without a dictionary: there any part of a text is found, by the pairs of characters that it consists of.
 */

/** Letters that Unicode does not take apart. */
const SAME_LETTERS: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  ł: 'l',
  ħ: 'h',
  ı: 'i',
  þ: 'th',
  ς: 'σ',
};

/** Accents, and the vowel signs of Arabic and Hebrew, which are mostly left out. Other marks tell words apart. */
const ACCENTS = /[\u0300-\u036f\u0591-\u05c7\u064b-\u0652]/gu;
const NO_WORD = /[^\p{L}\p{N}\p{M}]+/gu;
const WITHOUT_SPACES =
  '\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}ー\\p{Script=Hangul}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}\\p{Script=Myanmar}';
const RUN = new RegExp(`[${WITHOUT_SPACES}][${WITHOUT_SPACES}\\p{M}]*`, 'gu');
/** Quicker than to look at every word. */
const MAY_HAVE_RUNS = /[\u0e00-\u0eff\u1000-\uffff]/;
const STARTS_IN_RUN = new RegExp(`^[${WITHOUT_SPACES}]`, 'u');

/** Words separated and surrounded by single spaces; runs without spaces are words of their own. A text without words is one space. */
export function foldText(text: string): string {
  if (/^[\0-\x7f]*$/.test(text))
    return ` ${text.toLowerCase().replace(/[^a-z0-9]+/g, ' ')} `.replace(/ +/g, ' ');
  const folded = text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[ßæœøđðłħıþς]/g, (letter) => SAME_LETTERS[letter] ?? letter)
    .normalize('NFD')
    .replace(ACCENTS, '')
    .normalize('NFC')
    .replace(NO_WORD, ' ')
    .replace(RUN, ' $& ');
  return ` ${folded} `.replace(/ +/g, ' ');
}

export const isRun = (word: string): boolean => STARTS_IN_RUN.test(word);

/** Each two neighbours. */
export function pairsOf(run: string): string[] {
  const characters = Array.from(run);
  return characters.slice(1).map((character, index) => `${characters[index]}${character}`);
}

/** What the index holds of a folded text. The last character of a run stands alone too, so that single ones are found by prefix. */
export function indexedWords(folded: string): string {
  if (!MAY_HAVE_RUNS.test(folded)) return folded.trim();
  return folded
    .trim()
    .split(' ')
    .map((word) => (isRun(word) ? [...pairsOf(word), Array.from(word).at(-1)].join(' ') : word))
    .join(' ');
}

/**
 * Stands for a room among the words. It begins with a character that no word has; what of an id is no letter or digit is left out,
 * since whoever reads the index looks at the room again.
 */
export const roomWord = (rid: string): string => `\ue000${rid.replace(/[^A-Za-z0-9]/g, '')}`;
