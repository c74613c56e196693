import { randomUUID } from 'node:crypto';

import { DAY } from '../../src/kernel/clock.js';
import { IdempotencyRetention } from '../../src/platform/commands/idempotency.retention.js';
import { useWorld } from '../support/world.js';

const OLD = 25_000;

describe('What was answered to idempotency keys', () => {
  const world = useWorld();
  const kept = async () => (await world.db.query<[{ count: number }]>('SELECT count(*) FROM idempotency_keys'))[0].count;
  const fill = (count: number, createdAt: Date) =>
    world.db.query(
      `INSERT INTO idempotency_keys (merchant_id, key, request_hash, resource_id, answer, created_at, under_way_until)
       SELECT $1, $2 || n, 'h', gen_random_uuid(), '{"body":{}}', $3::timestamptz + n * interval '1 ms', $3 FROM generate_series(1, $4) AS n`,
      [randomUUID(), randomUUID(), createdAt, count],
    );

  it('is forgotten after two days, thousands at once, by whichever process gets to it, and nothing younger is', async () => {
    const now = world.clock.now().getTime();
    await fill(OLD, new Date(now - 3 * DAY));
    await fill(100, new Date(now - 2 * DAY));
    const order = { customerId: 'c', items: [{ sku: 'REMEMBERED', quantity: 1 }] };
    await world.addProduct({ sku: 'REMEMBERED' });
    const once = { idempotencyKey: 'remembered' };
    const placed = await world.api.post<{ id: string }>('/v1/orders', order, once);

    const retention = world.app.get(IdempotencyRetention);
    const runs: number[] = [];
    while (runs.length === 0 || runs.some((count) => count > 0)) {
      runs.splice(0, runs.length, ...(await Promise.all([retention.forget(), retention.forget()])));
      expect(Math.max(...runs)).toBeLessThanOrEqual(10_000);
    }
    expect(await kept()).toBe(101);
    expect((await world.api.post<{ id: string }>('/v1/orders', order, once)).body.id).toBe(placed.body.id);

    await world.passTime(DAY);
    expect(await kept()).toBe(1);
    await world.passTime(DAY);
    await world.passTime(1_000);
    expect(await kept()).toBe(0);
  });
});
