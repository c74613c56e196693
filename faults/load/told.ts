/** What a client was told: an answer of success, which must be true for ever. `at` is when, in milliseconds of this process. */
interface Told {
  readonly at: number;
  readonly id: string;
  readonly orderId: string;
  /** The client's own mark on it, which it sent again whenever it was not answered: there may be one of each. */
  readonly mark: string;
}

export interface ToldOrder extends Told {
  readonly amount: number;
}

export interface ToldAttempt extends Told {
  readonly outTradeNo: string;
}

export interface ToldRefund extends Told {
  readonly amount: number;
}

/** Of a cancel: the status that the order had then. */
export interface ToldCancel extends Told {
  readonly status: string;
}

/** All that the clients of one run were told. */
export class Acknowledged {
  readonly orders: ToldOrder[] = [];
  readonly attempts: ToldAttempt[] = [];
  readonly shipments: Told[] = [];
  readonly refunds: ToldRefund[] = [];
  readonly cancels: ToldCancel[] = [];
  /** Payments that payers made at the gateways. */
  payments = 0;

  get count(): number {
    return this.orders.length + this.attempts.length + this.shipments.length + this.refunds.length + this.cancels.length + this.payments;
  }
}
