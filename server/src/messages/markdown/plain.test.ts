import { expect, test } from 'vitest';
import { parseMarkdown } from './parse.ts';
import { hasNoMarkup, plainTree } from './plain.ts';

const OPTIONS = {
  colors: true,
  emoticons: true,
  customDomains: ['local'],
  katex: { dollarSyntax: true, parenthesisSyntax: true },
};

/** What may stand in such a text, and what emoticons, colours, addresses and lists begin with. */
const PIECES = [
  ...[
    'a',
    'B',
    'c',
    'D',
    'o',
    'O',
    'P',
    'X',
    'ä',
    'Ж',
    'www',
    'color',
    'mailto',
    'http',
    'e.g',
    'de',
    'local',
  ],
  ...[
    '0',
    '1',
    '8',
    '42',
    ' ',
    '  ',
    ',',
    '?',
    '!',
    "'",
    '"',
    '.',
    '. ',
    '=',
    '=1',
    '1. ',
    '- ',
    ':',
    ')',
    '*',
    '+',
  ],
];

test('texts that are said to have no markup are parsed to what they say', () => {
  // A generator of its own, so that a failure can be repeated.
  let state = 1;
  const below = (limit: number) => {
    state = (state * 48271) % 2147483647;
    return state % limit;
  };
  let plain = 0;
  for (let round = 0; round < 20_000; round += 1) {
    const text = Array.from({ length: 1 + below(7) }, () => PIECES[below(PIECES.length)]).join('');
    if (!hasNoMarkup(text)) continue;
    plain += 1;
    expect(parseMarkdown(text, OPTIONS), text).toEqual(plainTree(text));
  }
  expect(plain).toBeGreaterThan(1000);
});

test.each(['', ' a', '1. a', 'a.b', 'a\nb', 'a =D', '*a*', 'a @b', 'a 😀', 'D: a'])(
  '%j is left to the parser',
  (text) => {
    expect(hasNoMarkup(text)).toBe(false);
  },
);
