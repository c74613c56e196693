import { after, beijingTime, DAY, MINUTE, SECOND } from '../../../kernel/clock.js';
import type { AttemptRequest } from '../gateway.js';
import { toYuan } from './amounts.js';
import type { Parameters } from './signing.js';

/** How a payment method is asked for at Alipay, and what the payer is handed. */
export interface Product {
  readonly api: string;
  readonly productCode: string;
  readonly hands: 'redirect' | 'sdk' | 'qr_code';
  /** Where the payer goes after paying: only browsers come back. */
  readonly returns: boolean;
}

/** Source: Alipay, the pages of the four APIs; their document numbers are in docs/gateways/alipay.md. */
export const PRODUCTS: ReadonlyMap<string, Product> = new Map([
  ['page', { api: 'alipay.trade.page.pay', productCode: 'FAST_INSTANT_TRADE_PAY', hands: 'redirect', returns: true }],
  ['wap', { api: 'alipay.trade.wap.pay', productCode: 'QUICK_WAP_WAY', hands: 'redirect', returns: true }],
  ['app', { api: 'alipay.trade.app.pay', productCode: 'QUICK_MSECURITY_PAY', hands: 'sdk', returns: false }],
  ['qr', { api: 'alipay.trade.precreate', productCode: 'QR_CODE_OFFLINE', hands: 'qr_code', returns: false }],
]);

const LONGEST_TEXT = 256;

/** The business fields of a call, which travel as JSON in `biz_content`. */
export type BusinessContent = Readonly<Record<string, unknown>>;

/** What some calls have and others do not, such as `notify_url` or the numbers of our certificates. */
export type Extras = Readonly<Record<string, string | undefined>>;

/**
 * The parameters of a call, yet to be signed. Those without a value are left out here, once, so that what is signed is
 * what is sent: Alipay drops an empty value before it verifies. The content is turned into text only here, too.
 */
export function requestParameters(appId: string, api: string, content: BusinessContent, extras: Extras, now: Date): Parameters {
  const parameters: [string, string][] = [
    ['app_id', appId],
    ['method', api],
    ['format', 'JSON'],
    ['charset', 'utf-8'],
    ['sign_type', 'RSA2'],
    ['timestamp', beijingTime(now)],
    ['version', '1.0'],
    ...Object.entries(extras).map(([name, value]): [string, string] => [name, value ?? '']),
    ['biz_content', JSON.stringify(content)],
  ];
  return new Map(parameters.filter(([, value]) => value !== ''));
}

/** The business fields of a payment. */
export function tradeContent(attempt: AttemptRequest, product: Product, now: Date): Record<string, string> {
  const subject = plainText(attempt.subject.replace(/[/=&]/g, ' '));
  return {
    out_trade_no: attempt.outTradeNo,
    total_amount: toYuan(attempt.amount),
    // Alipay wants a subject, and the payer should at least see a number that the shop can look up.
    subject: subject === '' ? attempt.outTradeNo : subject,
    product_code: product.productCode,
    time_expire: beijingTime(timeExpire(attempt.expiresAt, now)),
  };
}

/** Without control characters and lone surrogates, single-spaced, and cut to 256 characters as a person counts them. */
export function plainText(text: string): string {
  const plain = text.replace(/[\p{Cc}\p{Cs}\s]+/gu, ' ').trim();
  return [...plain].slice(0, LONGEST_TEXT).join('').trimEnd();
}

/** Alipay takes one minute to fifteen days from now, in whole seconds: what is outside is moved to the nearest end. */
function timeExpire(expiresAt: Date, now: Date): Date {
  // Rounded up, because cutting the fraction off would leave less than the minute.
  const earliest = Math.ceil(after(now, MINUTE).getTime() / SECOND) * SECOND;
  const latest = after(now, 15 * DAY).getTime();
  return new Date(Math.min(Math.max(expiresAt.getTime(), earliest), latest));
}

/**
 * The pairs as a form or a query. A space is `%20`, which every decoder reads alike, and the characters that could end
 * an attribute or a string in a page are encoded too.
 */
export function encode(pairs: Iterable<readonly [string, string]>): string {
  return [...pairs].map(([name, value]) => `${encodeText(name)}=${encodeText(value)}`).join('&');
}

function encodeText(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}
