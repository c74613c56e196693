import { randomBytes } from 'node:crypto';

import { generateSimulatorKeys } from '../simulator/server.js';
import { newId } from '../src/kernel/ids.js';
import { GatewayAccounts } from '../src/payment/accounts/gateway-accounts.js';
import { PaymentSettings } from '../src/payment/payment-settings.js';
import { Transactions } from '../src/platform/events/transactions.js';
import { CannotOpen, Vault } from '../src/platform/secrets/vault.js';
import { simulatedAccounts, useWorld, WAYS, type AttemptBody } from './support/world.js';

interface AccountBody {
  readonly id: string;
  readonly merchantId: string;
  readonly gateway: string;
  readonly identity: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
  readonly enabled: boolean;
  readonly isDefault: boolean;
}

const PATH = '/v1/admin/gateway-accounts';

describe('Accounts at gateways', () => {
  const world = useWorld();
  let strangers: { privateKey: string };

  beforeAll(async () => {
    const keys = await generateSimulatorKeys();
    strangers = { privateKey: keys.alipay.appPrivateKey };
  });

  const fieldsOf = (gateway: string) => ({ ...simulatedAccounts(world.simulator).find((one) => one.gateway === gateway)?.fields });
  const list = async () => (await world.api.get<{ data: AccountBody[] }>(PATH)).body.data;
  const account = async (gateway: string) => {
    const found = (await list()).find((one) => one.gateway === gateway && one.isDefault);
    if (!found) throw new Error(`the world has an account at ${gateway}`);
    return found;
  };

  it('show what may be shown, and none of their secrets, here or in the database', async () => {
    const accounts = await list();
    expect(accounts.map(({ gateway }) => gateway).sort()).toEqual(['alipay', 'unionpay', 'wechatpay']);
    const shown = JSON.stringify(accounts);
    const tables = await world.db.query<{ row: string }[]>(`SELECT a::text AS row FROM gateway_accounts a`);
    const stored = tables.map(({ row }) => row).join('\n');
    for (const { gateway, fields } of simulatedAccounts(world.simulator)) {
      const { secrets, settings } = await account(gateway);
      expect(secrets.length).toBeGreaterThan(0);
      for (const name of secrets) {
        const secret = String(fields[name]);
        const inner = secret.split('\n').find((line) => line.length > 30 && !line.includes('-----')) ?? secret;
        expect(secret.length).toBeGreaterThan(8);
        expect(settings[name]).toBeUndefined();
        for (const text of [shown, stored]) {
          expect(text).not.toContain(inner);
          expect(text).not.toContain(Buffer.from(inner).toString('hex'));
        }
      }
    }
  });

  it('are refused with the field that is wrong, and the answer does not repeat it', async () => {
    const cases: [string, Record<string, unknown>, string][] = [
      ['alipay', { privateKey: 'not a key' }, 'settings.privateKey'],
      ['alipay', { privateKey: '' }, 'settings.privateKey'],
      ['alipay', { appId: 'x' }, 'settings.appId'],
      ['alipay', { apiV3Key: 'x' }, 'settings.apiV3Key'],
      ['wechatpay', { apiV3Key: 'a-secret-that-is-too-short' }, 'settings.apiV3Key'],
      ['wechatpay', { baseUrl: 'ftp://x' }, 'settings.baseUrl'],
      ['wechatpay', { publicKeyId: '' }, 'settings.publicKeyId'],
      ['unionpay', { merId: '1' }, 'settings.merId'],
      ['unionpay', { certificate: 'nothing' }, 'settings.certificate'],
    ];
    for (const [gateway, wrong, path] of cases) {
      const settings = { ...fieldsOf(gateway), ...wrong };
      const answer = await world.api.post<{ code: string; errors: { path: string; message: string }[] }>(PATH, {
        gateway,
        name: 'n',
        settings,
      });
      expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_request', errors: [{ path }] } });
      expect(JSON.stringify(answer.body)).not.toContain('too-short');
      expect(JSON.stringify(answer.body)).not.toContain('BEGIN');
    }
    expect(await world.api.post(PATH, { gateway: 'alipay', name: 'n', settings: fieldsOf('alipay'), merchantId: newId() })).toMatchObject({
      status: 404,
    });
    expect(await list()).toHaveLength(3);
  });

  it('can be several at one gateway; a payment names one, or takes the default one', async () => {
    const settings = { ...fieldsOf('alipay'), appId: '2021000000000042' };
    const key = 'second-account';
    const added = await world.api.post<AccountBody>(PATH, { gateway: 'alipay', name: 'second', settings }, { idempotencyKey: key });
    expect(added).toMatchObject({ status: 201, body: { identity: '2021000000000042', isDefault: false, enabled: true } });
    const again = await world.api.post<AccountBody>(PATH, { gateway: 'alipay', name: 'second', settings }, { idempotencyKey: key });
    expect(again.body).toEqual(added.body);

    const order = await world.placeOrder({ sku: 'TWO-ACCOUNTS' });
    const first = await world.startPayment(order, WAYS.alipay);
    const second = await world.startPayment(order, { ...WAYS.alipay, accountId: added.body.id });
    expect(new URL(first.action?.url ?? '').searchParams.get('app_id')).toBe(world.simulator.alipay.appId);
    expect(new URL(second.action?.url ?? '').searchParams.get('app_id')).toBe('2021000000000042');
    expect(second).toMatchObject({ accountId: added.body.id });

    const wrong = await world.api.post<AttemptBody>(`/v1/orders/${order.id}/payments`, { ...WAYS.wechatpay, accountId: added.body.id });
    expect(wrong).toMatchObject({ status: 422, body: { code: 'payment_method_unavailable' } });

    await world.api.patch(`${PATH}/${added.body.id}`, { isDefault: true });
    const third = await world.startPayment(order, WAYS.alipay);
    expect(third).toMatchObject({ accountId: added.body.id });
    await world.api.patch(`${PATH}/${added.body.id}`, { enabled: false });
    const none = await world.api.post(`/v1/orders/${order.id}/payments`, { ...WAYS.alipay });
    expect(none).toMatchObject({ status: 422, body: { code: 'payment_method_unavailable' } });
    const former = (await list()).find(({ identity }) => identity === world.simulator.alipay.appId);
    expect(await world.api.patch(`${PATH}/${former?.id ?? ''}`, { isDefault: true })).toMatchObject({
      status: 200,
      body: { isDefault: true },
    });
  });

  it('keep to their merchant', async () => {
    const other = await world.anotherMerchant();
    await other.post('/v1/products', { sku: 'OTHERS', name: 'o', price: 100, stock: 1 });
    const order = await other.post<{ id: string }>('/v1/orders', { customerId: 'c', items: [{ sku: 'OTHERS', quantity: 1 }] });
    const { id } = await account('alipay');
    for (const accountId of [undefined, id]) {
      const answer = await other.post(`/v1/orders/${order.body.id}/payments`, { ...WAYS.alipay, ...(accountId && { accountId }) });
      expect(answer).toMatchObject({ status: 422, body: { code: 'payment_method_unavailable', offered: [] } });
    }
    expect((await other.get(PATH)).status).toBe(403);
  });

  it('take a new key, by which everything goes on at once', async () => {
    const { id } = await account('alipay');
    const order = await world.placeOrder({ sku: 'NEW-KEY' });

    expect((await world.api.patch(`${PATH}/${id}`, { settings: { privateKey: strangers.privateKey } })).status).toBe(200);
    const attempt = await world.startPayment(order);
    // The gateway does not know that key.
    await expect(world.payer.pays(attempt)).rejects.toThrow();

    const { privateKey } = fieldsOf('alipay');
    expect((await world.api.patch(`${PATH}/${id}`, { settings: { privateKey } })).status).toBe(200);
    const { notices } = await world.payer.pays(await world.startPayment(order));
    expect(notices).toMatchObject([{ body: 'success' }]);
    const renamed = await world.api.patch(`${PATH}/${id}`, { settings: { appId: '2021000000000077' } });
    expect(renamed).toMatchObject({ status: 409, body: { code: 'illegal_transition' } });
  });

  it('are sealed with a new key while the former one is still there, and open with the new one alone', async () => {
    const [former, present] = [world.secretsKey, randomBytes(32)];
    const settings = new PaymentSettings('http://127.0.0.1');
    const origin = { correlationId: newId(), causationId: null, actor: 'test' };
    const transactions = world.app.get(Transactions);
    const under = (...keys: [Buffer, ...Buffer[]]) => new GatewayAccounts(world.db, new Vault(keys), settings);

    await expect(transactions.run(origin, (work) => under(present).reseal(work))).rejects.toThrow(CannotOpen);
    await transactions.run(origin, (work) => under(present, former).reseal(work));
    const rows = await under(present).all();
    expect(rows.length).toBeGreaterThan(2);
    for (const row of rows) expect(Object.keys(under(present).fieldsOf(row)).length).toBeGreaterThan(3);
    for (const row of rows) expect(() => under(former).fieldsOf(row)).toThrow(CannotOpen);
    await transactions.run(origin, (work) => under(former, present).reseal(work));
  });

  it('follow the environment: what it changes is changed, and what it says unchanged is left alone', async () => {
    const accounts = world.app.get(GatewayAccounts);
    const origin = { correlationId: newId(), causationId: null, actor: 'test' };
    const { id, merchantId } = await account('wechatpay');
    const configure = async (fields: Record<string, string | undefined>) => {
      await world.app.get(Transactions).run(origin, (work) => accounts.configure(work, merchantId, { gateway: 'wechatpay', fields }));
      return accounts.get(id);
    };
    const before = await accounts.get(id);
    expect((await configure(fieldsOf('wechatpay'))).version).toBe(before.version);
    const moved = await configure({ ...fieldsOf('wechatpay'), baseUrl: 'http://127.0.0.1:1' });
    expect(moved).toMatchObject({ version: before.version + 1, settings: { baseUrl: 'http://127.0.0.1:1' } });
    await configure(fieldsOf('wechatpay'));
  });
});
