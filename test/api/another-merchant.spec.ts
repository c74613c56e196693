import type { Answer } from '../support/api-client.js';
import { useWorld } from '../support/world.js';
import { NAMED, NOBODY, address, expectProblem, furnish, stateOf, type Endpoint, type Estate } from './support.js';

const label = ({ method, route }: Endpoint): string => `${method} ${route}`;

describe('Another merchant', () => {
  const world = useWorld();
  let estate: Estate;
  beforeAll(async () => {
    estate = await furnish(world);
  });

  it.each(NAMED.map((endpoint) => [label(endpoint), endpoint] as const))('%s is a 404, as if it did not exist', async (_, endpoint) => {
    const another = await world.anotherMerchant();
    const before = await stateOf(world);

    const [foreign, nobodys] = await Promise.all(
      [estate[endpoint.names ?? 'open'], endpoint.names === 'sku' ? 'NO-SUCH' : NOBODY].map((name) =>
        another.send(endpoint.method, address(endpoint, estate, name), endpoint.body === undefined ? {} : { body: endpoint.body }),
      ),
    );

    expectProblem(foreign, 404, 'not_found');
    // Not even the words tell what exists from what does not.
    const told = ({ body }: Answer) => JSON.stringify({ ...body, instance: '' });
    expect(told(foreign).replaceAll(estate.sku, 'NO-SUCH')).toBe(told(nobodys));
    expect(await stateOf(world)).toEqual(before);
  });

  it('sees empty lists, and cannot order, ship or restock what is not theirs', async () => {
    const another = await world.anotherMerchant();
    for (const list of ['/v1/products', '/v1/orders', '/v1/callbacks', `/v1/orders?customerId=c-1`]) {
      expect((await another.get(list)).body).toEqual({ data: [], nextCursor: null });
    }
    const before = await stateOf(world);

    expectProblem(await another.post('/v1/orders', { customerId: 'c', items: [{ sku: estate.sku, quantity: 1 }] }), 422, 'unknown_sku');
    expect((await another.get(`/v1/callbacks?outTradeNo=${(await world.attempt({ id: estate.attempt })).outTradeNo}`)).body.data).toEqual(
      [],
    );

    expect(await stateOf(world)).toEqual(before);
  });

  it('has the same SKU for itself, with a stock of its own', async () => {
    const another = await world.anotherMerchant();
    expect((await another.post('/v1/products', { sku: estate.sku, name: 'Theirs', price: 1, stock: 7 })).status).toBe(201);

    expect((await another.get(`/v1/inventory/${estate.sku}`)).body).toEqual({ sku: estate.sku, onHand: 7, reserved: 0, available: 7 });
    expect((await world.api.get(`/v1/products/${estate.sku}`)).body).toMatchObject({ name: `Product ${estate.sku}` });
  });

  it('cannot ship or restock a SKU that the order does not have', async () => {
    await world.addProduct({ sku: 'NOT-IN-IT' });
    const before = await stateOf(world);
    const units = [{ sku: 'NOT-IN-IT', quantity: 1 }];

    expectProblem(
      await world.api.post(`/v1/orders/${estate.paid}/shipments`, { carrier: 'c', trackingNumber: 't', items: units }),
      422,
      'units_exceed_order',
    );
    expectProblem(await world.refund({ id: estate.paid }, { amount: 1, restock: units }), 422, 'units_exceed_order');

    expect(await stateOf(world)).toEqual(before);
  });
});
