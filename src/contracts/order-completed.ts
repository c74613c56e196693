import { DomainEvent } from '../kernel/domain-event.js';
import type { MerchantId, OrderId } from '../kernel/ids.js';

/** Receipt was confirmed, by hand or by the passing of time. */
export class OrderCompleted extends DomainEvent<{
  readonly merchantId: MerchantId;
  readonly orderId: OrderId;
  readonly by: 'hand' | 'time';
}> {
  static readonly type = 'order.completed';
  static readonly version = 1;
}
