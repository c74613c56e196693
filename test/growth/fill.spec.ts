import { fillDatabase } from '../../bench/fill/fill-database.js';
import { readOptions } from '../../bench/fill/options.js';
import { orderNumber } from '../../src/order/order-pricing.js';
import { orderOf, outTradeNo } from '../../src/payment/out-trade-no.js';
import { Vault } from '../../src/platform/secrets/vault.js';
import { useWorld } from '../support/world.js';
import { schemaOf } from './schema-of.js';

const ORDERS = 5_000;

describe('A database that is filled with the events of a month', () => {
  const world = useWorld();

  it('breaks no promise either', async () => {
    const options = readOptions(['--orders', '20000', '--event-days', '30'], undefined);
    await fillDatabase(world.database.url, options, new Vault([world.secretsKey]), () => undefined);
    const [counts] = await world.db.query<[{ orders: number; events: number }]>(
      `SELECT (SELECT count(*) FROM orders) AS orders, (SELECT count(*) FROM events WHERE type = 'order.created') AS events`,
    );
    expect(counts.orders).toBe(20_000);
    expect(counts.events).toBeGreaterThan(500);
    expect(counts.events).toBeLessThan(1_500);
  }, 120_000);
});

describe('A database that is filled', () => {
  const world = useWorld();
  const fill = (...args: string[]) =>
    fillDatabase(
      world.database.url,
      { ...readOptions(args, undefined), indexLaterFrom: 1 },
      new Vault([world.secretsKey]),
      () => undefined,
    );
  const count = async (from: string) => (await world.db.query<[{ count: number }]>(`SELECT count(*) FROM ${from}`))[0].count;

  it('has as many orders as were asked for, in every status, and breaks no promise', async () => {
    await fill('--orders', String(ORDERS), '--connections', '3');
    expect(await count('orders')).toBe(ORDERS);
    expect(await count(`orders WHERE status = 'pending_payment'`)).toBe(20);
    for (const status of ['awaiting_shipment', 'shipped', 'completed', 'cancelled'])
      expect(await count(`orders WHERE status = '${status}'`)).toBeGreaterThan(0);
    expect(await count(`events WHERE type = 'order.created'`)).toBe(ORDERS);
    expect(await count('events_default')).toBe(0);
    expect(await count('refunds')).toBeGreaterThan(100);
  }, 120_000);

  it('has every key and index that it had', async () => {
    const whole = (lines: unknown[]) => lines.filter((line) => !/_\d{4}_\d{2}/.test(String(line)));
    const { createDatabase } = await import('../support/databases.js');
    const unfilled = await createDatabase();
    expect(whole(await schemaOf(world.database.url))).toEqual(whole(await schemaOf(unfilled.url)));
    await unfilled.drop();
    const keyless = `pg_class part JOIN pg_inherits ON inhrelid = part.oid WHERE part.relkind = 'r'
      AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conrelid = part.oid AND contype = 'p')`;
    expect(await count(keyless)).toBe(0);
  });

  it('has ids and numbers as the program itself makes them', async () => {
    const orders = await world.db.query<{ id: string; number: string; createdAt: Date; outTradeNo: string }[]>(
      `SELECT o.id, o.number, o.created_at AS "createdAt", a.out_trade_no AS "outTradeNo"
         FROM orders o JOIN payment_attempts a ON a.order_id = o.id ORDER BY o.id`,
    );
    expect(orders.length).toBeGreaterThan(ORDERS / 2);
    for (const { id, number, createdAt, outTradeNo: known } of orders) {
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/);
      expect(Number.parseInt(id.replace('-', '').slice(0, 12), 16)).toBe(createdAt.getTime());
      expect(number).toBe(orderNumber(id, createdAt));
      expect(known).toBe(outTradeNo(id, 1));
      expect(orderOf(known)).toBe(id);
    }
  });

  it('is gone on with by the program', async () => {
    const paid = await world.paidOrder({ sku: 'AFTER' });
    await world.settle();
    expect((await world.timeline(paid)).map(({ type }) => type)).toContain('order.paid');
    const placed = await world.api.post<{ id: string }>('/v1/orders', { customerId: 'c-1', items: [{ sku: 'FILL-00001', quantity: 2 }] });
    expect(placed.status).toBe(201);
  });

  it('is not filled again, unless that is asked for', async () => {
    await expect(fill('--orders', '1000')).rejects.toThrow('--append');
    const before = await count('orders');
    await fill('--orders', '1000', '--append', '--days', '60');
    expect(await count('orders')).toBe(before + 1_000);
    expect(await count(`events WHERE type = 'order.created'`)).toBe(before + 1_000);
  }, 60_000);

  it('and was cut short is not filled at all', async () => {
    await world.db.query('CREATE TABLE bench_fill_taken_down (statement text)');
    await expect(fill('--orders', '1000', '--append')).rejects.toThrow('cut short');
    await world.db.query('DROP TABLE bench_fill_taken_down');
  });
});
