import { randomInt } from 'node:crypto';
import type { GatewayName } from './trade.js';

let trace = randomInt(1e7);

/** The gateways' own trade numbers, of the length and with the beginning that the real ones have. */
const TRADE_NUMBERS: Readonly<Record<GatewayName, (now: Date) => string>> = {
  alipay: (now) => `${beijingDigits(now).slice(0, 8)}22001${digits(15)}`, // 28 digits, the day first.
  wechatpay: (now) => `4200${digits(6)}${beijingDigits(now).slice(0, 8)}${digits(10)}`, // 28 digits.
  // 21 digits, the second first. Counted, because chance would give the same seven digits twice to a busy second.
  unionpay: (now) => `${beijingDigits(now)}${String((trace = (trace + 1) % 1e7)).padStart(7, '0')}`,
};

export function newTradeNo(gateway: GatewayName, now: Date): string {
  return TRADE_NUMBERS[gateway](now);
}

/** So many digits at random. */
export function digits(length: number): string {
  return Array.from({ length }, () => randomInt(10)).join('');
}

/** `yyyyMMddHHmmss` in Beijing, eight hours ahead all year. */
export function beijingDigits(moment: Date): string {
  return new Date(moment.getTime() + 8 * 3_600_000).toISOString().replace(/\D/g, '').slice(0, 14);
}
