import { DomainEvent } from '../kernel/domain-event.js';
import type { MerchantId, OrderId, ShipmentId } from '../kernel/ids.js';
import type { Units } from './units.js';

/** A parcel left with these units. */
export class OrderShipped extends DomainEvent<{
  readonly merchantId: MerchantId;
  readonly orderId: OrderId;
  readonly shipmentId: ShipmentId;
  readonly carrier: string;
  readonly trackingNumber: string;
  readonly items: readonly Units[];
  /** True when it was the last one of the order. */
  readonly complete: boolean;
}> {
  static readonly type = 'order.shipped';
  static readonly version = 1;
}
