import type { Fields } from '../answer.js';
import type { Call } from '../call.js';
import type { AlipayContext } from '../context.js';
import { amountFields, BUYER, moment, statusWord, tradeAmount } from '../trade-fields.js';
import { existingTrade } from './existing-trade.js';

/** `alipay.trade.query`. A code of 10000 says that the question was answered, and nothing about the money. */
export function query(call: Call, alipay: AlipayContext): Fields {
  const trade = existingTrade(call, alipay);
  const known = {
    trade_no: trade.tradeNo,
    out_trade_no: trade.outTradeNo,
    trade_status: statusWord(trade),
    buyer_logon_id: BUYER.logonId,
    buyer_user_id: BUYER.id,
    ...amountFields(trade),
  };
  if (trade.paidAt === null) return known;
  const bills = [{ amount: tradeAmount(trade), fund_channel: 'ALIPAYACCOUNT' }];
  return { ...known, send_pay_date: moment(trade.paidAt), fund_bill_list: bills };
}
