import { DomainEvent } from '../kernel/domain-event.js';
import type { AttemptId, MerchantId, OrderId } from '../kernel/ids.js';

/** Attempts that are open at a gateway are to be closed there: the order is being cancelled, or was paid by another of them. */
export class PaymentAttemptsClosing extends DomainEvent<{
  readonly merchantId: MerchantId;
  readonly orderId: OrderId;
  readonly attemptIds: readonly AttemptId[];
}> {
  static readonly type = 'payment.attempts_closing';
  static readonly version = 1;
}
