import type { Answer } from '../support/api-client.js';
import { simulatedAccounts, useWorld } from '../support/world.js';
import { ANY_TEXT, NOBODY, expectProblem, keyWith, paidOrder } from './support.js';

type Provoke = (language: string, sku: string) => Promise<Answer>;

describe('Every error code', () => {
  const world = useWorld();

  const ask = (method: string, path: string, language: string, body?: unknown, more: Record<string, string> = {}) =>
    world.api.send(method, path, { body, headers: { 'accept-language': language, ...more } });
  const post = (path: string, body: unknown, language: string, more: Record<string, string> = {}) =>
    ask('POST', path, language, body, more);
  const product = (sku: string, more: Record<string, unknown> = {}) => ({ sku, name: 'n', price: 100, stock: 5, ...more });
  const order = (items: readonly { sku: string; quantity: number }[], more: Record<string, unknown> = {}) => ({
    customerId: 'c',
    items,
    ...more,
  });
  const paid = async (sku: string): Promise<string> => {
    await world.addProduct({ sku });
    return paidOrder(world, sku);
  };

  const CODES: Readonly<Record<string, readonly [number, Provoke, Readonly<Record<string, unknown>>?]>> = {
    invalid_request: [
      400,
      (language) => post('/v1/orders', order([{ sku: 'A', quantity: 0 }]), language),
      { errors: [{ path: 'items.0.quantity', message: ANY_TEXT }] },
    ],
    malformed_body: [400, (language) => post('/v1/orders', '{"customerId":', language, { 'content-type': 'application/json' })],
    unauthorized: [401, (language) => ask('GET', '/v1/orders', language, undefined, { authorization: 'Bearer sk_test_wrong' })],
    insufficient_scope: [
      403,
      async (language) =>
        ask('GET', '/v1/orders', language, undefined, { authorization: `Bearer ${(await keyWith(world.api, ['products:read'])).secret}` }),
    ],
    not_found: [404, (language) => ask('GET', `/v1/orders/${NOBODY}`, language)],
    illegal_transition: [
      409,
      async (language, sku) => post(`/v1/orders/${(await world.placeOrder({ sku })).id}/complete`, undefined, language),
    ],
    insufficient_stock: [
      409,
      async (language, sku) => {
        await world.addProduct({ sku, stock: 3 });
        await world.addProduct({ sku: `${sku}-2`, stock: 0 });
        return post(
          '/v1/orders',
          order([
            { sku, quantity: 4 },
            { sku: `${sku}-2`, quantity: 1 },
          ]),
          language,
        );
      },
      { shortages: [expect.objectContaining({ requested: 4, available: 3 }), expect.objectContaining({ requested: 1, available: 0 })] },
    ],
    sku_exists: [
      409,
      async (language, sku) => {
        await world.addProduct({ sku });
        return post('/v1/products', product(sku), language);
      },
    ],
    order_not_payable: [
      409,
      async (language, sku) => post(`/v1/orders/${await paid(sku)}/payments`, { gateway: 'alipay', method: 'page' }, language),
    ],
    order_not_paid: [
      409,
      async (language, sku) => post(`/v1/orders/${(await world.placeOrder({ sku })).id}/refunds`, { reason: 'r' }, language),
    ],
    order_refunded: [
      409,
      async (language, sku) => {
        const id = await paid(sku);
        await world.refund({ id }, {});
        await world.settle();
        return post(`/v1/orders/${id}/shipments`, { carrier: 'c', trackingNumber: 't' }, language);
      },
    ],
    refund_exceeds_paid: [
      409,
      async (language, sku) => {
        const id = await paid(sku);
        await world.refund({ id }, { amount: 10_000 });
        return post(`/v1/orders/${id}/refunds`, { amount: 20_001, reason: 'r' }, language);
      },
      { refundable: 20_000 },
    ],
    idempotency_in_progress: [
      409,
      async (language, sku) => {
        const { id } = await world.placeOrder({ sku });
        await world.payer.breaks({ kind: 'delay', method: 'alipay.trade.precreate', ms: 60_000 });
        const pay = () => post(`/v1/orders/${id}/payments`, { gateway: 'alipay', method: 'qr' }, language, { 'idempotency-key': sku });
        const both = [pay(), pay()];
        const first = await Promise.race(both);
        await world.payer.isMended();
        await Promise.all(both);
        return first;
      },
    ],
    payload_too_large: [413, (language) => post('/v1/orders', { note: 'x'.repeat(1 << 20) }, language)],
    unsupported_media_type: [415, (language) => post('/v1/orders', '<order/>', language, { 'content-type': 'application/xml' })],
    unknown_sku: [422, (language) => post('/v1/orders', order([{ sku: 'NO-SUCH', quantity: 1 }]), language)],
    mixed_currencies: [
      422,
      async (language, sku) => {
        await world.addProduct({ sku });
        await world.addProduct({ sku: `${sku}-USD`, currency: 'USD' });
        return post('/v1/orders', order([sku, `${sku}-USD`].map((one) => ({ sku: one, quantity: 1 }))), language);
      },
    ],
    amount_too_large: [
      422,
      async (language, sku) => {
        await world.addProduct({ sku, price: 10_000_000_000, stock: 9_999 });
        return post('/v1/orders', order([{ sku, quantity: 9_999 }]), language);
      },
    ],
    nothing_due: [
      422,
      async (language, sku) => {
        await world.addProduct({ sku, price: 0 });
        return post('/v1/orders', order([{ sku, quantity: 1 }]), language);
      },
    ],
    units_exceed_order: [
      422,
      async (language, sku) =>
        post(`/v1/orders/${await paid(sku)}/shipments`, { carrier: 'c', trackingNumber: 't', items: [{ sku, quantity: 3 }] }, language),
    ],
    payment_method_unavailable: [
      422,
      async (language, sku) =>
        post(`/v1/orders/${(await world.placeOrder({ sku })).id}/payments`, { gateway: 'unionpay', method: 'qr' }, language),
    ],
    gateway_account_exists: [
      409,
      (language) => {
        const [alipay] = simulatedAccounts(world.simulator);
        return post('/v1/admin/gateway-accounts', { gateway: 'alipay', name: 'again', settings: alipay?.fields }, language);
      },
    ],
    payment_declined: [
      422,
      async (language, sku) => {
        const { id } = await world.placeOrder({ sku });
        await world.payer.breaks({ kind: 'declined', method: 'alipay.trade.precreate', subCode: 'ACQ.INVALID_PARAMETER' });
        return post(`/v1/orders/${id}/payments`, { gateway: 'alipay', method: 'qr' }, language);
      },
    ],
    idempotency_key_reused: [
      422,
      async (language, sku) => {
        await post('/v1/products', product(sku), language, { 'idempotency-key': sku });
        return post('/v1/products', product(`${sku}-2`), language, { 'idempotency-key': sku });
      },
    ],
  };

  it.each(Object.entries(CODES).map(([code, [status, provoke, members]]) => ({ code, status, provoke, members })))(
    '$code is a $status, in English and in Chinese',
    async ({ code, status, provoke, members = {} }) => {
      const english = await provoke('en', `${code}-en`);
      const chinese = await provoke('zh-CN', `${code}-zh`);

      for (const answer of [english, chinese]) {
        expectProblem(answer, status, code);
        expect(answer.body).toMatchObject(members);
        expect(answer.body.instance).toMatch(/^\/v1\//);
        expect(() => new URL(String(answer.body.type), 'http://localhost')).not.toThrow();
      }
      expect(english.body.title).toMatch(/^[\x20-\x7e]+$/);
      expect(chinese.body.title).toMatch(/\p{Script=Han}/u);
      expect(chinese.body.type).toBe(english.body.type);
    },
  );

  it('are all that the document lists, with their status', async () => {
    const document = (
      await world.api.get<{
        paths: Record<string, Record<string, { responses: Record<string, { content?: Record<string, { examples?: object }> }> }>>;
      }>('/docs/openapi.json')
    ).body;
    const listed = Object.values(document.paths)
      .flatMap((methods) => Object.values(methods))
      .flatMap(({ responses }) => Object.entries(responses))
      .filter(([status]) => Number(status) >= 400)
      .flatMap(([status, { content }]) =>
        Object.keys(content?.['application/problem+json']?.examples ?? {}).map((code) => `${code} ${status}`),
      );

    expect([...new Set(listed)].sort()).toEqual(
      [
        ...Object.entries(CODES).map(([code, [status]]) => `${code} ${status}`),
        'too_many_requests 429',
        'overloaded 503',
        'unavailable 503',
      ].sort(),
    );
  });

  it('of an order that is short reserves nothing, and names what is short and only that', async () => {
    await world.addProduct({ sku: 'PLENTY', stock: 10 });
    await world.addProduct({ sku: 'SHORT', stock: 1 });

    const refused = await world.api.post(
      '/v1/orders',
      order([
        { sku: 'PLENTY', quantity: 10 },
        { sku: 'SHORT', quantity: 2 },
      ]),
    );

    expectProblem(refused, 409, 'insufficient_stock');
    expect(refused.body.shortages).toEqual([{ sku: 'SHORT', requested: 2, available: 1 }]);
    expect(await world.stock('PLENTY')).toEqual({ sku: 'PLENTY', onHand: 10, reserved: 0, available: 10 });
    expect(await world.stock('SHORT')).toEqual({ sku: 'SHORT', onHand: 1, reserved: 0, available: 1 });
  });

  it('of a stock correction below what is available is insufficient_stock, and changes nothing', async () => {
    await world.placeOrder({ sku: 'RESERVED', quantity: 6, stock: 10 });
    expectProblem(await world.api.post('/v1/inventory/RESERVED/adjustments', { delta: -5, reason: 'lost' }), 409, 'insufficient_stock');
    expect(await world.stock('RESERVED')).toEqual({ sku: 'RESERVED', onHand: 10, reserved: 6, available: 4 });
    expect(await world.api.post('/v1/inventory/RESERVED/adjustments', { delta: -4, reason: 'lost' })).toMatchObject({
      status: 201,
      body: { onHand: 6, reserved: 6, available: 0 },
    });
  });

  it.each(['cancel', 'complete', 'ship', 'close', 'pay', 'refund'])(
    'of a state says the status as a number: %s where it may not',
    async (act) => {
      const { attempt, id } = await world.paidOrder({ sku: `STATE-${act}` });
      const parcel = { carrier: 'c', trackingNumber: 't' };
      if (act !== 'complete') await world.api.post(`/v1/orders/${id}/shipments`, parcel);
      if (act === 'refund') await world.refund({ id }, {});
      const requests: Record<string, () => Promise<Answer>> = {
        cancel: () => world.api.post(`/v1/orders/${id}/cancel`, {}),
        complete: () => world.api.post(`/v1/orders/${id}/complete`),
        ship: () => world.api.post(`/v1/orders/${id}/shipments`, parcel),
        close: () => world.api.post(`/v1/payments/${attempt.id}/close`),
        pay: () => world.api.post(`/v1/orders/${id}/payments`, { gateway: 'alipay', method: 'page' }),
        refund: () => world.refund({ id }, { amount: 1 }),
      };

      expectProblem(await requests[act]?.(), 409);
    },
  );
});
