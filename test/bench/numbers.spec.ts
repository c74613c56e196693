import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

import { findPgbench, readReport } from '../../bench/contenders/pgbench.js';
import { BenchFailed, UsageError } from '../../bench/failures.js';
import { latenciesOf, median, percentile } from '../../bench/report/percentiles.js';
import { summarize } from '../../bench/report/summary.js';
import { parseStat } from '../../bench/world/processes.js';
import { round, result } from './results.js';

describe('What the benchmark makes of what it measured', () => {
  it('takes percentiles by nearest rank', () => {
    const hundred = Array.from({ length: 100 }, (_, index) => index + 1);
    expect([0.5, 0.99, 0.999, 0, 1].map((share) => percentile(hundred, share))).toEqual([50, 99, 100, 1, 100]);
    expect(percentile([7], 0.5)).toBe(7);
    expect(percentile([], 0.5)).toBeNaN();
  });

  it('takes medians of what comes in any order', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([10, 2])).toBe(6);
    expect(median([])).toBeNaN();
  });

  it('puts the latencies of all rounds together before it takes percentiles', () => {
    const quick = Float64Array.from({ length: 99 }, () => 1);
    expect(latenciesOf([Float64Array.of(100), quick])).toEqual({ p50: 1, p99: 1, p999: 100 });
  });

  it('compares by the medians of the rates', () => {
    const { rows } = summarize(result({ suanpan: [900, 3000, 1000], bare: [500, 400, 2000] }));
    expect(rows.map(({ rate, ratio }) => ({ ...rate, ratio }))).toEqual([
      { median: 1000, min: 900, max: 3000, ratio: null },
      { median: 500, min: 400, max: 2000, ratio: 2 },
    ]);
  });

  it('compares nothing where it may not, or where the program was not measured', () => {
    const both = { suanpan: [1000], bare: [500] };
    expect(summarize({ ...result(both), compared: false }).rows.map(({ ratio }) => ratio)).toEqual([null, null]);
    expect(summarize(result({ bare: [500] })).rows.map(({ ratio }) => ratio)).toEqual([null]);
  });

  it('says nothing of CPU that could not be read, and tells outcomes apart', () => {
    const sold = { ...round(100), cpu: { program: undefined, postgres: 7, driver: 3 }, latencies: { sold: Float64Array.of(2, 4) } };
    const [row] = summarize({ ...result({}), series: [{ contender: 'suanpan', label: 'Suanpan', rounds: [sold] }] }).rows;
    expect(row?.cpu).toEqual({ program: null, postgres: 7, driver: 3 });
    expect(row?.outcomes).toEqual({ sold: { count: 2, p50: 2, p99: 4, p999: 4 } });
  });

  it('reads the CPU of a process whatever its name is', () => {
    const rest = 'S 41 1 1 0 -1 4194304 100 0 0 0 10 20 3 4 20 0 1 0 5 6 7';
    expect(parseStat(`42 (node) ${rest}`)).toEqual({ parent: 41, ticks: 37 });
    expect(parseStat(`42 (a (b) c) ${rest}`)).toEqual({ parent: 41, ticks: 37 });
  });

  it('finds pgbench where it is named, in PATH, or among the packages, the newest first', () => {
    const home = mkdtempSync(join(tmpdir(), 'suanpan-pgbench-'));
    const made = ['9/bin', '18/bin', 'path'].map((folder) => {
      mkdirSync(join(home, folder), { recursive: true });
      writeFileSync(join(home, folder, 'pgbench'), '');
      return join(home, folder, 'pgbench');
    });
    const nowhere = join(home, 'nowhere');
    expect(findPgbench(made[0], join(home, 'path'), home)).toBe(made[0]);
    expect(findPgbench(undefined, `${nowhere}${delimiter}${join(home, 'path')}`, home)).toBe(made[2]);
    expect(findPgbench(undefined, nowhere, home)).toBe(made[1]);
    expect(findPgbench(undefined, nowhere, nowhere)).toBeUndefined();
    expect(() => findPgbench(nowhere, join(home, 'path'), home)).toThrow(UsageError);
    rmSync(home, { recursive: true });
  });

  it("reads pgbench's report, and believes none that has failures or no number", () => {
    const report = [
      'number of transactions actually processed: 5574',
      'number of failed transactions: 0 (0.000%)',
      'latency average = 14.247 ms',
      'initial connection time = 21.0 ms',
      'tps = 1120.446377 (without initial connection time)',
    ].join('\n');
    expect(readReport(report)).toEqual({ rate: 1120.446377, count: 5574, averageLatency: 14.247 });
    expect(() => readReport(report.replace('failed transactions: 0', 'failed transactions: 3'))).toThrow(BenchFailed);
    expect(() => readReport('')).toThrow(BenchFailed);
  });
});
