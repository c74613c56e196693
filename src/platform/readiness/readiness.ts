import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { setTimeout as pause } from 'node:timers/promises';

import { SECOND } from '../../kernel/clock.js';
import { poolOf } from '../database/data-source.js';
import { sqlState } from '../database/database-errors.js';
import { Metrics } from '../http/metrics.js';
import { explain } from '../logging/pino-logger.js';
import { judgeMigrations, type SchemaState } from './schema-state.js';

/** A database that takes longer is of no use to anybody. */
const LONGEST_ANSWER = 2 * SECOND;
/** A job that could be done and waits for longer: the worker is away, or has more than it can do. */
export const LAG_BOUND = 60 * SECOND;
const WATCH_EVERY = 10 * SECOND;
const NO_SUCH_TABLE = '42P01';

/** The names of the migrations that this version knows, in their order; where none are known, the schema is not judged. */
export class KnownMigrations {
  constructor(readonly names: readonly string[] | undefined) {}
}

export interface Checks {
  readonly database: 'ok' | 'down';
  readonly migrations: SchemaState | 'unknown';
  readonly worker: 'ok' | 'lagging' | 'unknown';
  /** For how long the oldest job that could be done waits, in seconds. */
  readonly workerLag: number | null;
}

// One round trip, and nothing that grows: the index of the jobs that can be done is read at its beginning.
const LOOK = `SELECT (SELECT array_agg(name ORDER BY name) FROM migrations) AS migrations,
  (SELECT greatest(0, extract(epoch FROM clock_timestamp() - run_at))::float8 FROM graphile_worker._private_jobs
    WHERE is_available ORDER BY priority, run_at LIMIT 1) AS lag`;

interface Row {
  readonly migrations: readonly string[] | null;
  readonly lag: number | null;
}

/** Whether this process can serve, and whether somebody does the work that follows. */
@Injectable()
export class Readiness implements OnModuleDestroy {
  private readonly logger = new Logger(Readiness.name);
  private looking: Promise<Checks> | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly known: KnownMigrations,
    private readonly metrics: Metrics,
  ) {}

  /** Whoever asks meanwhile gets the same answer: however many ask, the database is asked by one. */
  look(): Promise<Checks> {
    this.looking ??= this.lookNow().finally(() => (this.looking = undefined));
    return this.looking;
  }

  /** Looks again and again, for the figures and the log. */
  watch(): void {
    let former: Checks | undefined;
    const tell = async () => {
      const checks = await this.look();
      const { waitingCount, idleCount, totalCount } = poolOf(this.dataSource);
      this.metrics.pool.set({ state: 'in_use' }, totalCount - idleCount);
      this.metrics.pool.set({ state: 'idle' }, idleCount);
      this.metrics.pool.set({ state: 'waiting' }, waitingCount);
      if (former && former.database !== checks.database) this.logger.warn({ msg: `the database is ${checks.database}` });
      former = checks;
    };
    this.timer ??= setInterval(() => void tell(), WATCH_EVERY).unref();
    void tell();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  private async lookNow(): Promise<Checks> {
    const row = await this.ask();
    this.metrics.databaseUp.set(row ? 1 : 0);
    if (!row) return { database: 'down', migrations: 'unknown', worker: 'unknown', workerLag: null };
    const { state, pending, newer } = judgeMigrations(this.known.names, row.migrations ?? []);
    const lag = row.lag ?? 0;
    this.metrics.migrations.set({ state: 'pending' }, pending);
    this.metrics.migrations.set({ state: 'newer' }, newer);
    this.metrics.workerLag.set(lag);
    return { database: 'ok', migrations: state, worker: lag * SECOND > LAG_BOUND ? 'lagging' : 'ok', workerLag: Math.round(lag) };
  }

  /** Undefined where the database does not answer in time. */
  private async ask(): Promise<Row | undefined> {
    const asked = this.dataSource.query<Row[]>(LOOK).then(
      ([row]) => row,
      (error: unknown) => {
        // It is there, and somebody emptied it.
        if (sqlState(error) === NO_SUCH_TABLE) return { migrations: [], lag: 0 };
        this.logger.debug(() => ({ msg: 'the database does not answer', error: explain(error) }));
        return undefined;
      },
    );
    return Promise.race([asked, pause(LONGEST_ANSWER, undefined, { ref: false })]);
  }
}
