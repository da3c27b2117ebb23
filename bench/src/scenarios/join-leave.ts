import { type Figure, figure } from '../harness/figures.ts';
import type { Scenario } from '../harness/scenario.ts';

const LISTENERS = 200;

interface Rounds {
  perSecond: number[];
  p99: number[];
  cpu: number[];
}

/**
 * Eight callers join and leave a channel, by turns and without pause; 200 members are connected as clients are. Both channels
 * are measured in turn on one server: what the machine drifts between two servers is more than what they differ in.
 */
export const joinLeaveScenario: Scenario = {
  name: 'join-leave',
  title: 'join and leave of a channel with 1,000 and 10,000 members',
  async run(bench) {
    const { town, city, people, outsiders } = await bench.workspace();
    const rooms = [
      { name: '1,000 members', rid: town, rounds: noRounds() },
      { name: '10,000 members', rid: city, rounds: noRounds() },
    ];
    await bench.withServer(await bench.copyOfWorkspace(), (server) =>
      bench.withLoad(2, async (load, audience) => {
        const { port } = server;
        const listeners = people.slice(0, LISTENERS);
        const run = (rid: string, ms: number) =>
          load.run('joinAndLeave', { port, rid, callers: outsiders, ms });
        // The people are in both channels; each listens to the one whose turn it is.
        const listenTo = async (rid: string) => {
          await audience.run('closeListeners', null);
          await audience.run('openListeners', { port, rid, listeners, as: 'client' });
        };
        for (let round = 0; round < bench.pick(5, 2); round += 1) {
          for (const { rid, rounds } of rooms) {
            await listenTo(rid);
            await run(rid, round === 0 ? bench.pick(1500, 700) : 300);
            await server.quiet();
            const before = server.cpuMs();
            const { calls, ms, latency } = await run(rid, bench.pick(3000, 800));
            // One call of the loop is a join and a leave.
            rounds.perSecond.push((2 * calls * 1000) / ms);
            rounds.p99.push(latency.p99);
            rounds.cpu.push((server.cpuMs() - before) / (2 * calls));
          }
        }
      }),
    );
    return rooms.flatMap(({ name, rounds }) => figuresOf(name, rounds));
  },
};

const noRounds = (): Rounds => ({ perSecond: [], p99: [], cpu: [] });

const figuresOf = (name: string, { perSecond, p99, cpu }: Rounds): Figure[] => [
  figure(`${name}: calls`, '/s', perSecond),
  figure(`${name}: p99 of a pair`, 'ms', p99),
  figure(`${name}: server CPU per call`, 'ms', cpu),
];
