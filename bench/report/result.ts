import type { ContenderName } from '../settings.js';

/** Microseconds of CPU for each thing that was done. Undefined where this machine does not say. */
export interface Cpu {
  /** The program or the bare server, with all its processes. */
  readonly program: number | undefined;
  readonly postgres: number | undefined;
  readonly driver: number | undefined;
}

/** One measured stretch of one contender. */
export interface Round {
  /** How many a second. */
  readonly rate: number;
  readonly count: number;
  readonly seconds: number;
  /** Milliseconds of each, by how it ended, such as `placed`. pgbench tells only the average. */
  readonly latencies: Readonly<Record<string, Float64Array>>;
  readonly averageLatency: number | undefined;
  readonly cpu: Cpu;
  /** Bytes of the write-ahead log for each. */
  readonly wal: number;
}

export interface Series {
  readonly contender: ContenderName;
  /** What it is called in the table, with what it was run with. */
  readonly label: string;
  readonly rounds: readonly Round[];
}

export interface ScenarioResult {
  readonly scenario: string;
  readonly title: string;
  /** What is counted, such as `orders`. */
  readonly unit: string;
  /** The program first, then its limits. */
  readonly series: readonly Series[];
  /** False where the rate is given, and nothing follows from it. */
  readonly compared: boolean;
  readonly remarks: readonly string[];
}
