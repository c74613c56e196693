import { latenciesOf, median } from './percentiles.js';
import type { Cpu, Round, ScenarioResult, Series } from './result.js';

const ABSENT = '–';

export const HEADINGS = [
  '',
  'median',
  'min–max',
  'Suanpan is',
  'p50 ms',
  'p99 ms',
  'p99.9 ms',
  'CPU µs: program',
  'PostgreSQL',
  'driver',
  'WAL bytes',
] as const;

/** A scenario's numbers as texts, a row for each contender. */
export function rowsOf({ series }: ScenarioResult): string[][] {
  const [ours] = series.filter(({ contender }) => contender === 'suanpan');
  return series.map((one) => {
    const rates = one.rounds.map(({ rate }) => rate);
    return [
      one.label,
      whole(median(rates)),
      `${whole(Math.min(...rates))}–${whole(Math.max(...rates))}`,
      one === ours || ours === undefined ? ABSENT : `${ratio(ours, one).toFixed(2)} ×`,
      ...latencyCells(one),
      ...(['program', 'postgres', 'driver'] as const).map((part) => cpuCell(one, part)),
      whole(median(one.rounds.map(({ wal }) => wal))),
    ];
  });
}

/** Of the medians of their rates. */
export function ratio(ours: Series, other: Series): number {
  const rate = ({ rounds }: Series) => median(rounds.map((round: Round) => round.rate));
  return rate(ours) / rate(other);
}

function latencyCells({ rounds }: Series): string[] {
  const samples = rounds.flatMap(({ latencies }) => (latencies === undefined ? [] : [latencies]));
  if (samples.length > 0) {
    const { p50, p99, p999 } = latenciesOf(samples);
    return [p50, p99, p999].map(milliseconds);
  }
  const averages = rounds.flatMap(({ averageLatency }) => (averageLatency === undefined ? [] : [averageLatency]));
  return [averages.length > 0 ? `⌀ ${milliseconds(median(averages))}` : ABSENT, ABSENT, ABSENT];
}

function cpuCell({ rounds }: Series, part: keyof Cpu): string {
  const values = rounds.flatMap(({ cpu }) => (cpu[part] === undefined ? [] : [cpu[part]]));
  return values.length === 0 ? ABSENT : whole(median(values));
}

const whole = (value: number): string => (Number.isFinite(value) ? Math.round(value).toLocaleString('en-US') : ABSENT);
const milliseconds = (value: number): string => (Number.isFinite(value) ? value.toFixed(value < 10 ? 2 : 1) : ABSENT);

/** The rows below their headings, in columns. */
export function textTable(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [headings, ...rows];
  const widths = headings.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  ');
  return all.map((row) => line(row).trimEnd()).join('\n');
}
