import { DomainEvent } from '../kernel/domain-event.js';
import type { Instant } from '../kernel/clock.js';
import type { MerchantId } from '../kernel/ids.js';

/** An API key was ended: at once, or as of when another has taken over. */
export class ApiKeyEnded extends DomainEvent<{
  readonly merchantId: MerchantId;
  readonly orderId: null;
  readonly apiKeyId: string;
  readonly endsAt: Instant;
}> {
  static readonly type = 'merchant.api_key_ended';
  static readonly version = 1;
}
