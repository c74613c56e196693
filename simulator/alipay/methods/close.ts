import type { Fields } from '../answer.js';
import type { Call } from '../call.js';
import type { AlipayContext } from '../context.js';
import { existingTrade } from './existing-trade.js';

/**
 * `alipay.trade.close`. What no payer has opened is no trade, so there is nothing to close (`ACQ.TRADE_NOT_EXIST`); and nothing is
 * closed: a page URL or a code that the merchant has given out still works until its own `time_expire`.
 */
export function close(call: Call, alipay: AlipayContext): Fields {
  const trade = existingTrade(call, alipay);
  alipay.ledger.close(trade.outTradeNo);
  return { trade_no: trade.tradeNo, out_trade_no: trade.outTradeNo };
}
