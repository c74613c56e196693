import type { Refund } from '../../ledger/refund.js';
import type { Trade } from '../../ledger/trade.js';
import type { UnionPayContext } from '../context.js';
import { notFound, repeated } from '../refused.js';

/** A payment, or what gave money of it back. */
export interface KnownTransaction {
  readonly trade: Trade;
  readonly refund: Refund | null;
}

/**
 * One number is one transaction, whatever its kind. UnionPay tells transactions apart by merchant, number and time; here the same
 * number at another time is a repetition as well, which is what it is for a merchant.
 */
export function expectUnused(orderId: string, { ledger }: UnionPayContext): void {
  if (ledger.trade(orderId) || ledger.order(orderId) || ledger.refundByNumber('unionpay', orderId)) throw repeated();
}

/** By the merchant's number and time. A right number at a wrong time is not found, as with UnionPay itself. */
export function byOrderId(orderId: string, txnTime: string, { ledger }: UnionPayContext): KnownTransaction {
  const refund = ledger.refundByNumber('unionpay', orderId);
  const known = ours(ledger.trade(refund?.outTradeNo ?? orderId), refund);
  if ((known.refund ?? known.trade).details.txnTime !== txnTime) throw notFound();
  return known;
}

/** By UnionPay's own number, of a payment or of a refund. */
export function byQueryId(queryId: string, { ledger }: UnionPayContext): KnownTransaction {
  const trade = ledger.tradeByNo(queryId);
  if (trade) return ours(trade, undefined);
  const refund = ledger.allRefunds().find((each) => each.gateway === 'unionpay' && each.refundNo === queryId);
  return ours(refund && ledger.trade(refund.outTradeNo), refund);
}

/** The payment that a refund or a cancel is about. */
export function originalPayment(origQryId: string, { ledger }: UnionPayContext): Trade {
  return ours(ledger.tradeByNo(origQryId), undefined).trade;
}

function ours(trade: Trade | undefined, refund: Refund | undefined): KnownTransaction {
  if (trade?.gateway !== 'unionpay') throw notFound();
  return { trade, refund: refund ?? null };
}
