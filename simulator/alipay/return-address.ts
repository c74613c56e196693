import type { KeyObject } from 'node:crypto';
import type { Trade } from '../ledger/trade.js';
import { beijingTime } from './beijing-time.js';
import { ALIPAY_APP_ID, ALIPAY_SELLER_ID } from './context.js';
import { noticeText, rsa2 } from './signing.js';
import { tradeAmount } from './trade-fields.js';

/** Where the payer's browser goes after paying: the merchant's `return_url` with signed parameters, which prove nothing. */
export function returnAddress(trade: Trade, privateKey: KeyObject, now: Date): string | null {
  if (trade.returnUrl === null || trade.paidAt === null) return null;
  const said = {
    charset: 'utf-8',
    out_trade_no: trade.outTradeNo,
    method: `alipay.trade.${trade.product === 'wap' ? 'wap' : 'page'}.pay.return`,
    total_amount: tradeAmount(trade),
    trade_no: trade.tradeNo,
    auth_app_id: ALIPAY_APP_ID,
    version: '1.0',
    app_id: ALIPAY_APP_ID,
    sign_type: 'RSA2',
    seller_id: ALIPAY_SELLER_ID,
    timestamp: beijingTime(now),
  };
  const url = new URL(trade.returnUrl);
  for (const [name, value] of Object.entries({ ...said, sign: rsa2(noticeText(said), privateKey) })) url.searchParams.set(name, value);
  return url.toString();
}
