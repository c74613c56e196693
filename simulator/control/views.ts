import type { Gateway } from '../gateway.js';
import type { Refund } from '../ledger/refund.js';
import type { Trade } from '../ledger/trade.js';
import type { Notice } from '../notices/notice.js';

/** A trade as the log and the control API show it: the books' fields, with the gateway's own word as `status`. */
export function tradeView(trade: Trade, gateway: Gateway): Record<string, unknown> {
  const { state, ...fields } = trade;
  return { ...fields, status: gateway.statusOf(trade), state };
}

export function refundView(refund: Refund, gateway: Gateway): Record<string, unknown> {
  const { state, ...fields } = refund;
  return { ...fields, status: gateway.refundStatusOf(refund), state };
}

/** What became of a notice: `status` and `body` are the merchant's latest answer. */
export function deliveryView(notice: Notice): Record<string, unknown> {
  const latest = notice.attempts.at(-1);
  const { notifyId, outTradeNo, outRequestNo, tradeStatus, state } = notice;
  const answer = { status: latest?.status ?? null, body: latest?.body ?? null, error: latest?.error ?? null };
  return { notifyId, outTradeNo, outRequestNo, tradeStatus, state, ...answer };
}
