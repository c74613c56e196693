import type { Random } from '../random.js';
import type { PayerAction } from '../../bench/world/simulator-control.js';
import type { Gateways } from '../world/simulator.js';
import type { Answer, Client } from './client.js';
import type { Acknowledged } from './told.js';

export interface Item {
  readonly sku: string;
  readonly quantity: number;
}

export interface Order {
  readonly id: string;
  readonly amountDue: number;
  readonly items: readonly Item[];
}

export interface Attempt {
  readonly gateway: string;
  readonly id: string;
  readonly outTradeNo: string;
  readonly action: PayerAction | null;
}

const WAYS = [
  { gateway: 'alipay', method: 'page' },
  { gateway: 'alipay', method: 'qr' },
  { gateway: 'wechatpay', method: 'native' },
  { gateway: 'wechatpay', method: 'h5', clientIp: '203.0.113.7' },
  { gateway: 'unionpay', method: 'page' },
] as const;

/** What people do in a shop and with the money, each deed noted when it was acknowledged. */
export class Shop {
  private marks = 0;

  /** `run` is a word that no other run's marks begin with. */
  constructor(
    private readonly client: Client,
    private readonly gateways: Gateways,
    readonly told: Acknowledged,
    private readonly run: string,
  ) {}

  async place(items: readonly Item[], expiresInSeconds = 1_800): Promise<Order | undefined> {
    const mark = this.mark('order');
    const answer = await this.client.command('/v1/orders', { customerId: 'c', items, expiresInSeconds, metadata: { mark } }, mark);
    if (answer?.status !== 201) return undefined;
    const { id, amountDue } = answer.body as unknown as Order;
    this.told.orders.push({ at: performance.now(), id, orderId: id, mark, amount: amountDue });
    return { id, amountDue, items };
  }

  async startPayment({ id }: Order, random: Random): Promise<Attempt | undefined> {
    const mark = this.mark('pay');
    const answer = await this.client.command(`/v1/orders/${id}/payments`, random.pick(WAYS), mark);
    if (answer?.status !== 201) return undefined;
    const attempt = answer.body as unknown as Attempt;
    this.told.attempts.push({ at: performance.now(), id: attempt.id, orderId: id, mark, outTradeNo: attempt.outTradeNo });
    return attempt;
  }

  /** The payer's own deed: the merchant hears of it by notice. */
  async pays(attempt: Attempt, how: Readonly<Record<string, unknown>> = {}): Promise<boolean> {
    const paid = await this.gateways.pays(attempt.outTradeNo, attempt.action, how).catch(() => false);
    if (paid) this.told.payments += 1;
    return paid;
  }

  async ship(order: Order, items?: readonly Item[]): Promise<boolean> {
    const mark = this.mark('ship');
    const body = { carrier: 'SF', trackingNumber: mark, ...(items === undefined ? {} : { items }) };
    const answer = await this.client.command(`/v1/orders/${order.id}/shipments`, body, mark);
    if (answer?.status === 201) this.told.shipments.push({ at: performance.now(), id: idOf(answer), orderId: order.id, mark });
    return answer?.status === 201;
  }

  async refund(order: Order, amount: number, restock: readonly Item[] = []): Promise<boolean> {
    const mark = this.mark('refund');
    const answer = await this.client.command(`/v1/orders/${order.id}/refunds`, { amount, reason: mark, restock }, mark);
    if (answer?.status === 201) this.told.refunds.push({ at: performance.now(), id: idOf(answer), orderId: order.id, mark, amount });
    return answer?.status === 201;
  }

  async cancel(order: Order): Promise<void> {
    const mark = this.mark('cancel');
    const answer = await this.client.command(`/v1/orders/${order.id}/cancel`, { reason: mark }, mark);
    if (answer?.status !== 200) return;
    this.told.cancels.push({ at: performance.now(), id: order.id, orderId: order.id, mark, status: String(answer.body.status) });
  }

  /** Undefined: not known just now. */
  async statusOf({ id }: Order): Promise<string | undefined> {
    const answer = await this.client.read(`/v1/orders/${id}`);
    return answer && String(answer.body.status);
  }

  private mark(deed: string): string {
    this.marks += 1;
    return `${this.run}-${deed}-${this.marks}`;
  }
}

const idOf = ({ body }: Answer): string => String(body.id);
