import { sameMoney } from '../../../kernel/money.js';
import type { Outcome, RefundRef } from '../gateway.js';
import { matchIn, moneyIn, textIn, timeIn, type Fields } from './fields.js';
import type { Reply } from './client.js';

export function unknown(cause: string): Extract<Outcome, { kind: 'unknown' }> {
  return { kind: 'unknown', cause };
}

/** WeChat Pay's own numbers, of orders and of refunds. */
export const GATEWAY_NUMBER = /^\w{1,64}$/;

/** What a call that only asks says when it does not work. Nothing was tried, so a final no to it is still no answer. */
export function unansweredQuestion(reply: Exclude<Reply, { kind: 'worked' }>): Outcome {
  if (reply.kind !== 'refused') return reply;
  switch (reply.refusal) {
    case 'not_found':
      return { kind: 'never_happened' };
    case 'throttled':
    case 'not_executed':
      return { kind: 'not_now', reason: reply.reason };
    case 'unclear':
    case 'other_state':
    case 'final':
      return unknown(reply.reason);
  }
}

/**
 * What a query says of an order. `now` stands in for the time of payment where WeChat Pay keeps it back. The app is not
 * compared: a merchant may have changed to another one since, and the number is unique to the merchant.
 * Source: WeChat Pay, documents under "orders".
 */
export function orderOutcome(fields: Fields, ours: { readonly mchId: string; readonly outTradeNo: string }, now: Date): Outcome {
  if (textIn(fields, 'mchid') !== ours.mchId || textIn(fields, 'out_trade_no') !== ours.outTradeNo) {
    return unknown('the answer is about another order');
  }
  switch (textIn(fields, 'trade_state') ?? '') {
    case 'SUCCESS':
    // Paid, and some of it or all of it was given back since: refunds are kept track of by their own numbers.
    case 'REFUND':
      return paid(fields, now);
    // A try that failed at the payer's bank leaves the order open to the next one.
    case 'NOTPAY':
    case 'USERPAYING':
      return { kind: 'pending' };
    case 'CLOSED':
      return { kind: 'closed' };
    default:
      return unknown('the answer has no trade_state that is known');
  }
}

function paid(fields: Fields, now: Date): Outcome {
  const gatewayRef = matchIn(fields, 'transaction_id', GATEWAY_NUMBER);
  const settled = moneyIn(fields, 'total');
  if (gatewayRef === undefined || settled === undefined) return unknown('the answer lacks transaction_id or a readable amount');
  return { kind: 'succeeded', gatewayRef, settled, at: timeIn(fields, 'success_time') ?? now };
}

const ABNORMAL =
  "ABNORMAL: the payer's account or card could not take the money. Hand the refund to another account in the merchant platform; it then succeeds under the same number";

/** What WeChat Pay says of a refund, to the request or to a query. Source: WeChat Pay, documents under "refunds". */
export function refundOutcome(fields: Fields, refund: RefundRef, now: Date): Outcome {
  if (textIn(fields, 'out_refund_no') !== refund.refundNo || textIn(fields, 'out_trade_no') !== refund.outTradeNo) {
    return unknown('the answer is about another refund');
  }
  const settled = moneyIn(fields, 'refund');
  if (settled === undefined) return unknown('the answer lacks a readable amount.refund');
  const status = textIn(fields, 'status') ?? '';
  // Money that has moved is reported as it moved, for the caller to compare; nothing else is taken from another refund's state.
  if (status !== 'SUCCESS' && !sameMoney(settled, refund.amount)) {
    return unknown(`the gateway has this refund as ${settled.amount} ${settled.currency}`);
  }
  switch (status) {
    case 'SUCCESS': {
      const gatewayRef = matchIn(fields, 'refund_id', GATEWAY_NUMBER);
      if (gatewayRef === undefined) return unknown('the answer lacks refund_id');
      return { kind: 'succeeded', gatewayRef, settled, at: timeIn(fields, 'success_time') ?? now };
    }
    case 'PROCESSING':
      return { kind: 'pending' };
    case 'CLOSED':
      return { kind: 'closed' };
    case 'ABNORMAL':
      return { kind: 'not_now', reason: ABNORMAL };
    default:
      return unknown('the answer has no status that is known');
  }
}
