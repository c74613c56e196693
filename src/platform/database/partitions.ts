import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, QueryRunner } from 'typeorm';

import { Clock, DAY, HOUR, after } from '../../kernel/clock.js';
import { Sweep } from '../jobs/sweeps.js';
import { sqlState } from './database-errors.js';
import type { Month } from './months.js';
import { addMonth, missingMonths, partedTables, rescueMonth, type PartedTable } from './parted-tables.js';

/** Unlike those of the migrations and of the modules. */
const PARTITIONS_LOCK = 20_260_104;

/** Beside the present one. Were no sweep to run for longer than that, the default part would take what is written. */
const MONTHS_AHEAD = 3;

/** More rows than this are left in the default part, where they are found as well, rather than have everybody wait for their move. */
const MOST_MOVED = 100_000;

const LOCK_NOT_AVAILABLE = '55P03';

/** How long the tables that are parted by month keep their rows, in days; one that is not named keeps them for ever. */
export class Retention {
  constructor(readonly days: Readonly<Record<string, number | undefined>> = {}) {}
}

/**
 * Looks after the tables that are parted by month, whichever they are: makes the months to come, moves what fell into none, and lets go
 * of those whose time is over. It waits for no lock for long, since everybody else would queue up behind it: what it cannot have now, it
 * gets at the next run.
 */
@Injectable()
export class Partitions {
  private readonly logger = new Logger(Partitions.name);

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly retention: Retention,
  ) {}

  /** Answers how many parts it made and dropped; none where another process is at it. */
  @Sweep('partitions', HOUR)
  async keep(): Promise<number> {
    const runner = this.dataSource.createQueryRunner();
    try {
      const [lock] = (await runner.query('SELECT pg_try_advisory_lock($1) AS mine', [PARTITIONS_LOCK])) as { mine: boolean }[];
      if (!lock?.mine) return 0;
      try {
        return await this.keepAll(runner);
      } finally {
        await runner.query('SELECT pg_advisory_unlock($1)', [PARTITIONS_LOCK]);
      }
    } finally {
      await runner.release();
    }
  }

  private async keepAll(runner: QueryRunner): Promise<number> {
    const now = this.clock.now();
    let changed = 0;
    const change = async (act: () => Promise<unknown>) => {
      if (await briefly(runner, act)) changed += 1;
      else this.logger.warn('a table was in use for long: its parts are seen to later');
    };
    for (const table of await partedTables(runner)) {
      for (const month of await this.strayMonths(runner, table)) await change(() => rescueMonth(runner, table, month));
    }
    // Read again: what was moved has a part now.
    for (const table of await partedTables(runner)) {
      for (const month of missingMonths(table, now, MONTHS_AHEAD)) await change(() => addMonth(runner, table, month));
      for (const part of this.expired(table, now)) await change(() => runner.query(`DROP TABLE ${part}`));
    }
    return changed;
  }

  /** Only whole months go: a part is over when its last moment is. */
  private expired({ name, parts }: PartedTable, now: Date): string[] {
    const days = this.retention.days[name];
    if (days === undefined) return [];
    const keptSince = after(now, -days * DAY);
    return parts.flatMap((part) => (part.to !== null && part.to <= keptSince ? [part.name] : []));
  }

  /** The months of what fell into the default part. */
  private async strayMonths(runner: QueryRunner, { name, time }: PartedTable): Promise<Month[]> {
    const rows = (await runner.query(
      `SELECT to_char(${time} AT TIME ZONE 'UTC', 'YYYY_MM') AS month FROM ${name}_default LIMIT ${MOST_MOVED + 1}`,
    )) as { month: Month }[];
    if (rows.length <= MOST_MOVED) return [...new Set(rows.map(({ month }) => month))];
    this.logger.warn(`more than ${MOST_MOVED} rows of ${name} are in none of its months, and stay in ${name}_default`);
    return [];
  }
}

/** At the start: the months have to be there before anything is written. What cannot be had now is left to the sweep. */
export async function makeMonthsAhead(dataSource: DataSource): Promise<void> {
  const runner = dataSource.createQueryRunner();
  try {
    await runner.query('SELECT pg_advisory_lock($1)', [PARTITIONS_LOCK]);
    const [row] = (await runner.query('SELECT now()')) as { now: Date }[];
    for (const table of await partedTables(runner)) {
      for (const month of row ? missingMonths(table, row.now, MONTHS_AHEAD) : [])
        await briefly(runner, () => addMonth(runner, table, month));
    }
    await runner.query('SELECT pg_advisory_unlock($1)', [PARTITIONS_LOCK]);
  } finally {
    await runner.release();
  }
}

/** In a transaction of its own. False where a lock was not to be had soon. */
async function briefly(runner: QueryRunner, act: () => Promise<unknown>): Promise<boolean> {
  await runner.startTransaction();
  try {
    await runner.query(`SET LOCAL lock_timeout = '1s'`);
    await act();
    await runner.commitTransaction();
    return true;
  } catch (error) {
    await runner.rollbackTransaction();
    if (sqlState(error) === LOCK_NOT_AVAILABLE) return false;
    throw error;
  }
}
