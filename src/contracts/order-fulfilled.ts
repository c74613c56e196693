import { DomainEvent } from '../kernel/domain-event.js';
import type { MerchantId, OrderId, RefundId } from '../kernel/ids.js';

/** The units that were still to be shipped never will be, and the others have left: the order has been shipped, without one more parcel. */
export class OrderFulfilled extends DomainEvent<{
  readonly merchantId: MerchantId;
  readonly orderId: OrderId;
  readonly refundId: RefundId;
}> {
  static readonly type = 'order.fulfilled';
  static readonly version = 1;
}
