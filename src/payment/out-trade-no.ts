import { assert } from '../kernel/assert.js';
import type { OrderId, RefundId } from '../kernel/ids.js';

/** More tries than any payer makes; it keeps the number of an attempt at two digits. */
export const MAX_ATTEMPTS = 99;

/** More numbers than any refund needs. */
export const MAX_TRIES = 99;

// 128 bits in base 36.
const ID_DIGITS = 25;

/**
 * The number that a gateway knows an attempt by: the order's id and the attempt's number, 27 letters and digits. WeChat
 * Pay takes 6 to 32, UnionPay 8 to 40 without `-` or `_`, Alipay up to 64.
 */
export function outTradeNo(orderId: OrderId, attempt: number): string {
  assert(attempt >= 1 && attempt <= MAX_ATTEMPTS, 'an attempt has a number from 1 to 99');
  const digits = BigInt(`0x${orderId.replaceAll('-', '')}`)
    .toString(36)
    .padStart(ID_DIGITS, '0');
  return `${digits}${String(attempt).padStart(2, '0')}`;
}

/** The order that a number leads to without any look-up, or undefined where it is none of ours. */
export function orderOf(tradeNo: string): OrderId | undefined {
  if (!/^[0-9a-z]{27}$/.test(tradeNo)) return undefined;
  // As many digits at once as a number holds exactly.
  const part = (from: number, to: number) => BigInt(Number.parseInt(tradeNo.slice(from, to), 36));
  const id = (part(0, 10) * 36n ** 10n + part(10, 20)) * 36n ** 5n + part(20, ID_DIGITS);
  const hex = id.toString(16).padStart(32, '0');
  if (hex.length > 32) return undefined;
  return dashed(hex);
}

/**
 * The number that a gateway knows a refund by: its id as 32 letters and digits, and from the second try on the number of the try.
 * WeChat Pay takes up to 64, UnionPay 8 to 40 letters and digits, Alipay up to 64.
 */
export function refundNo(refundId: RefundId, tries: number): string {
  assert(tries >= 1 && tries <= MAX_TRIES, 'a refund has tries from 1 to 99');
  return refundId.replaceAll('-', '') + (tries === 1 ? '' : String(tries).padStart(2, '0'));
}

/** The refund that a number leads to, or undefined where it is none of ours. */
export function refundOf(number: string): RefundId | undefined {
  if (!/^[0-9a-f]{32}(?:\d{2})?$/.test(number)) return undefined;
  return dashed(number.slice(0, 32));
}

function dashed(hex: string): string {
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
