import type { Order, Trade } from '../../ledger/trade.js';
import { fromBeijingTime } from '../beijing-time.js';
import { checkTransaction } from '../call.js';
import type { UnionPayContext } from '../context.js';
import type { Fields } from '../message.js';
import { tooLate } from '../refused.js';
import { CONSUME } from '../rules.js';
import { expectUnused } from './known-transactions.js';

/** Where the merchant says nothing; what UnionPay suggests. */
const DEFAULT_LIFETIME_MS = 15 * 60_000;

/** txnType 01: the payer's browser posts the form that the merchant signed, and the trade comes into being. A second post is a repetition. */
export function consume(fields: Fields, unionpay: UnionPayContext): Trade {
  checkTransaction(fields, CONSUME, unionpay);
  const now = unionpay.clock();
  const expiresAt = fromBeijingTime(fields.payTimeout ?? '') ?? new Date(now.getTime() + DEFAULT_LIFETIME_MS);
  if (expiresAt.getTime() <= now.getTime()) throw tooLate('payTimeout 已过');
  const order = orderOf(fields, expiresAt);
  expectUnused(order.outTradeNo, unionpay);
  return unionpay.ledger.open(order);
}

function orderOf(fields: Fields, expiresAt: Date): Order {
  const { orderId = '', txnAmt, backUrl, frontUrl, reqReserved, channelType, txnTime = '', encoding = '', bizType = '' } = fields;
  return {
    gateway: 'unionpay',
    outTradeNo: orderId,
    product: channelType === '08' ? 'wap' : 'page',
    totalAmount: Number(txnAmt),
    subject: commodity(fields.riskRateInfo ?? '') ?? `订单 ${orderId}`,
    body: null,
    notifyUrl: backUrl ?? null,
    returnUrl: frontUrl ?? null,
    passback: reqReserved === undefined || reqReserved === '' ? null : reqReserved,
    expiresAt: expiresAt.toISOString(),
    code: null,
    details: { txnTime, encoding, bizType },
  };
}

/** `{commodityName=…}`, the one place where a form may say what is sold. */
function commodity(riskRateInfo: string): string | undefined {
  return /[{&]commodityName=([^&{}]{1,256})[&}]/.exec(riskRateInfo)?.[1];
}
