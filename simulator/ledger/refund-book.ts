import type { Refund } from './refund.js';
import type { GatewayName } from './trade.js';

/** Refunds by their trade and by their own number, oldest first. */
export class RefundBook {
  private readonly refunds = new Map<string, Refund>();
  private readonly keys = new Map<string, string>();

  put(refund: Refund): void {
    const key = keyOf(refund.outTradeNo, refund.outRequestNo);
    this.refunds.set(key, refund);
    this.keys.set(keyOf(refund.gateway, refund.outRequestNo), key);
  }

  ofTrade(outTradeNo: string, outRequestNo: string): Refund | undefined {
    return this.refunds.get(keyOf(outTradeNo, outRequestNo));
  }

  byNumber(gateway: GatewayName, outRequestNo: string): Refund | undefined {
    return this.refunds.get(this.keys.get(keyOf(gateway, outRequestNo)) ?? '');
  }

  all(): Refund[] {
    return [...this.refunds.values()];
  }

  clear(): void {
    this.refunds.clear();
    this.keys.clear();
  }
}

/** No number of any gateway has a line end in it. */
function keyOf(one: string, other: string): string {
  return `${one}\n${other}`;
}
