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
import { eachMember, type Member } from '../platform/commands/commands.js';
import type { UnitOfWork } from '../platform/events/unit-of-work.js';
import { nextAskOfRefund } from './asking.js';
import type { Families } from './families.js';
import { RefundEntity, type AttemptEntity, type PaymentEntity } from './payment.entity.js';
import { MAX_TRIES } from './out-trade-no.js';
import { refundStates } from './payment-states.js';
import { PaymentStore, noSuchOrder, noSuchRefund } from './payment.store.js';

export interface WantedRefund {
  readonly merchantId: MerchantId;
  readonly orderId: OrderId;
  /** Minor units; all that is left where absent. */
  readonly amount?: number;
  readonly reason: string;
  readonly restock?: readonly Units[];
}

interface NewRefund {
  readonly id: RefundId;
  readonly kind: RefundKind;
  readonly amount: Money;
  readonly reason: string;
  readonly restock: readonly Units[];
}

/** Decides that money goes back, and sets it aside under the family's lock, so that refunds never exceed what was paid. */
@Injectable()
export class RequestRefunds {
  constructor(private readonly store: PaymentStore) {}

  /** Refuses, each for itself: `not_found`, `order_not_paid`, `refund_exceeds_paid`, and through the order's rules `units_exceed_order`. */
  async request(work: UnitOfWork, members: readonly Member<WantedRefund>[]): Promise<RefundEntity[]> {
    const families = await this.store.lock(
      work,
      members.map(({ input }) => input.orderId),
    );
    const refunds = eachMember(work, members, ({ id, input, request }) => {
      work.actsFor(input.orderId, request.origin);
      return this.requestOne(work, families, id, input);
    });
    this.store.write(work, families);
    return refunds;
  }

  private requestOne(work: UnitOfWork, families: Families, id: RefundId, wanted: WantedRefund): RefundEntity {
    const locked = families.of(wanted.orderId, wanted.merchantId);
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
    return this.setAside(work, families, payment, attempt, {
      id,
      kind: 'requested',
      amount: money(amount, payment.currency),
      reason: wanted.reason,
      restock: wanted.restock ?? [],
    });
  }

  /**
   * A failed refund starts anew, under a number of its own: the gateway has done with the former one. Throws `not_found`,
   * `illegal_transition`, `refund_exceeds_paid`.
   */
  async retry(work: UnitOfWork, id: RefundId, merchantId: MerchantId): Promise<RefundEntity> {
    const found = await work.manager.findOneBy(RefundEntity, { id, merchantId });
    if (!found) throw noSuchRefund();
    const { payment } = required((await this.store.lock(work, [found.orderId])).of(found.orderId), 'the payment of a refund');
    const refund = await this.store.lockRefund(work, found);
    const status = refundStates.next(refund.status, 'retry');
    if (!isUnusableMoney(refund.kind)) {
      const refundable = refundableOf(payment);
      if (refund.amount > refundable) throw exceedsPaid(refundable);
      this.store.moveMoney(work, payment, { refunding: refund.amount, refunded: 0 });
    }
    if (refund.tries >= MAX_TRIES) throw conflict('illegal_transition', `The refund has had ${MAX_TRIES} tries.`);
    const again = {
      status,
      tries: refund.tries + 1,
      formerSentAt: null,
      sentAt: null,
      asked: 0,
      askAt: nextAskOfRefund({ asked: 0 }, work.now),
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
    const families = await this.store.lock(
      work,
      orders.map(({ facts }) => facts.orderId),
    );
    for (const { payment, attempts } of families.all()) {
      const attempt = attempts.find(({ id }) => id === payment.paidByAttempt);
      const left = refundableOf(payment);
      if (!attempt || left === 0) continue;
      const amount = money(left, payment.currency);
      this.setAside(work, families, payment, attempt, {
        id: newId<'refund'>(),
        kind: 'cancelled',
        amount,
        reason: 'the order was cancelled',
        restock: [],
      });
    }
    this.store.write(work, families);
  }

  /** Writes a refund down; a worker sends it after the commit. */
  record(work: UnitOfWork, families: Families, attempt: AttemptEntity, wanted: NewRefund): RefundEntity {
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
      askAt: nextAskOfRefund({ asked: 0 }, work.now),
      correlationId: work.correlationOf(attempt.orderId),
      createdAt: work.now,
      refundedAt: null,
    };
    families.addRefund(refund);
    work.publish(requested(refund, wanted.restock));
    return refund;
  }

  private setAside(work: UnitOfWork, families: Families, payment: PaymentEntity, attempt: AttemptEntity, wanted: NewRefund): RefundEntity {
    families.changePayment(payment, { refunding: payment.refunding + wanted.amount.amount });
    return this.record(work, families, attempt, wanted);
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
