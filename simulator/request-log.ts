import type { FaultKind } from './faults.js';
import type { GatewayName } from './ledger/trade.js';

/** One call of the merchant's, and what the gateway answered before a fault spoiled it. */
export interface LoggedRequest {
  readonly at: string;
  readonly gateway: GatewayName;
  readonly method: string | null;
  readonly outTradeNo: string | null;
  readonly outRequestNo: string | null;
  readonly code: string | null;
  readonly subCode: string | null;
  readonly fault: FaultKind | 'outage' | null;
}

export const KEPT_REQUESTS = 10_000;

/** The newest calls. Kept in memory only: after a restart the journal still knows every trade, refund and notice. */
export class RequestLog {
  private entries: LoggedRequest[] = [];

  add(entry: LoggedRequest): void {
    this.entries.push(entry);
    if (this.entries.length > KEPT_REQUESTS * 1.1) this.entries = this.entries.slice(-KEPT_REQUESTS);
  }

  list(): readonly LoggedRequest[] {
    return this.entries.slice(-KEPT_REQUESTS);
  }

  clear(): void {
    this.entries = [];
  }
}
