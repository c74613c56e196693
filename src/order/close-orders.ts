import { Injectable } from '@nestjs/common';

import { OrderCancelled } from '../contracts/order-cancelled.js';
import { OrderClosing } from '../contracts/order-closing.js';
import { PaymentClosed } from '../contracts/payment-closed.js';
import { required } from '../kernel/assert.js';
import { conflict } from '../kernel/domain-error.js';
import type { MerchantId, OrderId } from '../kernel/ids.js';
import { eachMember, type Member } from '../platform/commands/commands.js';
import { InTransaction } from '../platform/events/listeners.js';
import type { UnitOfWork } from '../platform/events/unit-of-work.js';
import { unitsToShip } from './fulfilment.js';
import type { OrderEntity, OrderLineEntity } from './order.entity.js';
import { OrderStore, movedUnits, noSuchOrder, type EndingOrder } from './order.store.js';
import { orderStates } from './order-status.js';

const BY_HAND = 'cancelled by hand';

export interface WantedCancellation {
  readonly merchantId: MerchantId;
  readonly orderId: OrderId;
  readonly reason?: string | undefined;
}

/** Ends orders that will not be fulfilled: unpaid ones once nothing is open at a gateway, paid ones with their money back. */
@Injectable()
export class CloseOrders {
  constructor(private readonly store: OrderStore) {}

  /** The orders as they are then, `closing` or `cancelled`. Refuses, each for itself: `not_found`, and `illegal_transition` once something was shipped. */
  async cancel(work: UnitOfWork, members: readonly Member<WantedCancellation>[]): Promise<OrderEntity[]> {
    const ids = members.map(({ input }) => input.orderId);
    await work.lockFamilies(ids);
    const orders = await this.store.readAll(work, ids);
    const ending = new Map<OrderId, EndingOrder & { readonly paid: boolean }>();
    eachMember(work, members, ({ input: { merchantId, orderId, reason = BY_HAND }, request }) => {
      work.actsFor(orderId, request.origin);
      const order = orders.get(orderId);
      if (order?.merchantId !== merchantId) throw noSuchOrder();
      if (order.status === 'closing' || order.status === 'cancelled' || ending.has(orderId)) return;
      if (order.lines.some(({ shippedQuantity }) => shippedQuantity > 0)) {
        throw conflict('illegal_transition', 'A parcel of this order has left already. Refund it with POST /v1/orders/{id}/refunds.', {
          currentStatus: order.status,
          action: 'cancel',
        });
      }
      ending.set(orderId, { orderId, reason, paid: !orderStates.can(order.status, 'close') });
    });
    const all = [...ending.values()];
    await this.startClosing(
      work,
      all.filter(({ paid }) => !paid),
    );
    await this.cancelNow(
      work,
      all.filter(({ paid }) => paid),
    );
    await work.settle();
    const ended = await this.store.readAll(work, ids);
    return ids.map((id) => required(ended.get(id), 'an order that was cancelled'));
  }

  /** Unpaid orders begin to close: payment sees to what is open, and says `PaymentClosed` when nothing is. */
  async startClosing(work: UnitOfWork, ending: readonly EndingOrder[]): Promise<void> {
    if (ending.length === 0) return;
    const reasons = new Map(ending.map(({ orderId, reason }) => [orderId, reason]));
    const closing = await this.store.startClosing(work, ending);
    work.publish(...closing.map(({ id, merchantId }) => new OrderClosing({ merchantId, orderId: id, reason: reasons.get(id) ?? BY_HAND })));
  }

  @InTransaction(PaymentClosed)
  async paymentClosed(payments: readonly PaymentClosed[], work: UnitOfWork): Promise<void> {
    await this.cancelNow(
      work,
      payments.map(({ facts: { orderId } }) => ({ orderId, reason: BY_HAND })),
    );
  }

  /** `reason` where none was given before. */
  private async cancelNow(work: UnitOfWork, ending: readonly EndingOrder[]): Promise<void> {
    if (ending.length === 0) return;
    const lines = new Map(ending.map(({ orderId }) => [orderId, new Array<OrderLineEntity>()]));
    for (const line of await this.store.linesOf(work, [...lines.keys()])) lines.get(line.orderId)?.push(line);
    const released = (id: OrderId) => unitsToShip(lines.get(id) ?? []);
    const cancelled = await this.store.cancel(work, ending);
    if (cancelled.length < ending.length) throw conflict('illegal_transition', 'The order cannot be cancelled now.', { action: 'cancel' });
    this.store.moveUnits(
      work,
      cancelled.flatMap(({ id }) => movedUnits(id, 'cancelled', released(id))),
    );
    work.publish(
      ...cancelled.map(({ id, merchantId, cancelReason }) => {
        return new OrderCancelled({ merchantId, orderId: id, reason: cancelReason ?? BY_HAND, released: released(id) });
      }),
    );
  }
}
