import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench } from '../harness/bench.ts';
import { type Figure, figure } from '../harness/figures.ts';
import type { LoadProcess } from '../harness/load-process.ts';
import { cpuMs } from '../harness/proc.ts';
import type { Scenario } from '../harness/scenario.ts';
import type { ServerProcess } from '../harness/server-process.ts';
import { nowUs } from '../load/stamp.ts';
import type { Workspace } from '../seed/workspace.ts';

/** Each waits for its answers; the messages of eight are made durable, and leave, several together. */
const SENDERS = [1, 8];
const PER_SECOND = 10;
const DEVICES = 5;
/** Messages of a burst of the bare server. */
const BARE_MESSAGES = { full: 200, quick: 60 };

/** What both servers are measured for. */
interface Rounds {
  bursts: Map<number, { perSecond: number[]; cpu: number[] }>;
  /** Send to receive at a gentle rate. */
  p50: number[];
  p99: number[];
  /** The same while one sender sends as fast as it is answered. */
  busyP50: number[];
  busyP99: number[];
}

/** Who plays which part. */
interface Cast {
  bench: Bench;
  workspace: Workspace;
  senders: LoadProcess;
  audience: LoadProcess;
}

/** One room, its 1,000 members connected. The raw limit is a `ws` server that does nothing but send the same bytes. */
export const fanOutScenario: Scenario = {
  name: 'fan-out',
  title: 'deliveries of the messages of one room to 1,000 and 5,000 subscribers',
  async run(bench) {
    const workspace = await bench.workspace();
    return bench.withLoad(4, async (senders, audience, clients, bare) => {
      const cast = { bench, workspace, senders, audience };
      const { rounds, payload } = await fromServer(cast);
      const raw = await fromBareServer(cast, bare, payload);
      return [...figuresOf(rounds, raw), ...(await toManySockets(cast)), ...(await asClients(cast, clients))];
    });
  },
};

function newRounds(): Rounds {
  return {
    bursts: new Map(SENDERS.map((count) => [count, { perSecond: [], cpu: [] }])),
    p50: [],
    p99: [],
    busyP50: [],
    busyP99: [],
  };
}

async function fromServer({ bench, workspace, senders, audience }: Cast) {
  const { people, town } = workspace;
  const rounds = newRounds();
  const payload = await bench.withServer(await bench.copyOfWorkspace(), async (server) => {
    const { port } = server;
    await audience.run('openListeners', { port, rid: town, listeners: people, as: 'messages' });
    await server.quiet();
    const burst = async (count: number, ms: number) => {
      const since = await audience.run('forgetFrames', { timed: false });
      const before = server.cpuMs();
      const input = { port, rid: town, senders: people.slice(0, count), ms };
      const { calls } = await senders.run('sendMessages', input);
      const deliveries = calls * people.length;
      const { lastAt } = await audience.run('awaitMessages', { count: deliveries });
      rounds.bursts.get(count)?.perSecond.push((deliveries * 1e6) / (lastAt - since));
      rounds.bursts.get(count)?.cpu.push(((server.cpuMs() - before) * 1000) / deliveries);
    };
    for (let round = 0; round < bench.pick(5, 1); round += 1) {
      for (const count of SENDERS) await burst(count, bench.pick(2500, 800));
      await server.quiet();
      const sent = await paced({ bench, workspace, senders, audience }, port);
      rounds.p50.push(sent.p50);
      rounds.p99.push(sent.p99);
      const busy = await busyLatency({ bench, workspace, senders, audience }, port);
      rounds.busyP50.push(busy.p50);
      rounds.busyP99.push(busy.p99);
    }
    const bytes = await audience.run('messagePayload', null);
    await audience.run('closeListeners', null);
    return bytes;
  });
  return { rounds, payload };
}

async function paced({ bench, workspace, senders, audience }: Cast, port: number) {
  const { people, town } = workspace;
  await audience.run('forgetFrames', { timed: true });
  const input = { port, rid: town, senders: people.slice(0, PER_SECOND), perSecond: PER_SECOND };
  const sent = await senders.run('sendPaced', { ...input, ms: bench.pick(5000, 1500) });
  const { latency } = await audience.run('awaitMessages', { count: sent * people.length });
  return latency;
}

async function busyLatency({ bench, workspace, senders, audience }: Cast, port: number) {
  const { people, town } = workspace;
  await audience.run('forgetFrames', { timed: true });
  const input = { port, rid: town, senders: people.slice(0, 1), ms: bench.pick(1500, 500) };
  const { calls } = await senders.run('sendMessages', input);
  const { latency } = await audience.run('awaitMessages', { count: calls * people.length });
  return latency;
}

async function fromBareServer(cast: Cast, bare: LoadProcess, payload: string): Promise<Rounds> {
  const { bench, workspace, audience } = cast;
  const { people, town } = workspace;
  const rounds = newRounds();
  const port = await bare.run('openBroadcaster', { payload });
  await audience.run('openListeners', { port, rid: town, listeners: people, as: 'bare' });
  await bare.run('waitForReceivers', { count: people.length });
  const messages = bench.pick(BARE_MESSAGES.full, BARE_MESSAGES.quick);
  const deliveries = messages * people.length;
  for (let round = 0; round < bench.pick(5, 1); round += 1) {
    for (const together of SENDERS) {
      await audience.run('forgetFrames', { timed: false });
      const [since, before] = [nowUs(), cpuMs(bare.pid)];
      const [{ lastAt }] = await Promise.all([
        audience.run('awaitMessages', { count: deliveries }),
        bare.run('broadcast', { payload, messages, together }),
      ]);
      rounds.bursts.get(together)?.perSecond.push((deliveries * 1e6) / (lastAt - since));
      rounds.bursts.get(together)?.cpu.push(((cpuMs(bare.pid) - before) * 1000) / deliveries);
    }
    await sleep(300);
    const sent = await paced(cast, port);
    rounds.p50.push(sent.p50);
    rounds.p99.push(sent.p99);
  }
  await audience.run('closeListeners', null);
  return rounds;
}

/** Each member with five devices. */
async function toManySockets({ bench, workspace, senders, audience }: Cast): Promise<Figure[]> {
  const { people, town } = workspace;
  const listeners = Array.from({ length: DEVICES }, () => people).flat();
  const [perSecond, cpu]: [number[], number[]] = [[], []];
  await bench.withServer(await bench.copyOfWorkspace(), async (server) => {
    const { port } = server;
    await audience.run('openListeners', { port, rid: town, listeners, as: 'messages' });
    for (let round = 0; round < bench.pick(5, 1); round += 1) {
      await server.quiet();
      const since = await audience.run('forgetFrames', { timed: false });
      const before = server.cpuMs();
      const input = { port, rid: town, senders: people.slice(0, 8), ms: bench.pick(2500, 800) };
      const { calls } = await senders.run('sendMessages', input);
      const deliveries = calls * listeners.length;
      const { lastAt } = await audience.run('awaitMessages', { count: deliveries });
      perSecond.push((deliveries * 1e6) / (lastAt - since));
      cpu.push(((server.cpuMs() - before) * 1000) / deliveries);
    }
    await audience.run('closeListeners', null);
  });
  return [
    figure('5,000 sockets, 8 senders: deliveries', '/s', perSecond),
    figure('5,000 sockets, 8 senders: server CPU per 1,000 deliveries', 'ms', cpu),
  ];
}

/**
 * The same room with everything that clients subscribe to: each message is then several frames to each member. Beside it a
 * server whose sockets are subscribed to the room alone; both are measured in turn, because the machine drifts.
 */
async function asClients(
  { bench, workspace, senders, audience }: Cast,
  clients: LoadProcess,
): Promise<Figure[]> {
  const { people, town } = workspace;
  const figures: Figure[] = [];
  const startOne = async () => bench.startServer(await bench.copyOfWorkspace());
  const [alone, full] = [await startOne(), await startOne()];
  const open = (server: ServerProcess, load: LoadProcess, as: 'messages' | 'client') =>
    load.run('openListeners', { port: server.port, rid: town, listeners: people, as });
  await open(alone, audience, 'messages');
  await open(full, clients, 'client');
  const burst = async (server: ServerProcess, load: LoadProcess, count: number) => {
    await Promise.all([alone.quiet(), full.quiet()]);
    const since = await load.run('forgetFrames', { timed: false });
    const before = server.cpuMs();
    const input = {
      port: server.port,
      rid: town,
      senders: people.slice(0, count),
      ms: bench.pick(2500, 800),
    };
    const { calls } = await senders.run('sendMessages', input);
    const { frames, lastAt } = await load.run('awaitMessages', { count: calls * people.length });
    return {
      perSecond: (calls * 1e6) / (lastAt - since),
      frames: frames / calls / people.length,
      cpu: (server.cpuMs() - before) / calls,
    };
  };
  // The first message also tells every member that the room is unread, and warms up both.
  await burst(alone, audience, 1);
  await burst(full, clients, 1);
  for (const count of SENDERS) {
    const rounds: { whole: Awaited<ReturnType<typeof burst>>; bare: Awaited<ReturnType<typeof burst>> }[] =
      [];
    for (let round = 0; round < bench.pick(5, 1); round += 1) {
      rounds.push({
        bare: await burst(alone, audience, count),
        whole: await burst(full, clients, count),
      });
    }
    const who = `1,000 full clients, ${count} sender${count === 1 ? '' : 's'}`;
    const beside = rounds.map(({ bare }) => bare.cpu);
    figures.push(
      figure(
        `${who}: messages`,
        '/s',
        rounds.map(({ whole }) => whole.perSecond),
      ),
      figure(
        `${who}: frames per message and client`,
        'frames',
        rounds.map(({ whole }) => whole.frames),
      ),
      figure(
        `${who}: server CPU per message`,
        'ms',
        rounds.map(({ whole }) => whole.cpu),
        {
          name: 'only subscribed to the room',
          values: beside,
        },
      ),
      figure(
        `${who}: times the CPU of the bare case`,
        '',
        rounds.map(({ whole, bare }) => whole.cpu / bare.cpu),
      ),
    );
  }
  await audience.run('closeListeners', null);
  await clients.run('closeListeners', null);
  await Promise.all([alone.stop(), full.stop()]);
  return figures;
}

function figuresOf(measured: Rounds, raw: Rounds): Figure[] {
  const bursts = SENDERS.flatMap((count) => {
    const [ours, bare] = [measured.bursts.get(count), raw.bursts.get(count)];
    if (!ours || !bare) return [];
    const who = `${count} sender${count === 1 ? '' : 's'}`;
    const name = `bare ws, ${count === 1 ? '1 frame' : `${count} frames`} at a time`;
    return [
      figure(`${who}: deliveries`, '/s', ours.perSecond, { name, values: bare.perSecond }),
      figure(`${who}: server CPU per 1,000 deliveries`, 'ms', ours.cpu, { name, values: bare.cpu }),
    ];
  });
  const name = 'bare ws';
  return [
    ...bursts,
    figure('send to receive at 10 messages/s: p50', 'ms', measured.p50, { name, values: raw.p50 }),
    figure('send to receive at 10 messages/s: p99', 'ms', measured.p99, { name, values: raw.p99 }),
    figure('send to receive of 1 sender as fast as it is answered: p50', 'ms', measured.busyP50),
    figure('send to receive of 1 sender as fast as it is answered: p99', 'ms', measured.busyP99),
  ];
}
