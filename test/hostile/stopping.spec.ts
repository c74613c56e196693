import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { DataSource } from 'typeorm';

import { createSimulator, type Simulator, type SimulatorKeys } from '../../simulator/server.js';
import { ApiClient } from '../support/api-client.js';
import { createDatabase, type TestDatabase } from '../support/databases.js';
import { violationsIn } from '../support/invariants.js';
import { Payer } from '../support/payer.js';
import { Road } from '../support/road.js';
import type { AttemptBody, OrderBody, RefundBody } from '../support/world.js';
import { apiKey } from './canaries.js';
import { CompiledProgram, type RunningProgram } from './program.js';

const BUYERS = 20;
/** What a gateway takes for a refund, in milliseconds: longer than all else that is under way. */
const SLOW = 3_000;
/** The program gives each of its parts fifteen seconds. */
const BOUND = 20_000;

describe('Told to stop', () => {
  const key = apiKey();
  const secretsKey = randomBytes(32).toString('base64');
  let compiled: CompiledProgram;
  let database: TestDatabase;
  let db: DataSource;
  let road: Road;
  let simulator: Simulator;
  let payer: Payer;
  let program: RunningProgram;
  let api: ApiClient;

  beforeAll(async () => {
    compiled = CompiledProgram.compile();
    const keys = JSON.parse(process.env.TEST_SIMULATOR_KEYS ?? '{}') as SimulatorKeys;
    [database, simulator] = await Promise.all([createDatabase(), createSimulator({ keys })]);
    payer = new Payer(simulator.url);
    db = await new DataSource({ type: 'postgres', url: database.url, poolSize: 4 }).initialize();
    road = new Road(new URL(database.url));
  });
  beforeEach(async () => {
    const { alipay } = simulator;
    program = compiled.start({
      NODE_ENV: 'test',
      PORT: '0',
      WEB_CONCURRENCY: '1',
      DATABASE_URL: (await road.opens()).href,
      BOOTSTRAP_API_KEY: key,
      SECRETS_KEY: secretsKey,
      ALIPAY_GATEWAY_URL: alipay.gatewayUrl,
      ALIPAY_APP_ID: alipay.appId,
      ALIPAY_SELLER_ID: alipay.sellerId,
      ALIPAY_PRIVATE_KEY_FILE: compiled.write('alipay.pem', alipay.appPrivateKey),
      ALIPAY_PUBLIC_KEY_FILE: compiled.write('alipay-public.pem', alipay.alipayPublicKey),
      LOG_LEVEL: 'error',
    });
    api = new ApiClient(await program.url(), key);
  });
  afterEach(async () => {
    expect(await violationsIn(db, new Date())).toEqual([]);
  });
  afterAll(async () => {
    await compiled.remove();
    await road.isCut();
    await db.destroy();
    await simulator.close();
    await database.drop();
  });

  const product = async (sku: string) =>
    expect((await api.post('/v1/products', { sku, name: sku, price: 100, stock: 100_000 })).status).toBe(201);
  const orderOf = (sku: string) => ({ customerId: 'c', items: [{ sku, quantity: 1 }] });
  const count = async (from: string, ...values: unknown[]) =>
    (await db.query<{ n: number }[]>(`SELECT count(*)::int AS n FROM ${from}`, values))[0]?.n;
  /** Asks again and again, which takes its time. */
  async function until(holds: () => Promise<boolean>): Promise<void> {
    const began = performance.now();
    while (!(await holds())) if (performance.now() - began > 3 * BOUND) throw new Error('it does not come to that');
  }
  const isRefused = () =>
    new Promise<boolean>((resolve) => {
      const socket = connect(Number(new URL(api.url).port), '127.0.0.1', () => (socket.destroy(), resolve(false)));
      socket.once('error', () => resolve(true));
    });

  it('under load it answers whom it let in, ends the job it began, lets nobody else in, and ends with 0', async () => {
    await product('BUSY');
    const { body: order } = await api.post<OrderBody>('/v1/orders', orderOf('BUSY'));
    const pay = { gateway: 'alipay', method: 'page' };
    const { body: attempt } = await api.post<AttemptBody>(`/v1/orders/${order.id}/payments`, pay);
    await payer.pays(attempt);

    const placed: string[] = [order.id];
    const others = new Set<unknown>();
    let hungUp = 0;
    const buyer = async () => {
      for (;;) {
        const answer = await api.post<OrderBody>('/v1/orders', orderOf('BUSY')).catch(() => undefined);
        if (!answer) return void (hungUp += 1);
        if (answer.status === 201) placed.push(answer.body.id);
        else others.add(answer.status);
      }
    };
    const buyers = Array.from({ length: BUYERS }, buyer);
    await until(() => count('orders').then(() => placed.length > 100));
    await payer.breaks({ kind: 'delay', method: 'alipay.trade.refund', ms: SLOW });
    const { body: refund } = await api.post<RefundBody>(`/v1/orders/${order.id}/refunds`, { reason: 'wanted back' });
    const underWay = `refunds WHERE id = $1 AND status = 'processing'`;
    await until(async () => (await count(underWay, refund.id)) === 1);
    program.signal('SIGTERM');
    const told = performance.now();

    await Promise.all(buyers);
    expect(await isRefused()).toBe(true);
    // The door is closed, and the job is still at it.
    expect(await count(underWay, refund.id)).toBe(1);
    const { code, said } = await program.end();
    expect(code).toBe(0);
    // Node warns of what it takes for a leak, whatever the level of the log.
    expect(said).not.toMatch(/Warning/);
    expect(performance.now() - told).toBeLessThan(BOUND);

    expect(hungUp).toBe(BUYERS);
    expect([...others].filter((status) => status !== 503)).toEqual([]);
    // Not one was made that nobody was told of, and none that somebody was told of is missing.
    expect(await count(`order_lines WHERE sku = 'BUSY'`)).toBe(placed.length);
    expect(await count('orders WHERE id = ANY($1)', placed)).toBe(placed.length);
    expect(await count(`refunds WHERE id = $1 AND status = 'succeeded'`, refund.id)).toBe(1);
    expect(await count(`graphile_worker.jobs WHERE task_identifier = 'payment.send_refund'`)).toBe(0);
  }, 120_000);

  it('twice, it does not wait', async () => {
    await product('HELD');
    const holder = db.createQueryRunner();
    await holder.startTransaction();
    await holder.query(`SELECT 1 FROM stock_levels WHERE sku = 'HELD' FOR UPDATE`);
    const placing = api.post('/v1/orders', orderOf('HELD'), { idempotencyKey: 'held' }).catch(() => 'hung up');
    await until(async () => (await count(`pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`)) === 1);
    program.signal('SIGTERM');
    await until(isRefused);
    program.signal('SIGTERM');
    expect(await program.end()).toMatchObject({ code: 130 });
    expect(await placing).toBe('hung up');
    await holder.rollbackTransaction();
    await holder.release();
    await until(async () => (await count(`pg_stat_activity WHERE datname = current_database() AND application_name = 'suanpan'`)) === 0);
    // Its commit may have been on its way behind the lock: then it is done, and found so by whoever asks again under its key.
    const placed = await count(`order_lines WHERE sku = 'HELD'`);
    expect([0, 1]).toContain(placed);
    expect(await count(`idempotency_keys WHERE key = 'held' AND answer IS NOT NULL`)).toBe(placed);
    expect(await count(`reservations WHERE sku = 'HELD'`)).toBe(placed);
  }, 120_000);

  it('while the database is gone without a word, it ends all the same, with 0', async () => {
    await product('SILENT');
    road.goesSilent();
    const placing = api.post('/v1/orders', orderOf('SILENT')).then(
      ({ body }) => body.code,
      () => 'hung up',
    );
    program.signal('SIGTERM');
    const told = performance.now();
    expect(await program.end()).toMatchObject({ code: 0 });
    expect(performance.now() - told).toBeLessThan(BOUND);
    expect(['hung up', 'unavailable']).toContain(await placing);
    await road.isCut();
    road = new Road(new URL(database.url));
  }, 120_000);
});
