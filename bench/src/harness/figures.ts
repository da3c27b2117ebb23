/** One measured quantity over all rounds. */
export interface Series {
  median: number;
  min: number;
  max: number;
  /** One value per round, in order. */
  values: readonly number[];
}

export interface Figure extends Series {
  /** What was measured, in words; together with the scenario it identifies the figure. */
  name: string;
  unit: string;
  /** What the machine can do at best, measured in the same run. */
  raw?: Series & { name: string };
}

export function series(values: readonly number[]): Series {
  if (values.length === 0) throw new Error('a figure without a single round');
  const sorted = [...values].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const median = ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle)] ?? 0)) / 2;
  return { median, min: sorted[0] ?? 0, max: sorted.at(-1) ?? 0, values };
}

export function figure(
  name: string,
  unit: string,
  values: readonly number[],
  raw?: { name: string; values: readonly number[] },
): Figure {
  const measured = { name, unit, ...series(values) };
  return raw ? { ...measured, raw: { name: raw.name, ...series(raw.values) } } : measured;
}

/** The value below which `share` (0 to 1) of the samples lie. */
export function percentile(samples: readonly number[], share: number): number {
  if (samples.length === 0) return Number.NaN;
  const sorted = Float64Array.from(samples).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export interface Latency {
  p50: number;
  p99: number;
  max: number;
}

/** Percentiles of durations, in the unit of the samples. */
export function latency(samples: readonly number[]): Latency {
  return { p50: percentile(samples, 0.5), p99: percentile(samples, 0.99), max: percentile(samples, 1) };
}
