import { DomainEvent } from '../kernel/domain-event.js';
import type { MerchantId } from '../kernel/ids.js';

/** A merchant was opened. */
export class MerchantOpened extends DomainEvent<{
  readonly merchantId: MerchantId;
  readonly orderId: null;
  readonly name: string;
}> {
  static readonly type = 'merchant.opened';
  static readonly version = 1;
}
