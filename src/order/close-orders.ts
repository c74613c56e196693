import { Injectable } from '@nestjs/common';

import { OrderCancelled } from '../contracts/order-cancelled.js';
import { OrderClosing } from '../contracts/order-closing.js';
import { PaymentClosed } from '../contracts/payment-closed.js';
import { conflict } from '../kernel/domain-error.js';
import type { MerchantId, OrderId } from '../kernel/ids.js';
import { InTransaction } from '../platform/events/listeners.js';
import type { UnitOfWork } from '../platform/events/unit-of-work.js';
import { unitsToShip } from './fulfilment.js';
import type { OrderEntity } from './order.entity.js';
import { OrderStore, movedUnits, type ChangedOrder } from './order.store.js';
import { orderStates } from './order-status.js';

const BY_HAND = 'cancelled by hand';

/** Ends orders that will not be fulfilled: unpaid ones once nothing is open at a gateway, paid ones with their money back. */
@Injectable()
export class CloseOrders {
  constructor(private readonly store: OrderStore) {}

  /** The order as it is then: `closing` or `cancelled`. Throws the 409 `illegal_transition` once something was shipped. */
  async cancel(work: UnitOfWork, merchantId: MerchantId, orderId: OrderId, reason: string | undefined): Promise<OrderEntity> {
    const order = await this.store.lock(work, merchantId, orderId);
    if (order.status === 'closing' || order.status === 'cancelled') return order;
    if (order.lines.some(({ shippedQuantity }) => shippedQuantity > 0)) {
      throw conflict('illegal_transition', 'A parcel of this order has left already. Refund it with POST /v1/orders/{id}/refunds.', {
        currentStatus: order.status,
        action: 'cancel',
      });
    }
    if (orderStates.can(order.status, 'close')) await this.startClosing(work, [orderId], reason ?? BY_HAND);
    else await this.cancelNow(work, [orderId], reason ?? BY_HAND);
    await work.settle();
    return this.store.read(work, merchantId, orderId);
  }

  /** Unpaid orders begin to close: payment sees to what is open, and says `PaymentClosed` when nothing is. */
  async startClosing(work: UnitOfWork, orderIds: readonly OrderId[], reason: string): Promise<readonly ChangedOrder[]> {
    const closing = await this.store.startClosing(work, orderIds, reason);
    work.publish(...closing.map(({ id, merchantId }) => new OrderClosing({ merchantId, orderId: id, reason })));
    return closing;
  }

  @InTransaction(PaymentClosed)
  async paymentClosed(payments: readonly PaymentClosed[], work: UnitOfWork): Promise<void> {
    await this.cancelNow(
      work,
      payments.map(({ facts }) => facts.orderId),
      BY_HAND,
    );
  }

  private async cancelNow(work: UnitOfWork, orderIds: readonly OrderId[], reason: string): Promise<void> {
    const lines = await this.store.linesOf(work, orderIds);
    const released = (id: OrderId) => unitsToShip(lines.filter(({ orderId }) => orderId === id));
    const cancelled = await this.store.cancel(work, orderIds, reason);
    if (cancelled.length < orderIds.length)
      throw conflict('illegal_transition', 'The order cannot be cancelled now.', { action: 'cancel' });
    this.store.moveUnits(
      work,
      cancelled.flatMap(({ id }) => movedUnits(id, 'cancelled', released(id))),
    );
    work.publish(
      ...cancelled.map(({ id, merchantId, cancelReason }) => {
        return new OrderCancelled({ merchantId, orderId: id, reason: cancelReason ?? reason, released: released(id) });
      }),
    );
  }
}
