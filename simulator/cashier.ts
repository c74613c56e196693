import type { Gateway } from './gateway.js';
import type { Ledger } from './ledger/ledger.js';
import { Refusal, type GatewayName, type Refund, type Trade } from './ledger/trade.js';
import type { Notice } from './notices/notice.js';
import type { Outbox } from './notices/outbox.js';
import { repeat } from './repeat.js';

export interface Payment {
  readonly amount?: number; // Fen; absent: what is asked.
  readonly announcements: number; // How many times the gateway announces it, each time as a new message.
  readonly concurrent: boolean;
}

/** Where payers meet their orders: what they do here changes the books, and the gateway tells the merchant. */
export class Cashier {
  constructor(
    private readonly ledger: Ledger,
    private readonly outbox: Outbox,
    readonly gateways: Readonly<Record<GatewayName, Gateway>>,
  ) {}

  gatewayOf(order: { readonly gateway: GatewayName }): Gateway {
    return this.gateways[order.gateway];
  }

  /** The trade that a payer sees under this number; a code that nobody scanned is scanned now. */
  meet(outTradeNo: string): Trade {
    const trade = this.ledger.trade(outTradeNo);
    if (trade) return trade;
    const order = this.ledger.order(outTradeNo);
    if (!order?.code) throw new Refusal('unknown_trade');
    return this.ledger.scan(order.code.value);
  }

  /** The payment is in the books when this returns; `announced` settles when the first try of every notice is over. */
  pay(outTradeNo: string, payment: Payment): { trade: Trade; announced: Promise<Notice[]> } {
    this.meet(outTradeNo);
    const trade = this.ledger.pay(outTradeNo, payment.amount);
    return { trade, announced: this.announcePayment(trade, payment) };
  }

  refuse(outTradeNo: string): Trade {
    this.meet(outTradeNo);
    return this.ledger.refuse(outTradeNo);
  }

  /** Alipay says nothing about refunds unless asked to. */
  announceRefund(trade: Trade, refund: Refund): void {
    const message = this.outbox.mode.refunds ? this.gatewayOf(trade).announcement(trade, refund) : null;
    if (message) void this.outbox.announce(message);
  }

  private async announcePayment(trade: Trade, payment: Payment): Promise<Notice[]> {
    const message = this.gatewayOf(trade).announcement(trade);
    if (!message) return [];
    return repeat(payment.announcements, payment.concurrent, () => this.outbox.announce(message));
  }
}
