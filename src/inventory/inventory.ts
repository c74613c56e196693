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
import { brokenCheck } from '../platform/database/database-errors.js';
import type { UnitOfWork } from '../platform/events/unit-of-work.js';
import { allocate, type Demand, type Level, type Shortage } from './allocate.js';
import { ScarceGoods, type WantedUnits } from './scarce-goods.js';
import { StockStore, type Movement, type ReservationChange } from './stock.store.js';

/** Reserves what is ordered, promises what is paid, frees what is cancelled, takes out what is shipped. */
@Injectable()
export class Inventory {
  private readonly moved = new WeakMap<UnitOfWork, Movement[]>();
  private readonly scarce = new ScarceGoods();

  constructor(private readonly store: StockStore) {}

  @InTransaction(ProductCreated)
  open(products: readonly ProductCreated[], work: UnitOfWork): void {
    this.store.open(
      work,
      products.map(({ facts }) => facts),
    );
    const opening = products.filter(({ facts }) => facts.stock > 0);
    if (opening.length === 0) return;
    this.move(
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
    const wanted = demands.flatMap(({ merchantId, items }) => items.map(({ sku, quantity }) => ({ merchantId, sku, quantity })));
    const held = this.scarce.hasAnyOf(wanted) ? await this.share(work, demands, wanted) : this.takeForGranted(work, demands, wanted);
    if (held.length === 0) return;
    this.store.hold(work, held);
    this.move(
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
    this.move(
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
    this.free(work, freed);
    if (returned.length > 0) this.move(work, returned);
  }

  /** Throws the 409 `insufficient_stock` where more would leave than nobody has reserved. */
  async adjust(work: UnitOfWork, merchantId: MerchantId, sku: string, change: { delta: number; reason: string }): Promise<Level> {
    const { delta, reason } = change;
    const [level] = await this.store.lockLevels(work, [{ merchantId, sku }]);
    if (!level) throw noSuchStock(sku);
    const available = level.onHand - level.reserved;
    if (available + delta < 0) throw insufficientStock([{ sku, requested: -delta, available }]);
    this.move(work, [{ merchantId, sku, kind: 'adjusted', onHandDelta: delta, reservedDelta: 0, orderId: null, reason }]);
    work.publish(new StockAdjusted({ merchantId, orderId: null, sku, delta, reason }));
    return { ...level, onHand: level.onHand + delta };
  }

  /** There is enough, as a rule. Where there is not, the unit of work fails of its last statement, and is done again by `share`. */
  private takeForGranted(work: UnitOfWork, demands: readonly Demand[], wanted: readonly WantedUnits[]): readonly Demand[] {
    work.assume((failure) => {
      const wasWrong = brokenCheck(failure) === 'stock_never_oversold';
      if (wasWrong) this.scarce.add(wanted);
      return wasWrong;
    });
    return demands;
  }

  /** Looks how much there is, and lets nobody else have it meanwhile. Refuses, or postpones, those for whom it is not enough; the rest get theirs. */
  private async share(work: UnitOfWork, demands: readonly Demand[], wanted: readonly WantedUnits[]): Promise<readonly Demand[]> {
    const levels = await this.store.lockLevels(work, wanted);
    this.scarce.forgetPlentiful(levels, wanted);
    const { held, short, postponed } = allocate(levels, demands);
    for (const { demand, shortages } of short) work.refuse(demand.orderId, insufficientStock(shortages));
    for (const { orderId } of postponed) work.postpone(orderId);
    return held;
  }

  /**
   * All of a unit of work in one statement, so that the rows of the stock are locked in one order, and behind all others:
   * whoever sells the same goods waits for no more than its commit.
   */
  private move(work: UnitOfWork, movements: readonly Movement[]): void {
    const moved = this.moved.get(work);
    if (moved) return void moved.push(...movements);
    const all = [...movements];
    this.moved.set(work, all);
    work.atLast(() => this.store.move(work, all));
  }

  private free(work: UnitOfWork, orders: readonly Demand[]): void {
    const freed = orders.filter(({ items }) => items.length > 0);
    if (freed.length === 0) return;
    this.store.released(work, freed.flatMap(changes));
    this.move(
      work,
      freed.flatMap((order) => movements(order, 'released', { onHand: 0, reserved: -1 })),
    );
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
