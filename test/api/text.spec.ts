import { useWorld } from '../support/world.js';
import { paidOrder } from './support.js';

const TEXTS = [
  ['emoji', '🍵 龙井茶 👩‍👩‍👧‍👦'],
  ['four-byte Han', '𠮷野家'],
  ['SQL', `Robert'); DROP TABLE orders;--`],
  ['markup', '<script>alert(1)</script>&amp;'],
  ['control characters', 'a\tb\nc\u0001\u007f'],
  ['right-to-left', '\u202eabc\u202c עברית'],
  ['combining marks', 'e\u0301\u0323 ﷽'],
  ['non-characters', '\uffff\ufffe\ufdd0'],
  ['format strings', '%s %d ${x} {{x}} \\u0000 \\'],
  ['a JSON escape', '\u2028\u2029"'],
  ['a number', '0012e5'],
] as const;

describe('Text', () => {
  const world = useWorld();

  it.each(TEXTS)('comes back as it was given: %s', async (says, text) => {
    const sku = `T-${says.replaceAll(/\W/g, '_')}`;
    const { api } = world;
    const product = await api.post('/v1/products', { sku, name: text, price: 100, stock: 10 });
    expect(product.body).toMatchObject({ name: text });
    expect((await api.get(`/v1/products/${sku}`)).body).toEqual(product.body);

    await api.post(`/v1/inventory/${sku}/adjustments`, { delta: 1, reason: text });
    const movements = await api.get<{ data: { reason: string }[] }>(`/v1/inventory/${sku}/movements?limit=1`);
    expect(movements.body.data[0]?.reason).toBe(text);

    const json = { [text]: [text, { deep: { er: null } }, 1.5, true, 1e308, -0.1] };
    const placed = await api.post<{ id: string }>('/v1/orders', {
      customerId: text,
      items: [{ sku, quantity: 1 }],
      note: text,
      shippingAddress: json,
      metadata: json,
    });
    expect(placed.body).toMatchObject({ customerId: text, note: text, shippingAddress: json, metadata: json });
    expect((await api.get(`/v1/orders/${placed.body.id}`)).body).toEqual(placed.body);
    const found = await api.get<{ data: unknown[] }>(`/v1/orders?customerId=${encodeURIComponent(text)}`);
    expect(found.body.data).toEqual([placed.body]);
    expect((await api.post(`/v1/orders/${placed.body.id}/cancel`, { reason: text })).body).toMatchObject({ cancelReason: text });

    const paid = await paidOrder(world, sku);
    const refund = await api.post<{ id: string }>(`/v1/orders/${paid}/refunds`, { amount: 1, reason: text });
    expect(refund.body).toMatchObject({ reason: text });
    await world.settle();
    expect((await api.get(`/v1/refunds/${refund.body.id}`)).body).toMatchObject({ reason: text, status: 'succeeded' });
    const shipment = await api.post(`/v1/orders/${paid}/shipments`, { carrier: text, trackingNumber: text });
    expect(shipment.body).toMatchObject({ carrier: text, trackingNumber: text });
  });

  it('is kept as JSON even where its members have the names of the language', async () => {
    await world.addProduct({ sku: 'NAMES' });
    const metadata = '{"constructor":1,"hasOwnProperty":2,"toString":"x","then":"y","":3,"length":4,"$ref":"#"}';
    const placed = await world.api.post<{ id: string }>(
      '/v1/orders',
      `{"customerId":"c","items":[{"sku":"NAMES","quantity":1}],"metadata":${metadata}}`,
      { headers: { 'content-type': 'application/json' } },
    );

    expect({ status: placed.status, metadata: placed.body }).toMatchObject({
      status: 201,
      metadata: { metadata: JSON.parse(metadata) as object },
    });
    expect((await world.api.get(`/v1/orders/${placed.body.id}`)).body).toEqual(placed.body);
  });

  it('may come in any spelling of application/json', async () => {
    for (const [at, type] of [
      'application/json; charset=utf-8',
      'application/json;charset=UTF-8',
      'Application/JSON',
      'application/json ; x=y',
    ].entries()) {
      const body = JSON.stringify({ sku: `TYPE-${at}`, name: '茶', price: 1 });
      const added = await world.api.post('/v1/products', body, { headers: { 'content-type': type } });
      expect({ status: added.status, body: added.body }).toMatchObject({ status: 201, body: { name: '茶' } });
    }
  });
});
