import { assert, required } from '../../../kernel/assert.js';
import { after, beijingTime, DAY, MINUTE, SECOND } from '../../../kernel/clock.js';
import type { AttemptRequest, PayerDetail, RefundRequest } from '../gateway.js';
import type { WechatpaySettings } from './settings.js';
import { plainText } from './texts.js';

/** In characters. */
const LONGEST_DESCRIPTION = 127;
const LONGEST_REASON = 80;

export const WECHATPAY_METHODS = ['native', 'jsapi', 'h5', 'app'] as const;
export type WechatpayMethod = (typeof WECHATPAY_METHODS)[number];

export function isMethod(method: string): method is WechatpayMethod {
  return WECHATPAY_METHODS.some((one) => one === method);
}

/** Without these WeChat Pay refuses the order. */
export const NEEDS: Readonly<Record<WechatpayMethod, readonly PayerDetail[]>> = {
  native: [],
  jsapi: ['openId'],
  h5: ['clientIp'],
  app: [],
};

type Account = Pick<WechatpaySettings, 'appId' | 'mchId'>;

/**
 * The body of `POST /v3/pay/transactions/{method}`. The same attempt gives the same body, because WeChat Pay takes a
 * repeat for one only if nothing in it has changed. Source: WeChat Pay, documents under "orders".
 */
export function orderContent(attempt: AttemptRequest, method: WechatpayMethod, { appId, mchId }: Account, now: Date): object {
  const { outTradeNo, amount, openId, clientIp } = attempt;
  assert(amount.currency === 'CNY', `WeChat Pay takes yuan, not ${amount.currency}`);
  assert(Number.isSafeInteger(amount.amount) && amount.amount > 0, 'an amount sent to WeChat Pay must be a positive number of fen');
  return {
    appid: appId,
    mchid: mchId,
    // WeChat Pay wants a description, and the payer should at least see a number that the shop can look up.
    description: plainText(attempt.subject, LONGEST_DESCRIPTION) || outTradeNo,
    out_trade_no: outTradeNo,
    time_expire: rfc3339(timeExpire(attempt.expiresAt, now)),
    notify_url: attempt.notifyUrl,
    amount: { total: amount.amount, currency: amount.currency },
    ...(method === 'jsapi' && { payer: { openid: required(openId, "the payer's openId") } }),
    ...(method === 'h5' && {
      scene_info: { payer_client_ip: required(clientIp, "the payer's clientIp"), h5_info: { type: 'Wap' } },
    }),
  };
}

/** The body of `POST /v3/refund/domestic/refunds`. Source: WeChat Pay, documents under "refunds". */
export function refundContent({ outTradeNo, refundNo, amount, paid, reason, notifyUrl }: RefundRequest): object {
  return {
    out_trade_no: outTradeNo,
    out_refund_no: refundNo,
    reason: plainText(reason, LONGEST_REASON) || undefined,
    // Without it, notices would go to the address in the merchant platform, and in the XML of version 2.
    notify_url: notifyUrl,
    amount: { refund: amount.amount, total: paid.amount, currency: amount.currency },
  };
}

export function orderPath(number: string, mchId: string, by: 'out-trade-no' | 'id'): string {
  return `/v3/pay/transactions/${by}/${encodeURIComponent(number)}?mchid=${encodeURIComponent(mchId)}`;
}

export function closePath(outTradeNo: string): string {
  return `/v3/pay/transactions/out-trade-no/${encodeURIComponent(outTradeNo)}/close`;
}

export const REFUNDS_PATH = '/v3/refund/domestic/refunds';

export function refundPath(refundNo: string): string {
  return `${REFUNDS_PATH}/${encodeURIComponent(refundNo)}`;
}

/** WeChat Pay takes one minute to seven days from now, in whole seconds: what is outside is moved to the nearest end. */
function timeExpire(expiresAt: Date, now: Date): Date {
  // Rounded up, because cutting the fraction off would leave less than the minute.
  const earliest = Math.ceil(after(now, MINUTE).getTime() / SECOND) * SECOND;
  const latest = after(now, 7 * DAY).getTime();
  return new Date(Math.min(Math.max(expiresAt.getTime(), earliest), latest));
}

function rfc3339(instant: Date): string {
  return `${beijingTime(instant).replace(' ', 'T')}+08:00`;
}
