import { isIP } from 'node:net';
import { badParameter } from '../api-error.js';
import type { JsonFields } from '../json-fields.js';
import type { Order } from '../../ledger/trade.js';
import { fromRfc3339 } from '../times.js';

export type WechatpayProduct = 'native' | 'jsapi' | 'h5' | 'app';

const MINUTE_MS = 60_000;
const LONGEST_MS = 7 * 24 * 60 * MINUTE_MS;
export const OUT_TRADE_NO = { max: 32, pattern: /^[0-9A-Za-z_\-|*]{6,32}$/ };

/** What the merchant asks the payer to pay. Source: docs 4012791856 (jsapi), 4012791877 (native), 4012791834 (h5), 4013070347 (app). */
export function orderOf(body: JsonFields, product: WechatpayProduct, now: Date): Order {
  return {
    gateway: 'wechatpay',
    outTradeNo: body.required('out_trade_no', OUT_TRADE_NO),
    product,
    totalAmount: amountOf(body),
    subject: body.required('description', { max: 127 }),
    body: null,
    notifyUrl: notifyUrl(body),
    returnUrl: null,
    passback: body.optional('attach', { max: 128 }),
    expiresAt: expiry(body, now).toISOString(),
    code: null,
    details: { fingerprint: body.fingerprint(), ...payerOf(body, product) },
  };
}

function amountOf(body: JsonFields): number {
  const currency = body.optional('amount.currency', { max: 16 });
  if (currency !== null && currency !== 'CNY') throw badParameter('amount.currency 须为 CNY');
  return body.amount('amount.total');
}

function notifyUrl(body: JsonFields): string {
  const address = body.address('notify_url', 255);
  if (address === null) throw badParameter('缺少 notify_url');
  return address;
}

/** Less than a minute ahead is lifted to a minute, as at the real gateway; the past is refused. */
function expiry(body: JsonFields, now: Date): Date {
  const text = body.optional('time_expire', { max: 64 });
  if (text === null) return new Date(now.getTime() + LONGEST_MS);
  const moment = fromRfc3339(text);
  if (!moment) throw badParameter('time_expire 须为 RFC 3339 格式，例如 2026-01-05T10:26:12+08:00');
  const ahead = moment.getTime() - now.getTime();
  if (ahead <= 0 || ahead > LONGEST_MS) throw badParameter('time_expire 须在将来的 7 天之内');
  return new Date(now.getTime() + Math.max(ahead, MINUTE_MS));
}

function payerOf(body: JsonFields, product: WechatpayProduct): Record<string, string> {
  if (product === 'jsapi') return { openid: body.required('payer.openid', { max: 128 }) };
  if (product !== 'h5') return {};
  if (isIP(body.required('scene_info.payer_client_ip', { max: 45 })) === 0) throw badParameter('payer_client_ip 不是 IP 地址');
  body.required('scene_info.h5_info.type', { max: 32, pattern: /^(Wap|iOS|Android)$/ });
  return {};
}
