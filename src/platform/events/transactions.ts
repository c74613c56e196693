import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { PoolClient } from 'pg';
import type { DataSource } from 'typeorm';
import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as pause } from 'node:timers/promises';

import { Clock } from '../../kernel/clock.js';
import type { Origin } from '../../kernel/domain-event.js';
import { isRetryable, isUnavailable, sqlState } from '../database/database-errors.js';
import { Metrics } from '../http/metrics.js';
import { Outbox } from '../jobs/outbox.js';
import { EventBus } from './event-bus.js';
import { EventLog } from './event-log.js';
import { UnitOfWork } from './unit-of-work.js';

const MAX_TRIES = 8;

let inside: AsyncLocalStorage<true> | undefined;

/** From now on it is known what runs as part of a unit of work: not in production, for Node 20 follows every promise for it. */
export function watchTransactions(): void {
  inside ??= new AsyncLocalStorage();
}

/** True in whatever runs as part of a unit of work, where those are watched. */
export function insideTransaction(): boolean {
  return inside?.getStore() ?? false;
}

/** What a unit of work took for granted was not so (`UnitOfWork.assume`). */
class WrongAssumption extends Error {}

/** Runs units of work: begin, act, let the listeners act, write the events and the jobs down, commit. */
@Injectable()
export class Transactions {
  private readonly logger = new Logger(Transactions.name);

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly bus: EventBus,
    private readonly log: EventLog,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
    private readonly metrics: Metrics,
  ) {}

  /**
   * What `body` returns, once it is committed. `origin` says on whose behalf. A serialization failure, a deadlock, or what
   * was wrongly taken for granted, runs `body` again from its start, a bounded number of times.
   */
  async run<Result>(origin: Origin, body: (work: UnitOfWork) => Promise<Result>): Promise<Result> {
    const once = () => this.once(origin, body);
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await (inside ? inside.run(true, once) : once());
      } catch (error) {
        const again = error instanceof WrongAssumption || isRetryable(error);
        if (!again || attempt === MAX_TRIES) throw this.counted(error);
        this.metrics.retriedTransactions.inc();
        const { correlationId, actor } = origin;
        this.logger.log({
          msg: 'transaction is tried again',
          correlationId,
          actor,
          attempt,
          sqlState: sqlState(error) ?? sqlState((error as Error).cause),
        });
        // Who is in the way of whom is no question where something is known better now.
        if (!(error instanceof WrongAssumption)) await pause(Math.random() * 2 ** attempt * 5);
      }
    }
  }

  /** A rule that says no, or a batch that is to be tried in parts, is no failure of the database. */
  private counted(error: unknown): unknown {
    const state = sqlState(error);
    if (state !== undefined || isUnavailable(error))
      this.metrics.failedTransactions.inc({ sqlstate: /^[0-9A-Z]{5}$/.exec(state ?? '')?.[0] ?? 'none' });
    return error;
  }

  /** Nothing waits for BEGIN, nor COMMIT for what was written: they go out together, and if one fails, COMMIT rolls back. */
  private async once<Result>(origin: Origin, body: (work: UnitOfWork) => Promise<Result>): Promise<Result> {
    const runner = this.dataSource.createQueryRunner();
    try {
      const client = (await runner.connect()) as PoolClient;
      const work = new UnitOfWork(client, runner.manager, this.bus, origin, this.clock.now());
      try {
        work.control('BEGIN');
        const result = await body(work);
        await work.settle();
        this.log.append(work, work.recorded);
        this.outbox.write(work, work.recorded);
        work.control('COMMIT');
        await work.finished();
        this.logger.debug(() => committed(origin, work));
        return result;
      } catch (error) {
        await work.rollBack();
        // What failed first is the one to tell.
        const failure = work.failure ?? error;
        throw work.failedOfAssumptions(failure)
          ? new WrongAssumption('something was wrongly taken for granted', { cause: failure })
          : failure;
      }
    } finally {
      await runner.release();
    }
  }
}

/** Members of a batch have each their own request. */
function committed({ correlationId, actor }: Origin, { recorded }: UnitOfWork) {
  const correlationIds = [...new Set(recorded.map(({ origin }) => origin.correlationId))];
  const orderIds = [...new Set(recorded.flatMap(({ event }) => event.facts.orderId ?? []))];
  const events = [...new Set(recorded.map(({ event }) => event.type))];
  return {
    msg: 'committed',
    correlationId: correlationIds.length > 1 ? undefined : correlationId,
    actor,
    correlationIds,
    orderIds,
    events,
  };
}
