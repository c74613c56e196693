import { Injectable } from '@nestjs/common';

import { PaymentAttemptsClosing } from '../contracts/payment-attempts-closing.js';
import { PaymentAttemptSettled } from '../contracts/payment-attempt-settled.js';
import { PaymentClosed } from '../contracts/payment-closed.js';
import { PaymentSucceeded } from '../contracts/payment-succeeded.js';
import { UnusableMoneyReceived } from '../contracts/unusable-money-received.js';
import { after } from '../kernel/clock.js';
import { conflict } from '../kernel/domain-error.js';
import { newId, type AttemptId, type CallbackId, type OrderId } from '../kernel/ids.js';
import { money, sameMoney, type Money } from '../kernel/money.js';
import type { UnitOfWork } from '../platform/events/unit-of-work.js';
import { LEASE, askOfDisputed, isOver, lastAskOfAttempt, nextAskOfAttempt } from './asking.js';
import { Discrepancies } from './discrepancies/discrepancies.js';
import type { DiscrepancyEntity, DiscrepancyKind } from './discrepancies/discrepancy.entity.js';
import type { Families, Family } from './families.js';
import type { Outcome, PayOutcome } from './gateway/gateway.js';
import type { AttemptEntity, PaymentEntity } from './payment.entity.js';
import { attemptStates, isOpen, paymentStates } from './payment-states.js';
import { PaymentStore } from './payment.store.js';
import { RequestRefunds } from './request-refunds.js';

/** What an outcome did to its attempt. */
export type Effect = 'applied' | 'already_applied' | 'amount_mismatch' | 'nothing_new';

/** What a gateway said about an attempt. */
export interface Said {
  readonly ref: { readonly id: AttemptId; readonly orderId: OrderId };
  readonly outcome: Outcome;
  readonly callbackId?: CallbackId;
}

type Found = Family & { readonly attempt: AttemptEntity };
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

  /** What gateways said of attempts, whose ever they are, in their order. `callbackId` names the notice that said it, where one did. */
  async settle(work: UnitOfWork, said: readonly Said[]): Promise<Effect[]> {
    const families = await this.store.lock(
      work,
      said.map(({ ref }) => ref.orderId),
    );
    const effects = said.map((one) => this.decide(work, families, one));
    await this.write(work, families);
    return effects;
  }

  /** Writes down what was decided. */
  async write(work: UnitOfWork, families: Families): Promise<void> {
    this.store.write(work, families);
    await this.discrepancies.open(work, families.disagreements);
  }

  /** The payer's action, or what came instead of it. */
  sent(work: UnitOfWork, families: Families, attempt: AttemptEntity, outcome: PayOutcome): void {
    if (outcome.kind !== 'action') return void this.decide(work, families, { ref: attempt, outcome });
    // It was closed while the gateway was opening it: whoever asks next closes it there, too.
    if (attempt.status === 'closed') return families.changeAttempt(attempt, { closeRequested: true, askAt: work.now });
    // The notice of its payment may have been quicker than our own second step.
    const status = isOpen(attempt.status) ? attemptStates.next(attempt.status, 'wait') : attempt.status;
    families.changeAttempt(attempt, { status, action: outcome.action });
  }

  /** What follows from it, changed in memory only: `write` comes after all that a unit of work has to decide. */
  decide(work: UnitOfWork, families: Families, { ref, outcome, callbackId }: Said): Effect {
    const found = families.withAttempt(ref);
    const { attempt } = found;
    switch (outcome.kind) {
      case 'succeeded':
        return this.succeed(work, families, found, outcome, callbackId);
      case 'returned':
        return this.giveUp(work, families, found, outcome);
      case 'declined':
        return this.end(work, families, found, 'failed', outcome.reason);
      case 'closed':
        return this.end(work, families, found, 'closed', 'closed at the gateway');
      case 'never_happened': {
        // Until its time is over the payer may still open it, and then it will have happened.
        if (!attempt.closeRequested && !isOver(attempt, work.now)) return this.wait(work, families, attempt);
        return this.end(work, families, found, 'closed', 'never opened by the payer', lastAskOfAttempt(attempt, work.now));
      }
      case 'pending':
        return this.wait(work, families, attempt);
      case 'not_now':
        return this.askLater(work, families, attempt);
      case 'unknown':
        return this.lose(work, families, attempt, outcome.cause);
    }
  }

  private succeed(
    work: UnitOfWork,
    families: Families,
    { attempt, payment, attempts }: Found,
    outcome: Succeeded,
    callbackId: CallbackId | undefined,
  ): Effect {
    const due = money(attempt.amount, attempt.currency);
    if (!sameMoney(outcome.settled, due)) return this.dispute(work, families, attempt, outcome, due, callbackId);
    if (attempt.status === 'succeeded') return 'already_applied';
    const usedAs = payment.status === 'succeeded' ? 'surplus' : payment.status === 'closed' ? 'late' : 'payment';
    const status = attemptStates.next(attempt.status, 'pay');
    families.changeAttempt(attempt, {
      status,
      usedAs,
      gatewayRef: outcome.gatewayRef,
      paidAt: outcome.at,
      askAt: null,
      failureReason: null,
    });
    const { merchantId, orderId, gateway, outTradeNo } = attempt;
    const facts = { merchantId, orderId, attemptId: attempt.id, gateway, outTradeNo };
    if (usedAs === 'payment') {
      families.changePayment(payment, { status: paymentStates.next(payment.status, 'pay'), paidByAttempt: attempt.id });
      work.publish(new PaymentSucceeded({ ...facts, paymentId: payment.id, paid: due, paidAt: outcome.at.toISOString() }));
      // A payer who has paid must not be able to pay again elsewhere.
      this.requestClose(
        work,
        families,
        attempts.filter((other) => other.id !== attempt.id && isOpen(other.status)),
      );
      return 'applied';
    }
    work.publish(new UnusableMoneyReceived({ ...facts, why: usedAs, received: due, receivedAt: outcome.at.toISOString() }));
    const reason = usedAs === 'late' ? 'paid after the order was cancelled' : 'paid a second time';
    this.refunds.record(work, families, attempt, { id: newId<'refund'>(), kind: usedAs, amount: due, reason, restock: [] });
    return 'applied';
  }

  private requestClose(work: UnitOfWork, families: Families, open: readonly AttemptEntity[]): void {
    const [first] = open;
    if (!first) return;
    for (const attempt of open) families.changeAttempt(attempt, { closeRequested: true, asked: 0, askAt: after(work.now, LEASE) });
    const { merchantId, orderId } = first;
    work.publish(new PaymentAttemptsClosing({ merchantId, orderId, attemptIds: open.map(({ id }) => id) }));
  }

  /** Money came, but not what is due: nothing is counted, a person must look, and until then the gateway is asked now and then. */
  private dispute(
    work: UnitOfWork,
    families: Families,
    attempt: AttemptEntity,
    { settled: found, gatewayRef }: Succeeded,
    due: Money,
    callbackId: CallbackId | undefined,
  ): Effect {
    const kind = found.currency === due.currency ? 'amount_mismatch' : 'currency_mismatch';
    const detail = `${attempt.gateway} says that ${found.amount} ${found.currency} were paid (${gatewayRef}), and ${due.amount} ${due.currency} are due`;
    const { gateway, outTradeNo: subject } = attempt;
    families.disagree({ kind, gateway, subject, detail, attempt, expected: due, found, callbackId });
    // Only our own question can be sure that the trade stands so: a notice changes nothing.
    if (callbackId === undefined && attempt.status !== 'succeeded') {
      this.lose(work, families, attempt, `the gateway speaks of ${found.amount} ${found.currency}`);
      families.changeAttempt(attempt, { askAt: isOpen(attempt.status) ? askOfDisputed(work.now) : null });
    }
    return 'amount_mismatch';
  }

  /** It was paid before we heard of it, and its money has gone back by no refund of ours: there is nothing left to count. */
  private giveUp(work: UnitOfWork, families: Families, family: Found, outcome: Returned): Effect {
    const { attempt } = family;
    if (attempt.status === 'succeeded') return 'already_applied';
    const { settled: found, gatewayRef } = outcome;
    const detail = `${attempt.gateway} says that ${found.amount} ${found.currency} were paid (${gatewayRef}) and have all gone back, by no refund of ours`;
    const { gateway, outTradeNo: subject } = attempt;
    families.disagree({ kind: 'returned_elsewhere', gateway, subject, detail, attempt, found });
    return this.end(work, families, family, 'closed', 'paid, and given back at the gateway');
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
    const families = await this.store.lock(work, [orderId]);
    const found = families.withAttempt({ id: attemptId, orderId });
    if (found.attempt.status === 'succeeded') throw conflict('illegal_transition', 'The payment attempt has succeeded: refund it instead.');
    const askAt = callbackId === null ? null : lastAskOfAttempt(found.attempt, work.now);
    this.end(work, families, found, 'closed', 'ended by hand, after a discrepancy', askAt);
    await this.write(work, families);
  }

  private end(
    work: UnitOfWork,
    families: Families,
    { attempt, attempts, payment }: Found,
    status: 'failed' | 'closed',
    reason: string,
    askAt: Date | null = null,
  ): Effect {
    if (!isOpen(attempt.status)) return this.stillClosed(families, attempt, askAt);
    const next = attemptStates.next(attempt.status, status === 'failed' ? 'fail' : 'close');
    families.changeAttempt(attempt, { status: next, askAt, failureReason: reason });
    work.publish(settled(attempt, status, reason));
    // A payment that is closing and has nothing open any more is closed.
    if (attempts.some((other) => isOpen(other.status)) || !paymentStates.can(payment.status, 'end')) return 'applied';
    families.changePayment(payment, { status: paymentStates.next(payment.status, 'end') });
    work.publish(paymentClosed(payment));
    return 'applied';
  }

  private wait(work: UnitOfWork, families: Families, attempt: AttemptEntity): Effect {
    if (!isOpen(attempt.status)) return this.stillClosed(families, attempt, nextAskOfAttempt(attempt, work.now));
    const status = attemptStates.next(attempt.status, 'wait');
    // An answer that settles something for now begins the questions anew, from "soon".
    const asked = attempt.status === status ? attempt.asked : 0;
    families.changeAttempt(attempt, { status, asked, askAt: nextAskOfAttempt({ ...attempt, status, asked }, work.now) });
    return 'nothing_new';
  }

  private askLater(work: UnitOfWork, families: Families, attempt: AttemptEntity): Effect {
    const askAt = nextAskOfAttempt(attempt, work.now);
    if (!isOpen(attempt.status)) return this.stillClosed(families, attempt, askAt);
    families.changeAttempt(attempt, { askAt });
    return 'nothing_new';
  }

  /** An attempt that the payer could open after we had closed it is asked about until that is over: late money must be found. */
  private stillClosed(families: Families, attempt: AttemptEntity, askAt: Date | null): Effect {
    if (attempt.askAt !== null) families.changeAttempt(attempt, { askAt });
    return 'nothing_new';
  }

  private lose(work: UnitOfWork, families: Families, attempt: AttemptEntity, cause: string): Effect {
    if (!isOpen(attempt.status)) return this.stillClosed(families, attempt, nextAskOfAttempt(attempt, work.now));
    const first = attempt.status !== 'unknown';
    const status = attemptStates.next(attempt.status, 'lose');
    const asked = first ? 0 : attempt.asked;
    families.changeAttempt(attempt, {
      status,
      asked,
      askAt: nextAskOfAttempt({ ...attempt, status, asked }, work.now),
      failureReason: cause,
    });
    if (first) work.publish(settled(attempt, 'unknown', cause));
    return 'nothing_new';
  }
}

export function paymentClosed({ id, orderId, merchantId }: Pick<PaymentEntity, 'id' | 'orderId' | 'merchantId'>): PaymentClosed {
  return new PaymentClosed({ merchantId, orderId, paymentId: id });
}

function settled(attempt: AttemptEntity, status: 'failed' | 'closed' | 'unknown', reason: string): PaymentAttemptSettled {
  const { merchantId, orderId, id, gateway, outTradeNo } = attempt;
  return new PaymentAttemptSettled({ merchantId, orderId, attemptId: id, gateway, outTradeNo, status, reason });
}
