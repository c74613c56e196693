import { DomainEvent } from '../kernel/domain-event.js';
import type { AttemptId, MerchantId, OrderId } from '../kernel/ids.js';

/** An attempt came to an end without money, or its end is not known. */
export class PaymentAttemptSettled extends DomainEvent<{
  readonly merchantId: MerchantId;
  readonly orderId: OrderId;
  readonly attemptId: AttemptId;
  readonly gateway: string;
  readonly outTradeNo: string;
  readonly status: 'failed' | 'closed' | 'unknown';
  readonly reason: string;
}> {
  static readonly type = 'payment.attempt_settled';
  static readonly version = 1;
}
