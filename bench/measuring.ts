import { readFileSync } from 'node:fs';

import type { Job, Measured } from './driver/job.js';
import { BenchFailed } from './failures.js';
import type { Pgbench } from './contenders/pgbench.js';
import type { Round } from './report/result.js';
import { cpuOf } from './world/cpu.js';
import type { DatabaseServer } from './world/database-server.js';
import type { Driver } from './world/driver.js';

/** The clocks at one moment: CPU in microseconds, the log's position in bytes. */
interface Reading {
  readonly program: number | undefined;
  readonly postgres: number | undefined;
  readonly driver: number | undefined;
  readonly wal: Promise<number>;
}

/** Reads CPU times and the log's position before and after, and makes rounds of what was counted between. */
export class Measuring {
  constructor(
    private readonly server: DatabaseServer,
    private readonly driver: Driver,
  ) {}

  /** A stretch over HTTP. `program` is the process whose CPU counts, with all below it. Throws `BenchFailed`. */
  async overHttp(job: Job, program: { readonly pid: number; assertAlive(): void }): Promise<Round> {
    await this.server.checkpoint();
    const readings: Reading[] = [];
    const measured = await this.driver.run(job, () => void readings.push(this.read(program.pid, cpuOf([this.driver.pid]))));
    program.assertAlive();
    refuseUnexpected(job, measured);
    const count = measured.latencies.length;
    return {
      ...(await costs(readings, count)),
      rate: count / measured.seconds,
      count,
      seconds: measured.seconds,
      latencies: measured.latencies,
      averageLatency: undefined,
      outcomes: measured.outcomes,
    };
  }

  /** The same by pgbench, which is driver and program at once. */
  async byPgbench(pgbench: Pgbench, clients: number, time: { readonly warmUp: number; readonly seconds: number }): Promise<Round> {
    await this.server.checkpoint();
    if (time.warmUp > 0) await pgbench.run(clients, time.warmUp);
    const before = this.read(undefined, cpuOfEnded());
    const { rate, count, averageLatency } = await pgbench.run(clients, time.seconds);
    const after = this.read(undefined, cpuOfEnded());
    const found = { rate, count, seconds: time.seconds, latencies: undefined, averageLatency, outcomes: { done: count } };
    return { ...(await costs([before, after], count)), ...found };
  }

  private read(program: number | undefined, driver: number | undefined): Reading {
    const postgres = this.server.pid();
    return {
      program: program === undefined ? undefined : cpuOf([program]),
      postgres: postgres === undefined ? undefined : cpuOf([postgres]),
      driver,
      wal: this.server.walPosition(),
    };
  }
}

async function costs([before, after]: readonly Reading[], count: number): Promise<Pick<Round, 'cpu' | 'wal'>> {
  if (before === undefined || after === undefined || count === 0) throw new BenchFailed('nothing was counted');
  const each = (part: 'program' | 'postgres' | 'driver') => {
    const [first, last] = [before[part], after[part]];
    return first === undefined || last === undefined ? undefined : (last - first) / count;
  };
  const wal = ((await after.wal) - (await before.wal)) / count;
  return { cpu: { program: each('program'), postgres: each('postgres'), driver: each('driver') }, wal };
}

function refuseUnexpected({ flow }: Job, { unexpected }: Measured): void {
  const [first] = Object.entries(unexpected);
  if (first === undefined) return;
  const [what, { times, example }] = first;
  throw new BenchFailed(`${flow}: an answer that nobody expects, ${times} times: ${what}\n${example}`);
}

// The 16th and 17th field: user and system time of children that have ended. Source: proc(5).
function cpuOfEnded(): number | undefined {
  try {
    const line = readFileSync('/proc/self/stat', 'utf8');
    const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[13]) + Number(fields[14])) * 10_000;
  } catch {
    return undefined;
  }
}
