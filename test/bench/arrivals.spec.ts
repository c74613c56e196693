import { arrivals } from '../../bench/driver/arrivals.js';
import { Tally } from '../../bench/driver/tally.js';

const WARM_UP = 0.2;
const SECONDS = 0.8;

describe('Arrivals', () => {
  it.each([1_000, 50])('of %s a second are as many, and evenly spaced', async (rate) => {
    const { dues, measuredAt, tally } = await take(rate);
    expect(Math.abs(dues.length - rate * (WARM_UP + SECONDS))).toBeLessThanOrEqual(1);
    const gaps = dues.slice(1).map((due, index) => due - (dues[index] ?? Number.NaN));
    for (const gap of gaps) expect(gap).toBeCloseTo(1_000 / rate, 6);
    expect(measuredAt).toHaveLength(1);
    expect(measuredAt[0]).toBeLessThanOrEqual(rate * WARM_UP + 1);
    expect(tally.seconds).toBeGreaterThanOrEqual(SECONDS * 0.99);
  });

  it('that are far apart leave when they are due, and not at the next tick of a timer', async () => {
    const { late } = await take(50);
    const quarter = late.toSorted((left, right) => left - right)[Math.floor(late.length / 4)];
    // Of those that wait for a tick of a millisecond, a tenth would be as early.
    expect(quarter).toBeLessThan(0.1);
  });

  it('end once something is broken', async () => {
    const { dues } = await take(50, 3);
    expect(dues).toHaveLength(3);
  });
});

/** How many came before what was measured, in `measuredAt`; `late` is in milliseconds. */
async function take(rate: number, brokenAfter = Infinity) {
  const [dues, late, measuredAt]: [number[], number[], number[]] = [[], [], []];
  const tally = new Tally();
  const stages = { measuring: () => measuredAt.push(dues.length), measured: () => undefined };
  const come = (due: number) => {
    late.push(performance.now() - due);
    dues.push(due);
  };
  await arrivals({ warmUp: WARM_UP, seconds: SECONDS, rate }, { tally, stages, come, isBroken: () => dues.length >= brokenAfter });
  tally.end();
  return { dues, late, measuredAt, tally };
}
