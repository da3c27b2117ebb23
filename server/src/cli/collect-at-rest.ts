import { performance } from 'node:perf_hooks';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

/** V8 gives the space of new objects back only when little was allocated in the five seconds before a collection. */
const CHECK_MS = 6000;
/** Of the time between two checks: a server that does more is not at rest. */
const BUSY = 0.05;
/** V8's name of the space for new objects. */
const YOUNG = 'new_space';
const GROWN_BYTES = 4 * 1024 * 1024;
/** How often a collection is repeated that gave the space of new objects not back. */
const REPEATS = 2;
/** A collection stops everything for up to two milliseconds a megabyte: when there is more than this V8 decides alone. */
const MAX_BYTES = 128 * 1024 * 1024;
/** The collector of Node 20 takes any option as a wish to collect young objects only. */
const TAKES_OPTIONS = Number.parseInt(process.versions.node, 10) >= 22;

/** What is asked and done, for a test to put in its place. */
export interface Heap {
  /** The share of the time since it was last asked in which the event loop was busy. */
  busy(): number;
  /** Bytes of objects that outlived their youth, garbage included, and of the space in which objects are young, empty or not. */
  bytes(): number;
  /** Bytes of the latter. */
  young(): number;
  collect(): void;
}

/**
 * Collects garbage once a burst is over. V8 collects when memory is asked for, so what a thousand logins leave behind would
 * stay for as long as little happens afterwards, and so would the space for new objects, which a burst makes as large as it may
 * get. Nobody waits meanwhile, and a server whose memory has not grown is left alone.
 */
export class CollectAtRest {
  readonly #heap: Heap;
  /** What was left by the last collection. */
  #kept = 0;
  /** So often it may be repeated, because it came too soon after the burst to give back the space for new objects. */
  #repeats = 0;

  constructor(heap: Heap) {
    this.#heap = heap;
  }

  check(): void {
    if (this.#heap.busy() > BUSY) return;
    const bytes = this.#heap.bytes();
    const hasGrown = bytes - this.#kept >= GROWN_BYTES;
    if (bytes > MAX_BYTES || !(hasGrown || this.#repeats > 0)) return;
    this.#heap.collect();
    this.#kept = this.#heap.bytes();
    const isLarge = this.#heap.young() > GROWN_BYTES;
    this.#repeats = isLarge ? (hasGrown ? REPEATS : this.#repeats - 1) : 0;
    // The time that this took is no sign that the server has something to do.
    this.#heap.busy();
  }
}

/** Collects all there is and gives the memory back to the system, where Node exposes its collector. */
export function collectGarbage(): void {
  const { gc } = globalThis;
  if (!gc) return;
  // What is left lies scattered over the pages that a burst has filled: they are given back only when it is moved together, and
  // from Node 22 on only by the collection that is V8's last resort: after any other, empty pages are kept for the next burst.
  setFlagsFromString('--compact-on-every-full-gc');
  if (TAKES_OPTIONS) gc({ type: 'major', execution: 'sync', flavor: 'last-resort' });
  else gc();
  setFlagsFromString('--no-compact-on-every-full-gc');
}

/**
 * Starts it where Node exposes its collector, as `npm start` has it. `release` gives back what is kept outside of V8's heap and
 * can be had again. The timer does not keep the process alive.
 */
export function collectAtRest(release: () => void): void {
  if (!globalThis.gc) return;
  let before = performance.eventLoopUtilization();
  const collector = new CollectAtRest({
    busy() {
      const now = performance.eventLoopUtilization();
      const { utilization } = performance.eventLoopUtilization(now, before);
      before = now;
      return utilization;
    },
    bytes: () =>
      getHeapSpaceStatistics().reduce(
        (sum, { space_name: name, space_size: size, space_used_size: used }) =>
          sum + (name === YOUNG ? size : used),
        0,
      ),
    young: () => getHeapSpaceStatistics().find(({ space_name: name }) => name === YOUNG)?.space_size ?? 0,
    collect() {
      release();
      collectGarbage();
    },
  });
  setInterval(() => collector.check(), CHECK_MS).unref();
}
