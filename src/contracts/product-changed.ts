import { DomainEvent } from '../kernel/domain-event.js';
import type { MerchantId } from '../kernel/ids.js';
import type { Money } from '../kernel/money.js';

/** A product's name or price changed. Orders that were placed before keep theirs. */
export class ProductChanged extends DomainEvent<{
  readonly merchantId: MerchantId;
  readonly orderId: null;
  readonly sku: string;
  readonly name: string;
  readonly price: Money;
}> {
  static readonly type = 'catalog.product_changed';
  static readonly version = 1;
}
