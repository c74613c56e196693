import { DomainEvent } from '../kernel/domain-event.js';
import type { MerchantId, OrderId } from '../kernel/ids.js';
import type { Units } from './units.js';

/** The order's units are set aside for it. */
export class StockReserved extends DomainEvent<{
  readonly merchantId: MerchantId;
  readonly orderId: OrderId;
  readonly items: readonly Units[];
}> {
  static readonly type = 'inventory.reserved';
  static readonly version = 1;
}
