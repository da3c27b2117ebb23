import { jobHandler } from '../jobs/job.ts';
import { sweepSome } from './operation-steps.ts';

/** Removes what waited in operations that were ended: there may be a lot of it. */
export const sweepJob = jobHandler<'imports.sweep'>({
  kind: 'imports.sweep',
  concurrency: 1,
  single: true,
  attempts: 5,
  timeoutMs: 60 * 60_000,
  async run(ctx, { signal }) {
    while (await sweepSome(ctx)) signal.throwIfAborted();
  },
});
