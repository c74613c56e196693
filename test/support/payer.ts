import { askSimulator, visit, type PayerAction } from '../../bench/world/simulator-control.js';

/** A notice's delivery, as the simulator tells of it. */
export interface Delivery {
  readonly state: string;
  readonly status: number | null;
  readonly body: string | null;
}

export interface Trade {
  readonly outTradeNo: string;
  readonly tradeNo: string;
  readonly state: string;
  readonly totalAmount: number;
  readonly paidAmount: number;
  readonly refundedAmount: number;
}

/** A refund in the gateway's books; its numbers are the merchant's and the gateway's own. */
export interface BookedRefund {
  readonly outTradeNo: string;
  readonly outRequestNo: string;
  readonly amount: number;
  readonly state: string;
  readonly details: Readonly<Record<string, string>>;
}

/** What the gateway heard and wrote down about one order, or about all of them. */
export interface Books {
  readonly trades: readonly Trade[];
  readonly refunds: readonly BookedRefund[];
  readonly notices: readonly (Delivery & { readonly outRequestNo: string | null })[];
  readonly requests: readonly { readonly gateway: string; readonly method: string | null; readonly outTradeNo: string | null }[];
}

interface Attempt {
  readonly outTradeNo: string;
  readonly action: PayerAction | null;
}

/** Something that goes wrong between the merchant and a gateway: of one gateway, and of one of its calls, where they are named. */
export interface Fault {
  readonly kind: string;
  readonly gateway?: string;
  readonly method?: string;
  readonly times?: number;
  readonly subCode?: string;
  readonly ms?: number;
}

/** The other side: the payer, and the gateway with its whims, through the simulator's control API. */
export class Payer {
  constructor(private readonly url: string) {}

  /** Opens the page or scans the code, and pays. Answers once the gateway has sent its notice. */
  pays(attempt: Attempt, how: Record<string, unknown> = {}): Promise<{ trade: Trade; notices: Delivery[] }> {
    return this.control('POST', `/control/trades/${attempt.outTradeNo}/pay`, { ...visit(attempt.action), ...how });
  }

  /** Opens the page or scans the code, and turns the order down. */
  refuses(attempt: Attempt): Promise<{ trade: Trade }> {
    return this.control('POST', `/control/trades/${attempt.outTradeNo}/refuse`, visit(attempt.action));
  }

  /** Sends notices of a trade, as it is or as a forger would have it. */
  notifies(attempt: Attempt, how: Record<string, unknown> = {}): Promise<{ notices: Delivery[] }> {
    return this.control('POST', `/control/trades/${attempt.outTradeNo}/notify`, how);
  }

  async opensThePage(attempt: Attempt): Promise<number> {
    return (await fetch(attempt.action?.url ?? '', { redirect: 'manual' })).status;
  }

  /** `refunds`: Alipay announces refunds, too, which the others always do. */
  async noticesAre(mode: 'deliver' | 'drop' | 'hold', { refunds = false } = {}): Promise<void> {
    await this.control('POST', '/control/notices', { mode, refunds });
  }

  releasesNotices(order: 'sent' | 'reversed' = 'sent'): Promise<{ notices: Delivery[] }> {
    return this.control('POST', '/control/notices/release', { order });
  }

  /** Every try that is still to come is made now. Afterwards nothing is on its way but what its timer will send in minutes. */
  retriesNotices(): Promise<{ notices: Delivery[] }> {
    return this.control('POST', '/control/notices/retry', {});
  }

  async breaks(fault: Fault): Promise<void> {
    await this.control('POST', '/control/faults', { ...fault });
  }

  async isMended(): Promise<void> {
    await this.control('DELETE', '/control/faults');
  }

  /** Takes a gateway down (all of them where none is named), or lets it come up again. */
  async outage(on: boolean, gateway?: string): Promise<void> {
    await this.control('POST', '/control/outage', { on, ...(gateway === undefined ? {} : { gateway }) });
  }

  /** How refunds that are accepted from now on end, where a gateway accepts them first. What is left out is as at a real one. */
  async refundsEnd(how: { settleAfterMs?: number; outcome?: string; hold?: boolean } = {}): Promise<void> {
    await this.control('POST', '/control/refunds', how);
  }

  /** Ends refunds that are held: the one of this number, or all. */
  settlesRefunds(how: { outRequestNo?: string; outcome?: string } = {}): Promise<{ notices: Delivery[] }> {
    return this.control('POST', '/control/refunds/settle', how);
  }

  /** Somebody gives money back in the gateway's own portal. */
  async refundsInPortal({ outTradeNo }: { outTradeNo: string }, amount: number): Promise<void> {
    await this.control('POST', `/control/trades/${outTradeNo}/refunds`, { amount });
  }

  /** Which keys WeChat Pay signs with. */
  async wechatpaySigns(how: { mode?: string; noticesSignedBy?: string; rotate?: boolean }): Promise<void> {
    await this.control('POST', '/control/wechatpay', how);
  }

  books({ outTradeNo }: { outTradeNo?: string } = {}): Promise<Books> {
    return this.control('GET', `/log${outTradeNo === undefined ? '' : `?outTradeNo=${outTradeNo}`}`);
  }

  /** What the gateway's own books say: the outside truth. */
  async trade({ outTradeNo }: { outTradeNo: string }): Promise<Trade | undefined> {
    const log = await this.control<{ trades: Trade[] }>('GET', `/log?outTradeNo=${outTradeNo}`);
    return log.trades.find((trade) => trade.outTradeNo === outTradeNo);
  }

  private control<Body>(method: string, path: string, body?: Record<string, unknown>): Promise<Body> {
    return askSimulator(this.url, method, path, body);
  }
}
