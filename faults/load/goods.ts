/** What is sold in a run. */
export interface Product {
  readonly sku: string;
  readonly price: number;
  readonly stock: number;
}

const PLENTY = 10_000_000;

/** Everybody's baskets hold some of these, in any order: whoever locks them in the order of the basket meets somebody half-way. */
export const SHELF: readonly Product[] = Array.from({ length: 12 }, (_, index) => ({
  sku: `SHELF-${String(index + 1).padStart(2, '0')}`,
  price: 101 + 37 * index,
  stock: PLENTY,
}));

/** Fewer than are wanted, so that the last unit is raced for. One is bought a piece, and nobody sends one back. */
export const SCARCE: readonly Product[] = Array.from({ length: 4 }, (_, index) => ({
  sku: `SCARCE-${index + 1}`,
  price: 999 + index,
  stock: 60,
}));

/** What the look whether writing goes again buys. */
export const PROBE: Product = { sku: 'PROBE', price: 100, stock: PLENTY };
/** Sold by nobody who looks on, so that it can be made unsellable. */
export const POISON: Product = { sku: 'POISON', price: 100, stock: PLENTY };

export const GOODS: readonly Product[] = [...SHELF, ...SCARCE, PROBE, POISON];
