import { newId } from '../../src/kernel/ids.js';
import { RefusedAccess } from '../../src/platform/audit/refused-access.js';
import { ApiClient, type Answer } from '../support/api-client.js';
import { useWorld, WAYS, type OrderBody } from '../support/world.js';
import { expectProblem, keyWith, stateOf } from './support.js';

const SCOPES = ['orders:read', 'orders:write', 'payments:write', 'refunds:write'];

/** What has its key looked up by its own transaction, where the key was good before. */
describe('A key that has ended', () => {
  const world = useWorld();
  let [unpaid, paid]: OrderBody[] = [];
  beforeAll(async () => {
    await world.addProduct({ sku: 'KEPT', stock: 100 });
    [unpaid, paid] = [await world.placeOrder({ sku: 'UNPAID' }), await world.placeOrder({ sku: 'PAID' })];
    await world.payer.pays(await world.startPayment(paid));
    await world.settle();
  });

  const item = { sku: 'KEPT', quantity: 1 };
  const COMMANDS = [
    ['places no order', () => '/v1/orders', { customerId: 'c', items: [item] }],
    ['is not told that there is too little', () => '/v1/orders', { customerId: 'c', items: [{ ...item, quantity: 1_000 }] }],
    ['cancels no order', () => `/v1/orders/${unpaid?.id}/cancel`, {}],
    ['starts no payment that is only signed', () => `/v1/orders/${unpaid?.id}/payments`, WAYS.alipay],
    ['starts no payment at a gateway', () => `/v1/orders/${unpaid?.id}/payments`, WAYS.wechatpay],
    ['is not told which ways to pay there are', () => `/v1/orders/${unpaid?.id}/payments`, { gateway: 'alipay', method: 'native' }],
    ['takes no money back', () => `/v1/orders/${paid?.id}/refunds`, { reason: 'wanted' }],
  ] as const;

  describe.each([
    ['with an Idempotency-Key', true],
    ['without one', false],
  ])('%s', (_, withKey) => {
    const send = (client: ApiClient, path: string, body: object): Promise<Answer> =>
      client.post(path, body, withKey ? { idempotencyKey: newId() } : {});

    it.each(COMMANDS)('%s', async (_does, path, body) => {
      const { id, secret } = await keyWith(world.api, SCOPES);
      const client = new ApiClient(world.api.url, secret);
      // It is remembered from here on.
      expect((await client.get('/v1/orders')).status).toBe(200);
      expect((await world.api.send('DELETE', `/v1/api-keys/${id}`)).status).toBe(204);
      const before = await stateOf(world, ['events']);

      const first = await send(client, path(), body);

      expectProblem(first, 401, 'unauthorized');
      expect(first.headers.get('www-authenticate')).toContain('Bearer');
      expectProblem(await send(client, path(), body), 401, 'unauthorized');
      expect(await stateOf(world, ['events'])).toEqual(before);
    });
  });

  it('does not hold up those of others that come at the same time, nor gets what it was answered before', async () => {
    const { id, secret } = await keyWith(world.api, SCOPES);
    const client = new ApiClient(world.api.url, secret);
    const order = { customerId: 'c', items: [item] };
    const answered = await client.post('/v1/orders', order, { idempotencyKey: 'answered-before' });
    expect(answered.status).toBe(201);
    await world.api.send('DELETE', `/v1/api-keys/${id}`);

    const [ended, good] = await Promise.all([
      Promise.all([
        client.post('/v1/orders', order, { idempotencyKey: 'answered-before' }),
        ...Array.from({ length: 9 }, () => client.post('/v1/orders', order)),
      ]),
      Promise.all(Array.from({ length: 10 }, () => world.api.post('/v1/orders', order))),
    ]);

    expect(ended.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 401));
    expect(good.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 201));
  });

  it('ends by its time as well, and the log of refusals says who was refused', async () => {
    const { id, secret } = await keyWith(world.api, SCOPES);
    const client = new ApiClient(world.api.url, secret);
    await client.get('/v1/orders');
    const { body: rotated } = await world.api.post<{ id: string }>(`/v1/api-keys/${id}/rotate`, { overlapSeconds: 60 });
    expect(rotated.id).not.toBe(id);
    expect((await client.post('/v1/orders', { customerId: 'c', items: [item] })).status).toBe(201);
    await world.passTime(61_000);

    expectProblem(await client.post('/v1/orders', { customerId: 'c', items: [item] }), 401, 'unauthorized');

    await world.app.get(RefusedAccess).write();
    const refused = await world.api.get<{ data: { type: string; actor: string; facts: object }[] }>('/v1/admin/audit-log?limit=100');
    expect(refused.body.data).toContainEqual(
      expect.objectContaining({
        actor: `api_key:${id}`,
        facts: expect.objectContaining({ reason: 'unauthorized', route: 'POST /v1/orders' }) as object,
      }),
    );
  });
});
