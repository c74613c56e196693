import { HOUR, MINUTE, SECOND } from '../../src/kernel/clock.js';
import { useWorld, WAYS } from '../support/world.js';

interface Found {
  readonly id: string;
  readonly kind: string;
  readonly status: string;
  readonly times: number;
}

describe('A discrepancy', () => {
  const world = useWorld();
  const all = async () => (await world.api.get<{ data: Found[] }>('/v1/discrepancies')).body.data;

  it('of a payment that is not paid can be resolved without losing the payment that comes after', async () => {
    const order = await world.placeOrder({ sku: 'STILL-OPEN' });
    const attempt = await world.startPayment(order, WAYS.wechatpay);
    // A genuine notice of another app names our number.
    await world.payer.notifies(attempt, { tradeStatus: 'SUCCESS', fields: { appid: 'wx0000000000000000' } });
    const [found] = await all();
    expect(found).toMatchObject({ kind: 'wrong_app', status: 'open' });
    const resolved = await world.api.post(`/v1/discrepancies/${found?.id ?? ''}/resolve`, {
      resolution: 'none of ours',
      closePayment: true,
    });
    await world.settle();

    if (resolved.status === 200) {
      // Either it can no longer be paid at the gateway, or its money is found.
      await world.payer.pays(attempt, { notify: false }).catch(() => undefined);
      await world.passTime(2 * HOUR);
      const trade = await world.payer.trade(attempt);
      const refunds = await world.refunds(order);
      const after = await world.order(order);
      expect({
        kept: (trade?.paidAmount ?? 0) - (trade?.refundedAmount ?? 0),
        status: after.status,
        refunds: refunds.length,
      }).toMatchObject({
        kept: 0,
      });
    } else expect(resolved.status).toBe(409);
  });

  it('of a closed attempt that was paid with another amount is looked at every five minutes, not every fifteen seconds', async () => {
    const order = await world.placeOrder({ sku: 'LATE-OTHER' });
    const attempt = await world.startPayment(order, WAYS.alipay);
    await world.api.post(`/v1/orders/${order.id}/cancel`, { reason: 'changed their mind' });
    await world.settle();
    expect(await world.attempt(attempt)).toMatchObject({ status: 'closed' });
    await world.payer.pays(attempt, { amount: 100, notify: false });
    await world.passTime(40 * MINUTE);
    const asked = async () => (await world.payer.books(attempt)).requests.length;
    const before = await asked();
    for (let n = 0; n < 40; n += 1) await world.passTime(15 * SECOND);
    expect((await asked()) - before).toBeLessThan(10);
  });

  it('opens when money of a paid order went back by no refund of ours, and the gateway says so', async () => {
    const order = await world.paidOrder({ sku: 'PORTAL' });
    await world.payer.noticesAre('deliver', { refunds: true });
    await world.payer.refundsInPortal(order.attempt, 15_000);
    interface Line {
      readonly effect: string;
      readonly verdict: string;
    }
    const inbox = async () => (await world.api.get<{ data: Line[] }>(`/v1/callbacks?outTradeNo=${order.attempt.outTradeNo}`)).body.data;
    for (let looks = 0; looks < 200 && (await inbox()).length < 2; looks += 1) await world.settle();
    expect(await inbox()).toMatchObject([{ verdict: 'verified', effect: 'none' }, { effect: 'applied' }]);
    expect((await all()).filter(({ kind }) => kind === 'returned_elsewhere')).toHaveLength(1);
  });
});

describe('Resolving a discrepancy while its gateway speaks of it', () => {
  const world = useWorld();

  it('waits for no lock in a circle', async () => {
    const count = async (sql: string) => (await world.db.query<{ n: number }[]>(sql))[0]?.n ?? 0;
    const until = async (sql: string, least: number) => {
      for (let looks = 0; looks < 5_000 && (await count(sql)) < least; looks += 1);
    };
    const WAITING = `SELECT count(*) AS n FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;
    const DEADLOCKS = 'SELECT deadlocks AS n FROM pg_stat_database WHERE datname = current_database()';
    const order = await world.placeOrder({ sku: 'CIRCLE' });
    const attempt = await world.startPayment(order);
    await world.payer.pays(attempt, { amount: 100, notify: false });
    await world.payer.notifies(attempt);
    const [found] = (await world.api.get<{ data: Found[] }>('/v1/discrepancies?status=open')).body.data;

    // Somebody holds the family for a moment, so that both have to queue.
    const key = BigInt.asIntN(64, BigInt(`0x${order.id.replaceAll('-', '').slice(16)}`)).toString();
    const holder = world.db.createQueryRunner();
    await holder.connect();
    await holder.query('SELECT pg_advisory_lock($1)', [key]);
    const notified = world.payer.notifies(attempt);
    await until(WAITING, 1);
    const resolved = world.api.post(`/v1/discrepancies/${found?.id ?? ''}/resolve`, { resolution: 'done', closePayment: true });
    await until(WAITING, 2);
    await holder.query('SELECT pg_advisory_unlock($1)', [key]);
    await holder.release();
    await Promise.all([notified, resolved]);

    await until(DEADLOCKS, 1);
    expect(await count(DEADLOCKS)).toBe(0);
  });
});
