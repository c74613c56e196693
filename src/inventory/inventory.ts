import { Injectable } from '@nestjs/common';

import { OrderCancelled } from '../contracts/order-cancelled.js';
import { OrderCreated } from '../contracts/order-created.js';
import { OrderPaid } from '../contracts/order-paid.js';
import { OrderShipped } from '../contracts/order-shipped.js';
import { ProductCreated } from '../contracts/product-created.js';
import { StockAdjusted } from '../contracts/stock-adjusted.js';
import { StockReleased } from '../contracts/stock-released.js';
import { StockReserved } from '../contracts/stock-reserved.js';
import type { Units } from '../contracts/units.js';
import { UnitsRestocked } from '../contracts/units-restocked.js';
import { conflict, notFound } from '../kernel/domain-error.js';
import type { MerchantId, OrderId } from '../kernel/ids.js';
import { InTransaction } from '../platform/events/listeners.js';
import type { UnitOfWork } from '../platform/events/unit-of-work.js';
import { allocate, type Demand, type Level, type Shortage } from './allocate.js';
import { StockStore, type Movement, type ReservationChange } from './stock.store.js';

/** Reserves what is ordered, promises what is paid, frees what is cancelled, takes out what is shipped. */
@Injectable()
export class Inventory {
  constructor(private readonly store: StockStore) {}

  @InTransaction(ProductCreated)
  open(products: readonly ProductCreated[], work: UnitOfWork): void {
    this.store.open(
      work,
      products.map(({ facts }) => facts),
    );
    const opening = products.filter(({ facts }) => facts.stock > 0);
    if (opening.length === 0) return;
    this.store.move(
      work,
      opening.map(({ facts: { merchantId, sku, stock } }) => ({
        merchantId,
        sku,
        kind: 'opened',
        onHandDelta: stock,
        reservedDelta: 0,
        orderId: null,
      })),
    );
  }

  @InTransaction(OrderCreated)
  async reserve(orders: readonly OrderCreated[], work: UnitOfWork): Promise<void> {
    const demands = orders.map(({ facts }) => facts);
    const levels = await this.store.lockLevels(
      work,
      demands.flatMap(({ merchantId, items }) => items.map(({ sku }) => ({ merchantId, sku }))),
    );
    const { held, short, postponed } = allocate(levels, demands);
    for (const { demand, shortages } of short) work.refuse(demand.orderId, insufficientStock(shortages));
    for (const { orderId } of postponed) work.postpone(orderId);
    if (held.length === 0) return;
    this.store.hold(work, held);
    this.store.move(
      work,
      held.flatMap((demand) => movements(demand, 'reserved', { onHand: 0, reserved: 1 })),
    );
    work.publish(...held.map(({ merchantId, orderId, items }) => new StockReserved({ merchantId, orderId, items })));
  }

  @InTransaction(OrderPaid)
  commit(orders: readonly OrderPaid[], work: UnitOfWork): void {
    this.store.commit(
      work,
      orders.map(({ facts }) => facts.orderId),
    );
  }

  @InTransaction(OrderCancelled)
  release(orders: readonly OrderCancelled[], work: UnitOfWork): void {
    this.free(
      work,
      orders.map(({ facts: { merchantId, orderId, released } }) => ({ merchantId, orderId, items: released })),
    );
  }

  @InTransaction(OrderShipped)
  takeOut(orders: readonly OrderShipped[], work: UnitOfWork): void {
    const parcels = orders.map(({ facts }) => facts);
    this.store.shipped(work, parcels.flatMap(changes));
    this.store.move(
      work,
      parcels.flatMap((parcel) => movements(parcel, 'shipped', { onHand: -1, reserved: -1 })),
    );
  }

  @InTransaction(UnitsRestocked)
  takeBack(events: readonly UnitsRestocked[], work: UnitOfWork): void {
    const restocked = events.map(({ facts }) => facts);
    const freed = restocked.map(({ merchantId, orderId, unshipped }) => ({ merchantId, orderId, items: unshipped }));
    const returned = restocked.flatMap(({ merchantId, orderId, returned: items }) =>
      movements({ merchantId, orderId, items }, 'returned', { onHand: 1, reserved: 0 }),
    );
    this.free(work, freed, returned);
  }

  /** Throws the 409 `insufficient_stock` where more would leave than nobody has reserved. */
  async adjust(work: UnitOfWork, merchantId: MerchantId, sku: string, change: { delta: number; reason: string }): Promise<Level> {
    const { delta, reason } = change;
    const [level] = await this.store.lockLevels(work, [{ merchantId, sku }]);
    if (!level) throw noSuchStock(sku);
    const available = level.onHand - level.reserved;
    if (available + delta < 0) throw insufficientStock([{ sku, requested: -delta, available }]);
    this.store.move(work, [{ merchantId, sku, kind: 'adjusted', onHandDelta: delta, reservedDelta: 0, orderId: null, reason }]);
    work.publish(new StockAdjusted({ merchantId, orderId: null, sku, delta, reason }));
    return { ...level, onHand: level.onHand + delta };
  }

  /** All movements in one statement, so that the rows of the stock are locked in one order. */
  private free(work: UnitOfWork, orders: readonly Demand[], besides: readonly Movement[] = []): void {
    const freed = orders.filter(({ items }) => items.length > 0);
    const moved = [...freed.flatMap((order) => movements(order, 'released', { onHand: 0, reserved: -1 })), ...besides];
    if (moved.length === 0) return;
    if (freed.length > 0) this.store.released(work, freed.flatMap(changes));
    this.store.move(work, moved);
    work.publish(...freed.map(({ merchantId, orderId, items }) => new StockReleased({ merchantId, orderId, items })));
  }
}

export const noSuchStock = (sku: string) => notFound('not_found', `You have no product ${sku}.`);

function insufficientStock(shortages: readonly Shortage[]) {
  const named = shortages.map(({ sku, requested, available }) => `${sku}: ${requested} asked for, ${available} available`);
  return conflict('insufficient_stock', `Not enough stock (${named.join('; ')}). Nothing was changed.`, { shortages });
}

function movements(
  { merchantId, orderId, items }: { merchantId: MerchantId; orderId: OrderId; items: readonly Units[] },
  kind: Movement['kind'],
  sign: { readonly onHand: number; readonly reserved: number },
): Movement[] {
  return items.map(({ sku, quantity }) => ({
    merchantId,
    sku,
    kind,
    onHandDelta: sign.onHand * quantity,
    reservedDelta: sign.reserved * quantity,
    orderId,
  }));
}

function changes({
  merchantId,
  orderId,
  items,
}: {
  merchantId: MerchantId;
  orderId: OrderId;
  items: readonly Units[];
}): ReservationChange[] {
  return items.map(({ sku, quantity }) => ({ merchantId, orderId, sku, quantity }));
}
