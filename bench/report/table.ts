import type { Latencies } from './percentiles.js';
import type { Row, ScenarioSummary } from './summary.js';

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
export function rowsOf({ rows }: ScenarioSummary): string[][] {
  return rows.map((row) => [
    row.label,
    whole(row.rate.median),
    `${whole(row.rate.min)}–${whole(row.rate.max)}`,
    row.ratio === null ? ABSENT : `${row.ratio.toFixed(2)} ×`,
    ...latencyCells(row),
    ...[row.cpu.program, row.cpu.postgres, row.cpu.driver, row.wal].map(whole),
  ]);
}

function latencyCells({ latency, averageLatency }: Row): string[] {
  if (latency !== null) return [latency.p50, latency.p99, latency.p999].map(milliseconds);
  return [averageLatency === null ? ABSENT : `⌀ ${milliseconds(averageLatency)}`, ABSENT, ABSENT];
}

/** What differs by how it ended: told only where it ended in several ways. */
export function outcomeLines({ rows }: ScenarioSummary): string[] {
  return rows.flatMap(({ label, outcomes }) => {
    const entries = Object.entries(outcomes);
    if (entries.length < 2) return [];
    return entries.map(([name, { count, ...latency }]) => `${label}, ${name}: ${whole(count)}, ${inWords(latency)}`);
  });
}

function inWords({ p50, p99, p999 }: Latencies): string {
  return `p50 ${milliseconds(p50)} ms, p99 ${milliseconds(p99)} ms, p99.9 ${milliseconds(p999)} ms`;
}

export function whole(value: number | null): string {
  return value === null || !Number.isFinite(value) ? ABSENT : Math.round(value).toLocaleString('en-US');
}

function milliseconds(value: number): string {
  return Number.isFinite(value) ? value.toFixed(value < 10 ? 2 : 1) : ABSENT;
}

/** The rows below their headings, in columns. */
export function textTable(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [headings, ...rows];
  const widths = headings.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  ');
  return all.map((row) => line(row).trimEnd()).join('\n');
}

/** The same in Markdown, as Prettier would leave it. */
export function markdownTable(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [headings, ...rows];
  const widths = headings.map((_, column) => Math.max(3, ...all.map((row) => row[column]?.length ?? 0)));
  const pad = (cell: string, column: number) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0));
  const line = (row: readonly string[]) => `| ${row.map(pad).join(' | ')} |`;
  const rule = `| ${widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  return [line(headings), rule, ...rows.map(line)].join('\n');
}
