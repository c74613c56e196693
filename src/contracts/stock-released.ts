import { DomainEvent } from '../kernel/domain-event.js';
import type { MerchantId, OrderId } from '../kernel/ids.js';
import type { Units } from './units.js';

/** Units that were set aside are for sale again. */
export class StockReleased extends DomainEvent<{
  readonly merchantId: MerchantId;
  readonly orderId: OrderId;
  readonly items: readonly Units[];
}> {
  static readonly type = 'inventory.released';
  static readonly version = 1;
}
