import type { Context, WriteScope } from '../context.ts';
import { newId } from '../kernel/ids.ts';
import { stringify } from '../storage/json.ts';
import type { JobKind, JobPayloads } from './job.ts';
import { insertJob } from './jobs.store.ts';

export interface NewJob<K extends JobKind> {
  kind: K;
  payload: JobPayloads[K];
  /** ms; default: at once. */
  runAt?: number;
  /** Nothing happens while there is a job of this kind with the same key. */
  key?: string;
}

/** Writes a job in the caller's transaction: it runs if, and only if, the transaction is committed. */
export async function enqueue<K extends JobKind>(
  ctx: Pick<Context, 'clock'>,
  { tx, emit }: WriteScope,
  { kind, payload, runAt, key }: NewJob<K>,
): Promise<void> {
  const now = ctx.clock.now();
  const at = runAt ?? now;
  const isNew = await insertJob(tx, {
    id: newId(),
    kind,
    job_key: key ?? null,
    payload: stringify(payload),
    run_at: at,
    attempts: 0,
    claim: null,
    last_error: null,
    created_at: now,
  });
  if (isNew) emit('jobs.enqueued', { runAt: at });
}

declare module '../kernel/events.ts' {
  interface Events {
    /** There is something to do at `runAt` (ms). */
    'jobs.enqueued': { runAt: number };
  }
}
