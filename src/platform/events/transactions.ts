import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { PoolClient } from 'pg';
import type { DataSource } from 'typeorm';
import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as pause } from 'node:timers/promises';

import { Clock } from '../../kernel/clock.js';
import type { Origin } from '../../kernel/domain-event.js';
import type { OrderId } from '../../kernel/ids.js';
import { isRetryable } from '../database/database-errors.js';
import { Outbox } from '../jobs/outbox.js';
import { EventBus } from './event-bus.js';
import { EventLog } from './event-log.js';
import { UnitOfWork } from './unit-of-work.js';

const MAX_TRIES = 8;

const inside = new AsyncLocalStorage<true>();

/** True in whatever runs as part of a unit of work. */
export function insideTransaction(): boolean {
  return inside.getStore() ?? false;
}

/** Runs units of work: begin, act, let the listeners act, write the events and the jobs down, commit. */
@Injectable()
export class Transactions {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly bus: EventBus,
    private readonly log: EventLog,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
  ) {}

  /**
   * What `body` returns, once it is committed. `origin` says on whose behalf: one origin for all, or one an order.
   * A serialization failure or a deadlock runs `body` again from its start, a bounded number of times.
   */
  async run<Result>(origin: Origin | ((orderId: OrderId | null) => Origin), body: (work: UnitOfWork) => Promise<Result>): Promise<Result> {
    const origins = typeof origin === 'function' ? origin : () => origin;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await inside.run(true, () => this.once(origins, body));
      } catch (error) {
        if (!isRetryable(error) || attempt === MAX_TRIES) throw error;
        await pause(Math.random() * 2 ** attempt * 5);
      }
    }
  }

  private async once<Result>(origins: (orderId: OrderId | null) => Origin, body: (work: UnitOfWork) => Promise<Result>): Promise<Result> {
    const runner = this.dataSource.createQueryRunner();
    try {
      const client = (await runner.connect()) as PoolClient;
      await runner.startTransaction();
      const work = new UnitOfWork(client, runner.manager, this.bus, origins, this.clock.now());
      const result = await body(work);
      await work.settle();
      await this.log.append(work, work.recorded);
      await this.outbox.write(work, work.recorded);
      await runner.commitTransaction();
      return result;
    } catch (error) {
      // A connection that is gone cannot roll back, and need not: the first error is the one to tell.
      if (runner.isTransactionActive) await runner.rollbackTransaction().catch(() => undefined);
      throw error;
    } finally {
      await runner.release();
    }
  }
}
