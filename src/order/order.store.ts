import { Injectable } from '@nestjs/common';

import type { Units } from '../contracts/units.js';
import type { Instant } from '../kernel/clock.js';
import { notFound } from '../kernel/domain-error.js';
import type { MerchantId, OrderId } from '../kernel/ids.js';
import { columnsOf, objectOf } from '../platform/database/columns.js';
import type { UnitOfWork } from '../platform/events/unit-of-work.js';
import { OrderEntity, OrderLineEntity } from './order.entity.js';
import { orderStates } from './order-status.js';

/** An order as its change of status leaves it, with what the events about it need. */
export interface ChangedOrder {
  readonly id: OrderId;
  readonly merchantId: MerchantId;
  readonly cancelReason: string | null;
}

/** An order that ends unfulfilled, and why. */
export interface EndingOrder {
  readonly orderId: OrderId;
  readonly reason: string;
}

const LINES = `SELECT json_agg(${objectOf(OrderLineEntity, 'l')} ORDER BY l.line) FROM order_lines l WHERE l.order_id = o.id`;

/** Orders as the rules and the views want them. */
export const ORDER_WITH_LINES = `SELECT ${columnsOf(OrderEntity, 'o')}, (${LINES}) AS "lines" FROM orders o`;

const CHANGED = 'o.id, o.merchant_id AS "merchantId", o.cancel_reason AS "cancelReason"';

/** The SQL of the orders. Whoever changes an order that exists holds its family's lock. */
@Injectable()
export class OrderStore {
  insert(work: UnitOfWork, orders: readonly OrderEntity[]): void {
    work.write(
      `INSERT INTO orders (id, merchant_id, number, status, customer_id, currency, items_amount, shipping_fee, amount_due,
                           shipping_address, note, metadata, expires_at, created_at)
       SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::bigint[], $9::bigint[],
                            $10::jsonb[], $11::text[], $12::jsonb[], $13::timestamptz[], $14::timestamptz[])`,
      [
        orders.map((order) => order.id),
        orders.map((order) => order.merchantId),
        orders.map((order) => order.number),
        orders.map((order) => order.status),
        orders.map((order) => order.customerId),
        orders.map((order) => order.currency),
        orders.map((order) => order.itemsAmount),
        orders.map((order) => order.shippingFee),
        orders.map((order) => order.amountDue),
        orders.map((order) => (order.shippingAddress === null ? null : JSON.stringify(order.shippingAddress))),
        orders.map((order) => order.note),
        orders.map((order) => JSON.stringify(order.metadata)),
        orders.map((order) => order.expiresAt),
        orders.map((order) => order.createdAt),
      ],
    );
    const lines = orders.flatMap((order) => order.lines);
    work.write(
      `INSERT INTO order_lines (order_id, line, sku, name, unit_price, quantity, amount)
       SELECT * FROM unnest($1::uuid[], $2::int[], $3::text[], $4::text[], $5::bigint[], $6::int[], $7::bigint[])`,
      [
        lines.map((line) => line.orderId),
        lines.map((line) => line.line),
        lines.map((line) => line.sku),
        lines.map((line) => line.name),
        lines.map((line) => line.unitPrice),
        lines.map((line) => line.quantity),
        lines.map((line) => line.amount),
      ],
    );
  }

  /** The merchant's order with its lines, its family locked. Throws the 404 `not_found`. */
  async lock(work: UnitOfWork, merchantId: MerchantId, id: OrderId): Promise<OrderEntity> {
    await work.lockFamilies([id]);
    return this.read(work, merchantId, id);
  }

  /** Those of these orders that there are, with their lines. */
  async readAll(work: UnitOfWork, orderIds: readonly OrderId[]): Promise<ReadonlyMap<OrderId, OrderEntity>> {
    const orders = await work.query<OrderEntity>(`${ORDER_WITH_LINES} WHERE o.id = ANY($1::uuid[])`, [[...new Set(orderIds)]]);
    return new Map(orders.map((order) => [order.id, order]));
  }

  async read(work: UnitOfWork, merchantId: MerchantId, id: OrderId): Promise<OrderEntity> {
    const order = (await this.readAll(work, [id])).get(id);
    if (order?.merchantId !== merchantId) throw noSuchOrder();
    return order;
  }

  linesOf(work: UnitOfWork, orderIds: readonly OrderId[]): Promise<OrderLineEntity[]> {
    return work.query<OrderLineEntity>(
      `SELECT ${columnsOf(OrderLineEntity, 'l')} FROM order_lines l WHERE l.order_id = ANY($1::uuid[]) ORDER BY l.order_id, l.line`,
      [orderIds],
    );
  }

  /** Unpaid orders begin to close. Those that may not are left as they are and are absent from the answer. */
  startClosing(work: UnitOfWork, ending: readonly EndingOrder[]): Promise<ChangedOrder[]> {
    return work.query<ChangedOrder>(
      `UPDATE orders o SET status = $3::jsonb ->> status, cancel_reason = e.reason
         FROM unnest($1::uuid[], $2::text[]) AS e(id, reason) WHERE o.id = e.id AND $3::jsonb ? status RETURNING ${CHANGED}`,
      [ending.map(({ orderId }) => orderId), ending.map(({ reason }) => reason), orderStates.column('close')],
    );
  }

  /** Nobody waits for it: an order that cannot be paid would have no status, the database refuses that, and the unit of work fails. */
  pay(work: UnitOfWork, paid: readonly { orderId: OrderId; amount: number; paidAt: Instant }[]): void {
    work.write(
      `UPDATE orders o SET status = $4::jsonb ->> status, amount_paid = p.amount, paid_at = p.paid_at, cancel_reason = NULL
         FROM unnest($1::uuid[], $2::bigint[], $3::timestamptz[]) AS p(id, amount, paid_at) WHERE o.id = p.id`,
      [paid.map((one) => one.orderId), paid.map((one) => one.amount), paid.map((one) => one.paidAt), orderStates.column('pay')],
    );
  }

  /** `reason` where none was given before. */
  cancel(work: UnitOfWork, ending: readonly EndingOrder[]): Promise<ChangedOrder[]> {
    return work.query<ChangedOrder>(
      `UPDATE orders o SET status = $3::jsonb ->> status, cancelled_at = $4, cancel_reason = coalesce(cancel_reason, e.reason)
         FROM unnest($1::uuid[], $2::text[]) AS e(id, reason) WHERE o.id = e.id AND $3::jsonb ? status RETURNING ${CHANGED}`,
      [ending.map(({ orderId }) => orderId), ending.map(({ reason }) => reason), orderStates.column('cancel'), work.now],
    );
  }

  ship(work: UnitOfWork, orderIds: readonly OrderId[]): Promise<ChangedOrder[]> {
    return work.query<ChangedOrder>(
      `UPDATE orders o SET status = $2::jsonb ->> status, shipped_at = $3
        WHERE o.id = ANY($1::uuid[]) AND $2::jsonb ? status RETURNING ${CHANGED}`,
      [orderIds, orderStates.column('ship'), work.now],
    );
  }

  complete(work: UnitOfWork, orderIds: readonly OrderId[]): Promise<ChangedOrder[]> {
    return work.query<ChangedOrder>(
      `UPDATE orders o SET status = $2::jsonb ->> status, completed_at = $3
        WHERE o.id = ANY($1::uuid[]) AND $2::jsonb ? status RETURNING ${CHANGED}`,
      [orderIds, orderStates.column('complete'), work.now],
    );
  }

  /** Money that begins to go back, arrives, or does not go back after all. */
  moveMoney(work: UnitOfWork, moved: readonly MovedMoney[]): void {
    if (moved.length === 0) return;
    work.write(
      `UPDATE orders o SET amount_refunding = o.amount_refunding + m.refunding, amount_refunded = o.amount_refunded + m.refunded
         FROM (SELECT id, sum(refunding)::bigint AS refunding, sum(refunded)::bigint AS refunded
                 FROM unnest($1::uuid[], $2::bigint[], $3::bigint[]) AS t(id, refunding, refunded) GROUP BY id) m WHERE o.id = m.id`,
      [moved.map(({ orderId }) => orderId), moved.map(({ refunding }) => refunding), moved.map(({ refunded }) => refunded)],
    );
  }

  /** Adds units to what lines have shipped, cancelled or taken back. */
  moveUnits(work: UnitOfWork, moved: readonly MovedUnits[]): void {
    if (moved.length === 0) return;
    work.write(
      `UPDATE order_lines l SET shipped_quantity = l.shipped_quantity + m.shipped, cancelled_quantity = l.cancelled_quantity + m.cancelled,
              returned_quantity = l.returned_quantity + m.returned
         FROM (SELECT order_id, sku, coalesce(sum(quantity) FILTER (WHERE kind = 'shipped'), 0)::int AS shipped,
                      coalesce(sum(quantity) FILTER (WHERE kind = 'cancelled'), 0)::int AS cancelled,
                      coalesce(sum(quantity) FILTER (WHERE kind = 'returned'), 0)::int AS returned
                 FROM unnest($1::uuid[], $2::text[], $3::text[], $4::int[]) AS t(order_id, kind, sku, quantity) GROUP BY order_id, sku) m
        WHERE l.order_id = m.order_id AND l.sku = m.sku`,
      [
        moved.map(({ orderId }) => orderId),
        moved.map(({ kind }) => kind),
        moved.map(({ sku }) => sku),
        moved.map(({ quantity }) => quantity),
      ],
    );
  }
}

/** Changes of what is on its way back and of what has gone back, in minor units. */
export interface MovedMoney {
  readonly orderId: OrderId;
  readonly refunding: number;
  readonly refunded: number;
}

/** Units of an order's line that were shipped, that will not be, or that came back. */
export interface MovedUnits extends Units {
  readonly orderId: OrderId;
  readonly kind: 'shipped' | 'cancelled' | 'returned';
}

export function movedUnits(orderId: OrderId, kind: MovedUnits['kind'], units: readonly Units[]): MovedUnits[] {
  return units.map(({ sku, quantity }) => ({ orderId, kind, sku, quantity }));
}

export const noSuchOrder = () => notFound('not_found', 'You have no order with this id.');
