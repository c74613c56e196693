import { assert } from './assert.js';

/** An ISO 4217 code. Everything is counted in the currency's minor unit (fen for CNY). */
export type Currency = string;

export const DEFAULT_CURRENCY: Currency = 'CNY';

/** An amount of money: a safe integer of minor units, never a float, never a string. */
export interface Money {
  readonly amount: number;
  readonly currency: Currency;
}

/** The largest price, and the largest amount that one order may come to: 100,000,000.00 yuan, which is Alipay's limit. */
export const MAX_AMOUNT = 10_000_000_000;

export function money(amount: number, currency: Currency = DEFAULT_CURRENCY): Money {
  assert(Number.isSafeInteger(amount), `an amount must be a safe integer of minor units, not ${amount}`);
  return { amount, currency };
}

export function sum(amounts: readonly number[]): number {
  const total = amounts.reduce((left, right) => left + right, 0);
  assert(Number.isSafeInteger(total), 'a sum of amounts left the safe integers');
  return total;
}

export function sameMoney(left: Money, right: Money): boolean {
  return left.amount === right.amount && left.currency === right.currency;
}
