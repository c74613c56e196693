import { StepFailed } from './failures.js';
import type { DemoGateway, Way } from './gateways.js';
import { request } from './http.js';
import type { Attempt, Callback, Movement, Order, Page, Problem, Refund, Stock, TimelineEvent, Units } from './shapes.js';

const PROGRAM = { name: 'The program', hint: 'Start it with npm start, and run the demo in a second terminal.' };

interface Wanted {
  readonly customerId: string;
  readonly items: readonly Units[];
  readonly shippingFee?: number;
  readonly expiresInSeconds?: number;
}

/** The shop's side of the story: everything that it does, it does through the HTTP API. */
export class Shop {
  constructor(
    private readonly url: string,
    private readonly apiKey: string,
  ) {}

  async ready(): Promise<void> {
    const answer = await request(`${this.url}/health/ready`, PROGRAM);
    if (!answer.ok) throw new StepFailed(`The program at ${this.url} is not ready (HTTP ${answer.status}). ${PROGRAM.hint}`);
  }

  async addProduct(product: { sku: string; name: string; price: number; stock: number }): Promise<void> {
    await this.post('/v1/products', product);
  }

  /** The order, and whether the answer was a repeat of the first one. */
  async place(wanted: Wanted, idempotencyKey?: string): Promise<{ readonly order: Order; readonly replayed: boolean }> {
    const answer = await this.send('POST', '/v1/orders', wanted, idempotencyKey);
    const order = await this.read<Order>(answer, 'POST /v1/orders');
    return { order, replayed: answer.headers.get('idempotent-replayed') === 'true' };
  }

  order(id: string): Promise<Order> {
    return this.get(`/v1/orders/${id}`);
  }

  cancel(id: string, reason: string): Promise<Order> {
    return this.post(`/v1/orders/${id}/cancel`, { reason });
  }

  async ship(id: string, parcel: { trackingNumber: string; items?: readonly Units[] }): Promise<void> {
    await this.post(`/v1/orders/${id}/shipments`, { carrier: 'SF Express', ...parcel });
  }

  complete(id: string): Promise<Order> {
    return this.post(`/v1/orders/${id}/complete`);
  }

  startPayment(orderId: string, { name: gateway }: DemoGateway, { method, payer }: Way): Promise<Attempt> {
    return this.post(`/v1/orders/${orderId}/payments`, { gateway, method, ...payer });
  }

  attempt(id: string): Promise<Attempt> {
    return this.get(`/v1/payments/${id}`);
  }

  sync(attemptId: string): Promise<Attempt> {
    return this.post(`/v1/payments/${attemptId}/sync`);
  }

  refund(orderId: string, wanted: { amount: number; reason: string; restock?: readonly Units[] }): Promise<Refund> {
    return this.post(`/v1/orders/${orderId}/refunds`, wanted);
  }

  /** What the API says to a refund that it must refuse. */
  async refusedRefund(orderId: string, amount: number): Promise<Problem> {
    const answer = await this.send('POST', `/v1/orders/${orderId}/refunds`, { amount, reason: 'too much' });
    return (await answer.json()) as Problem;
  }

  refunds(orderId: string): Promise<readonly Refund[]> {
    return this.list(`/v1/orders/${orderId}/refunds`);
  }

  timeline(orderId: string): Promise<readonly TimelineEvent[]> {
    return this.list(`/v1/orders/${orderId}/timeline`);
  }

  callbacks(outTradeNo: string): Promise<readonly Callback[]> {
    return this.list(`/v1/callbacks?outTradeNo=${outTradeNo}`);
  }

  stock(sku: string): Promise<Stock> {
    return this.get(`/v1/inventory/${sku}`);
  }

  movements(sku: string): Promise<readonly Movement[]> {
    return this.list(`/v1/inventory/${sku}/movements`);
  }

  private async list<Item>(path: string): Promise<Item[]> {
    const all: Item[] = [];
    let cursor: string | null = null;
    do {
      const query: string = `${path.includes('?') ? '&' : '?'}limit=100${cursor === null ? '' : `&cursor=${cursor}`}`;
      const page: Page<Item> = await this.get(`${path}${query}`);
      all.push(...page.data);
      cursor = page.nextCursor;
    } while (cursor !== null);
    return all;
  }

  private async get<Answer>(path: string): Promise<Answer> {
    return this.read(await this.send('GET', path), `GET ${path}`);
  }

  private async post<Answer>(path: string, body: object = {}): Promise<Answer> {
    return this.read(await this.send('POST', path, body), `POST ${path}`);
  }

  private send(method: string, path: string, body?: object, idempotencyKey?: string): Promise<Response> {
    const headers = {
      authorization: `Bearer ${this.apiKey}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
    };
    return request(this.url + path, PROGRAM, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  }

  private async read<Answer>(answer: Response, asked: string): Promise<Answer> {
    const said: unknown = await answer.json().catch(() => ({}));
    if (answer.ok) return said as Answer;
    const { code = 'no problem document', detail = '' } = said as Partial<Problem>;
    const hint = answer.status === 401 ? ' Set SUANPAN_API_KEY to the key that npm start printed.' : '';
    throw new StepFailed(`${asked} was answered with ${answer.status} ${code}: ${detail}${hint}`);
  }
}
