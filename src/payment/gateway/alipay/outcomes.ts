import type { Money } from '../../../kernel/money.js';
import type { Outcome, RefundRef } from '../gateway.js';
import type { Answer } from './answer.js';

export type Unknown = Extract<Outcome, { kind: 'unknown' }>;

/** There was no answer, or there was no call. */
export type Unsettled = Extract<Outcome, { kind: 'unknown' | 'not_now' }>;

export function unknown(cause: string): Unknown {
  return { kind: 'unknown', cause };
}

/** What a call that only asks says when it is refused. Nothing was tried, so a final no to it is still no answer. */
export function refusedQuestion(answer: Answer): Outcome {
  switch (answer.refusal) {
    case 'no_such_trade':
      return { kind: 'never_happened' };
    case 'not_executed':
      return { kind: 'not_now', reason: answer.reason };
    case 'unclear':
    case 'other_state':
    case 'final':
      return unknown(answer.reason);
  }
}

/**
 * What `alipay.trade.query` says of the trade. `now` stands in for the time of payment where Alipay keeps it back.
 * Source: Alipay, `alipay.trade.query`.
 */
export function tradeOutcome(answer: Answer, outTradeNo: string, now: Date): Outcome {
  if (!answer.worked) return refusedQuestion(answer);
  if (answer.text('out_trade_no') !== outTradeNo) return unknown('the answer is about another trade');
  switch (answer.text('trade_status') ?? '') {
    case 'WAIT_BUYER_PAY':
      return { kind: 'pending' };
    case 'TRADE_SUCCESS':
    case 'TRADE_FINISHED':
      return paid(answer, now);
    case 'TRADE_CLOSED':
      return closedOrReturned(answer);
    default:
      return unknown('the answer has no trade_status that is known');
  }
}

/**
 * TRADE_CLOSED is both "never paid" and "paid and wholly given back". What the buyer paid with, which the query asks
 * for, and amounts above zero stay after a refund and prove a payment. A time of payment with nothing beside it,
 * though every amount is given as zero, proves neither, and a guess would cost either the goods or the money.
 */
function closedOrReturned(answer: Answer): Outcome {
  const amounts = ['buyer_pay_amount', 'receipt_amount', 'invoice_amount', 'point_amount', 'refund_fee'].map((name) => answer.money(name));
  if (answer.count('fund_bill_list') > 0 || amounts.some((amount) => amount !== undefined && amount.amount > 0)) return returned(answer);
  if (paidAt(answer) === undefined) return { kind: 'closed' };
  return amounts.every((amount) => amount === undefined)
    ? returned(answer)
    : unknown('TRADE_CLOSED has a time of payment but no amount that was paid: look the trade up in the merchant console');
}

/** Alipay closes a paid trade only once all of its money has gone back. */
function returned(answer: Answer): Outcome {
  const trade = tradeOf(answer);
  return trade === undefined ? NO_TRADE : { kind: 'returned', ...trade };
}

function paid(answer: Answer, now: Date): Outcome {
  const trade = tradeOf(answer);
  return trade === undefined ? NO_TRADE : { kind: 'succeeded', ...trade, at: paidAt(answer) ?? now };
}

const NO_TRADE = unknown('the answer lacks trade_no or a readable total_amount');

function tradeOf(answer: Answer): { readonly gatewayRef: string; readonly settled: Money } | undefined {
  const gatewayRef = answer.text('trade_no');
  const settled = answer.money('total_amount');
  return gatewayRef === undefined || settled === undefined ? undefined : { gatewayRef, settled };
}

function paidAt(answer: Answer): Date | undefined {
  return answer.time('send_pay_date') ?? answer.time('gmt_payment');
}

/**
 * What `alipay.trade.refund` says, or 'ask' where only the refund's query can tell: code 10000 proves nothing without
 * `fund_change=Y`, which a repeat of a finished refund lacks. `refund_fee` is all that the trade has given back so far,
 * so it bounds this refund and is not its amount.
 * Source: Alipay, `alipay.trade.refund`.
 */
export function refundOutcome(answer: Answer, refund: RefundRef, now: Date): Outcome | 'ask' {
  if (!answer.worked) {
    if (answer.refusal === 'not_executed') return { kind: 'not_now', reason: answer.reason };
    return answer.refusal === 'unclear' ? unknown(answer.reason) : 'ask';
  }
  const gatewayRef = answer.text('trade_no');
  const refundedInAll = answer.money('refund_fee');
  if (answer.text('out_trade_no') !== refund.outTradeNo) return unknown('the answer is about another trade');
  if (answer.text('fund_change') !== 'Y') return 'ask';
  if (gatewayRef === undefined) return unknown('the answer lacks trade_no');
  if (refundedInAll !== undefined && refundedInAll.amount < refund.amount.amount) return unknown('refund_fee is less than this refund');
  return { kind: 'succeeded', gatewayRef, settled: refund.amount, at: answer.time('gmt_refund_pay') ?? now };
}

/**
 * What `alipay.trade.fastpay.refund.query` says. A missing `refund_status` means that the refund did not arrive, failed,
 * or is not ten seconds old: in each case the same number may be sent again.
 * Source: Alipay, `alipay.trade.fastpay.refund.query`.
 */
export function refundQueryOutcome(answer: Answer, refund: RefundRef, now: Date): Outcome {
  if (!answer.worked) return refusedQuestion(answer);
  const status = answer.text('refund_status');
  const settled = answer.money('refund_amount');
  if (status === undefined) {
    const saysNothing = settled === undefined && answer.text('gmt_refund_pay') === undefined;
    return saysNothing ? { kind: 'never_happened' } : unknown('the answer has an amount of the refund but no refund_status');
  }
  if (status !== 'REFUND_SUCCESS') return unknown('the answer has no refund_status that is known');
  const gatewayRef = answer.text('trade_no');
  if (answer.text('out_trade_no') !== refund.outTradeNo || answer.text('out_request_no') !== refund.refundNo) {
    return unknown('the answer is about another refund');
  }
  if (gatewayRef === undefined || settled === undefined) return unknown('the answer lacks trade_no or a readable refund_amount');
  return { kind: 'succeeded', gatewayRef, settled, at: answer.time('gmt_refund_pay') ?? now };
}
