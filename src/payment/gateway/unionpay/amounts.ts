import { assert } from '../../../kernel/assert.js';
import { DEFAULT_CURRENCY, money, type Money } from '../../../kernel/money.js';

const FEN = /^(?:0|[1-9]\d{0,11})$/;

/** What UnionPay calls yuan, and other currencies that a cross-border merchant may meet, by their ISO 4217 numbers. */
const CURRENCIES: ReadonlyMap<string, string> = new Map([
  ['156', DEFAULT_CURRENCY],
  ['344', 'HKD'],
  ['392', 'JPY'],
  ['446', 'MOP'],
  ['826', 'GBP'],
  ['840', 'USD'],
  ['901', 'TWD'],
  ['978', 'EUR'],
]);

/** The only currency that is sent: yuan. */
export const CNY_CODE = '156';

/** The amount as UnionPay writes it: fen, at most twelve digits. */
export function toFen(amount: Money): string {
  assert(amount.currency === DEFAULT_CURRENCY, `UnionPay takes yuan, not ${amount.currency}`);
  assert(Number.isSafeInteger(amount.amount) && amount.amount > 0, 'an amount sent to UnionPay must be a positive number of fen');
  const digits = String(amount.amount);
  assert(FEN.test(digits), 'an amount sent to UnionPay must have at most twelve digits');
  return digits;
}

/**
 * The amount that a message says, or undefined where it says none. A currency that is not listed keeps its number for a
 * name, so that whoever compares it finds that it is another one.
 */
export function fromFen(digits: string, currencyCode: string): Money | undefined {
  if (!FEN.test(digits) || !/^\d{3}$/.test(currencyCode)) return undefined;
  return money(Number(digits), CURRENCIES.get(currencyCode) ?? currencyCode);
}
