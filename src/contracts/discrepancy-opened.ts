import { DomainEvent } from '../kernel/domain-event.js';
import type { DiscrepancyId, MerchantId, OrderId } from '../kernel/ids.js';

/** A gateway says something about an order's money that our books do not say: nothing was changed, and a person must look. */
export class DiscrepancyOpened extends DomainEvent<{
  readonly merchantId: MerchantId;
  readonly orderId: OrderId;
  readonly discrepancyId: DiscrepancyId;
  readonly kind: string;
  readonly gateway: string;
  readonly outTradeNo: string;
  readonly detail: string;
}> {
  static readonly type = 'payment.discrepancy_opened';
  static readonly version = 1;
}
