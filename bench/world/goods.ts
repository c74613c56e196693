/** What is sold in a run. The names have one length, so that their order is that of their numbers. */
export interface Goods {
  readonly skus: readonly string[];
  readonly price: number;
  /** Of each SKU. */
  readonly stock: number;
}

/** More than any run sells. */
export const PLENTY = 1_000_000_000;

export function goods(prefix: string, count: number, stock = PLENTY): Goods {
  const skus = Array.from({ length: count }, (_, index) => `${prefix}-${String(index + 1).padStart(4, '0')}`);
  return { skus, price: 12_345, stock };
}

export const nameOf = (sku: string): string => `Benchmark tea ${sku}`;
