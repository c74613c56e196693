import type { KeyObject } from 'node:crypto';
import type { Clock } from '../clock.js';
import type { Ledger } from '../ledger/ledger.js';
import type { Refund, RefundRequest } from '../ledger/refund.js';

/** What UnionPay's transactions work with. */
export interface UnionPayContext {
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly merchant: MerchantCertificate;
  /** Takes a refund or a cancel on; it ends by itself, later. */
  readonly acceptRefund: (asked: RefundRequest) => { readonly refund: Refund; readonly moved: boolean };
}

/** How the gateway knows the merchant. */
export interface MerchantCertificate {
  readonly certId: string; // The serial number in decimal.
  readonly publicKey: KeyObject;
}
