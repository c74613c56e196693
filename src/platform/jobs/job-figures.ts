import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';

import { SECOND } from '../../kernel/clock.js';
import { Metrics } from '../http/metrics.js';
import { Sweep } from './sweeps.js';

/** Counts what waits for a person. By the worker and not at each scrape, so that it is counted once, however many look. */
@Injectable()
export class JobFigures {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly metrics: Metrics,
  ) {}

  /** The table holds what is still to be done, and what is parked: it is as small as the work that waits. */
  @Sweep('job-figures', 15 * SECOND)
  async count(): Promise<number> {
    const [row] = await this.dataSource.query<{ parked: number }[]>(
      'SELECT count(*)::int AS parked FROM graphile_worker._private_jobs WHERE NOT is_available AND attempts >= max_attempts',
    );
    this.metrics.parkedJobs.set(row?.parked ?? 0);
    return 0;
  }
}
