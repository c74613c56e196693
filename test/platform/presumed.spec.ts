import { newId } from '../../src/kernel/ids.js';
import { ApiClient } from '../support/api-client.js';
import { statementsSentDuring } from '../support/statements.js';
import { useWorld, type OrderBody } from '../support/world.js';
import { keyWith } from '../api/support.js';

/** More batches than go by before one presumes something again. */
const MANY = 10;

/** What a process remembers, it presumes in the transaction itself: where that is wrong, nothing of it may have happened. */
describe('An order that is placed on what is remembered', () => {
  const world = useWorld();

  const body = (sku: string, quantity = 1) => ({ customerId: 'c', items: [{ sku, quantity }] });
  const place = (sku: string, key = newId(), quantity = 1) =>
    world.api.post<OrderBody>('/v1/orders', body(sku, quantity), { idempotencyKey: key });
  /** How often the database is waited for while one is placed. */
  const waits = async (sku: string): Promise<number> => (await statementsSentDuring(() => place(sku))).syncs;
  const orders = async (): Promise<number> => Number((await world.db.query<[{ n: string }]>('SELECT count(*) AS n FROM orders'))[0].n);

  /** Until the latest surprise is forgotten, and everything is prepared. */
  const calm = async (sku: string) => {
    for (let times = 0; times < MANY; times += 1) expect((await place(sku)).status).toBe(201);
    expect(await waits(sku)).toBe(1);
  };

  beforeAll(async () => {
    for (const sku of ['P', 'Q']) await world.addProduct({ sku, price: 100, stock: 1_000 });
    await calm('P');
  });

  it('has the price and the name that the catalogue has at this moment, whoever changed them', async () => {
    await world.db.query(`UPDATE products SET price = 175, name = 'Anew' WHERE sku = 'P'`);
    const [before, placed] = [await orders(), await place('P')];
    expect(placed).toMatchObject({ status: 201, body: { amountDue: 175, items: [{ unitPrice: 175, name: 'Anew' }] } });
    expect(await orders()).toBe(before + 1);
  });

  it('asks first for a while after it was wrong, and not for ever', async () => {
    expect(await waits('P')).toBe(2);
    await calm('P');
  });

  it('asks first where it does not remember everything', async () => {
    expect(await waits('Q')).toBe(2);
    expect(await waits('Q')).toBe(1);
  });

  it('is not placed twice under one key, but answered again, or told that the key was used for another', async () => {
    const [first, before] = [await place('P', 'twice'), await orders()];
    await calm('P');
    const again = await place('P', 'twice');
    expect(again).toMatchObject({ status: 201, body: { id: first.body.id } });
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    await calm('P');
    expect(await place('P', 'twice', 2)).toMatchObject({ status: 422, body: { code: 'idempotency_key_reused' } });
    // Those that were placed to become calm, and nothing else.
    expect(await orders()).toBe(before + 2 * (MANY + 1));
  });

  it('is not placed beside another of the same key that is under way', async () => {
    await calm('P');
    const before = await orders();
    const elsewhere = world.db.createQueryRunner();
    await elsewhere.startTransaction();
    const [merchant] = await world.db.query<[{ id: string }]>('SELECT id FROM merchants');
    await elsewhere.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`${merchant.id}/under-way`]);
    const meanwhile = await place('P', 'under-way');
    await elsewhere.rollbackTransaction();
    await elsewhere.release();
    expect(meanwhile).toMatchObject({ status: 409, body: { code: 'idempotency_in_progress' } });
    expect(await orders()).toBe(before);
    expect((await place('P', 'under-way')).status).toBe(201);
  });

  it('is one order, where the same key comes many times at once', async () => {
    await calm('P');
    const before = await orders();
    const answers = await Promise.all(Array.from({ length: 40 }, () => place('P', 'at-once')));
    expect(answers.every(({ status }) => status === 201 || status === 409)).toBe(true);
    expect(await orders()).toBe(before + 1);
  });

  it('is nobody’s whose API key has ended, and holds up nobody else', async () => {
    const { id, secret } = await keyWith(world.api, ['orders:write']);
    const client = new ApiClient(world.api.url, secret);
    expect((await client.post('/v1/orders', body('P'))).status).toBe(201);
    await calm('P');
    await world.db.query('UPDATE api_keys SET revoked_at = now() WHERE id = $1', [id]);
    const before = await orders();
    const [ended, ...others] = await Promise.all([client.post('/v1/orders', body('P')), place('P'), place('P')]);
    expect(ended).toMatchObject({ status: 401, body: { code: 'unauthorized' } });
    expect(others.map(({ status }) => status)).toEqual([201, 201]);
    expect(await orders()).toBe(before + 2);
  });

  it('is refused for what is so, not for what was', async () => {
    await calm('P');
    // Remembered in the same currency as the other one.
    await world.db.query(`UPDATE products SET currency = 'USD' WHERE sku = 'Q'`);
    const both = {
      customerId: 'c',
      items: [
        { sku: 'P', quantity: 1 },
        { sku: 'Q', quantity: 1 },
      ],
    };
    expect(await world.api.post('/v1/orders', both, { idempotencyKey: newId() })).toMatchObject({
      status: 422,
      body: { code: 'mixed_currencies' },
    });
    await calm('P');
    // And now in another one: what memory would refuse is placed.
    await world.db.query(`UPDATE products SET currency = 'CNY' WHERE sku = 'Q'`);
    expect((await world.api.post('/v1/orders', both, { idempotencyKey: newId() })).status).toBe(201);
  });

  it('takes no more than there is, though nobody looks first', async () => {
    await world.addProduct({ sku: 'FEW', price: 100, stock: 3 });
    expect((await place('FEW')).status).toBe(201);
    await calm('P');
    const answers = await Promise.all(Array.from({ length: 5 }, () => place('FEW')));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 201, 409, 409, 409]);
    expect(await world.stock('FEW')).toMatchObject({ reserved: 3, available: 0 });
  });
});
