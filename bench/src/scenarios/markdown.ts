import { parse as parsePublished } from '@rocket.chat/message-parser';
import { parseMarkdown } from '../../../server/src/messages/markdown/parse.ts';
import { corpus, OPTIONS } from '../../../server/test/markdown/corpus.ts';
import type { Bench } from '../harness/bench.ts';
import { type Figure, figure } from '../harness/figures.ts';
import type { Scenario } from '../harness/scenario.ts';

const MB = 1_000_000;
/** Each kind of text is read over and over for so long in each round. */
const ROUND_MS = 500;

type Parse = (text: string) => unknown;

const PARSERS: readonly [name: string, parse: Parse][] = [
  ['ours', (text) => parseMarkdown(text, OPTIONS)],
  ['published', (text) => parsePublished(text, OPTIONS)],
];

/** Texts of messages become trees (`md`), by our parser and by the published one that it is held against, in turn. */
export const markdownScenario: Scenario = {
  name: 'markdown',
  title: 'texts of messages per second that become trees, by our parser and by the published one',
  async run(bench) {
    const texts = corpus();
    return [
      ...(await compare(bench, `${texts.length} messages of the test corpus`, texts)),
      ...(await compare(bench, '80 characters without any marks', [plainText()])),
      ...(await compare(bench, '300 opening brackets', ['['.repeat(300)])),
    ];
  },
};

async function compare(bench: Bench, what: string, texts: readonly string[]): Promise<Figure[]> {
  const rates = new Map<string, number[]>(PARSERS.map(([name]) => [name, []]));
  for (let round = 0; round < bench.pick(5, 2); round += 1) {
    for (const [name, parse] of PARSERS) rates.get(name)?.push(rateOf(texts, parse));
    // What the process has to do besides gets its turn.
    await new Promise(setImmediate);
  }
  const published = { name: 'the published parser', values: rates.get('published') ?? [] };
  return [figure(what, 'MB/s', rates.get('ours') ?? [], published)];
}

/** Millions of bytes of UTF-8 a second. */
function rateOf(texts: readonly string[], parse: Parse): number {
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  const began = performance.now();
  let rounds = 0;
  do {
    for (const text of texts) parse(text);
    rounds += 1;
  } while (performance.now() - began < ROUND_MS);
  return ((bytes * rounds) / MB / (performance.now() - began)) * 1000;
}

const plainText = (): string =>
  'the quick brown fox jumps over the lazy dog and says something more '.padEnd(80, 'x');
