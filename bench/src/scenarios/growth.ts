import { figure } from '../harness/figures.ts';
import type { Scenario } from '../harness/scenario.ts';

/** `GROWTH_MESSAGES=1000000 npm run bench -- --only growth` takes some minutes. */
const MESSAGES = Number(process.env.GROWTH_MESSAGES ?? 100_000);
const STEPS = 10;

/** Whether the memory of the server grows with what passes through it. */
export const growthScenario: Scenario = {
  name: 'growth',
  title: `resident memory over ${MESSAGES.toLocaleString('en')} messages of 64 senders`,
  async run(bench) {
    const { people, town } = await bench.workspace();
    const calls = Math.ceil(bench.pick(MESSAGES, 20_000) / STEPS);
    const sizes: number[] = [];
    await bench.withServer(await bench.copyOfWorkspace(), (server) =>
      bench.withLoad(1, async (load) => {
        for (let step = 0; step < STEPS; step += 1) {
          const senders = people.slice(0, 64);
          await load.run('sendMessages', { port: server.port, rid: town, senders, ms: 600_000, calls });
          sizes.push(server.residentMiB());
        }
      }),
    );
    const [first, ...rest] = sizes as [number, ...number[]];
    return [
      figure('after the first tenth', 'MiB', [first]),
      figure('later', 'MiB', rest),
      figure('last of the first', 'x', [(rest.at(-1) ?? first) / first]),
    ];
  },
};
