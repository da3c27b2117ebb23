import { figure } from '../harness/figures.ts';
import type { Scenario } from '../harness/scenario.ts';
import { wordOf } from '../seed/fill-library.ts';

/** `SEARCH_MESSAGES=1000000 npm run bench -- --only search` takes two minutes. */
const MESSAGES = Number(process.env.SEARCH_MESSAGES ?? 200_000);
const SEARCHERS = 4;

/** Ranks of words, see `fill-library.ts`. */
const ranks = (from: number) => Array.from({ length: 50 }, (_, index) => from + index);
const KINDS: readonly { name: string; texts: readonly string[] }[] = [
  { name: 'a frequent word', texts: ranks(3).map(wordOf) },
  { name: 'a rare word', texts: ranks(15_000).map(wordOf) },
  { name: 'a word of one person', texts: ranks(100).map((rank) => `from:person7 ${wordOf(rank)}`) },
  { name: 'a phrase', texts: ranks(3).map((rank) => `"${wordOf(rank)} ${wordOf(rank + 1)}"`) },
  { name: 'the beginning of a word', texts: ranks(1000).map((rank) => `${wordOf(rank)}*`) },
  { name: 'an expression', texts: ranks(300).map((rank) => `/${wordOf(rank)} .*${wordOf(rank + 1)}/`) },
];

/** `chat.search` for 50 messages; each searcher waits for the answer. */
export const searchScenario: Scenario = {
  name: 'search',
  title: `chat.search in a room with ${MESSAGES.toLocaleString('en')} messages, ${SEARCHERS} searchers`,
  async run(bench) {
    const { people } = await bench.workspace();
    const dir = await bench.copyOfWorkspace();
    const searchers = people.slice(0, SEARCHERS);
    const messages = bench.pick(MESSAGES, 50_000);
    const { rid } = await bench.withLoad(1, (load) => load.run('fillLibrary', { dir, people, messages }));
    return bench.withServer(dir, (server) =>
      bench.withLoad(1, async (load) => {
        const figures = [];
        for (const { name, texts } of KINDS) {
          const p50: number[] = [];
          const p99: number[] = [];
          for (let round = 0; round < bench.pick(3, 1); round += 1) {
            const ms = bench.pick(2000, 1000);
            const { latency } = await load.run('searchRoom', {
              port: server.port,
              rid,
              searchers,
              texts,
              ms,
            });
            p50.push(latency.p50);
            p99.push(latency.p99);
          }
          figures.push(figure(`${name}: p50`, 'ms', p50), figure(`${name}: p99`, 'ms', p99));
        }
        return figures;
      }),
    );
  },
};
