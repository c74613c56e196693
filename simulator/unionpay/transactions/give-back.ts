import { newTradeNo } from '../../ledger/numbers.js';
import type { Trade } from '../../ledger/trade.js';
import { monthsLater, settlementDay } from '../beijing-time.js';
import { checkTransaction } from '../call.js';
import type { UnionPayContext } from '../context.js';
import type { Fields } from '../message.js';
import { tooLate, wrongAmount, wrongState } from '../refused.js';
import { GIVE_BACK } from '../rules.js';
import { expectUnused, originalPayment } from './known-transactions.js';

const REFUNDABLE_MONTHS = 11;

/** txnType 04: gives back a part or all, several times, on any day. */
export function refund(fields: Fields, unionpay: UnionPayContext): Fields {
  return giveBack(fields, unionpay, (_trade, paidAt, now) => {
    if (now > monthsLater(paidAt, REFUNDABLE_MONTHS)) throw tooLate(`只能退 ${REFUNDABLE_MONTHS} 个月内的交易`);
  });
}

/** txnType 31: undoes the whole payment before its settlement day ends, which is at 23:00 in Beijing. */
export function cancel(fields: Fields, unionpay: UnionPayContext): Fields {
  return giveBack(fields, unionpay, (trade, paidAt, now) => {
    if (trade.refundedAmount + trade.refundingAmount > 0) throw wrongState('已退货或已撤销');
    if (Number(fields.txnAmt) !== trade.paidAmount) throw wrongAmount('撤销须为全额');
    if (settlementDay(now) !== settlementDay(paidAt)) throw tooLate('只能撤销当前清算日的交易');
  });
}

/** Both are accepted here and end later: the answer only says that they are under way. */
function giveBack(fields: Fields, unionpay: UnionPayContext, check: (trade: Trade, paidAt: Date, now: Date) => void): Fields {
  checkTransaction(fields, GIVE_BACK, unionpay);
  const { orderId = '', txnTime = '', txnType = '', encoding = '', bizType = '', origQryId = '', backUrl, reqReserved } = fields;
  const now = unionpay.clock();
  expectUnused(orderId, unionpay);
  const trade = originalPayment(origQryId, unionpay);
  if (trade.paidAt === null) throw wrongState('未支付');
  check(trade, new Date(trade.paidAt), now);
  const { refund: accepted } = unionpay.acceptRefund({
    outTradeNo: trade.outTradeNo,
    outRequestNo: orderId,
    refundNo: newTradeNo('unionpay', now),
    amount: Number(fields.txnAmt),
    reason: reqReserved === undefined || reqReserved === '' ? null : reqReserved,
    notifyUrl: backUrl ?? null,
    details: { txnType, txnTime, encoding, bizType },
  });
  return { queryId: accepted.refundNo, origQryId };
}
