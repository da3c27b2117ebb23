import { startNats } from '../../../server/test/support/nats-server.ts';
import { command, SUITABLE, startPostgres } from '../../../server/test/support/postgres-server.ts';
import type { Bench } from '../harness/bench.ts';
import { type Figure, figure } from '../harness/figures.ts';
import type { LoadProcess } from '../harness/load-process.ts';
import type { Scenario } from '../harness/scenario.ts';
import type { ServerProcess } from '../harness/server-process.ts';
import type { Workspace } from '../seed/workspace.ts';

const SENDERS = [1, 16, 64];
const PEOPLE = 200;
const PER_SECOND = 10;

type SmallWorkspace = Pick<Workspace, 'people' | 'town'>;

interface Cast extends SmallWorkspace {
  bench: Bench;
  load: LoadProcess;
}

/**
 * The database on a PostgreSQL server of this machine, which waits for its disk: one node, then two that share it and a NATS
 * server. All of them, and the load, share the machine's cores.
 */
export const nodesScenario: Scenario = {
  name: 'nodes',
  title: 'one node on PostgreSQL, and two (Debian: postgresql, nats-server)',
  async run(bench) {
    const postgres = await startPostgres({ fsync: true });
    const nats = await startNats();
    try {
      await command(postgres.url, `create database gantry ${SUITABLE}`);
      const databaseUrl = `${postgres.url}/gantry`;
      return await bench.withLoad(2, async (load, audience) => {
        const cast = {
          bench,
          load,
          ...(await load.run('seedSmallWorkspace', { databaseUrl, people: PEOPLE })),
        };
        const start = (variables: Record<string, string>) =>
          bench.startServer(bench.newDirectory(), undefined, {
            GANTRY_DATABASE_URL: databaseUrl,
            ...variables,
          });
        const alone = await start({});
        const one = await sending(cast, 'one node', [alone]);
        await alone.stop();
        const nodes = await Promise.all([1, 2].map(() => start({ GANTRY_NATS_URL: nats.url })));
        const two = await sending(cast, 'two nodes', nodes);
        const across = await betweenNodes(cast, audience, nodes);
        await Promise.all(nodes.map((node) => node.stop()));
        return [...one, ...two, ...across];
      });
    } finally {
      await nats.stop();
      postgres.remove();
    }
  },
};

/** Acknowledged messages; the senders are spread over the nodes. */
async function sending(
  { bench, load, people, town }: Cast,
  name: string,
  nodes: readonly ServerProcess[],
): Promise<Figure[]> {
  const send = async (count: number, ms: number) => {
    const each = Math.ceil(count / nodes.length);
    const rounds = await Promise.all(
      nodes.slice(0, count).map(({ port }, node) => {
        const senders = people.slice(node * each, Math.min(count, (node + 1) * each));
        return load.run('sendMessages', { port, rid: town, senders, ms });
      }),
    );
    return {
      perSecond: rounds.reduce((sum, { calls, ms: took }) => sum + (calls * 1000) / took, 0),
      calls: rounds.reduce((sum, { calls }) => sum + calls, 0),
      p99: Math.max(...rounds.map(({ latency }) => latency.p99)),
    };
  };
  const cpu = () => nodes.reduce((sum, node) => sum + node.cpuMs(), 0);
  await send(16, bench.pick(2000, 1000));
  const figures: Figure[] = [];
  for (const count of SENDERS) {
    const rounds: { perSecond: number; p99: number; cpu: number }[] = [];
    for (let round = 0; round < bench.pick(5, 2); round += 1) {
      const before = cpu();
      const { calls, ...sent } = await send(count, bench.pick(3000, 900));
      rounds.push({ ...sent, cpu: (cpu() - before) / calls });
    }
    const who = `${name}, ${count} sender${count === 1 ? '' : 's'}`;
    const values = (key: 'perSecond' | 'p99' | 'cpu') => rounds.map((round) => round[key]);
    figures.push(
      figure(`${who}: messages`, '/s', values('perSecond')),
      figure(`${who}: p99`, 'ms', values('p99')),
      figure(`${who}: CPU of the nodes per message`, 'ms', values('cpu')),
    );
  }
  return figures;
}

/** Sent to one node at a gentle rate, received from the other. */
async function betweenNodes(
  { bench, load, people, town }: Cast,
  audience: LoadProcess,
  [one, two]: readonly ServerProcess[],
): Promise<Figure[]> {
  if (!one || !two) return [];
  const [p50, p99]: [number[], number[]] = [[], []];
  await audience.run('openListeners', { port: two.port, rid: town, listeners: people, as: 'messages' });
  for (let round = 0; round < bench.pick(5, 2); round += 1) {
    await audience.run('forgetFrames', { timed: true });
    const sent = await load.run('sendPaced', {
      ...{ port: one.port, rid: town, senders: people.slice(0, PER_SECOND) },
      ...{ perSecond: PER_SECOND, ms: bench.pick(4000, 1500) },
    });
    const { latency } = await audience.run('awaitMessages', { count: sent * people.length });
    p50.push(latency.p50);
    p99.push(latency.p99);
  }
  await audience.run('closeListeners', null);
  const what = `sent to one node, received by ${PEOPLE} from the other`;
  return [figure(`${what}: p50`, 'ms', p50), figure(`${what}: p99`, 'ms', p99)];
}
