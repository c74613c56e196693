import type { MerchantId } from '../kernel/ids.js';
import type { Scope } from './scopes.js';

/** Who is calling: the merchant whose key was shown, and what that key may do. */
export interface Caller {
  readonly merchantId: MerchantId;
  readonly apiKeyId: string;
  readonly scopes: readonly Scope[];
}

/** Whose key this is. The merchant module answers; an unknown or revoked key is nobody's. */
export abstract class ApiKeys {
  abstract identify(secret: string): Promise<Caller | undefined>;
}
