import type { Context, WriteScope } from '../context.ts';
import { newId } from '../kernel/ids.ts';
import { NowAndThen } from '../kernel/now-and-then.ts';
import type { Db, SharedDatabase } from '../storage/database.ts';
import { parseDoc } from '../storage/json.ts';
import type { Job, JobHandler } from './job.ts';
import {
  claimedJobs,
  claimJob,
  deleteJob,
  dueJobs,
  type JobRow,
  lastingClaims,
  nextDue,
  postponeJob,
  releaseClaim,
  releaseJob,
} from './jobs.store.ts';

/** Beyond the time of a run, so that a run which ends in time is never taken over. */
const LEASE_MARGIN_MS = 30_000;
const FIRST_RETRY_MS = 1000;
const LONGEST_RETRY_MS = 60 * 60_000;
/** Wakes up that often without being told to; only clocks that jump make it necessary. */
const LONGEST_SLEEP_MS = 60_000;
/** How often it is looked whether a node has died with jobs. */
const DEAD_EVERY_MS = [3750, 6250] as const;
/** When another node runs the only job of its kind that may run: looked again after that. */
const TAKEN_MS = 5000;
const MAX_ERROR_LENGTH = 500;

/** The other processes that run jobs of the same database. */
export type Peers = Pick<SharedDatabase, 'node' | 'liveNodes' | 'onRegained'>;

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
 *
 * Where several nodes share the database, a claim names its node (`<node>:<id>`), and whoever notices that a node is dead frees
 * what it had claimed. A node looks at once for the jobs that it writes itself; what it leaves others find within a minute.
 */
export class JobRunner {
  readonly #ctx: Context;
  readonly #handlers: ReadonlyMap<string, JobHandler>;
  readonly #peers: Peers | undefined;
  /** By job id. */
  readonly #running = new Map<string, Run>();
  #timer: NodeJS.Timeout | undefined;
  #wakesAt = 0;
  #looking: Promise<void> | undefined;
  #lookAgain = false;
  #watch: NowAndThen | undefined;
  #state: 'new' | 'running' | 'closed' = 'new';

  /** `peers`: undefined where the process has the database for itself. */
  constructor(ctx: Context, handlers: readonly JobHandler[], peers?: Peers) {
    this.#ctx = ctx;
    this.#peers = peers;
    this.#handlers = new Map(handlers.map((handler) => [handler.kind, handler]));
    peers?.onRegained(() => void this.#stopLost());
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
    await this.#freeDead();
    this.#state = 'running';
    this.#watchPeers();
    this.#look();
  }

  /** Takes no new jobs, lets those under way finish for at most `ms`, then hands the rest back for the next start. */
  async close(ms: number): Promise<void> {
    this.#state = 'closed';
    clearTimeout(this.#timer);
    await this.#watch?.stop();
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
      .write(async (tx, emit) => {
        for (const [id, { claim }] of left) {
          const job = await releaseJob(tx, id, claim, now);
          if (job) await this.#tellBrokenOff({ tx, emit }, job);
        }
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
      if (due !== undefined && due <= clock.now() && (await this.#isTaken(db, handler)))
        due = clock.now() + TAKEN_MS;
      if (due !== undefined && due <= clock.now()) {
        for (const { job, claim } of await this.#claim(handler, free())) this.#run(handler, job, claim);
        due = free() > 0 ? await nextDue(db, handler.kind) : undefined;
      }
      if (due !== undefined) next = Math.min(next, due);
    }
    this.#sleep(next);
  }

  /** Another node runs a job of a kind of which one may run at a time. Here it has no place for a second. */
  async #isTaken(db: Db, { single, kind }: JobHandler): Promise<boolean> {
    if (!single || !this.#peers) return false;
    const own = this.#peers.node;
    const claims = await lastingClaims(db, kind, this.#ctx.clock.now());
    return claims.some((claim) => nodeOf(claim) !== own);
  }

  /** Frees what was claimed by processes that are gone. */
  async #freeDead(): Promise<void> {
    await this.#ctx.write(async (tx, emit) => {
      // A process that has the database for itself is the only one that there is.
      const live = await this.#peers?.liveNodes(tx);
      for (const job of await claimedJobs(tx)) {
        if (live && this.#isLive(live, job.claim)) continue;
        await releaseClaim(tx, job.id, this.#ctx.clock.now());
        await this.#tellBrokenOff({ tx, emit }, job);
      }
    });
  }

  #isLive(live: ReadonlySet<string>, claim: string): boolean {
    const node = nodeOf(claim);
    return node === this.#peers?.node || live.has(node);
  }

  async #tellBrokenOff(
    scope: WriteScope,
    { kind, payload }: Pick<JobRow, 'kind' | 'payload'>,
  ): Promise<void> {
    await this.#handlers.get(kind)?.brokenOff?.(this.#ctx, scope, parseDoc(payload) as never);
  }

  #watchPeers(): void {
    if (!this.#peers) return;
    const peers = this.#peers;
    const look = () =>
      this.#freeWhenDead(peers).catch((err) =>
        this.#ctx.log.error({ err }, 'jobs of dead nodes were not looked for'),
      );
    this.#watch = new NowAndThen(look, DEAD_EVERY_MS);
  }

  /** As long as all nodes live this only reads: a transaction would hold up theirs. */
  async #freeWhenDead(peers: Peers): Promise<void> {
    const { db } = this.#ctx;
    const claimed = await claimedJobs(db);
    if (claimed.length === 0) return;
    const live = await peers.liveNodes(db);
    if (claimed.every(({ claim }) => this.#isLive(live, claim))) return;
    await this.#freeDead();
    this.#look();
  }

  /** This node was taken for dead: what others have taken over meanwhile must not go on here. */
  async #stopLost(): Promise<void> {
    if (this.#running.size === 0) return;
    try {
      // In a transaction: whoever was about to free them has done so then.
      const claims = await this.#ctx.write(claimedJobs);
      const held = new Set(claims.map(({ claim }) => claim));
      for (const { claim, stop } of this.#running.values()) if (!held.has(claim)) stop.abort();
    } catch (err) {
      this.#ctx.log.error({ err }, 'it was not looked which jobs other nodes have taken over');
    }
  }

  /** Claims what is due, and gives up what has failed, or has brought the process down, often enough. */
  #claim(handler: JobHandler, limit: number): Promise<{ job: JobRow; claim: string }[]> {
    const { clock, log } = this.#ctx;
    return this.#ctx.write(async (tx) => {
      const now = clock.now();
      if (await this.#isTaken(tx, handler)) return [];
      // A run that does not stop when its lease is over must not be doubled by its own process.
      const except = this.#runningOf(handler.kind);
      const claimed: { job: JobRow; claim: string }[] = [];
      for (const job of await dueJobs(tx, handler.kind, { now, limit, except })) {
        const claim = this.#peers ? `${this.#peers.node}:${newId()}` : newId();
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

/** Empty for a claim of a process that had the database for itself. */
const nodeOf = (claim: string): string => (claim.includes(':') ? (claim.split(':', 1)[0] ?? '') : '');
