import { Injectable } from '@nestjs/common';

import { isUnusableMoney } from '../contracts/refund-kind.js';
import { RefundRequested } from '../contracts/refund-requested.js';
import { RefundSucceeded } from '../contracts/refund-succeeded.js';
import { RefundUnsettled } from '../contracts/refund-unsettled.js';
import { required } from '../kernel/assert.js';
import { Clock, after } from '../kernel/clock.js';
import { conflict } from '../kernel/domain-error.js';
import type { Origin } from '../kernel/domain-event.js';
import { money, sameMoney, type Money } from '../kernel/money.js';
import { AfterCommit } from '../platform/events/listeners.js';
import type { RecordedEvent } from '../platform/events/recorded-event.js';
import { Transactions } from '../platform/events/transactions.js';
import type { UnitOfWork } from '../platform/events/unit-of-work.js';
import { LEASE, askOfDisputed, isForgotten, nextAskOfLostRefund, nextAskOfRefund, nextSending } from './asking.js';
import { attemptRef } from './attempt-ref.js';
import { Discrepancies } from './discrepancies/discrepancies.js';
import type { DiscrepancyEntity } from './discrepancies/discrepancy.entity.js';
import { Gateways } from './gateway/gateways.js';
import type { Outcome, PaymentGateway, RefundRequest } from './gateway/gateway.js';
import { refundNo } from './out-trade-no.js';
import { AttemptEntity, RefundEntity } from './payment.entity.js';
import { PaymentSettings } from './payment-settings.js';
import { refundStates } from './payment-states.js';
import { PaymentStore } from './payment.store.js';

/** Sends money back, and finds out whether it arrived. Our number of the refund makes sending it twice sending it once. */
@Injectable()
export class SendRefunds {
  constructor(
    private readonly transactions: Transactions,
    private readonly store: PaymentStore,
    private readonly gateways: Gateways,
    private readonly settings: PaymentSettings,
    private readonly discrepancies: Discrepancies,
    private readonly clock: Clock,
  ) {}

  @AfterCommit(RefundRequested, 'payment.send_refund')
  async send({ facts }: RefundRequested, { origin }: Pick<RecordedEvent, 'origin'>): Promise<void> {
    await this.proceed({ id: facts.refundId, orderId: facts.orderId }, origin);
  }

  /** Sends a refund that was not sent yet; asks about one that was, and sends it again where the gateway never got it. */
  async proceed(ref: Pick<RefundEntity, 'id' | 'orderId'>, origin: Origin): Promise<void> {
    const intent = await this.transactions.run(origin, (work) => this.intend(work, ref));
    if (!intent) return;
    const gateway = await this.gateways.of(intent.attempt);
    if (!intent.wasSent) return this.settleNow(ref, await gateway.refund(intent.request), origin);
    const known = await this.find(gateway, intent.request, intent.formerSentAt);
    if (known.kind !== 'never_happened') return this.settleNow(ref, known, origin);
    const again = await this.transactions.run(origin, (work) => this.intendAgain(work, ref, gateway));
    if (!again) return;
    const said = await gateway.refund(again.request);
    await this.settleNow(ref, await this.believed(gateway, said, again.request, again.formerSentAt), origin, again.at);
  }

  /** Under its present time, and where the gateway has not heard of that, under the one before. */
  private async find(gateway: PaymentGateway, request: RefundRequest, formerSentAt: Date | null): Promise<Outcome> {
    const known = await gateway.queryRefund(request);
    if (known.kind === 'never_happened' && formerSentAt !== null) return gateway.queryRefund({ ...request, sentAt: formerSentAt });
    return this.believed(gateway, known, request, formerSentAt);
  }

  /** A no under the present time may be because of the one before: it counts once that one is surely nowhere. */
  private async believed(gateway: PaymentGateway, said: Outcome, request: RefundRequest, formerSentAt: Date | null): Promise<Outcome> {
    if (said.kind !== 'declined' || formerSentAt === null) return said;
    const former = await gateway.queryRefund({ ...request, sentAt: formerSentAt });
    if (former.kind === 'declined') return said;
    if (former.kind !== 'never_happened') return former;
    return isForgotten(formerSentAt, this.clock.now()) ? said : { kind: 'unknown', cause: said.reason };
  }

  private async intend(work: UnitOfWork, ref: Pick<RefundEntity, 'id' | 'orderId'>) {
    const refund = await this.store.lockRefund(work, ref);
    if (!refundStates.can(refund.status, 'send')) return undefined;
    const attempt = await this.attemptOf(work, refund);
    const wasSent = refund.status !== 'requested';
    const { formerSentAt } = refund;
    if (wasSent) return { request: this.requestOf(refund, attempt, refund.sentAt ?? refund.createdAt), wasSent, attempt, formerSentAt };
    const status = refundStates.next(refund.status, 'send');
    await this.store.updateRefund(work, refund.id, { status, sentAt: work.now, askAt: after(work.now, LEASE) });
    return { request: this.requestOf(refund, attempt, work.now), wasSent, attempt, formerSentAt };
  }

  /** The gateway never heard of it. Written down before it is sent, because a gateway may know it by the time as well. */
  private async intendAgain(work: UnitOfWork, ref: Pick<RefundEntity, 'id' | 'orderId'>, { namesRefundsByTime }: PaymentGateway) {
    const refund = await this.store.lockRefund(work, ref);
    if (!refundStates.can(refund.status, 'succeed')) return undefined;
    const attempt = await this.attemptOf(work, refund);
    const sentAt = refund.sentAt ?? refund.createdAt;
    const next = namesRefundsByTime ? nextSending({ sentAt }, work.now) : 'again';
    if (next === 'again') return { request: this.requestOf(refund, attempt, sentAt), formerSentAt: refund.formerSentAt, at: work.now };
    if (next === 'wait') return void (await this.lose(work, refund, 'the gateway does not know of it yet: it is sent again before long'));
    await this.store.updateRefund(work, refund.id, { sentAt: work.now, formerSentAt: sentAt });
    return { request: this.requestOf(refund, attempt, work.now), formerSentAt: sentAt, at: work.now };
  }

  /** `resentAt` where it was just sent again, which its own times do not say. */
  private async settleNow(ref: Pick<RefundEntity, 'id' | 'orderId'>, outcome: Outcome, origin: Origin, resentAt?: Date): Promise<void> {
    await this.transactions.run(origin, (work) => this.settle(work, ref, outcome, resentAt));
  }

  private async settle(work: UnitOfWork, ref: Pick<RefundEntity, 'id' | 'orderId'>, outcome: Outcome, resentAt?: Date): Promise<void> {
    const refund = await this.store.lockRefund(work, ref);
    if (!refundStates.can(refund.status, 'succeed')) return;
    switch (outcome.kind) {
      case 'succeeded':
        if (sameMoney(outcome.settled, money(refund.amount, refund.currency))) return this.succeed(work, refund, outcome.at);
        return this.dispute(work, refund, outcome.settled);
      case 'declined':
        return this.fail(work, refund, outcome.reason);
      case 'closed':
      case 'returned':
        return this.fail(work, refund, 'the gateway closed it');
      case 'pending':
        return this.askLater(work, refund, null);
      case 'not_now':
        return this.askLater(work, refund, outcome.reason);
      case 'never_happened':
        return this.lose(work, refund, 'the gateway does not know of it yet: it is sent again', resentAt);
      case 'unknown':
        return this.lose(work, refund, outcome.cause, resentAt);
    }
  }

  private async succeed(work: UnitOfWork, refund: RefundEntity, at: Date): Promise<void> {
    const status = refundStates.next(refund.status, 'succeed');
    await this.store.updateRefund(work, refund.id, { status, refundedAt: at, askAt: null, failureReason: null });
    if (!isUnusableMoney(refund.kind)) {
      this.store.moveMoney(work, { id: refund.paymentId }, { refunding: -refund.amount, refunded: refund.amount });
    }
    const { merchantId, orderId, id: refundId, kind } = refund;
    const amount = money(refund.amount, refund.currency);
    work.publish(new RefundSucceeded({ merchantId, orderId, refundId, amount, kind, refundedAt: at.toISOString() }));
  }

  /** A person has found out what became of it: it ends, and what it set aside can be refunded again. */
  async endDisputed(work: UnitOfWork, { refundId, orderId }: Pick<DiscrepancyEntity, 'refundId' | 'orderId'>): Promise<void> {
    if (refundId === null || orderId === null) throw conflict('illegal_transition', 'The discrepancy is about no refund.');
    const refund = await this.store.lockRefund(work, { id: refundId, orderId });
    if (!refundStates.can(refund.status, 'fail')) throw conflict('illegal_transition', `The refund has ${refund.status} already.`);
    await this.fail(work, refund, 'ended by hand, after a discrepancy');
  }

  /** Not what was to go back: nothing is counted, and a person must look. */
  private async dispute(work: UnitOfWork, refund: RefundEntity, found: Money): Promise<void> {
    const attempt = await this.attemptOf(work, refund);
    const expected = money(refund.amount, refund.currency);
    const detail = `${attempt.gateway} says that ${found.amount} ${found.currency} went back, and ${expected.amount} ${expected.currency} should`;
    const subject = refundNo(refund.id, refund.tries);
    const disagreement = {
      kind: 'refund_mismatch',
      gateway: attempt.gateway,
      subject,
      detail,
      attempt,
      refundId: refund.id,
      expected,
      found,
    } as const;
    await this.discrepancies.open(work, [disagreement]);
    await this.lose(work, refund, `the gateway speaks of ${found.amount} ${found.currency}`);
    await this.store.updateRefund(work, refund.id, { askAt: askOfDisputed(work.now) });
  }

  private async fail(work: UnitOfWork, refund: RefundEntity, reason: string): Promise<void> {
    await this.store.updateRefund(work, refund.id, {
      status: refundStates.next(refund.status, 'fail'),
      askAt: null,
      failureReason: reason,
    });
    if (!isUnusableMoney(refund.kind)) this.store.moveMoney(work, { id: refund.paymentId }, { refunding: -refund.amount, refunded: 0 });
    work.publish(unsettled(refund, 'failed', reason));
  }

  private async lose(work: UnitOfWork, refund: RefundEntity, cause: string, resentAt?: Date): Promise<void> {
    const first = refund.status !== 'unknown';
    const status = refundStates.next(refund.status, 'lose');
    await this.store.updateRefund(work, refund.id, {
      status,
      failureReason: cause,
      askAt: nextAskOfLostRefund({ ...refund, sentAt: resentAt ?? refund.sentAt }, work.now),
    });
    if (first) work.publish(unsettled(refund, 'unknown', cause));
  }

  private async askLater(work: UnitOfWork, refund: RefundEntity, reason: string | null): Promise<void> {
    // While a call is under way nothing is due: if something is, a notice came meanwhile, and wants another question at once.
    const noticeCame = refund.askAt !== null && refund.askAt <= work.now;
    const askAt = noticeCame ? refund.askAt : nextAskOfRefund(refund, work.now);
    await this.store.updateRefund(work, refund.id, { failureReason: reason, askAt });
  }

  private async attemptOf(work: UnitOfWork, refund: RefundEntity): Promise<AttemptEntity> {
    const [attempt] = await this.store.attempts(work, [refund.attemptId]);
    return required(attempt, 'the attempt that a refund is of');
  }

  private requestOf(refund: RefundEntity, attempt: AttemptEntity, sentAt: Date): RefundRequest {
    return {
      ...attemptRef(attempt),
      refundNo: refundNo(refund.id, refund.tries),
      amount: money(refund.amount, refund.currency),
      sentAt,
      paid: money(attempt.amount, attempt.currency),
      paidAt: required(attempt.paidAt, 'when a refunded attempt was paid'),
      reason: refund.reason,
      notifyUrl: this.settings.callbackUrl(attempt.gateway, 'refunds'),
    };
  }
}

function unsettled(refund: RefundEntity, status: 'failed' | 'unknown', reason: string): RefundUnsettled {
  const { merchantId, orderId, id: refundId, kind } = refund;
  return new RefundUnsettled({ merchantId, orderId, refundId, kind, amount: money(refund.amount, refund.currency), status, reason });
}
