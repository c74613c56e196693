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

/** First come, first served; an order gets all of its units or none of them. */
export function allocate(
  levels: readonly Level[],
  demands: readonly Demand[],
): { readonly held: readonly Demand[]; readonly short: readonly { readonly demand: Demand; readonly shortages: readonly Shortage[] }[] } {
  const available = new Map(levels.map((level) => [merchantSkuKey(level), level.onHand - level.reserved]));
  const held: Demand[] = [];
  const short: { demand: Demand; shortages: Shortage[] }[] = [];
  for (const demand of demands) {
    const left = (sku: string) => available.get(merchantSkuKey({ merchantId: demand.merchantId, sku })) ?? 0;
    const shortages = demand.items
      .filter(({ sku, quantity }) => left(sku) < quantity)
      .map(({ sku, quantity }) => ({ sku, requested: quantity, available: left(sku) }));
    if (shortages.length > 0) {
      short.push({ demand, shortages });
      continue;
    }
    for (const { sku, quantity } of demand.items)
      available.set(merchantSkuKey({ merchantId: demand.merchantId, sku }), left(sku) - quantity);
    held.push(demand);
  }
  return { held, short };
}
