import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { performance } from 'node:perf_hooks';
import type { DataSource } from 'typeorm';

import { Metrics } from '../http/metrics.js';
import { Clock, SECOND } from '../../kernel/clock.js';

const FOLLOW_EVERY = 30 * SECOND;

/**
 * The database's clock, followed by this process: its own steady timer, set right against `clock_timestamp()` at the
 * start and twice a minute. So every replica tells one time, whatever its own wall clock says, and no request pays
 * a round trip for it.
 */
@Injectable()
export class DatabaseClock extends Clock implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger(DatabaseClock.name);
  private offset = Date.now() - performance.now();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly metrics: Metrics,
  ) {
    super();
  }

  override now(): Date {
    return new Date(performance.now() + this.offset);
  }

  async onModuleInit(): Promise<void> {
    await this.follow();
    this.timer = setInterval(
      () => void this.follow().catch((error: unknown) => this.logger.warn(`clock not read: ${String(error)}`)),
      FOLLOW_EVERY,
    );
    this.timer.unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  private async follow(): Promise<void> {
    const asked = performance.now();
    const rows = await this.dataSource.query<{ now: Date }[]>('SELECT clock_timestamp() AS now');
    const answered = performance.now();
    const [row] = rows;
    if (!row) return;
    this.offset = row.now.getTime() - (asked + answered) / 2;
    this.metrics.clockSkew.set((Date.now() - performance.now() - this.offset) / SECOND);
  }
}
