import { MINUTE, SECOND } from '../src/kernel/clock.js';
import { useWorld, type AttemptBody, type OrderBody } from './support/world.js';

describe('Paying an order', () => {
  const world = useWorld();

  it('sends the payer to the gateway, and is paid by its notice', async () => {
    const order = await world.placeOrder({ sku: 'PAGE', quantity: 2, more: { shippingFee: 800 } });
    const attempt = await world.startPayment(order);
    expect(attempt).toMatchObject({ status: 'pending', amount: 30_800, action: { type: 'redirect' } });

    const { notices } = await world.payer.pays(attempt);

    expect(notices).toMatchObject([{ status: 200, body: 'success' }]);
    expect(await world.order(order)).toMatchObject({ status: 'awaiting_shipment', paymentStatus: 'paid', amountPaid: 30_800 });
    expect(await world.attempt(attempt)).toMatchObject({ status: 'succeeded', usedAs: 'payment' });
  });

  it('shows a code to scan', async () => {
    const order = await world.placeOrder({ sku: 'QR' });
    const attempt = await world.startPayment(order, 'qr');
    expect(attempt).toMatchObject({ status: 'pending', action: { type: 'qr_code', codeUrl: expect.stringContaining('/qr/') as string } });

    await world.payer.pays(attempt);

    expect(await world.order(order)).toMatchObject({ status: 'awaiting_shipment' });
  });

  it('counts the money once, however often the gateway calls back', async () => {
    const order = await world.placeOrder({ sku: 'ONCE', quantity: 2, stock: 10 });
    const attempt = await world.startPayment(order);
    await world.payer.noticesAre('drop');
    await world.payer.pays(attempt);
    await world.payer.noticesAre('deliver');

    const { notices } = await world.payer.notifies(attempt, { times: 15, concurrent: true });

    expect(notices.map(({ body }) => body)).toEqual(Array.from({ length: 15 }, () => 'success'));
    expect(await world.order(order)).toMatchObject({ status: 'awaiting_shipment', amountPaid: order.amountDue });
    expect(await world.stock('ONCE')).toMatchObject({ onHand: 10, reserved: 2, available: 8 });
    expect(await types(order, 'payment.succeeded')).toHaveLength(1);
    const inbox = await world.api.get<{ data: { effect: string }[] }>(`/v1/callbacks?outTradeNo=${attempt.outTradeNo}`);
    expect(inbox.body.data.map(({ effect }) => effect).sort()).toEqual([...Array.from({ length: 14 }, () => 'already_applied'), 'applied']);
  });

  it.each([
    ['forged with another key', { forge: 'other_key' }, 'bad_signature'],
    ['without a signature', { forge: 'no_signature' }, 'bad_signature'],
    ['with an empty signature', { forge: 'empty_signature' }, 'bad_signature'],
    ['signed by a weaker rule', { forge: 'sign_type_rsa' }, 'bad_signature'],
    ['altered after signing', { tamper: { total_amount: '0.01' } }, 'bad_signature'],
    ['of another app', { fields: { app_id: '2021000000000009' } }, 'wrong_app'],
    ['of another seller', { fields: { seller_id: '2088000000000009' } }, 'wrong_merchant'],
    ['of another amount', { fields: { total_amount: '0.01' } }, 'verified'],
    ['of no trade of ours', { fields: { out_trade_no: 'nobody0000000000000000000a01' } }, 'verified'],
  ])('does not believe a notice %s, and keeps it with the reason', async (_, how: Record<string, unknown>, verdict) => {
    const sku = `FORGED-${verdict}-${Object.values(how)
      .map((value) => (typeof value === 'string' ? value : Object.keys(value as object).join()))
      .join()}`;
    const order = await world.placeOrder({ sku });
    const attempt = await world.startPayment(order);
    await world.payer.noticesAre('drop');
    await world.payer.pays(attempt);
    await world.payer.noticesAre('deliver');
    const before = await world.timeline(order);

    const { notices } = await world.payer.notifies(attempt, how);

    expect(notices[0]?.body).toBe('fail');
    expect(await world.order(order)).toMatchObject({ status: 'pending_payment', amountPaid: 0 });
    const [kept] = (await world.api.get<{ data: Record<string, unknown>[] }>('/v1/callbacks?limit=1')).body.data;
    expect(kept).toMatchObject({ verdict, effect: 'none', reason: expect.any(String) as string });
    // A genuine notice that does not fit is a discrepancy, which the timeline tells of; it changes nothing else.
    expect((await world.timeline(order)).filter(({ type }) => type !== 'payment.discrepancy_opened')).toEqual(before);
    await world.passTime(20 * SECOND);
    expect(await world.order(order)).toMatchObject({ status: 'awaiting_shipment' });
  });

  it('finds a payment whose notice was lost when it is asked to', async () => {
    const order = await world.placeOrder({ sku: 'SYNC' });
    const attempt = await paidWithoutNotice(order);

    const synced = await world.api.post<AttemptBody>(`/v1/payments/${attempt.id}/sync`);

    expect(synced).toMatchObject({ status: 200, body: { status: 'succeeded' } });
    expect(await world.order(order)).toMatchObject({ status: 'awaiting_shipment' });
  });

  it('finds a payment whose notice was lost by itself', async () => {
    const order = await world.placeOrder({ sku: 'JANITOR' });
    await paidWithoutNotice(order);
    expect(await world.order(order)).toMatchObject({ status: 'pending_payment' });

    await world.passTime(10 * SECOND);

    expect(await world.order(order)).toMatchObject({ status: 'awaiting_shipment' });
  });

  it.each(['timeout', 'http_500', 'http_502', 'garbage', 'reset', 'wrong_signature', 'unsigned', 'system_error'])(
    'calls an answer of the kind %s unknown, and asks until it knows',
    async (kind) => {
      const order = await world.placeOrder({ sku: `LOST-${kind}` });
      const attempt = await paidWithoutNotice(order);
      await world.payer.breaks({ kind, method: 'alipay.trade.query', times: 0 });

      const synced = await world.api.post<AttemptBody>(`/v1/payments/${attempt.id}/sync`);
      expect(synced.body.status).toBe('unknown');
      expect(await world.order(order)).toMatchObject({ status: 'pending_payment' });

      await world.payer.isMended();
      await world.passTime(30 * SECOND);
      expect(await world.order(order)).toMatchObject({ status: 'awaiting_shipment' });
    },
  );

  it('knows that a code was made although the gateway hung up after making it', async () => {
    const order = await world.placeOrder({ sku: 'QR-RESET' });
    await world.payer.breaks({ kind: 'succeed_then_reset', method: 'alipay.trade.precreate', times: 2 });
    const attempt = await world.startPayment(order, 'qr');
    expect(attempt).toMatchObject({ status: 'unknown', action: null });
    await world.payer.isMended();

    await world.payer.pays(attempt);

    expect(await world.order(order)).toMatchObject({ status: 'awaiting_shipment' });
  });

  it('closes the other attempts once one is paid', async () => {
    const order = await world.placeOrder({ sku: 'OTHERS' });
    const qr = await world.startPayment(order, 'qr');
    const page = await world.startPayment(order);
    await world.payer.opensThePage(page);
    await world.payer.pays(qr);

    await world.settle();

    expect(await world.attempt(page)).toMatchObject({ status: 'closed' });
    expect(await world.payer.trade(page)).toMatchObject({ state: 'closed' });
  });

  it('sends money back that came a second time on another attempt', async () => {
    const order = await world.placeOrder({ sku: 'TWICE' });
    const [first, second] = [await world.startPayment(order), await world.startPayment(order, 'qr')];
    await world.payer.noticesAre('hold');
    await world.payer.pays(first);
    await world.payer.pays(second);
    await world.payer.noticesAre('deliver');
    await world.payer.releasesNotices();

    await world.settle();

    expect(await world.order(order)).toMatchObject({ status: 'awaiting_shipment', amountPaid: order.amountDue, amountRefunded: 0 });
    expect(await world.refunds(order)).toMatchObject([{ kind: 'surplus', status: 'succeeded', amount: order.amountDue }]);
    const used = [await world.attempt(first), await world.attempt(second)].map(({ usedAs }) => usedAs);
    expect(used.sort()).toEqual(['payment', 'surplus']);
    expect(await types(order, 'payment.unusable_money_received')).toMatchObject([{ facts: { why: 'surplus' } }]);
    const kept = [await world.payer.trade(first), await world.payer.trade(second)].map(
      (trade) => (trade?.paidAmount ?? 0) - (trade?.refundedAmount ?? 0),
    );
    expect(kept.sort()).toEqual([0, order.amountDue]);
  });

  it('takes no payment for what is paid, cancelled or expired', async () => {
    const paid = await world.paidOrder({ sku: 'PAID' });
    const expired = await world.placeOrder({ sku: 'LATE', more: { expiresInSeconds: 60 } });
    world.clock.advance(MINUTE);
    for (const { id } of [paid, expired]) {
      const refused = await world.api.post(`/v1/orders/${id}/payments`, { gateway: 'alipay', method: 'page' });
      expect(refused).toMatchObject({ status: 409, body: { code: 'order_not_payable' } });
    }
  });

  async function paidWithoutNotice(order: OrderBody): Promise<AttemptBody> {
    const attempt = await world.startPayment(order);
    await world.payer.noticesAre('drop');
    await world.payer.pays(attempt);
    await world.payer.noticesAre('deliver');
    return attempt;
  }

  async function types(order: OrderBody, type: string) {
    return (await world.timeline(order)).filter((event) => event.type === type);
  }
});
