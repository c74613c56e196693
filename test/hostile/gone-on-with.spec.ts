import { MINUTE, SECOND } from '../../src/kernel/clock.js';
import { Gateways } from '../../src/payment/gateway/gateways.js';
import { useWorld, WAYS } from '../support/world.js';

const PATH = '/v1/admin/gateway-accounts';

describe('A request that the process died in', () => {
  const world = useWorld();

  it('is not answered with nothing once its account takes no more payments', async () => {
    const order = await world.placeOrder({ sku: 'DIED-DISABLED' });
    const send = () =>
      world.api.post<Record<string, unknown> | string>(
        `/v1/orders/${order.id}/payments`,
        { gateway: 'wechatpay', method: 'native' },
        { idempotencyKey: 'died' },
      );
    const gateways = world.app.get(Gateways);
    const [first] = await gateways.receiving('wechatpay');
    if (!first) throw new Error('there is an account');
    const died = jest
      .spyOn(gateways, 'offering')
      .mockResolvedValue({ ...first, gateway: { ...first.gateway, pay: () => Promise.reject(new Error('the process died here')) } });
    expect((await send()).status).toBe(500);
    died.mockRestore();
    expect((await world.api.patch(`${PATH}/${first.account.id}`, { enabled: false })).status).toBe(200);
    world.clock.advance(31 * SECOND);

    const again = await send();

    expect({ status: again.status, says: typeof again.body === 'object' }).toEqual({ status: expect.any(Number) as number, says: true });
    expect(again.status === 422 || (again.status === 201 && typeof again.body === 'object' && 'id' in again.body)).toBe(true);
  });
});

describe('An attempt of another merchant, by a process of the former version', () => {
  const world = useWorld();

  it('belongs to the account of the environment, which that version used for every merchant', async () => {
    const other = await world.anotherMerchant();
    await other.post('/v1/products', { sku: 'OF-OTHER', name: 'o', price: 100, stock: 1 });
    const order = await other.post<{ id: string }>('/v1/orders', { customerId: 'c', items: [{ sku: 'OF-OTHER', quantity: 1 }] });
    await world.db.query(
      `INSERT INTO payment_attempts (id, payment_id, order_id, merchant_id, number, gateway, method, out_trade_no, status, amount, currency, ask_at, expires_at, created_at)
       SELECT gen_random_uuid(), id, order_id, merchant_id, 1, 'alipay', 'page', 'of-another-merchant', 'pending', amount, currency, now(), expires_at, created_at
         FROM payments WHERE order_id = $1`,
      [order.body.id],
    );
    const [found] = await world.db.query<{ source: string | null }[]>(
      `SELECT g.source FROM payment_attempts a LEFT JOIN gateway_accounts g ON g.id = a.account_id WHERE a.out_trade_no = 'of-another-merchant'`,
    );
    expect(found).toEqual({ source: 'environment' });
    await world.db.query(`DELETE FROM payment_attempts WHERE out_trade_no = 'of-another-merchant'`);
  });
});

describe('A refund at UnionPay that is sent under a second time and refused', () => {
  const world = useWorld();

  it('has not failed while the first sending may have gone through', async () => {
    const order = await world.paidOrder({ sku: 'SECOND-TIME', way: WAYS.unionpay });
    await world.payer.refundsEnd({ hold: true });
    await world.payer.breaks({ gateway: 'unionpay', method: 'refund', kind: 'succeed_then_reset', times: 1 });
    // UnionPay's query lags behind for as long as it takes until the refund is sent under another time.
    await world.payer.breaks({ gateway: 'unionpay', method: 'query', kind: 'system_error', subCode: '34', times: 0 });
    const { body: refund } = await world.refund(order, { amount: 5_000 });
    await world.settle();
    const sentAt = async () =>
      (await world.db.query<{ at: Date }[]>('SELECT sent_at AS at FROM refunds WHERE id = $1', [refund.id]))[0]?.at.getTime();
    const first = await sentAt();
    for (let passed = 0; passed < 10 * MINUTE + 30 * SECOND; passed += 15 * SECOND) await world.passTime(15 * SECOND);
    // 36: more than is left, which is what a second sending of one that went through may hear.
    await world.payer.breaks({ gateway: 'unionpay', method: 'refund', kind: 'declined', subCode: '36', times: 0 });
    for (let looks = 0; looks < 80 && (await sentAt()) === first; looks += 1) await world.passTime(15 * SECOND);
    await world.payer.isMended();
    await world.payer.settlesRefunds();
    for (let looks = 0; looks < 40; looks += 1) await world.passTime(15 * SECOND);

    expect((await world.payer.books(order.attempt)).refunds).toMatchObject([{ amount: 5_000, state: 'succeeded' }]);
    expect((await world.refunds(order)).find(({ id }) => id === refund.id)).toMatchObject({ status: 'succeeded' });
  });
});
