import { type Figure, figure } from '../harness/figures.ts';
import type { Scenario } from '../harness/scenario.ts';

const CONNECTIONS = 16;

interface Rounds {
  pages: number[];
  p99: number[];
  cpu: number[];
  raw: number[];
}

/** Pages of 50 messages from a room with 100,000. The raw limit is a Fastify that sends as many bytes. */
export const historyScenario: Scenario = {
  name: 'history',
  title: 'channels.history, 50 messages a page, 16 connections, 100,000 messages',
  async run(bench) {
    const { people, archive, from, to } = await bench.workspace();
    const readers = people.slice(0, CONNECTIONS);
    const ms = bench.pick(2500, 800);
    const kinds: { name: string; between: { from: number; to: number } | undefined; rounds: Rounds }[] = [
      { name: 'newest page', between: undefined, rounds: { pages: [], p99: [], cpu: [], raw: [] } },
      { name: 'random old pages', between: { from, to }, rounds: { pages: [], p99: [], cpu: [], raw: [] } },
    ];
    let pageBytes = 0;
    await bench.withServer(await bench.copyOfWorkspace(), (server) =>
      bench.withLoad(2, async (load, bare) => {
        const read = (between: { from: number; to: number } | undefined, time: number) =>
          load.run('historyPages', { port: server.port, rid: archive, readers, ms: time, between });
        for (const { between } of kinds) pageBytes = (await read(between, bench.pick(1000, 500))).pageBytes;
        const echo = await bare.run('openEcho', { bytes: pageBytes });
        const readEcho = (time: number) =>
          load.run('historyPages', { port: echo, rid: archive, readers, ms: time, path: '/page' });
        await readEcho(bench.pick(500, 300));
        for (let round = 0; round < bench.pick(5, 2); round += 1) {
          for (const { between, rounds } of kinds) {
            const before = server.cpuMs();
            const { calls, ms: took, latency } = await read(between, ms);
            rounds.pages.push((calls * 1000) / took);
            rounds.p99.push(latency.p99);
            rounds.cpu.push((server.cpuMs() - before) / calls);
            const bareRun = await readEcho(bench.pick(1500, 500));
            rounds.raw.push((bareRun.calls * 1000) / bareRun.ms);
          }
        }
      }),
    );
    const raw = `bare Fastify, ${Math.round(pageBytes / 1024)} KiB`;
    return kinds.flatMap(({ name, rounds }) => figuresOf(name, rounds, raw));
  },
};

function figuresOf(name: string, { pages, p99, cpu, raw }: Rounds, rawName: string): Figure[] {
  return [
    figure(`${name}: pages`, '/s', pages, { name: rawName, values: raw }),
    figure(`${name}: p99`, 'ms', p99),
    figure(`${name}: server CPU per page`, 'ms', cpu),
  ];
}
