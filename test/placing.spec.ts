import { useWorld, type OrderBody } from './support/world.js';

describe('Placing an order', () => {
  const world = useWorld();

  it("takes the catalogue's prices and reserves the stock", async () => {
    await world.addProduct({ sku: 'A', price: 1_200, stock: 5 });
    await world.addProduct({ sku: 'B', price: 350, stock: 9 });

    const placed = await place(
      [
        { sku: 'A', quantity: 2 },
        { sku: 'B', quantity: 3 },
      ],
      { shippingFee: 600 },
    );

    expect(placed).toMatchObject({
      status: 201,
      body: {
        status: 'pending_payment',
        itemsAmount: 3_450,
        shippingFee: 600,
        amountDue: 4_050,
        amountPaid: 0,
        items: [{ amount: 2_400 }, { amount: 1_050 }],
      },
    });
    expect(await world.stock('A')).toMatchObject({ onHand: 5, reserved: 2, available: 3 });
    expect(await world.stock('B')).toMatchObject({ onHand: 9, reserved: 3, available: 6 });
    expect((await world.timeline(placed.body)).map(({ type }) => type)).toEqual(['order.created', 'inventory.reserved']);
  });

  it('keeps the price it was placed at', async () => {
    const order = await world.placeOrder({ sku: 'PRICED', price: 1_000 });
    await world.api.send('PATCH', '/v1/products/PRICED', { body: { price: 2_000 } });
    expect(await world.order(order)).toMatchObject({ amountDue: 1_000 });
  });

  it('reserves nothing where one line is short', async () => {
    await world.addProduct({ sku: 'PLENTY', stock: 100 });
    await world.addProduct({ sku: 'SCARCE', stock: 1 });

    const refused = await place([
      { sku: 'PLENTY', quantity: 5 },
      { sku: 'SCARCE', quantity: 2 },
    ]);

    expect(refused).toMatchObject({
      status: 409,
      body: { code: 'insufficient_stock', shortages: [{ sku: 'SCARCE', requested: 2, available: 1 }] },
    });
    expect(await world.stock('PLENTY')).toMatchObject({ reserved: 0, available: 100 });
  });

  it('refuses what is not in the catalogue, and orders in two currencies or of nothing', async () => {
    await world.addProduct({ sku: 'FREE', price: 0 });
    await world.addProduct({ sku: 'YUAN', price: 1 });
    await world.addProduct({ sku: 'DOLLAR', price: 1, currency: 'USD' });
    expect(await place([{ sku: 'NOWHERE', quantity: 1 }])).toMatchObject({ status: 422, body: { code: 'unknown_sku', skus: ['NOWHERE'] } });
    expect(
      await place([
        { sku: 'YUAN', quantity: 1 },
        { sku: 'DOLLAR', quantity: 1 },
      ]),
    ).toMatchObject({ status: 422, body: { code: 'mixed_currencies' } });
    expect(await place([{ sku: 'FREE', quantity: 1 }])).toMatchObject({ status: 422, body: { code: 'nothing_due' } });
  });

  it('refuses what comes to more than anybody can pay', async () => {
    const skus = Array.from({ length: 100 }, (_, n) => `DEAR-${n}`);
    await Promise.all(skus.map((sku) => world.addProduct({ sku, price: 10_000_000_000 })));
    expect(await place(skus.map((sku) => ({ sku, quantity: 9_999 })))).toMatchObject({ status: 422, body: { code: 'amount_too_large' } });
    expect(await place(skus.map((sku) => ({ sku, quantity: 1 })))).toMatchObject({ status: 422, body: { code: 'amount_too_large' } });
  });

  it('sells the last units to whoever they are enough for, though an earlier buyer wanted more', async () => {
    await world.addProduct({ sku: 'LAST', stock: 5 });
    const wanted = [5, 1, 6, 1, 5, 1, 1, 1, 1];
    const answers = await Promise.all(wanted.map((quantity) => place([{ sku: 'LAST', quantity }])));
    const sold = answers.reduce((all, { status }, n) => all + (status === 201 ? (wanted[n] ?? 0) : 0), 0);
    expect(sold).toBe(5);
    expect(await world.stock('LAST')).toMatchObject({ available: 0 });
  });

  it('sells exactly 100 units to 200 buyers at once', async () => {
    await world.addProduct({ sku: 'HOT', stock: 100 });

    const answers = await Promise.all(Array.from({ length: 200 }, () => place([{ sku: 'HOT', quantity: 1 }])));

    const sold = answers.filter(({ status }) => status === 201);
    const refused = answers.filter(({ status }) => status === 409);
    expect([sold.length, refused.length]).toEqual([100, 100]);
    expect(new Set(sold.map(({ body }) => body.id)).size).toBe(100);
    expect(refused.every(({ body }) => body.code === 'insufficient_stock')).toBe(true);
    expect(await world.stock('HOT')).toEqual({ sku: 'HOT', onHand: 100, reserved: 100, available: 0 });
  });

  it('sells exactly what there is in baskets that overlap, and never stops on a deadlock', async () => {
    const skus = ['M1', 'M2', 'M3', 'M4'];
    for (const sku of skus) await world.addProduct({ sku, stock: 60 });
    const baskets = Array.from({ length: 200 }, (_, n) =>
      [0, 1].map((offset) => ({ sku: skus[(n * (n % 2 === 0 ? 1 : 3) + offset * 2 + (n % 3)) % 4] ?? 'M1', quantity: 1 })),
    );

    const answers = await Promise.all(baskets.map((items) => place(items)));

    expect(answers.every(({ status }) => status === 201 || status === 409)).toBe(true);
    const sold = answers.filter(({ status }) => status === 201).length;
    const stock = await Promise.all(skus.map((sku) => world.stock(sku)));
    expect(stock.reduce((all, { reserved }) => all + reserved, 0)).toBe(sold * 2);
    expect(stock.every(({ available }) => available >= 0)).toBe(true);
  });

  it('is one order under one key, for 50 requests at once', async () => {
    await world.addProduct({ sku: 'KEYED', stock: 100 });
    const send = () => place([{ sku: 'KEYED', quantity: 1 }], {}, 'key-1');

    const answers = await Promise.all(Array.from({ length: 50 }, send));
    const last = await send();

    expect(answers.every(({ status, body }) => status === 201 || body.code === 'idempotency_in_progress')).toBe(true);
    const created = answers.filter(({ status }) => status === 201);
    expect(created.every(({ body }) => JSON.stringify(body) === JSON.stringify(last.body))).toBe(true);
    expect(last).toMatchObject({ status: 201 });
    expect(last.headers.get('idempotent-replayed')).toBe('true');
    expect(await world.stock('KEYED')).toMatchObject({ reserved: 1 });
  });

  it('fails alone in a batch where others succeed', async () => {
    await world.addProduct({ sku: 'MIXED', stock: 1_000 });
    const wanted = Array.from({ length: 60 }, (_, n) => [{ sku: n % 5 === 0 ? `NO-SUCH-${n}` : 'MIXED', quantity: 1 }]);

    const answers = await Promise.all(wanted.map((items) => place(items)));

    expect(answers.map(({ status }) => status)).toEqual(wanted.map(([line]) => (line?.sku === 'MIXED' ? 201 : 422)));
    expect(await world.stock('MIXED')).toMatchObject({ reserved: 48 });
  });

  function place(items: { sku: string; quantity: number }[], more: Record<string, unknown> = {}, idempotencyKey?: string) {
    return world.api.post<OrderBody & { code?: string; skus?: string[] }>(
      '/v1/orders',
      { customerId: 'c-1', items, ...more },
      idempotencyKey === undefined ? {} : { idempotencyKey },
    );
  }
});
