import { Injectable } from '@nestjs/common';

import { DAY, HOUR, after } from '../kernel/clock.js';
import { leastIdAt, type MerchantId, type OrderId } from '../kernel/ids.js';
import { columnsOf } from '../platform/database/columns.js';
import { Reads } from '../platform/database/reads.js';
import { EventEntity } from '../platform/events/event.entity.js';
import { idCursor } from '../platform/http/paging.js';
import type { OrderEntity } from './order.entity.js';
import type { ListOrdersQuery } from './order.requests.js';
import { ORDER_WITH_LINES, noSuchOrder } from './order.store.js';

/**
 * An id has the time of the machine that made it, and an order the database's. Machines are off by less than this; where they are, it
 * costs a look at the orders of so much time.
 */
const CLOCKS_DIFFER = HOUR;

const EVENT = columnsOf(EventEntity, 'e');

/** What a merchant asks about orders. */
@Injectable()
export class OrderQueries {
  constructor(private readonly reads: Reads) {}

  async get(merchantId: MerchantId, id: OrderId): Promise<OrderEntity> {
    const [order] = await this.reads.query<OrderEntity>(`${ORDER_WITH_LINES} WHERE o.id = $1 AND o.merchant_id = $2`, [id, merchantId]);
    if (!order) throw noSuchOrder();
    return order;
  }

  /** One more than asked for, so that the page knows whether another follows. */
  list(merchantId: MerchantId, query: ListOrdersQuery): Promise<OrderEntity[]> {
    const values: unknown[] = [];
    const value = (given: unknown) => `$${values.push(given)}`;
    const conditions = [`f.merchant_id = ${value(merchantId)}`];
    const before = idCursor(query.cursor);
    if (before !== undefined) conditions.push(`f.id < ${value(before)}`);
    if (query.status !== undefined) conditions.push(`f.status = ${value(query.status)}`);
    if (query.customerId !== undefined) conditions.push(`f.customer_id = ${value(query.customerId)}`);
    // The list is found by its ids; without them, one that ends a year ago would be looked for from today on.
    if (query.createdFrom !== undefined) {
      const from = new Date(query.createdFrom);
      conditions.push(`f.created_at >= ${value(from)} AND f.id >= ${value(leastIdAt(after(from, -CLOCKS_DIFFER)))}`);
    }
    if (query.createdTo !== undefined) {
      const to = new Date(query.createdTo);
      conditions.push(`f.created_at < ${value(to)} AND f.id < ${value(leastIdAt(after(to, CLOCKS_DIFFER)))}`);
    }
    // First which, out of an index that has all of the filters, and then what they are. In one go PostgreSQL would rather look through
    // the newest orders until it has found enough, and of some statuses there are none among the newest.
    const found = `SELECT f.id FROM orders f WHERE ${conditions.join(' AND ')} ORDER BY f.id DESC LIMIT ${value(query.limit + 1)}`;
    return this.reads.list<OrderEntity>(`${ORDER_WITH_LINES} WHERE o.id IN (${found}) ORDER BY o.id DESC`, values);
  }

  /** Everything that happened to the order, in the order in which it happened. */
  async timeline(merchantId: MerchantId, orderId: OrderId, limit: number, last: number | undefined): Promise<EventEntity[]> {
    const [order] = await this.reads.query<{ readonly createdAt: Date }>(
      'SELECT created_at AS "createdAt" FROM orders WHERE id = $1 AND merchant_id = $2',
      [orderId, merchantId],
    );
    if (!order) throw noSuchOrder();
    // Nothing happens to an order before it is placed: the months before it need not be looked into.
    return this.reads.query<EventEntity>(
      `SELECT ${EVENT} FROM events e WHERE e.order_id = $1 AND e.seq > $2 AND e.occurred_at >= $3 ORDER BY e.seq LIMIT $4`,
      [orderId, last ?? 0, after(order.createdAt, -DAY), limit + 1],
    );
  }
}
