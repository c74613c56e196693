import { DomainEvent } from '../kernel/domain-event.js';
import type { AttemptId, MerchantId, OrderId } from '../kernel/ids.js';
import type { Money } from '../kernel/money.js';

/** The payer was sent to a gateway. */
export class PaymentAttemptStarted extends DomainEvent<{
  readonly merchantId: MerchantId;
  readonly orderId: OrderId;
  readonly attemptId: AttemptId;
  readonly gateway: string;
  readonly outTradeNo: string;
  readonly method: string;
  readonly amount: Money;
}> {
  static readonly type = 'payment.attempt_started';
  static readonly version = 1;
}
