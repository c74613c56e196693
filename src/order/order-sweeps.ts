import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';

import { Clock, DAY, MINUTE, SECOND, after } from '../kernel/clock.js';
import { newId, type OrderId } from '../kernel/ids.js';
import { Transactions } from '../platform/events/transactions.js';
import { Sweep } from '../platform/jobs/sweeps.js';
import { CloseOrders } from './close-orders.js';
import { FulfilOrders } from './fulfil-orders.js';
import { OrderSettings } from './order-settings.js';

const AT_ONCE = 100;

/** What time does to orders by itself: unpaid ones expire, shipped ones are completed. */
@Injectable()
export class OrderSweeps {
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
    const due = await this.due(`status = 'pending_payment' AND expires_at <= $1 ORDER BY expires_at`, this.clock.now());
    if (due.length === 0) return 0;
    await this.transactions.run(origin('system:expiry'), async (work) => {
      await work.lockFamilies(due);
      await this.closeOrders.startClosing(work, due, 'not paid in time');
    });
    return due.length;
  }

  @Sweep('order-completion', MINUTE)
  async complete(): Promise<number> {
    const before = after(this.clock.now(), -this.settings.autoCompleteAfterDays * DAY);
    const due = await this.due(`status = 'shipped' AND shipped_at <= $1 ORDER BY shipped_at`, before);
    if (due.length === 0) return 0;
    await this.transactions.run(origin('system:completion'), async (work) => {
      await work.lockFamilies(due);
      await this.fulfilOrders.completeAll(work, due, 'time');
    });
    return due.length;
  }

  private async due(condition: string, instant: Date): Promise<OrderId[]> {
    const rows = await this.dataSource.query<{ id: OrderId }[]>(`SELECT id FROM orders WHERE ${condition} LIMIT ${AT_ONCE}`, [instant]);
    return rows.map(({ id }) => id);
  }
}

function origin(actor: string) {
  return { correlationId: newId(), causationId: null, actor };
}
