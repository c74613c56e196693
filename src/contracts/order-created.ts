import type { Instant } from '../kernel/clock.js';
import { DomainEvent } from '../kernel/domain-event.js';
import type { MerchantId, OrderId } from '../kernel/ids.js';
import type { Money } from '../kernel/money.js';
import type { Units } from './units.js';

/** An order was placed. Inventory reserves its units in the same commit, payment remembers what is due. */
export class OrderCreated extends DomainEvent<{
  readonly merchantId: MerchantId;
  readonly orderId: OrderId;
  readonly number: string;
  readonly items: readonly Units[];
  readonly due: Money;
  readonly expiresAt: Instant;
}> {
  static readonly type = 'order.created';
  static readonly version = 1;
}
