import { sql } from 'kysely';
import { expect, onTestFinished, test, vi } from 'vitest';
import { enqueue } from '../../src/jobs/enqueue.ts';
import { type Job, type JobHandler, jobHandler } from '../../src/jobs/job.ts';
import { JobRunner } from '../../src/jobs/run-jobs.ts';
import { gate } from '../../src/storage/testing/temporary.ts';
import { twoNodes } from '../support/cluster.ts';
import { PATIENCE } from '../support/patience.ts';
import type { TestServer } from '../support/server.ts';

declare module '../../src/jobs/job.ts' {
  interface JobPayloads {
    'test.note': string;
  }
}

type Run = (job: Job<string>) => Promise<void> | void;

const handler = (run: Run, more: Partial<JobHandler> = {}): JobHandler =>
  jobHandler<'test.note'>({
    kind: 'test.note',
    concurrency: 2,
    attempts: 3,
    timeoutMs: 60_000,
    run: async (_ctx, job) => run(job),
    ...(more as object),
  });

/** Runs jobs of the test on a node, as its own runner does others. */
async function runner(node: TestServer, handler: JobHandler): Promise<JobRunner> {
  const { ctx, cluster } = node.server;
  const made = new JobRunner(ctx, [handler], cluster?.database);
  await made.start();
  onTestFinished(() => made.close(0));
  return made;
}

const add = ({ server: { ctx } }: TestServer, payload: string) =>
  ctx.write((tx, emit) => enqueue(ctx, { tx, emit }, { kind: 'test.note', payload }));

const claims = async ({ server: { ctx } }: TestServer) => {
  const rows = await ctx.db.selectFrom('jobs').select('claim').where('kind', '=', 'test.note').execute();
  return rows.map(({ claim }) => claim);
};

test('jobs that both nodes write are each run once', async () => {
  const { one, two } = await twoNodes();
  const ran: string[] = [];
  const runners = [
    await runner(
      one,
      handler((job) => void ran.push(job.payload)),
    ),
    await runner(
      two,
      handler((job) => void ran.push(job.payload)),
    ),
  ];
  const payloads = Array.from({ length: 50 }, (_, n) => `job ${n}`);
  await Promise.all(payloads.map((payload, n) => add(n % 2 === 0 ? one : two, payload)));
  await vi.waitFor(async () => {
    await Promise.all(runners.map((each) => each.idle()));
    expect(await claims(one)).toEqual([]);
  }, PATIENCE);
  expect(ran.toSorted()).toEqual(payloads.toSorted());
});

test('a node that starts leaves what another runs; what a dead one ran is run again', async () => {
  const { one, two } = await twoNodes();
  const held = gate();
  const started: string[] = [];
  const dying = await runner(
    two,
    handler((job) => {
      started.push(`two ${job.payload} ${job.attempt}`);
      return held.opened;
    }),
  );
  await add(two, 'x');
  await vi.waitFor(() => expect(started).toEqual(['two x 1']), PATIENCE);
  const [claim] = await claims(one);
  expect(claim).toMatch(new RegExp(`^${two.server.cluster?.database.node}:`));
  const survivor = await runner(
    one,
    handler((job) => void started.push(`one ${job.payload} ${job.attempt}`)),
  );
  expect(await claims(one)).toEqual([claim]);
  // Its locks go with its connections, as when the process is killed.
  await two.server.storage.close();
  await vi.waitFor(async () => {
    // The runner of the server may have freed it, and has no handler.
    await survivor.idle();
    expect(started).toEqual(['two x 1', 'one x 2']);
  }, PATIENCE);
  expect(await claims(one)).toEqual([]);
  held.open();
  await dying.close(0);
});

test('a job whose node was taken for dead is told to stop', async () => {
  const { one, two } = await twoNodes();
  let stopped = false;
  const started = gate();
  await runner(
    two,
    handler(async ({ signal }) => {
      signal.addEventListener('abort', () => {
        stopped = true;
      });
      started.open();
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
    }),
  );
  await add(two, 'x');
  await started.opened;
  const { db, write } = one.server.ctx;
  // Another node frees it while the connection that says that `two` lives is away.
  await write((tx) => tx.deleteFrom('jobs').where('kind', '=', 'test.note').execute());
  const node = Number(two.server.cluster?.database.node);
  await sql`select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and objid::bigint = ${node}`.execute(
    db,
  );
  await vi.waitFor(() => expect(stopped).toBe(true), PATIENCE);
});

test('of a kind of which one may run at a time, no node runs a second', async () => {
  const { one, two } = await twoNodes();
  let running = 0;
  const most: number[] = [];
  const first = gate();
  const run: Run = async () => {
    running += 1;
    most.push(running);
    if (most.length === 1) await first.opened;
    running -= 1;
  };
  const single = { concurrency: 1, single: true };
  const runners = [await runner(one, handler(run, single)), await runner(two, handler(run, single))];
  await add(one, 'a');
  await vi.waitFor(() => expect(most).toEqual([1]), PATIENCE);
  await add(two, 'b');
  await runners[1]?.idle();
  expect(most).toEqual([1]);
  expect((await claims(one)).filter((claim) => claim !== null)).toHaveLength(1);
  first.open();
  await vi.waitFor(async () => {
    await Promise.all(runners.map((each) => each.idle()));
    expect(most).toEqual([1, 1]);
  }, PATIENCE);
});
