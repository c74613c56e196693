import type { Fields } from '../answer.js';
import type { Call } from '../call.js';
import type { AlipayContext } from '../context.js';
import { moment, tradeAmount } from '../trade-fields.js';
import { yuan } from '../yuan.js';
import { existingTrade } from './existing-trade.js';

/**
 * `alipay.trade.fastpay.refund.query`. A refund that never happened is no error: the answer is 10000 without a `refund_status`.
 */
export function refundQuery(call: Call, alipay: AlipayContext): Fields {
  const trade = existingTrade(call, alipay);
  const refund = alipay.ledger.refund(trade.outTradeNo, call.biz.required('out_request_no', 64));
  if (!refund) return {};
  return {
    trade_no: trade.tradeNo,
    out_trade_no: trade.outTradeNo,
    out_request_no: refund.outRequestNo,
    refund_reason: refund.reason ?? undefined,
    total_amount: tradeAmount(trade),
    refund_amount: yuan(refund.amount),
    refund_status: 'REFUND_SUCCESS',
    gmt_refund_pay: moment(refund.endedAt ?? refund.at),
  };
}
