import { setTimeout as sleep } from 'node:timers/promises';
import { figure } from '../harness/figures.ts';
import type { Scenario } from '../harness/scenario.ts';
import type { ServerOptions } from '../harness/server-process.ts';

const WRITTEN_AFTER_MS = 3000;
/** Nothing here meets a rate limit, and test mode makes an administrator anew with each start. */
const AS_IN_USE = { TEST_MODE: 'false' };

/**
 * From the start of the process to the first answer to somebody who is known: `GET /api/v1/me` with a token, or the
 * admin's login where nobody has a token yet. The files are in the page cache, and
 * what V8 compiled of the server lies beside it.
 */
export const startScenario: Scenario = {
  name: 'start',
  title: 'start of the process to the first authenticated answer',
  async run(bench) {
    const rounds = bench.pick(9, 3);
    const empty = bench.newDirectory();
    const full = await bench.copyOfWorkspace();
    // The first start makes the tables and the admin, and fills the page cache for the rounds that follow. A second after it
    // the server writes down what V8 has compiled.
    const first = await bench.startServer(empty, undefined, AS_IN_USE);
    await sleep(WRITTEN_AFTER_MS);
    await first.stop();
    const times = { first: [] as number[], empty: [] as number[], full: [] as number[] };
    const { people } = await bench.workspace();
    const timeOf = async (dataDir: string, first: ServerOptions['first']) => {
      const server = await bench.startServer(dataDir, first, AS_IN_USE);
      await server.stop();
      return server.startedInMs;
    };
    for (let round = 0; round < rounds; round += 1) {
      const fresh = bench.newDirectory();
      times.first.push(await timeOf(fresh, 'admin'));
      bench.discard(fresh);
      times.empty.push(await timeOf(empty, 'admin'));
      times.full.push(await timeOf(full, people[0]));
    }
    return [
      figure('new directory (tables and admin are made), with a login', 'ms', times.first),
      figure('empty database, with a login', 'ms', times.empty),
      figure('100,000 messages, 10,000 users', 'ms', times.full),
    ];
  },
};
