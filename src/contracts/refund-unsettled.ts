import { DomainEvent } from '../kernel/domain-event.js';
import type { MerchantId, OrderId, RefundId } from '../kernel/ids.js';
import type { Money } from '../kernel/money.js';
import type { RefundKind } from './refund-kind.js';

/** The gateway refused a refund for good (`failed`), or its answer settled nothing (`unknown`) and it is asked again. */
export class RefundUnsettled extends DomainEvent<{
  readonly merchantId: MerchantId;
  readonly orderId: OrderId;
  readonly refundId: RefundId;
  readonly amount: Money;
  readonly kind: RefundKind;
  readonly status: 'failed' | 'unknown';
  readonly reason: string;
}> {
  static readonly type = 'payment.refund_unsettled';
  static readonly version = 1;
}
