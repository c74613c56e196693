import type { Report } from '../../bench/report/report.js';
import type { Round, ScenarioResult } from '../../bench/report/result.js';
import { summarize } from '../../bench/report/summary.js';
import type { ContenderName } from '../../bench/settings.js';

export function round(rate: number): Round {
  const cpu = { program: 200, postgres: 300, driver: 20 };
  return { rate, count: rate, seconds: 1, latencies: { placed: Float64Array.of(1, 2, 30) }, averageLatency: undefined, cpu, wal: 4_000 };
}

/** A scenario in which each had rounds of these rates. */
export function result(rates: Partial<Record<ContenderName, readonly number[]>>): ScenarioResult {
  const series = Object.entries(rates).map(([name, its]) => {
    const contender = name as ContenderName;
    const rounds = its.map(round);
    const averages = rounds.map((one) => ({ ...one, latencies: {}, averageLatency: 12.5 }));
    return {
      contender,
      label: contender === 'suanpan' ? 'Suanpan' : `${contender} & <co>`,
      rounds: contender === 'pgbench' ? averages : rounds,
    };
  });
  return { scenario: 'order', title: 'Orders & <more>', unit: 'orders', series, compared: true, remarks: ['All of it holds.'] };
}

export function report(rates: Partial<Record<ContenderName, readonly number[]>>): Report {
  return {
    at: '2026-11-26T20:00:00.000Z',
    command: 'npm run bench -- --scenario order',
    machine: { cpu: 'Some CPU', cores: 2, memoryGiB: 24, system: 'Linux 6.1', node: 'v20.20.0' },
    postgres: { version: '18.4', settings: { fsync: 'on', synchronous_commit: 'on' }, embedded: true },
    settings: { connections: 64, rounds: 2, seconds: 8, warmUp: 3, processes: null },
    loadBefore: 0.25,
    scenarios: [summarize(result(rates))],
  };
}
