import { assert } from '../../../kernel/assert.js';
import { money, type Money } from '../../../kernel/money.js';

const YUAN = /^(0|[1-9]\d{0,9})(?:\.(\d{1,2}))?$/;

/** The amount as Alipay writes it: yuan with two decimals. It is put together from digits, so no float ever rounds it. */
export function toYuan(amount: Money): string {
  assert(amount.currency === 'CNY', `Alipay takes yuan, not ${amount.currency}`);
  assert(Number.isSafeInteger(amount.amount) && amount.amount > 0, 'an amount sent to Alipay must be a positive number of fen');
  const digits = String(amount.amount).padStart(3, '0');
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/**
 * The amount in fen that a text in yuan says, or undefined where it says none. Three decimals, signs, exponents,
 * spaces and leading zeros are refused: a gateway that starts to write amounts in another way must not be guessed at.
 */
export function fromYuan(text: string): Money | undefined {
  const match = YUAN.exec(text);
  if (match === null) return undefined;
  const [, yuan = '', fraction = ''] = match;
  return money(Number(yuan + fraction.padEnd(2, '0')));
}
