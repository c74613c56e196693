import { merchantSkuKey, type MerchantSku } from '../contracts/product-prices.port.js';
import type { Level } from './allocate.js';

export interface WantedUnits extends MerchantSku {
  readonly quantity: number;
}

/** So many are remembered; who was first is forgotten first. */
const MOST = 10_000;
/** Enough is what suffices for so many times as much as is wanted now. */
const PLENTY = 10;

/**
 * Goods of which there was not enough when they were last taken. Each process remembers its own: whether it looks before
 * it takes is a matter of speed, for more than there is can never be taken.
 */
export class ScarceGoods {
  private readonly keys = new Set<string>();

  add(goods: readonly MerchantSku[]): void {
    for (const one of goods) this.keys.add(merchantSkuKey(one));
    for (const first of this.keys) {
      if (this.keys.size <= MOST) return;
      this.keys.delete(first);
    }
  }

  hasAnyOf(goods: readonly MerchantSku[]): boolean {
    return this.keys.size > 0 && goods.some((one) => this.keys.has(merchantSkuKey(one)));
  }

  forgetPlentiful(levels: readonly Level[], wanted: readonly WantedUnits[]): void {
    const units = new Map<string, number>();
    for (const one of wanted) units.set(merchantSkuKey(one), (units.get(merchantSkuKey(one)) ?? 0) + one.quantity);
    for (const level of levels) {
      const key = merchantSkuKey(level);
      if (level.onHand - level.reserved >= PLENTY * (units.get(key) ?? 0)) this.keys.delete(key);
    }
  }
}
