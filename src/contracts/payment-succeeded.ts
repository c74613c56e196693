import type { Instant } from '../kernel/clock.js';
import { DomainEvent } from '../kernel/domain-event.js';
import type { AttemptId, MerchantId, OrderId, PaymentId } from '../kernel/ids.js';
import type { Money } from '../kernel/money.js';

/** The gateway confirmed that an order's money has arrived. Published once a payment. */
export class PaymentSucceeded extends DomainEvent<{
  readonly merchantId: MerchantId;
  readonly orderId: OrderId;
  readonly paymentId: PaymentId;
  readonly attemptId: AttemptId;
  readonly gateway: string;
  readonly outTradeNo: string;
  readonly paid: Money;
  readonly paidAt: Instant; // The gateway's clock.
}> {
  static readonly type = 'payment.succeeded';
  static readonly version = 1;
}
