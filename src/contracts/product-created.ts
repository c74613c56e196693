import { DomainEvent } from '../kernel/domain-event.js';
import type { MerchantId } from '../kernel/ids.js';
import type { Money } from '../kernel/money.js';

/** A product entered the catalogue, with its opening stock. */
export class ProductCreated extends DomainEvent<{
  readonly merchantId: MerchantId;
  readonly orderId: null;
  readonly sku: string;
  readonly price: Money;
  readonly stock: number;
}> {
  static readonly type = 'catalog.product_created';
  static readonly version = 1;
}
