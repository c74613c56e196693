import type { Trade } from '../ledger/trade.js';
import { ALIPAY_SELLER_ID, type App } from './apps.js';
import { beijingTime } from './beijing-time.js';
import { noticeText, rsa2 } from './signing.js';
import { tradeAmount } from './trade-fields.js';

/** Where the payer's browser goes after paying: the merchant's `return_url` with signed parameters, which prove nothing. */
export function returnAddress(trade: Trade, { appId, signing }: App, now: Date): string | null {
  if (trade.returnUrl === null || trade.paidAt === null) return null;
  const said = {
    charset: 'utf-8',
    out_trade_no: trade.outTradeNo,
    method: `alipay.trade.${trade.product === 'wap' ? 'wap' : 'page'}.pay.return`,
    total_amount: tradeAmount(trade),
    trade_no: trade.tradeNo,
    auth_app_id: appId,
    version: '1.0',
    app_id: appId,
    sign_type: 'RSA2',
    seller_id: ALIPAY_SELLER_ID,
    timestamp: beijingTime(now),
    ...(signing.certificateSn !== null && { alipay_cert_sn: signing.certificateSn }),
  };
  const url = new URL(trade.returnUrl);
  for (const [name, value] of Object.entries({ ...said, sign: rsa2(noticeText(said), signing.privateKey) }))
    url.searchParams.set(name, value);
  return url.toString();
}
