import { newId } from '../../src/kernel/ids.js';
import { AccountFigures } from '../../src/payment/gateway/account-figures.js';
import type { PaymentGateway } from '../../src/payment/gateway/gateway.js';
import { Metrics } from '../../src/platform/http/metrics.js';
import { useWorld, WAYS, type AttemptBody } from '../support/world.js';

const FAILURES_UNTIL_REST = 10;

describe('The figures that alarms are made of', () => {
  const world = useWorld();

  /** The value of the line that begins so; its labels may go on. */
  async function figure(name: string, labels: Readonly<Record<string, string>> = {}): Promise<number | undefined> {
    const { body } = await world.api.get<string>('/metrics');
    const line = body
      .split('\n')
      .find(
        (one) =>
          one.replace(/[{ ].*$/, '') === name && Object.entries(labels).every(([label, value]) => one.includes(`${label}="${value}"`)),
      );
    return line === undefined ? undefined : Number(line.split(' ').at(-1));
  }
  const alipay = { gateway: 'alipay' };

  it('say until when each certificate is good, and whom we can reach', async () => {
    // Accounts are opened when somebody comes.
    await world.paidOrder({ sku: 'OPENS', way: WAYS.unionpay });
    const inDays =
      ((await figure('suanpan_certificate_expiry_timestamp_seconds', { gateway: 'unionpay', setting: 'certificate' })) ?? 0) / 86_400;
    expect(inDays).toBeGreaterThan(Date.now() / 86_400_000);
    for (const gateway of ['alipay', 'wechatpay', 'unionpay']) expect(await figure('suanpan_gateway_reachable', { gateway })).toBe(1);
  });

  it('say nothing of a certificate that an account no longer has', async () => {
    const metrics = new Metrics();
    const figures = new AccountFigures(metrics);
    const account = { id: newId<'gateway_account'>(), gateway: 'alipay' as const };
    const { certificate = '' } = world.simulator.unionpay;
    figures.are([{ account, gateway: { reachability: () => 'reachable' } as PaymentGateway }]);
    const said = async () => (await metrics.registry.metrics()).split('\n').filter((line) => line.startsWith('suanpan_certificate_expiry'));
    figures.opens(account, { alipayCertificate: certificate, appId: '1' });
    expect(await said()).toEqual([expect.stringContaining('setting="alipayCertificate"')]);
    figures.opens(account, { appId: '1' });
    expect(await said()).toEqual([]);
  });

  it('count what waits while a gateway is down, and nothing once it is back', async () => {
    const order = await world.paidOrder({ sku: 'GIVEN-BACK' });
    const other = await world.placeOrder({ sku: 'WAITS' });
    await world.payer.outage(true, 'alipay');
    const { body: attempt } = await world.api.post<AttemptBody>(`/v1/orders/${other.id}/payments`, { gateway: 'alipay', method: 'qr' });
    await world.refund(order, {});
    for (let times = 0; times < FAILURES_UNTIL_REST; times += 1) await world.api.post(`/v1/payments/${attempt.id}/sync`, {});
    await world.settle();
    world.clock.advance(60_000);
    await world.settle();

    expect(await figure('suanpan_gateway_reachable', alipay)).toBe(0);
    expect(await figure('suanpan_gateway_reachable', { gateway: 'wechatpay' })).toBe(1);
    expect(await figure('suanpan_gateway_calls_total', { ...alipay, call: 'query', outcome: 'unknown' })).toBeGreaterThan(0);
    expect(await figure('suanpan_attempts_unknown', alipay)).toBe(1);
    expect(await figure('suanpan_attempts_unknown_oldest_seconds', alipay)).toBeGreaterThanOrEqual(60);
    expect(await figure('suanpan_refunds_under_way', alipay)).toBe(1);
    expect(await figure('suanpan_refunds_under_way_oldest_seconds', alipay)).toBeGreaterThanOrEqual(60);
    expect(await figure('suanpan_jobs_total', { task: 'payment.send_refund', result: 'done' })).toBe(1);

    await world.payer.outage(false, 'alipay');
    await world.passTime(60_000);
    await world.passTime(1_000);
    expect(await figure('suanpan_gateway_reachable', alipay)).toBe(1);
    expect(await figure('suanpan_attempts_unknown', alipay)).toBe(0);
    expect(await figure('suanpan_refunds_under_way', alipay)).toBe(0);
  });

  it('tell of a job that was parked, of what fails in the database, and of the last look at the invariants', async () => {
    await world.db.query(`SELECT graphile_worker.add_job('payment.send_refund', '{}'::json, max_attempts => 1, job_key => 'parked')`);
    await world.db.query('UPDATE graphile_worker._private_jobs SET attempts = 1');
    await world.settle();
    expect(await figure('suanpan_jobs_parked')).toBe(1);
    expect((await world.api.get('/v1/admin/invariants')).body.holds).toBe(false);
    expect(await figure('suanpan_invariants_broken')).toBe(1);
    await world.db.query(`DELETE FROM graphile_worker._private_jobs`);
    await world.settle();
    expect(await figure('suanpan_jobs_parked')).toBe(0);
    expect((await world.api.get('/v1/admin/invariants')).body.holds).toBe(true);
    expect(await figure('suanpan_invariants_broken')).toBe(0);
    expect(await figure('suanpan_invariants_looked_at_timestamp_seconds')).toBeGreaterThan(Date.now() / 1_000 - 60);
  });
});
