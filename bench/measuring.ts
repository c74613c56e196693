import type { Pgbench } from './contenders/pgbench.js';
import type { Job, Measured, Stretch } from './driver/job.js';
import { BenchFailed } from './failures.js';
import type { Round } from './report/result.js';
import { cpuOf, cpuOfEndedChildren } from './world/processes.js';
import type { DatabaseServer } from './world/database-server.js';
import type { Driver } from './world/driver.js';

/** The clocks at one moment: CPU in microseconds, the log's position in bytes. */
interface Reading {
  readonly program: number | undefined;
  readonly postgres: number | undefined;
  readonly driver: number | undefined;
  readonly wal: Promise<number>;
}

/** A process whose CPU counts, with all below it. */
export interface Measurable {
  readonly pid: number;
  assertAlive(): void;
}

/** Reads CPU times and the log's position before and after, and makes rounds of what was counted between. */
export class Measuring {
  constructor(
    private readonly server: DatabaseServer,
    private readonly driver: Driver,
  ) {}

  /**
   * A stretch over HTTP. Where `afterwards` is given, what was counted is only done when that is, and its time counts as well.
   * Throws `BenchFailed`.
   */
  async overHttp(job: Job, program: Measurable, afterwards?: () => Promise<void>): Promise<Round> {
    await this.server.checkpoint();
    const readings: Reading[] = [];
    const read = () => void readings.push(this.read(program.pid, cpuOf([this.driver.pid])));
    const { latencies, unexpected, ...measured } = await this.driver.run(job, read);
    program.assertAlive();
    refuseUnexpected(job, unexpected);
    let { seconds } = measured;
    if (afterwards !== undefined) {
      const began = performance.now();
      await afterwards();
      seconds += (performance.now() - began) / 1000;
      readings.pop();
      read();
    }
    const count = Object.values(latencies).reduce((all, { length }) => all + length, 0);
    return { ...(await costs(readings, count)), rate: count / seconds, count, seconds, latencies, averageLatency: undefined };
  }

  /** The same by pgbench, which is driver and program at once. */
  async byPgbench(pgbench: Pgbench, clients: number, time: Stretch): Promise<Round> {
    await this.server.checkpoint();
    if (time.warmUp > 0) await pgbench.run(clients, time.warmUp);
    const before = this.read(undefined, cpuOfEndedChildren());
    const { rate, count, averageLatency } = await pgbench.run(clients, time.seconds);
    const after = this.read(undefined, cpuOfEndedChildren());
    return { ...(await costs([before, after], count)), rate, count, seconds: time.seconds, latencies: {}, averageLatency };
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

/** Of all stretches together: readings come in pairs, one before each stretch and one after it. */
async function costs(readings: readonly Reading[], count: number): Promise<Pick<Round, 'cpu' | 'wal'>> {
  if (readings.length < 2 || count === 0) throw new BenchFailed('nothing was counted');
  const each = (values: readonly (number | undefined)[]) => {
    if (!values.every((value) => value !== undefined)) return undefined;
    return values.reduce((sum, value, index) => (index % 2 === 0 ? sum - value : sum + value), 0) / count;
  };
  const wal = each(await Promise.all(readings.map((reading) => reading.wal))) ?? Number.NaN;
  const cpu = (part: 'program' | 'postgres' | 'driver') => each(readings.map((reading) => reading[part]));
  return { cpu: { program: cpu('program'), postgres: cpu('postgres'), driver: cpu('driver') }, wal };
}

function refuseUnexpected({ work }: Job, unexpected: Measured['unexpected']): void {
  const [first] = Object.entries(unexpected);
  if (first === undefined) return;
  const [what, { times, example }] = first;
  throw new BenchFailed(`${work.kind}: an answer that nobody expects, ${times} times: ${what}\n${example}`);
}
