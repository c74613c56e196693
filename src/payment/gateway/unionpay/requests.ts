import type { AttemptRequest, RefundRef, RefundRequest } from '../gateway.js';
import { CNY_CODE, toFen } from './amounts.js';
import type { TextFields } from './signing.js';
import { compactTime } from './times.js';

/** The `txnType` of a payment, a refund, a cancel, and a question. */
export const TXN_TYPES = { payment: '01', refund: '04', cancel: '31', query: '00' } as const;

/** What UnionPay knows a transaction by. It answers only for both numbers together. */
export interface TradeName {
  readonly orderId: string;
  /** `YYYYMMDDhhmmss` in Beijing. */
  readonly txnTime: string;
  /** What the transaction is: `01`, `04` or `31`. */
  readonly txnType: string;
}

export function paymentName(attempt: { readonly outTradeNo: string; readonly startedAt: Date }): TradeName {
  return { orderId: attempt.outTradeNo, txnTime: compactTime(attempt.startedAt), txnType: TXN_TYPES.payment };
}

export function refundName(refund: RefundRef): TradeName {
  return { orderId: refund.refundNo, txnTime: compactTime(refund.sentAt), txnType: TXN_TYPES.refund };
}

/** A cancel and the refund that follows when it is refused are two transactions, and cannot share a number. */
const CANCEL = 'C';

export function cancelName(refund: RefundRef): TradeName {
  return { orderId: `${refund.refundNo}${CANCEL}`, txnTime: compactTime(refund.sentAt), txnType: TXN_TYPES.cancel };
}

/** Our number of the refund that a transaction's number stands for. */
export function refundNoOf(orderId: string, txnType: string): string {
  return txnType === TXN_TYPES.cancel && orderId.endsWith(CANCEL) ? orderId.slice(0, -CANCEL.length) : orderId;
}

/** In all messages. `bizType` is the online gateway, `accessType` 0 a merchant that is connected directly. */
const COMMON = { version: '5.1.0', encoding: 'UTF-8', signMethod: '01', bizType: '000201', accessType: '0' } as const;
/** A browser on a computer. */
const CHANNEL = '07';

/**
 * A payment that the payer's browser posts to the front address. `frontUrl` must be sent: where nobody named a page to
 * come back to, it is the root of the host that the notices go to.
 * Source: UnionPay, ACPSample_B2C, `Form_6_2_FrontConsume`.
 */
export function paymentFields(attempt: AttemptRequest, merId: string): TextFields {
  const { orderId, txnTime, txnType } = paymentName(attempt);
  return fieldsOf({
    ...COMMON,
    txnType,
    txnSubType: '01',
    channelType: CHANNEL,
    merId,
    orderId,
    txnTime,
    txnAmt: toFen(attempt.amount),
    currencyCode: CNY_CODE,
    frontUrl: attempt.returnUrl || `${new URL(attempt.notifyUrl).origin}/`,
    backUrl: attempt.notifyUrl,
    payTimeout: compactTime(attempt.expiresAt),
  });
}

/** Source: UnionPay, ACPSample_B2C, `Form_6_5_Query`. */
export function queryFields({ orderId, txnTime }: TradeName, merId: string): TextFields {
  return fieldsOf({ ...COMMON, txnType: TXN_TYPES.query, txnSubType: '00', merId, orderId, txnTime });
}

/** A refund or a cancel, by its name. Source: UnionPay, ACPSample_B2C, `Form_6_4_Refund` and `Form_6_3_ConsumeUndo`. */
export function giveBackFields(name: TradeName, refund: RefundRequest, origQryId: string, merId: string): TextFields {
  return fieldsOf({
    ...COMMON,
    txnType: name.txnType,
    txnSubType: '00',
    channelType: CHANNEL,
    merId,
    orderId: name.orderId,
    txnTime: name.txnTime,
    txnAmt: toFen(refund.amount),
    currencyCode: CNY_CODE,
    origQryId,
    backUrl: refund.notifyUrl,
  });
}

function fieldsOf(fields: Readonly<Record<string, string>>): TextFields {
  return new Map(Object.entries(fields));
}
