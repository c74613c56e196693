import type { KeyObject } from 'node:crypto';
import type { Clock } from '../clock.js';
import type { Ledger } from '../ledger/ledger.js';
import type { Refund, Trade } from '../ledger/trade.js';

/** The one merchant that the simulated Alipay knows. */
export const ALIPAY_APP_ID = '9021000000000001';
export const ALIPAY_SELLER_ID = '2088000000000001';

/** What Alipay's methods work with. */
export interface AlipayContext {
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly appPublicKey: KeyObject;
  readonly alipayPrivateKey: KeyObject;
  /** Where payers reach the simulator; known once it listens. */
  readonly origin: () => string;
  /** Called after money went back. */
  readonly refunded: (trade: Trade, refund: Refund) => void;
}
