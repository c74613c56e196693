import { randomBytes } from 'node:crypto';
import { ApiError } from '../api-error.js';
import type { WechatpayContext } from '../context.js';
import { beijingDigits, digits } from '../../ledger/numbers.js';
import type { PayerCode, Trade } from '../../ledger/trade.js';
import type { Answered, Call } from './call.js';
import { checkApp } from './merchant-check.js';
import { orderOf, type WechatpayProduct } from './order-fields.js';

const MINUTE_MS = 60_000;
/** How long the payer has to begin. Source: docs 4012791877 and 4012791834. */
const CODE_LIFETIME_MS: Readonly<Record<WechatpayProduct, number>> = {
  native: 120 * MINUTE_MS,
  jsapi: 120 * MINUTE_MS,
  app: 120 * MINUTE_MS,
  h5: 5 * MINUTE_MS,
};

/**
 * `POST /v3/pay/transactions/{product}`. The trade exists at once, unpaid. The same request again gives a new prepay id for the same
 * trade; any other request under its number is refused.
 */
export function order(call: Call, wechatpay: WechatpayContext, product: WechatpayProduct): Answered {
  const body = call.body();
  checkApp(body);
  const asked = orderOf(body, product, call.now);
  expectSame(wechatpay.ledger.trade(asked.outTradeNo), asked.product, asked.details.fingerprint ?? '');
  const prepayId = `wx${beijingDigits(call.now)}${digits(20)}`;
  const value = product === 'native' || product === 'h5' ? randomBytes(8).toString('hex') : prepayId;
  const code: PayerCode = { value, expiresAt: new Date(call.now.getTime() + CODE_LIFETIME_MS[product]).toISOString() };
  const trade = wechatpay.ledger.open({ ...asked, code });
  if (trade.code?.value !== value) wechatpay.ledger.amend(trade.outTradeNo, { code });
  if (product === 'native') return { code_url: codeUrl(value) };
  if (product === 'h5') return { h5_url: `${wechatpay.origin()}/wechatpay/h5?prepay_id=${prepayId}&package=${value}` };
  return { prepay_id: prepayId };
}

export function codeUrl(code: string): string {
  return `weixin://wxpay/bizpayurl?pr=${code}`;
}

function expectSame(known: Trade | undefined, product: string, fingerprint: string): void {
  if (!known) return;
  if (known.product !== product || known.details.fingerprint !== fingerprint) {
    throw new ApiError('OUT_TRADE_NO_USED', '商户订单号重复：同一单号的参数与之前不一致');
  }
}
