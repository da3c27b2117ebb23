import { createHash } from 'node:crypto';
import handWritten from './hand-written.json' with { type: 'json' };

/**
 * The messages that our parser of message texts is compared on with the published one. Made from a seed, so that only hashes of
 * the published parser's trees need to be kept (`oracle.json`, made by `scripts/markdown-oracle.ts`).
 */
export function corpus(): string[] {
  const random = sequence(20261126);
  const generated = Array.from({ length: 3400 }, (_, index) => FORMS[index % FORMS.length]?.(random) ?? '');
  return [...new Set([...handWritten, ...generated])].filter(
    (text) => text !== '' && !DEPENDS_ON_CLOCK.test(text),
  );
}

/** Times of the current day, and dates without a zone. */
const DEPENDS_ON_CLOCK = /<t:(?:\d{2}:\d{2}(?::\d{2})?[+-]|\d{4}-\d{2}-\d{2}T[\d:.]+(?::[tTdDfFR])?>)/;

/** Everything on, as far as it does not depend on the workspace. */
export const OPTIONS = {
  colors: true,
  emoticons: true,
  customDomains: [] as string[],
  katex: { dollarSyntax: true, parenthesisSyntax: true },
};

/** Short enough to keep thousands, long enough to meet no other. */
export const hashOf = (tree: unknown): string =>
  createHash('sha256').update(JSON.stringify(tree)).digest('base64url').slice(0, 10);

/** Numbers from 0 (inclusive) to 1, the same for the same seed on every machine. */
export type Random = () => number;

export function sequence(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const pick = <T>(random: Random, list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
const times = (random: Random, least: number, most: number): number =>
  least + Math.floor(random() * (most - least + 1));
const many = (random: Random, least: number, most: number, make: () => string): string[] =>
  Array.from({ length: times(random, least, most) }, make);

const WORDS =
  'the a deploy is done can you check it please meeting moved to 3pm ok thanks see also build failed on main why not version 2.0.1 ' +
  'café naïve Übung straße ñandú привет мир как дела 你好 世界 会議 ありがとう 안녕 مرحبا שלום don’t it’s e.g. i.e. etc. 10:30 50% $20 C++ #1 ' +
  'snake_case some_long_name __init__ a/b and/or 3*4 2**10 x=y foo() bar(1,2) <div> "quoted" ‘quoted’ … — – -> => != && || | ~5 ^2';
const words = WORDS.split(' ');

const NAMES = [
  'alice',
  'bob.smith',
  'rocket.cat',
  'all',
  'here',
  'carol-ann',
  'user_1',
  'josé',
  '王小明',
  'bob@other.org',
  'eve:matrix.org',
];
const ROOMS = ['general', 'dev-ops', 'team.x', 'room_2', 'überraschung'];
const ADDRESSES = [
  'https://example.com',
  'http://example.com/path/to?x=1&y=2#top',
  'https://de.wikipedia.org/wiki/Übung_(Sport)',
  'www.example.org',
  'example.com/a_b_c',
  'http://localhost:3000/admin',
  'https://github.com/RocketChat/Rocket.Chat/issues/123',
  'http://10.0.0.1:8080/x',
  'https://chat.example.com/channel/general?msg=abcDEF123',
  'ftp://files.example.net/a.zip',
  'http://intranet/wiki',
  'not.a-domain.zzz',
  'https://user:secret@example.com/',
  'https://example.com/~home/%20x',
  'http://münchen.de/straße',
  'readme.md',
  'index.html',
  'sub.domain.co.uk',
];
const MAILS = [
  'alice@example.com',
  'bob.smith+tag@mail.example.co.uk',
  'root@localhost',
  'mailto:info@example.org',
  'x@y.zzz',
];
const PHONES = ['+15551234567', '+49-1701234567', '+(44)2071234567', '+123', '+1 555 1234'];
const EMOJI = [
  ':smile:',
  ':+1:',
  ':rocket:',
  ':white_check_mark:',
  '😀',
  '👍🏽',
  '❤️',
  '🎉',
  '👨‍👩‍👧',
  '🇫🇷',
  '✨',
  ':)',
  ':-(',
  ';)',
  '<3',
  ':D',
  ':/',
];
const CODE = ['`npm i`', '`a * b`', '`x_y_z`', '``', '`unclosed', '`` ` ``', '`<b>`', '`@all`'];
const SMALL = [
  'color:#ff0000',
  'color:#fff',
  '<t:1708551317:R>',
  '<t:1708551317>',
  '$x^2$',
  '\\(a+b\\)',
  '\\*',
  '\\_',
  '\\#1',
  '\\`',
  '||secret||',
  '|| x *y* ||',
];
const DELIMITERS = ['*', '**', '_', '__', '~', '~~'];
const AFTER = ['.', ',', '!', '?', ':', ';', ')', '...', '', '', '', '', '', '', ''];

const word = (random: Random): string => pick(random, words);
const phrase = (random: Random, most = 6): string => many(random, 1, most, () => word(random)).join(' ');

function piece(random: Random, depth = 0): string {
  const kind = random();
  if (kind < 0.3) return word(random);
  if (kind < 0.4) return `@${pick(random, NAMES)}`;
  if (kind < 0.45) return `#${pick(random, ROOMS)}`;
  if (kind < 0.54) return pick(random, EMOJI);
  if (kind < 0.62) return pick(random, ADDRESSES);
  if (kind < 0.65) return pick(random, MAILS);
  if (kind < 0.67) return pick(random, PHONES);
  if (kind < 0.72) return pick(random, CODE);
  if (kind < 0.77) return pick(random, SMALL);
  if (kind < 0.83) return linked(random);
  if (depth > 2) return word(random);
  return emphasised(random, depth);
}

function emphasised(random: Random, depth: number): string {
  const delimiter = pick(random, DELIMITERS);
  const inside = random() < 0.6 ? phrase(random, 3) : sentence(random, depth + 1, 3);
  const closing = random() < 0.9 ? delimiter : pick(random, ['', ...DELIMITERS]);
  return `${delimiter}${inside}${closing}`;
}

function linked(random: Random): string {
  const label = random() < 0.7 ? phrase(random, 3) : emphasised(random, 3);
  const target = pick(random, [...ADDRESSES, 'mailto:a@example.com', '+15551234', 'nowhere', '']);
  const kind = random();
  if (kind < 0.6) return `[${label}](${target})`;
  if (kind < 0.75) return `![${label}](${target})`;
  if (kind < 0.9) return `<${target}|${label}>`;
  return pick(random, [`[${label}]`, `[${label}](${target}`, `[ ](${target}) ${label}`]);
}

function sentence(random: Random, depth = 0, most = 7): string {
  return many(random, 1, most, () => piece(random, depth) + pick(random, AFTER)).join(' ');
}

/** Pieces without spaces between them, the way nobody writes on purpose. */
const crowded = (random: Random): string =>
  many(random, 2, 5, () => piece(random, 1)).join(pick(random, ['', '', '-', '/', ', ', '(']));

const fenced = (random: Random): string =>
  `${pick(random, ['', 'see\n'])}\`\`\`${pick(random, ['', 'js', 'bash', 'c++', 'python 3'])}\n${many(random, 1, 4, () => pick(random, ['const a = 1;', '  indented *not bold*', '', '# comment', 'echo `date`', phrase(random)])).join('\n')}\n\`\`\`${pick(random, ['', '\nafter', ' after'])}`;

function list(random: Random): string {
  const marker = pick(random, ['- ', '* ', '- [ ] ', '- [x] ', '1. ', '+ ', '-', '2) ']);
  return many(random, 1, 4, () => `${marker}${sentence(random, 1, 4)}`).join(
    pick(random, ['\n', '\n', '\n\n', '\r\n']),
  );
}

const quoted = (random: Random): string =>
  many(random, 1, 3, () => `${pick(random, ['> ', '>', '>> ', '> - '])}${sentence(random, 1, 4)}`).join('\n');
const heading = (random: Random): string =>
  `${pick(random, ['# ', '## ', '### ', '#### ', '##### ', '#'])}${phrase(random)}`;
const spoiler = (random: Random): string => `||\n${sentence(random, 1, 4)}\n||`;
const formula = (random: Random): string =>
  pick(random, ['$$x^2 + y^2$$', '\\[\\frac{a}{b}\\]', '$$\na\n$$', 'cost: $5 or $6', '\\(a', '$$ open']);

function document(random: Random): string {
  const makers = [sentence, sentence, list, quoted, heading, fenced, spoiler, formula, crowded];
  return many(random, 2, 5, () => pick(random, makers)(random)).join(
    pick(random, ['\n', '\n', '\n\n', '\n \n', '\r\n']),
  );
}

const onlyEmoji = (random: Random): string =>
  many(random, 1, 5, () => pick(random, EMOJI)).join(pick(random, [' ', '', '\n']));

const FORMS: readonly ((random: Random) => string)[] = [
  sentence,
  sentence,
  sentence,
  sentence,
  sentence,
  crowded,
  list,
  quoted,
  heading,
  fenced,
  document,
  document,
  onlyEmoji,
  linked,
  formula,
  spoiler,
];
