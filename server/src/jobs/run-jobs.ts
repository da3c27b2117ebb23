import type { Context } from '../context.ts';
import { newId } from '../kernel/ids.ts';
import { parseDoc } from '../storage/json.ts';
import type { Job, JobHandler } from './job.ts';
import {
  claimJob,
  deleteJob,
  dueJobs,
  type JobRow,
  nextDue,
  postponeJob,
  releaseAllClaims,
  releaseJob,
} from './jobs.store.ts';

/** Beyond the time of a run, so that a run which ends in time is never taken over. */
const LEASE_MARGIN_MS = 30_000;
const FIRST_RETRY_MS = 1000;
const LONGEST_RETRY_MS = 60 * 60_000;
/** Wakes up that often without being told to; only clocks that jump make it necessary. */
const LONGEST_SLEEP_MS = 60_000;
const MAX_ERROR_LENGTH = 500;

interface Run {
  kind: string;
  claim: string;
  stop: AbortController;
  ended: Promise<void>;
}

/**
 * Runs the stored jobs. It sleeps until the next one is due, or until a commit brings one. A job is claimed by a lease
 * before it runs: when the process dies, it is run again after the next start; when it merely hangs, once the lease is
 * over.
 */
export class JobRunner {
  readonly #ctx: Context;
  readonly #handlers: ReadonlyMap<string, JobHandler>;
  /** By job id. */
  readonly #running = new Map<string, Run>();
  #timer: NodeJS.Timeout | undefined;
  #wakesAt = 0;
  #looking: Promise<void> | undefined;
  #lookAgain = false;
  #state: 'new' | 'running' | 'closed' = 'new';

  constructor(ctx: Context, handlers: readonly JobHandler[]) {
    this.#ctx = ctx;
    this.#handlers = new Map(handlers.map((handler) => [handler.kind, handler]));
    // Other nodes look for their own; what one leaves behind is found after the longest sleep.
    ctx.events.on(
      'jobs.enqueued',
      ({ runAt }) => {
        if (runAt <= ctx.clock.now()) this.#look();
        // It must not wait for the end of a longer sleep.
        else if (runAt < this.#wakesAt) this.#sleep(runAt);
      },
      { ownOnly: true },
    );
  }

  async start(): Promise<void> {
    if (this.#state !== 'new') return;
    // The directory is locked against a second server, so whoever claimed these is dead. Several processes on one database
    // will have to wait for the leases instead.
    await this.#ctx.write((tx) => releaseAllClaims(tx, this.#ctx.clock.now()));
    this.#state = 'running';
    this.#look();
  }

  /** Takes no new jobs, lets those under way finish for at most `ms`, then hands the rest back for the next start. */
  async close(ms: number): Promise<void> {
    this.#state = 'closed';
    clearTimeout(this.#timer);
    while (this.#looking) await this.#looking;
    const all = Promise.all([...this.#running.values()].map((run) => run.ended));
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, ms);
    });
    await Promise.race([all, patience]);
    clearTimeout(timer);
    const left = [...this.#running];
    if (left.length === 0) return;
    for (const [, { stop }] of left) stop.abort();
    const now = this.#ctx.clock.now();
    await this.#ctx
      .write(async (tx) => {
        for (const [id, { claim }] of left) await releaseJob(tx, id, claim, now);
      })
      // They are run again all the same, as after a crash.
      .catch((err) => this.#ctx.log.warn({ err }, 'jobs under way were not handed back'));
  }

  /** Resolves when nothing runs and nothing is due. For tests. */
  async idle(): Promise<void> {
    for (;;) {
      this.#look();
      while (this.#looking) await this.#looking;
      if (this.#running.size === 0) return;
      await Promise.race([...this.#running.values()].map((run) => run.ended));
    }
  }

  #look(): void {
    if (this.#state !== 'running') return;
    if (this.#looking) {
      this.#lookAgain = true;
      return;
    }
    this.#looking = this.#startDue()
      .catch((err) => {
        this.#ctx.log.error({ err }, 'jobs were not looked for');
        this.#sleep(this.#ctx.clock.now() + FIRST_RETRY_MS);
      })
      .finally(() => {
        this.#looking = undefined;
        if (!this.#lookAgain) return;
        this.#lookAgain = false;
        this.#look();
      });
  }

  async #startDue(): Promise<void> {
    const { clock, db } = this.#ctx;
    let next = clock.now() + LONGEST_SLEEP_MS;
    for (const handler of this.#handlers.values()) {
      // A kind without a free place is looked at when one of its runs ends.
      const free = () => handler.concurrency - this.#runningOf(handler.kind).length;
      let due = free() > 0 ? await nextDue(db, handler.kind) : undefined;
      if (due !== undefined && due <= clock.now()) {
        for (const { job, claim } of await this.#claim(handler, free())) this.#run(handler, job, claim);
        due = free() > 0 ? await nextDue(db, handler.kind) : undefined;
      }
      if (due !== undefined) next = Math.min(next, due);
    }
    this.#sleep(next);
  }

  /** Claims what is due, and gives up what has failed, or has brought the process down, often enough. */
  #claim(handler: JobHandler, limit: number): Promise<{ job: JobRow; claim: string }[]> {
    const { clock, log } = this.#ctx;
    return this.#ctx.write(async (tx) => {
      const now = clock.now();
      // A run that does not stop when its lease is over must not be doubled by its own process.
      const except = this.#runningOf(handler.kind);
      const claimed: { job: JobRow; claim: string }[] = [];
      for (const job of await dueJobs(tx, handler.kind, { now, limit, except })) {
        const claim = newId();
        await claimJob(tx, job.id, claim, now + handler.timeoutMs + LEASE_MARGIN_MS);
        if (job.attempts < handler.attempts) {
          claimed.push({ job, claim });
          continue;
        }
        await deleteJob(tx, job.id, claim);
        log.error({ job: job.id, kind: job.kind, error: job.last_error }, 'a job was given up');
      }
      return claimed;
    });
  }

  #runningOf(kind: string): string[] {
    return [...this.#running].filter(([, run]) => run.kind === kind).map(([id]) => id);
  }

  #run(handler: JobHandler, row: JobRow, claim: string): void {
    const stop = new AbortController();
    const ended = this.#attempt(handler, row, claim, stop)
      // Only the database can fail here; the lease brings the job back.
      .catch((err) => this.#ctx.log.error({ err, job: row.id }, 'the end of a job was not stored'))
      .finally(() => {
        this.#running.delete(row.id);
        this.#look();
      });
    this.#running.set(row.id, { kind: row.kind, claim, stop, ended });
  }

  async #attempt(handler: JobHandler, row: JobRow, claim: string, stop: AbortController): Promise<void> {
    const ctx = this.#ctx;
    const attempt = row.attempts + 1;
    let finished = false;
    const timer = setTimeout(() => stop.abort(), handler.timeoutMs).unref();
    const job: Job<unknown> = {
      id: row.id,
      payload: parseDoc(row.payload),
      attempt,
      signal: stop.signal,
      async finish(tx) {
        if (!(await deleteJob(tx, row.id, claim))) throw new Error('another run has taken the job over');
        finished = true;
      },
    };
    try {
      await handler.run(ctx, job as Job<never>);
      if (finished) return;
    } catch (err) {
      // What a stopping server broke off is handed back by `close`.
      if (this.#state === 'closed') return;
      const isLast = attempt >= handler.attempts;
      ctx.log[isLast ? 'error' : 'warn']({ err, job: row.id, kind: row.kind, attempt }, 'a job failed');
      if (!isLast) return await this.#postpone(row, claim, attempt, err);
    } finally {
      clearTimeout(timer);
    }
    await ctx.write((tx) => deleteJob(tx, row.id, claim));
  }

  async #postpone(row: JobRow, claim: string, attempt: number, error: unknown): Promise<void> {
    const wait = Math.min(FIRST_RETRY_MS * 2 ** (attempt - 1), LONGEST_RETRY_MS);
    const text = String(error instanceof Error ? error.message : error).slice(0, MAX_ERROR_LENGTH);
    const runAt = this.#ctx.clock.now() + wait;
    await this.#ctx.write((tx) => postponeJob(tx, row.id, claim, { runAt, error: text }));
  }

  #sleep(at: number): void {
    if (this.#state !== 'running') return;
    clearTimeout(this.#timer);
    this.#wakesAt = at;
    const ms = Math.min(Math.max(at - this.#ctx.clock.now(), 0), LONGEST_SLEEP_MS);
    this.#timer = setTimeout(() => this.#look(), ms).unref();
  }
}
