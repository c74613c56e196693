import type { Refund } from './refund.js';
import type { GatewayName } from './trade.js';

/** Refunds by their trade and by their own number, oldest first. */
export class RefundBook {
  private readonly byTrade = new Map<string, Map<string, Refund>>();
  private readonly tradeOf = new Map<string, string>();

  put(refund: Refund): void {
    const ofTrade = this.byTrade.get(refund.outTradeNo) ?? new Map<string, Refund>();
    this.byTrade.set(refund.outTradeNo, ofTrade.set(refund.outRequestNo, refund));
    this.tradeOf.set(`${refund.gateway} ${refund.outRequestNo}`, refund.outTradeNo);
  }

  find(outTradeNo: string, outRequestNo: string): Refund | undefined {
    return this.byTrade.get(outTradeNo)?.get(outRequestNo);
  }

  /** The latest of this gateway's under this number. */
  byNumber(gateway: GatewayName, outRequestNo: string): Refund | undefined {
    return this.find(this.tradeOf.get(`${gateway} ${outRequestNo}`) ?? '', outRequestNo);
  }

  ofTrade(outTradeNo: string): Refund[] {
    return [...(this.byTrade.get(outTradeNo)?.values() ?? [])];
  }

  all(): Refund[] {
    return [...this.byTrade.values()].flatMap((ofTrade) => [...ofTrade.values()]);
  }

  clear(): void {
    this.byTrade.clear();
    this.tradeOf.clear();
  }
}
