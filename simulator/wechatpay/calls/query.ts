import { ApiError } from '../api-error.js';
import type { WechatpayContext } from '../context.js';
import type { Trade } from '../../ledger/trade.js';
import { transaction } from '../transaction-fields.js';
import type { Answered, Call } from './call.js';
import { checkMchid } from './merchant-check.js';

/** `GET /v3/pay/transactions/out-trade-no/{out_trade_no}?mchid=`. */
export function queryByOutTradeNo({ path, query }: Call, wechatpay: WechatpayContext): Answered {
  checkMchid(query.get('mchid'));
  return transaction(expectTrade(wechatpay.ledger.trade(path[0] ?? '')));
}

/** `GET /v3/pay/transactions/id/{transaction_id}?mchid=`. An unpaid order has no number of WeChat's that anybody could know. */
export function queryById({ path, query }: Call, wechatpay: WechatpayContext): Answered {
  checkMchid(query.get('mchid'));
  const trade = wechatpay.ledger.tradeByNo(path[0] ?? '');
  return transaction(expectTrade(trade?.paidAt === null ? undefined : trade));
}

/** Another gateway's trade is none of WeChat's. */
export function expectTrade(trade: Trade | undefined): Trade {
  if (trade?.gateway !== 'wechatpay') throw new ApiError('ORDER_NOT_EXIST', '订单不存在');
  return trade;
}
