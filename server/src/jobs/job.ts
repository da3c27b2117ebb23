import type { Context, WriteScope } from '../context.ts';
import type { Tx } from '../storage/database.ts';

/**
 * Work that has to happen some time after a change, whatever happens to the process meanwhile: it is written in the
 * transaction of the change, and runs at least once. Each feature names its kinds of jobs and what they carry:
 *
 *     declare module '../jobs/job.ts' { interface JobPayloads { 'integrations.trigger': TriggerJob } }
 */
// biome-ignore lint/suspicious/noEmptyInterface: filled by declaration merging in the features
export interface JobPayloads {}

export type JobKind = keyof JobPayloads;

/** What does the jobs of one kind; `app-work.ts` collects them. */
export interface JobHandler<K extends JobKind = JobKind> {
  kind: K;
  /** How many of this kind run at a time. Slow receivers of webhooks must not hold up everything else. */
  concurrency: number;
  /** One at a time in the whole workspace, on whichever node: as long as a claim of this kind lasts there is no other. */
  single?: boolean;
  /** Runs of one job, the first included; then it is given up. */
  attempts: number;
  /** For one run. Afterwards its `signal` is aborted, and somewhat later the job may be run again. */
  timeoutMs: number;
  /** Done when it resolves; when it throws it is run again later. */
  run(ctx: Context, job: Job<JobPayloads[K]>): Promise<void>;
  /**
   * In the transaction in which a job is freed whose process died, or broke it off to end. It is run again all the same, here
   * or on another node: a kind that must not go on says so in what it changes here.
   */
  brokenOff?(ctx: Context, scope: WriteScope, payload: JobPayloads[K]): Promise<void>;
}

export interface Job<P> {
  id: string;
  /** As it was stored: JSON. */
  payload: P;
  /** 1 for the first run. A run that was cut off by the end of the process counts. */
  attempt: number;
  /** Aborted when the time is up or the server stops. */
  signal: AbortSignal;
  /**
   * Ends the job in a transaction of the handler's own, so that what it changed and the end of the job are stored together
   * or not at all. Throws when another run has taken over.
   */
  finish(tx: Tx): Promise<void>;
}

/** Keeps the types of a handler in a list of all. */
export const jobHandler = <K extends JobKind>(handler: JobHandler<K>): JobHandler =>
  handler as unknown as JobHandler;
