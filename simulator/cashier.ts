import type { Gateway, Visit } from './gateway.js';
import type { Gateways } from './gateways.js';
import type { Ledger } from './ledger/ledger.js';
import type { Refund } from './ledger/refund.js';
import { Refusal } from './ledger/refusal.js';
import type { GatewayName, Trade } from './ledger/trade.js';
import type { Notice } from './notices/notice.js';
import type { Outbox } from './notices/outbox.js';
import type { Refunds } from './refunds.js';
import { repeat } from './repeat.js';

export interface Payment {
  readonly amount?: number; // Fen; absent: what is asked.
  readonly announcements: number; // How many times the gateway announces it, each time as a new message.
  readonly concurrent: boolean;
  readonly late?: boolean; // The money comes although the trade is closed.
}

/** Where payers meet their orders: what they do here changes the books, and the gateway tells the merchant. */
export class Cashier {
  constructor(
    private readonly ledger: Ledger,
    private readonly outbox: Outbox,
    private readonly refunds: Refunds,
    readonly gateways: Gateways,
  ) {}

  gatewayOf(order: { readonly gateway: GatewayName }): Gateway {
    return this.gateways.get(order.gateway);
  }

  /** The payer comes with an address, a form or parameters that the merchant gave them. Null where no gateway knows them. */
  visit(visit: Visit): Trade | null {
    for (const gateway of this.gateways.all()) {
      const trade = gateway.visit(visit);
      if (trade) return trade;
    }
    return null;
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
    const trade = this.ledger.pay(outTradeNo, payment.amount, payment.late);
    return { trade, announced: this.announcePayment(trade, payment) };
  }

  refuse(outTradeNo: string): Trade {
    this.meet(outTradeNo);
    return this.ledger.refuse(outTradeNo);
  }

  /** Somebody gives money back in the gateway's own portal, and the merchant's program is not asked. */
  refundInPortal(outTradeNo: string, amount: number): Refund {
    const trade = this.ledger.trade(outTradeNo);
    if (!trade) throw new Refusal('unknown_trade');
    const gateway = this.gatewayOf(trade);
    const asked = gateway.portalRefund(trade, amount);
    return (gateway.refundsAtOnce ? this.refunds.giveBack(asked) : this.refunds.accept(asked)).refund;
  }

  /** Resolves when the first try is over. Null where the gateway says nothing of it. */
  async announceRefund(refund: Refund): Promise<Notice | null> {
    const trade = this.ledger.trade(refund.outTradeNo);
    // Where refunds are over at once, the answer has said so already, and a notice comes only if it is asked for.
    if (!trade || (this.gatewayOf(trade).refundsAtOnce && !this.outbox.mode.refunds)) return null;
    const message = this.gatewayOf(trade).announcement(trade, refund);
    return message && this.outbox.announce(message);
  }

  private async announcePayment(trade: Trade, payment: Payment): Promise<Notice[]> {
    const message = this.gatewayOf(trade).announcement(trade);
    if (!message) return [];
    return repeat(payment.announcements, payment.concurrent, () => this.outbox.announce(message));
  }
}
