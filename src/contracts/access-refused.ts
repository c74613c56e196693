import type { Instant } from '../kernel/clock.js';
import { DomainEvent } from '../kernel/domain-event.js';
import type { MerchantId } from '../kernel/ids.js';

/** Somebody was refused at the door, once or several times in a short while. Published by the platform, counted and bounded. */
export class AccessRefused extends DomainEvent<{
  /** Whose key it was; `NO_MERCHANT` where it was none. */
  readonly merchantId: MerchantId;
  readonly orderId: null;
  /** The code that it was answered with. */
  readonly reason: string;
  /** As the API names it, such as `POST /v1/orders/:id/cancel`; of those that were too many to tell apart, nothing. */
  readonly route: string | null;
  /** Where the first one came from. */
  readonly address: string | null;
  readonly times: number;
  readonly firstAt: Instant;
  readonly lastAt: Instant;
}> {
  static readonly type = 'system.access_refused';
  static readonly version = 1;
}
