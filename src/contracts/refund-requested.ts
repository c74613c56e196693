import { DomainEvent } from '../kernel/domain-event.js';
import type { AttemptId, MerchantId, OrderId, RefundId } from '../kernel/ids.js';
import type { Money } from '../kernel/money.js';
import type { RefundKind } from './refund-kind.js';
import type { Units } from './units.js';

/** Money is to go back. The amount is set aside; a worker asks the gateway after the commit. */
export class RefundRequested extends DomainEvent<{
  readonly merchantId: MerchantId;
  readonly orderId: OrderId;
  readonly refundId: RefundId;
  readonly attemptId: AttemptId;
  readonly amount: Money;
  readonly reason: string;
  readonly kind: RefundKind;
  /** Units to put on sale again. */
  readonly restock: readonly Units[];
}> {
  static readonly type = 'payment.refund_requested';
  static readonly version = 1;
}
