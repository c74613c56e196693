import type { Trade } from '../../ledger/trade.js';
import type { Call } from '../call.js';
import type { AlipayContext } from '../context.js';
import { badParameter, business } from '../refused.js';

/** The trade that a call is about: by Alipay's number where it is given, else by the merchant's. */
export function existingTrade({ biz }: Call, { ledger }: AlipayContext): Trade {
  const tradeNo = biz.optional('trade_no', 64);
  const outTradeNo = biz.optional('out_trade_no', 64);
  if (tradeNo === null && outTradeNo === null) throw badParameter('out_trade_no 和 trade_no 不能同时为空');
  const trade = tradeNo === null ? ledger.trade(outTradeNo ?? '') : ledger.tradeByNo(tradeNo);
  // Another gateway's trade is none of Alipay's.
  if (trade?.gateway !== 'alipay') throw business('ACQ.TRADE_NOT_EXIST', '交易不存在');
  return trade;
}
