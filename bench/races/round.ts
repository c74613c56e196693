import type { Random } from '../driver/random.js';

export interface Line {
  readonly sku: string;
  readonly quantity: number;
}

/** What is there, and what each of the buyers wants of it. */
export interface Round {
  readonly kind: (typeof KINDS)[number];
  readonly stock: ReadonlyMap<string, number>;
  readonly baskets: readonly (readonly Line[])[];
}

/**
 * `units`: each wants one unit of what there is too little of. `baskets`: each wants one of it, and something of what there is enough
 * of, in any order. `scramble`: each wants several of what there is too little of, so who gets what depends on who comes first.
 */
export const KINDS = ['units', 'baskets', 'scramble'] as const;

const SCARCE = 'scarce';
const OTHERS = ['a', 'b', 'c'];

/** Names have to be new in each round. */
export function drawRound(number: number, buyers: number, random: Random): Round {
  const kind = KINDS[number % KINDS.length] ?? 'units';
  const name = (sku: string) => `R${number}-${sku}`;
  const units = 1 + random.below(buyers - 1);
  if (kind === 'units') {
    return { kind, stock: new Map([[name(SCARCE), units]]), baskets: times(buyers, () => [{ sku: name(SCARCE), quantity: 1 }]) };
  }
  const others = OTHERS.map(name);
  if (kind === 'baskets') {
    const stock = new Map([[name(SCARCE), units], ...others.map((sku) => [sku, buyers * 2] as const)]);
    const baskets = times(buyers, () =>
      shuffled([name(SCARCE), ...some(others, random)], random).map((sku) => line(sku, name(SCARCE), random)),
    );
    return { kind, stock, baskets };
  }
  const all = [name(SCARCE), ...others];
  const stock = new Map(all.map((sku) => [sku, 1 + random.below(Math.ceil(buyers / 2))]));
  const baskets = times(buyers, () => some(all, random).map((sku) => ({ sku, quantity: 1 + random.below(3) })));
  return { kind, stock, baskets };
}

const times = <Item>(count: number, draw: () => Item): Item[] => Array.from({ length: count }, draw);
const line = (sku: string, scarce: string, random: Random): Line => ({ sku, quantity: sku === scarce ? 1 : 1 + random.below(2) });

/** One to three of them, in any order. */
function some(skus: readonly string[], random: Random): string[] {
  return shuffled(skus, random).slice(0, 1 + random.below(3));
}

export function shuffled<Item>(items: readonly Item[], random: Random): Item[] {
  const all = [...items];
  for (let last = all.length - 1; last > 0; last -= 1) {
    const other = random.below(last + 1);
    [all[last], all[other]] = [all[other], all[last]];
  }
  return all;
}

/**
 * What is wrong with how a round ended. `sold` says of each buyer whether he was; `reserved` is what the database says.
 * Nothing comes back on sale, so somebody who was refused must not be able to buy what is left in the end.
 */
export function flawsOf({ kind, stock, baskets }: Round, sold: readonly boolean[], reserved: ReadonlyMap<string, number>): string[] {
  const flaws: string[] = [];
  const left = new Map(stock);
  baskets.forEach((basket, buyer) => {
    if (sold[buyer]) for (const { sku, quantity } of basket) left.set(sku, (left.get(sku) ?? 0) - quantity);
  });
  for (const [sku, units] of stock) {
    const taken = units - (left.get(sku) ?? 0);
    if (taken > units) flaws.push(`${sku}: ${taken} sold, and there were ${units}`);
    if (reserved.get(sku) !== taken) flaws.push(`${sku}: ${taken} sold, and ${reserved.get(sku)} are reserved`);
  }
  const fitting = baskets.filter((basket, buyer) => !sold[buyer] && basket.every(({ sku, quantity }) => (left.get(sku) ?? 0) >= quantity));
  if (fitting.length > 0) flaws.push(`${fitting.length} buyers were refused what is still there`);
  const [scarce = 0] = stock.values();
  const count = sold.filter(Boolean).length;
  if (kind !== 'scramble' && count !== scarce) flaws.push(`${count} were sold, and there were ${scarce}`);
  return flaws;
}
