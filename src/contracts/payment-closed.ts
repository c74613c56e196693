import { DomainEvent } from '../kernel/domain-event.js';
import type { MerchantId, OrderId, PaymentId } from '../kernel/ids.js';

/** No gateway can take money for this order any more: it may be cancelled. */
export class PaymentClosed extends DomainEvent<{
  readonly merchantId: MerchantId;
  readonly orderId: OrderId;
  readonly paymentId: PaymentId;
}> {
  static readonly type = 'payment.closed';
  static readonly version = 1;
}
