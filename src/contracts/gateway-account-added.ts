import { DomainEvent } from '../kernel/domain-event.js';
import type { GatewayAccountId, MerchantId } from '../kernel/ids.js';

/** A merchant got an account at a gateway. */
export class GatewayAccountAdded extends DomainEvent<{
  readonly merchantId: MerchantId;
  readonly orderId: null;
  readonly accountId: GatewayAccountId;
  readonly gateway: string;
  /** What the gateway knows it by. */
  readonly identity: string;
}> {
  static readonly type = 'payment.gateway_account_added';
  static readonly version = 1;
}
