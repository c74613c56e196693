import type { MerchantId } from '../kernel/ids.js';

/** Which merchants there are. The merchant module answers. */
export abstract class KnownMerchants {
  abstract exists(id: MerchantId): Promise<boolean>;
  /** The one that was there first, whose accounts the environment describes. */
  abstract first(): Promise<MerchantId | undefined>;
}
