import { expect, onTestFinished, test, vi } from 'vitest';
import { PATIENCE } from '../../test/support/patience.ts';
import { testConfig } from '../config/defaults.ts';
import type { Context } from '../context.ts';
import { noBlobs } from '../files/test-no-blobs.ts';
import { noScripts } from '../integrations/scripts/test-no-scripts.ts';
import { systemClock } from '../kernel/clock.ts';
import { createEventBus } from '../kernel/events.ts';
import { permissionsOver } from '../kernel/permissions.ts';
import { settingsOver } from '../kernel/settings.ts';
import { noNames } from '../outbound/test-no-names.ts';
import type { Storage } from '../storage/database.ts';
import {
  type Gate,
  gate,
  settle,
  silent,
  storageInMemory,
  storageOnDisk,
} from '../storage/testing/temporary.ts';
import { createWriter } from '../storage/write.ts';
import { enqueue, type NewJob } from './enqueue.ts';
import { type Job, type JobHandler, jobHandler } from './job.ts';
import { JobRunner } from './run-jobs.ts';

declare module './job.ts' {
  interface JobPayloads {
    'test.note': string;
    'test.other': string;
  }
}

interface World {
  ctx: Context;
  storage: Storage;
  runner: JobRunner;
  add(job: Partial<NewJob<'test.note'>> & { payload: string }): Promise<void>;
  jobs(): Promise<{ payload: string; attempts: number; claim: string | null; run_at: number }[]>;
  /** Moves the clock and lets the runner look. */
  wait(ms: number): Promise<void>;
}

type Run = (job: Job<string>, ctx: Context) => Promise<void> | void;

const handlerOf = (run: Run, more: Partial<JobHandler> = {}): JobHandler =>
  jobHandler<'test.note'>({
    kind: 'test.note',
    concurrency: 2,
    attempts: 3,
    timeoutMs: 10_000,
    run: async (ctx, job) => run(job, ctx),
    ...(more as object),
  });

async function world(handlers: JobHandler[], storage?: Storage): Promise<World> {
  const opened = storage ?? (await storageInMemory());
  let now = 1_000_000;
  const events = createEventBus((error) => {
    throw error;
  });
  const ctx: Context = {
    config: testConfig(),
    log: silent,
    clock: systemClock(() => now),
    settings: settingsOver(() => undefined),
    permissions: permissionsOver(new Map()),
    events,
    tell: events.publish,
    blobs: noBlobs,
    scripts: noScripts,
    names: noNames,
    db: opened.db,
    write: createWriter(opened, events),
  };
  const runner = new JobRunner(ctx, handlers);
  onTestFinished(() => runner.close(0));
  return {
    ctx,
    storage: opened,
    runner,
    add: (job) => ctx.write((tx, emit) => enqueue(ctx, { tx, emit }, { kind: 'test.note', ...job })),
    jobs: () =>
      opened.db.selectFrom('jobs').select(['payload', 'attempts', 'claim', 'run_at']).orderBy('id').execute(),
    async wait(ms) {
      now += ms;
      await runner.idle();
    },
  };
}

/** Runs that end when the test says so. */
function held(): { run: Run; gates: Gate[]; started: string[] } {
  const gates: Gate[] = [];
  const started: string[] = [];
  return {
    gates,
    started,
    run(job) {
      const one = gate();
      gates.push(one);
      started.push(job.payload);
      return one.opened;
    },
  };
}

test('a job runs once its transaction is committed, and never when it was rolled back', async () => {
  const ran: string[] = [];
  const { ctx, runner, add, jobs } = await world([handlerOf((job) => void ran.push(job.payload))]);
  await add({ payload: 'before the start' });
  await runner.start();
  await add({ payload: 'after it' });
  await ctx
    .write(async (tx, emit) => {
      await enqueue(ctx, { tx, emit }, { kind: 'test.note', payload: 'never' });
      throw new Error('refused');
    })
    .catch(() => {});
  await runner.idle();
  expect(ran).toEqual(['before the start', 'after it']);
  expect(await jobs()).toEqual([]);
});

test('a job for later waits for its time', async () => {
  const ran: string[] = [];
  const { ctx, runner, add, wait } = await world([handlerOf((job) => void ran.push(job.payload))]);
  await runner.start();
  await add({ payload: 'later', runAt: ctx.clock.now() + 5000 });
  await wait(4999);
  expect(ran).toEqual([]);
  await wait(1);
  expect(ran).toEqual(['later']);
});

test('the timer wakes the runner for a job that is due soon', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  onTestFinished(() => void vi.useRealTimers());
  const ran: string[] = [];
  const storage = await storageInMemory();
  const made = await world([handlerOf((job) => void ran.push(job.payload))], storage);
  const ctx = { ...made.ctx, clock: systemClock() };
  const runner = new JobRunner(ctx, [handlerOf((job) => void ran.push(job.payload))]);
  await runner.start();
  await settle();
  await ctx.write((tx, emit) =>
    enqueue(ctx, { tx, emit }, { kind: 'test.note', payload: 'soon', runAt: Date.now() + 30 }),
  );
  await settle();
  expect(ran).toEqual([]);
  vi.advanceTimersByTime(30);
  await vi.waitFor(() => expect(ran).toEqual(['soon']), PATIENCE);
  await runner.idle();
  await runner.close(0);
});

test('a key keeps a second job of the same kind away until the first is done', async () => {
  const ran: string[] = [];
  const { runner, add } = await world([handlerOf((job) => void ran.push(job.payload))]);
  await add({ payload: 'first', key: 'k' });
  await add({ payload: 'second', key: 'k' });
  await add({ payload: 'no key' });
  await add({ payload: 'no key' });
  await runner.start();
  await runner.idle();
  expect(ran).toEqual(['first', 'no key', 'no key']);
  await add({ payload: 'third', key: 'k' });
  await runner.idle();
  expect(ran.at(-1)).toBe('third');
});

test('no more of a kind run at a time than allowed; other kinds go on', async () => {
  const { run, gates, started } = held();
  const others: string[] = [];
  const other = jobHandler<'test.other'>({
    ...{ kind: 'test.other', concurrency: 1, attempts: 1, timeoutMs: 1000 },
    run: async (_, job) => void others.push(job.payload),
  });
  const { ctx, runner, add } = await world([handlerOf(run), other]);
  for (const payload of ['a', 'b', 'c', 'd']) await add({ payload });
  await ctx.write((tx, emit) => enqueue(ctx, { tx, emit }, { kind: 'test.other', payload: 'free' }));
  await runner.start();
  await vi.waitFor(() => expect([started.length, others]).toEqual([2, ['free']]), PATIENCE);
  await settle();
  expect(started).toHaveLength(2);
  gates[0]?.open();
  await vi.waitFor(() => expect(started).toHaveLength(3), PATIENCE);
  for (let n = 1; n < 4; n++) {
    await vi.waitFor(() => expect(gates.length).toBeGreaterThan(n), PATIENCE);
    gates[n]?.open();
  }
  await runner.idle();
  expect(started).toHaveLength(4);
});

test('a job that fails is run again, later and later, then given up', async () => {
  const attempts: number[] = [];
  const { ctx, runner, add, jobs, wait } = await world([
    handlerOf((job) => {
      attempts.push(job.attempt);
      throw new Error('not today');
    }),
  ]);
  await runner.start();
  await add({ payload: 'x' });
  await runner.idle();
  expect(await jobs()).toEqual([
    { payload: '"x"', attempts: 1, claim: null, run_at: ctx.clock.now() + 1000 },
  ]);
  await wait(999);
  expect(attempts).toEqual([1]);
  await wait(1);
  expect(attempts).toEqual([1, 2]);
  await wait(1999);
  expect(attempts).toEqual([1, 2]);
  await wait(1);
  expect(attempts).toEqual([1, 2, 3]);
  expect(await jobs()).toEqual([]);
});

test('what a job stores and its end are one transaction', async () => {
  const { runner, add, jobs, storage } = await world([
    handlerOf((job, ctx) =>
      ctx.write(async (tx) => {
        await tx.insertInto('settings').values({ id: job.payload, value: '1', updated_at: 1 }).execute();
        await job.finish(tx);
        if (job.payload === 'bad') throw new Error('in the last moment');
      }),
    ),
  ]);
  await runner.start();
  await add({ payload: 'good' });
  await add({ payload: 'bad' });
  await runner.idle();
  const settings = await storage.db.selectFrom('settings').select('id').execute();
  expect(settings.map((row) => row.id)).toEqual(['good']);
  expect((await jobs()).map((job) => job.payload)).toEqual(['"bad"']);
});

test('a job that was under way when the process died is run again at the next start', async () => {
  const storage = await storageOnDisk();
  const first = held();
  const dying = await world([handlerOf(first.run)], storage);
  await dying.add({ payload: 'x' });
  await dying.runner.start();
  await vi.waitFor(() => expect(first.started).toEqual(['x']), PATIENCE);
  // The process is gone: nobody ends the run and nobody hands it back.
  const attempts: number[] = [];
  const reborn = await world([handlerOf((job) => void attempts.push(job.attempt))], storage);
  await reborn.runner.start();
  await reborn.runner.idle();
  expect(attempts).toEqual([2]);
  expect(await reborn.jobs()).toEqual([]);
  // Whoever comes back from the dead has nothing left to end.
  first.gates[0]?.open();
  await dying.runner.idle();
});

test('a job that kills the process each time is given up', async () => {
  const ran: string[] = [];
  const { ctx, runner, add, jobs } = await world([handlerOf((job) => void ran.push(job.payload))]);
  await add({ payload: 'poison' });
  await ctx.write((tx) => tx.updateTable('jobs').set({ attempts: 3, claim: 'dead' }).execute());
  await runner.start();
  await runner.idle();
  expect([ran, await jobs()]).toEqual([[], []]);
});

test('a run that hangs is told to stop, and taken over when its lease is over', async () => {
  const { run, started } = held();
  let told = false;
  const { runner, add, wait, jobs } = await world([
    handlerOf(
      (job, ctx) => {
        job.signal.addEventListener('abort', () => {
          told = true;
        });
        return run(job, ctx);
      },
      { timeoutMs: 20 },
    ),
  ]);
  await runner.start();
  await add({ payload: 'x' });
  await vi.waitFor(() => expect(told).toBe(true), PATIENCE);
  // Its own process does not run it twice at a time; another one does, once the lease is over.
  void wait(60_000);
  await settle();
  expect(started).toEqual(['x']);
  expect(await jobs()).toHaveLength(1);
});

test('closing waits for what is under way, and hands back what does not end', async () => {
  const { run, gates, started } = held();
  const aborted: string[] = [];
  const { runner, add, jobs } = await world([
    handlerOf((job, ctx) => {
      job.signal.addEventListener('abort', () => aborted.push(job.payload));
      return run(job, ctx);
    }),
  ]);
  await runner.start();
  for (const payload of ['ends', 'hangs', 'waits']) await add({ payload });
  await vi.waitFor(() => expect(started).toEqual(['ends', 'hangs']), PATIENCE);
  const closing = runner.close(50);
  gates[0]?.open();
  await closing;
  expect(aborted).toEqual(['hangs']);
  const left = await jobs();
  expect(left.map(({ payload, attempts, claim }) => [payload, attempts, claim]).sort()).toEqual([
    ['"hangs"', 0, null],
    ['"waits"', 0, null],
  ]);
  expect(started).toEqual(['ends', 'hangs']);
});

test('jobs of a kind that nobody handles stay', async () => {
  const { ctx, runner, jobs } = await world([handlerOf(() => {})]);
  await ctx.write((tx, emit) => enqueue(ctx, { tx, emit }, { kind: 'test.other', payload: 'x' }));
  await runner.start();
  await runner.idle();
  expect(await jobs()).toHaveLength(1);
});
