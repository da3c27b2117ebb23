import { figure } from '../harness/figures.ts';
import type { Scenario } from '../harness/scenario.ts';

/** From the start of the process to the answer of `GET /api/v1/info`. The files are in the page cache. */
export const startScenario: Scenario = {
  name: 'start',
  title: 'start of the process to the first answered request',
  async run(bench) {
    const rounds = bench.pick(9, 3);
    const empty = bench.newDirectory();
    const full = await bench.copyOfWorkspace();
    // The first start makes the tables and the admin, and fills the page cache for the rounds that follow.
    await (await bench.startServer(empty)).stop();
    const times = { first: [] as number[], empty: [] as number[], full: [] as number[] };
    const timeOf = async (dataDir: string) => {
      const server = await bench.startServer(dataDir);
      await server.stop();
      return server.startedInMs;
    };
    for (let round = 0; round < rounds; round += 1) {
      const fresh = bench.newDirectory();
      times.first.push(await timeOf(fresh));
      bench.discard(fresh);
      times.empty.push(await timeOf(empty));
      times.full.push(await timeOf(full));
    }
    return [
      figure('new directory (tables and admin are made)', 'ms', times.first),
      figure('empty database', 'ms', times.empty),
      figure('100,000 messages, 10,000 users', 'ms', times.full),
    ];
  },
};
