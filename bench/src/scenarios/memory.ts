import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench } from '../harness/bench.ts';
import { figure } from '../harness/figures.ts';
import type { Scenario } from '../harness/scenario.ts';
import type { Workspace } from '../seed/workspace.ts';

/** Garbage of a burst is not the size at rest: the server looks every six seconds whether it is over, and collects up to three times. */
const REST_MS = 25_000;

/** Resident memory of the server process at rest. */
export const memoryScenario: Scenario = {
  name: 'memory',
  title: 'resident memory at rest, without and with 1,000 subscribed sockets',
  async run(bench) {
    const workspace = await bench.workspace();
    const rounds = bench.pick(3, 1);
    const [empty, full, sockets, each]: [number[], number[], number[], number[]] = [[], [], [], []];
    for (let round = 0; round < rounds; round += 1) {
      empty.push(await restingMiB(bench, bench.newDirectory()));
      const [before, after] = await withSockets(bench, workspace);
      full.push(before);
      sockets.push(after);
      each.push(((after - before) * 1024) / workspace.people.length);
    }
    return [
      figure('after start, empty database', 'MiB', empty),
      figure('after start, 100,000 messages, 10,000 users', 'MiB', full),
      figure('with 1,000 idle sockets of 1,000 users', 'MiB', sockets),
      figure('for each socket and user', 'KiB', each),
    ];
  },
};

function restingMiB(bench: Bench, dataDir: string): Promise<number> {
  return bench.withServer(dataDir, async (server) => {
    await sleep(REST_MS);
    return server.residentMiB();
  });
}

async function withSockets(
  bench: Bench,
  { people, town }: Workspace,
): Promise<[before: number, after: number]> {
  return bench.withServer(await bench.copyOfWorkspace(), async (server) => {
    await sleep(REST_MS);
    const before = server.residentMiB();
    return bench.withLoad(1, async (load) => {
      await load.run('openListeners', { port: server.port, rid: town, listeners: people, as: 'client' });
      await server.quiet();
      await sleep(REST_MS);
      return [before, server.residentMiB()];
    });
  });
}
