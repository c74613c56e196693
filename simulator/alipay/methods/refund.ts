import { digits } from '../../ledger/numbers.js';
import type { RefundRequest } from '../../ledger/refund.js';
import type { Trade } from '../../ledger/trade.js';
import type { Fields } from '../answer.js';
import type { Call } from '../call.js';
import type { AlipayContext } from '../context.js';
import { badParameter } from '../refused.js';
import { BUYER, moment } from '../trade-fields.js';
import { yuan } from '../yuan.js';
import { existingTrade } from './existing-trade.js';

/**
 * `alipay.trade.refund`. `refund_fee` is what has gone back of the trade in all; `send_back_fee` is this refund's part.
 * `fund_change` is Y when the money moved now, and N when this number had moved it before.
 */
export function refund(call: Call, alipay: AlipayContext): Fields {
  const trade = existingTrade(call, alipay);
  const amount = call.biz.amount('refund_amount');
  const outRequestNo = requestNumber(call, trade, amount);
  const done = alipay.refunds.giveBack(refundRequest(trade, outRequestNo, amount, call.biz.optional('refund_reason', 256)));
  const after = alipay.ledger.trade(trade.outTradeNo) ?? trade;
  return {
    trade_no: trade.tradeNo,
    out_trade_no: trade.outTradeNo,
    buyer_logon_id: BUYER.logonId,
    buyer_user_id: BUYER.id,
    fund_change: done.moved ? 'Y' : 'N',
    refund_fee: yuan(after.refundedAmount),
    send_back_fee: yuan(done.refund.amount),
    gmt_refund_pay: moment(done.refund.at),
  };
}

/** Alipay gives a refund no number of its own that a merchant would see. */
export function refundRequest(trade: Trade, outRequestNo: string, amount: number, reason: string | null): RefundRequest {
  const told = { notifyUrl: trade.notifyUrl, details: {} };
  return { outTradeNo: trade.outTradeNo, outRequestNo, refundNo: `R${digits(27)}`, amount, reason, ...told };
}

/** Only a refund of everything may go without a number of its own; it then goes under the trade's. */
function requestNumber({ biz }: Call, trade: Trade, amount: number): string {
  const given = biz.optional('out_request_no', 64);
  if (given !== null) return given;
  if (trade.paidAt !== null && amount !== trade.paidAmount) throw badParameter('部分退款时 out_request_no 必传');
  return trade.outTradeNo;
}
