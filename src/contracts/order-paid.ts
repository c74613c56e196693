import type { Instant } from '../kernel/clock.js';
import { DomainEvent } from '../kernel/domain-event.js';
import type { MerchantId, OrderId } from '../kernel/ids.js';
import type { Money } from '../kernel/money.js';

/** The order's money has arrived, all of it: it may be shipped. */
export class OrderPaid extends DomainEvent<{
  readonly merchantId: MerchantId;
  readonly orderId: OrderId;
  readonly paid: Money;
  readonly paidAt: Instant;
}> {
  static readonly type = 'order.paid';
  static readonly version = 1;
}
