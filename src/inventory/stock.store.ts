import { Injectable } from '@nestjs/common';

import type { MerchantSku } from '../contracts/product-prices.port.js';
import type { MerchantId, OrderId } from '../kernel/ids.js';
import type { UnitOfWork } from '../platform/events/unit-of-work.js';
import type { Demand, Level } from './allocate.js';
import type { MovementKind } from './stock.entity.js';

/** One change of one SKU's counts, and why. */
export interface Movement extends MerchantSku {
  readonly kind: MovementKind;
  readonly onHandDelta: number;
  readonly reservedDelta: number;
  readonly orderId: OrderId | null;
  readonly reason?: string;
}

/** Units of an order's reservation that leave it. */
export interface ReservationChange {
  readonly orderId: OrderId;
  readonly merchantId: MerchantId;
  readonly sku: string;
  readonly quantity: number;
}

/** The SQL of the stock. Rows are always locked in the order of merchant and SKU. */
@Injectable()
export class StockStore {
  async lockLevels(work: UnitOfWork, wanted: readonly MerchantSku[]): Promise<Level[]> {
    return work.query<Level>(
      `SELECT l.merchant_id AS "merchantId", l.sku, l.on_hand AS "onHand", l.reserved
         FROM stock_levels l
        WHERE (l.merchant_id, l.sku) IN (SELECT * FROM unnest($1::uuid[], $2::text[]))
        ORDER BY l.merchant_id, l.sku FOR UPDATE`,
      [wanted.map(({ merchantId }) => merchantId), wanted.map(({ sku }) => sku)],
    );
  }

  open(work: UnitOfWork, levels: readonly MerchantSku[]): void {
    work.write(
      'INSERT INTO stock_levels (merchant_id, sku, on_hand) SELECT merchant_id, sku, 0 FROM unnest($1::uuid[], $2::text[]) AS t(merchant_id, sku)',
      [levels.map(({ merchantId }) => merchantId), levels.map(({ sku }) => sku)],
    );
  }

  /**
   * Changes the counts and says why, in one statement: a count never moves without its movement, nor is there one of what has no count.
   * Breaks `stock_never_oversold` where there is not enough.
   */
  move(work: UnitOfWork, movements: readonly Movement[]): void {
    work.write(
      `WITH movement AS (
         SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::uuid[], $7::text[])
           AS m(merchant_id, sku, kind, on_hand_delta, reserved_delta, order_id, reason)
       ), total AS (
         SELECT merchant_id, sku, sum(on_hand_delta)::bigint AS on_hand, sum(reserved_delta)::bigint AS reserved FROM movement GROUP BY 1, 2
       ), locked AS (
         SELECT l.merchant_id, l.sku FROM stock_levels l
          WHERE (l.merchant_id, l.sku) IN (SELECT merchant_id, sku FROM total) ORDER BY 1, 2 FOR UPDATE
       ), moved AS (
         UPDATE stock_levels l SET on_hand = l.on_hand + t.on_hand, reserved = l.reserved + t.reserved
           FROM total t JOIN locked USING (merchant_id, sku) WHERE l.merchant_id = t.merchant_id AND l.sku = t.sku
         RETURNING l.merchant_id, l.sku
       )
       INSERT INTO stock_movements (merchant_id, sku, kind, on_hand_delta, reserved_delta, order_id, reason, created_at)
       SELECT moved.merchant_id, sku, kind, on_hand_delta, reserved_delta, order_id, reason, $8 FROM movement LEFT JOIN moved USING (merchant_id, sku)`,
      [
        movements.map((movement) => movement.merchantId),
        movements.map((movement) => movement.sku),
        movements.map((movement) => movement.kind),
        movements.map((movement) => movement.onHandDelta),
        movements.map((movement) => movement.reservedDelta),
        movements.map((movement) => movement.orderId),
        movements.map((movement) => movement.reason ?? null),
        work.now,
      ],
    );
  }

  hold(work: UnitOfWork, demands: readonly Demand[]): void {
    const rows = demands.flatMap(({ orderId, merchantId, items }) => items.map((item) => ({ orderId, merchantId, ...item })));
    work.write(
      `INSERT INTO reservations (order_id, merchant_id, sku, quantity, status)
       SELECT order_id, merchant_id, sku, quantity, 'held' FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::int[]) AS t(order_id, merchant_id, sku, quantity)`,
      [rows.map((row) => row.orderId), rows.map((row) => row.merchantId), rows.map((row) => row.sku), rows.map((row) => row.quantity)],
    );
  }

  /** The orders are paid: what was held for a payer is now promised to a buyer. */
  commit(work: UnitOfWork, orderIds: readonly OrderId[]): void {
    work.write(`UPDATE reservations SET status = 'committed' WHERE order_id = ANY($1::uuid[]) AND status = 'held'`, [orderIds]);
  }

  shipped(work: UnitOfWork, changes: readonly ReservationChange[]): void {
    work.write(
      `UPDATE reservations r SET shipped = r.shipped + c.quantity
         FROM unnest($1::uuid[], $2::text[], $3::int[]) AS c(order_id, sku, quantity) WHERE r.order_id = c.order_id AND r.sku = c.sku`,
      columns(changes),
    );
  }

  released(work: UnitOfWork, changes: readonly ReservationChange[]): void {
    work.write(
      `UPDATE reservations r SET released = r.released + c.quantity,
              status = CASE WHEN r.shipped + r.released + c.quantity = r.quantity THEN 'released' ELSE 'committed' END
         FROM unnest($1::uuid[], $2::text[], $3::int[]) AS c(order_id, sku, quantity) WHERE r.order_id = c.order_id AND r.sku = c.sku`,
      columns(changes),
    );
  }
}

function columns(changes: readonly ReservationChange[]): unknown[] {
  return [changes.map(({ orderId }) => orderId), changes.map(({ sku }) => sku), changes.map(({ quantity }) => quantity)];
}
