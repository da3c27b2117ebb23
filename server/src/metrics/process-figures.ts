import { type IntervalHistogram, monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks';
import type { Histogram, Registry } from 'prom-client';
import { prom } from '../kernel/packages/prom-client.ts';

const COLLECTION_BUCKETS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1];

/** A figure that is read when somebody asks. */
export function gaugeOf(registers: Registry[], name: string, help: string, read: () => number): void {
  new prom.Gauge({
    name,
    help,
    registers,
    collect() {
      this.set(read());
    },
  });
}

/**
 * Figures of the process under the names that dashboards know. Those of prom-client itself go on observing for ever, also
 * when nobody asks any more.
 */
export class ProcessFigures {
  readonly #delay: IntervalHistogram = monitorEventLoopDelay({ resolution: 10 });
  readonly #observer: PerformanceObserver | undefined;

  constructor(registers: Registry[], collections: boolean) {
    const delay = this.#delay;
    delay.enable();
    new prom.Counter({
      name: 'process_cpu_seconds_total',
      help: 'Processor time of the process.',
      registers,
      collect() {
        const { user, system } = process.cpuUsage();
        this.reset();
        this.inc((user + system) / 1e6);
      },
    });
    const startedAt = Date.now() / 1000 - process.uptime();
    gaugeOf(registers, 'process_start_time_seconds', 'Start of the process, since 1970.', () => startedAt);
    gaugeOf(registers, 'process_resident_memory_bytes', 'Resident memory.', () => process.memoryUsage.rss());
    gaugeOf(
      registers,
      'nodejs_heap_size_used_bytes',
      'Objects of the process.',
      () => process.memoryUsage().heapUsed,
    );
    gaugeOf(registers, 'nodejs_eventloop_lag_p99_seconds', 'Delay of timers since the last look.', () => {
      const seconds = delay.percentile(99) / 1e9;
      delay.reset();
      return seconds;
    });
    this.#observer = collections ? observe(collectionsOf(registers)) : undefined;
  }

  end(): void {
    this.#delay.disable();
    this.#observer?.disconnect();
  }
}

const collectionsOf = (registers: Registry[]): Histogram =>
  new prom.Histogram({
    name: 'nodejs_gc_duration_seconds',
    help: 'Garbage collections.',
    buckets: COLLECTION_BUCKETS,
    registers,
  });

function observe(collections: Histogram): PerformanceObserver {
  const observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) collections.observe(duration / 1000);
  });
  observer.observe({ entryTypes: ['gc'] });
  return observer;
}
