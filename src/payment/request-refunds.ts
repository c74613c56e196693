import { Injectable } from '@nestjs/common';

import { OrderCancelled } from '../contracts/order-cancelled.js';
import { isUnusableMoney, type RefundKind } from '../contracts/refund-kind.js';
import { RefundRequested } from '../contracts/refund-requested.js';
import type { Units } from '../contracts/units.js';
import { required } from '../kernel/assert.js';
import { conflict } from '../kernel/domain-error.js';
import { newId, type MerchantId, type OrderId, type RefundId } from '../kernel/ids.js';
import { money, type Money } from '../kernel/money.js';
import { InTransaction } from '../platform/events/listeners.js';
import type { UnitOfWork } from '../platform/events/unit-of-work.js';
import { nextAskOfRefund } from './asking.js';
import { AttemptEntity, RefundEntity, type PaymentEntity } from './payment.entity.js';
import { MAX_TRIES } from './out-trade-no.js';
import { refundStates } from './payment-states.js';
import { PaymentStore, noSuchOrder, noSuchRefund } from './payment.store.js';

export interface WantedRefund {
  /** Minor units; all that is left where absent. */
  readonly amount?: number;
  readonly reason: string;
  readonly restock?: readonly Units[];
}

/** Decides that money goes back, and sets it aside under the family's lock, so that refunds never exceed what was paid. */
@Injectable()
export class RequestRefunds {
  constructor(private readonly store: PaymentStore) {}

  /** Throws `not_found`, `order_not_paid`, `refund_exceeds_paid`, and through the order's rules `units_exceed_order`. */
  async request(work: UnitOfWork, id: RefundId, merchantId: MerchantId, orderId: OrderId, wanted: WantedRefund): Promise<RefundEntity> {
    const locked = await this.store.lock(work, orderId, merchantId);
    if (!locked) throw noSuchOrder();
    const { payment } = locked;
    if (payment.status !== 'succeeded') throw conflict('order_not_paid', 'The order has not been paid, so there is nothing to refund.');
    const refundable = refundableOf(payment);
    const amount = wanted.amount ?? refundable;
    if (amount > refundable || amount === 0) {
      throw exceedsPaid(refundable);
    }
    const attempt = required(
      locked.attempts.find(({ id: attemptId }) => attemptId === payment.paidByAttempt),
      'the attempt that paid',
    );
    return this.setAside(work, payment, attempt, id, 'requested', amount, wanted.reason, wanted.restock ?? []);
  }

  /**
   * A failed refund starts anew, under a number of its own: the gateway has done with the former one. Throws `not_found`,
   * `illegal_transition`, `refund_exceeds_paid`.
   */
  async retry(work: UnitOfWork, id: RefundId, merchantId: MerchantId): Promise<RefundEntity> {
    const found = await work.manager.findOneBy(RefundEntity, { id, merchantId });
    if (!found) throw noSuchRefund();
    const locked = required(await this.store.lock(work, found.orderId), 'the payment of a refund');
    const refund = await this.store.lockRefund(work, found);
    const status = refundStates.next(refund.status, 'retry');
    if (!isUnusableMoney(refund.kind)) {
      const refundable = refundableOf(locked.payment);
      if (refund.amount > refundable) throw exceedsPaid(refundable);
      await this.store.moveMoney(work, locked.payment, { refunding: refund.amount, refunded: 0 });
    }
    if (refund.tries >= MAX_TRIES) throw conflict('illegal_transition', `The refund has had ${MAX_TRIES} tries.`);
    const again = {
      status,
      tries: refund.tries + 1,
      formerSentAt: null,
      sentAt: null,
      asked: 0,
      askAt: nextAskOfRefund({ status, asked: 0 }, work.now),
      failureReason: null,
    };
    await this.store.updateRefund(work, id, again);
    // What was to be put on sale again was, when the refund was first asked for.
    work.publish(requested(refund, []));
    return { ...refund, ...again };
  }

  /** A cancelled order that was paid gives all of it back. */
  @InTransaction(OrderCancelled)
  async giveBack(orders: readonly OrderCancelled[], work: UnitOfWork): Promise<void> {
    const paid = await work.manager
      .createQueryBuilder(AttemptEntity, 'a')
      .where(`a.orderId = ANY(:orderIds) AND a.usedAs = 'payment'`, { orderIds: orders.map(({ facts }) => facts.orderId) })
      .getMany();
    for (const attempt of paid) {
      const payment = required(await this.store.lock(work, attempt.orderId), 'the payment of an attempt').payment;
      const amount = refundableOf(payment);
      if (amount > 0) await this.setAside(work, payment, attempt, newId<'refund'>(), 'cancelled', amount, 'the order was cancelled', []);
    }
  }

  /** Writes a refund down; a worker sends it after the commit. */
  async record(
    work: UnitOfWork,
    attempt: AttemptEntity,
    wanted: { id: RefundId; kind: RefundKind; amount: Money; reason: string; restock: readonly Units[] },
  ): Promise<RefundEntity> {
    const refund: RefundEntity = {
      id: wanted.id,
      paymentId: attempt.paymentId,
      attemptId: attempt.id,
      orderId: attempt.orderId,
      merchantId: attempt.merchantId,
      gateway: attempt.gateway,
      accountId: attempt.accountId,
      tries: 1,
      sentAt: null,
      formerSentAt: null,
      kind: wanted.kind,
      status: 'requested',
      amount: wanted.amount.amount,
      currency: wanted.amount.currency,
      reason: wanted.reason,
      restock: [...wanted.restock],
      failureReason: null,
      asked: 0,
      askAt: nextAskOfRefund({ status: 'requested', asked: 0 }, work.now),
      createdAt: work.now,
      refundedAt: null,
    };
    await this.store.insertRefund(work, refund);
    work.publish(requested(refund, wanted.restock));
    return refund;
  }

  private async setAside(
    work: UnitOfWork,
    payment: PaymentEntity,
    attempt: AttemptEntity,
    id: RefundId,
    kind: 'requested' | 'cancelled',
    amount: number,
    reason: string,
    restock: readonly Units[],
  ): Promise<RefundEntity> {
    await this.store.moveMoney(work, payment, { refunding: amount, refunded: 0 });
    return this.record(work, attempt, { id, kind, amount: money(amount, payment.currency), reason, restock });
  }
}

function exceedsPaid(refundable: number) {
  return conflict('refund_exceeds_paid', `At most ${refundable} can be refunded: the rest has gone back or is on its way.`, { refundable });
}

function requested(refund: RefundEntity, restock: readonly Units[]): RefundRequested {
  const { id: refundId, orderId, merchantId, attemptId, kind, reason } = refund;
  return new RefundRequested({
    merchantId,
    orderId,
    refundId,
    attemptId,
    amount: money(refund.amount, refund.currency),
    reason,
    kind,
    restock,
  });
}

function refundableOf({ amount, refunding, refunded }: PaymentEntity): number {
  return amount - refunding - refunded;
}
