import type { Order } from '../ledger/trade.js';
import { fromBeijingTime } from './beijing-time.js';
import type { BizContent } from './biz-content.js';
import type { Call } from './call.js';
import { badParameter } from './refused.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const LONGEST_MS = 15 * DAY_MS;

interface ProductRules {
  readonly codes: readonly string[];
  readonly codeRequired: boolean;
  readonly lifetimeMs: number; // Of an unpaid order that says nothing about it.
}

export type AlipayProduct = 'page' | 'wap' | 'app' | 'qr';

/** Source: docs open/028r8t (page), open/02ivbs (wap), open/02e7gq (app), open/02ekfp (precreate). */
const PRODUCTS: Readonly<Record<AlipayProduct, ProductRules>> = {
  page: { codes: ['FAST_INSTANT_TRADE_PAY'], codeRequired: true, lifetimeMs: LONGEST_MS },
  wap: { codes: ['QUICK_WAP_WAY'], codeRequired: true, lifetimeMs: LONGEST_MS },
  app: { codes: ['QUICK_MSECURITY_PAY'], codeRequired: false, lifetimeMs: LONGEST_MS },
  qr: { codes: ['QR_CODE_OFFLINE', 'FACE_TO_FACE_PAYMENT'], codeRequired: false, lifetimeMs: 3 * HOUR_MS },
};

/** What the merchant asks the payer to pay. */
export function orderOf(call: Call, product: AlipayProduct, now: Date): Order {
  const { biz } = call;
  checkProductCode(biz, PRODUCTS[product]);
  return {
    gateway: 'alipay',
    outTradeNo: biz.outTradeNo(),
    product,
    totalAmount: biz.amount('total_amount'),
    subject: subject(biz),
    body: biz.optional('body', 128),
    notifyUrl: call.notifyUrl,
    returnUrl: call.returnUrl,
    passback: biz.optional('passback_params', 512),
    expiresAt: expiry(biz, PRODUCTS[product].lifetimeMs, now).toISOString(),
    code: null,
    details: { appId: call.app.appId },
  };
}

function checkProductCode(biz: BizContent, rules: ProductRules): void {
  const code = biz.optional('product_code', 64);
  if (code === null && !rules.codeRequired) return;
  if (code === null || !rules.codes.includes(code)) throw badParameter(`product_code 须为 ${rules.codes.join(' 或 ')}`);
}

function subject(biz: BizContent): string {
  const text = biz.required('subject', 256);
  if (/[/=&]/.test(text)) throw badParameter('subject 不能包含 / = &');
  return text;
}

/** `time_expire` wins over `timeout_express`. A moment that is past is the ledger's to refuse: a page URL may be opened late. */
function expiry(biz: BizContent, defaultMs: number, now: Date): Date {
  const absolute = biz.optional('time_expire', 32);
  if (absolute !== null) return deadline(absolute, now);
  const relative = biz.optional('timeout_express', 6);
  return relative === null ? new Date(now.getTime() + defaultMs) : new Date(now.getTime() + duration(relative, now));
}

function deadline(text: string, now: Date): Date {
  const moment = fromBeijingTime(text);
  if (!moment) throw badParameter('time_expire 的格式为 yyyy-MM-dd HH:mm:ss');
  if (moment.getTime() - now.getTime() > LONGEST_MS) throw badParameter('time_expire 不能超过 15 天');
  return moment;
}

/** `90m`, `2h`, `3d`, or `1c`: to the end of the day in Beijing. */
function duration(text: string, now: Date): number {
  if (text === '1c') return DAY_MS - ((now.getTime() + 8 * HOUR_MS) % DAY_MS);
  const match = /^(\d{1,5})([mhd])$/.exec(text);
  const unit = { m: MINUTE_MS, h: HOUR_MS, d: DAY_MS }[match?.[2] ?? ''] ?? 0;
  const length = Number(match?.[1]) * unit;
  if (!(length >= MINUTE_MS && length <= LONGEST_MS)) throw badParameter('timeout_express 须为 1m 至 15d');
  return length;
}
