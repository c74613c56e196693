import { useWorld } from '../support/world.js';

interface Invariants {
  readonly holds: boolean;
  readonly asOf: string;
  readonly data: readonly { name: string; description: string; holds: boolean; violations: number; sample: readonly object[] }[];
}

describe('GET /v1/admin/invariants', () => {
  const world = useWorld();
  const look = async () => (await world.api.get<Invariants>('/v1/admin/invariants')).body;

  it('says of each what it is, and that it holds', async () => {
    await world.paidOrder({ sku: 'SOUND' });
    const { holds, asOf, data } = await look();
    expect({ holds, asOf }).toEqual({ holds: true, asOf: world.clock.now().toISOString() });
    expect(data.length).toBeGreaterThan(30);
    for (const one of data) {
      expect(one).toEqual({ name: one.name, description: expect.stringMatching(/\.$/) as string, holds: true, violations: 0, sample: [] });
    }
  });

  it('shows the rows that break one', async () => {
    const order = await world.placeOrder({ sku: 'SPOILED' });
    await world.db.query(`UPDATE reservations SET status = 'committed' WHERE order_id = $1`, [order.id]);
    const { holds, data } = await look();
    await world.db.query(`UPDATE reservations SET status = 'held' WHERE order_id = $1`, [order.id]);
    expect(holds).toBe(false);
    expect(data.filter((one) => !one.holds)).toMatchObject([
      {
        name: 'reservation_follows_its_order',
        violations: 1,
        sample: [
          {
            merchantId: expect.any(String) as string,
            orderId: order.id,
            subject: 'SPOILED',
            wrong: expect.stringContaining('committed') as string,
          },
        ],
      },
    ]);
  });

  it('looks once for all who ask while it looks', async () => {
    // It waits at the first view for the lock of a table, so that the others come while it is under way.
    const holder = world.db.createQueryRunner();
    await holder.connect();
    await holder.startTransaction();
    await holder.query('LOCK TABLE callbacks IN ACCESS EXCLUSIVE MODE');
    const looks = async () =>
      (
        await world.db.query<{ n: number }[]>(
          `SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'suanpan check:invariants'`,
        )
      )[0]?.n;
    const first = look();
    while ((await looks()) === 0);
    const others = Promise.all([look(), look(), world.api.get('/health/live')]);
    await world.api.get('/health/live');
    expect(await looks()).toBe(1);
    await holder.rollbackTransaction();
    await holder.release();
    const [second, third] = await others;
    const { asOf } = await first;
    expect([second.asOf, third.asOf]).toEqual([asOf, asOf]);
    world.clock.advance(1_000);
    expect((await look()).asOf).toBe(world.clock.now().toISOString());
  });

  it('is for those who run the system', async () => {
    const merchant = await world.anotherMerchant();
    expect(await merchant.get('/v1/admin/invariants')).toMatchObject({ status: 403, body: { code: 'insufficient_scope' } });
  });
});
