import type { Instant } from '../kernel/clock.js';
import { DomainEvent } from '../kernel/domain-event.js';
import type { MerchantId, OrderId, RefundId } from '../kernel/ids.js';
import type { Money } from '../kernel/money.js';
import type { RefundKind } from './refund-kind.js';

/** The gateway confirmed that the money went back. Published once a refund. */
export class RefundSucceeded extends DomainEvent<{
  readonly merchantId: MerchantId;
  readonly orderId: OrderId;
  readonly refundId: RefundId;
  readonly amount: Money;
  readonly kind: RefundKind;
  readonly refundedAt: Instant;
}> {
  static readonly type = 'payment.refund_succeeded';
  static readonly version = 1;
}
