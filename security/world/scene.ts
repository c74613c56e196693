import { must, same } from '../findings.js';
import { Books } from './books.js';
import { Client } from './client.js';
import { Gateways, WAYS, type Attempt, type Gateway } from './gateway.js';
import type { Answer } from './http.js';
import type { Letter } from './letterbox.js';
import type { Program } from './program.js';

export interface Order {
  readonly id: string;
  readonly sku: string;
  readonly amountDue: number;
}

export interface OpenOrder extends Order {
  readonly attempt: Attempt;
}

/** Tables that the worker changes by itself, each time with an event. */
const WORKED_ON = new Set(['orders', 'payments', 'payment_attempts', 'refunds']);

let made = 0;

/** The running program, a shop in it, its payers, and somebody who means no good. */
export class Scene {
  private constructor(
    readonly program: Program,
    readonly books: Books,
    readonly gateways: Gateways,
    /** The first merchant's own server, which may do everything. */
    readonly shop: Client,
    /** Another merchant's. */
    readonly rival: Client,
    /** Somebody on the street. */
    readonly stranger: Client,
  ) {}

  static async set(program: Program): Promise<Scene> {
    const books = await Books.open(program.dataDir);
    const shop = new Client(program.url, program.apiKey);
    const opened = await shop.post('/v1/merchants', { name: 'Rival' });
    const { secret } = (opened.body?.apiKey ?? {}) as { secret?: string };
    must(secret !== undefined, `a merchant cannot be opened: ${opened.text}`);
    const rival = new Client(program.url, secret);
    return new Scene(program, books, new Gateways(program.simulatorUrl), shop, rival, new Client(program.url, undefined));
  }

  /** A name that nothing has yet. */
  newName(prefix: string): string {
    made += 1;
    return `${prefix}-${made}`;
  }

  async sells({ price = 15_000, stock = 10, currency = 'CNY' } = {}, shop = this.shop): Promise<string> {
    const sku = this.newName('SKU');
    const { status, text } = await shop.post('/v1/products', { sku, name: `Tea ${sku}`, price, stock, currency });
    same(status, 201, `a product is added: ${text}`);
    return sku;
  }

  async order({ price = 15_000, stock = 10, quantity = 1, currency = 'CNY' } = {}, shop = this.shop): Promise<Order> {
    const sku = await this.sells({ price, stock, currency }, shop);
    const { status, body, text } = await shop.post('/v1/orders', { customerId: 'c-1', items: [{ sku, quantity }] });
    same(status, 201, `an order is placed: ${text}`);
    return { id: String(body?.id), sku, amountDue: Number(body?.amountDue) };
  }

  /** An order that a payment was begun for. */
  async openOrder(gateway: Gateway = 'alipay', wanted: Parameters<Scene['order']>[0] = {}): Promise<OpenOrder> {
    const order = await this.order(wanted);
    const { status, body, text } = await this.shop.post(`/v1/orders/${order.id}/payments`, WAYS[gateway]);
    same(status, 201, `a payment is begun: ${text}`);
    return { ...order, attempt: body as unknown as Attempt };
  }

  async paidOrder(gateway: Gateway = 'alipay', wanted: Parameters<Scene['order']>[0] = {}): Promise<OpenOrder> {
    const order = await this.openOrder(gateway, wanted);
    await this.gateways.pays(order.attempt);
    await this.expectPaid(order);
    return order;
  }

  async statusOf({ id }: Order): Promise<{ readonly status: string; readonly amountPaid: number }> {
    const { body } = await this.shop.get(`/v1/orders/${id}`);
    return { status: String(body?.status), amountPaid: Number(body?.amountPaid) };
  }

  async expectPaid(order: Order): Promise<void> {
    same(await this.statusOf(order), { status: 'awaiting_shipment', amountPaid: order.amountDue }, 'the honest order is paid');
  }

  async expectUnpaid(order: Order): Promise<void> {
    same(await this.statusOf(order), { status: 'pending_payment', amountPaid: 0 }, 'the order is not paid');
  }

  /** Puts a letter through the gateway's door. */
  post(gateway: string, { headers, body }: Letter, topic = 'payments'): Promise<Answer> {
    return this.stranger.send('POST', `/v1/callbacks/${gateway}/${topic}`, body, { headers: { 'content-type': '', ...headers } });
  }

  /** What it does changes nothing of what counts. The worker may go on meanwhile with what honest people began, and says so in its events. */
  async leavesNoTrace<Result>(what: string, attempt: () => Promise<Result>): Promise<Result> {
    const [before, seq] = [await this.books.fingerprint(), await this.books.lastEvent()];
    const result = await attempt();
    const after = await this.books.fingerprint();
    const others = await this.books.actorsSince(seq);
    must(others.length === 0, `${what} was done, by ${others.join(', ')}`);
    const changed = Object.keys(before).filter((table) => before[table] !== after[table]);
    const beyond = changed.filter((table) => !WORKED_ON.has(table));
    must(beyond.length === 0, `${what} changed ${beyond.join(', ')}`);
    if (changed.length > 0) must((await this.books.lastEvent()) > seq, `${what} changed ${changed.join(', ')}, and no event says why`);
    return result;
  }

  /** A client with a key that may do this and nothing else. */
  async keyWith(scopes: readonly string[]): Promise<Client & { readonly id?: string }> {
    const { status, body, text } = await this.shop.post('/v1/api-keys', { name: 'a key', scopes });
    same(status, 201, `a key is issued: ${text}`);
    return Object.assign(new Client(this.program.url, String(body?.secret)), { id: String(body?.id) });
  }
}

/** Whether a gateway would take the answer for "got it" and never send it again. */
export function isAcknowledged(gateway: Gateway, { status, text }: Answer): boolean {
  return status === 200 && (gateway !== 'alipay' || text === 'success');
}
