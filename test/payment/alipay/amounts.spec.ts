import fc from 'fast-check';
import { MAX_AMOUNT, money } from '../../../src/kernel/money.js';
import { fromYuan, toYuan } from '../../../src/payment/gateway/alipay/amounts.js';

describe("Alipay's amounts", () => {
  it.each([
    [1, '0.01'],
    [10, '0.10'],
    [100, '1.00'],
    [8_888, '88.88'],
    [MAX_AMOUNT, '100000000.00'],
  ])('writes %i fen as %s yuan', (fen, yuan) => {
    expect(toYuan(money(fen))).toBe(yuan);
  });

  it('come back as they went, for every amount an order may come to', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: MAX_AMOUNT }), (fen) => {
        expect(fromYuan(toYuan(money(fen)))).toEqual(money(fen));
      }),
      { seed: 20260105, numRuns: 1_000 },
    );
  });

  it('agree with decimal arithmetic on every text of at most two decimals', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 9_999_999_999 }), fc.integer({ min: 0, max: 99 }), (yuan, fen) => {
        expect(fromYuan(`${yuan}.${String(fen).padStart(2, '0')}`)?.amount).toBe(Number(BigInt(yuan) * 100n + BigInt(fen)));
      }),
      { seed: 20260105, numRuns: 500 },
    );
  });

  it.each([['88'], ['88.8'], ['0'], ['0.00']])('reads %s', (text) => {
    expect(fromYuan(text)).toBeDefined();
  });

  it.each([
    [''],
    ['.'],
    ['1.'],
    ['.5'],
    ['0.001'],
    ['1.000'],
    ['01.00'],
    ['-1.00'],
    ['+1.00'],
    ['1e2'],
    ['1,000.00'],
    [' 1.00'],
    ['1.00 '],
    ['1.00\n'],
    ['0x10'],
    ['１.00'],
    ['NaN'],
    ['Infinity'],
    ['1.0.0'],
    ['99999999999.00'],
  ])('refuses %j', (text) => {
    expect(fromYuan(text)).toBeUndefined();
  });

  it.each([[0], [-1]])('does not send %i fen', (fen) => {
    expect(() => toYuan(money(fen))).toThrow('positive');
  });

  it('does not send another currency', () => {
    expect(() => toYuan(money(100, 'USD'))).toThrow('USD');
  });
});
