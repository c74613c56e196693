import { MAX_AMOUNT, money, sameMoney, sum } from '../../src/kernel/money.js';

describe('An amount of money', () => {
  it('is a whole number of minor units, in yuan where nothing else is said', () => {
    expect(money(15_000)).toEqual({ amount: 15_000, currency: 'CNY' });
    expect(money(1, 'USD')).toEqual({ amount: 1, currency: 'USD' });
  });

  it.each([0.5, Number.NaN, Number.POSITIVE_INFINITY, Number.MAX_SAFE_INTEGER + 1, '15000' as unknown as number])(
    'is never %p',
    (amount) => {
      expect(() => money(amount)).toThrow(/safe integer/);
    },
  );

  it('is at most what Alipay takes, which is 100,000,000.00 yuan', () => {
    expect(MAX_AMOUNT).toBe(10_000_000_000);
  });

  it('adds up, and nothing adds up to nothing', () => {
    expect(sum([15_000, 1_000, 1])).toBe(16_001);
    expect(sum([])).toBe(0);
  });

  it('does not add up past where whole numbers end', () => {
    expect(sum([Number.MAX_SAFE_INTEGER])).toBe(Number.MAX_SAFE_INTEGER);
    expect(() => sum([Number.MAX_SAFE_INTEGER, 1])).toThrow(/safe integers/);
  });

  it('is the same only in amount and currency', () => {
    expect(sameMoney(money(100), money(100))).toBe(true);
    expect(sameMoney(money(100), money(101))).toBe(false);
    expect(sameMoney(money(100), money(100, 'USD'))).toBe(false);
    expect(sameMoney(money(100), money(101, 'USD'))).toBe(false);
  });
});
