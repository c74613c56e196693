import { DomainEvent } from '../kernel/domain-event.js';
import type { MerchantId } from '../kernel/ids.js';

/** A person changed the count of a SKU, and said why. */
export class StockAdjusted extends DomainEvent<{
  readonly merchantId: MerchantId;
  readonly orderId: null;
  readonly sku: string;
  readonly delta: number;
  readonly reason: string;
}> {
  static readonly type = 'inventory.adjusted';
  static readonly version = 1;
}
