import { DomainEvent } from '../kernel/domain-event.js';
import type { MerchantId, OrderId } from '../kernel/ids.js';
import type { Units } from './units.js';

/** The order will not be fulfilled. Inventory frees what was reserved; payment gives back what was paid. */
export class OrderCancelled extends DomainEvent<{
  readonly merchantId: MerchantId;
  readonly orderId: OrderId;
  readonly reason: string;
  /** The units that never left, which are free again. */
  readonly released: readonly Units[];
}> {
  static readonly type = 'order.cancelled';
  static readonly version = 1;
}
