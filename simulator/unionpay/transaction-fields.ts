import type { Refund } from '../ledger/refund.js';
import type { Trade } from '../ledger/trade.js';
import { settlementDay } from './beijing-time.js';
import { UNIONPAY_MER_ID } from './keys.js';
import type { Fields } from './message.js';
import { ACCEPTED, DECLINED, NOT_FOUND, SUCCESS } from './resp-codes.js';

/** The one payer's card, as far as a merchant may see it: the first six digits and the last four. */
const CARD = '621626*********0018';
const YUAN = '156';

/** Where a payment stands. A payer whose card was declined may take another one; where nobody tried, there is no transaction yet. */
export function paymentCode(trade: Trade): string {
  if (trade.paidAt !== null) return SUCCESS;
  return trade.refusedAt === null ? NOT_FOUND : DECLINED;
}

export function refundCode(refund: Refund): string {
  if (refund.state === 'processing') return ACCEPTED;
  return refund.state === 'succeeded' ? SUCCESS : DECLINED;
}

/** Which transaction it is: the merchant's own words, given back. */
export function paymentFields(trade: Trade): Fields {
  const amount = trade.paidAt === null ? trade.totalAmount : trade.paidAmount;
  return {
    ...said(trade.details),
    txnType: '01',
    txnSubType: '01',
    orderId: trade.outTradeNo,
    txnAmt: String(amount),
    currencyCode: YUAN,
    queryId: trade.tradeNo,
    ...traceOf(trade.tradeNo),
    ...(trade.passback !== null && { reqReserved: trade.passback }),
    ...(trade.paidAt !== null && { accNo: CARD, ...settled(amount, trade.paidAt) }),
  };
}

/** Of a refund or a cancel, which are transactions of their own. */
export function refundFields(refund: Refund, trade: Trade): Fields {
  return {
    ...said(refund.details),
    txnType: refund.details.txnType ?? '',
    txnSubType: '00',
    orderId: refund.outRequestNo,
    origQryId: trade.tradeNo,
    txnAmt: String(refund.amount),
    currencyCode: YUAN,
    queryId: refund.refundNo,
    ...traceOf(refund.refundNo),
    ...(refund.reason !== null && { reqReserved: refund.reason }),
    ...(refund.state === 'succeeded' && { accNo: CARD, ...settled(refund.amount, refund.endedAt ?? refund.at) }),
  };
}

function said(details: Readonly<Record<string, string>>): Fields {
  return {
    version: '5.1.0',
    signMethod: '01',
    accessType: '0',
    merId: UNIONPAY_MER_ID,
    encoding: details.encoding ?? 'UTF-8',
    bizType: details.bizType ?? '000201',
    txnTime: details.txnTime ?? '',
  };
}

/** UnionPay's number begins with when it was given out (`YYYYMMDDhhmmss`), and goes on with the trace number. */
function traceOf(queryId: string): Fields {
  return { traceNo: queryId.slice(14, 20), traceTime: queryId.slice(4, 14) };
}

function settled(amount: number, at: string): Fields {
  return { settleAmt: String(amount), settleCurrencyCode: YUAN, settleDate: settlementDay(new Date(at)).slice(4) };
}
