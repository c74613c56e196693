import { SECOND } from '../src/kernel/clock.js';
import { useWorld, type RefundBody } from './support/world.js';

describe('Refunding an order', () => {
  const world = useWorld();

  it('gives back a part, then the rest', async () => {
    const order = await world.paidOrder({ sku: 'PARTLY', quantity: 2 });

    expect(await world.refund(order, { amount: 10_000 })).toMatchObject({ status: 201, body: { kind: 'requested', amount: 10_000 } });
    await world.settle();
    expect(await world.order(order)).toMatchObject({
      paymentStatus: 'partially_refunded',
      amountRefunded: 10_000,
      status: 'awaiting_shipment',
    });

    expect(await world.refund(order, {})).toMatchObject({ status: 201, body: { amount: 20_000 } });
    await world.settle();
    expect(await world.order(order)).toMatchObject({ paymentStatus: 'refunded', amountRefunded: 30_000 });
    expect(await world.refund(order, {})).toMatchObject({ status: 409, body: { code: 'refund_exceeds_paid', refundable: 0 } });
    expect(await world.payer.trade(order.attempt)).toMatchObject({ paidAmount: 30_000, refundedAmount: 30_000 });
  });

  it('ships an order whose last units are given back in two refunds that come at once', async () => {
    const orders = await Promise.all(
      Array.from({ length: 8 }, async (_, number) => {
        const order = await world.paidOrder({ sku: `TWICE-${number}`, quantity: 3 });
        const shipped = await world.api.post(`/v1/orders/${order.id}/shipments`, {
          carrier: 'SF',
          trackingNumber: `SF-${number}`,
          items: [{ sku: `TWICE-${number}`, quantity: 1 }],
        });
        expect(shipped.status).toBe(201);
        return { order, refund: { amount: 100, restock: [{ sku: `TWICE-${number}`, quantity: 1 }] } };
      }),
    );

    const answers = await Promise.all(orders.flatMap(({ order, refund }) => [world.refund(order, refund), world.refund(order, refund)]));

    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201));
    for (const { order } of orders) {
      expect(await world.order(order)).toMatchObject({ status: 'shipped', items: [{ shippedQuantity: 1, cancelledQuantity: 2 }] });
      // Each refund's own units follow from it, and from no other.
      const timeline = await world.timeline(order);
      const restocked = timeline.filter(({ type }) => type === 'order.units_restocked');
      expect(new Set(restocked.map(({ causationId }) => causationId)).size).toBe(2);
    }
    await world.settle();
  });

  it('knows an order by its id in capitals, too', async () => {
    const order = await world.paidOrder({ sku: 'CAPITALS', price: 10_000 });
    const inCapitals = { ...order, id: order.id.toUpperCase() };
    const answers = await Promise.all([order, inCapitals].map((one) => world.refund(one, { amount: 4_000 })));
    expect(answers.map(({ status }) => status)).toEqual([201, 201]);
    expect(answers[1]?.body).toMatchObject({ orderId: order.id });
  });

  it('never gives back more than was paid, however many ask at once', async () => {
    const order = await world.paidOrder({ sku: 'GREEDY', price: 10_000 });

    const answers = await Promise.all(Array.from({ length: 20 }, () => world.refund(order, { amount: 900 })));
    await world.settle();

    expect(answers.filter(({ status }) => status === 201)).toHaveLength(11);
    expect(answers.filter(({ status }) => status === 409).every(({ body }) => body.code === 'refund_exceeds_paid')).toBe(true);
    expect(await world.order(order)).toMatchObject({ amountRefunded: 9_900 });
    expect(await world.payer.trade(order.attempt)).toMatchObject({ refundedAmount: 9_900 });
  });

  it('refunds nothing that is not paid', async () => {
    const order = await world.placeOrder({ sku: 'UNPAID' });
    expect(await world.refund(order, {})).toMatchObject({ status: 409, body: { code: 'order_not_paid' } });
  });

  it.each([
    'timeout',
    'http_500',
    'garbage',
    'reset',
    'succeed_then_reset',
    'succeed_then_500',
    'wrong_signature',
    'unsigned',
    'system_error',
    'system_error_done',
  ])('is unknown after an answer of the kind %s, and sent once all the same', async (kind) => {
    const order = await world.paidOrder({ sku: `LOST-${kind}` });
    await world.payer.breaks({ kind, method: 'alipay.trade.refund', times: 1 });
    await world.payer.breaks({ kind: 'http_502', method: 'alipay.trade.fastpay.refund.query', times: 1 });
    const asked = await world.refund(order, { amount: 4_000 });
    await world.runJobs();
    expect(await refund(asked.body)).toMatchObject({ status: 'unknown' });
    expect(await world.order(order)).toMatchObject({ amountRefunded: 0 });
    expect(await world.refund(order, { amount: 11_001 })).toMatchObject({ status: 409, body: { refundable: 11_000 } });

    await world.payer.isMended();
    await world.passTime(30 * SECOND);
    await world.passTime(30 * SECOND);

    expect(await refund(asked.body)).toMatchObject({ status: 'succeeded' });
    expect(await world.order(order)).toMatchObject({ amountRefunded: 4_000 });
    expect(await world.payer.trade(order.attempt)).toMatchObject({ refundedAmount: 4_000 });
  });

  it('is asked about ten seconds after each sending at the earliest, as Alipay wants', async () => {
    const order = await world.paidOrder({ sku: 'LOST-TWICE' });
    await world.payer.breaks({ kind: 'http_500', method: 'alipay.trade.refund', times: 2 });
    const asked = await world.refund(order, { amount: 4_000 });
    await world.runJobs();
    const firstSent = await untilAsked(asked.body.id);
    // It has never arrived, is sent again, and lost again.
    await world.passTime(11 * SECOND);
    const sentAgain = await untilAsked(asked.body.id);
    for (const wait of [firstSent, sentAgain]) expect(Math.abs(wait - 10)).toBeLessThan(2);
    expect(await refund(asked.body)).toMatchObject({ status: 'unknown' });
    await world.passTime(11 * SECOND);
    expect(await refund(asked.body)).toMatchObject({ status: 'succeeded' });
  });

  it('fails where the gateway refuses for good, and what was set aside can be refunded again', async () => {
    const order = await world.paidOrder({ sku: 'REFUSED' });
    await world.payer.breaks({ kind: 'declined', method: 'alipay.trade.refund', subCode: 'ACQ.TRADE_NOT_ALLOW_REFUND', times: 1 });
    const asked = await world.refund(order, {});
    await world.settle();
    expect(await refund(asked.body)).toMatchObject({
      status: 'failed',
      failureReason: expect.stringContaining('TRADE_NOT_ALLOW_REFUND') as string,
    });
    expect(await world.order(order)).toMatchObject({ paymentStatus: 'paid', amountRefunded: 0 });
    expect(await world.api.post(`/v1/refunds/${asked.body.id}/retry`)).toMatchObject({ status: 200, body: { status: 'requested' } });
    await world.settle();
    expect(await refund(asked.body)).toMatchObject({ status: 'succeeded' });
    expect(await world.order(order)).toMatchObject({ paymentStatus: 'refunded' });
    expect(await world.api.post(`/v1/refunds/${asked.body.id}/retry`)).toMatchObject({ status: 409, body: { code: 'illegal_transition' } });
  });

  it('sends back by hand what the gateway would not take back by itself', async () => {
    const order = await world.placeOrder({ sku: 'LATE-REFUSED' });
    const attempt = await world.startPayment(order);
    await world.api.post(`/v1/orders/${order.id}/cancel`);
    await world.settle();
    await world.payer.breaks({ kind: 'declined', method: 'alipay.trade.refund', subCode: 'ACQ.TRADE_NOT_ALLOW_REFUND', times: 1 });
    await world.payer.pays(attempt);
    await world.settle();
    const [late] = await world.refunds(order);
    expect(late).toMatchObject({ kind: 'late', status: 'failed' });

    await world.api.post(`/v1/refunds/${late?.id}/retry`);
    await world.settle();

    expect(await world.refunds(order)).toMatchObject([{ kind: 'late', status: 'succeeded' }]);
    expect(await world.payer.trade(attempt)).toMatchObject({ refundedAmount: order.amountDue });
  });

  it('puts nothing on sale twice that the cancel of its order freed', async () => {
    const order = await world.paidOrder({ sku: 'FREED', quantity: 2 });
    await world.payer.breaks({ kind: 'declined', method: 'alipay.trade.refund', subCode: 'ACQ.TRADE_NOT_ALLOW_REFUND', times: 1 });
    await world.api.post(`/v1/orders/${order.id}/cancel`);
    await world.settle();
    const again = await world.refund(order, { restock: [{ sku: 'FREED', quantity: 2 }] });
    expect(again).toMatchObject({ status: 422, body: { code: 'units_exceed_order' } });
    expect(await world.stock('FREED')).toMatchObject({ onHand: 10, reserved: 0 });
    expect(await world.refund(order, {})).toMatchObject({ status: 201 });
    await world.settle();
  });

  it('waits where the merchant’s balance is empty, and sends the same refund once it is not', async () => {
    const order = await world.paidOrder({ sku: 'BROKE' });
    await world.payer.breaks({ kind: 'declined', method: 'alipay.trade.refund', subCode: 'ACQ.SELLER_BALANCE_NOT_ENOUGH', times: 1 });
    const asked = await world.refund(order, {});
    await world.runJobs();
    expect(await refund(asked.body)).toMatchObject({ status: 'processing' });
    await world.passTime(30 * SECOND);
    expect(await refund(asked.body)).toMatchObject({ status: 'succeeded' });
  });

  it('puts units on sale again: first those that never left, then those that came back', async () => {
    const order = await world.paidOrder({ sku: 'RESTOCK', quantity: 4 });
    await world.api.post(`/v1/orders/${order.id}/shipments`, {
      carrier: 'SF',
      trackingNumber: '1',
      items: [{ sku: 'RESTOCK', quantity: 2 }],
    });
    expect(await world.stock('RESTOCK')).toMatchObject({ onHand: 8, reserved: 2, available: 6 });

    expect(await world.refund(order, { amount: 45_000, restock: [{ sku: 'RESTOCK', quantity: 3 }] })).toMatchObject({ status: 201 });
    await world.settle();

    expect(await world.stock('RESTOCK')).toMatchObject({ onHand: 9, reserved: 0, available: 9 });
    expect(await world.order(order)).toMatchObject({
      status: 'shipped',
      items: [{ cancelledQuantity: 2, shippedQuantity: 2, returnedQuantity: 1 }],
    });
    expect((await world.timeline(order)).map(({ type }) => type)).toContain('order.fulfilled');
    const tooMany = await world.refund(order, { amount: 1, restock: [{ sku: 'RESTOCK', quantity: 2 }] });
    expect(tooMany).toMatchObject({ status: 422, body: { code: 'units_exceed_order' } });
    expect(await world.refunds(order)).toHaveLength(1);
  });

  async function refund({ id }: { id: string }): Promise<RefundBody> {
    return (await world.api.get<RefundBody>(`/v1/refunds/${id}`)).body;
  }

  /** In seconds. */
  async function untilAsked(id: string): Promise<number> {
    const [{ askAt }] = await world.db.query<[{ askAt: Date }]>('SELECT ask_at AS "askAt" FROM refunds WHERE id = $1', [id]);
    return (askAt.getTime() - world.clock.now().getTime()) / SECOND;
  }
});
