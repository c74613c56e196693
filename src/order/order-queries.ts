import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { In, type DataSource } from 'typeorm';

import { DAY, HOUR, after } from '../kernel/clock.js';
import { leastIdAt, type MerchantId, type OrderId } from '../kernel/ids.js';
import { idCursor } from '../platform/http/paging.js';
import { EventEntity } from '../platform/events/event.entity.js';
import { OrderEntity, OrderLineEntity } from './order.entity.js';
import type { ListOrdersQuery } from './order.requests.js';
import { noSuchOrder } from './order.store.js';

/**
 * An id has the time of the machine that made it, and an order the database's. Machines are off by less than this; where they are, it
 * costs a look at the orders of so much time.
 */
const CLOCKS_DIFFER = HOUR;

/** What a merchant asks about orders. */
@Injectable()
export class OrderQueries {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  async get(merchantId: MerchantId, id: OrderId): Promise<OrderEntity> {
    const order = await this.dataSource.getRepository(OrderEntity).findOneBy({ id, merchantId });
    if (!order) throw noSuchOrder();
    return this.withLines([order]).then(([whole]) => whole ?? order);
  }

  /** One more than asked for, so that the page knows whether another follows. */
  async list(merchantId: MerchantId, query: ListOrdersQuery): Promise<OrderEntity[]> {
    const repository = this.dataSource.getRepository(OrderEntity);
    // First which, out of an index that has all of the filters, and then what they are. In one go PostgreSQL would rather look through
    // the newest orders until it has found enough, and of some statuses there are none among the newest.
    const found = repository.createQueryBuilder('f').select('f.id').where('f.merchantId = :merchantId', { merchantId });
    const before = idCursor(query.cursor);
    if (before !== undefined) found.andWhere('f.id < :before', { before });
    if (query.status !== undefined) found.andWhere('f.status = :status', { status: query.status });
    if (query.customerId !== undefined) found.andWhere('f.customerId = :customerId', { customerId: query.customerId });
    // The list is found by its ids; without them, one that ends a year ago would be looked for from today on.
    if (query.createdFrom !== undefined) {
      const from = new Date(query.createdFrom);
      found.andWhere('f.createdAt >= :from AND f.id >= :leastId', { from, leastId: leastIdAt(after(from, -CLOCKS_DIFFER)) });
    }
    if (query.createdTo !== undefined) {
      const to = new Date(query.createdTo);
      found.andWhere('f.createdAt < :to AND f.id < :endId', { to, endId: leastIdAt(after(to, CLOCKS_DIFFER)) });
    }
    found.orderBy('f.id', 'DESC').limit(query.limit + 1);
    return this.withLines(
      await repository
        .createQueryBuilder('o')
        .where(`o.id IN (${found.getQuery()})`)
        .setParameters(found.getParameters())
        .orderBy('o.id', 'DESC')
        .getMany(),
    );
  }

  /** Everything that happened to the order, in the order in which it happened. */
  async timeline(merchantId: MerchantId, orderId: OrderId, limit: number, last: number | undefined): Promise<EventEntity[]> {
    const order = await this.dataSource
      .getRepository(OrderEntity)
      .findOne({ where: { id: orderId, merchantId }, select: { id: true, createdAt: true } });
    if (!order) throw noSuchOrder();
    return (
      this.dataSource
        .getRepository(EventEntity)
        .createQueryBuilder('e')
        .where('e.orderId = :orderId AND e.seq > :last', { orderId, last: last ?? 0 })
        // Nothing happens to an order before it is placed: the months before it need not be looked into.
        .andWhere('e.occurredAt >= :since', { since: after(order.createdAt, -DAY) })
        .orderBy('e.seq', 'ASC')
        .limit(limit + 1)
        .getMany()
    );
  }

  /** The lines of all orders in one query. */
  private async withLines(orders: readonly OrderEntity[]): Promise<OrderEntity[]> {
    if (orders.length === 0) return [];
    const lines = await this.dataSource
      .getRepository(OrderLineEntity)
      .find({ where: { orderId: In(orders.map(({ id }) => id)) }, order: { orderId: 'ASC', line: 'ASC' } });
    return orders.map((order) => Object.assign(order, { lines: lines.filter(({ orderId }) => orderId === order.id) }));
  }
}
