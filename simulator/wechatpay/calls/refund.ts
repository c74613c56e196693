import { ApiError, badParameter } from '../api-error.js';
import type { WechatpayContext } from '../context.js';
import type { JsonFields } from '../json-fields.js';
import { beijingDigits, digits } from '../../ledger/numbers.js';
import type { Refund, RefundRequest } from '../../ledger/refund.js';
import type { Trade } from '../../ledger/trade.js';
import { refundAnswer } from '../transaction-fields.js';
import type { Answered, Call } from './call.js';

const OUT_REFUND_NO = { max: 64, pattern: /^[0-9A-Za-z_\-|*@]+$/ };
const LATEST_MS = 365 * 86_400_000;
const MOST_REFUNDS = 50;

/**
 * `POST /v3/refund/domestic/refunds`. 200 means accepted; the same request again is the same refund, wherever that stands by now.
 * Source: docs 4013071036.
 */
export function refund(call: Call, wechatpay: WechatpayContext): Answered {
  const body = call.body();
  const asked = read(body);
  const trade = refundedTrade(body, wechatpay);
  const before = wechatpay.ledger.refundByNumber('wechatpay', asked.outRequestNo);
  if (before) return repeated(before, asked, trade);
  if (body.amount('amount.total') !== trade.paidAmount) throw new ApiError('INVALID_REQUEST', '订单金额与原订单不一致');
  checkLimits(trade, wechatpay, call.now);
  const numbers = { outTradeNo: trade.outTradeNo, refundNo: newRefundNo(call.now) };
  const accepted = wechatpay.refunds.accept({ ...asked, ...numbers });
  return refundAnswer(accepted.refund, trade);
}

/** `5` and 28 digits, as the real ones are. */
export function newRefundNo(now: Date): string {
  return `5030${digits(7)}${beijingDigits(now).slice(0, 8)}${digits(10)}`;
}

function read(body: JsonFields): Omit<RefundRequest, 'outTradeNo' | 'refundNo'> {
  const currency = body.required('amount.currency', { max: 16 });
  if (currency !== 'CNY') throw badParameter('amount.currency 须为 CNY');
  return {
    outRequestNo: body.required('out_refund_no', OUT_REFUND_NO),
    amount: body.amount('amount.refund'),
    reason: body.optional('reason', { max: 80 }),
    notifyUrl: body.address('notify_url', 256),
    details: { fingerprint: body.fingerprint() },
  };
}

function refundedTrade(body: JsonFields, { ledger }: WechatpayContext): Trade {
  const transactionId = body.optional('transaction_id', { max: 32 });
  const outTradeNo = body.optional('out_trade_no', { max: 32 });
  if ((transactionId === null) === (outTradeNo === null)) throw badParameter('transaction_id 和 out_trade_no 二选一');
  const trade = transactionId === null ? ledger.trade(outTradeNo ?? '') : ledger.tradeByNo(transactionId);
  if (trade?.gateway !== 'wechatpay') throw new ApiError('RESOURCE_NOT_EXISTS', '订单不存在');
  return trade;
}

function repeated(before: Refund, asked: Pick<RefundRequest, 'amount' | 'details'>, trade: Trade): Answered {
  if (before.amount !== asked.amount) throw new ApiError('REFUND_FEE_MISMATCH', '同一退款单号多次请求，金额不一致');
  if (before.outTradeNo !== trade.outTradeNo || before.details.fingerprint !== asked.details.fingerprint) {
    throw new ApiError('INVALID_REQUEST', '同一退款单号多次请求，参数与之前不一致');
  }
  return refundAnswer(before, trade);
}

function checkLimits(trade: Trade, { ledger }: WechatpayContext, now: Date): void {
  if (trade.paidAt !== null && now.getTime() - Date.parse(trade.paidAt) > LATEST_MS) {
    throw new ApiError('TRADE_OVERDUE', '订单已经超过退款期限');
  }
  if (ledger.refundsOf(trade.outTradeNo).length >= MOST_REFUNDS)
    throw new ApiError('INVALID_REQUEST', `一个订单最多退款 ${MOST_REFUNDS} 次`);
}
