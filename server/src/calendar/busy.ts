import { endStatusOfCalendar, setBusyUntil } from '../accounts/set-status.ts';
import type { Context, WriteScope } from '../context.ts';
import { jobHandler } from '../jobs/job.ts';
import { busyUntil } from './calendar.store.ts';

declare module '../jobs/job.ts' {
  interface JobPayloads {
    'calendar.busy': { uid: string };
  }
}

/** Shows a person as busy while events say so that are going on now, and not any longer when they no longer do. */
export async function keepBusy(ctx: Context, scope: WriteScope, uid: string): Promise<void> {
  const until = await busyUntil(scope.tx, uid, ctx.clock.now());
  if (until === undefined) await endStatusOfCalendar(ctx, scope, uid);
  else await setBusyUntil(ctx, scope, uid, until);
}

/** A busy event begins. Its end needs no job: the status ends by itself. */
export const busyJob = jobHandler({
  kind: 'calendar.busy',
  concurrency: 4,
  attempts: 5,
  timeoutMs: 30_000,
  async run(ctx, job) {
    await ctx.write(async (tx, emit) => {
      await keepBusy(ctx, { tx, emit }, job.payload.uid);
      await job.finish(tx);
    });
  },
});
