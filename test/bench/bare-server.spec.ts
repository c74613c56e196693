import { goods } from '../../bench/world/goods.js';
import { WAYS, useWorld, type AttemptBody, type OrderBody } from '../support/world.js';
import { openBareShop, type BareShop } from './bare-shop.js';

const SOLD = goods('SKU', 2, 1_000);
const RARE = goods('RARE', 1, 7);
const [FIRST = '', SECOND = ''] = SOLD.skus;
const WANTED = {
  customerId: 'c-1',
  items: [
    { sku: SECOND, quantity: 1 },
    { sku: FIRST, quantity: 2 },
  ],
  shippingFee: 1_000,
  shippingAddress: { name: 'Li Lei' },
};

// Every column that is filled, of every row that one paid order leaves. Which values stand there differs; what is said does not.
const ROWS = `
  SELECT 'order' AS what, (SELECT array_agg(key ORDER BY key) FROM jsonb_each(to_jsonb(o)) WHERE value <> 'null') AS columns FROM orders o
  UNION ALL SELECT 'line', (SELECT array_agg(key ORDER BY key) FROM jsonb_each(to_jsonb(l)) WHERE value <> 'null') FROM order_lines l
  UNION ALL SELECT 'payment', (SELECT array_agg(key ORDER BY key) FROM jsonb_each(to_jsonb(p)) WHERE value <> 'null') FROM payments p
  UNION ALL SELECT 'attempt', (SELECT array_agg(key ORDER BY key) FROM jsonb_each(to_jsonb(a)) WHERE value <> 'null') FROM payment_attempts a
  UNION ALL SELECT 'reservation ' || r.status, (SELECT array_agg(key ORDER BY key) FROM jsonb_each(to_jsonb(r)) WHERE value <> 'null') FROM reservations r
  UNION ALL SELECT 'movement ' || m.kind, (SELECT array_agg(key ORDER BY key) FROM jsonb_each(to_jsonb(m)) WHERE value <> 'null') FROM stock_movements m
             WHERE m.order_id IS NOT NULL
  UNION ALL SELECT 'event ' || e.type, (SELECT array_agg(key ORDER BY key) FROM jsonb_object_keys(e.facts) key) FROM events e WHERE e.order_id IS NOT NULL
  UNION ALL SELECT 'callback ' || c.effect, (SELECT array_agg(key ORDER BY key) FROM jsonb_each(to_jsonb(c)) WHERE value <> 'null') FROM callbacks c
  UNION ALL SELECT 'idempotency', (SELECT array_agg(key ORDER BY key) FROM json_object_keys(i.answer -> 'body') key) FROM idempotency_keys i
  ORDER BY 1, 2`;

describe('The bare server that the program is measured against', () => {
  const world = useWorld();
  let bare: BareShop;

  beforeAll(async () => {
    bare = await openBareShop([SOLD, RARE]);
  });
  afterEach(async () => {
    expect(await bare.violations()).toEqual([]);
  });
  afterAll(() => bare.close());

  it('writes for a paid order what the program writes, row for row and column for column', async () => {
    for (const sku of SOLD.skus) await world.addProduct({ sku, stock: 1_000 });
    const ours = await world.api.post<OrderBody>('/v1/orders', WANTED, { idempotencyKey: 'order' });
    const started = await world.api.post<AttemptBody>(`/v1/orders/${ours.body.id}/payments`, WAYS.alipay, { idempotencyKey: 'pay' });
    await world.payer.pays(started.body);

    const theirs = await bare.api.post<OrderBody>('/v1/orders', WANTED, { idempotencyKey: 'order' });
    const begun = await bare.api.post<AttemptBody>(`/v1/orders/${theirs.body.id}/payments`, WAYS.alipay, { idempotencyKey: 'pay' });
    const [notice = ''] = await bare.alipay.notices([begun.body]);
    expect(await bare.notify(notice)).toBe('success');

    expect([theirs.status, begun.status]).toEqual([ours.status, started.status]);
    expect(Object.keys(theirs.body)).toEqual(Object.keys(ours.body));
    expect(Object.keys(begun.body)).toEqual(Object.keys(started.body));
    const rows = await bare.pool.query(ROWS);
    expect(rows.rows).toEqual(await world.db.query(ROWS));
    expect(rows.rows).toHaveLength(17);
  });

  it('answers a repeat with the first answer, and refuses its key to another order', async () => {
    const first = await bare.api.post<OrderBody>('/v1/orders', WANTED, { idempotencyKey: 'twice' });
    const second = await bare.api.post<OrderBody>('/v1/orders', WANTED, { idempotencyKey: 'twice' });
    expect(second.body).toEqual(first.body);
    const other = await bare.api.post('/v1/orders', { ...WANTED, customerId: 'c-2' }, { idempotencyKey: 'twice' });
    expect(other).toMatchObject({ status: 409, body: { code: 'idempotency_key_reused' } });
  });

  it('places one order, however often its request comes at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => bare.api.post<OrderBody>('/v1/orders', WANTED, { idempotencyKey: 'at once' })),
    );
    expect(new Set(answers.map(({ status, body }) => `${status} ${body.id}`)).size).toBe(1);
  });

  it('sells what there is to those who come at once, and tells the rest', async () => {
    const buy = (buyer: number) =>
      bare.api.post(
        '/v1/orders',
        { customerId: `c-${buyer}`, items: [{ sku: RARE.skus[0], quantity: 1 }] },
        { idempotencyKey: `rare ${buyer}` },
      );
    const answers = await Promise.all(Array.from({ length: 40 }, (_, buyer) => buy(buyer)));
    const told = answers.map(({ status, body }) => (status === 201 ? 'sold' : `${status} ${String(body.code)}`));
    expect(told.filter((one) => one === 'sold')).toHaveLength(RARE.stock);
    expect(told.filter((one) => one === '409 insufficient_stock')).toHaveLength(40 - RARE.stock);
  });

  it('refuses who has no key, and what is no order', async () => {
    const refused = await fetch(`${bare.api.url}/v1/orders`, { method: 'POST', body: JSON.stringify(WANTED) });
    expect(refused.status).toBe(401);
    const wrong = [{}, { ...WANTED, items: [] }, { ...WANTED, items: [{ sku: FIRST, quantity: 0 }] }, { ...WANTED, shippingFee: -1 }];
    for (const body of wrong) expect((await bare.api.post('/v1/orders', body, { idempotencyKey: 'wrong' })).status).toBe(400);
    const unknown = await bare.api.post('/v1/orders', { ...WANTED, items: [{ sku: 'NONE', quantity: 1 }] }, { idempotencyKey: 'unknown' });
    expect(unknown.body).toEqual({ code: 'unknown_sku' });
  });

  it('believes no notice that Alipay did not sign, and applies one once', async () => {
    const placed = await bare.api.post<OrderBody>('/v1/orders', WANTED, { idempotencyKey: 'noticed' });
    const begun = await bare.api.post<AttemptBody>(`/v1/orders/${placed.body.id}/payments`, WAYS.alipay, { idempotencyKey: 'noticed too' });
    const [notice = ''] = await bare.alipay.notices([begun.body]);
    expect(await bare.notify(notice.replace('buyer_id=2088', 'buyer_id=2089'))).toBe('fail');
    const [short = ''] = await bare.alipay.notices([{ ...begun.body, amount: begun.body.amount - 1 }]);
    expect(await bare.notify(short)).toBe('fail');
    expect([await bare.notify(notice), await bare.notify(notice)]).toEqual(['success', 'success']);
    const { rows } = await bare.pool.query('SELECT effect, count(*)::int FROM callbacks WHERE order_id = $1 GROUP BY 1 ORDER BY 1', [
      placed.body.id,
    ]);
    expect(rows).toEqual([
      { effect: 'already_applied', count: 1 },
      { effect: 'applied', count: 1 },
    ]);
  });
});
