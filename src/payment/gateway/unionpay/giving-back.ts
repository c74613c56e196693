import { required } from '../../../kernel/assert.js';
import type { Clock } from '../../../kernel/clock.js';
import { sameMoney } from '../../../kernel/money.js';
import type { Outcome, RefundRef, RefundRequest } from '../gateway.js';
import { unknown, type Found } from './outcomes.js';
import { cancelName, refundName } from './requests.js';
import { cancellableAt } from './times.js';
import type { Trades } from './trades.js';

/**
 * Refunds at UnionPay, which has two ways: a cancel gives the whole amount back within the settlement day of the payment and
 * arrives within a day, and a refund gives any part back at any time and takes longer. The cancel is tried where it may be; a
 * refund follows only when it is certain that the cancel moved nothing.
 */
export class GivingBack {
  constructor(
    private readonly trades: Trades,
    private readonly clock: Clock,
  ) {}

  async refund(refund: RefundRequest): Promise<Outcome> {
    const origQryId = required(refund.gatewayRef, "UnionPay's number of the payment that is refunded");
    if (sameMoney(refund.amount, refund.paid) && cancellableAt(refund.paidAt, refund.sentAt)) {
      const cancelled = await this.cancel(refund, origQryId);
      if (cancelled !== 'nothing_moved') return cancelled;
    }
    const sent = await this.trades.giveBack(refundName(refund), refund, origQryId);
    if (sent.kind === 'accepted') return { kind: 'pending' };
    if (sent.kind === 'unknown' || sent.kind === 'not_now') return sent;
    // A no to a repeat says nothing of the first try, whose answer may have been lost.
    const outcome = await this.query(refund);
    if (outcome.kind !== 'never_happened') return outcome;
    return sent.kind === 'refused'
      ? { kind: 'declined', reason: sent.reason }
      : unknown('the number of the refund is taken, and the query does not know it');
  }

  async query(refund: RefundRef): Promise<Outcome> {
    const ofRefund = await this.trades.ask(refundName(refund));
    if (ofRefund.kind !== 'absent' && ofRefund.kind !== 'failed') return outcomeOf(ofRefund);
    const ofCancel = await this.trades.ask(cancelName(refund));
    if (ofCancel.kind !== 'absent' && ofCancel.kind !== 'failed') return outcomeOf(ofCancel);
    // A cancel that failed is no end: the refund is still to be sent.
    return ofRefund.kind === 'failed' ? { kind: 'declined', reason: ofRefund.reason } : { kind: 'never_happened' };
  }

  /**
   * Whether there was a cancel is told by the instant at which the number was first sent, and not by what time it is: a
   * cancel of before the day's end may still be under way after it.
   */
  private async cancel(refund: RefundRequest, origQryId: string): Promise<Outcome | 'nothing_moved'> {
    const name = cancelName(refund);
    let taken = false;
    if (cancellableAt(refund.paidAt, this.clock.now())) {
      const sent = await this.trades.giveBack(name, refund, origQryId);
      if (sent.kind === 'accepted') return { kind: 'pending' };
      if (sent.kind === 'unknown' || sent.kind === 'not_now') return sent;
      taken = sent.kind === 'duplicate';
    }
    const found = await this.trades.ask(name);
    if (found.kind === 'failed') return 'nothing_moved';
    if (found.kind !== 'absent') return outcomeOf(found);
    return taken ? unknown('the number of the cancel is taken, and the query does not know it') : 'nothing_moved';
  }
}

function outcomeOf(found: Exclude<Found, { kind: 'failed' | 'absent' }>): Outcome {
  return found.kind === 'in_progress' ? { kind: 'pending' } : found;
}
