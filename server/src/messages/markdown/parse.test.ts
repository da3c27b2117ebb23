import { parse } from '@rocket.chat/message-parser';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { corpus, hashOf, OPTIONS } from '../../../test/markdown/corpus.ts';
import { DIFFERENCES } from '../../../test/markdown/differences.ts';
import { hostileTexts } from '../../../test/markdown/hostile.ts';
import oracle from '../../../test/markdown/oracle.json' with { type: 'json' };
import { parseMarkdown } from './parse.ts';

/**
 * The published parser is asked about a sample only, since it takes its time: `oracle.json` holds hashes of its trees of the whole
 * corpus, made by `scripts/markdown-oracle.ts`.
 */
describe('the tree of a message', () => {
  const messages = corpus();
  const hashes = oracle.split(' ');
  const different = new Set(Object.values(DIFFERENCES).flat());

  test('is that of the published parser, for thousands of messages', () => {
    expect(messages.length).toBeGreaterThan(3000);
    expect(hashes).toHaveLength(messages.length);
    const others = messages.filter(
      (text, index) => !different.has(text) && hashOf(parseMarkdown(text, OPTIONS)) !== hashes[index],
    );
    expect(
      others.map((text) => ({ text, ours: parseMarkdown(text, OPTIONS), theirs: parse(text, OPTIONS) })),
    ).toEqual([]);
  });

  test('differs where the list of differences says so', () => {
    const same = messages.filter(
      (text, index) => different.has(text) && hashOf(parseMarkdown(text, OPTIONS)) === hashes[index],
    );
    expect(same).toEqual([]);
    expect([...different].filter((text) => !messages.includes(text))).toEqual([]);
  });

  test.each([
    undefined,
    {},
    { colors: true },
    { emoticons: true },
    { katex: { dollarSyntax: true } },
    { katex: { parenthesisSyntax: true } },
    { emoticons: true, customDomains: ['chat-host', 'local', 'foo.internal'] },
  ])('is that of the published parser with the options %j', (options) => {
    const sample = [
      ...messages.filter((text, index) => index % 101 === 0 && !different.has(text)),
      ':) color:#fff $x$ $$y$$ \\(z\\) <3',
      '$$x$$\n\\[y\\]',
      'a.chat-host http://x.local/y foo.internal a@foo.internal chat-host.example',
      '<t:10:00:05+00:00:R> <t:2025-07-22T10:00:00> <t:10:00>',
    ];
    for (const text of sample)
      expect(parseMarkdown(text, options), text).toEqual(withoutUndefined(parse(text, options)));
  });

  test('of nothing is nothing', () => {
    expect(parseMarkdown('')).toEqual([]);
  });
});

/** The published parser writes members without a value, which JSON leaves out. */
const withoutUndefined = (tree: unknown): unknown => JSON.parse(JSON.stringify(tree));

describe('any text', () => {
  const fragments = fc.constantFrom(
    ...[
      '*',
      '**',
      '_',
      '__',
      '~',
      '`',
      '```\n',
      '[',
      '](',
      ')',
      '!',
      '<',
      '>',
      '|',
      '||',
      '@a',
      '#b',
      ':c:',
      ':)',
      '\n',
      ' ',
      '\r\n',
    ],
    ...[
      'http://',
      'x.com',
      'a@b.co',
      '+12345',
      '\\',
      '$',
      '\\(',
      '\\[',
      '- ',
      '> ',
      '# ',
      '1. ',
      '- [x] ',
      '😀',
      '\ud83d',
      'é',
      '\0',
      'color:#fff',
    ],
  );
  const texts = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.array(fragments, { maxLength: 25 }).map((list) => list.join('')),
  );

  test('makes a tree that is JSON', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const tree = parseMarkdown(text, OPTIONS);
        expect(JSON.parse(JSON.stringify(tree))).toEqual(tree);
      }),
      { numRuns: 500 },
    );
  });

  test('is looked at a bounded number of times, whatever it is', () => {
    for (const unit of hostileTexts()) {
      const [short, long] = [500, 2000].map((length) => {
        const meter = { steps: 0 };
        parseMarkdown(unit.repeat(length / unit.length), OPTIONS, meter);
        return meter.steps / length;
      });
      expect(long, JSON.stringify(unit)).toBeLessThan(20);
      expect(long, JSON.stringify(unit)).toBeLessThan(1.5 * (short ?? 0) + 1);
    }
  });

  test('may nest as deeply as it likes', () => {
    for (const unit of ['*_~[', '||*_~', '[*', '<*_']) {
      expect(() => JSON.stringify(parseMarkdown(unit.repeat(20_000), OPTIONS))).not.toThrow();
    }
  });
});
