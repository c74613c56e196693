import { DomainEvent } from '../kernel/domain-event.js';
import type { MerchantId, OrderId } from '../kernel/ids.js';

/** An unpaid order is to be cancelled: first, whatever is open at a gateway has to be closed. */
export class OrderClosing extends DomainEvent<{
  readonly merchantId: MerchantId;
  readonly orderId: OrderId;
  readonly reason: string;
}> {
  static readonly type = 'order.closing';
  static readonly version = 1;
}
