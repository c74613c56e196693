import { randomBytes } from 'node:crypto';

import type { Provider } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DataSource } from 'typeorm';

import type { PayerAction } from '../../bench/world/simulator-control.js';
import { createSimulator, type Simulator, type SimulatorKeys } from '../../simulator/server.js';
import { required } from '../../src/kernel/assert.js';
import { newId } from '../../src/kernel/ids.js';
import { Merchants } from '../../src/merchant/merchants.js';
import { GatewayAccounts, type ConfiguredAccount } from '../../src/payment/accounts/gateway-accounts.js';
import { Transactions } from '../../src/platform/events/transactions.js';
import { Sweeps } from '../../src/platform/jobs/sweeps.js';
import { Worker } from '../../src/platform/jobs/worker.js';
import { ApiClient, type Answer } from './api-client.js';
import { createDatabase, type TestDatabase } from './databases.js';
import { violationsIn } from './invariants.js';
import { ManualClock } from './manual-clock.js';
import { Payer } from './payer.js';
import { startProgram, type WorldOptions } from './start-program.js';

export interface OrderBody {
  readonly id: string;
  readonly status: string;
  readonly paymentStatus: string;
  readonly amountDue: number;
  readonly amountPaid: number;
  readonly amountRefunded: number;
  readonly items: readonly { readonly sku: string; readonly quantity: number; readonly shippedQuantity: number }[];
  readonly [more: string]: unknown;
}

export interface AttemptBody {
  readonly id: string;
  readonly orderId: string;
  readonly outTradeNo: string;
  readonly status: string;
  readonly amount: number;
  readonly usedAs: string | null;
  readonly action: PayerAction | null;
}

/** A gateway and a method of it, with what that needs. */
export interface Way {
  readonly gateway: string;
  readonly method: string;
  readonly openId?: string;
  readonly clientIp?: string;
  readonly accountId?: string;
}

/** One way at each gateway. */
export const WAYS = {
  alipay: { gateway: 'alipay', method: 'page' },
  wechatpay: { gateway: 'wechatpay', method: 'native' },
  unionpay: { gateway: 'unionpay', method: 'page' },
} as const satisfies Record<string, Way>;

export interface RefundBody {
  readonly id: string;
  readonly kind: string;
  readonly status: string;
  readonly amount: number;
  readonly reason: string;
}

/** The fields of the simulator's accounts, as a merchant would set them up. */
export function simulatedAccounts({ alipay, wechatpay, unionpay }: Simulator): readonly ConfiguredAccount[] {
  const { gatewayUrl, appId, sellerId, appPrivateKey: privateKey, alipayPublicKey } = alipay;
  return [
    { gateway: 'alipay', fields: { gatewayUrl, appId, sellerId, privateKey, alipayPublicKey } },
    { gateway: 'wechatpay', fields: { ...wechatpay } },
    { gateway: 'unionpay', fields: { ...unionpay } },
  ];
}

async function setUpGateways(app: NestFastifyApplication, simulator: Simulator): Promise<void> {
  const merchantId = required(await app.get(Merchants).first(), 'the first merchant');
  const origin = { correlationId: newId(), causationId: null, actor: 'test' };
  await app.get(Transactions).run(origin, async (work) => {
    for (const account of simulatedAccounts(simulator)) await app.get(GatewayAccounts).configure(work, merchantId, account);
  });
}

/** The whole program over HTTP, on a PostgreSQL of its own, with the simulator as its gateway and a clock moved by hand. */
export class World {
  private constructor(
    private program: NestFastifyApplication,
    readonly database: TestDatabase,
    readonly simulator: Simulator,
    readonly clock: ManualClock,
    readonly secretsKey: Buffer,
    readonly api: ApiClient,
    readonly payer: Payer,
    private readonly providers: readonly Provider[],
    private readonly options: WorldOptions,
    /** By which way the program reaches its database. */
    private databaseUrl: string,
  ) {}

  /** `providers` join the program: a test's own listeners, say. */
  static async create(providers: readonly Provider[] = [], options: WorldOptions = {}): Promise<World> {
    const keys = JSON.parse(process.env.TEST_SIMULATOR_KEYS ?? '{}') as SimulatorKeys;
    const clock = new ManualClock();
    const secretsKey = randomBytes(32);
    const [database, simulator] = await Promise.all([createDatabase(), createSimulator({ keys, clock: () => clock.now() })]);
    const app = await startProgram({ databaseUrl: database.url, clock, secretsKey, providers, port: 0, options });
    const apiKey = `sk_test_${randomBytes(24).toString('hex')}`;
    await app.get(Merchants).bootstrap(apiKey);
    await setUpGateways(app, simulator);
    const api = new ApiClient(await app.getUrl(), apiKey);
    return new World(app, database, simulator, clock, secretsKey, api, new Payer(simulator.url), providers, options, database.url);
  }

  get app(): NestFastifyApplication {
    return this.program;
  }

  get db(): DataSource {
    return this.program.get(DataSource);
  }

  /** The program anew in the place of one that has died, on what it has left; it reaches its database at `databaseUrl`. */
  async startAnew(databaseUrl = this.database.url): Promise<void> {
    const port = Number(new URL(this.api.url).port);
    await this.program.close().catch(() => undefined);
    const { clock, secretsKey, providers, options } = this;
    this.databaseUrl = databaseUrl;
    this.program = await startProgram({ databaseUrl, clock, secretsKey, providers, port, options });
  }

  async close(): Promise<void> {
    await this.app.close();
    await this.simulator.close();
    await this.database.drop();
  }

  /** A merchant of its own, who sees nothing of the others. */
  async anotherMerchant(): Promise<ApiClient> {
    const opened = await this.api.post<{ apiKey: { secret: string } }>('/v1/merchants', { name: 'Another' });
    return new ApiClient(this.api.url, opened.body.apiKey.secret);
  }

  async addProduct(product: { sku: string; price?: number; stock?: number; currency?: string }): Promise<void> {
    const added = await this.api.post('/v1/products', { name: `Product ${product.sku}`, price: 15_000, stock: 10, ...product });
    expect(added.status).toBe(201);
  }

  /** An order of a product that is added for it. */
  async placeOrder(wanted: {
    sku: string;
    quantity?: number;
    stock?: number;
    price?: number;
    more?: Record<string, unknown>;
  }): Promise<OrderBody> {
    const { sku, quantity = 1, stock = 10, price = 15_000, more = {} } = wanted;
    await this.addProduct({ sku, stock, price });
    const placed = await this.api.post<OrderBody>('/v1/orders', { customerId: 'c-1', items: [{ sku, quantity }], ...more });
    expect(placed.status).toBe(201);
    return placed.body;
  }

  async startPayment(order: { id: string }, way: string | Way = WAYS.alipay): Promise<AttemptBody> {
    const wanted = typeof way === 'string' ? { gateway: 'alipay', method: way } : way;
    const started = await this.api.post<AttemptBody>(`/v1/orders/${order.id}/payments`, { ...wanted });
    expect(started.status).toBe(201);
    return started.body;
  }

  /** A paid order. */
  async paidOrder(wanted: {
    sku: string;
    quantity?: number;
    stock?: number;
    price?: number;
    way?: Way;
  }): Promise<OrderBody & { readonly attempt: AttemptBody }> {
    const order = await this.placeOrder(wanted);
    const attempt = await this.startPayment(order, wanted.way ?? WAYS.alipay);
    const { notices } = await this.payer.pays(attempt);
    expect(notices).toMatchObject([{ state: 'delivered', status: 200 }]);
    return { ...(await this.order(order)), attempt };
  }

  async order({ id }: { id: string }): Promise<OrderBody> {
    return (await this.api.get<OrderBody>(`/v1/orders/${id}`)).body;
  }

  async attempt({ id }: { id: string }): Promise<AttemptBody> {
    return (await this.api.get<AttemptBody>(`/v1/payments/${id}`)).body;
  }

  async stock(sku: string): Promise<{ onHand: number; reserved: number; available: number }> {
    return (await this.api.get<{ onHand: number; reserved: number; available: number }>(`/v1/inventory/${sku}`)).body;
  }

  async refunds({ id }: { id: string }): Promise<RefundBody[]> {
    return (await this.api.get<{ data: RefundBody[] }>(`/v1/orders/${id}/refunds`)).body.data;
  }

  refund({ id }: { id: string }, body: Record<string, unknown>): Promise<Answer<RefundBody & Record<string, unknown>>> {
    return this.api.post<RefundBody & Record<string, unknown>>(`/v1/orders/${id}/refunds`, { reason: 'wanted back', ...body });
  }

  async timeline({
    id,
  }: {
    id: string;
  }): Promise<{ type: string; facts: Record<string, unknown>; causationId: string | null; actor: string }[]> {
    return (
      await this.api.get<{ data: { type: string; facts: Record<string, unknown>; causationId: string | null; actor: string }[] }>(
        `/v1/orders/${id}/timeline`,
      )
    ).body.data;
  }

  /** Does all that follows from commits and from the clock as it stands, until nothing is left to do now. */
  async settle(): Promise<void> {
    do await this.runJobs();
    while (await this.app.get(Sweeps).runAll());
  }

  /** What the worker would do by itself, without what the clock makes due. */
  async runJobs(): Promise<void> {
    await this.app.get(Worker).drain(this.databaseUrl);
    // The worker does not wait until what it says of its last job is written.
    const isBusy = async () =>
      (await this.db.query<unknown[]>('SELECT 1 FROM graphile_worker.jobs WHERE locked_at IS NOT NULL')).length > 0;
    for (let looks = 0; (await isBusy()) && looks < 1_000; looks += 1);
  }

  async passTime(milliseconds: number): Promise<void> {
    this.clock.advance(milliseconds);
    await this.settle();
  }

  /** What the database breaks at this moment, by the program's clock. */
  violations(): Promise<string[]> {
    return violationsIn(this.db, this.clock.now());
  }
}

/** A world for the specs of a file. Every spec ends with no promise broken. */
export function useWorld(providers: Provider[] = [], options: WorldOptions = {}): World {
  let world: World | undefined;
  beforeAll(async () => {
    world = await World.create(providers, options);
  });
  afterEach(async () => {
    expect(await world?.violations()).toEqual([]);
  });
  afterAll(() => world?.close());
  return new Proxy({} as World, {
    get: (_, property) => {
      const value: unknown = Reflect.get(world ?? {}, property);
      return typeof value === 'function' ? (value.bind(world) as unknown) : value;
    },
  });
}
