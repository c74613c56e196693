import { MINUTE, SECOND } from '../src/kernel/clock.js';
import { useWorld, type OrderBody } from './support/world.js';

describe('Cancelling an order', () => {
  const world = useWorld();

  it('frees the stock at once where nothing is open at a gateway', async () => {
    const order = await world.placeOrder({ sku: 'UNPAID', quantity: 3 });
    const cancelled = await cancel(order, 'changed my mind');
    expect(cancelled).toMatchObject({
      status: 200,
      body: { status: 'cancelled', cancelReason: 'changed my mind', paymentStatus: 'unpaid' },
    });
    expect(await world.stock('UNPAID')).toMatchObject({ reserved: 0, available: 10 });
    expect(await cancel(order)).toMatchObject({ status: 200, body: { status: 'cancelled' } });
  });

  it('closes the trade at the gateway first', async () => {
    const order = await world.placeOrder({ sku: 'OPEN' });
    const attempt = await world.startPayment(order);
    await world.payer.opensThePage(attempt);

    expect(await cancel(order)).toMatchObject({ status: 200, body: { status: 'closing' } });
    expect(await world.stock('OPEN')).toMatchObject({ reserved: 1 });
    await world.settle();

    expect(await world.payer.trade(attempt)).toMatchObject({ state: 'closed' });
    expect(await world.order(order)).toMatchObject({ status: 'cancelled' });
    expect(await world.stock('OPEN')).toMatchObject({ reserved: 0, available: 10 });
    expect((await world.timeline(order)).map(({ type }) => type)).toEqual([
      'order.created',
      'inventory.reserved',
      'payment.attempt_started',
      'order.closing',
      'payment.attempts_closing',
      'payment.attempt_settled',
      'payment.closed',
      'order.cancelled',
      'inventory.released',
    ]);
  });

  it('is paid instead where the trade turns out to be paid', async () => {
    const order = await world.placeOrder({ sku: 'CROSSED' });
    const attempt = await world.startPayment(order);
    await world.payer.noticesAre('drop');
    await world.payer.pays(attempt);
    await world.payer.noticesAre('deliver');

    expect(await cancel(order)).toMatchObject({ body: { status: 'closing' } });
    await world.settle();

    expect(await world.order(order)).toMatchObject({ status: 'awaiting_shipment', amountPaid: order.amountDue, cancelReason: null });
    expect(await world.stock('CROSSED')).toMatchObject({ reserved: 1 });
  });

  it('stays closing while the gateway does not answer, and ends when it does', async () => {
    const order = await world.placeOrder({ sku: 'DOWN' });
    const attempt = await world.startPayment(order);
    await world.payer.opensThePage(attempt);
    await world.payer.breaks({ kind: 'http_502', times: 0 });
    await cancel(order);
    await world.passTime(10 * MINUTE);
    expect(await world.order(order)).toMatchObject({ status: 'closing' });
    expect(await world.stock('DOWN')).toMatchObject({ reserved: 1 });

    await world.payer.isMended();
    await world.passTime(30 * SECOND);

    expect(await world.order(order)).toMatchObject({ status: 'cancelled' });
  });

  it('gives the money back where it was paid and nothing has left', async () => {
    const order = await world.paidOrder({ sku: 'REFUNDED', quantity: 2 });
    await world.refund(order, { amount: 5_000 });

    expect(await cancel(order)).toMatchObject({ status: 200, body: { status: 'cancelled' } });
    await world.settle();

    expect(await world.order(order)).toMatchObject({ status: 'cancelled', paymentStatus: 'refunded', amountRefunded: 30_000 });
    expect(await world.refunds(order)).toMatchObject([
      { kind: 'cancelled', status: 'succeeded', amount: 25_000 },
      { kind: 'requested', status: 'succeeded', amount: 5_000 },
    ]);
    expect(await world.stock('REFUNDED')).toMatchObject({ onHand: 10, reserved: 0, available: 10 });
    expect(await world.payer.trade(order.attempt)).toMatchObject({ paidAmount: 30_000, refundedAmount: 30_000 });
  });

  it('is refused once something has left', async () => {
    const order = await world.paidOrder({ sku: 'SENT', quantity: 2 });
    await world.api.post(`/v1/orders/${order.id}/shipments`, { carrier: 'SF', trackingNumber: '1', items: [{ sku: 'SENT', quantity: 1 }] });
    expect(await cancel(order)).toMatchObject({ status: 409, body: { code: 'illegal_transition' } });
  });

  it('happens by itself when nobody has paid in time', async () => {
    const order = await world.placeOrder({ sku: 'EXPIRED', more: { expiresInSeconds: 60 } });
    await world.passTime(59 * SECOND);
    expect(await world.order(order)).toMatchObject({ status: 'pending_payment' });

    await world.passTime(SECOND);

    expect(await world.order(order)).toMatchObject({ status: 'cancelled', cancelReason: 'not paid in time' });
    expect(await world.stock('EXPIRED')).toMatchObject({ reserved: 0, available: 10 });
  });

  it('sends money back that comes after it', async () => {
    const order = await world.placeOrder({ sku: 'TOO-LATE' });
    const attempt = await world.startPayment(order);
    await cancel(order);
    await world.settle();
    expect(await world.order(order)).toMatchObject({ status: 'cancelled' });

    // The page was never opened, so the gateway had nothing to close; now it is opened after all.
    const { notices } = await world.payer.pays(attempt);
    await world.settle();

    expect(notices).toMatchObject([{ body: 'success' }]);
    expect(await world.order(order)).toMatchObject({ status: 'cancelled', amountPaid: 0, amountRefunded: 0 });
    expect(await world.attempt(attempt)).toMatchObject({ status: 'succeeded', usedAs: 'late' });
    expect(await world.refunds(order)).toMatchObject([
      { kind: 'late', status: 'succeeded', amount: order.amountDue, reason: 'paid after the order was cancelled' },
    ]);
    expect(await world.payer.trade(attempt)).toMatchObject({ paidAmount: order.amountDue, refundedAmount: order.amountDue });
    const came = (await world.timeline(order)).find(({ type }) => type === 'payment.unusable_money_received');
    expect(came).toMatchObject({ facts: { why: 'late' } });
    expect(await world.stock('TOO-LATE')).toMatchObject({ available: 10 });
  });

  it('finds money that came after it although nobody said so', async () => {
    const order = await world.placeOrder({ sku: 'LATE-UNSAID' });
    const attempt = await world.startPayment(order);
    await cancel(order);
    await world.settle();
    await world.payer.noticesAre('drop');
    await world.payer.pays(attempt);
    await world.payer.noticesAre('deliver');

    await world.passTime(31 * MINUTE);

    expect(await world.attempt(attempt)).toMatchObject({ status: 'succeeded', usedAs: 'late' });
    expect(await world.refunds(order)).toMatchObject([{ kind: 'late', status: 'succeeded', amount: order.amountDue }]);
  });

  it('asks about a page that was never opened once more when its time is over, and then no more', async () => {
    const order = await world.placeOrder({ sku: 'NEVER-OPENED' });
    const attempt = await world.startPayment(order);
    await cancel(order);
    await world.settle();
    expect(await askAt(attempt)).toEqual(new Date(Date.parse(order.expiresAt as string) + MINUTE));
    await world.payer.breaks({ kind: 'http_502', times: 0 });
    await world.passTime(31 * MINUTE);
    expect(await askAt(attempt)).not.toBeNull();
    await world.payer.isMended();
    await world.passTime(MINUTE);
    expect(await askAt(attempt)).toBeNull();
    expect(await world.attempt(attempt)).toMatchObject({ status: 'closed' });
  });

  it('hands out no code for an order that was cancelled while the gateway made it', async () => {
    const order = await world.placeOrder({ sku: 'QR-RACE' });
    await world.payer.breaks({ kind: 'delay', method: 'alipay.trade.precreate', ms: 60_000 });
    const starting = world.api.post(`/v1/orders/${order.id}/payments`, { gateway: 'alipay', method: 'qr' });
    while ((await world.db.query<unknown[]>('SELECT 1 FROM payment_attempts WHERE order_id = $1', [order.id])).length === 0);
    await cancel(order);
    await world.runJobs();
    expect(await world.order(order)).toMatchObject({ status: 'cancelled' });

    await world.payer.isMended();
    expect(await starting).toMatchObject({ status: 409, body: { code: 'order_not_payable' } });

    await world.settle();
    expect(await world.refunds(order)).toEqual([]);
  });

  it('loses no race with the notice of its payment', async () => {
    const orders = await Promise.all(Array.from({ length: 12 }, (_, n) => world.placeOrder({ sku: `RACE-${n}` })));
    const attempts = await Promise.all(orders.map((order) => world.startPayment(order)));

    await Promise.all(orders.flatMap((order, n) => [cancel(order), world.payer.pays(attempts[n] as never)]));
    await world.settle();

    for (const [n, order] of orders.entries()) {
      const { status, amountPaid, amountRefunded } = await world.order(order);
      const trade = await world.payer.trade(attempts[n]);
      const kept = (trade?.paidAmount ?? 0) - (trade?.refundedAmount ?? 0);
      expect({ n, status, kept }).toEqual({ n, status, kept: status === 'awaiting_shipment' ? order.amountDue : 0 });
      expect(amountPaid - amountRefunded).toBe(kept);
    }
  });

  async function askAt({ id }: { id: string }): Promise<Date | null | undefined> {
    return (await world.db.query<{ ask_at: Date | null }[]>('SELECT ask_at FROM payment_attempts WHERE id = $1', [id]))[0]?.ask_at;
  }

  function cancel({ id }: { id: string }, reason?: string) {
    return world.api.post<OrderBody>(`/v1/orders/${id}/cancel`, reason === undefined ? undefined : { reason });
  }
});
