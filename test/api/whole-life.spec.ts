import { useWorld, type AttemptBody, type OrderBody, type RefundBody } from '../support/world.js';
import { ANY_TEXT, ANY_TIME, ANY_UUID } from './support.js';

const ANY_WHOLE_NUMBER = expect.any(Number) as number;
const DAY = 24 * 60 * 60 * 1_000;

interface Page<Item> {
  readonly data: readonly Item[];
  readonly nextCursor: string | null;
}

describe('The whole life of an order', () => {
  const world = useWorld();
  const now = () => world.clock.now().toISOString();
  const tea = { sku: 'TEA-500G', name: 'Longjing tea, 500 g', price: 15_000, currency: 'CNY', stock: 10 };
  const cup = { sku: 'cup_1.0', name: '茶杯', price: 2_500 };

  it('goes from the catalogue to the last refund, and every answer says all of it', async () => {
    const { api } = world;

    const added = await api.post('/v1/products', tea);
    const product = { sku: tea.sku, name: tea.name, price: 15_000, currency: 'CNY', createdAt: now(), updatedAt: now() };
    expect(added).toMatchObject({ status: 201, body: product });
    expect(added.headers.get('content-type')).toMatch(/^application\/json/);
    expect((await api.post('/v1/products', cup)).body).toMatchObject({ ...cup, currency: 'CNY' });
    expect((await api.get(`/v1/products/${tea.sku}`)).body).toEqual(added.body);
    expect((await api.get(`/v1/inventory/${cup.sku}`)).body).toEqual({ sku: cup.sku, onHand: 0, reserved: 0, available: 0 });
    const adjusted = await api.post(`/v1/inventory/${cup.sku}/adjustments`, { delta: 4, reason: 'delivery' });
    expect(adjusted).toMatchObject({ status: 201, body: { sku: cup.sku, onHand: 4, reserved: 0, available: 4 } });

    const placed = await api.post<OrderBody>('/v1/orders', {
      customerId: 'c-1001',
      items: [
        { sku: tea.sku, quantity: 2 },
        { sku: cup.sku, quantity: 4 },
      ],
      shippingFee: 1_000,
      shippingAddress: { name: '李雷', address: '杭州市西湖区龙井路 1 号' },
      note: 'gift wrap',
      metadata: { channel: 'web' },
      expiresInSeconds: 600,
    });
    expect(placed.status).toBe(201);
    const order = placed.body;
    const line = (wanted: { sku: string; name: string; price: number }, quantity: number, shippedQuantity: number) =>
      expect.objectContaining({
        sku: wanted.sku,
        name: wanted.name,
        unitPrice: wanted.price,
        quantity,
        amount: wanted.price * quantity,
        shippedQuantity,
      }) as object;
    const asPlaced = {
      id: ANY_UUID,
      number: ANY_TEXT,
      status: 'pending_payment',
      paymentStatus: 'unpaid',
      customerId: 'c-1001',
      currency: 'CNY',
      items: [line(tea, 2, 0), line(cup, 4, 0)],
      itemsAmount: 40_000,
      shippingFee: 1_000,
      amountDue: 41_000,
      amountPaid: 0,
      amountRefunded: 0,
      shippingAddress: { name: '李雷', address: '杭州市西湖区龙井路 1 号' },
      note: 'gift wrap',
      metadata: { channel: 'web' },
      expiresAt: new Date(world.clock.now().getTime() + 600_000).toISOString(),
      createdAt: now(),
      paidAt: null,
      shippedAt: null,
      completedAt: null,
      cancelledAt: null,
      cancelReason: null,
    };
    expect(order).toEqual({ ...asPlaced, statusLabel: { en: ANY_TEXT, zh: ANY_TEXT } });
    expect(await world.order(order)).toEqual(order);
    expect(await world.stock(tea.sku)).toEqual({ sku: tea.sku, onHand: 10, reserved: 2, available: 8 });
    expect(await world.stock(cup.sku)).toEqual({ sku: cup.sku, onHand: 4, reserved: 4, available: 0 });

    // A price that changes later is not this order's.
    world.clock.advance(1_000);
    const changed = await api.send('PATCH', `/v1/products/${tea.sku}`, { body: { price: 16_000, name: 'Spring tea' } });
    expect(changed).toMatchObject({ status: 200, body: { ...product, price: 16_000, name: 'Spring tea', updatedAt: now() } });
    expect(await world.order(order)).toEqual(order);

    const started = await api.post<AttemptBody>(`/v1/orders/${order.id}/payments`, {
      gateway: 'alipay',
      method: 'page',
      returnUrl: 'https://shop.example/thanks',
    });
    expect(started.status).toBe(201);
    const attempt = started.body;
    expect(attempt).toMatchObject({
      id: ANY_UUID,
      orderId: order.id,
      gateway: 'alipay',
      method: 'page',
      outTradeNo: expect.stringMatching(/^[0-9A-Za-z_-]{6,64}$/) as string,
      status: 'pending',
      amount: 41_000,
      currency: 'CNY',
      action: { type: 'redirect', url: expect.stringMatching(/^https?:\/\//) as string },
      expiresAt: order.expiresAt as string,
      createdAt: now(),
      paidAt: null,
    });
    expect(await world.attempt(attempt)).toEqual(attempt);

    await world.payer.pays(attempt);
    expect(await world.attempt(attempt)).toEqual({
      ...attempt,
      status: 'succeeded',
      usedAs: 'payment',
      gatewayRef: ANY_TEXT,
      paidAt: ANY_TIME,
    });
    const paid = await world.order(order);
    expect(paid).toMatchObject({
      ...asPlaced,
      id: order.id,
      number: order.number,
      status: 'awaiting_shipment',
      paymentStatus: 'paid',
      amountPaid: 41_000,
      paidAt: ANY_TIME,
    });

    const parcel = await api.post(`/v1/orders/${order.id}/shipments`, {
      carrier: 'SF Express',
      trackingNumber: 'SF1',
      items: [{ sku: tea.sku, quantity: 1 }],
    });
    expect(parcel).toMatchObject({ status: 201 });
    expect(parcel.body).toEqual({
      id: ANY_UUID,
      orderId: order.id,
      carrier: 'SF Express',
      trackingNumber: 'SF1',
      items: [{ sku: tea.sku, quantity: 1 }],
      createdAt: now(),
    });
    expect(await world.order(order)).toMatchObject({
      status: 'awaiting_shipment',
      shippedAt: null,
      items: [line(tea, 2, 1), line(cup, 4, 0)],
    });
    const rest = await api.post(`/v1/orders/${order.id}/shipments`, { carrier: 'SF Express', trackingNumber: 'SF2' });
    expect(rest).toMatchObject({
      status: 201,
      body: {
        items: [
          { sku: tea.sku, quantity: 1 },
          { sku: cup.sku, quantity: 4 },
        ],
      },
    });
    expect(await world.order(order)).toMatchObject({ status: 'shipped', shippedAt: now(), items: [line(tea, 2, 2), line(cup, 4, 4)] });
    expect(await world.stock(tea.sku)).toEqual({ sku: tea.sku, onHand: 8, reserved: 0, available: 8 });
    expect(await world.stock(cup.sku)).toEqual({ sku: cup.sku, onHand: 0, reserved: 0, available: 0 });

    const completed = await api.post<OrderBody>(`/v1/orders/${order.id}/complete`);
    expect(completed).toMatchObject({ status: 200, body: { id: order.id, status: 'completed', completedAt: now() } });
    expect(await world.order(order)).toEqual(completed.body);

    const part = await api.post<RefundBody>(`/v1/orders/${order.id}/refunds`, {
      amount: 15_000,
      reason: 'one was stale',
      restock: [{ sku: tea.sku, quantity: 1 }],
    });
    expect(part.status).toBe(201);
    expect(part.body).toMatchObject({
      id: ANY_UUID,
      orderId: order.id,
      amount: 15_000,
      currency: 'CNY',
      status: ANY_TEXT,
      reason: 'one was stale',
      restock: [{ sku: tea.sku, quantity: 1 }],
      createdAt: now(),
    });
    await world.settle();
    expect((await api.get(`/v1/refunds/${part.body.id}`)).body).toMatchObject({
      id: part.body.id,
      status: 'succeeded',
      amount: 15_000,
      refundedAt: ANY_TIME,
    });
    expect(await world.order(order)).toMatchObject({
      status: 'completed',
      paymentStatus: 'partially_refunded',
      amountPaid: 41_000,
      amountRefunded: 15_000,
    });
    expect(await world.stock(tea.sku)).toEqual({ sku: tea.sku, onHand: 9, reserved: 0, available: 9 });

    const all = await api.post<RefundBody>(`/v1/orders/${order.id}/refunds`, { reason: 'all of it' });
    expect(all).toMatchObject({ status: 201, body: { amount: 26_000 } });
    await world.settle();
    expect(await world.order(order)).toMatchObject({ status: 'completed', paymentStatus: 'refunded', amountRefunded: 41_000 });
    expect((await world.refunds(order)).map(({ id, status }) => [id, status])).toEqual(
      [all.body.id, part.body.id].map((id) => [id, 'succeeded']),
    );
    expect(await world.payer.trade(attempt)).toMatchObject({ paidAmount: 41_000, refundedAmount: 41_000 });

    const timeline = (await api.get<Page<Record<string, unknown>>>(`/v1/orders/${order.id}/timeline`)).body;
    const kinds = timeline.data.map(({ type }) => type as string);
    expect(timeline.nextCursor).toBeNull();
    for (const event of timeline.data) {
      expect(event).toMatchObject({
        id: ANY_UUID,
        type: ANY_TEXT,
        occurredAt: ANY_TIME,
        actor: ANY_TEXT,
        correlationId: ANY_TEXT,
        label: { en: ANY_TEXT, zh: ANY_TEXT },
        facts: expect.any(Object) as object,
      });
      const cause = timeline.data.findIndex(({ id }) => id === event.causationId);
      if (event.causationId !== null) expect(cause).toBeGreaterThanOrEqual(0);
      expect(cause).toBeLessThan(timeline.data.indexOf(event));
    }
    const milestones = [
      'order.created',
      'inventory.reserved',
      'payment.attempt_started',
      'payment.succeeded',
      'order.paid',
      'order.shipped',
      'order.completed',
      'payment.refund_requested',
      'payment.refund_succeeded',
    ];
    expect(milestones.map((kind) => kinds.indexOf(kind))).toEqual(
      milestones.map((kind) => kinds.indexOf(kind)).sort((left, right) => left - right),
    );
    expect(milestones.filter((kind) => !kinds.includes(kind))).toEqual([]);

    const movements = (await api.get<Page<{ onHandDelta: number; reservedDelta: number }>>(`/v1/inventory/${tea.sku}/movements`)).body;
    expect(movements.data[0]).toEqual({
      id: ANY_WHOLE_NUMBER,
      kind: 'returned',
      onHandDelta: 1,
      reservedDelta: 0,
      orderId: order.id,
      reason: null,
      createdAt: ANY_TIME,
    });
    expect(movements.data.reduce((sum, { onHandDelta }) => sum + onHandDelta, 0)).toBe(9);
    expect(movements.data.reduce((sum, { reservedDelta }) => sum + reservedDelta, 0)).toBe(0);

    const inbox = (await api.get<Page<{ id: string }>>(`/v1/callbacks?outTradeNo=${attempt.outTradeNo}&verdict=verified`)).body;
    expect(inbox.data).toHaveLength(1);
    expect(inbox.data[0]).toEqual({
      id: ANY_UUID,
      gateway: 'alipay',
      topic: 'payments',
      accountId: ANY_UUID,
      refundNo: null,
      replayOf: null,
      verdict: 'verified',
      effect: 'applied',
      reason: null,
      outTradeNo: attempt.outTradeNo,
      noticeId: ANY_TEXT,
      orderId: order.id,
      receivedAt: ANY_TIME,
    });
    const detail = (await api.get<Record<string, unknown>>(`/v1/callbacks/${inbox.data[0]?.id}`)).body;
    expect(detail).toEqual({
      ...inbox.data[0],
      headers: expect.any(Object) as object,
      body: expect.stringContaining(attempt.outTradeNo) as string,
      bodyEncoding: 'utf-8',
    });
  });

  it('completes by itself some days after shipping', async () => {
    const { id } = await world.paidOrder({ sku: 'BY-ITSELF' });
    await world.api.post(`/v1/orders/${id}/shipments`, { carrier: 'SF', trackingNumber: '1' });
    await world.passTime(9 * DAY);
    expect(await world.order({ id })).toMatchObject({ status: 'shipped' });

    await world.passTime(2 * DAY);

    expect(await world.order({ id })).toMatchObject({ status: 'completed', completedAt: ANY_TIME });
  });

  it('is paid by a code, and found out by asking where the notice is lost', async () => {
    const order = await world.placeOrder({ sku: 'QR' });
    const attempt = await world.startPayment(order, 'qr');
    expect(attempt.action).toEqual({ type: 'qr_code', codeUrl: ANY_TEXT });
    await world.payer.pays(attempt, { notify: false });
    expect(await world.order(order)).toMatchObject({ status: 'pending_payment' });

    const synced = await world.api.post<AttemptBody>(`/v1/payments/${attempt.id}/sync`);

    expect(synced).toMatchObject({ status: 200, body: { id: attempt.id, status: 'succeeded', usedAs: 'payment' } });
    expect(await world.order(order)).toMatchObject({ status: 'awaiting_shipment', paymentStatus: 'paid', amountPaid: 15_000 });
  });

  it('expires in half an hour where nobody pays, and the units are for sale again', async () => {
    const order = await world.placeOrder({ sku: 'EXPIRES', quantity: 3 });
    expect(order.expiresAt).toBe(new Date(world.clock.now().getTime() + 30 * 60_000).toISOString());
    await world.passTime(30 * 60_000 + 1_000);

    expect(await world.order(order)).toMatchObject({
      status: 'cancelled',
      paymentStatus: 'unpaid',
      cancelledAt: now(),
      cancelReason: ANY_TEXT,
    });
    expect(await world.stock('EXPIRES')).toEqual({ sku: 'EXPIRES', onHand: 10, reserved: 0, available: 10 });
  });

  it('is cancelled by hand: unpaid at once, with an attempt by way of closing, paid with all the money back', async () => {
    const cancel = (order: { id: string }) => world.api.post<OrderBody>(`/v1/orders/${order.id}/cancel`, { reason: 'changed their mind' });

    const bare = await cancel(await world.placeOrder({ sku: 'BARE' }));
    expect(bare).toMatchObject({ status: 200, body: { status: expect.stringMatching(/^(closing|cancelled)$/) as string } });
    await world.settle();
    expect(await world.order(bare.body)).toMatchObject({ status: 'cancelled', cancelReason: 'changed their mind', cancelledAt: now() });

    const tried = await world.placeOrder({ sku: 'TRIED' });
    const attempt = await world.startPayment(tried);
    await world.payer.opensThePage(attempt);
    expect((await cancel(tried)).body).toMatchObject({ status: 'closing' });
    await world.settle();
    expect(await world.order(tried)).toMatchObject({ status: 'cancelled', cancelReason: 'changed their mind' });
    expect(await world.attempt(attempt)).toMatchObject({ status: 'closed' });

    const paid = await world.paidOrder({ sku: 'PAID', quantity: 2 });
    expect(await cancel(paid)).toMatchObject({ status: 200 });
    await world.settle();
    expect(await world.order(paid)).toMatchObject({
      status: 'cancelled',
      paymentStatus: 'refunded',
      amountPaid: 30_000,
      amountRefunded: 30_000,
    });
    expect((await world.refunds(paid)).map(({ status, amount }) => [status, amount])).toEqual([['succeeded', 30_000]]);

    for (const sku of ['BARE', 'TRIED', 'PAID']) expect(await world.stock(sku)).toEqual({ sku, onHand: 10, reserved: 0, available: 10 });
  });

  it('has an attempt that is closed by hand, and another that is paid', async () => {
    const order = await world.placeOrder({ sku: 'SECOND-TRY' });
    const first = await world.startPayment(order, 'qr');
    expect(await world.api.post(`/v1/payments/${first.id}/close`)).toMatchObject({
      status: 200,
      body: { id: first.id, orderId: order.id },
    });
    await world.settle();
    const second = await world.startPayment(order);
    expect(second.outTradeNo).not.toBe(first.outTradeNo);

    await world.payer.pays(second);

    expect(await world.order(order)).toMatchObject({ status: 'awaiting_shipment', amountPaid: 15_000 });
  });
});
