import { DomainEvent } from '../kernel/domain-event.js';
import type { MerchantId, OrderId, RefundId } from '../kernel/ids.js';
import type { Units } from './units.js';

/** Units of a refunded order are for sale again: `unshipped` never left, `returned` came back. */
export class UnitsRestocked extends DomainEvent<{
  readonly merchantId: MerchantId;
  readonly orderId: OrderId;
  readonly refundId: RefundId;
  readonly unshipped: readonly Units[];
  readonly returned: readonly Units[];
}> {
  static readonly type = 'order.units_restocked';
  static readonly version = 1;
}
