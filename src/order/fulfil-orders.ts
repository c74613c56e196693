import { Injectable } from '@nestjs/common';

import { OrderCompleted } from '../contracts/order-completed.js';
import { OrderShipped } from '../contracts/order-shipped.js';
import type { Units } from '../contracts/units.js';
import { conflict } from '../kernel/domain-error.js';
import { newId, type MerchantId, type OrderId } from '../kernel/ids.js';
import type { UnitOfWork } from '../platform/events/unit-of-work.js';
import { pack, toShip } from './fulfilment.js';
import { ShipmentEntity, type OrderEntity } from './order.entity.js';
import { OrderStore, movedUnits } from './order.store.js';
import { orderStates } from './order-status.js';

export interface Parcel {
  readonly carrier: string;
  readonly trackingNumber: string;
  /** All that is left where absent. */
  readonly items?: readonly Units[];
}

/** Sends paid orders out, and notes that they arrived. */
@Injectable()
export class FulfilOrders {
  constructor(private readonly store: OrderStore) {}

  /** Throws `illegal_transition`, `order_refunded` (409) and `units_exceed_order` (422). */
  async ship(work: UnitOfWork, merchantId: MerchantId, orderId: OrderId, parcel: Parcel): Promise<ShipmentEntity> {
    const order = await this.store.lock(work, merchantId, orderId);
    orderStates.next(order.status, 'ship');
    if (order.amountRefunded + order.amountRefunding === order.amountPaid) {
      throw conflict('order_refunded', 'All of its money went back or is on its way. Cancel the order to put its units on sale again.');
    }
    const items = pack(order.lines, parcel.items);
    if (items.length === 0)
      throw conflict('illegal_transition', 'Nothing of this order is left to ship.', { currentStatus: order.status, action: 'ship' });
    const complete = order.lines.reduce((left, line) => left + toShip(line), 0) === items.reduce((all, { quantity }) => all + quantity, 0);
    const shipment = work.manager.create(ShipmentEntity, {
      id: newId<'shipment'>(),
      orderId,
      merchantId,
      carrier: parcel.carrier,
      trackingNumber: parcel.trackingNumber,
      items: [...items],
      createdAt: work.now,
    });
    await work.manager.insert(ShipmentEntity, shipment);
    this.store.moveUnits(work, movedUnits(orderId, 'shipped', items));
    if (complete) await this.store.ship(work, [orderId]);
    work.publish(
      new OrderShipped({
        merchantId,
        orderId,
        shipmentId: shipment.id,
        carrier: parcel.carrier,
        trackingNumber: parcel.trackingNumber,
        items,
        complete,
      }),
    );
    return shipment;
  }

  /** Receipt confirmed by hand. Throws the 409 `illegal_transition`. */
  async complete(work: UnitOfWork, merchantId: MerchantId, orderId: OrderId): Promise<OrderEntity> {
    const order = await this.store.lock(work, merchantId, orderId);
    orderStates.next(order.status, 'complete');
    await this.completeAll(work, [orderId], 'hand');
    return this.store.read(work, merchantId, orderId);
  }

  async completeAll(work: UnitOfWork, orderIds: readonly OrderId[], by: 'hand' | 'time'): Promise<void> {
    const completed = await this.store.complete(work, orderIds);
    work.publish(...completed.map(({ id, merchantId }) => new OrderCompleted({ merchantId, orderId: id, by })));
  }
}
