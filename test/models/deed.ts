import type { Answer } from '../support/api-client.js';
import type { Model, Said } from './model.js';
import type { Body, RealShop } from './shop.js';

/** Something that is done to the shop, by itself, again, or with a crash in the middle of it. */
export interface Deed {
  isPossible(model: Readonly<Model>): boolean;
  /** Does it, and leaves the model alone. With the same key it is the same request. */
  send(model: Readonly<Model>, shop: RealShop, key: string): Promise<Answer<Body>>;
  /** What the model makes of it, and has it answered. `answer` says what only the program can know, such as ids. */
  happen(model: Model, answer: Body): Said;
  toString(): string;
}

/** One of those there are, by a number that fast-check has drawn. */
export function pick<Item>(items: readonly Item[], index: number): Item | undefined {
  return items[index % Math.max(items.length, 1)];
}

export function chosen<Item>(items: readonly Item[], index: number): Item {
  const item = pick(items, index);
  if (item === undefined) throw new Error('a command was run that was not possible');
  return item;
}

export const done = (status: number): Said => ({ status });
export const refused = (status: number, code: string): Said => ({ status, code });
