import { merchantSkuKey, type MerchantSku } from '../contracts/product-prices.port.js';
import type { Units } from '../contracts/units.js';
import type { MerchantId, OrderId } from '../kernel/ids.js';

export interface Demand {
  readonly orderId: OrderId;
  readonly merchantId: MerchantId;
  readonly items: readonly Units[];
}

export interface Level extends MerchantSku {
  readonly onHand: number;
  readonly reserved: number;
}

export interface Shortage {
  readonly sku: string;
  readonly requested: number;
  readonly available: number;
}

export interface Allocation {
  readonly held: readonly Demand[];
  /** Short of what there is, whoever else asks. */
  readonly short: readonly { readonly demand: Demand; readonly shortages: readonly Shortage[] }[];
  /** Short only because of those before it, who may yet fail: it is to ask again after them. */
  readonly postponed: readonly Demand[];
}

/** First come, first served; an order gets all of its units or none of them. */
export function allocate(levels: readonly Level[], demands: readonly Demand[]): Allocation {
  const unreserved = new Map(levels.map((level) => [merchantSkuKey(level), level.onHand - level.reserved]));
  const available = new Map(unreserved);
  const held: Demand[] = [];
  const short: { demand: Demand; shortages: Shortage[] }[] = [];
  const postponed: Demand[] = [];
  for (const demand of demands) {
    const key = (sku: string) => merchantSkuKey({ merchantId: demand.merchantId, sku });
    const shortages = demand.items
      .map(({ sku, quantity }) => ({ sku, requested: quantity, available: unreserved.get(key(sku)) ?? 0 }))
      .filter((line) => line.available < line.requested);
    if (shortages.length > 0) {
      short.push({ demand, shortages });
      continue;
    }
    if (demand.items.some(({ sku, quantity }) => (available.get(key(sku)) ?? 0) < quantity)) {
      postponed.push(demand);
      continue;
    }
    for (const { sku, quantity } of demand.items) available.set(key(sku), (available.get(key(sku)) ?? 0) - quantity);
    held.push(demand);
  }
  return { held, short, postponed };
}
