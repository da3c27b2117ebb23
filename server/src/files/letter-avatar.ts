import { LETTER_STROKES } from './letter-strokes.ts';

/** Pictures of people and rooms that have none: letters on a coloured ground (spec 11 §6). */

const PALETTE = ['#158D65', '#7F1B9F', '#B68D00', '#E26D0E', '#10529E', '#6C727A'];
const MAX_WORDS = 3;

export interface Letters {
  letters: string;
  colour: string;
}

/** The first letter or digit of a name. */
export function lettersOfName(name: string): Letters {
  const letters = name
    .replace(/[^A-Za-z0-9]/g, '')
    .slice(0, 1)
    .toUpperCase();
  return { letters, colour: colourOf(name) };
}

/** The first letters of the words of a real name. */
export function initialsOf(name: string): Letters {
  const words = name.trim().split(/\s+/).slice(0, MAX_WORDS);
  return { letters: words.map((word) => [...word][0]?.toUpperCase() ?? '').join(''), colour: colourOf(name) };
}

const colourOf = (name: string): string =>
  name === '?' ? '#000' : (PALETTE[name.length % PALETTE.length] ?? '#000');

/** As text, in the fonts of whoever shows it. */
export function lettersAsSvg({ letters, colour }: Letters, size: number): string {
  const count = [...letters].length;
  const fontSize = count <= 1 ? size / 1.6 : size / (1.6 + count ** 2 / 10);
  const text = `<text x="50%" y="50%" dy="0.36em" text-anchor="middle" pointer-events="none" fill="#ffffff" font-family="'Helvetica', 'Arial', 'Lucida Grande', 'sans-serif'" font-size="${Math.round(fontSize * 100) / 100}">${escaped(letters)}</text>`;
  return framed(colour, size, text);
}

/**
 * As lines, for painting on a server that may have no fonts at all. Undefined for letters that we have no lines for.
 */
export function lettersAsLines({ letters, colour }: Letters, size: number): string | undefined {
  const strokes = [...letters].map((letter) => LETTER_STROKES[letter]);
  if (strokes.includes(undefined)) return undefined;
  const count = Math.max(1, strokes.length);
  // Each letter is drawn in a box of 6 by 10, with 2 between them.
  const scale = size / (count === 1 ? 22 : 8 * count + 8);
  const left = (size - (8 * count - 2) * scale) / 2;
  const top = (size - 10 * scale) / 2;
  const paths = strokes.map((path, index) => `<path transform="translate(${index * 8} 0)" d="${path}"/>`);
  const group = `<g transform="translate(${left} ${top}) scale(${scale})" fill="none" stroke="#ffffff" stroke-width="1.2" stroke-linecap="round" stroke-linejoin="round">${paths.join('')}</g>`;
  return framed(colour, size, group);
}

const framed = (colour: string, size: number, inner: string): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size} ${size}" width="${size}" height="${size}"><rect width="100%" height="100%" fill="${colour}"/>${inner}</svg>`;

const escaped = (text: string): string => text.replace(/[<>&'"]/g, (char) => `&#${char.charCodeAt(0)};`);
