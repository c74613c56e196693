import { newId } from '../../src/kernel/ids.js';
import { GatewayAccounts } from '../../src/payment/accounts/gateway-accounts.js';
import { Gateways } from '../../src/payment/gateway/gateways.js';
import { Transactions } from '../../src/platform/events/transactions.js';
import { simulatedAccounts, useWorld, WAYS, type World } from '../support/world.js';

const origin = { correlationId: newId(), causationId: null, actor: 'test' };

/** Accounts that were added before the world's own: their ids sort before it. */
async function older(world: World, count: number, change: (n: number) => Record<string, string>): Promise<void> {
  await addedElsewhere(world, count, change);
  await world.app.get(Gateways).changed();
}

/** The same by another process: ours is not told. */
async function addedElsewhere(world: World, count: number, change: (n: number) => Record<string, string>): Promise<void> {
  const fields = simulatedAccounts(world.simulator).find(({ gateway }) => gateway === 'wechatpay')?.fields;
  const [merchant] = await world.db.query<{ id: string }[]>('SELECT id FROM merchants ORDER BY id LIMIT 1');
  for (let n = 1; n <= count; n += 1) {
    const id = `00000000-0000-7000-8000-00000000000${n}`;
    const wanted = { gateway: 'wechatpay', name: `older ${n}`, fields: { ...fields, ...change(n) }, isDefault: false } as const;
    await world.app.get(Transactions).run(origin, (work) => world.app.get(GatewayAccounts).add(work, id, merchant?.id ?? '', wanted));
  }
}

describe('Two apps of one merchant at WeChat Pay', () => {
  const world = useWorld();

  it('each get the notices about their refunds', async () => {
    await older(world, 1, () => ({ appId: 'wx00000000000000a1' }));
    const order = await world.paidOrder({ sku: 'TWO-APPS', way: WAYS.wechatpay });
    await world.payer.refundsEnd({ hold: true });
    await world.refund(order, { amount: 15_000 });
    await world.runJobs();

    const { notices } = await world.payer.settlesRefunds();

    expect(notices).toMatchObject([{ state: 'delivered', status: 200 }]);
    expect((await world.api.get<{ data: unknown[] }>('/v1/discrepancies')).body.data).toEqual([]);
  });
});

describe('An app that another process has just set up', () => {
  const world = useWorld();

  it('gets its notices, and nobody is told of a discrepancy', async () => {
    const order = await world.placeOrder({ sku: 'NEW-APP' });
    const attempt = await world.startPayment(order, WAYS.wechatpay);
    await world.app.get(Gateways).changed();
    await addedElsewhere(world, 1, () => ({ appId: 'wx00000000000000a1' }));
    await world.db.query('UPDATE payment_attempts SET account_id = $1', ['00000000-0000-7000-8000-000000000001']);

    const { notices } = await world.payer.notifies(attempt, { tradeStatus: 'SUCCESS', fields: { appid: 'wx00000000000000a1' } });

    expect(notices).toMatchObject([{ status: 200 }]);
    expect((await world.api.get<{ data: unknown[] }>('/v1/callbacks')).body.data).toMatchObject([
      { verdict: 'verified', effect: 'applied' },
    ]);
    expect((await world.api.get<{ data: unknown[] }>('/v1/discrepancies')).body.data).toEqual([]);
  });
});

describe('Five apps of one merchant at WeChat Pay', () => {
  const world = useWorld();

  it('each get the notices about their payments', async () => {
    await older(world, 4, (n) => ({ appId: `wx00000000000000a${n}` }));
    const order = await world.placeOrder({ sku: 'FIVE-APPS' });
    const attempt = await world.startPayment(order, WAYS.wechatpay);

    const { notices } = await world.payer.pays(attempt);

    expect(notices).toMatchObject([{ state: 'delivered', status: 200 }]);
    expect((await world.api.get<{ data: unknown[] }>('/v1/discrepancies')).body.data).toEqual([]);
  });
});

describe('Five merchants at WeChat Pay that work with platform certificates', () => {
  const world = useWorld();

  it('each get their notices, as long as the one that it is for knows the certificate', async () => {
    await world.payer.wechatpaySigns({ noticesSignedBy: 'certificate' });
    // Its own account has the certificates.
    await world.paidOrder({ sku: 'WARM', way: WAYS.wechatpay });
    await older(world, 4, (n) => ({ mchId: `190000010${n}`, publicKeyId: '', publicKey: '' }));
    const order = await world.placeOrder({ sku: 'FIVE-MERCHANTS' });
    const attempt = await world.startPayment(order, WAYS.wechatpay);

    const { notices } = await world.payer.pays(attempt);

    expect(notices).toMatchObject([{ state: 'delivered', status: 200 }]);
  });
});

describe('An account at WeChat Pay beside one whose API v3 key is set up wrongly', () => {
  const world = useWorld();

  it('says of a genuine notice for an app that is not set up that it is one', async () => {
    await older(world, 1, () => ({ appId: 'wx00000000000000a1', apiV3Key: '0123456789abcdef0123456789abcdef' }));
    const order = await world.placeOrder({ sku: 'NO-SUCH-APP' });
    const attempt = await world.startPayment(order, WAYS.wechatpay);

    await world.payer.notifies(attempt, { tradeStatus: 'SUCCESS', fields: { appid: 'wx00000000000000ff' } });

    expect((await world.api.get<{ data: unknown[] }>('/v1/callbacks')).body.data).toMatchObject([{ verdict: 'wrong_app' }]);
    expect((await world.api.get<{ data: unknown[] }>('/v1/discrepancies')).body.data).toMatchObject([{ kind: 'wrong_app' }]);
  });
});
