import { figure } from '../harness/figures.ts';
import type { Scenario } from '../harness/scenario.ts';

/** Each person has so many devices. */
const DEVICES = 3;

/** A server that has just started, and all its clients come back within the same millisecond. */
export const reconnectScenario: Scenario = {
  name: 'reconnect',
  title: '3,000 clients reconnect at once',
  async run(bench) {
    const { people, town } = await bench.workspace();
    const clients = Array.from({ length: DEVICES }, () => people).flat();
    const [all, half, cpu]: [number[], number[], number[]] = [[], [], []];
    for (let round = 0; round < bench.pick(5, 1); round += 1) {
      const dataDir = await bench.copyOfWorkspace();
      await bench.withServer(dataDir, (server) =>
        bench.withLoad(1, async (load) => {
          await server.quiet();
          const before = server.cpuMs();
          const result = await load.run('reconnectAll', { port: server.port, rid: town, clients });
          all.push(result.allServedMs);
          half.push(result.latency.p50);
          cpu.push((server.cpuMs() - before) / clients.length);
        }),
      );
    }
    return [
      figure('until all are served', 'ms', all),
      figure('until half are served', 'ms', half),
      figure('server CPU per client', 'ms', cpu),
    ];
  },
};
