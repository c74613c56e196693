/** What a client was told: from then on it must be so, whatever happens. */
export interface Told {
  readonly orderId: string;
  readonly outTradeNo?: string;
  readonly refunded?: true;
}

export interface AtCashier {
  readonly outTradeNo: string;
  readonly url: string;
}

interface Body {
  readonly [field: string]: unknown;
}

export interface GatewayBooks {
  readonly trades: readonly { readonly outTradeNo: string; readonly paidAmount: number; readonly refundedAmount: number }[];
}

const BUYERS = 8;
const SKU = 'REHEARSAL';

/** Buyers who order, of whom two in three pay, and one in nine wants it back; and the gateway at which they do. */
export class Shop {
  readonly told: Told[] = [];
  private open = false;
  private buyers: Promise<void>[] = [];

  constructor(
    private readonly url: string,
    private readonly apiKey: string,
    private readonly gatewayUrl: string,
  ) {}

  async opens(): Promise<void> {
    const added = await this.api('/v1/products', { sku: SKU, name: 'For the rehearsal', price: 1_000, stock: 1_000_000 });
    if (added.sku !== SKU) throw new Error(`the product was refused: ${JSON.stringify(added)}`);
    this.open = true;
    this.buyers = Array.from({ length: BUYERS }, (_, number) => this.buy(number));
  }

  /** Whoever is at it has lost the connection, or comes to an end. */
  async closes(): Promise<void> {
    this.open = false;
    await Promise.all(this.buyers);
  }

  /** Somebody who has come to the cashier, and takes time to pay. */
  async sendsToCashier(): Promise<AtCashier> {
    const order = await this.api('/v1/orders', { customerId: 'c-slow', items: [{ sku: SKU, quantity: 1 }] });
    const attempt = await this.api(`/v1/orders/${String(order.id)}/payments`, { gateway: 'alipay', method: 'page' });
    const { outTradeNo, action } = attempt as unknown as { outTradeNo: string; action: { url: string } };
    return { outTradeNo, url: action.url };
  }

  async pays({ outTradeNo, url }: AtCashier): Promise<void> {
    await this.gateway(`/control/trades/${outTradeNo}/pay`, { url });
  }

  async gatewayBooks(): Promise<GatewayBooks> {
    return (await (await fetch(`${this.gatewayUrl}/log`)).json()) as GatewayBooks;
  }

  /** The gateway tells of a trade once more. */
  async isNotifiedOf(outTradeNo: string): Promise<void> {
    await this.gateway(`/control/trades/${outTradeNo}/notify`, {});
  }

  /** Somebody has the gateway asked about a payment at once. */
  async asksAbout(paymentId: string): Promise<void> {
    await this.api(`/v1/payments/${paymentId}/sync`, {});
  }

  private async buy(number: number): Promise<void> {
    for (let turn = number; this.open; turn += 1) {
      try {
        await this.buyOnce(turn);
      } catch {
        // The program is gone: nothing was promised. Another try does no harm, and finds the door closed.
        if (this.open) await new Promise((soon) => setTimeout(soon, 20));
      }
    }
  }

  private async buyOnce(turn: number): Promise<void> {
    const order = await this.api('/v1/orders', { customerId: `c-${turn}`, items: [{ sku: SKU, quantity: 1 }] });
    if (typeof order.id !== 'string') return;
    const orderId = order.id;
    this.told.push({ orderId });
    if (turn % 3 === 0) return;
    const attempt = await this.api(`/v1/orders/${orderId}/payments`, { gateway: 'alipay', method: 'page' });
    const { outTradeNo, action } = attempt as { outTradeNo: string; action?: { url: string } };
    const { notices } = await this.gateway<{ notices: readonly { status: number | null; body: string | null }[] }>(
      `/control/trades/${outTradeNo}/pay`,
      { url: action?.url },
    );
    // The gateway was told "success": the payment is acknowledged.
    if (notices[0]?.body !== 'success') return;
    this.told.push({ orderId, outTradeNo });
    if (turn % 9 !== 1) return;
    const refund = await this.api(`/v1/orders/${orderId}/refunds`, { reason: 'wanted back' });
    if (typeof refund.id === 'string') this.told.push({ orderId, outTradeNo, refunded: true });
  }

  private api(path: string, body: Body): Promise<Body> {
    return post(this.url + path, body, { authorization: `Bearer ${this.apiKey}` });
  }

  private gateway<Answer = Body>(path: string, body: Body): Promise<Answer> {
    return post(this.gatewayUrl + path, body) as Promise<Answer>;
  }
}

async function post(url: string, body: Body, headers: Readonly<Record<string, string>> = {}): Promise<Body> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(10_000),
  });
  return (await answer.json()) as Body;
}
