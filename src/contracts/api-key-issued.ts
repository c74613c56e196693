import { DomainEvent } from '../kernel/domain-event.js';
import type { MerchantId } from '../kernel/ids.js';
import type { Scope } from './scopes.js';

/** An API key was made. */
export class ApiKeyIssued extends DomainEvent<{
  readonly merchantId: MerchantId;
  readonly orderId: null;
  readonly apiKeyId: string;
  readonly name: string;
  /** As much of the key as may be shown. */
  readonly hint: string;
  readonly scopes: readonly Scope[];
  /** The key that it takes over from. */
  readonly replaces: string | null;
}> {
  static readonly type = 'merchant.api_key_issued';
  static readonly version = 1;
}
