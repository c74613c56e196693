import { Injectable } from '@nestjs/common';

import { PaymentAttemptSettled } from '../contracts/payment-attempt-settled.js';
import { PaymentClosed } from '../contracts/payment-closed.js';
import { PaymentSucceeded } from '../contracts/payment-succeeded.js';
import { UnusableMoneyReceived } from '../contracts/unusable-money-received.js';
import { conflict } from '../kernel/domain-error.js';
import { newId, type CallbackId } from '../kernel/ids.js';
import { money, sameMoney, type Money } from '../kernel/money.js';
import type { UnitOfWork } from '../platform/events/unit-of-work.js';
import { askOfDisputed, isOver, lastAskOfAttempt, nextAskOfAttempt } from './asking.js';
import { Discrepancies } from './discrepancies/discrepancies.js';
import type { DiscrepancyEntity, DiscrepancyKind } from './discrepancies/discrepancy.entity.js';
import type { Outcome, PayOutcome } from './gateway/gateway.js';
import type { AttemptEntity, PaymentEntity } from './payment.entity.js';
import { attemptStates, isOpen } from './payment-states.js';
import { PaymentStore, type LockedPayment } from './payment.store.js';
import { RequestRefunds } from './request-refunds.js';

/** What an outcome did to its attempt. */
export type Effect = 'applied' | 'already_applied' | 'amount_mismatch' | 'nothing_new';

type Succeeded = Extract<Outcome, { kind: 'succeeded' }>;
type Returned = Extract<Outcome, { kind: 'returned' }>;

/** Kinds of discrepancies where the gateway holds, or held, money of the attempt. */
const MONEY_CAME: ReadonlySet<DiscrepancyKind> = new Set(['amount_mismatch', 'currency_mismatch', 'returned_elsewhere']);

/**
 * Writes down what a gateway said about an attempt, from wherever it was heard: a notice, an answer to a question, or
 * the answer to the first call. The family is locked, and saying a thing twice has one effect.
 */
@Injectable()
export class SettleAttempts {
  constructor(
    private readonly store: PaymentStore,
    private readonly refunds: RequestRefunds,
    private readonly discrepancies: Discrepancies,
  ) {}

  /** The payer's action, or what came instead of it. */
  async sent(work: UnitOfWork, attempt: AttemptEntity, outcome: PayOutcome): Promise<AttemptEntity> {
    if (outcome.kind !== 'action') {
      await this.settle(work, { id: attempt.id, orderId: attempt.orderId }, outcome);
      return (await this.store.lockAttempt(work, attempt)).attempt;
    }
    if (attempt.status === 'closed') {
      // It was closed while the gateway was opening it: whoever asks next closes it there, too.
      await this.store.updateAttempt(work, attempt.id, { closeRequested: true, askAt: work.now });
      return attempt;
    }
    // The notice of its payment may have been quicker than our own second step.
    const status = isOpen(attempt.status) ? attemptStates.next(attempt.status, 'wait') : attempt.status;
    await this.store.updateAttempt(work, attempt.id, { status, action: outcome.action });
    return Object.assign(attempt, { status, action: outcome.action });
  }

  /** `callbackId` names the notice that said it, where one did. */
  async settle(work: UnitOfWork, ref: Pick<AttemptEntity, 'id' | 'orderId'>, outcome: Outcome, callbackId?: CallbackId): Promise<Effect> {
    const { attempt, ...locked } = await this.store.lockAttempt(work, ref);
    switch (outcome.kind) {
      case 'succeeded':
        return this.succeed(work, locked, attempt, outcome, callbackId);
      case 'returned':
        return this.giveUp(work, locked, attempt, outcome);
      case 'declined':
        return this.end(work, locked, attempt, 'failed', outcome.reason);
      case 'closed':
        return this.end(work, locked, attempt, 'closed', 'closed at the gateway');
      case 'never_happened': {
        // Until its time is over the payer may still open it, and then it will have happened.
        if (!attempt.closeRequested && !isOver(attempt, work.now)) return this.wait(work, attempt);
        return this.end(work, locked, attempt, 'closed', 'never opened by the payer', lastAskOfAttempt(attempt, work.now));
      }
      case 'pending':
        return this.wait(work, attempt);
      case 'not_now':
        return this.askLater(work, attempt);
      case 'unknown':
        return this.lose(work, attempt, outcome.cause);
    }
  }

  private async succeed(
    work: UnitOfWork,
    { payment, attempts }: LockedPayment,
    attempt: AttemptEntity,
    outcome: Succeeded,
    callbackId: CallbackId | undefined,
  ): Promise<Effect> {
    const due = money(attempt.amount, attempt.currency);
    if (!sameMoney(outcome.settled, due)) return this.dispute(work, attempt, outcome, due, callbackId);
    if (attempt.status === 'succeeded') return 'already_applied';
    const usedAs = payment.status === 'succeeded' ? 'surplus' : payment.status === 'closed' ? 'late' : 'payment';
    const status = attemptStates.next(attempt.status, 'pay');
    const paid = { status, usedAs, gatewayRef: outcome.gatewayRef, paidAt: outcome.at, askAt: null, failureReason: null } as const;
    await this.store.updateAttempt(work, attempt.id, paid);
    const { merchantId, orderId, gateway, outTradeNo } = attempt;
    const facts = { merchantId, orderId, attemptId: attempt.id, gateway, outTradeNo };
    if (usedAs === 'payment') {
      await this.store.markPaid(work, payment, attempt.id);
      work.publish(new PaymentSucceeded({ ...facts, paymentId: payment.id, paid: due, paidAt: outcome.at.toISOString() }));
      // A payer who has paid must not be able to pay again elsewhere.
      if (attempts.some((other) => other.id !== attempt.id && isOpen(other.status))) await this.store.requestClose(work, [orderId]);
      return 'applied';
    }
    work.publish(new UnusableMoneyReceived({ ...facts, why: usedAs, received: due, receivedAt: outcome.at.toISOString() }));
    const reason = usedAs === 'late' ? 'paid after the order was cancelled' : 'paid a second time';
    await this.refunds.record(work, { ...attempt, ...paid }, { id: newId<'refund'>(), kind: usedAs, amount: due, reason, restock: [] });
    return 'applied';
  }

  /** Money came, but not what is due: nothing is counted, a person must look, and until then the gateway is asked now and then. */
  private async dispute(
    work: UnitOfWork,
    attempt: AttemptEntity,
    { settled: found, gatewayRef }: Succeeded,
    due: Money,
    callbackId: CallbackId | undefined,
  ): Promise<Effect> {
    const kind = found.currency === due.currency ? 'amount_mismatch' : 'currency_mismatch';
    const detail = `${attempt.gateway} says that ${found.amount} ${found.currency} were paid (${gatewayRef}), and ${due.amount} ${due.currency} are due`;
    const { gateway, outTradeNo: subject } = attempt;
    await this.discrepancies.open(work, { kind, gateway, subject, detail, attempt, expected: due, found, callbackId });
    // Only our own question can be sure that the trade stands so: a notice changes nothing.
    if (callbackId === undefined && attempt.status !== 'succeeded') {
      await this.lose(work, attempt, `the gateway speaks of ${found.amount} ${found.currency}`);
      await this.store.updateAttempt(work, attempt.id, { askAt: isOpen(attempt.status) ? askOfDisputed(work.now) : null });
    }
    return 'amount_mismatch';
  }

  /** It was paid before we heard of it, and its money has gone back by no refund of ours: there is nothing left to count. */
  private async giveUp(work: UnitOfWork, locked: LockedPayment, attempt: AttemptEntity, outcome: Returned): Promise<Effect> {
    if (attempt.status === 'succeeded') return 'already_applied';
    const { settled: found, gatewayRef } = outcome;
    const detail = `${attempt.gateway} says that ${found.amount} ${found.currency} were paid (${gatewayRef}) and have all gone back, by no refund of ours`;
    await this.discrepancies.open(work, {
      kind: 'returned_elsewhere',
      gateway: attempt.gateway,
      subject: attempt.outTradeNo,
      detail,
      attempt,
      found,
    });
    return this.end(work, locked, attempt, 'closed', 'paid, and given back at the gateway');
  }

  /**
   * A person has found out that its money went back, or will never come: it ends. Where only a notice said that it was paid, its payer
   * may still pay, so it is asked about once more when its time is over.
   */
  async endDisputed(work: UnitOfWork, { kind, attemptId, orderId, callbackId }: DiscrepancyEntity): Promise<void> {
    if (attemptId === null || orderId === null || !MONEY_CAME.has(kind)) {
      throw conflict(
        'illegal_transition',
        `A discrepancy of the kind ${kind} ends no payment attempt. Close the payment itself, if it is to end.`,
      );
    }
    const { attempt, ...locked } = await this.store.lockAttempt(work, { id: attemptId, orderId });
    if (attempt.status === 'succeeded') throw conflict('illegal_transition', 'The payment attempt has succeeded: refund it instead.');
    const askAt = callbackId === null ? null : lastAskOfAttempt(attempt, work.now);
    await this.end(work, locked, attempt, 'closed', 'ended by hand, after a discrepancy', askAt);
  }

  private async end(
    work: UnitOfWork,
    locked: LockedPayment,
    attempt: AttemptEntity,
    status: 'failed' | 'closed',
    reason: string,
    askAt: Date | null = null,
  ): Promise<Effect> {
    if (!isOpen(attempt.status)) return this.stillClosed(work, attempt, askAt);
    const next = attemptStates.next(attempt.status, status === 'failed' ? 'fail' : 'close');
    await this.store.updateAttempt(work, attempt.id, { status: next, askAt, failureReason: reason });
    work.publish(settled(attempt, status, reason));
    if (locked.attempts.some((other) => other.id !== attempt.id && isOpen(other.status))) return 'applied';
    await this.finishClosing(work, [locked.payment]);
    return 'applied';
  }

  /** Payments that are closing and have nothing open any more are closed. */
  async finishClosing(work: UnitOfWork, payments: readonly Pick<PaymentEntity, 'orderId'>[]): Promise<void> {
    const closed = await this.store.move(
      work,
      payments.map(({ orderId }) => orderId),
      'end',
    );
    work.publish(...closed.map(({ id, orderId, merchantId }) => new PaymentClosed({ merchantId, orderId, paymentId: id })));
  }

  private async wait(work: UnitOfWork, attempt: AttemptEntity): Promise<Effect> {
    if (!isOpen(attempt.status)) return this.stillClosed(work, attempt, nextAskOfAttempt(attempt, work.now));
    const status = attemptStates.next(attempt.status, 'wait');
    // An answer that settles something for now begins the questions anew, from "soon".
    const asked = attempt.status === status ? attempt.asked : 0;
    await this.store.updateAttempt(work, attempt.id, { status, asked, askAt: nextAskOfAttempt({ ...attempt, status, asked }, work.now) });
    return 'nothing_new';
  }

  private async askLater(work: UnitOfWork, attempt: AttemptEntity): Promise<Effect> {
    const askAt = nextAskOfAttempt(attempt, work.now);
    if (!isOpen(attempt.status)) return this.stillClosed(work, attempt, askAt);
    await this.store.updateAttempt(work, attempt.id, { askAt });
    return 'nothing_new';
  }

  /** An attempt that the payer could open after we had closed it is asked about until that is over: late money must be found. */
  private async stillClosed(work: UnitOfWork, attempt: AttemptEntity, askAt: Date | null): Promise<Effect> {
    if (attempt.askAt !== null) await this.store.updateAttempt(work, attempt.id, { askAt });
    return 'nothing_new';
  }

  private async lose(work: UnitOfWork, attempt: AttemptEntity, cause: string): Promise<Effect> {
    if (!isOpen(attempt.status)) return this.stillClosed(work, attempt, nextAskOfAttempt(attempt, work.now));
    const first = attempt.status !== 'unknown';
    const status = attemptStates.next(attempt.status, 'lose');
    const asked = first ? 0 : attempt.asked;
    const askAt = nextAskOfAttempt({ ...attempt, status, asked }, work.now);
    await this.store.updateAttempt(work, attempt.id, { status, asked, askAt, failureReason: cause });
    if (first) work.publish(settled(attempt, 'unknown', cause));
    return 'nothing_new';
  }
}

function settled(attempt: AttemptEntity, status: 'failed' | 'closed' | 'unknown', reason: string): PaymentAttemptSettled {
  const { merchantId, orderId, id, gateway, outTradeNo } = attempt;
  return new PaymentAttemptSettled({ merchantId, orderId, attemptId: id, gateway, outTradeNo, status, reason });
}
