import { type Figure, figure } from '../harness/figures.ts';
import type { Scenario } from '../harness/scenario.ts';

const SENDERS = [1, 16, 64];

interface Round {
  perSecond: number;
  p50: number;
  p99: number;
  cpuPerMessage: number;
  raw: number;
}

/** `chat.sendMessage` into a file database: every acknowledged message is on the disk. Nobody listens. */
export const sendScenario: Scenario = {
  name: 'send',
  title: 'acknowledged chat.sendMessage with 1, 16 and 64 senders',
  async run(bench) {
    const { people, town } = await bench.workspace();
    const ms = bench.pick(3500, 900);
    const rounds = new Map<number, Round[]>(SENDERS.map((count) => [count, []]));
    await bench.withServer(await bench.copyOfWorkspace(), (server) =>
      bench.withLoad(2, async (load, bare) => {
        const send = (count: number, time: number) =>
          load.run('sendMessages', {
            port: server.port,
            rid: town,
            senders: people.slice(0, count),
            ms: time,
          });
        await send(16, bench.pick(2000, 1000));
        for (let round = 0; round < bench.pick(5, 2); round += 1) {
          for (const count of SENDERS) {
            const raw = await bare.run('insertRows', {
              dir: bench.dir,
              writers: count,
              ms: bench.pick(1500, 400),
            });
            const before = server.cpuMs();
            const { calls, ms: took, latency } = await send(count, ms);
            const cpuPerMessage = (server.cpuMs() - before) / calls;
            rounds.get(count)?.push({ perSecond: (calls * 1000) / took, ...latency, cpuPerMessage, raw });
          }
        }
      }),
    );
    return SENDERS.flatMap((count) => figuresOf(count, rounds.get(count) ?? []));
  },
};

function figuresOf(count: number, rounds: readonly Round[]): Figure[] {
  const name = `${count} sender${count === 1 ? '' : 's'}`;
  const of = (key: keyof Round) => rounds.map((round) => round[key]);
  const raw = { name: 'bare SQLite inserts, shared fdatasync', values: of('raw') };
  return [
    figure(`${name}: messages`, '/s', of('perSecond'), raw),
    figure(`${name}: p50`, 'ms', of('p50')),
    figure(`${name}: p99`, 'ms', of('p99')),
    figure(`${name}: server CPU per message`, 'ms', of('cpuPerMessage')),
  ];
}
