import { Injectable } from '@nestjs/common';

import { OrderCompleted } from '../../src/contracts/order-completed.js';
import { AfterCommit } from '../../src/platform/events/listeners.js';
import { PinoLogger } from '../../src/platform/logging/pino-logger.js';
import { cardNumber } from '../hostile/canaries.js';
import { useWorld, WAYS, type AttemptBody, type OrderBody } from '../support/world.js';

/** What follows from a completed order fails, every time. */
@Injectable()
class FailsAfterwards {
  @AfterCommit(OrderCompleted, 'test.fails')
  fail(): Promise<void> {
    return Promise.reject(new Error('nobody is there'));
  }
}

interface Line {
  readonly msg: string;
  readonly level: number;
  readonly correlationId?: string;
  readonly [field: string]: unknown;
}

const INFO = 30;
const ERROR = 50;

describe('One id leads through the log', () => {
  const world = useWorld([FailsAfterwards]);
  let written = '';
  const lines = (): Line[] =>
    written
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Line);
  const of = (id: string, msg: string) => lines().filter((line) => line.correlationId === id && line.msg === msg);

  beforeAll(() => world.app.useLogger(new PinoLogger('debug', { write: (line) => void (written += line) })));
  beforeEach(() => void (written = ''));
  afterAll(() => world.app.useLogger(false));

  const under = (id: string, key: string) => ({ headers: { 'x-request-id': id }, idempotencyKey: key });

  /** Paid with WeChat Pay, which has to be called for it. */
  async function paid(sku: string, id: string): Promise<{ order: OrderBody; attempt: AttemptBody }> {
    await world.addProduct({ sku });
    const body = { customerId: 'c-1', items: [{ sku, quantity: 1 }] };
    const { body: order } = await world.api.post<OrderBody>('/v1/orders', body, under(id, `${sku}-order`));
    const pay = `/v1/orders/${order.id}/payments`;
    const { body: attempt } = await world.api.post<AttemptBody>(pay, WAYS.wechatpay, under(id, `${sku}-pay`));
    await world.payer.pays(attempt);
    return { order, attempt };
  }

  it('from the request to its transaction, the gateway, the callback, the job, and the events', async () => {
    const id = 'shop-4711';
    const { order, attempt } = await paid('TRAIL', id);
    await world.api.post(`/v1/orders/${order.id}/refunds`, { reason: 'wanted back' }, under(id, 'trail-refund'));
    await world.settle();

    expect(of(id, 'request')).toMatchObject([
      { level: INFO, method: 'POST', route: '/v1/orders', status: 201 },
      { level: INFO, method: 'POST', route: '/v1/orders/:id/payments', status: 201, path: `/v1/orders/${order.id}/payments` },
      { level: INFO, method: 'POST', route: '/v1/orders/:id/refunds', status: 201 },
    ]);
    expect(of(id, 'committed')[0]).toMatchObject({ orderIds: [order.id], events: ['order.created', 'inventory.reserved'] });
    const about = { gateway: 'wechatpay', outTradeNo: attempt.outTradeNo };
    const calls = of(id, 'gateway called');
    expect(calls[0]).toMatchObject({ ...about, level: INFO, call: 'pay', outcome: 'action' });
    expect(calls).toContainEqual(expect.objectContaining({ ...about, call: 'refund', task: 'payment.send_refund', orderId: order.id }));
    // One line further down: what went out on the wire.
    expect(of(id, 'gateway request')[0]).toMatchObject({ method: 'POST', path: '/v3/pay/transactions/native', status: 200 });
    expect(of(id, 'callback')[0]).toMatchObject({ ...about, level: INFO, orderId: order.id, verdict: 'verified', effect: 'applied' });
    expect(of(id, 'job done')).toMatchObject([{ level: INFO, task: 'payment.send_refund', orderId: order.id, attempt: 1 }]);

    const events = await world.db.query<{ type: string; correlation_id: string }[]>(
      'SELECT type, correlation_id FROM events WHERE order_id = $1 ORDER BY seq',
      [order.id],
    );
    expect(events.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['order.created', 'payment.succeeded', 'payment.refund_requested']),
    );
    expect(new Set(events.map(({ correlation_id }) => correlation_id))).toEqual(new Set([id]));
  });

  it('to the questions of the sweeps, where the notice is lost', async () => {
    const id = 'shop-4712';
    await world.payer.noticesAre('drop');
    const { order } = await paid('SWEPT', id);
    written = '';
    await world.passTime(10_000);
    await world.payer.noticesAre('deliver');
    expect((await world.order(order)).status).toBe('awaiting_shipment');
    expect(of(id, 'gateway called')).toMatchObject([{ call: 'query', outcome: 'succeeded', orderId: order.id }]);
  });

  it('to a job that fails, with the order that it is about', async () => {
    const id = 'shop-4713';
    const { order } = await paid('FAILS', id);
    await world.api.post(`/v1/orders/${order.id}/shipments`, { carrier: 'SF', trackingNumber: 'SF-4713' }, under(id, 'fails-ship'));
    await world.api.post(`/v1/orders/${order.id}/complete`, undefined, under(id, 'fails-complete'));
    await world.runJobs();

    const failed = of(id, 'job failed');
    expect(failed).toMatchObject([{ level: ERROR, task: 'test.fails', orderId: order.id, attempt: 1 }]);
    expect(failed[0]?.error).toMatch(/nobody is there/);
    // Once, and not by the library besides.
    expect(lines().filter((line) => line.level === ERROR)).toHaveLength(1);
    await world.db.query(
      `SELECT graphile_worker.complete_jobs(array_agg(id)) FROM graphile_worker.jobs WHERE task_identifier = 'test.fails'`,
    );
  });

  it('without a word of what must not be shown, whatever was sent', async () => {
    const [card, otherCard] = [cardNumber(), cardNumber()];
    await world.api.get(`/v1/orders/${card}?pan=${card}`, { 'x-request-id': card });
    await world.api.post('/v1/callbacks/alipay/payments', `out_trade_no=${otherCard}&key=${world.api.apiKey}`, {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect(lines().filter(({ msg }) => msg === 'request' || msg === 'callback').length).toBeGreaterThanOrEqual(3);
    for (const secret of [card, otherCard, world.api.apiKey]) expect(written).not.toContain(secret);
  });

  it('and whoever only looks whether it lives is not in it', async () => {
    world.app.useLogger(new PinoLogger('info', { write: (line) => void (written += line) }));
    await world.api.get('/health/live');
    await world.api.get('/v1/orders');
    expect(lines().map(({ route }) => route)).toEqual(['/v1/orders']);
  });
});
