import type { Bench } from '../harness/bench.ts';
import { type Figure, figure } from '../harness/figures.ts';
import type { Scenario } from '../harness/scenario.ts';

const LISTENERS = 200;

/** Eight callers join and leave a channel, by turns and without pause; 200 members are connected as clients are. */
export const joinLeaveScenario: Scenario = {
  name: 'join-leave',
  title: 'join and leave of a channel with 1,000 and 10,000 members',
  async run(bench) {
    const { town, city } = await bench.workspace();
    return [
      ...(await pairsIn(bench, town, '1,000 members')),
      ...(await pairsIn(bench, city, '10,000 members')),
    ];
  },
};

async function pairsIn(bench: Bench, rid: string, name: string): Promise<Figure[]> {
  const { people, outsiders } = await bench.workspace();
  const [perSecond, p99, cpu]: [number[], number[], number[]] = [[], [], []];
  await bench.withServer(await bench.copyOfWorkspace(), (server) =>
    bench.withLoad(2, async (load, audience) => {
      const { port } = server;
      const listeners = people.slice(0, LISTENERS);
      await audience.run('openListeners', { port, rid, listeners, as: 'client' });
      const run = (ms: number) => load.run('joinAndLeave', { port, rid, callers: outsiders, ms });
      await run(bench.pick(1500, 700));
      for (let round = 0; round < bench.pick(5, 2); round += 1) {
        await server.quiet();
        const before = server.cpuMs();
        const { calls, ms, latency } = await run(bench.pick(3000, 800));
        // One call of the loop is a join and a leave.
        perSecond.push((2 * calls * 1000) / ms);
        p99.push(latency.p99);
        cpu.push((server.cpuMs() - before) / (2 * calls));
      }
    }),
  );
  return [
    figure(`${name}: calls`, '/s', perSecond),
    figure(`${name}: p99 of a pair`, 'ms', p99),
    figure(`${name}: server CPU per call`, 'ms', cpu),
  ];
}
