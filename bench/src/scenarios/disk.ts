import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Bench } from '../harness/bench.ts';
import { figure } from '../harness/figures.ts';
import type { Scenario } from '../harness/scenario.ts';

const MiB = 1024 ** 2;

/** How much the data directory grows by messages that were really sent; the server is stopped before each look. */
export const diskScenario: Scenario = {
  name: 'disk',
  title: 'bytes on disk per 100,000 messages of 80 characters',
  async run(bench) {
    const sizes: number[] = [];
    for (let round = 0; round < bench.pick(2, 1); round += 1) sizes.push(await growth(bench));
    return [figure('per 100,000 messages', 'MiB', sizes)];
  },
};

async function growth(bench: Bench): Promise<number> {
  const { people, town } = await bench.workspace();
  const dataDir = await bench.copyOfWorkspace();
  const before = bytesIn(dataDir);
  const server = await bench.startServer(dataDir);
  try {
    const until = { ms: bench.pick(20_000, 2500), calls: bench.pick(50_000, 10_000) };
    return await bench.withLoad(1, async (load) => {
      const senders = people.slice(0, 64);
      const { calls } = await load.run('sendMessages', { port: server.port, rid: town, senders, ...until });
      await server.stop();
      await load.run('checkpoint', { dir: dataDir });
      return ((bytesIn(dataDir) - before) / calls) * (100_000 / MiB);
    });
  } finally {
    await server.stop();
    bench.discard(dataDir);
  }
}

function bytesIn(dir: string): number {
  return readdirSync(dir).reduce((sum, name) => sum + statSync(join(dir, name)).size, 0);
}
