import { HOUR, MINUTE, SECOND } from '../../src/kernel/clock.js';
import { useWorld, WAYS, type AttemptBody, type OrderBody, type Way } from '../support/world.js';

/** Of unknown attempts there are twice as many, which is more than are asked about at once. */
const MANY = 33;
const FEW = 10;

interface Paid {
  readonly order: OrderBody;
  readonly attempt: AttemptBody;
}

describe.each(Object.values(WAYS))('When $gateway is away for hours', (way: Way) => {
  const world = useWorld();
  const { gateway } = way;
  let orders = 0;

  const placed = async (): Promise<OrderBody> => {
    orders += 1;
    return world.placeOrder({ sku: `OUTAGE-${orders}`, more: { expiresInSeconds: 1_800 } });
  };
  /** Some at a time: what waits too long for a connection to the database is told to come again. */
  const each = async <Made>(many: number, make: () => Promise<Made>): Promise<Made[]> => {
    const made: Made[] = [];
    while (made.length < many) made.push(...(await Promise.all(Array.from({ length: Math.min(8, many - made.length) }, make))));
    return made;
  };
  const statuses = (table: 'payment_attempts' | 'refunds') =>
    world.db.query<{ status: string; rows: number }[]>(`SELECT status, count(*)::int AS rows FROM ${table} GROUP BY 1 ORDER BY 1`);

  it('no attempt fails by its age, and everything is settled within thirty seconds of its return', async () => {
    // Paid and never told of; never paid; paid and to be given back.
    const unheard = await each(MANY, async () => {
      const order = await placed();
      return { order, attempt: await world.startPayment(order, way) };
    });
    const unpaid = await each(MANY, async () => {
      const order = await placed();
      return { order, attempt: await world.startPayment(order, way) };
    });
    const given = await each(FEW, async (): Promise<Paid> => {
      orders += 1;
      const order = await world.paidOrder({ sku: `OUTAGE-${orders}`, way });
      return { order, attempt: order.attempt };
    });
    await Promise.all(unheard.map(({ attempt }) => world.payer.pays(attempt, { notify: false })));
    await world.payer.outage(true, gateway);
    for (const { order } of given) expect((await world.refund(order, { amount: 1_000 })).status).toBe(201);
    await Promise.all(unheard.map(({ attempt }) => world.api.post(`/v1/payments/${attempt.id}/sync`)));

    for (const wait of [10 * SECOND, 10 * MINUTE, HOUR, 12 * HOUR]) await world.passTime(wait);

    // Their orders have expired, and wait for what the gateway will say.
    const during = new Map((await statuses('payment_attempts')).map(({ status, rows }) => [status, rows]));
    expect(Object.fromEntries(during)).toEqual({ succeeded: FEW, unknown: 2 * MANY });
    expect(await statuses('refunds')).toEqual([{ status: 'unknown', rows: FEW }]);
    for (const { order } of [...unheard, ...unpaid]) expect(await world.order(order)).toMatchObject({ status: 'closing', amountPaid: 0 });

    await world.payer.outage(false, gateway);
    let seconds = 0;
    const isSettled = async () => {
      const open = [...(await statuses('payment_attempts')), ...(await statuses('refunds'))];
      return open.every(({ status }) => ['succeeded', 'closed'].includes(status));
    };
    while (seconds < 30 && !(await isSettled())) {
      await world.passTime(SECOND);
      seconds += 1;
    }

    expect(await statuses('payment_attempts')).toEqual([
      { status: 'closed', rows: MANY },
      { status: 'succeeded', rows: MANY + FEW },
    ]);
    expect(await statuses('refunds')).toEqual([{ status: 'succeeded', rows: FEW }]);
    for (const { order } of unheard) expect(await world.order(order)).toMatchObject({ status: 'awaiting_shipment', amountPaid: 15_000 });
    for (const { order } of unpaid) expect(await world.order(order)).toMatchObject({ status: 'cancelled', amountPaid: 0 });
    for (const { order, attempt } of given) {
      expect(await world.order(order)).toMatchObject({ amountRefunded: 1_000 });
      expect(await world.payer.trade(attempt)).toMatchObject({ refundedAmount: 1_000 });
      expect((await world.payer.books(attempt)).refunds).toHaveLength(1);
    }
  });

  it('the others go on', async () => {
    await world.payer.outage(true, gateway);
    for (const other of Object.values(WAYS).filter((one) => one.gateway !== gateway)) {
      orders += 1;
      const order = await world.paidOrder({ sku: `OUTAGE-${orders}`, way: other });
      expect(order).toMatchObject({ status: 'awaiting_shipment' });
    }
    await world.payer.outage(false, gateway);
  });

  it('an order that is cancelled meanwhile is cancelled once it is certain that nobody has paid', async () => {
    const order = await placed();
    await world.startPayment(order, way);
    await world.payer.outage(true, gateway);
    await world.api.post(`/v1/orders/${order.id}/cancel`, { reason: 'no more' });
    await world.passTime(6 * HOUR);
    expect(await world.order(order)).toMatchObject({ status: 'closing' });
    await world.payer.outage(false, gateway);
    await world.passTime(15 * SECOND);
    expect(await world.order(order)).toMatchObject({ status: 'cancelled' });
  });
});

describe('A start while its gateway is away', () => {
  const world = useWorld();

  it('is unknown, and comes to an end once it is back', async () => {
    const order = await world.placeOrder({ sku: 'UNSTARTED' });
    await world.payer.outage(true, 'wechatpay');
    const attempt = await world.startPayment(order, WAYS.wechatpay);
    expect(attempt).toMatchObject({ status: 'unknown', action: null });
    await world.passTime(10 * MINUTE);
    expect(await world.attempt(attempt)).toMatchObject({ status: 'unknown' });
    await world.payer.outage(false, 'wechatpay');
    await world.passTime(15 * SECOND);
    // The gateway never heard of it, and it may still be started: it waits until its time is over.
    expect(await world.attempt(attempt)).toMatchObject({ status: 'pending' });
    await world.passTime(HOUR);
    expect(await world.attempt(attempt)).toMatchObject({ status: 'closed' });
    expect(await world.order(order)).toMatchObject({ status: 'cancelled', amountPaid: 0 });
  });
});
