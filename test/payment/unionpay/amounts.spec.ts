import { money } from '../../../src/kernel/money.js';
import { fromFen, toFen } from '../../../src/payment/gateway/unionpay/amounts.js';
import { signedContent } from '../../../src/payment/gateway/unionpay/signing.js';

describe('An amount at UnionPay', () => {
  it.each([
    [1, '1'],
    [15_000, '15000'],
    [999_999_999_999, '999999999999'],
  ])('%i is written as %s', (amount, digits) => {
    expect(toFen(money(amount))).toBe(digits);
    expect(fromFen(digits, '156')).toEqual(money(amount));
  });

  it.each([0, -1, 0.5, Number.NaN])('%p is never sent', (amount) => {
    expect(() => toFen({ ...money(1), amount })).toThrow(/positive number of fen/);
  });

  it('has at most twelve digits, and is in yuan', () => {
    expect(() => toFen(money(1_000_000_000_000))).toThrow(/twelve digits/);
    expect(() => toFen(money(1, 'USD'))).toThrow(/takes yuan/);
  });

  it.each(['', '01', '-1', '1.0', '1e3', ' 1', '1 ', '1\n', '1000000000000', '١'])('%p says none', (digits) => {
    expect(fromFen(digits, '156')).toBeUndefined();
  });

  it('keeps the number of a currency that is not listed, and takes no other name for one', () => {
    expect(fromFen('0', '156')).toEqual(money(0));
    expect(fromFen('1', '840')).toEqual(money(1, 'USD'));
    expect(fromFen('1', '999')).toEqual(money(1, '999'));
    for (const code of ['', '15', '1566', ' 156', '156 ', 'CNY']) expect(fromFen('1', code)).toBeUndefined();
  });
});

describe('What UnionPay signs', () => {
  it('is every field but the signature, without the empty ones, by ASCII, text or bytes', () => {
    const fields = new Map<string, string | Buffer>([
      ['signature', 'x'],
      ['b', ''],
      ['a_c', Buffer.from('1')],
      ['aB', '2&3'],
      ['c', Buffer.alloc(0)],
    ]);
    expect(signedContent(fields).toString()).toBe('aB=2&3&a_c=1');
  });
});
