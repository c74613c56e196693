import type { MerchantId } from '../kernel/ids.js';
import type { Currency } from '../kernel/money.js';
import type { Reader } from '../kernel/reader.js';
import type { Writer } from '../kernel/writer.js';

export interface PricedProduct {
  readonly sku: string;
  readonly name: string;
  /** Minor units of `currency`. */
  readonly price: number;
  readonly currency: Currency;
}

/** A merchant's SKU. */
export interface MerchantSku {
  readonly merchantId: MerchantId;
  readonly sku: string;
}

/** What things cost at this moment. The catalogue answers; it leaves out the SKUs that it does not know. */
export abstract class ProductPrices {
  /** Keyed by `merchantSkuKey`. Reads on the asker's own transaction, so that no second connection is needed. */
  abstract find(reader: Reader, wanted: readonly MerchantSku[]): Promise<ReadonlyMap<string, PricedProduct>>;

  /** The same out of memory, where all of them are in it; the asker's transaction fails (`presume`) where one is not so any more. */
  abstract presumed(writer: Writer, wanted: readonly MerchantSku[]): ReadonlyMap<string, PricedProduct> | undefined;
}

export function merchantSkuKey({ merchantId, sku }: MerchantSku): string {
  return `${merchantId}/${sku}`;
}
