import { Injectable } from '@nestjs/common';

import { OrderFulfilled } from '../contracts/order-fulfilled.js';
import { OrderPaid } from '../contracts/order-paid.js';
import { PaymentSucceeded } from '../contracts/payment-succeeded.js';
import { isUnusableMoney, type RefundKind } from '../contracts/refund-kind.js';
import { RefundRequested } from '../contracts/refund-requested.js';
import { RefundSucceeded } from '../contracts/refund-succeeded.js';
import { RefundUnsettled } from '../contracts/refund-unsettled.js';
import type { Units } from '../contracts/units.js';
import { UnitsRestocked } from '../contracts/units-restocked.js';
import { assert } from '../kernel/assert.js';
import type { OrderId } from '../kernel/ids.js';
import type { Money } from '../kernel/money.js';
import { InTransaction } from '../platform/events/listeners.js';
import type { UnitOfWork } from '../platform/events/unit-of-work.js';
import { restock, unitsToShip, type LineUnits } from './fulfilment.js';
import { OrderStore, movedUnits, type MovedMoney } from './order.store.js';

/** Keeps orders in step with their money. */
@Injectable()
export class FollowMoney {
  constructor(private readonly store: OrderStore) {}

  @InTransaction(PaymentSucceeded)
  paid(payments: readonly PaymentSucceeded[], work: UnitOfWork): void {
    this.store.pay(
      work,
      payments.map(({ facts }) => ({ orderId: facts.orderId, amount: facts.paid.amount, paidAt: facts.paidAt })),
    );
    work.publish(
      ...payments.map(
        ({ facts: { merchantId, orderId, paid: amount, paidAt } }) => new OrderPaid({ merchantId, orderId, paid: amount, paidAt }),
      ),
    );
  }

  /** Units that are refunded and put on sale again will not be shipped any more, or came back. */
  @InTransaction(RefundRequested)
  async refundRequested(refunds: readonly RefundRequested[], work: UnitOfWork): Promise<void> {
    this.store.moveMoney(
      work,
      ownMoney(refunds, ({ amount }) => ({ refunding: amount, refunded: 0 })),
    );
    const restocking = refunds.filter(({ facts }) => facts.restock.length > 0);
    if (restocking.length === 0) return;
    const lines = await this.store.linesOf(
      work,
      restocking.map(({ facts }) => facts.orderId),
    );
    const plans = restocking.map(({ facts }) => {
      const own = lines.filter(({ orderId }) => orderId === facts.orderId);
      return { facts, own, ...restock(own, facts.restock) };
    });
    this.store.moveUnits(
      work,
      plans.flatMap(({ facts: { orderId }, unshipped, returned }) => [
        ...movedUnits(orderId, 'cancelled', unshipped),
        ...movedUnits(orderId, 'returned', returned),
      ]),
    );
    const finished = plans.filter(({ own, unshipped }) => leavesNothingToShip(own, unshipped)).map(({ facts }) => facts);
    const shipped = await this.store.ship(
      work,
      finished.map(({ orderId }) => orderId),
    );
    assert(shipped.length === finished.length, 'units were left to ship of an order that was not being shipped');
    work.publish(...finished.map(({ merchantId, orderId, refundId }) => new OrderFulfilled({ merchantId, orderId, refundId })));
    work.publish(
      ...plans.map(({ facts: { merchantId, orderId, refundId }, unshipped, returned }) => {
        return new UnitsRestocked({ merchantId, orderId, refundId, unshipped, returned });
      }),
    );
  }

  @InTransaction(RefundSucceeded)
  refunded(refunds: readonly RefundSucceeded[], work: UnitOfWork): void {
    this.store.moveMoney(
      work,
      ownMoney(refunds, ({ amount }) => ({ refunding: -amount, refunded: amount })),
    );
  }

  @InTransaction(RefundUnsettled)
  refundFailed(refunds: readonly RefundUnsettled[], work: UnitOfWork): void {
    const failed = refunds.filter(({ facts }) => facts.status === 'failed');
    this.store.moveMoney(
      work,
      ownMoney(failed, ({ amount }) => ({ refunding: -amount, refunded: 0 })),
    );
  }
}

/** What refunds change on their orders; money that never was an order's own changes nothing there. */
function ownMoney(
  refunds: readonly { readonly facts: { readonly orderId: OrderId; readonly kind: RefundKind; readonly amount: Money } }[],
  change: (amount: Money) => Omit<MovedMoney, 'orderId'>,
): MovedMoney[] {
  return refunds
    .filter(({ facts }) => !isUnusableMoney(facts.kind))
    .map(({ facts }) => ({ orderId: facts.orderId, ...change(facts.amount) }));
}

/** True where some units left before and the last of the others now never will: the order has been shipped, then. */
function leavesNothingToShip(lines: readonly LineUnits[], unshipped: readonly Units[]): boolean {
  const left = count(unitsToShip(lines));
  return left > 0 && left === count(unshipped) && lines.some(({ shippedQuantity }) => shippedQuantity > 0);
}

const count = (units: readonly Units[]): number => units.reduce((all, { quantity }) => all + quantity, 0);
