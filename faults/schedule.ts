import type { Kind } from './kinds/kind.js';
import { Random } from './random.js';

/** A fault that will be made. */
export interface Planned {
  readonly number: number;
  readonly kind: Kind;
  /** For what it draws itself, such as whom it meets and for how long. */
  readonly random: Random;
  /** Milliseconds of peace before it. */
  readonly peace: number;
}

/** Every kind as often as it weighs, in an order that the seed says, then all of them once more, in another order: without an end. */
export function* schedule(seed: number, kinds: readonly Kind[]): Generator<Planned, never> {
  const random = new Random(seed);
  const deck = kinds.flatMap((kind) => Array.from({ length: kind.weight ?? 1 }, () => kind));
  for (let number = 1; ;) {
    for (const kind of random.shuffled(deck)) {
      yield { number, kind, random: random.fork(), peace: random.between(300, 1_200) };
      number += 1;
    }
  }
}
