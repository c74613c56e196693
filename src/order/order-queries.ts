import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { In, type DataSource } from 'typeorm';

import type { MerchantId, OrderId } from '../kernel/ids.js';
import { idCursor } from '../platform/http/paging.js';
import { EventEntity } from '../platform/events/event.entity.js';
import { OrderEntity, OrderLineEntity } from './order.entity.js';
import type { ListOrdersQuery } from './order.requests.js';
import { noSuchOrder } from './order.store.js';

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
    const orders = this.dataSource.getRepository(OrderEntity).createQueryBuilder('o').where('o.merchantId = :merchantId', { merchantId });
    const before = idCursor(query.cursor);
    if (before !== undefined) orders.andWhere('o.id < :before', { before });
    if (query.status !== undefined) orders.andWhere('o.status = :status', { status: query.status });
    if (query.customerId !== undefined) orders.andWhere('o.customerId = :customerId', { customerId: query.customerId });
    if (query.createdFrom !== undefined) orders.andWhere('o.createdAt >= :from', { from: new Date(query.createdFrom) });
    if (query.createdTo !== undefined) orders.andWhere('o.createdAt < :to', { to: new Date(query.createdTo) });
    return this.withLines(
      await orders
        .orderBy('o.id', 'DESC')
        .limit(query.limit + 1)
        .getMany(),
    );
  }

  /** Everything that happened to the order, in the order in which it happened. */
  async timeline(merchantId: MerchantId, orderId: OrderId, limit: number, after: number | undefined): Promise<EventEntity[]> {
    if (!(await this.dataSource.getRepository(OrderEntity).existsBy({ id: orderId, merchantId }))) throw noSuchOrder();
    return this.dataSource
      .getRepository(EventEntity)
      .createQueryBuilder('e')
      .where('e.orderId = :orderId AND e.seq > :after', { orderId, after: after ?? 0 })
      .orderBy('e.seq', 'ASC')
      .limit(limit + 1)
      .getMany();
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
