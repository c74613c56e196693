import { execFile } from 'node:child_process';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

import { BenchFailed, UsageError } from '../failures.js';

/** Seconds. */
const LONGEST_END = 60;
const DEBIAN = '/usr/lib/postgresql';

/** The pgbench of this machine, or undefined where there is none. Throws `UsageError` where the given one is none. */
export function findPgbench(given: string | undefined, path: string, packages = DEBIAN): string | undefined {
  if (given !== undefined && !existsSync(given)) throw new UsageError(`PGBENCH: there is no ${given}`);
  if (given !== undefined) return given;
  const versions = existsSync(packages) ? readdirSync(packages).sort((left, right) => Number(right) - Number(left)) : [];
  const places = [
    ...path.split(delimiter).map((folder) => join(folder, 'pgbench')),
    ...versions.map((version) => join(packages, version, 'bin', 'pgbench')),
  ];
  return places.find((place) => existsSync(place));
}

export interface PgbenchRun {
  readonly rate: number;
  readonly count: number;
  /** Milliseconds of one on average: pgbench tells no more without writing each down. */
  readonly averageLatency: number;
}

/** pgbench with one script: the limit of the database itself, with nothing between. */
export class Pgbench {
  private constructor(
    private readonly program: string,
    private readonly databaseUrl: string,
    private readonly script: string,
  ) {}

  static with(at: { program: string; databaseUrl: string; folder: string; name: string; script: string }): Pgbench {
    const file = join(at.folder, `${at.name}.pgbench`);
    writeFileSync(file, at.script);
    return new Pgbench(at.program, at.databaseUrl, file);
  }

  async run(clients: number, seconds: number): Promise<PgbenchRun> {
    const url = new URL(this.databaseUrl);
    const threads = Math.min(clients, availableParallelism());
    const args = [
      '-n',
      '-M',
      'prepared',
      '-c',
      String(clients),
      '-j',
      String(threads),
      '-T',
      String(Math.ceil(seconds)),
      '-f',
      this.script,
    ];
    const { stdout } = await promisify(execFile)(this.program, [...args, url.pathname.slice(1)], {
      // It ends by itself, or not at all.
      timeout: (Math.ceil(seconds) + LONGEST_END) * 1000,
      env: {
        PGHOST: url.hostname,
        PGPORT: url.port || '5432',
        PGUSER: decodeURIComponent(url.username),
        PGPASSWORD: decodeURIComponent(url.password),
      },
    }).catch((error: Error & { stderr?: string }) => {
      throw new BenchFailed(`pgbench: ${error.stderr || error.message}`);
    });
    return readReport(stdout);
  }
}

/** What pgbench says at its end. Source: PostgreSQL's documentation of pgbench, versions 15 to 18. */
export function readReport(report: string): PgbenchRun {
  const number = (pattern: RegExp): number => Number(pattern.exec(report)?.[1] ?? Number.NaN);
  const run = {
    rate: number(/^tps = ([\d.]+) \(without initial connection time\)/m),
    count: number(/^number of transactions actually processed: (\d+)/m),
    averageLatency: number(/^latency average = ([\d.]+) ms/m),
  };
  const failed = number(/^number of failed transactions: (\d+)/m);
  if (failed > 0 || Object.values(run).some((value) => Number.isNaN(value))) throw new BenchFailed(`pgbench did not count:\n${report}`);
  return run;
}
