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

/**
 * Those that a number which fast-check has drawn chooses from: usually where something comes of it, and all of them where it is
 * negative, so that what has to be refused is tried, too.
 */
export function among<Item>(items: readonly Item[], isLikely: (item: Item) => boolean, index: number): readonly Item[] {
  return index < 0 ? items : items.filter(isLikely);
}

export function chosen<Item>(items: readonly Item[], index: number): Item {
  const item = items[(index < 0 ? -index - 1 : index) % Math.max(items.length, 1)];
  if (item === undefined) throw new Error('a command was run that was not possible');
  return item;
}

export const done = (status: number): Said => ({ status });
export const refused = (status: number, code: string): Said => ({ status, code });
