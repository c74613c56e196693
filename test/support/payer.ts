/** A notice's delivery, as the simulator tells of it. */
export interface Delivery {
  readonly state: string;
  readonly status: number | null;
  readonly body: string | null;
}

export interface Trade {
  readonly outTradeNo: string;
  readonly state: string;
  readonly totalAmount: number;
  readonly paidAmount: number;
  readonly refundedAmount: number;
}

interface Attempt {
  readonly outTradeNo: string;
  readonly action: { readonly url?: string } | null;
}

/** The other side: the payer, and the gateway with its whims, through the simulator's control API. */
export class Payer {
  constructor(private readonly url: string) {}

  /** Opens the page or scans the code, and pays. Answers once the gateway has sent its notice. */
  pays(attempt: Attempt, how: Record<string, unknown> = {}): Promise<{ trade: Trade; notices: Delivery[] }> {
    const url = attempt.action?.url;
    return this.control('POST', `/control/trades/${attempt.outTradeNo}/pay`, { ...(url === undefined ? {} : { url }), ...how });
  }

  /** Sends notices of a trade, as it is or as a forger would have it. */
  notifies(attempt: Attempt, how: Record<string, unknown> = {}): Promise<{ notices: Delivery[] }> {
    return this.control('POST', `/control/trades/${attempt.outTradeNo}/notify`, how);
  }

  async opensThePage(attempt: Attempt): Promise<number> {
    return (await fetch(attempt.action?.url ?? '', { redirect: 'manual' })).status;
  }

  async noticesAre(mode: 'deliver' | 'drop' | 'hold'): Promise<void> {
    await this.control('POST', '/control/notices', { mode });
  }

  releasesNotices(order: 'sent' | 'reversed' = 'sent'): Promise<{ notices: Delivery[] }> {
    return this.control('POST', '/control/notices/release', { order });
  }

  async breaks(fault: { kind: string; method?: string; times?: number; subCode?: string; ms?: number }): Promise<void> {
    await this.control('POST', '/control/faults', fault);
  }

  async isMended(): Promise<void> {
    await this.control('DELETE', '/control/faults');
  }

  /** What the gateway's own books say: the outside truth. */
  async trade({ outTradeNo }: { outTradeNo: string }): Promise<Trade | undefined> {
    const log = await this.control<{ trades: Trade[] }>('GET', `/log?outTradeNo=${outTradeNo}`);
    return log.trades.find((trade) => trade.outTradeNo === outTradeNo);
  }

  private async control<Body>(method: string, path: string, body?: Record<string, unknown>): Promise<Body> {
    const response = await fetch(this.url + path, {
      method,
      ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    const answer = (await response.json()) as Body & { message?: string };
    if (!response.ok) throw new Error(`the simulator would not ${method} ${path}: ${answer.message ?? response.status}`);
    return answer;
  }
}
