import type { Refund, RefundState } from '../ledger/refund.js';
import type { Product, Trade } from '../ledger/trade.js';
import { WECHATPAY_APP_ID, WECHATPAY_MCH_ID } from './merchant.js';
import { rfc3339 } from './times.js';

/** The one payer there is, where the merchant does not name one. */
export const PAYER_OPENID = 'oSimulatedPayer0000000000001';
const RECEIVED_BY = '支付用户零钱';

const TRADE_TYPES: Partial<Record<Product, string>> = { native: 'NATIVE', jsapi: 'JSAPI', h5: 'MWEB', app: 'APP' };
const DESCRIPTIONS: Readonly<Record<string, string>> = {
  SUCCESS: '支付成功',
  REFUND: '转入退款',
  NOTPAY: '订单未支付',
  CLOSED: '订单已关闭',
};

/** `REFUND` once any refund has succeeded, a partial one too. Source: docs 4012791858. */
export function tradeState(trade: Trade): string {
  if (trade.state === 'closed') return 'CLOSED';
  if (trade.state === 'unpaid') return 'NOTPAY';
  return trade.refundedAmount > 0 ? 'REFUND' : 'SUCCESS';
}

const REFUND_STATUS: Readonly<Record<RefundState, string>> = {
  processing: 'PROCESSING',
  succeeded: 'SUCCESS',
  closed: 'CLOSED',
  failed: 'CLOSED', // WeChat Pay has one word for a refund that did not come to be.
  abnormal: 'ABNORMAL',
};

export function refundStatus(refund: Refund): string {
  return REFUND_STATUS[refund.state];
}

/** A trade, as queries and payment notices tell of it. Where a test had the payer pay another amount, it is that one. */
export function transaction(trade: Trade, state = tradeState(trade)): Record<string, unknown> {
  const known = {
    mchid: WECHATPAY_MCH_ID,
    appid: WECHATPAY_APP_ID,
    out_trade_no: trade.outTradeNo,
    trade_type: TRADE_TYPES[trade.product],
    trade_state: state,
    trade_state_desc: DESCRIPTIONS[state] ?? state,
    ...(trade.passback !== null && { attach: trade.passback }),
  };
  if (trade.paidAt === null) return { ...known, amount: { total: trade.totalAmount, currency: 'CNY' } };
  const amount = { total: trade.paidAmount, payer_total: trade.paidAmount, currency: 'CNY', payer_currency: 'CNY' };
  return {
    ...known,
    transaction_id: trade.tradeNo,
    bank_type: 'OTHERS',
    success_time: rfc3339(trade.paidAt),
    payer: { openid: trade.details.openid ?? PAYER_OPENID },
    amount,
  };
}

/** A refund, as its answers tell of it. */
export function refundAnswer(refund: Refund, trade: Trade): Record<string, unknown> {
  const { amount } = refund;
  return {
    refund_id: refund.refundNo,
    out_refund_no: refund.outRequestNo,
    transaction_id: trade.tradeNo,
    out_trade_no: trade.outTradeNo,
    channel: 'ORIGINAL',
    user_received_account: RECEIVED_BY,
    ...successTime(refund),
    create_time: rfc3339(refund.at),
    status: refundStatus(refund),
    funds_account: 'AVAILABLE',
    amount: {
      ...refundAmounts(refund, trade),
      settlement_refund: amount,
      settlement_total: trade.paidAmount,
      discount_refund: 0,
      currency: 'CNY',
    },
  };
}

/** The same in its notice, where the field is called `refund_status`. Source: docs 4013071196. */
export function refundResource(refund: Refund, trade: Trade): Record<string, unknown> {
  return {
    mchid: WECHATPAY_MCH_ID,
    transaction_id: trade.tradeNo,
    out_trade_no: trade.outTradeNo,
    refund_id: refund.refundNo,
    out_refund_no: refund.outRequestNo,
    refund_status: refundStatus(refund),
    ...successTime(refund),
    user_received_account: RECEIVED_BY,
    amount: refundAmounts(refund, trade),
  };
}

function refundAmounts({ amount }: Refund, { paidAmount }: Trade): Record<string, number> {
  return { total: paidAmount, refund: amount, payer_total: paidAmount, payer_refund: amount };
}

function successTime({ state, endedAt }: Refund): { success_time?: string } {
  return state === 'succeeded' && endedAt !== null ? { success_time: rfc3339(endedAt) } : {};
}
