import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';

import { Clock, DAY, MINUTE, SECOND, after } from '../kernel/clock.js';
import { newId, type OrderId } from '../kernel/ids.js';
import { isUnavailable } from '../platform/database/database-errors.js';
import { Transactions } from '../platform/events/transactions.js';
import type { UnitOfWork } from '../platform/events/unit-of-work.js';
import { Sweep } from '../platform/jobs/sweeps.js';
import { CloseOrders } from './close-orders.js';
import { FulfilOrders } from './fulfil-orders.js';
import { OrderSettings } from './order-settings.js';

const AT_ONCE = 100;

/** What time does to orders by itself: unpaid ones expire, shipped ones are completed. */
@Injectable()
export class OrderSweeps {
  private readonly logger = new Logger(OrderSweeps.name);

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly transactions: Transactions,
    private readonly clock: Clock,
    private readonly closeOrders: CloseOrders,
    private readonly fulfilOrders: FulfilOrders,
    private readonly settings: OrderSettings,
  ) {}

  @Sweep('order-expiry', SECOND)
  async expire(): Promise<number> {
    // By the index that is for this alone.
    const due = await this.due(`status = 'pending_payment' AND amount_paid = 0 AND expires_at <= $1 ORDER BY expires_at`, this.clock.now());
    return this.together(due, 'system:expiry', async (work, ids) => {
      await this.closeOrders.startClosing(
        work,
        ids.map((orderId) => ({ orderId, reason: 'not paid in time' })),
      );
    });
  }

  @Sweep('order-completion', MINUTE)
  async complete(): Promise<number> {
    const before = after(this.clock.now(), -this.settings.autoCompleteAfterDays * DAY);
    const due = await this.due(`status = 'shipped' AND shipped_at <= $1 ORDER BY shipped_at`, before);
    return this.together(due, 'system:completion', (work, ids) => this.fulfilOrders.completeAll(work, ids, 'time'));
  }

  /** All in one transaction; where that fails, each in its own, so that one at fault holds up no other. Answers how many went well. */
  private async together(
    ids: readonly OrderId[],
    actor: string,
    act: (work: UnitOfWork, ids: readonly OrderId[]) => Promise<void>,
  ): Promise<number> {
    if (ids.length === 0) return 0;
    try {
      await this.transactions.run({ correlationId: newId(), causationId: null, actor }, async (work) => {
        await work.lockFamilies(ids);
        await act(work, ids);
      });
      return ids.length;
    } catch (error) {
      if (isUnavailable(error)) throw error;
      if (ids.length === 1) {
        this.logger.error(
          `${actor} failed for order ${ids[0]}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
        );
        return 0;
      }
    }
    let done = 0;
    for (const id of ids) done += await this.together([id], actor, act);
    return done;
  }

  private async due(condition: string, instant: Date): Promise<OrderId[]> {
    const rows = await this.dataSource.query<{ id: OrderId }[]>(`SELECT id FROM orders WHERE ${condition} LIMIT ${AT_ONCE}`, [instant]);
    return rows.map(({ id }) => id);
  }
}
