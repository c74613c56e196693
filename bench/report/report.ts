import type { Machine } from '../world/machine.js';
import type { ScenarioSummary } from './summary.js';

/** All that one run found, with what a reader needs to compare it. This is what is written as JSON. */
export interface Report {
  readonly at: string;
  readonly command: string;
  readonly machine: Machine;
  readonly postgres: { readonly version: string; readonly settings: Readonly<Record<string, string>>; readonly embedded: boolean };
  readonly settings: {
    readonly connections: number;
    readonly rounds: number;
    readonly seconds: number;
    readonly warmUp: number;
    readonly processes: number | null;
  };
  /** What else was busy: the load average before anything was started. */
  readonly loadBefore: number;
  readonly scenarios: readonly ScenarioSummary[];
}
