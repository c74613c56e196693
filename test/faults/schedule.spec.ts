import type { Kind } from '../../faults/kinds/kind.js';
import { schedule } from '../../faults/schedule.js';

const kind = (name: string, weight?: number): Kind => ({
  name,
  title: name,
  ...(weight === undefined ? {} : { weight }),
  inject: () => Promise.resolve({}),
});
const KINDS = [kind('one'), kind('two'), kind('three'), kind('twice', 2)];
const DECK = 5;

/** The first faults of a seed: what they are, when, and what they draw. */
function first(count: number, seed: number) {
  const plan = schedule(seed, KINDS);
  return Array.from({ length: count }, () => {
    const { number, kind: drawn, peace, random } = plan.next().value;
    return { number, name: drawn.name, peace, draws: [random.next(), random.below(1_000)] };
  });
}

describe('The schedule of faults', () => {
  it('is the same for the same seed, to the last number that a fault draws', () => {
    expect(first(40, 7)).toEqual(first(40, 7));
  });

  it('is another one for another seed', () => {
    expect(first(40, 7)).not.toEqual(first(40, 8));
  });

  it('has every kind as often as it weighs before any comes once more', () => {
    const names = first(4 * DECK, 7).map(({ name }) => name);
    for (let start = 0; start < names.length; start += DECK) {
      expect(names.slice(start, start + DECK).sort()).toEqual(['one', 'three', 'twice', 'twice', 'two']);
    }
  });

  it('is not shifted by a fault that draws more than it did before', () => {
    const [plan, other] = [schedule(7, KINDS), schedule(7, KINDS)];
    const one = plan.next().value;
    other.next();
    for (let draws = 0; draws < 100; draws += 1) one.random.next();
    expect(plan.next().value).toMatchObject({ number: 2, kind: other.next().value.kind });
    expect(plan.next().value.random.next()).toBe(other.next().value.random.next());
  });
});
