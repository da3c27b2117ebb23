import type { Bench } from '../harness/bench.ts';
import { type Figure, figure } from '../harness/figures.ts';
import type { Scenario } from '../harness/scenario.ts';

/** How far people page by offset; a page at 100,000 is no use to anybody. */
const OFFSETS = 1000;

const LISTS = [
  { name: 'users.list', path: '/api/v1/users.list?count=50&offset={offset}' },
  { name: 'users.list by name', path: '/api/v1/users.list?count=50&offset={offset}&sort={"name":1}' },
  { name: 'channels.list', path: '/api/v1/channels.list?count=50&offset={offset}' },
  { name: 'directory of users', path: '/api/v1/directory?type=users&count=50&offset={offset}' },
  { name: 'directory of channels', path: '/api/v1/directory?type=channels&count=50&offset={offset}' },
  { name: 'spotlight', path: '/api/v1/spotlight?query=reader' },
  { name: 'rooms.get', path: '/api/v1/rooms.get' },
  { name: 'subscriptions.get', path: '/api/v1/subscriptions.get' },
].map(({ name, path }) => ({ name, path: encodeURI(path).replaceAll(/%7Boffset%7D/g, '{offset}') }));

/** Lists in a workspace and in one of ten times the size: what a page costs must not grow with the tables. */
export const listsScenario: Scenario = {
  name: 'lists',
  title:
    'pages of 50 with 10,000 and 100,000 users, 2,000 and 20,000 rooms, ten memberships each; one reader',
  async run(bench) {
    const sizes = bench.pick([10_000, 100_000], [1_000, 10_000]);
    const figures: Figure[] = [];
    for (const people of sizes) figures.push(...(await listsOf(bench, people)));
    return figures;
  },
};

async function listsOf(bench: Bench, people: number): Promise<Figure[]> {
  const dir = bench.newDirectory();
  bench.say(`Filling a workspace with ${people.toLocaleString('en')} users ...`);
  const { readers } = await bench.withLoad(1, async (load) => {
    const crowd = await load.run('seedCrowd', { dir, people });
    await load.run('checkpoint', { dir });
    return crowd;
  });
  return bench.withServer(dir, (server) =>
    bench.withLoad(1, async (load) => {
      const figures: Figure[] = [];
      const read = (path: string, ms: number) =>
        load.run('readPages', {
          port: server.port,
          path,
          offsets: OFFSETS,
          readers: readers.slice(0, 1),
          ms,
        });
      for (const { name, path } of LISTS) {
        await read(path, bench.pick(300, 200));
        const rounds = [];
        for (let round = 0; round < bench.pick(3, 2); round += 1)
          rounds.push((await read(path, bench.pick(1000, 400))).latency);
        const what = `${name}, ${people.toLocaleString('en')} users`;
        figures.push(
          figure(
            `${what}: p50`,
            'ms',
            rounds.map(({ p50 }) => p50),
          ),
          figure(
            `${what}: p99`,
            'ms',
            rounds.map(({ p99 }) => p99),
          ),
        );
      }
      return figures;
    }),
  );
}
