import type { RateLimit } from './endpoint.ts';

interface Bucket {
  calls: number;
  resetAt: number;
}

export interface RateState {
  exceeded: boolean;
  remaining: number;
  /** Milliseconds since the epoch. */
  resetAt: number;
}

const SWEEP_EVERY_MS = 60_000;

/**
 * Fixed windows that start with the first call (spec 00 §8). Memory is bounded: expired windows are dropped about once a
 * minute, and at `maxBuckets` the oldest makes room for the new one. Of several nodes each counts for
 * itself: a shared count would cost every call a question to the others.
 */
export class RateLimiter {
  readonly #buckets = new Map<string, Bucket>();
  readonly #maxBuckets: number;
  #nextSweep = 0;

  constructor(maxBuckets = 100_000) {
    this.#maxBuckets = maxBuckets;
  }

  get size(): number {
    return this.#buckets.size;
  }

  /** Counts a call at `now` (ms). A refused call does not lengthen the wait. */
  take(key: string, limit: RateLimit, now: number): RateState {
    let bucket = this.#buckets.get(key);
    if (!bucket || now >= bucket.resetAt) {
      this.#makeRoom(key, now);
      bucket = { calls: 0, resetAt: now + limit.windowMs };
      this.#buckets.set(key, bucket);
    }
    if (bucket.calls >= limit.calls) return { exceeded: true, remaining: 0, resetAt: bucket.resetAt };
    bucket.calls++;
    return { exceeded: false, remaining: limit.calls - bucket.calls, resetAt: bucket.resetAt };
  }

  #makeRoom(key: string, now: number): void {
    // Deleted first, so that the map's order stays the order in which the windows began.
    this.#buckets.delete(key);
    if (now >= this.#nextSweep) {
      this.#nextSweep = now + SWEEP_EVERY_MS;
      for (const [other, bucket] of this.#buckets) if (now >= bucket.resetAt) this.#buckets.delete(other);
    }
    if (this.#buckets.size < this.#maxBuckets) return;
    for (const oldest of this.#buckets.keys()) {
      this.#buckets.delete(oldest);
      return;
    }
  }
}
