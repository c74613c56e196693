import { DomainEvent } from '../kernel/domain-event.js';
import type { GatewayAccountId, MerchantId } from '../kernel/ids.js';

/** An account at a gateway was changed. */
export class GatewayAccountChanged extends DomainEvent<{
  readonly merchantId: MerchantId;
  readonly orderId: null;
  readonly accountId: GatewayAccountId;
  readonly gateway: string;
  /** The names of what was set, such as `enabled` or `settings.privateKey`. Never what it was set to. */
  readonly changed: readonly string[];
}> {
  static readonly type = 'payment.gateway_account_changed';
  static readonly version = 1;
}
