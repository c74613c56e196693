import { Random } from '../../bench/driver/random.js';
import { readOptions } from '../../bench/races/options.js';
import { KINDS, drawRound, flawsOf, shuffled, type Round } from '../../bench/races/round.js';

const UNITS: Round = {
  kind: 'units',
  stock: new Map([['TEA', 2]]),
  baskets: Array.from({ length: 4 }, () => [{ sku: 'TEA', quantity: 1 }]),
};
const SCRAMBLE: Round = {
  kind: 'scramble',
  stock: new Map([
    ['TEA', 2],
    ['CUP', 1],
  ]),
  baskets: [
    [{ sku: 'TEA', quantity: 2 }],
    [
      { sku: 'CUP', quantity: 1 },
      { sku: 'TEA', quantity: 1 },
    ],
    [{ sku: 'CUP', quantity: 1 }],
  ],
};

describe('A round of buyers', () => {
  it('is well where everything is sold, and the database says so', () => {
    expect(flawsOf(UNITS, [true, false, true, false], new Map([['TEA', 2]]))).toEqual([]);
    const reserved = new Map([
      ['TEA', 2],
      ['CUP', 1],
    ]);
    expect(flawsOf(SCRAMBLE, [true, false, true], reserved)).toEqual([]);
  });

  it.each([
    ['oversold', UNITS, [true, true, true, false], [['TEA', 3]], /3 sold, and there were 2/],
    ['undersold', UNITS, [true, false, false, false], [['TEA', 1]], /3 buyers were refused what is still there/],
    ['otherwise in the database', UNITS, [true, true, false, false], [['TEA', 1]], /2 sold, and 1 are reserved/],
    [
      'undersold to somebody',
      SCRAMBLE,
      [true, false, false],
      [
        ['TEA', 2],
        ['CUP', 0],
      ],
      /1 buyers were refused/,
    ],
  ] as const)('is found out where it was %s', (_, round, sold, reserved, flaw) => {
    expect(flawsOf(round, sold, new Map(reserved)).join()).toMatch(flaw);
  });

  it('is the same from the same seed, has fewer units than buyers, and baskets of several SKUs', () => {
    const draw = () => {
      const random = new Random(7);
      return Array.from({ length: 9 }, (_, number) => drawRound(number, 200, random));
    };
    const rounds = draw();
    expect(draw()).toEqual(rounds);
    expect(new Set(rounds.map(({ kind }) => kind))).toEqual(new Set(KINDS));
    for (const { kind, stock, baskets } of rounds) {
      expect(baskets).toHaveLength(200);
      expect([...stock.values()][0]).toBeLessThan(200);
      if (kind !== 'units') expect(Math.max(...baskets.map((basket) => basket.length))).toBeGreaterThan(1);
      for (const basket of baskets) expect(new Set(basket.map(({ sku }) => sku)).size).toBe(basket.length);
    }
  });

  it('shuffles without losing anything', () => {
    const items = Array.from({ length: 50 }, (_, index) => index);
    const once = shuffled(items, new Random(3));
    expect(once).not.toEqual(items);
    expect(once.sort((one, other) => one - other)).toEqual(items);
  });
});

describe('npm run races', () => {
  it('has what it is asked for, and says what is wrong', () => {
    expect(readOptions(['--rounds', '20', '--callbacks', '0', '--seed', '4'])).toMatchObject({
      rounds: 20,
      buyers: 200,
      callbacks: 0,
      seed: 4,
    });
    expect(readOptions(['--help'])).toBe('help');
    expect(() => readOptions(['--rounds', 'many'])).toThrow('--rounds: must be a whole number from 0 to 100000');
    expect(() => readOptions(['--laps', '3'])).toThrow("Unknown option '--laps'");
  });
});
