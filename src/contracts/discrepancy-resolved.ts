import { DomainEvent } from '../kernel/domain-event.js';
import type { DiscrepancyId, MerchantId, OrderId } from '../kernel/ids.js';

/** A person dealt with a discrepancy. */
export class DiscrepancyResolved extends DomainEvent<{
  readonly merchantId: MerchantId;
  /** Null where it belongs to none of ours. */
  readonly orderId: OrderId | null;
  readonly discrepancyId: DiscrepancyId;
  readonly kind: string;
  readonly gateway: string;
  readonly resolution: string;
}> {
  static readonly type = 'payment.discrepancy_resolved';
  static readonly version = 1;
}
