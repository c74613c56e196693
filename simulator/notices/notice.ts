import type { GatewayName } from '../ledger/trade.js';

/**
 * `pending`: a try is due, now or at `nextAttemptAt`. `delivered`: the merchant answered as it should. `given_up`: the last retry
 * failed. `held`: a test holds it back. `dropped`: a test lost it on the way. `once`: sent by hand, and never again by itself.
 */
export type NoticeState = 'pending' | 'delivered' | 'given_up' | 'held' | 'dropped' | 'once';

/** One try to hand a notice over. `status` and `body` are the merchant's answer, `error` why there was none. */
export interface Attempt {
  readonly at: string;
  readonly status: number | null;
  readonly body: string | null;
  readonly error: string | null;
}

/** One message to the merchant: the same id over all its retries. */
export interface Notice {
  readonly notifyId: string;
  readonly gateway: GatewayName;
  readonly outTradeNo: string;
  readonly outRequestNo: string | null; // The refund that it is about; null: the trade itself.
  readonly tradeStatus: string; // The gateway's own word, of the trade or of the refund.
  readonly url: string;
  readonly fields: Readonly<Record<string, string>>; // What is said, before it is dated and signed.
  readonly createdAt: string;
  readonly state: NoticeState;
  readonly nextAttemptAt: string | null;
  readonly attempts: readonly Attempt[];
}

/** A notice as a gateway wraps it for the wire: dated, signed and encoded. */
export interface SealedNotice {
  readonly contentType: string;
  readonly headers?: Readonly<Record<string, string>>; // Beside the content type.
  readonly body: string;
}

/** What differs between gateways. */
export interface NoticeWriter {
  /** Called anew for each try, so that each is dated and signed by itself. `attempts` of the notice are those before this one. */
  seal(notice: Notice, now: Date): SealedNotice;
  accepts(attempt: Attempt): boolean;
  /** Pauses before the retries, in milliseconds. After the last one the gateway gives up. */
  readonly retryAfterMs: readonly number[];
  /** How long the gateway waits for the merchant's answer, in milliseconds. */
  readonly timeoutMs: number;
}

/** Who seals the notices of which gateway. */
export type NoticeWriters = (gateway: GatewayName) => NoticeWriter;
