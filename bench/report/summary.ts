import type { ContenderName } from '../settings.js';
import { latenciesOf, median, type Latencies } from './percentiles.js';
import type { Cpu, Round, ScenarioResult, Series } from './result.js';

/** What is kept of a scenario: written as JSON, and shown as a table and a chart. */
export interface ScenarioSummary {
  readonly scenario: string;
  readonly title: string;
  readonly unit: string;
  readonly rows: readonly Row[];
  readonly remarks: readonly string[];
}

export interface Row {
  readonly contender: ContenderName;
  readonly label: string;
  /** A second. */
  readonly rate: { readonly median: number; readonly min: number; readonly max: number };
  /** How many times this the program does, by the medians. Null on the program's own row, and where rates are not compared. */
  readonly ratio: number | null;
  /** In milliseconds, of all rounds together; null for pgbench, which tells only the average. */
  readonly latency: Latencies | null;
  readonly averageLatency: number | null;
  readonly outcomes: Readonly<Record<string, Latencies & { readonly count: number }>>;
  /** Microseconds for each, the median of the rounds; null where it could not be read. */
  readonly cpu: { readonly [Part in keyof Cpu]: number | null };
  /** Bytes of the write-ahead log for each, the median of the rounds. */
  readonly wal: number;
  readonly rounds: readonly { readonly rate: number; readonly count: number; readonly seconds: number }[];
}

export function summarize({ series, compared, ...about }: ScenarioResult): ScenarioSummary {
  const ours = compared ? series.find(({ contender }) => contender === 'suanpan') : undefined;
  const rows = series.map((one) => rowOf(one, ours === undefined || ours === one ? null : medianRate(ours) / medianRate(one)));
  return { ...about, rows };
}

const medianRate = ({ rounds }: Series): number => median(rounds.map(({ rate }) => rate));

function rowOf({ contender, label, rounds }: Series, ratio: number | null): Row {
  const rates = rounds.map(({ rate }) => rate);
  const averages = rounds.flatMap(({ averageLatency }) => averageLatency ?? []);
  const samples = rounds.flatMap(({ latencies }) => Object.values(latencies));
  return {
    contender,
    label,
    rate: { median: median(rates), min: Math.min(...rates), max: Math.max(...rates) },
    ratio,
    latency: samples.length === 0 ? null : latenciesOf(samples),
    averageLatency: averages.length === 0 ? null : median(averages),
    outcomes: outcomesOf(rounds),
    cpu: { program: cpuOf(rounds, 'program'), postgres: cpuOf(rounds, 'postgres'), driver: cpuOf(rounds, 'driver') },
    wal: median(rounds.map(({ wal }) => wal)),
    rounds: rounds.map(({ rate, count, seconds }) => ({ rate, count, seconds })),
  };
}

function cpuOf(rounds: readonly Round[], part: keyof Cpu): number | null {
  const values = rounds.flatMap(({ cpu }) => cpu[part] ?? []);
  return values.length === 0 ? null : median(values);
}

function outcomesOf(rounds: readonly Round[]): Row['outcomes'] {
  const names = [...new Set(rounds.flatMap(({ latencies }) => Object.keys(latencies)))].sort();
  return Object.fromEntries(
    names.map((name) => {
      const samples = rounds.flatMap(({ latencies }) => latencies[name] ?? []);
      return [name, { count: samples.reduce((all, { length }) => all + length, 0), ...latenciesOf(samples) }];
    }),
  );
}
