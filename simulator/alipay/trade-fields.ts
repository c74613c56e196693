import type { Trade, TradeState } from '../ledger/trade.js';
import { beijingTime } from './beijing-time.js';
import { yuan } from './yuan.js';

/** The one payer there is. */
export const BUYER = { id: '2088000000000999', logonId: 'pay***@example.com' } as const;

const STATUS: Readonly<Record<TradeState, string>> = {
  unpaid: 'WAIT_BUYER_PAY',
  paid: 'TRADE_SUCCESS',
  refunded: 'TRADE_CLOSED', // The same word as for a trade that was never paid: the merchant must know which it was.
  closed: 'TRADE_CLOSED',
};

export function statusWord(trade: Trade): string {
  return STATUS[trade.state];
}

/** What Alipay calls the trade's amount. Where a test had the payer pay another one, it is that, so that a merchant can notice. */
export function tradeAmount(trade: Trade): string {
  return yuan(trade.paidAt === null ? trade.totalAmount : trade.paidAmount);
}

/** Who paid what: the same in a query's answer and in a notice. */
export function amountFields(trade: Trade): Record<string, string> {
  const amount = tradeAmount(trade);
  const got = trade.paidAt === null ? '0.00' : amount;
  return { total_amount: amount, receipt_amount: got, buyer_pay_amount: got, invoice_amount: got, point_amount: '0.00' };
}

export function moment(iso: string): string {
  return beijingTime(new Date(iso));
}
