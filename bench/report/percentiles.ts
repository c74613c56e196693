/** The value below which a share of the sorted ones lies, by nearest rank. NaN where there is none. */
export function percentile(sorted: ArrayLike<number>, share: number): number {
  if (sorted.length === 0) return Number.NaN;
  const rank = Math.ceil(share * sorted.length);
  return sorted[Math.min(Math.max(rank, 1), sorted.length) - 1] ?? Number.NaN;
}

/** The one in the middle, or the mean of the two there. NaN where there is none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  const middle = sorted.length / 2;
  if (sorted.length % 2 === 1) return sorted[Math.floor(middle)] ?? Number.NaN;
  return ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2;
}

export interface Latencies {
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
}

/** Of all rounds together: a percentile of percentiles would be none. */
export function latenciesOf(samples: readonly Float64Array[]): Latencies {
  const all = new Float64Array(samples.reduce((count, { length }) => count + length, 0));
  let filled = 0;
  for (const sample of samples) {
    all.set(sample, filled);
    filled += sample.length;
  }
  all.sort();
  return { p50: percentile(all, 0.5), p99: percentile(all, 0.99), p999: percentile(all, 0.999) };
}
