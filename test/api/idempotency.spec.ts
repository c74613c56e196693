import type { Answer, ApiClient } from '../support/api-client.js';
import { useWorld, type World } from '../support/world.js';
import { expectProblem, paidOrder, speak, stateOf } from './support.js';

interface Command {
  readonly name: string;
  /** Makes what the request needs, and says what it is. */
  readonly prepare: (
    world: World,
    sku: string,
  ) => Promise<{ path: string; body?: Record<string, unknown>; other?: Record<string, unknown> }>;
  readonly status: number;
  /** What there must be one more of afterwards. */
  readonly counts: string;
}

const pending = async (world: World, sku: string): Promise<string> => (await world.placeOrder({ sku })).id;
const paid = async (world: World, sku: string): Promise<string> => {
  await world.addProduct({ sku });
  return paidOrder(world, sku);
};
const attemptOf = async (world: World, sku: string, method = 'page') => world.startPayment(await world.placeOrder({ sku }), method);

const COMMANDS: readonly Command[] = [
  {
    name: 'POST /v1/products',
    prepare: (_, sku) =>
      Promise.resolve({ path: '/v1/products', body: { sku, name: 'n', price: 1, stock: 3 }, other: { sku, name: 'm', price: 1 } }),
    status: 201,
    counts: 'FROM products',
  },
  {
    name: 'POST /v1/inventory/{sku}/adjustments',
    prepare: async (world, sku) => {
      await world.addProduct({ sku });
      return { path: `/v1/inventory/${sku}/adjustments`, body: { delta: 5, reason: 'found' }, other: { delta: 6, reason: 'found' } };
    },
    status: 201,
    counts: `FROM stock_movements WHERE kind = 'adjusted'`,
  },
  {
    name: 'POST /v1/orders',
    prepare: async (world, sku) => {
      await world.addProduct({ sku, stock: 100 });
      const order = (quantity: number) => ({ customerId: 'c', items: [{ sku, quantity }] });
      return { path: '/v1/orders', body: order(1), other: order(2) };
    },
    status: 201,
    counts: 'FROM orders',
  },
  {
    name: 'POST /v1/orders/{id}/cancel',
    prepare: async (world, sku) => ({
      path: `/v1/orders/${await pending(world, sku)}/cancel`,
      body: { reason: 'a' },
      other: { reason: 'b' },
    }),
    status: 200,
    counts: `FROM events WHERE type = 'order.cancelled'`,
  },
  ...['page', 'qr'].map((method) => ({
    name: `POST /v1/orders/{id}/payments by ${method}`,
    prepare: async (world: World, sku: string) => ({
      path: `/v1/orders/${await pending(world, sku)}/payments`,
      body: { gateway: 'alipay', method },
      other: { gateway: 'alipay', method, returnUrl: 'https://shop.example/' },
    }),
    status: 201,
    counts: 'FROM payment_attempts',
  })),
  {
    name: 'POST /v1/payments/{id}/sync',
    prepare: async (world, sku) => {
      const attempt = await attemptOf(world, sku);
      await world.payer.pays(attempt, { notify: false });
      return { path: `/v1/payments/${attempt.id}/sync` };
    },
    status: 200,
    counts: `FROM events WHERE type = 'payment.succeeded'`,
  },
  {
    name: 'POST /v1/payments/{id}/close',
    prepare: async (world, sku) => ({ path: `/v1/payments/${(await attemptOf(world, sku, 'qr')).id}/close` }),
    status: 200,
    counts: `FROM payment_attempts WHERE close_requested OR status = 'closed'`,
  },
  {
    name: 'POST /v1/orders/{id}/shipments',
    prepare: async (world, sku) => {
      const parcel = (trackingNumber: string) => ({ carrier: 'SF', trackingNumber, items: [{ sku, quantity: 1 }] });
      return { path: `/v1/orders/${await paid(world, sku)}/shipments`, body: parcel('1'), other: parcel('2') };
    },
    status: 201,
    counts: 'FROM shipments',
  },
  {
    name: 'POST /v1/orders/{id}/complete',
    prepare: async (world, sku) => {
      const id = await paid(world, sku);
      await world.api.post(`/v1/orders/${id}/shipments`, { carrier: 'SF', trackingNumber: '1' });
      return { path: `/v1/orders/${id}/complete` };
    },
    status: 200,
    counts: `FROM events WHERE type = 'order.completed'`,
  },
  {
    name: 'POST /v1/orders/{id}/refunds',
    prepare: async (world, sku) => {
      const refund = (amount: number) => ({ amount, reason: 'r', restock: [{ sku, quantity: 1 }] });
      return { path: `/v1/orders/${await paid(world, sku)}/refunds`, body: refund(100), other: refund(101) };
    },
    status: 201,
    counts: 'FROM refunds',
  },
];

describe('An Idempotency-Key', () => {
  const world = useWorld();

  const send = (path: string, body: unknown, idempotencyKey: string, api: ApiClient = world.api) =>
    api.post(path, body, { idempotencyKey });
  const count = async (counts: string): Promise<number> =>
    Number((await world.db.query<{ n: string }[]>(`SELECT count(*) AS n ${counts}`))[0]?.n);
  const replayed = ({ headers }: Answer) => headers.get('idempotent-replayed');

  describe.each(COMMANDS.map((command) => [command.name, command] as const))('at %s', (name, { prepare, status, counts }) => {
    const sku = (says: string) => `${name.replaceAll(/\W+/g, '-')}-${says}`;

    it('gives the first answer again, and does nothing again', async () => {
      const { path, body, other } = await prepare(world, sku('again'));
      const before = await count(counts);

      const first = await send(path, body, `${name} again`);
      const after = await stateOf(world);
      const second = await send(path, body, `${name} again`);
      const third = await send(path, body, `${name} again`);
      // Where there are no fields, no two requests can differ.
      const reused = other === undefined ? undefined : await send(path, other, `${name} again`);
      const elsewhere = await send('/v1/products', { sku: 'ELSEWHERE', name: 'n', price: 1 }, `${name} again`);

      expect(first.status).toBe(status);
      expect(replayed(first)).toBeNull();
      for (const again of [second, third]) {
        expect({ status: again.status, body: again.body, replayed: replayed(again) }).toEqual({
          status,
          body: first.body,
          replayed: 'true',
        });
      }
      if (reused) expectProblem(reused, 422, 'idempotency_key_reused');
      expectProblem(elsewhere, 422, 'idempotency_key_reused');
      expect(await count(counts)).toBe(before + 1);
      expect(await stateOf(world)).toEqual(after);
    });

    it('makes fifty requests at once one', async () => {
      const { path, body } = await prepare(world, sku('at-once'));
      const before = await count(counts);

      const answers = await Promise.all(Array.from({ length: 50 }, () => send(path, body, `${name} at once`)));
      const later = await send(path, body, `${name} at once`);

      const done = answers.filter((answer) => answer.status !== 409);
      answers.filter((answer) => answer.status === 409).forEach((answer) => expectProblem(answer, 409, 'idempotency_in_progress'));
      expect(done.length).toBeGreaterThan(0);
      expect(done.filter((answer) => replayed(answer) === null)).toHaveLength(1);
      for (const answer of [...done, later]) expect({ status: answer.status, body: answer.body }).toEqual({ status, body: done[0]?.body });
      expect(replayed(later)).toBe('true');
      expect(await count(counts)).toBe(before + 1);
    });
  });

  it('repeats a refusal, though it would succeed by now', async () => {
    await world.addProduct({ sku: 'REFUSED', stock: 0 });
    const order = { customerId: 'c', items: [{ sku: 'REFUSED', quantity: 1 }] };
    const refused = await send('/v1/orders', order, 'refused');
    expectProblem(refused, 409, 'insufficient_stock');
    await world.api.post('/v1/inventory/REFUSED/adjustments', { delta: 5, reason: 'delivery' });

    const again = await send('/v1/orders', order, 'refused');

    expectProblem(again, 409, 'insufficient_stock');
    expect({ body: again.body, replayed: replayed(again) }).toEqual({ body: refused.body, replayed: 'true' });
    expect((await send('/v1/orders', order, 'not refused')).status).toBe(201);
    expect(await world.stock('REFUSED')).toMatchObject({ onHand: 5, reserved: 1, available: 4 });
  });

  it.each([
    ['404 not_found', '/v1/orders/01999999-0000-7000-8000-000000000000/cancel', {}, 404],
    ['422 unknown_sku', '/v1/orders', { customerId: 'c', items: [{ sku: 'NO-SUCH', quantity: 1 }] }, 422],
  ])('repeats %s', async (name, path, body, status) => {
    const first = await send(path, body, name);
    const second = await send(path, body, name);

    expectProblem(first, status);
    expect({ status: second.status, body: second.body, replayed: replayed(second) }).toEqual({
      status,
      body: first.body,
      replayed: 'true',
    });
  });

  it('tells who comes while the first waits for the gateway, and answers once it is done', async () => {
    const order = await world.placeOrder({ sku: 'SLOW' });
    await world.payer.breaks({ kind: 'delay', method: 'alipay.trade.precreate', ms: 60_000 });
    const request = () => send(`/v1/orders/${order.id}/payments`, { gateway: 'alipay', method: 'qr' }, 'slow');

    const both = [request(), request()];
    expectProblem(await Promise.race(both), 409, 'idempotency_in_progress');
    await world.payer.isMended();
    const done = (await Promise.all(both)).find(({ status }) => status === 201);
    expect(done).toMatchObject({ body: { status: 'pending' } });
    expect(await request()).toMatchObject({ status: 201, body: done?.body });
    expect(await count(`FROM payment_attempts WHERE order_id = '${order.id}'`)).toBe(1);
  });

  it('belongs to its merchant', async () => {
    const another = await world.anotherMerchant();
    const product = { sku: 'SAME', name: 'n', price: 1 };
    const [ours, theirs] = [await send('/v1/products', product, 'same'), await send('/v1/products', product, 'same', another)];

    expect([ours.status, theirs.status, replayed(theirs)]).toEqual([201, 201, null]);
    expect(await count(`FROM products WHERE sku = 'SAME'`)).toBe(2);
  });

  it('is the same for all keys of a merchant', async () => {
    const issued = await world.api.post<{ secret: string }>('/v1/api-keys', { name: 'second', scopes: ['products:write'] });
    const product = { sku: 'TWO-KEYS', name: 'n', price: 1 };
    const first = await send('/v1/products', product, 'two keys');

    const second = await world.api.post('/v1/products', product, {
      idempotencyKey: 'two keys',
      headers: { authorization: `Bearer ${issued.body.secret}` },
    });

    expect({ status: second.status, body: second.body, replayed: replayed(second) }).toEqual({
      status: 201,
      body: first.body,
      replayed: 'true',
    });
  });

  it('makes two requests of one body, where there are two', async () => {
    await world.addProduct({ sku: 'TWICE' });
    const order = { customerId: 'c', items: [{ sku: 'TWICE', quantity: 1 }] };

    const [one, two] = [await send('/v1/orders', order, 'one'), await send('/v1/orders', order, 'two')];

    expect([one.status, two.status]).toEqual([201, 201]);
    expect(one.body.id).not.toBe(two.body.id);
    expect(await world.stock('TWICE')).toMatchObject({ reserved: 2 });
  });

  it('is kept for a day, whatever became of the order', async () => {
    await world.addProduct({ sku: 'KEPT' });
    const order = { customerId: 'c', items: [{ sku: 'KEPT', quantity: 1 }] };
    const first = await send('/v1/orders', order, 'kept');
    await world.passTime(24 * 60 * 60 * 1_000 - 1_000);
    expect(await world.order(first.body as { id: string })).toMatchObject({ status: 'cancelled' });

    const again = await send('/v1/orders', order, 'kept');

    expect({ status: again.status, body: again.body, replayed: replayed(again) }).toEqual({
      status: 201,
      body: first.body,
      replayed: 'true',
    });
    expect(await world.stock('KEPT')).toMatchObject({ reserved: 0 });
  });

  it.each([
    ['one character', 'k', 201],
    ['255 characters', 'k'.repeat(255), 201],
    ['punctuation and spaces', `a b'; DROP TABLE orders; --"\\%00`, 201],
    ['256 characters', 'k'.repeat(256), 400],
    ['no characters', '', 400],
    ['a tab inside', 'a\tb', 400],
    ['a control character', 'a\x01b', 400],
    ['a delete character', 'a\x7fb', 400],
  ])('may have %s or not', async (says, key, status) => {
    const sku = `KEY-${says.replaceAll(/\W/g, '-')}`;
    const before = await count('FROM products');
    const body = JSON.stringify({ sku, name: 'n', price: 1 });
    const headers = { authorization: `Bearer ${world.api.apiKey}`, 'content-type': 'application/json', 'idempotency-key': key };

    const answer = await speak(world.api.url, { method: 'POST', path: '/v1/products', headers, body });

    if (status === 400) expectProblem(answer, 400);
    expect({ status: answer.status, products: (await count('FROM products')) - before }).toEqual({
      status,
      products: status === 201 ? 1 : 0,
    });
  });
});
